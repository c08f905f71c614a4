"""How well risk is read in a kind of text that no service row of the training had: leave one kind out.

    python kinds.py --from work/public-12b                 # every kind, 3 to 4 minutes each on 2 quiet cores
    python kinds.py --from work/public-12b --kinds letter sms

For every kind a model is trained on the service rows of the other kinds (`train.py service --without-kind`), from a checkpoint that has
seen public data only, and read on all rows of that kind, training and development alike, since it saw none. Kinds are channels;
`interactions` are the messages of whole conversations and `real` the messages of the real threads, which are tweets too: leaving out
`tweet` leaves out both. The public sets contain tweets (XLM-T, feeling only). `--quick` is a trial of the command, its figures
mean nothing. Prints a table and writes `work/kinds.json`.
"""
import argparse
import collections
import json
import pathlib
import shutil
import subprocess
import sys

import numpy as np
from sklearn.metrics import roc_auc_score

import model as models
from common import HERE, WORK, kinds_of, read_jsonl
from evaluate import interval

MIN_EACH = 10  # bad ones and others, below which an AUROC says nothing


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--from", dest="source", type=pathlib.Path, required=True)
    parser.add_argument("--kinds", nargs="+")
    parser.add_argument("--layers", type=int, default=6)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--quick", action="store_true")
    args = parser.parse_args()
    rows = read_jsonl(WORK / "service.jsonl") + read_jsonl(WORK / "dev.jsonl")
    counts = collections.Counter(kind for row in rows for kind in kinds_of(row))
    unknown = set(args.kinds or []) - set(counts)
    if unknown:
        parser.error(f"no rows of {', '.join(sorted(unknown))}; there are {', '.join(sorted(counts))}")
    tok, found = models.tokenizer(WORK / "pruned"), {}
    print(f"{'left out':<14} {'read on':<10} {'rows':>6} {'bad':>5}  risk AUROC", flush=True)
    for kind in args.kinds or [kind for kind, _ in counts.most_common()]:
        folder = WORK / f"without-{kind}"
        small = ["--layers", "3", "--epochs", "1", "--rows", "150"] if args.quick else ["--layers", str(args.layers), "--epochs", str(args.epochs)]
        command = [sys.executable, HERE / "train.py", "service", "--from", args.source, "--to", folder, "--without-kind", kind, *small]
        with open(WORK / f"without-{kind}.log", "w", encoding="utf-8") as log:
            subprocess.run(command, cwd=HERE, stdout=log, stderr=subprocess.STDOUT, check=True)
        read = [row for row in rows if kind in kinds_of(row)]
        read = read[:200] if args.quick else read
        risk = models.logits(models.load(folder), tok, [row["text"] for row in read])["risk"][:, 0]
        shutil.rmtree(folder)
        bad, language = np.array([row["risk"] for row in read]), np.array([row["language"] for row in read])
        groups = {"all": np.ones(len(read), bool)} | {code: language == code for code in ("nl", "en")}
        for name, at in groups.items():
            if min(bad[at].sum(), (1 - bad[at]).sum()) < MIN_EACH:
                continue
            auroc, low, high = interval(roc_auc_score, bad[at], risk[at])
            print(f"{kind:<14} {name:<10} {at.sum():>6} {bad[at].sum():>5}  {auroc:.3f} [{low:.3f}, {high:.3f}]", flush=True)
            found[f"{kind} {name}"] = {"rows": int(at.sum()), "bad": int(bad[at].sum()), "auroc": auroc, "low": low, "high": high}
    if not args.quick:
        (WORK / "kinds.json").write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
