"""Step 9: golden values of the reference libraries, for the tests.

    python golden.py

Writes `tests/golden/`: `tiny.json` (hidden states stage by stage by PyTorch), `shipped.json` (logits and probabilities of the
shipped model on invented texts), `tokens.json` (ids by Python `tokenizers`) and `hf-*.json` (probabilities of the fixtures by
`transformers`). Each file names the command, the versions and the SHA-256 of the weights.
"""
import hashlib
import json

import numpy as np
import tokenizers
import torch
import transformers
from safetensors.numpy import load_file

import model as models
from common import HEADS, HERE, MODELS
from export import NAME, dequantised

GOLDEN = HERE.parent / "tests/golden"
FIXTURES = HERE.parent / "tests/fixtures"
TEXTS = [
    "Ik wacht nu al vier weken op een monteur en niemand weet ergens van.",
    "Goedemiddag, kan ik mijn afspraak van donderdag verzetten naar vrijdag?",
    "Wat fijn geholpen, dank u wel!",
    "Laat maar. Ik regel het zelf wel weer, zoals altijd.",
    "This is the third time I have had to explain the same problem.",
    "Could you tell me the opening hours on Saturday?",
    "Great, another form. Exactly what I needed today 🙄",
    "The export button does nothing in version 4.2, steps attached.",
    "Seit zwei Wochen keine Antwort, das ist wirklich enttäuschend.",
    "Je voudrais changer mon adresse, s'il vous plaît.",
    "ge moet niet denken dat ik nog eens bel hoor, amai wat een service",
    "ok",
]
ODD = [
    "", " ", "a", "\n\n", "🙂", "👩‍👩‍👧 familie", "café caf\u0065\u0301", "ﬁets", "①②③", "ＡＢＣ", "zero\u200bwidth", "tab\tnieuw\nregel",
    "IJssel ĳs Ĳ", "€ 12,50 ½", "naïef coöperatie", "‘aanhaling’ “dubbel” …", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "!!!???!?!", "http://example.org/a?b=c",
    "+31 6 12345678", "Привет", "مرحبا", "日本語", "x" * 200, "ß ẞ ﬀ", "e\u0301e\u0301", "\u00a0vaste\u00a0spatie", "🇳🇱🇧🇪", "1.234.567,89", "@klant #fail",
]
# A text of 10,000 words by a rule that the test repeats: word n is WORDS[n * n % len(WORDS)].
WORDS = "de monteur kwam niet en ik wacht nog steeds the parcel is late again waar blijft mijn geld coöperatie 🙂 2024".split()
LONG = 10_000


def write(name, weights, content):
    """One golden file with its origin."""
    origin = {"command": "python golden.py", "torch": torch.__version__, "transformers": transformers.__version__,
              "tokenizers": tokenizers.__version__}
    if weights is not None:
        origin["weights_sha256"] = hashlib.sha256(weights.read_bytes()).hexdigest()
    (GOLDEN / name).write_text(json.dumps({"origin": origin} | content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def rounded(values, digits=6):
    return np.round(np.asarray(values, np.float64), digits).tolist()


def load_exported(folder):
    """A model folder of ours in PyTorch, with the weights as the library decodes them."""
    model = models.Scorer(transformers.BertConfig.from_pretrained(folder)).eval()
    tensors = dequantised(load_file(folder / "model.safetensors"))
    named = {name if name.startswith("heads.") else "encoder." + name: torch.from_numpy(value) for name, value in tensors.items()}
    model.load_state_dict(named)
    return model


@torch.no_grad()
def stages(folder, texts):
    """Per text: ids, the hidden state after every stage, the mean, the logits of every head."""
    model, tok = load_exported(folder), models.tokenizer(folder)
    for text in texts:
        ids = tok.encode(text).ids
        hidden = model.encoder(torch.tensor([ids]), output_hidden_states=True).hidden_states
        pooled = hidden[-1][0].mean(0)
        yield {"text": text, "ids": ids, "hidden": [rounded(h[0].flatten()) for h in hidden], "pooled": rounded(pooled),
               "logits": {name: rounded(head(pooled)) for name, head in model.heads.items()}}


def probabilities(folder, logits):
    """Calibrated probabilities by the manifest."""
    manifest = json.loads((folder / "beleving.json").read_text())
    out = {}
    for head in manifest["heads"]:
        x = np.array(logits[head["name"]]) * head["calibration"]["scale"] + head["calibration"]["bias"]
        p = np.exp(x - x.max()) / np.exp(x - x.max()).sum() if head["kind"] == "softmax" else 1 / (1 + np.exp(-x))
        out[head["name"]] = rounded(p)
    return out


def fnv1a(ids):
    """FNV-1a, 64 bits, over the ids as little-endian u32."""
    value = 0xCBF29CE484222325
    for byte in np.array(ids, "<u4").tobytes():
        value = (value ^ byte) * 0x100000001B3 % (1 << 64)
    return value


@torch.no_grad()
def fixture(family):
    """Probabilities of a Hugging Face folder by transformers."""
    folder = FIXTURES / f"hf-{family}"
    model = transformers.AutoModelForSequenceClassification.from_pretrained(folder, torch_dtype=torch.float32).eval()
    tok = models.tokenizer(folder)
    rows = []
    for text in TEXTS[:6]:
        logits = model(torch.tensor([tok.encode(text).ids])).logits[0]
        several = model.config.problem_type == "multi_label_classification"
        rows.append({"text": text, "probabilities": rounded(logits.sigmoid() if several else logits.softmax(0))})
    write(f"hf-{family}.json", folder / "model.safetensors", {"labels": list(model.config.id2label.values()), "texts": rows})


def main():
    GOLDEN.mkdir(parents=True, exist_ok=True)
    tiny = MODELS / "tiny"
    write("tiny.json", tiny / "model.safetensors", {"texts": list(stages(tiny, ["", "ok", TEXTS[0][:40], TEXTS[6][-30:]]))})
    for family in ("bert", "roberta", "distilbert"):
        fixture(family)
    shipped = MODELS / NAME
    if not shipped.exists():
        return
    rows = [{"text": row["text"], "ids": row["ids"], "pooled": row["pooled"][:8], "logits": row["logits"],
             "probabilities": probabilities(shipped, row["logits"])} for row in stages(shipped, TEXTS)]
    write("shipped.json", shipped / "model.safetensors", {"heads": HEADS, "texts": rows})
    tok = tokenizers.Tokenizer.from_file(str(shipped / "tokenizer.json"))
    long = tok.encode(" ".join(WORDS[n * n % len(WORDS)] for n in range(LONG)), add_special_tokens=False).ids
    write("tokens.json", None, {
        "texts": [{"text": text, "ids": tok.encode(text, add_special_tokens=False).ids} for text in TEXTS + ODD],
        "long": {"words": WORDS, "count": LONG, "ids": len(long), "fnv1a": f"{fnv1a(long):016x}"}})


if __name__ == "__main__":
    main()
