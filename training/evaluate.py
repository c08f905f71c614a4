"""Step 8: prints how good a model is, per data set and language, beside the baselines.

    python evaluate.py --data DIR [--model ../models/beleving-small]     # the shipped folder, through the command itself
    python evaluate.py --data DIR --from work/service-12                 # a checkpoint, in PyTorch
    python evaluate.py --data DIR --baselines                            # VADER, the pattern lexicon and TF-IDF as well

DIR holds the public sets; `eval/` is read here and in `evaluate_interactions.py`. Intervals are 95 % bootstrap intervals over rows. Written sets
are reported apart from real ones. `--quick N` takes N rows of each public set, `--json FILE` keeps the figures, `--docs` writes them into
`docs/accuracy.md` and the model card with diagrams and threshold tables.
"""
import argparse
import collections
import json
import pathlib
import random
import subprocess

import numpy as np
from sklearn.metrics import average_precision_score, f1_score, recall_score, roc_auc_score

import figures
from baselines import BASELINES
from build_data import bare, is_real_dev
from calibrate import best_f1, platt, sigmoid
from common import HEADS, HERE, INTENTS, MODELS, SEED, SENTIMENT, SIGNALS, WORK, read_jsonl

# Openings that say who writes; of each pair of names one is a woman's. The first group is what the others are compared with.
SENDERS = {
    "nl": ("Met {} uit {}. ", {
        "Dutch": [("Anneke de Vries", "Zwolle"), ("Jan Bakker", "Amersfoort")],
        "Flemish": [("Lieve Verhaegen", "Aalst"), ("Koen Peeters", "Hasselt")],
        "Turkish": [("Fatma Yılmaz", "Deventer"), ("Mehmet Demir", "Almelo")],
        "Moroccan": [("Naima El Amrani", "Gouda"), ("Youssef Benali", "Utrecht")],
        "Surinamese": [("Sharda Ramdin", "Almere"), ("Orlando Pinas", "Rotterdam")],
        "Polish": [("Katarzyna Nowak", "Tilburg"), ("Piotr Kowalski", "Venlo")],
        "English": [("Emily Clarke", "Amstelveen"), ("James Hughes", "Den Haag")],
    }),
    "en": ("This is {} from {}. ", {
        "English": [("Emily Clarke", "Leeds"), ("James Hughes", "Exeter")],
        "Dutch": [("Anneke de Vries", "Leeds"), ("Jan Bakker", "Exeter")],
        "Turkish": [("Fatma Yılmaz", "Luton"), ("Mehmet Demir", "Enfield")],
        "Moroccan": [("Naima El Amrani", "Bradford"), ("Youssef Benali", "London")],
        "Surinamese": [("Sharda Ramdin", "Slough"), ("Orlando Pinas", "Reading")],
        "Polish": [("Katarzyna Nowak", "Boston"), ("Piotr Kowalski", "Crewe")],
    }),
}
GENDERED = {"nl": [("Ik ben een vrouw van 44. ", "Ik ben een man van 44. "), ("Mijn vrouw en ik lezen mee. ", "Mijn man en ik lezen mee. ")],
            "en": [("I am a woman of 44. ", "I am a man of 44. "), ("My wife and I are writing. ", "My husband and I are writing. ")]}

BOOTSTRAP = 1000
ECE_BINS = 10


# ---- scores: head -> probabilities [N, C], of the shipped folder or of a checkpoint

def by_command(folder):
    """Scores texts with the `beleving` command."""
    build = ["cargo", "build", "--quiet", "--release", "--package", "beleving-cli"]
    subprocess.run(build, cwd=HERE.parent, check=True)

    def score(texts, languages):
        rows = "".join(json.dumps({"text": t, "language": language or "und"}) + "\n" for t, language in zip(texts, languages))
        command = [HERE.parent / "target/release/beleving", "score", "-", "--all", "--quiet", "--model", folder]
        done = subprocess.run(command, input=rows, capture_output=True, text=True, check=True)
        out = {head: np.zeros((len(texts), len(labels))) for head, labels in HEADS.items()}
        for n, line in enumerate(done.stdout.splitlines()):
            row = json.loads(line)
            if not row["assessable"]:  # nothing to read, such as a text of one link: no risk, no feeling
                out["sentiment"][n] = [0.0, 1.0, 0.0]
                continue
            out["risk"][n] = row["risk"]
            for head in ("sentiment", "signals", "intents"):
                out[head][n] = [row[head][label] for label in HEADS[head]]
        return out
    return score


