"""Step 7, after `export.py`: fits the head of interactions on what the shipped model reads, and writes it into its `beleving.json`.

    python interaction.py [--model ../models/beleving-small] [--folds work/fold-1 work/fold-2] [--only PART…]

The features come from the library itself (`beleving features`), so that there is one implementation. The head is only
valid for the weights it was fitted on: run this after every `export.py`. The model has seen many of the messages that it is fitted on
here, and reads them better than it will read others. `--folds` names two model folders of which each was trained without half of
the interactions (`train.py --without-fold`): every interaction is then read by the one that had not seen it. Without them the
weights are held to 0 more strongly. How much an answer lets down (`answers`) is fitted on all files; the features of a file are made
by one that was fitted without it. `--head-of` fits nothing: it takes the head of a folder whose encoder this one was trained on from,
and only measures the zeros of the sketch anew. `--only` writes some parts anew and leaves the rest, with the zeros. Choices are
made by cross-validation over the interactions in `written/`; `evidence/` is not read here.
"""
import argparse
import contextlib
import functools
import json
import pathlib
import shutil
import subprocess
import tempfile

import numpy as np
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, roc_auc_score

from build_data import fold_of
from common import HERE, MODELS, SEED, WORK, read_jsonl

PARTS = ("answers", "risk", "experience", "turned", "worst", "touchpoint")
FOLDS = 8
START = 1767258000  # 2026-01-01 10:00 +01:00; hours between messages are what counts
PENALTIES = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5]  # mean loss plus this times half the squared weights, on standardised features


SEEN_PENALTY = 0.2  # at least, where the model has seen the messages
ANSWER_FOLDS = 10  # of files: to whoever wrote a file the others are strangers
ANSWER_PENALTY = 100.0  # on standardised vectors
# Shares of what customers react to, as the head is to expect them; in most of `written/` nine of ten answers are the nearest one, which
# would teach it to name nothing else. Of 84 bad interactions whose independent authors knew nothing of this, 60 react to the nearest.
TOUCHPOINTS = {"nearest": 0.5, "further": 0.25, "silence": 0.15, "opening": 0.1}

# What each feature of an interaction can say: 1 that it is a worse experience, -1 that it is a better one. A weight of the other sign
# would be chance of the written threads. `last` and `last_feeling` are for models without a head: a last message is often a formality.
DIRECTION = {"worst": 1, "mean": 1, "mean_risk": 1, "mean_feeling": -1, "mean_thanks": -1, "mean_repeat_contact": 1,
             "late": 1, "late_risk": 1, "late_feeling": -1, "late_thanks": -1, "late_repeat_contact": 1, "least_feeling": -1,
             "fall_after_worst": -1, "late_minus_early": 1, "relationship_at_risk": 1, "escalation": 1, "gives_up": 1,
             "says_promise_broken": 1, "says_no_answer": 1, "says_passed_on": 1, "handoffs": 1,
             "answer_before": 1, "mean_answer": 1, "late_answer": 1}

# Weights, of standardised features, that the written threads alone would leave out: how they end tells nearly all, where real
# conversations often end in a formality and are rated by the feeling throughout.
LEAST = {"mean_feeling": 0.5}
# How many times more strongly features are held to 0: invented answers show more plainly than real ones what they do, and of task
# dialogues, which people rated, the risk told less with answers than without.
HELD = {"answer_before": 3, "mean_answer": 3, "late_answer": 3}


# ---- data

