"""Step 8, of verdicts: prints how good verdicts on interactions are, beside the simple rules, through the command itself.

    python evaluate_interactions.py [--model ../models/beleving-small] [--data DIR]

`evidence/interactions-*.jsonl` are read here and nowhere else in training, the second set
only since everything that ships was fitted; DIR adds the rated task dialogues (`eval/uss-*.jsonl`).
Intervals are 95 % bootstrap intervals over interactions.
"""
import argparse
import json
import pathlib
import subprocess
import tempfile

import numpy as np
from scipy.stats import spearmanr
from sklearn.metrics import f1_score, precision_score, recall_score, roc_auc_score

from common import HERE, MODELS, SEED, read_jsonl

BOOTSTRAP = 1000


def command(name, rows, model, *options):
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)
        file.flush()
        run = [HERE.parent / "target/debug/beleving", name, file.name, "--model", model, *options]
        return [json.loads(line) for line in subprocess.run(run, capture_output=True, text=True, check=True).stdout.splitlines()]


def judged(threads, model, *options):
    """The verdicts on threads of `messages`."""
    rows = [{"interaction": str(n), "messages": messages} for n, messages in enumerate(threads)]
    return command("judge", rows, model, "--quiet", *options)


def read(threads, model):
    """Risk at even odds and feeling of each message of the customer: what the simple rules use."""
    rows = [{"id": str(n), "messages": [{"id": str(k), "seq": k} | m for k, m in enumerate(messages)]} for n, messages in enumerate(threads)]
    return [f["customer"] for f in command("features", rows, model)]


def plain(message):
    return {key: message[key] for key in ("speaker", "role", "at", "text") if message.get(key) is not None}


def interval(statistic, *columns):
    columns = [np.asarray(c) for c in columns]
    rng, found = np.random.default_rng(SEED), []
    for _ in range(BOOTSTRAP):
        at = rng.integers(0, len(columns[0]), len(columns[0]))
        try:
            found.append(statistic(*[c[at] for c in columns]))
        except ValueError:  # a sample of one class
            continue
    low, high = np.percentile(found, [2.5, 97.5])
    return f"{statistic(*columns):.3f} [{low:.3f}, {high:.3f}]"


def say(name, n, value):
    print(f"  {name:<52} n {n:>5}  {value if isinstance(value, str) else f'{value:.3f}'}")


def simple(customers):
    """The simple rules, larger = worse."""
    risk = [[c["risk"] for c in cs] or [0.5] for cs in customers]
    feeling = [[c["feeling"] for c in cs] or [0.0] for cs in customers]
    return {"maximum of the messages' risk": np.array([max(r) for r in risk]), "mean of the messages' risk": np.array([np.mean(r) for r in risk]),
            "last message's risk": np.array([r[-1] for r in risk]), "mean of the messages' feeling": np.array([-np.mean(f) for f in feeling])}


def best_f1(p, y):
    return max(f1_score(y, p >= t) for t in np.unique(p))


def pointed(name, found, expected, close=None):
    """Whether the message found is the one labelled."""
    right = np.array([f == e for f, e in zip(found, expected)], float)
    say(f"{name}: exact", len(right), interval(np.mean, right))
    if close is not None:
        say(f"{name}: within one message of the customer", len(right), interval(np.mean, np.array(close, float)))


def touch_of(verdict):
    t = verdict["touchpoint"]
    return None if t is None else "silence" if t["silence"] else t["message"]