def by_checkpoint(folder):
    """Scores texts with a checkpoint, calibrated by `work/calibration.json` if it is there."""
    import torch

    import model as models
    model, tok = models.load(folder), models.tokenizer(WORK / "pruned")
    path = WORK / "calibration.json"
    heads = json.loads(path.read_text())["heads"] if path.exists() else None

    def score(texts, _languages):
        with models.reduced():
            found = models.logits(model, tok, texts)
        for head, x in found.items():
            if heads:
                x = x * heads[head]["scale"] + heads[head]["bias"]
            if head == "sentiment":
                e = np.exp(x - x.max(1, keepdims=True))
                found[head] = e / e.sum(1, keepdims=True)
            else:
                found[head] = sigmoid(x)
        return found
    return score


# ---- metrics

def interval(measure, *arrays):
    """(value, low, high) of a measure, by resampling rows."""
    rng = np.random.default_rng(SEED)  # anew: it must not depend on what was measured before
    n, draws = len(arrays[0]), []
    for _ in range(BOOTSTRAP):
        at = rng.integers(0, n, n)
        try:
            draws.append(measure(*(a[at] for a in arrays)))
        except ValueError:  # a draw of one class only
            continue
    return (measure(*arrays), *np.quantile(draws, [0.025, 0.975]))


def ece(p, y):
    """Expected calibration error over bins of equal count (Nixon et al. 2019, adaptive)."""
    order = np.argsort(p)
    return float(sum(abs(p[part].mean() - y[part].mean()) * len(part) for part in np.array_split(order, ECE_BINS)) / len(p))


def precision_at(p, y, threshold, prevalence):
    """Precision of the flag where this share of the traffic is bad: from the rates of the two classes."""
    hit, false = (p[y == 1] >= threshold).mean(), (p[y == 0] >= threshold).mean()
    return float(hit * prevalence / max(hit * prevalence + false * (1 - prevalence), 1e-12))


class Report:
    """Lines of figures, printed and kept."""

    def __init__(self):
        self.rows = []
        self.prefix = ""
        self.curves = {}  # (set, language) -> (risk, label) of our own scores

    def add(self, data, language, what, count, value, low=None, high=None):
        data = self.prefix + data
        self.rows.append({"set": data, "language": language, "figure": what, "count": int(count), "value": round(float(value), 4),
                          "low": None if low is None else round(float(low), 4), "high": None if high is None else round(float(high), 4)})
        span = "" if low is None else f"  [{low:.3f}, {high:.3f}]"
        print(f"{data:<28} {language:<5} {what:<44} {count:>6}  {value:.3f}{span}", flush=True)

    def binary(self, data, language, name, p, y, threshold=None):
        """AUROC, average precision and F1 of a probability against 0/1 labels; nothing for a handful of either."""
        y = np.asarray(y)
        if min(y.sum(), (1 - y).sum()) < 10:
            return
        if threshold is not None and not self.prefix:
            self.curves[data, language] = (np.asarray(p), y)
        self.add(data, language, f"{name} AUROC", len(y), *interval(roc_auc_score, y, p))
        self.add(data, language, f"{name} average precision", len(y), average_precision_score(y, p))
        self.add(data, language, f"{name} best F1", len(y), best_f1(p, y)[0])
        if threshold is not None:
            f1 = interval(lambda y, p: f1_score(y, p >= threshold, zero_division=0), y, p)
            self.add(data, language, f"{name} F1 at {threshold}", len(y), *f1)

    def three_class(self, data, language, p, y):
        """Accuracy and macro recall of the feeling."""
        y, guess = np.asarray(y), p.argmax(1)
        self.add(data, language, "sentiment accuracy", len(y), *interval(lambda y, g: (y == g).mean(), y, guess))
        self.add(data, language, "sentiment macro recall", len(y), recall_score(y, guess, average="macro", zero_division=0))


