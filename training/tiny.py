"""Makes `models/tiny` and `tests/fixtures/hf-*`: models with random weights for tests and examples.

    python tiny.py

`models/tiny` has the form of the shipped model at 2 layers of 32. The fixtures are what `transformers` itself saves for
sequence classification, so they stand for anybody's folder.
"""
import json
import tempfile
import pathlib

import torch
import transformers
from safetensors.numpy import load_file
from tokenizers import Tokenizer

import model as models
from common import HERE, MODELS, SEED, WORK
from export import identity_calibration, write_folder

SENTENCES = """Ik wacht al drie weken op antwoord en niemand belt mij terug. Dat had u beloofd.
Waar blijft mijn pakket? De bezorger zou gisteren komen tussen twee en vier uur.
Bedankt voor de snelle hulp, alles werkt weer. De rekening klopt niet, kunt u dat nakijken?
I have been waiting for three weeks and nobody calls me back. You promised me an answer.
Where is my parcel? Thanks for the quick help, everything works again. The bill is wrong, please check it.
Laat maar, ik zeg mijn abonnement op en ga naar een ander. Never mind then, I will cancel and go elsewhere.
De monteur kwam niet, de planner zei dat u deze week iets hoort. The engineer did not come."""
FIXTURES = {
    "bert": (transformers.BertConfig, {"id2label": {0: "negative", 1: "neutral", 2: "positive"}}),
    "roberta": (transformers.RobertaConfig, {"id2label": {0: "LABEL_0", 1: "LABEL_1"}, "max_position_embeddings": 66, "type_vocab_size": 1}),
    "distilbert": (transformers.DistilBertConfig, {"id2label": {0: "late", 1: "rude", 2: "fine"}, "problem_type": "multi_label_classification"}),
}


def small_tokenizer():
    """The pruned tokenizer cut to single characters and the pieces of a few sentences, NFKC as its normaliser."""
    spec = json.loads((WORK / "pruned/tokenizer.json").read_text(encoding="utf-8"))
    full = Tokenizer.from_str(json.dumps(spec))
    used = set(full.encode(SENTENCES).ids) | set(range(4))
    vocab = [entry for n, entry in enumerate(spec["model"]["vocab"])
             if n in used or len(entry[0].lstrip("\u2581")) <= 1 and all(ord(c) < 0x180 or c == "\u2581" for c in entry[0])]
    spec["model"]["vocab"] = vocab
    spec["normalizer"]["normalizers"][0] = {"type": "NFKC"}
    return spec


def main():
    torch.manual_seed(SEED)
    spec = small_tokenizer()
    rows = len(spec["model"]["vocab"])
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        config = transformers.BertConfig(
            vocab_size=rows, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64,
            max_position_embeddings=512, pad_token_id=1, initializer_range=0.3)
        models.save(models.Scorer(config), folder)
        MODELS.joinpath("tiny").mkdir(parents=True, exist_ok=True)
        tokenizer_file = MODELS / "tiny/tokenizer.json"
        tokenizer_file.write_text(json.dumps(spec, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
        policy = {"name": "tiny", "version": "1", "base_rate": 0.5, "flag_at": 0.5, "intent_at": 0.5}
        write_folder(MODELS / "tiny", json.loads((folder / "config.json").read_text()), tokenizer_file,
                     load_file(folder / "model.safetensors"), "tiny", "1", ["nl", "en", "de", "fr"],
                     identity_calibration(), policy)
    for family, (config_class, settings) in FIXTURES.items():
        sizes = {"vocab_size": rows, "pad_token_id": 1, "max_position_embeddings": 64, "initializer_range": 0.3} | settings
        if family == "distilbert":
            sizes |= {"dim": 16, "n_layers": 2, "n_heads": 2, "hidden_dim": 32}
        else:
            sizes |= {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
        out = HERE.parent / f"tests/fixtures/hf-{family}"
        model = transformers.AutoModelForSequenceClassification.from_config(config_class(**sizes))
        model.half().save_pretrained(out)
        (out / "model.safetensors").chmod(0o644)
        (out / "tokenizer.json").write_text(json.dumps(spec, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")


if __name__ == "__main__":
    main()
