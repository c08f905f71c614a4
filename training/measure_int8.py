"""What int8 changes: scores files of labelled messages in f32 and in int8 with the command, and compares.

    python training/measure_int8.py --model models/beleving-small [--write] FILE.jsonl ...

Rows need `text` and a `label` that names a feeling, or `opinions` with a polarity each; a row counts as negative if its
label or one of its opinions does. AUROC is that of `risk`
and of `sentiment.negative` for telling those rows apart. `--write` puts the largest change over the files into
`beleving.json`, where `--precision auto` looks for it.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

from common import HERE


def score(command, model, rows, precision):
    with tempfile.TemporaryDirectory() as folder:
        source, target = pathlib.Path(folder, "in.jsonl"), pathlib.Path(folder, "out.jsonl")
        source.write_text("".join(json.dumps({"text": row["text"]}) + "\n" for row in rows))
        subprocess.run([*command, "score", source, "-o", target, "--model", model, "--precision", precision, "--quiet"],
                       check=True)
        return [json.loads(line) for line in target.read_text().splitlines()]


def auroc(values, positive):
    """Share of pairs of a positive and a negative that are in order; ties count half."""
    ranked = sorted(zip(values, positive))
    wins = below = at = 0
    while at < len(ranked):
        end = at
        while end < len(ranked) and ranked[end][0] == ranked[at][0]:
            end += 1
        group = [p for _, p in ranked[at:end]]
        wins += sum(group) * (below + (len(group) - sum(group)) / 2)
        below += len(group) - sum(group)
        at = end
    total = sum(positive) * below
    return wins / total if total else float("nan")


def is_negative(row):
    """By the row's label, or by any of its opinions."""
    return row["label"] == "negative" if "label" in row else any(o["polarity"] == "negative" for o in row["opinions"])


def compare(rows, exact, int8):
    kept = [(is_negative(r), e, i) for r, e, i in zip(rows, exact, int8) if e.get("risk") is not None]
    negative = [label for label, _, _ in kept]
    changes = {}
    for name, value in (("risk", lambda s: s["risk"]), ("negative", lambda s: s["sentiment"]["negative"])):
        before, after = (auroc([value(pair[at]) for pair in kept], negative) for at in (1, 2))
        changes[name] = (before, after)
    top = sum(max(e["sentiment"], key=e["sentiment"].get) != max(i["sentiment"], key=i["sentiment"].get)
              for _, e, i in kept)
    return len(kept), changes, top / len(kept)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", type=pathlib.Path, required=True)
    parser.add_argument("--command", default=str(HERE.parent / "target/release/beleving"), help="the `beleving` command")
    parser.add_argument("--limit", type=int, help="rows of each file, evenly spread")
    parser.add_argument("--write", action="store_true", help="put the result into beleving.json")
    parser.add_argument("files", nargs="+", type=pathlib.Path)
    args = parser.parse_args()
    worst = {"auroc": 0.0, "top_label": 0.0}
    total = 0
    for path in args.files:
        rows = [json.loads(line) for line in path.read_text().splitlines()]
        if args.limit and args.limit < len(rows):
            rows = [rows[n * len(rows) // args.limit] for n in range(args.limit)]
        exact, int8 = (score(args.command.split(), args.model, rows, p) for p in ("f32", "int8"))
        count, changes, top = compare(rows, exact, int8)
        total += count
        for name, (before, after) in changes.items():
            print(f"{path.name}: {count} messages, AUROC of {name} {before:.5f} in f32, {after:.5f} in int8")
            worst["auroc"] = max(worst["auroc"], abs(after - before))
        print(f"{path.name}: another feeling on top for {100 * top:.2f} %")
        worst["top_label"] = max(worst["top_label"], top)
    worst = {name: round(value, 5) for name, value in worst.items()} | {"messages": total}
    print(json.dumps(worst))
    if args.write:
        path = args.model / "beleving.json"
        manifest = json.loads(path.read_text())
        manifest["int8"] = worst
        path.write_text(json.dumps(manifest, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