def written_interactions():
    """(interaction as the library takes it, labels) of every interaction in `written/`."""
    for path in sorted((HERE / "written").glob("*.jsonl")):
        for n, item in enumerate(read_jsonl(path)):
            if "m" not in item:
                continue
            at, dated, messages = START, any("h" in m for m in item["m"]), []
            for k, m in enumerate(item["m"]):
                at += (m.get("h") or 0) * 3600
                customer = m["w"] == "c"
                speaker = "customer" if customer else "bot" if "bot" in m["w"] else "staff"
                # An hour that is not given is not known: the thread is dated as far as its hours go.
                messages.append({"id": str(k), "seq": k, "text": m["t"], "speaker": speaker, "role": None if customer else m["w"],
                                 "at": stamp(at) if dated and (k == 0 or "h" in m) else None, "language": item["l"]})
            yield ({"id": f"{path.stem}-{n}", "channel": item["k"], "messages": messages},
                   {"risk": item["r"], "experience": item["x"], "turned": item["turned"], "worst": item["worst"],
                    "touchpoint": item["touch"], "fold": fold_of(item["m"][0]["t"]), "file": path.stem})


def stamp(seconds):
    from datetime import datetime, timezone
    return datetime.fromtimestamp(round(seconds), timezone.utc).isoformat()


@functools.cache
def command():
    """The command, built once."""
    subprocess.run(["cargo", "build", "--quiet", "--package", "beleving-cli"], cwd=HERE.parent, check=True)
    return HERE.parent / "target/debug/beleving"


def features(interactions, model, *options):
    """What `beleving features` prints of interactions."""
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file:
        file.writelines(json.dumps(i) + "\n" for i in interactions)
        file.flush()
        run = [command(), "features", file.name, "--model", model, *options]
        done = subprocess.run(run, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


# ---- models: each is fitted on standardised features and given back in plain ones

def sigmoid(x):
    return 1 / (1 + np.exp(-np.clip(x, -40, 40)))


class Scale:
    """Standardises features; one that never varies stays out."""

    def __init__(self, x, centre=True):
        self.mean = x.mean(0) if centre else np.zeros(x.shape[1])
        spread = x.std(0)
        self.spread = np.where(spread > 1e-6, spread, np.inf)

    def __call__(self, x):
        return (x - self.mean) / self.spread

    def plain(self, weights, bias=0.0):
        plain = weights / self.spread
        return plain, bias - plain @ self.mean


def fit(loss, start, bounds=()):
    """The minimum; weights, the first values, stay within their bounds."""
    bounds = [*bounds] + [(None, None)] * (len(start) - len(bounds))
    return minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 2000}).x


def bounds_of(names, sign=1):
    """Bounds of the weights of an interaction's features, where a larger sum is a worse experience, or with -1 a better one."""
    least = {name: LEAST.get(name, 0) for name in names}
    sides = {name: {1: (least[name], None), -1: (None, -least[name])}.get(sign * DIRECTION.get(name, 0), (0, 0)) for name in names}
    return [sides[name] for name in names]


def held(names):
    """How many times more strongly each feature is held to 0."""
    return np.array([HELD.get(name, 1.0) for name in names])


def logistic(x, y, penalty, bounds=()):
    """Weights and bias of a logistic regression; the penalty may be one for each feature."""
    scale = Scale(x)
    z = scale(x)

    def loss(v):
        w, b = v[:-1], v[-1]
        p = sigmoid(z @ w + b)
        error = (p - y) / len(y)
        value = -np.log(np.where(y > 0, p, 1 - p) + 1e-12).mean() + (penalty * w) @ w / 2
        return value, np.append(z.T @ error + penalty * w, error.sum())
    v = fit(loss, np.zeros(x.shape[1] + 1), bounds)
    return scale.plain(v[:-1], v[-1])


def ordinal(x, y, penalty, bounds):
    """Weights and four cuts of a cumulative logit over marks 1 to 5 (the mean of four tied logistic regressions)."""
    scale = Scale(x)
    z, above = scale(x), np.array([[float(mark > cut) for cut in (1, 2, 3, 4)] for mark in y])

    def loss(v):
        w, cuts = v[:-4], v[-4:]
        p = sigmoid((z @ w)[:, None] - cuts)
        error = (p - above) / len(y)
        value = -np.log(np.where(above > 0, p, 1 - p) + 1e-12).sum() / len(y) + (penalty * w) @ w / 2
        return value, np.append(z.T @ error.sum(1) + penalty * w, -error.sum(0))
    v = fit(loss, np.append(np.zeros(x.shape[1]), [-2, -1, 1, 2]), bounds)
    weights, shift = scale.plain(v[:-4])
    return weights, np.sort(v[-4:] - shift)