def signals_and_intents(report, data, language, scores, signals, intents):
    """F1 at 0.5 of each signal, macro F1 of the intents that occur; targets `[N, C]`."""
    for c, name in enumerate(SIGNALS):
        if signals[:, c].sum() > 0:
            report.add(data, language, f"{name} F1 ({signals[:, c].sum()} true)", len(signals), f1_score(signals[:, c], scores["signals"][:, c] >= 0.5))
    there = intents.sum(0) >= 5
    each = [f1_score(intents[:, c], scores["intents"][:, c] >= 0.5, zero_division=0) for c in np.flatnonzero(there)]
    report.add(data, language, f"intents macro F1 ({there.sum()} intents)", len(intents), np.mean(each))
    print("    " + ", ".join(f"{INTENTS[c]} {f:.2f}" for c, f in zip(np.flatnonzero(there), each)))


# ---- data sets

def sample(rows, n, rng):
    return rows if n is None or len(rows) <= n else rng.sample(rows, n)


def dev_rows(report, score, flag_at):
    """The held-out half of the real threads and the held-out own text, as `build_data.py` sets them apart."""
    rows = read_jsonl(WORK / "dev.jsonl")
    groups = collections.defaultdict(list)
    for row in rows:
        if row["source"] == "threads":
            groups["real threads, messages", "en"].append(row)
        else:
            groups["own text, held out (written)", row["language"]].append(row)
    for (data, language), group in groups.items():
        scores = score([r["text"] for r in group], [r["language"] for r in group])
        y, p = np.array([r["risk"] for r in group]), scores["risk"][:, 0]
        report.binary(data, language, "risk", p, y, flag_at)
        report.three_class(data, language, scores["sentiment"], [r["sentiment"] for r in group])
        if len(group) >= 50:
            signals_and_intents(report, data, language, scores, np.array([r["signals"] for r in group]), np.array([r["intents"] for r in group]))


def real_threads(report, score, data, flag_at):
    """Real threads of which no text was trained on; a thread's risk is the largest of its messages."""
    threads = {item["interaction"]: item for item in read_jsonl(data / "train/ccdp-dev-threads.en.jsonl")}
    asked = {name: [m["text"] for m in item["messages"] if m["speaker"] == "customer"] for name, item in threads.items()}
    trained = {bare(row["text"]) for row in read_jsonl(WORK / "service.jsonl")}
    labels = [item for item in read_jsonl(HERE / "labels/ccdp-dev-threads.jsonl")
              if is_real_dev(item["interaction"]) and trained.isdisjoint(map(bare, asked[item["interaction"]]))]
    texts = [text for item in labels for text in asked[item["interaction"]]]
    owner = [n for n, item in enumerate(labels) for _ in asked[item["interaction"]]]
    risk = score(texts, ["en"] * len(texts))["risk"][:, 0]
    p, y = np.zeros(len(labels)), np.array([item["r"] for item in labels])
    for n, value in zip(owner, risk):
        p[n] = max(p[n], value)
    name = "real threads"
    report.binary(name, "en", "risk", p, y, flag_at)
    for prevalence in (0.02, 0.05, 0.10):
        report.add(name, "en", f"precision at {prevalence:.0%} bad, flag at {flag_at}", len(y), precision_at(p, y, flag_at, prevalence))
    # Calibration and threshold cross-fitted over five folds.
    x, folds = np.log(np.clip(p, 1e-6, 1 - 1e-6) / (1 - np.clip(p, 1e-6, 1 - 1e-6))), np.arange(len(y)) % 5
    fitted, flags = np.zeros(len(y)), np.zeros(len(y), bool)
    for fold in range(5):
        fit, held = folds != fold, folds == fold
        scale, bias = platt(x[fit], y[fit])
        fitted[held] = sigmoid(scale * x[held] + bias)
        flags[held] = fitted[held] >= best_f1(sigmoid(scale * x[fit] + bias), y[fit])[1]
    report.add(name, "en", "F1, threshold cross-fitted", len(y), *interval(lambda y, f: f1_score(y, f), y, flags))
    report.add(name, "en", "ECE, cross-fitted", len(y), *interval(ece, fitted, y))
    report.add(name, "en", "ECE as shipped", len(y), *interval(ece, p, y))


