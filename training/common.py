"""What the steps share: places, labels, reading and writing."""
import json
import pathlib

HERE = pathlib.Path(__file__).resolve().parent
WORK = HERE / "work"
MODELS = HERE.parent / "models"

SEED = 20261123
MAX_TOKENS = 256

SENTIMENT = ["negative", "neutral", "positive"]
RISK = ["bad_experience"]
SIGNALS = ["repeat_contact", "relationship_at_risk", "escalation", "problem_stated"]
INTENTS = ["complaint", "technical_problem", "delivery_or_appointment", "billing_or_payment", "refund_or_compensation",
           "cancellation", "account_or_access", "order_or_change_request", "information_question",
           "feature_request_or_suggestion", "praise_or_thanks", "status_chase", "other"]
HEADS = {"sentiment": SENTIMENT, "risk": RISK, "signals": SIGNALS, "intents": INTENTS}

# Debian's word lists (packages wdutch, wamerican-large, wbritish-large, wngerman, wfrench).
WORD_LISTS = {"nl": ["dutch"], "en": ["american-english-large", "british-english-large"], "de": ["ngerman"], "fr": ["french"]}


def words(language):
    """The words of a language's lists, each once, in order."""
    found = {}
    for name in WORD_LISTS[language]:
        for line in (WORK / "words" / name).read_text(encoding="utf-8").splitlines():
            found[line.strip()] = None
    return [word for word in found if word]


def kinds_of(row):
    """The kinds of text that a row of `work/service.jsonl` or `work/dev.jsonl` is of: its channel, and where it comes from."""
    found = {row["channel"]}
    if row.get("fold") is not None:
        found.add("interactions")
    if row["source"] == "threads":
        found.add("real")
    return found


def read_jsonl(path):
    """The rows of a JSON lines file."""
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def write_jsonl(path, rows):
    """Writes rows as JSON lines."""
    with open(path, "w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
