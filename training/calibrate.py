"""Step 6: fits the calibration and the default policy on the development rows.

    python calibrate.py --from work/service-12

Reads the logits of `work/dev.jsonl` (real threads and own text that nothing was trained on) and writes
`work/calibration.json`. Risk: Platt scaling. Sentiment: one temperature and a bias per class. Signals and intents: Platt
scaling, then moved so that the threshold with the best F1 lies at 0.5. The default policy flags from the risk that at most
2 % of the ordinary traffic among the development rows reaches.
"""
import argparse
import json
import pathlib

import numpy as np
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

import model as models
from common import HEADS, WORK, read_jsonl

MAX_FLAGGED_ORDINARY = 0.02
# Platt scaling with a weak prior (the inverse of sklearn's C): labels with a dozen positives stay sane.
PRIOR = 0.1


def logit(p):
    return float(np.log(p / (1 - p)))


def platt(x, y):
    """(scale, bias) of a sigmoid over logits `x` for labels `y`; the scale is positive."""
    if len(set(y)) < 2:
        return 1.0, 0.0
    fitted = LogisticRegression(C=1 / PRIOR).fit(x[:, None], y)
    return max(float(fitted.coef_[0, 0]), 1e-3), float(fitted.intercept_[0])


def best_f1(p, y):
    """(F1, threshold) at the best threshold, which lies halfway between two probabilities."""
    order = np.argsort(-p)
    hits = np.cumsum(y[order])
    f1 = 2 * hits / (np.arange(1, len(y) + 1) + y.sum())
    at = int(f1.argmax())
    low = p[order[at + 1]] if at + 1 < len(p) else 0.0
    return float(f1[at]), float((p[order[at]] + low) / 2)


def sentiment_scaling(x, y):
    """(scale, bias per class) that minimise the cross-entropy of a softmax."""
    def loss(v):
        z = x * np.exp(v[0]) + np.append(v[1:], 0.0)
        z = z - z.max(1, keepdims=True)
        return -(z[np.arange(len(y)), y] - np.log(np.exp(z).sum(1))).mean() + 1e-3 * (v @ v)
    v = minimize(loss, np.zeros(x.shape[1])).x
    return [float(np.exp(v[0]))] * x.shape[1], [*map(float, v[1:]), 0.0]


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def deciding(x, y):
    """Platt scaling, moved so that the best F1 lies at 0.5; few positives leave it where it is."""
    scale, bias = platt(x, y)
    if y.sum() >= 10:
        _, threshold = best_f1(sigmoid(scale * x + bias), y)
        bias -= logit(np.clip(threshold, 0.1, 0.9))
    return scale, bias


def fit(rows, found):
    """Scales and biases of every head."""
    heads = {}
    for head, labels in HEADS.items():
        if head == "sentiment":
            keep = [n for n, r in enumerate(rows) if r["sentiment"] is not None]
            scale, bias = sentiment_scaling(found[head][keep], np.array([rows[n]["sentiment"] for n in keep]))
        else:
            pairs = []
            for c in range(len(labels)):
                value = [r[head] if head == "risk" else r[head][c] for r in rows]
                keep = [n for n, v in enumerate(value) if v is not None]
                x, y = found[head][keep, c], np.array([value[n] for n in keep])
                pairs.append(platt(x, y) if head == "risk" else deciding(x, y))
            scale, bias = map(list, zip(*pairs))
        heads[head] = {"scale": [round(v, 5) for v in scale], "bias": [round(v, 5) for v in bias]}
    return heads


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--from", dest="source", type=pathlib.Path, required=True)
    parser.add_argument("--to", type=pathlib.Path, default=WORK / "calibration.json")
    args = parser.parse_args()
    rows = read_jsonl(WORK / "dev.jsonl")
    tok = models.tokenizer(WORK / "pruned")
    found = models.logits(models.load(args.source), tok, [r["text"] for r in rows])
    heads = fit(rows, found)

    risk = sigmoid(found["risk"][:, 0] * heads["risk"]["scale"][0] + heads["risk"]["bias"][0])
    bad = np.array([r["risk"] for r in rows])
    base_rate = float(bad.mean())
    ordinary = np.array([r["risk"] == 0 and r["sentiment"] == 1 for r in rows])
    flag_at = next((t / 100 for t in range(50, 95) if (risk[ordinary] >= t / 100).mean() <= MAX_FLAGGED_ORDINARY), 0.95)
    flagged = risk >= flag_at
    print(f"{len(rows)} rows, {bad.sum()} bad; flag_at {flag_at}: {flagged[ordinary].mean():.2%} of {ordinary.sum()} ordinary rows, "
          f"precision {bad[flagged].mean():.3f}, recall {flagged[bad == 1].mean():.3f}")
    policy = {"name": "default", "version": "1", "base_rate": round(base_rate, 3), "flag_at": flag_at, "intent_at": 0.5,
              "silence_hours": 48.0}
    args.to.write_text(json.dumps({"heads": heads, "policy": policy}, indent=2) + "\n")


if __name__ == "__main__":
    main()