def choice(groups, penalty, importance=None):
    """Weights of a conditional logit: which row of a group is the right one."""
    importance = np.ones(len(groups)) if importance is None else np.array(importance)
    importance = importance / importance.sum()
    scale = Scale(np.concatenate([x for x, _ in groups]), centre=False)
    scaled = [(scale(x), right) for x, right in groups]

    def loss(w):
        value, gradient = penalty / 2 * w @ w, penalty * w
        for (z, right), share in zip(scaled, importance):
            u = z @ w
            u = np.exp(u - u.max())
            p = u / u.sum()
            value -= share * np.log(p[right].sum() + 1e-12)
            target = np.where(right, p, 0)
            gradient = gradient + share * z.T @ (p - target / target.sum())
        return value, gradient
    return scale.plain(fit(loss, np.zeros(groups[0][0].shape[1])))[0]


# ---- rows of each model

def turn_rows(items):
    """Messages up to the turn, or all of a thread that did not turn: did it turn here?"""
    x, y = [], []
    for f, labels in items:
        for c in f["customer"]:
            x.append(c["turned"])
            y.append(float(c["message"] == labels["turned"]))
            if y[-1]:
                break
    return np.array(x), np.array(y)


def worst_groups(items):
    return [(np.array([c["worst"] for c in f["customer"]]), np.array([c["message"] == labels["worst"] for c in f["customer"]]))
            for f, labels in items if labels["worst"] in [c["message"] for c in f["customer"]] and len(f["customer"]) > 1]


def touch_right(candidate, touchpoint):
    if touchpoint == "silence":
        return candidate["silence"]
    if touchpoint is None:
        return candidate["message"] is None and not candidate["silence"]
    return candidate["message"] == touchpoint


def touch_groups(items):
    groups = []
    for f, labels in items:
        for c in f["customer"]:
            right = np.array([touch_right(t, labels["touchpoint"]) for t in c["touchpoint"]])
            if c["message"] == labels["turned"] and right.any() and len(right) > 1:
                groups.append((np.array([t["values"] for t in c["touchpoint"]]), right))
    return groups


def kind_of(names, group):
    """What a customer reacts to: which of TOUCHPOINTS."""
    row = dict(zip(names, group[0][np.flatnonzero(group[1])[0]]))
    return "opening" if row["opening"] else "silence" if row["silence"] else "nearest" if row["nearest"] else "further"


def touch_weights(names, groups):
    """How much each group counts, for the shares of TOUCHPOINTS."""
    kinds = [kind_of(names, g) for g in groups]
    return [TOUCHPOINTS[k] / kinds.count(k) for k in kinds]


def turned_at(f, w, b):
    """The likeliest turn and the chance that there is one."""
    good, at = 1.0, []
    for c in f["customer"]:
        h = sigmoid(np.array(c["turned"]) @ w + b)
        at.append(good * h)
        good *= 1 - h
    return f["customer"][int(np.argmax(at))]["message"], 1 - good


# ---- cross-validation over interactions

def cross(items, penalty, train, score):
    """The mean of `score(item, model)` over items, each left out of its own model, and every value."""
    folds, values = np.random.default_rng(SEED).permutation(len(items)) % FOLDS, [None] * len(items)
    for fold in range(FOLDS):
        model = train([i for i, k in zip(items, folds) if k != fold], penalty)
        for n in np.flatnonzero(folds == fold):
            values[n] = score(items[n], model)
    return values


def mean(values):
    return float(np.mean([v for v in values if v is not None]))