def evidence(rows, model, title):
    print(f"\n{title}: {len(rows)} interactions")
    threads = [[plain(m) for m in r["messages"]] for r in rows]
    verdicts, customers = judged(threads, model), read(threads, model)
    y, p = np.array([r["risk"] for r in rows]), np.array([v["risk"] or 0.0 for v in verdicts])
    flagged = np.array([v["flagged"] for v in verdicts])
    say("risk AUROC", len(y), interval(roc_auc_score, y, p))
    rules = simple(customers)
    for name, value in rules.items():
        say(f"  {name} AUROC", len(y), interval(roc_auc_score, y, value))
    rule = max((roc_auc_score(y, v), k) for k, v in rules.items() if "feeling" not in k)[1]
    say(f"  above the best of the first three ({rule.split()[0]})", len(y), interval(lambda y, p, q: roc_auc_score(y, p) - roc_auc_score(y, q), y, p, rules[rule]))
    say("F1 as shipped", len(y), interval(f1_score, y, flagged))
    say("  precision, recall", len(y), f"{precision_score(y, flagged):.3f}, {recall_score(y, flagged):.3f}")
    say("best F1", len(y), best_f1(p, y))
    for name in list(rules)[:3]:
        say(f"  {name} best F1", len(y), best_f1(rules[name], y))
    bins = np.digitize(p, np.linspace(0, 1, 11)[1:-1])
    say("ECE as shipped (policy's base rate)", len(y), sum(abs(p[bins == b].mean() - y[bins == b].mean()) * (bins == b).mean() for b in set(bins)))
    x, marks = np.array([r["experience"] for r in rows]), np.array([v["experience"] or 3 for v in verdicts])
    say("experience: exact, within one", len(x), f"{(x == marks).mean():.3f}, {(abs(x - marks) <= 1).mean():.3f}; Spearman of risk {spearmanr(-p, x)[0]:.3f}")
    recovered = np.array([r["turned"] is not None and r["risk"] == 0 for r in rows])
    say("recovered threads not flagged", recovered.sum(), (~flagged[recovered]).mean())
    resigned = np.array([bool(r["risk"]) and last(r).get("risk") == 0 for r in rows])
    if resigned.any():  # only some sets say which messages are calm
        say("bad threads with a calm last message flagged", resigned.sum(), flagged[resigned].mean())

    shown = [n for n, r in enumerate(rows) if r["turned"] is not None and r["risk"]]
    own = lambda n: [k for k, m in enumerate(rows[n]["messages"]) if m["speaker"] == "customer"]
    labelled = [rows[n]["turned"] for n in shown]
    # Of threads that are not flagged nothing is named: they count as wrong.
    turned = [(verdicts[n]["turned"] or {}).get("message") for n in shown]
    apart = lambda n, a, b: a is not None and abs(own(n).index(a) - own(n).index(b)) <= 1
    pointed("turned, of the bad", turned, labelled, [apart(n, t, e) for n, t, e in zip(shown, turned, labelled)])
    pointed("worst, of the bad", [(verdicts[n]["worst"] or {}).get("message") for n in shown], [rows[n]["worst"] for n in shown])
    pointed("  rule: last message of the customer, worst", [own(n)[-1] for n in shown], [rows[n]["worst"] for n in shown])
    pointed("touchpoint, of the bad", [touch_of(verdicts[n]) if verdicts[n]["turned"] else "none" for n in shown], [rows[n]["touchpoint"] for n in shown])
    early = [n for n in shown if rows[n]["turned"] != own(n)[-1]]
    pointed("turned early: turned", [(verdicts[n]["turned"] or {}).get("message") for n in early], [rows[n]["turned"] for n in early])
    pointed("  rule: last message of the customer", [own(n)[-1] for n in early], [rows[n]["turned"] for n in early])
    pointed("turned early: touchpoint", [touch_of(verdicts[n]) if verdicts[n]["turned"] else "none" for n in early], [rows[n]["touchpoint"] for n in early])
    before = lambda n, turn: max((k for k, m in enumerate(rows[n]["messages"][:turn]) if m["speaker"] in ("staff", "bot")), default=None)
    pointed("  rule: answer before the last message", [before(n, own(n)[-1]) for n in early], [rows[n]["touchpoint"] for n in early])
    found = [before(n, verdicts[n]["turned"]["message"]) if verdicts[n]["turned"] else "none" for n in early]
    pointed("  rule: answer before the turn that was found", found, [rows[n]["touchpoint"] for n in early])
    pointed("  rule: answer before the labelled turn", [before(n, rows[n]["turned"]) for n in early], [rows[n]["touchpoint"] for n in early])
    rework = np.array(["repeat_contact" in r["signals"] for r in rows])
    say("repeat contact F1", rework.sum(), interval(f1_score, rework, np.array([v["signals"] is not None and v["signals"]["repeat_contact"] >= 0.5 for v in verdicts])))
    say("  `rework`", rework.sum(), interval(f1_score, rework, np.array([v["rework"] for v in verdicts])))
    live(rows, threads, model)


def contrasts(rows, model):
    """Pairs that differ in how it ended: put right or not, served or resigned."""
    threads = [[plain(m) for m in r["messages"]] for r in rows]
    verdicts = judged(threads, model)
    print(f"\nrecovery and resignation, pairs (written independently): {len(rows) // 2}")
    for kind in ("recovery", "resignation"):
        for language in ("nl", "en"):
            pairs = {}
            for r, v in zip(rows, verdicts):
                if (r["kind"], r["language"]) == (kind, language):
                    pairs.setdefault(r["pair"], {})[r["risk"]] = v
            say(f"{kind}, {language}: the bad one has the higher risk", len(pairs), np.mean([p[1]["risk"] > p[0]["risk"] for p in pairs.values()]))
            say("  the good one is not flagged", len(pairs), np.mean([not p[0]["flagged"] for p in pairs.values()]))
            say("  the bad one is flagged", len(pairs), np.mean([p[1]["flagged"] for p in pairs.values()]))


def last(row):
    return [m for m in row["messages"] if m["speaker"] == "customer"][-1]


