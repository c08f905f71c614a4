"""What `evaluate.py --docs` writes: reliability diagrams, threshold tables and the generated parts of the documents."""
import re

import numpy as np

from common import HERE

DOCS = HERE.parent / "docs"
CARD = HERE.parent / "models/beleving-small/README.md"
THRESHOLDS = [0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95]
PREVALENCES = [0.02, 0.05, 0.10]
COSTS = [5, 20, 50]
BINS = 10
# (set, language, figure of ours, published figure, what was published and where)
PUBLISHED = [
    ("complaint tweets", "en", "complaint intent best F1", 0.79,
     "F1, trained on this set with distant supervision (Preotiuc-Pietro, Gaman and Aletras, ACL 2019, abstract)"),
]


def slug(name):
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def bins(p, y):
    """(mean stated risk, share of bad ones, count) of up to ten bins of equal count."""
    order = np.argsort(p, kind="stable")
    return [(p[part].mean(), y[part].mean(), len(part)) for part in np.array_split(order, min(BINS, len(p))) if len(part)]


def wilson(share, n, z=1.96):
    """95 % interval of a share."""
    middle, half = (share + z * z / (2 * n)) / (1 + z * z / n), z * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return middle - half, middle + half


def diagram(title, p, y):
    """A reliability diagram as SVG that follows the reader's light or dark mode."""
    size, left, top = 220, 44, 28

    def x(v):
        return round(left + v * size, 1)

    def h(v):
        return round(top + (1 - v) * size, 1)

    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 300" width="300" height="300" role="img" aria-label="Reliability: {title}">',
             "<style>text{font:10px sans-serif;fill:#333}.a{stroke:#999;fill:none}.d{stroke:#999;stroke-dasharray:4 3}.i{stroke:#06c;stroke-opacity:.45;"
             "stroke-width:2}.p{fill:#06c}@media(prefers-color-scheme:dark){text{fill:#ddd}.a,.d{stroke:#777}.i{stroke:#6bf}.p{fill:#6bf}}</style>",
             f'<text x="{left}" y="16">{title} ({len(p)}, {int(y.sum())} bad)</text>',
             f'<rect class="a" x="{left}" y="{top}" width="{size}" height="{size}"/>',
             f'<line class="d" x1="{x(0)}" y1="{h(0)}" x2="{x(1)}" y2="{h(1)}"/>']
    for tick in (0, 0.5, 1):
        lines.append(f'<text x="{x(tick)}" y="{h(0) + 14}" text-anchor="middle">{tick}</text>'
                     f'<text x="{left - 6}" y="{h(tick) + 3}" text-anchor="end">{tick}</text>')
    lines.append(f'<text x="{x(0.5)}" y="{h(0) + 28}" text-anchor="middle">stated risk</text>'
                 f'<text transform="translate(12 {h(0.5)}) rotate(-90)" text-anchor="middle">share that is bad</text>')
    for stated, share, n in bins(p, y):
        low, high = wilson(share, n)
        lines.append(f'<line class="i" x1="{x(stated)}" y1="{h(low)}" x2="{x(stated)}" y2="{h(high)}"/>'
                     f'<circle class="p" cx="{x(stated)}" cy="{h(share)}" r="3.5"/>')
    return "\n".join([*lines, "</svg>"]) + "\n"


def rates(p, y, threshold):
    """(share of the bad, share of the others) that a threshold flags."""
    return float((p[y == 1] >= threshold).mean()), float((p[y == 0] >= threshold).mean())


