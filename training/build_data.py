"""Step 3: one row per message, with a target or a mask for every head.

    python build_data.py --data DIR

DIR holds the public sets (`train/*.jsonl`). Reads also the project's own text (`written/*.jsonl`) and
labels (`labels/*.jsonl`). Writes `work/public.jsonl`, `work/service.jsonl` (own text and real threads) and
`work/dev.jsonl`. A public label becomes a target only where it really means the same; everything else stays masked.
"""
import argparse
import collections
import hashlib
import pathlib
import random
import re

from common import HEADS, HERE, INTENTS, SEED, SENTIMENT, SIGNALS, WORK, read_jsonl, write_jsonl

REAL_WEIGHT = 2.0  # of the real threads: few, and what the model is for
DEV_SHARE = 0.12  # of the written items and half of the real threads (their label file says which)

NEGATIVE = set("anger annoyance disappointment disapproval disgust embarrassment fear grief nervousness remorse sadness".split())
POSITIVE = set("admiration amusement approval excitement gratitude joy love optimism pride relief".split())
# Plutchik's emotions as XED has them; surprise says nothing of polarity.
XED = {"anger": 0, "disgust": 0, "fear": 0, "sadness": 0, "joy": 2, "trust": 2}

# Public intents that mean the same as one of ours. A set's other intents are left out.
BITEXT = {
    "cancel_order": "cancellation", "change_order": "order_or_change_request",
    "change_shipping_address": "order_or_change_request", "check_invoice": "billing_or_payment",
    "check_payment_methods": "information_question billing_or_payment", "check_refund_policy": "information_question refund_or_compensation",
    "complaint": "complaint", "contact_customer_service": "information_question", "contact_human_agent": "other",
    "create_account": "account_or_access", "delete_account": "account_or_access cancellation",
    "delivery_options": "information_question delivery_or_appointment", "delivery_period": "information_question delivery_or_appointment",
    "edit_account": "account_or_access", "get_invoice": "billing_or_payment", "get_refund": "refund_or_compensation",
    "payment_issue": "billing_or_payment", "place_order": "order_or_change_request", "recover_password": "account_or_access",
    "registration_problems": "account_or_access technical_problem", "set_up_shipping_address": "order_or_change_request",
    "switch_account": "account_or_access", "track_order": "delivery_or_appointment status_chase", "track_refund": "refund_or_compensation status_chase",
}
BANKING = {
    "card_arrival": "delivery_or_appointment status_chase", "card_delivery_estimate": "information_question delivery_or_appointment",
    "request_refund": "refund_or_compensation", "Refund_not_showing_up": "refund_or_compensation status_chase",
    "card_payment_fee_charged": "billing_or_payment", "transaction_charged_twice": "billing_or_payment",
    "extra_charge_on_statement": "billing_or_payment", "transfer_fee_charged": "billing_or_payment",
    "card_not_working": "technical_problem", "virtual_card_not_working": "technical_problem",
    "contactless_not_working": "technical_problem", "top_up_failed": "technical_problem", "passcode_forgotten": "account_or_access",
    "pin_blocked": "account_or_access", "terminate_account": "cancellation", "change_pin": "order_or_change_request",
    "edit_personal_details": "order_or_change_request", "order_physical_card": "order_or_change_request",
    "age_limit": "information_question", "country_support": "information_question", "exchange_rate": "information_question",
    "supported_cards_and_currencies": "information_question", "transfer_timing": "information_question",
    "unable_to_verify_identity": "account_or_access technical_problem", "activate_my_card": "account_or_access",
}
BANKING_PROBLEM = set("card_not_working virtual_card_not_working contactless_not_working top_up_failed transaction_charged_twice "
                      "extra_charge_on_statement Refund_not_showing_up unable_to_verify_identity card_swallowed".split())
BANKING_CALM = set("age_limit country_support exchange_rate supported_cards_and_currencies transfer_timing change_pin "
                   "edit_personal_details order_physical_card card_delivery_estimate".split())
MULTIDOGO = {
    "thankyou": "praise_or_thanks", "changeseatassignment": "order_or_change_request", "updateaddress": "order_or_change_request",
    "reportbrokensoftware": "technical_problem", "reportbrokenphone": "technical_problem", "disputecharge": "billing_or_payment",
    "closeaccount": "cancellation", "checkclaimstatus": "status_chase", "startserviceintent": "order_or_change_request",
    "bookflight": "order_or_change_request", "viewbillsintent": "billing_or_payment", "getseatinfo": "information_question",
    "getinformationintent": "information_question", "getroutingnumber": "information_question",
    "openinggreeting": "other", "closinggreeting": "other", "confirmation": "other",
}
MULTIDOGO_PROBLEM = {"reportbrokensoftware", "reportbrokenphone", "disputecharge"}