def best_penalty(name, items, train, score, summary=mean, least=0.0):
    """The strongest penalty that is no worse than the best by more than its standard error: what comes later is written by others."""
    values = {p: cross(items, p, train, score) for p in PENALTIES if p >= least}
    found = {p: summary(v) for p, v in values.items()}
    best, rng = max(found, key=found.get), np.random.default_rng(SEED)
    draws = [summary([values[best][n] for n in rng.integers(0, len(items), len(items))]) for _ in range(200)]
    chosen = max(p for p, v in found.items() if v >= found[best] - np.std(draws))
    print(f"{name:<12} " + "  ".join(f"{p}: {v:.3f}" for p, v in found.items()) + f"  best {best} within {np.std(draws):.3f}  -> {chosen}")
    return chosen


def named_weights(names, weights):
    return {n: round(float(w), 5) for n, w in zip(names, weights) if abs(w) > 5e-6}


def lets_down(labels, k):
    """Whether the answer at place `k` lets the customer down: 1 what a customer reacts badly to, 0 what did no harm, else not known."""
    if labels["turned"] is None or (not labels["risk"] and k > labels["worst"]):
        return 0
    return 1 if labels["touchpoint"] == k else None


def fit_answers(written, vectors, without=()):
    """The part `answers` of the section: a logistic regression over the vectors of answers, of all files but some."""
    x, y = [], []
    for (interaction, labels), rows in zip(written, vectors):
        for k, (message, row) in enumerate(zip(interaction["messages"], rows)):
            target = lets_down(labels, k)
            if message["speaker"] != "customer" and row and target is not None and labels["file"] not in without:
                x.append(row)
                y.append(target)
    scale = Scale(np.array(x))
    found = LogisticRegression(C=1 / ANSWER_PENALTY, class_weight="balanced", max_iter=500).fit(scale(np.array(x)), y)
    weights, bias = scale.plain(found.coef_[0], found.intercept_[0])
    return {"bias": round(float(bias), 4), "weights": [round(float(w), 5) for w in weights]}


def fit_touchpoint(items):
    """The part `touchpoint` of the section."""
    names = items[0][0]["touchpoint_names"]
    def train_touch(some, q):
        groups = touch_groups(some)
        return choice(groups, q, touch_weights(names, groups))
    def touch_score(item, m):
        groups = touch_groups([item])
        return (kind_of(names, groups[0]), float(groups[0][1][np.argmax(groups[0][0] @ m)])) if groups else None
    def by_kind(found):
        """Share right, each kind as frequent as in TOUCHPOINTS; kinds that are not there left out."""
        right = {k: [r for kind, r in filter(None, found) if kind == k] for k in TOUCHPOINTS}
        there = {k: np.mean(r) for k, r in right.items() if r}
        return float(sum(TOUCHPOINTS[k] * m for k, m in there.items()) / sum(TOUCHPOINTS[k] for k in there))
    touch = train_touch(items, best_penalty("touchpoint", items, train_touch, touch_score, by_kind))
    return {"weights": named_weights(names, touch)}