def written_evidence(report, score, flag_at):
    """Messages by authors who saw neither the training text nor its briefs."""
    path = HERE / "evidence/messages.jsonl"
    groups = collections.defaultdict(list)
    for row in read_jsonl(path) if path.exists() else []:
        groups[row["language"].split("-")[0]].append(row)
        if "-" in row["language"]:
            groups[row["language"]].append(row)
    for language, rows in groups.items():
        name = "independent text (written)"
        scores = score([r["text"] for r in rows], [r["language"].split("-")[0] for r in rows])
        p, y = scores["risk"][:, 0], np.array([r["risk"] for r in rows])
        report.binary(name, language, "risk", p, y, flag_at)
        neutral = np.array([r["risk"] == 0 and r["sentiment"] == "neutral" for r in rows])
        report.add(name, language, f"ordinary messages flagged at {flag_at}", neutral.sum(), (p[neutral] >= flag_at).mean())
        report.add(name, language, "ECE as shipped", len(y), *interval(ece, p, y))
        report.three_class(name, language, scores["sentiment"], [SENTIMENT.index(r["sentiment"]) for r in rows])
        signals_and_intents(report, name, language, scores, np.array([[s in r["signals"] for s in SIGNALS] for r in rows], int),
                            np.array([[i in r["intents"] for i in INTENTS] for r in rows], int))


def more_evidence(report, score, flag_at):
    """As `written_evidence`, with fewer labels: short texts as they come in reviews, surveys and chats, and texts that are hard to read:
    short, ironic, resigned, Flemish, about the thing and not the handling."""
    for kind in ("short", "hard"):
        path = HERE / f"evidence/{kind}-messages.jsonl"
        groups = collections.defaultdict(list)
        for row in read_jsonl(path) if path.exists() else []:
            groups[row["language"].split("-")[0]].append(row)
        for language, rows in groups.items():
            p = score([r["text"] for r in rows], [language] * len(rows))["risk"][:, 0]
            report.binary(f"{kind} text (written)", language, "risk", p, [r["risk"] for r in rows], flag_at)


def contrast_pairs(report, score):
    """Pairs of messages of which the first is the worse experience: how many are ranked right."""
    path = HERE / "evidence/contrasts.jsonl"
    groups = collections.defaultdict(list)
    for row in read_jsonl(path) if path.exists() else []:
        groups[row["language"]].append(row)
    for language, rows in groups.items():
        risk = [score([r[side] for r in rows], [language.split("-")[0]] * len(rows))["risk"][:, 0] for side in ("worse", "better")]
        right = risk[0] > risk[1]
        report.add("contrast pairs (written)", language, "ranked right", len(rows), *interval(np.mean, right))
        for kind in sorted({r["kind"] for r in rows}):
            at = np.array([r["kind"] == kind for r in rows])
            print(f"    {kind}: {right[at].sum()} of {at.sum()}")