def threshold_table(p, y, base_rate):
    """What each `flag_at` gives, where 2, 5 or 10 % of the traffic is bad, and the cheapest for a cost of missing one.

    The rates of the two classes are those of the set; the prevalence only weighs them. `flag_at` is read against the risk that the
    shipped policy states, for its `base_rate`."""
    head = "| `flag_at` | recall | others flagged | " + " | ".join(f"flagged / precision at {r:.0%} bad" for r in PREVALENCES) + " |"
    lines = [head, "|---" * (3 + len(PREVALENCES)) + "|"]
    for threshold in THRESHOLDS:
        hit, false = rates(p, y, threshold)
        cells = []
        for r in PREVALENCES:
            flagged = hit * r + false * (1 - r)
            cells.append(f"{flagged:.1%} / " + (f"{hit * r / flagged:.2f}" if flagged else "–"))
        lines.append(f"| {threshold} | {hit:.2f} | {false:.1%} | " + " | ".join(cells) + " |")
    choice = np.round(np.arange(0.05, 1, 0.01), 2)
    found = [rates(p, y, t) for t in choice]
    cheapest = []
    for cost in COSTS:
        spent = [cost * 0.05 * (1 - hit) + 0.95 * false for hit, false in found]
        cheapest.append(f"{cost} times as much: {choice[int(np.argmin(spent))]}")
    lines += ["", f"{int(y.sum())} bad and {int((1 - y).sum())} others; the risk is stated for a base rate of {base_rate}. Cheapest `flag_at` where 5 % is "
              "bad and missing one costs, against reading one in vain, " + "; ".join(cheapest) + "."]
    return "\n".join(lines)


def replace_part(path, name, text):
    """Puts `text` between the marks of a generated part; the file has to have them."""
    old = path.read_text(encoding="utf-8")
    pattern = rf"(<!-- generated: {name} -->\n).*?(<!-- end: {name} -->)"
    new, count = re.subn(pattern, lambda m: m[1] + text.rstrip() + "\n" + m[2], old, flags=re.S)
    assert count == 1, f"{path} has no part `{name}`"
    path.write_text(new, encoding="utf-8")


def value(row):
    span = "" if row["low"] is None else f" [{row['low']:.3f}, {row['high']:.3f}]"
    return f"{row['value']:.3f}{span}"


def write(rows, curves, model, base_rate, command):
    """Writes docs/accuracy/*.svg and the generated parts of docs/accuracy.md and of the model card.

    `rows` are the figures of `evaluate.Report`; `curves` maps (set, language) to (risk, label) of its rows."""
    folder = DOCS / "accuracy"
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.svg"):
        old.unlink()
    for (data, language), (p, y) in curves.items():
        (folder / f"{slug(data)}-{language}.svg").write_text(diagram(f"{data}, {language}", p, y), encoding="utf-8")
    pictures = "\n".join(f"![Reliability: {data}, {language}](accuracy/{slug(data)}-{language}.svg)" for data, language in curves)
    tables = "\n\n".join(f"**{data}, {language}**\n\n{threshold_table(p, y, base_rate)}" for (data, language), (p, y) in curves.items())
    ours = {(r["set"], r["language"], r["figure"]): r for r in rows}
    published = ["| set | language | figure | ours, untrained on it | published |", "|---|---|---|---|---|"]
    for data, language, figure, theirs, source in PUBLISHED:
        if row := ours.get((data, language, figure)):
            published.append(f"| {data} | {language} | {figure} | {value(row)} | {theirs}: {source} |")
    figures = ["| set | language | figure | rows | value |", "|---|---|---|---|---|"]
    last = None
    for r in rows:
        key = (r["set"], r["language"])
        where = f"{r['set']} | {r['language']}" if key != last else " | "
        figures.append(f"| {where} | {r['figure']} | {r['count']:,} | {value(r)} |")
        last = key
    origin = f"Model {model}, by `{command}`."
    replace_part(DOCS / "accuracy.md", "reliability", f"{origin}\n\n{pictures}")
    replace_part(DOCS / "accuracy.md", "thresholds", f"{origin}\n\n{tables}")
    replace_part(DOCS / "accuracy.md", "published", f"{origin}\n\n" + "\n".join(published))
    replace_part(DOCS / "accuracy.md", "figures", f"{origin}\n\n" + "\n".join(figures))
    real = next((key for key in curves if key[0].startswith("real")), next(iter(curves)))
    replace_part(CARD, "thresholds", f"On {real[0]} ({real[1]}), held out; `docs/accuracy.md` has the other sets.\n\n{threshold_table(*curves[real], base_rate)}")