def fit_head(items, least):
    """The section `interaction`, and what it says of each item, left out."""
    names = items[0][0]
    strength = held(names["interaction_names"])
    whole = lambda some: np.array([f["interaction"] for f, _ in some])
    labels = lambda some, key: np.array([l[key] for _, l in some], float)
    train_risk = lambda some, p: logistic(whole(some), labels(some, "risk"), p * strength, bounds_of(names["interaction_names"]))
    risk_of = lambda item, m: sigmoid(np.array(item[0]["interaction"]) @ m[0] + m[1])
    y = labels(items, "risk")
    likelihood = lambda item, m: np.log(abs(1 - item[1]["risk"] - risk_of(item, m)) + 1e-9)
    penalty = best_penalty("risk", items, train_risk, likelihood, least=least)
    base = np.log(y.mean() / (1 - y.mean()))
    p = np.array(cross(items, penalty, train_risk, risk_of))
    weights, bias = train_risk(items, penalty)
    # A penalty makes the odds timid: stretched as those of left-out interactions are to be.
    left_out = np.log(p / (1 - p))
    (stretch,), shift = logistic(left_out[:, None], y, 0.0)
    p, risk = sigmoid(stretch * left_out + shift), (stretch * weights, stretch * bias + shift)
    print(f"  AUROC {roc_auc_score(y, p):.3f}; worst {roc_auc_score(y, whole(items)[:, 0]):.3f}, last {roc_auc_score(y, whole(items)[:, 1]):.3f}, "
          f"mean {roc_auc_score(y, whole(items)[:, 3]):.3f}")

    train_marks = lambda some, q: ordinal(whole(some), labels(some, "experience"), q * strength, bounds_of(names["interaction_names"], -1))
    def mark_score(item, m):
        below = np.concatenate([[0], sigmoid(m[1] - np.array(item[0]["interaction"]) @ m[0]), [1]])
        return np.log(np.diff(below)[int(item[1]["experience"]) - 1] + 1e-9)
    marks = train_marks(items, best_penalty("experience", items, train_marks, mark_score, least=least))

    train_turn = lambda some, q: logistic(*turn_rows(some), q)
    turn_score = lambda item, m: None if item[1]["turned"] is None else float(turned_at(item[0], *m)[0] == item[1]["turned"])
    turned = train_turn(items, best_penalty("turned", items, train_turn, turn_score, least=least))

    train_worst = lambda some, q: choice(worst_groups(some), q)
    def worst_score(item, m):
        groups = worst_groups([item])
        return float(groups[0][1][np.argmax(groups[0][0] @ m)]) if groups else None
    worst = train_worst(items, best_penalty("worst", items, train_worst, worst_score, least=least))

    touch = fit_touchpoint(items)

    named = lambda key, w: named_weights(names[key], w)
    head = {
        "risk": {"bias": round(float(risk[1] - base), 5), "weights": named("interaction_names", risk[0])},
        "experience": {"cuts": [round(float(c), 5) for c in marks[1]], "weights": named("interaction_names", marks[0])},
        "turned": {"bias": round(float(turned[1]), 5), "weights": named("turned_names", turned[0])},
        "worst": {"weights": named("worst_names", worst)},
        "touchpoint": touch,
    }
    return head, p, y, base


def single_message(model):
    """What a message that stands alone counts, as a share of its own log odds: the slope over the held-out real messages."""
    rows = [row for row in read_jsonl(WORK / "dev.jsonl") if row["source"] == "threads" and row["risk"] is not None]
    alone = [{"id": str(n), "messages": [{"id": "0", "text": row["text"]}]} for n, row in enumerate(rows)]
    found = [(f["interaction"][f["interaction_names"].index("worst")], row["risk"])
             for f, row in zip(features(alone, model), rows) if f["interaction"]]
    evidence, bad = map(np.array, zip(*found))
    return round(float(LogisticRegression(C=1e6).fit(evidence[:, None], bad).coef_[0, 0]), 2)


def write(model, change):
    path = model / "beleving.json"
    manifest = json.loads(path.read_text())
    change(manifest)
    path.write_text(json.dumps(manifest, indent=2) + "\n")
    return manifest


@contextlib.contextmanager
def with_head(model, head):
    """A copy of a model folder with another head of interactions, or with none; the folder is not changed."""
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder)
        for file in ("config.json", "tokenizer.json", "model.safetensors"):
            (copy / file).symlink_to(model / file)
        shutil.copyfile(model / "beleving.json", copy / "beleving.json")
        write(copy, lambda m: m.update(interaction=head))
        yield copy


def read_vectors(model, interactions):
    """Of each interaction the vectors of its messages, `None` where one was not read, and where a sketch has its zeros: the median
    of each projection over all."""
    with with_head(model, None) as copy:
        rows = features(interactions, copy, "--vectors")
    zeros = np.median([projections for _, projections in filter(None, rows)], 0)
    vectors = (row and row[0] for row in rows)
    return [[next(vectors) for _ in i["messages"]] for i in interactions], [round(float(zero), 4) for zero in zeros]