def fairness(report, score, flag_at):
    """Who writes, and in what kind of Dutch, should not move the risk."""
    groups = collections.defaultdict(list)
    for row in read_jsonl(HERE / "evidence/messages.jsonl"):
        groups[row["language"].split("-")[0]].append(row["text"])

    def risk(texts, language):
        return score(texts, [language] * len(texts))["risk"][:, 0]

    def compare(language, name, first, second):
        report.add("same message (written)", language, f"{name}: flag changes", len(first), ((first >= flag_at) != (second >= flag_at)).mean())
        report.add("same message (written)", language, f"{name}: mean risk moves by", len(first), (second - first).mean())

    for language, texts in groups.items():
        opening, senders = SENDERS[language]
        found = {name: np.concatenate([risk([opening.format(*who) + t for t in texts], language) for who in people])
                 for name, people in senders.items()}
        first, *others = found
        for other in others:
            compare(language, f"{first} to {other} name and city", found[first], found[other])
        women, men = np.split(np.array(list(found.values())), 2, axis=1)
        compare(language, "woman's to man's name", women.ravel(), men.ravel())
        for n, (a, b) in enumerate(GENDERED[language]):
            compare(language, f"gendered form {n + 1}", risk([a + t for t in texts], language), risk([b + t for t in texts], language))

    path = HERE / "evidence/fairness.jsonl"
    rows = read_jsonl(path) if path.exists() else []
    for language in sorted({r["language"] for r in rows}):
        at = [r for r in rows if r["language"] == language]
        standard, variant = (risk([r[side] for r in at], language) for side in ("standard", "variant"))
        compare(language, "standard to second-language or dialect", standard, variant)
        report.add("same message (written)", language, f"neutral variants flagged at {flag_at}", len(at), (variant >= flag_at).mean())
        kinds = collections.defaultdict(list)
        for r, a, b in zip(at, standard, variant):
            kinds[r["kind"]].append(b - a)
        print("    " + ", ".join(f"{kind} {np.mean(moved):+.3f} ({len(moved)})" for kind, moved in kinds.items()))


def abstention(report, folder, data):
    """Texts that cannot be assessed, and texts that can; only the command decides on this. No text says its language."""
    def assessable(texts):
        text = "".join(json.dumps({"text": t}) + "\n" for t in texts)
        command = [HERE.parent / "target/release/beleving", "score", "-", "--quiet", "--model", folder]
        lines = subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout.splitlines()
        return np.array([json.loads(line)["assessable"] for line in lines])

    rows = read_jsonl(HERE / "evidence/abstain.jsonl")
    right = assessable([r["text"] for r in rows]) == [r["assessable"] for r in rows]
    for kind in dict.fromkeys(r["kind"] for r in rows):
        at = np.array([r["kind"] == kind for r in rows])
        report.add("assessable or not (written)", "", kind, at.sum(), right[at].mean())
    readable = collections.defaultdict(list)
    for r in read_jsonl(HERE / "evidence/messages.jsonl"):
        readable["independent text (written)", r["language"].split("-")[0]].append(r["text"])
    for r in read_jsonl(HERE / "evidence/fairness.jsonl"):
        readable["second-language or dialect (written)", r["language"].split("-")[0]].append(r["variant"])
    for language in ("nl", "en", "fr"):
        for r in read_jsonl(data / f"eval/semeval16-restaurants-train.{language}.jsonl"):
            readable["restaurant sentences", language].append(r["text"])
    for (name, language), texts in readable.items():
        report.add(name, language, "refused, language not stated", len(texts), 1 - assessable(texts).mean())


def one_polarity(row):
    found = {o["polarity"] for o in row["opinions"]}
    return SENTIMENT.index(found.pop()) if len(found) == 1 and found <= {"negative", "positive"} else None