def live(rows, threads, model):
    """The verdict so far after each message of the customer: does the flag come before the end, and how often in vain?"""
    cut, owner = [], []
    for n, messages in enumerate(threads):
        for turn, k in enumerate(k for k, m in enumerate(messages) if m["speaker"] == "customer"):
            cut.append(messages[:k + 1])
            owner.append((n, turn, rows[n]["turned"] is not None and k >= rows[n]["turned"]))
    flags = np.array([v["flagged"] for v in judged(cut, model)])
    for turn in range(5):
        at = np.array([o[1] == turn for o in owner])
        gone = np.array([o[2] for o in owner])[at]
        bad = np.array([rows[o[0]]["risk"] for o in owner])[at]
        f = flags[at]
        say(f"so far, after the customer's message {turn + 1}", at.sum(),
            f"flagged {f.mean():.2f}; precision against gone bad by then {gone[f].mean() if f.any() else 0:.2f}, recall {f[gone].mean() if gone.any() else 0:.2f}; "
            f"against bad in the end {bad[f].mean() if f.any() else 0:.2f}, {f[bad == 1].mean():.2f}")


def reasons(rows, model):
    """Is every span inside its message, and does the risk fall without the sentence that is named?"""
    threads = [[plain(m) for m in r["messages"]] for r in rows]
    verdicts = judged(threads, model, "--explain")
    inside, moved = [], []
    for thread, v in zip(threads, verdicts):
        inside += [0 <= r["span"][0] < r["span"][1] <= len(thread[r["message"]]["text"]) for r in v["reasons"] if r["span"]]
        named = [r for r in v["reasons"] if r["kind"] == "bad_experience"]
        if v["flagged"] and named:
            r = named[0]
            text = thread[r["message"]]["text"]
            rest = [dict(m) for m in thread]
            rest[r["message"]]["text"] = text[:r["span"][0]] + text[r["span"][1]:]
            moved.append((rest, v["risk"]))
    print("\nreasons")
    say("spans inside their message", len(inside), np.mean(inside))
    without = judged([rest for rest, _ in moved], model)
    say("risk of the interaction falls without the sentence", len(moved), np.mean([(w["risk"] or 0) < p for w, (_, p) in zip(without, moved)]))


def rated(rows, model, title):
    """Dialogues with ratings 1 to 5 of the whole: the mean rating below 3, and rank correlation."""
    threads = [[plain(m) for m in r["messages"]] for r in rows]
    verdicts, customers = judged(threads, model), read(threads, model)
    rating = np.array([np.mean(r["overall"]) for r in rows])
    p = np.array([v["risk"] if v["risk"] is not None else 0.5 for v in verdicts])
    print(f"\n{title}: {len(rows)}, {np.mean(rating < 3):.2f} rated below 3")
    for name, value in ({"risk": p} | simple(customers)).items():
        say(f"{name}: Spearman", len(rows), interval(lambda a, b: -spearmanr(a, b)[0], value, rating))
        say(f"{name}: AUROC", len(rows), interval(roc_auc_score, rating < 3, value))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", type=pathlib.Path, default=MODELS / "beleving-small")
    parser.add_argument("--data", type=pathlib.Path)
    args = parser.parse_args()
    subprocess.run(["cargo", "build", "--quiet", "--package", "beleving-cli"], cwd=HERE.parent, check=True)
    model = args.model.resolve()
    found = {language: read_jsonl(HERE / f"evidence/interactions-{language}.jsonl") for language in ("nl", "en")}
    evidence(found["nl"] + found["en"], model, "independent interactions (written), all")
    for language, rows in found.items():
        evidence(rows, model, f"independent interactions (written), {language}")
    second = read_jsonl(HERE / "evidence/interactions-second.jsonl")
    evidence(second, model, "second independent interactions (written), all")
    for language in ("nl", "en"):
        evidence([r for r in second if r["language"] == language], model, f"second independent interactions (written), {language}")
    evidence(read_jsonl(HERE / "evidence/hard-interactions.jsonl"), model, "hard interactions (written), all")
    endings = read_jsonl(HERE / "evidence/endings.jsonl")
    for language in ("nl", "en"):
        evidence([r for r in endings if r["language"] == language], model, f"interactions whose ending may mislead (written independently), {language}")
    reasons(found["nl"] + found["en"], model)
    contrasts(read_jsonl(HERE / "evidence/recoveries.jsonl"), model)
    dialogues = read_jsonl(HERE / "evidence/rated-dialogues.jsonl")
    for language in ("nl", "en"):
        rated([r for r in dialogues if r["language"] == language], model, f"rated helpdesk dialogues (written), {language}")
    for name in ("sgd", "mwoz") if args.data else ():
        rows = [r for r in read_jsonl(args.data / f"eval/uss-{name}.en.jsonl") if r["overall"]]
        rated(rows, model, f"task dialogues, {name}")


if __name__ == "__main__":
    main()