def read_by(model, interactions, zeros, answers):
    """The features of interactions by a model folder."""
    empty = {part: {"weights": {}} for part in ("risk", "turned", "worst", "touchpoint")}
    head = empty | {"experience": {"cuts": [-2, -1, 1, 2], "weights": {}}, "sketch": zeros, "answers": answers}
    with with_head(model, head) as copy:
        return features(interactions, copy)


def read_apart(model, written, vectors, zeros, wanted):
    """(features, labels) of the wanted interactions, each read with `answers` that were fitted without its file."""
    files = np.random.default_rng(SEED).permutation(sorted({labels["file"] for _, labels in written}))
    items = []
    for fold in range(ANSWER_FOLDS):
        apart = set(files[fold::ANSWER_FOLDS])
        some = [(i, l) for i, l in written if l["file"] in apart and wanted(l)]
        found = read_by(model, [i for i, _ in some], zeros, fit_answers(written, vectors, apart))
        items += [(f, l) for f, (_, l) in zip(found, some) if f["interaction"]]
    return items


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", type=pathlib.Path, default=MODELS / "beleving-small")
    parser.add_argument("--folds", type=pathlib.Path, nargs=2, metavar=("WITHOUT_0", "WITHOUT_1"))
    parser.add_argument("--head-of", type=pathlib.Path, metavar="FOLDER")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, metavar="PART", help=", ".join(PARTS))
    args = parser.parse_args()
    written, model = list(written_interactions()), args.model.resolve()
    vectors, zeros = read_vectors(model, [i for i, _ in written])
    is_whole = set(args.only) == set(PARTS)
    if not is_whole:
        zeros = json.loads((model / "beleving.json").read_text())["interaction"]["sketch"]
    if args.head_of:
        earlier = json.loads((args.head_of / "beleving.json").read_text())
        write(model, lambda m: m.update(interaction=earlier["interaction"] | {"sketch": zeros}))
        write(model, lambda m: m["interaction"].update(single_message=single_message(model)))
        write(model, lambda m: m["policy"].update(flag_interaction_at=earlier["policy"]["flag_interaction_at"]))
        return
    if args.folds:
        items = []
        for half, folder in enumerate(args.folds):
            items += read_apart(folder.resolve(), written, *read_vectors(folder.resolve(), [i for i, _ in written]),
                                lambda labels: labels["fold"] == half)
    else:
        items = read_apart(model, written, vectors, zeros, lambda labels: True)
    print(f"{len(items)} interactions, {sum(l['risk'] for _, l in items)} bad")
    head, p, y, base = fit_head(items, 0.0 if args.folds else SEEN_PENALTY)
    head["answers"] = fit_answers(written, vectors)
    if is_whole:
        write(model, lambda m: m.update(interaction=head | {"sketch": zeros}))
    else:
        write(model, lambda m: m["interaction"].update({part: head[part] for part in args.only}))
    if "risk" not in args.only:
        return
    manifest = write(model, lambda m: m["interaction"].update(single_message=single_message(model)))

    # The threshold of the best F1 under cross-validation, stated at the policy's base rate.
    rate = manifest["policy"]["base_rate"]
    stated = sigmoid(np.log(p / (1 - p)) - base + np.log(rate / (1 - rate)))
    grid = np.round(np.arange(0.05, 0.95, 0.01), 2)
    f1 = [f1_score(y, stated >= t) for t in grid]
    # The middle of the best thresholds: the best one alone is chance.
    at = float(np.round(np.median(grid[np.array(f1) >= max(f1) - 0.005]), 2))
    write(model, lambda m: m["policy"].update(flag_interaction_at=at))
    print(f"F1 {max(f1):.3f} at {at}")


if __name__ == "__main__":
    main()
