"""Checks the project's own labelled text: form, labels, and near-duplicates.

    python check_written.py [FILE...]

Without files, all of `written/`. Prints one line per fault (file, line, what was found) and a summary; exits with 1 if there was a fault.
The keys are explained in `written/README.md`. Standard library only.
"""
import collections
import json
import pathlib
import re
import sys

LANGUAGES = {"nl", "nl-BE", "en", "de", "fr"}
SECTORS = set("municipality tax_benefits energy water bank insurer telecom webshop parcel hospital housing rail b2b "
              "software school other".split())
CHANNELS = set("email chat letter form tweet review phone app sms".split())
SENTIMENTS = {"neg", "neu", "pos"}
SIGNALS = {"rc", "rr", "es", "ps"}
INTENTS = set("complaint technical_problem delivery_or_appointment billing_or_payment refund_or_compensation cancellation "
              "account_or_access order_or_change_request information_question feature_request_or_suggestion "
              "praise_or_thanks status_chase other".split())
# Two texts that share this much of their word trigrams were written twice.
NEAR_DUPLICATE_JACCARD = 0.5


def label_faults(item):
    """Yields what is wrong with the labels of one message or interaction."""
    if item.get("r") not in (0, 1):
        yield f"`r` is {item.get('r')!r}, expected 0 or 1"
    for key, known in (("g", SIGNALS), ("i", INTENTS)):
        words = item.get(key)
        if not isinstance(words, str):
            yield f"`{key}` is missing"
        elif set(words.split()) - known:
            yield f"`{key}` has unknown words {sorted(set(words.split()) - known)}"
    if item.get("i") == "":
        yield "`i` names no intent"


def item_faults(item):
    """Yields what is wrong with one line."""
    for key, known in (("l", LANGUAGES), ("c", SECTORS), ("k", CHANNELS)):
        if item.get(key) not in known:
            yield f"`{key}` is {item.get(key)!r}"
    if item.get("x") not in (1, 2, 3, 4, 5):
        yield f"`x` is {item.get('x')!r}, expected 1 to 5"
    elif item.get("r") == 1 and item["x"] > 3 or item.get("r") == 0 and item["x"] < 2:
        yield f"`r` {item['r']} does not go with `x` {item['x']}"
    yield from label_faults(item)
    if "m" not in item:
        if not str(item.get("t", "")).strip():
            yield "`t` is empty"
        if item.get("s") not in SENTIMENTS:
            yield f"`s` is {item.get('s')!r}"
        return
    customers = set()
    for n, message in enumerate(item["m"]):
        if not str(message.get("t", "")).strip() or not message.get("w"):
            yield f"message {n} lacks `t` or `w`"
        if message.get("w") == "c":
            customers.add(n)
            if message.get("s") not in SENTIMENTS:
                yield f"message {n}: `s` is {message.get('s')!r}"
            for fault in label_faults(message):
                yield f"message {n}: {fault}"
    for key in ("turned", "worst"):
        if item.get(key) is not None and item[key] not in customers:
            yield f"`{key}` is {item[key]!r}, not the index of a customer message"
    touch = item.get("touch")
    staff = set(range(len(item["m"]))) - customers
    if touch is not None and touch != "silence" and touch not in staff:
        yield f"`touch` is {touch!r}, not the index of a staff message"
    if item.get("r") == 1 and item.get("turned") is None:
        yield "`r` is 1 but `turned` is null"


def texts(item):
    """The texts of one line, customer and staff."""
    return [item["t"]] if "t" in item else [m["t"] for m in item.get("m", [])]


def trigrams(text):
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[i:i + 3]) for i in range(len(words) - 2)}


def near_duplicates(entries):
    """Yields pairs (place, place) of texts whose trigrams overlap too much."""
    index, sets = collections.defaultdict(list), []
    for place, text in entries:
        grams = trigrams(text)
        shared = collections.Counter(n for g in grams for n in index[g])
        for n, count in shared.items():
            if len(grams) > 3 and count / len(grams | sets[n][1]) > NEAR_DUPLICATE_JACCARD:
                yield sets[n][0], place
        for g in grams:
            index[g].append(len(sets))
        sets.append((place, grams))


def main(paths):
    faults, entries, counts = 0, [], collections.Counter()
    for path in paths:
        with open(path, encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                if not line.strip():
                    continue
                try:
                    item = json.loads(line)
                except ValueError as error:
                    print(f"{path}:{number}: not JSON: {error}")
                    faults += 1
                    continue
                for fault in item_faults(item):
                    print(f"{path}:{number}: {fault}")
                    faults += 1
                counts["interactions" if "m" in item else "singles"] += 1
                counts["risk 1"] += item.get("r") == 1
                counts[f"language {item.get('l')}"] += 1
                entries += [(f"{path}:{number}", text) for text in texts(item)]
    for first, second in near_duplicates(entries):
        if first != second:
            print(f"{second}: nearly the same text as {first}")
            faults += 1
    print(f"{faults} faults;", ", ".join(f"{k} {v}" for k, v in sorted(counts.items())))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or sorted(pathlib.Path(__file__).parent.glob("written/*.jsonl"))))