def row(text, language, source, weight=1.0, sentiment=None, risk=None, signals=None, intents=None):
    """One training row. `signals` maps names to 0 or 1; `intents` lists the true ones, `None` masks the head."""
    signals = signals or {}
    return {"text": text, "language": language, "source": source, "weight": weight, "sentiment": sentiment, "risk": risk,
            "signals": [signals.get(name) for name in SIGNALS],
            "intents": None if intents is None else [int(name in intents) for name in INTENTS]}


# Words of a service: an angry tweet with one of them that names somebody may be to a company.
SERVICE = re.compile(
    r"(?i)\b(?:service|customer|support|order|deliver|refund|account|bill|bank|phone|internet|network|app|store|shop|ticket|flight|train|bus|price"
    r"|kunde|bestell|liefer|rechnung|konto|bahn|zug|flug|netz|laden|preis"
    r"|client|commande|livraison|rembours|facture|compte|vol|réseau|magasin|prix)")

# What talk that is not addressed to an organisation may still be; the other intents it is not.
CHATTER_INTENTS = {"information_question", "praise_or_thanks", "technical_problem", "other"}


def chatter(text, language, source, weight, sentiment):
    """A row of talk among people: it has a feeling, and is nobody's experience of an organisation."""
    found = row(text, language, source, weight, sentiment, risk=0, signals=dict.fromkeys(SIGNALS[:3], 0))
    return found | {"intents": [None if name in CHATTER_INTENTS else 0 for name in INTENTS]}


def emotions(path, language, polarity, source, weight):
    """Rows of an emotion set: those whose emotions all have one polarity."""
    for item in read_jsonl(path):
        found = {polarity(label) for label in item["labels"]} - {None}
        if len(found) == 1 or not item["labels"]:
            yield chatter(item["text"], language, source, weight, found.pop() if found else 1)


def goemotion(label):
    return 0 if label in NEGATIVE else 2 if label in POSITIVE else 1 if label == "neutral" else None


def public_rows(data, rng):
    """Public sets, each cut to a size that keeps an epoch affordable on a CPU."""
    def some(rows, n):
        rows = list(rows)
        rng.shuffle(rows)
        return rows[:n]

    by_sentiment = collections.defaultdict(list)
    for r in emotions(data / "goemotions.en.jsonl", "en", goemotion, "goemotions", 0.7):
        by_sentiment[r["sentiment"]].append(r)
    for rows in by_sentiment.values():
        yield from some(rows, 9000)
    for language, n in (("nl", 6000), ("en", 5000), ("de", 3000), ("fr", 3000)):
        yield from some(emotions(data / f"xed.{language}.jsonl", language, XED.get, "xed", 0.4), n)
    for item in read_jsonl(data / "xlmt-sentiment.jsonl"):
        if item["lang"] in ("en", "de", "fr"):
            text = item["text"]
            may_be_to_company = item["label"] == "negative" and "@" in text and SERVICE.search(text)
            kind = row if may_be_to_company else chatter
            yield kind(text, item["lang"], "xlmt", 1.0, SENTIMENT.index(item["label"]))
    yield from some((row(i["text"], "en", "bitext", 0.5, intents=BITEXT[i["intent"]].split(),
                         risk=None if i["intent"] in ("complaint", "payment_issue", "registration_problems") else 0,
                         signals={"escalation": int(i["intent"] == "contact_human_agent")})
                     for i in read_jsonl(data / "bitext-support-intents.en.jsonl") if i["intent"] in BITEXT), 5000)
    yield from some((row(i["text"], "en", "banking77", 0.5, intents=BANKING[i["intent"]].split(),
                         risk=0 if i["intent"] in BANKING_CALM else None,
                         signals={"problem_stated": int(i["intent"] in BANKING_PROBLEM)})
                     for i in read_jsonl(data / "banking77.en.jsonl") if i["intent"] in BANKING), 5000)
    yield from some((row(i["text"], "en", "multidogo", 0.5, intents=MULTIDOGO[i["intent"]].split(), risk=0,
                         signals={"problem_stated": int(i["intent"] in MULTIDOGO_PROBLEM), "repeat_contact": 0, "escalation": 0})
                     for i in read_jsonl(data / "multidogo.en.jsonl") if i["intent"] in MULTIDOGO), 6000)
    yield from (row(i["text"], "en", "rasa", 0.5, signals={"escalation": 1})
                for i in read_jsonl(data / "rasa-bots.en.jsonl") if i["intent"] == "human_handoff")
    yield from some((row(i["text"], "en", "nlupp", 0.5, risk=0 if "wrong_notworking_notshowing" not in i["intents"] else None,
                         signals={"problem_stated": int("wrong_notworking_notshowing" in i["intents"]),
                                  "escalation": int("handoff" in i["intents"])})
                     for i in read_jsonl(data / "nlupp.en.jsonl")), 1500)