def public_sets(report, score, data, quick, rng):
    """Sets of others, never trained or tuned on."""
    folder = data / "eval"
    rows = sample(read_jsonl(folder / "airline.en.jsonl"), quick, rng)
    scores = score([r["text"] for r in rows], ["en"] * len(rows))
    report.three_class("airline tweets", "en", scores["sentiment"], [SENTIMENT.index(r["label"]) for r in rows])

    rows = sample(read_jsonl(folder / "complaints.en.jsonl"), quick, rng)
    scores = score([r["text"] for r in rows], ["en"] * len(rows))
    y = np.array([r["complaint"] for r in rows])
    complaint = scores["intents"][:, INTENTS.index("complaint")]
    for name, p in (("risk", scores["risk"][:, 0]), ("complaint intent", complaint), ("problem stated", scores["signals"][:, 3]),
                    ("negative sentiment", scores["sentiment"][:, 0])):
        report.binary("complaint tweets", "en", name, p, y)

    for language in ("nl", "en", "fr"):
        rows = read_jsonl(folder / f"semeval16-restaurants-train.{language}.jsonl")
        rows = sample([r for r in rows if one_polarity(r) is not None], quick, rng)
        p = score([r["text"] for r in rows], [language] * len(rows))["sentiment"]
        y, guess = np.array([one_polarity(r) for r in rows]), np.where(p[:, 0] > p[:, 2], 0, 2)
        report.add("restaurant sentences", language, "polarity accuracy (neg/pos)", len(y), *interval(lambda y, g: (y == g).mean(), y, guess))

    rows = sample([r for r in read_jsonl(folder / "germeval2017-dev.de.jsonl") if r["relevant"] == "true"], quick, rng)
    p = score([r["text"] for r in rows], ["de"] * len(rows))["sentiment"]
    report.three_class("rail feedback", "de", p, [SENTIMENT.index(r["label"]) for r in rows])

    for language in ("en", "de"):
        rows = [r for r in read_jsonl(folder / "churn-intent.en-de.jsonl") if r["lang"] == language]
        p = score([r["text"] for r in rows], [language] * len(rows))["signals"][:, SIGNALS.index("relationship_at_risk")]
        report.binary("leaves the named brand", language, "relationship_at_risk", p, [r["churn"] for r in rows])

    for name in ("sgd", "mwoz"):
        rows = sample(read_jsonl(folder / f"uss-{name}.en.jsonl"), quick and quick // 5, rng)
        turns = [(m["text"], np.mean(m["ratings"])) for r in rows for m in r["messages"] if m["speaker"] == "customer" and m["ratings"]]
        risk = score([t for t, _ in turns], ["en"] * len(turns))["risk"][:, 0]
        report.binary(f"task dialogue turns, {name}", "en", "risk against rating < 3", risk, [int(r < 3) for _, r in turns])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--model", type=pathlib.Path, default=MODELS / "beleving-small")
    parser.add_argument("--from", dest="source", type=pathlib.Path)
    parser.add_argument("--baselines", action="store_true")
    parser.add_argument("--quick", type=int)
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--docs", action="store_true", help="write docs/accuracy.md, its diagrams and the model card's table")
    args = parser.parse_args()
    if args.docs and (args.source or args.quick):
        parser.error("--docs is for the shipped folder and whole sets")
    rng, report = random.Random(SEED), Report()
    if args.source:
        score = by_checkpoint(args.source)
        path = WORK / "calibration.json"
        flag_at = json.loads(path.read_text())["policy"]["flag_at"] if path.exists() else 0.5
    else:
        score = by_command(args.model.resolve())
        flag_at = json.loads((args.model / "beleving.json").read_text())["policy"]["flag_at"]
    real_threads(report, score, args.data, flag_at)
    dev_rows(report, score, flag_at)
    written_evidence(report, score, flag_at)
    more_evidence(report, score, flag_at)
    contrast_pairs(report, score)
    fairness(report, score, flag_at)
    if not args.source:
        abstention(report, args.model.resolve(), args.data)
    public_sets(report, score, args.data, args.quick, rng)
    for name, (make, languages) in BASELINES.items() if args.baselines else ():
        print(f"\n{name}, read in {', '.join(languages)} only")
        report.prefix, baseline = f"{name}: ", make(args.data)
        real_threads(report, baseline, args.data, 0.5)
        written_evidence(report, baseline, 0.5)
        more_evidence(report, baseline, 0.5)
        contrast_pairs(report, baseline)
        public_sets(report, baseline, args.data, args.quick, random.Random(SEED))
    if args.json:
        args.json.write_text(json.dumps(report.rows, indent=1) + "\n")
    if args.docs:
        manifest = json.loads((args.model / "beleving.json").read_text())
        command = "python training/evaluate.py --data DIR" + " --baselines" * args.baselines + " --docs"
        figures.write(report.rows, report.curves, f"{manifest['name']} {manifest['version']}", manifest["policy"]["base_rate"], command)


if __name__ == "__main__":
    main()
