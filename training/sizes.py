"""What a smaller encoder and int8 rows cost: checkpoints beside each other on the same rows.

    python sizes.py work/service-12 work/service-6 work/service-3

Each is read in PyTorch as trained (f32) and as exported (`export.quantised`: int8 rows with a scale each). On the development rows (they
train nothing; they fitted the calibration, which changes no AUROC) and on `evidence/messages.jsonl`, the risk AUROC, its difference
from the first checkpoint in f32 by paired bootstrap, and the accuracy of the feeling; time as a ratio, of one pass each, so roughly.
"""
import argparse
import pathlib
import time

import numpy as np
import torch
from safetensors.numpy import load_file
from sklearn.metrics import roc_auc_score

import model as models
from common import HERE, SENTIMENT, WORK, read_jsonl
from evaluate import interval
from export import dequantised, quantised


def groups(quick):
    """Name, texts, risk and feeling of every set."""
    dev = read_jsonl(WORK / "dev.jsonl")
    sets = {"real messages, en": [r for r in dev if r["source"] == "threads"]}
    for code in ("nl", "en"):
        sets[f"own text, {code}"] = [r for r in dev if r["source"] != "threads" and r["language"] == code]
    evidence = [r | {"sentiment": SENTIMENT.index(r["sentiment"])} for r in read_jsonl(HERE / "evidence/messages.jsonl")]
    for code in ("nl", "en"):
        sets[f"independent text, {code}"] = [r for r in evidence if r["language"].split("-")[0] == code]
    for name, rows in sets.items():
        rows = rows[:quick]
        yield name, [r["text"] for r in rows], np.array([r["risk"] for r in rows]), np.array([r["sentiment"] for r in rows])


def as_exported(model, folder):
    """The checkpoint with its weights as the shipped folder stores them."""
    tensors = dequantised(quantised(load_file(folder / "model.safetensors")))
    model.load_state_dict({name if name.startswith("heads.") else "encoder." + name: torch.from_numpy(value) for name, value in tensors.items()})
    return model


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("checkpoints", nargs="+", type=pathlib.Path)
    parser.add_argument("--quick", type=int, help="rows of each set, for a trial")
    args = parser.parse_args()
    tok, sets, first, first_seconds = models.tokenizer(WORK / "pruned"), list(groups(args.quick)), {}, None
    print(f"{'checkpoint':<18} {'weights':<7} {'layers':>6} {'time':>5}  {'set':<22} {'rows':>5}  {'risk AUROC':<24} {'less than the first by':<25} feeling")
    for folder in args.checkpoints:
        for weights in ("f32", "int8"):
            model = models.load(folder)
            model = as_exported(model, folder) if weights == "int8" else model
            started = time.perf_counter()
            found = [models.logits(model, tok, texts) for _, texts, _, _ in sets]
            seconds = time.perf_counter() - started
            first_seconds = first_seconds or seconds
            for (name, _, bad, feeling), scores in zip(sets, found):
                risk = scores["risk"][:, 0]
                before = first.setdefault(name, risk)
                auroc = interval(roc_auc_score, bad, risk)
                lost = interval(lambda y, a, b: roc_auc_score(y, a) - roc_auc_score(y, b), bad, before, risk)
                accuracy = (scores["sentiment"].argmax(1) == feeling).mean()
                spans = [f"{v:.3f} [{low:.3f}, {high:.3f}]" for v, low, high in (auroc, lost)]
                print(f"{folder.name:<18} {weights:<7} {model.encoder.config.num_hidden_layers:>6} {seconds / first_seconds:>5.2f}  {name:<22} {len(bad):>5}  "
                      f"{spans[0]:<24} {spans[1]:<25} {accuracy:.3f}", flush=True)


if __name__ == "__main__":
    main()