SHORT = {"rc": "repeat_contact", "rr": "relationship_at_risk", "es": "escalation", "ps": "problem_stated"}
SENTIMENT_SHORT = {"neg": 0, "neu": 1, "pos": 2}


def labelled(text, language, source, labels, weight=1.0):
    """A row of text that was labelled by hand, in the compact keys of `written/README.md`."""
    given = {SHORT[key] for key in labels["g"].split()}
    return row(text, language, source, weight, SENTIMENT_SHORT[labels["s"]], labels["r"],
               {name: int(name in given) for name in SIGNALS}, labels["i"].split())


def share_of(name):
    """A number in [0, 1] from the hash of a name: the same on every machine."""
    return int(hashlib.sha256(name.encode()).hexdigest()[:8], 16) / 0xFFFFFFFF


def fold_of(name):
    """Which half of the interactions an item is in, for teachers that leave one out."""
    return int(share_of(name + " fold") < 0.5)


def written_rows():
    """(is it held out, row) of the project's own text; customers' messages of an interaction each on their own."""
    for path in sorted((HERE / "written").glob("*.jsonl")):
        for item in read_jsonl(path):
            messages = item.get("m", [item])
            name = f"{path.stem} {item['p']}" if "p" in item else messages[0]["t"]  # a pair stays together
            held_out, fold = share_of(name) < DEV_SHARE, fold_of(name) if "m" in item else None
            language = item["l"].split("-")[0]
            for message in messages:
                if message.get("w", "c") == "c":
                    found = labelled(message["t"], language, "written/" + path.stem, message)
                    yield held_out, found | {"channel": item["k"], "fold": fold}


def thread_rows(data):
    """(is it held out, row) of the real threads, by the project's own labels; every second thread is held out."""
    texts = {item["interaction"]: item["messages"] for item in read_jsonl(data / "ccdp-dev-threads.en.jsonl")}
    path = HERE / "labels/ccdp-dev-threads.jsonl"
    for item in read_jsonl(path) if path.exists() else []:
        for message in item["m"]:
            text = texts[item["interaction"]][message["n"]]["text"]
            found = labelled(text, "en", "threads", message, REAL_WEIGHT)
            yield is_real_dev(item["interaction"]), found | {"channel": "tweet"}


def is_real_dev(interaction):
    """Whether a real thread belongs to the development half: the hash of its name decides."""
    return int(hashlib.sha256(interaction.encode()).hexdigest()[:8], 16) % 2 == 1


def bare(text):
    """A text as it compares with others: some come twice, in threads of other names."""
    return " ".join(text.lower().split())


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=pathlib.Path, required=True)
    data = parser.parse_args().data / "train"
    rng = random.Random(SEED)
    public = list(public_rows(data, rng))
    own = list(written_rows()) + list(thread_rows(data))
    service = [r for dev, r in own if not dev]
    trained = {bare(r["text"]) for r in service}
    dev = [r for dev, r in own if dev and bare(r["text"]) not in trained]
    parts = {"public": public, "service": service, "dev": dev}
    for name, rows in parts.items():
        rng.shuffle(rows)
        write_jsonl(WORK / f"{name}.jsonl", rows)
        targets = {head: sum(r[head] is not None and r[head] != [None] * 4 for r in rows) for head in HEADS}
        print(f"{name}: {len(rows)} rows, {sum(r['risk'] == 1 for r in rows)} bad; targets {targets}; "
              f"{dict(collections.Counter(r['language'] for r in rows))}")


if __name__ == "__main__":
    main()
