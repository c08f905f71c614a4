"""Step 2: keeps the pieces of the vocabulary that Dutch, English, German and French need.

    python prune_vocab.py [--rows 62000]

Reads `work/base`, writes `work/pruned` (the same model with fewer rows) and prints, per language, the share of
words whose segmentation is unchanged. Kept are: pieces that the words of Debian's word lists use (as they are,
Capitalised and UPPER), pieces without letters, single characters, and then the best-scored Latin pieces up to `--rows`.
Scores stay, so a text whose pieces are all kept is segmented as before.
"""
import argparse
import json
import shutil
import unicodedata

import numpy as np
from safetensors.numpy import load_file, save_file
from tokenizers import Tokenizer

from common import WORK, WORD_LISTS, words

N_SPECIAL = 4  # <s> <pad> </s> <unk> open the table; <mask>, the last piece, goes: nothing is masked here
WORD_TABLE = "embeddings.word_embeddings.weight"


def is_latin(piece):
    """Whether every letter of a piece is Latin."""
    return all("LATIN" in unicodedata.name(c, "") for c in piece if c.isalpha())


def used_pieces(tokenizer, texts):
    """The ids that the texts are segmented into."""
    used = set()
    for start in range(0, len(texts), 20000):
        for encoding in tokenizer.encode_batch(texts[start:start + 20000], add_special_tokens=False):
            used.update(encoding.ids)
    return used


def unchanged(before, after, texts):
    """Share of texts that two tokenizers cut into the same pieces."""
    pairs = zip(before.encode_batch(texts, add_special_tokens=False), after.encode_batch(texts, add_special_tokens=False))
    return sum(a.tokens == b.tokens for a, b in pairs) / len(texts)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, default=62000)
    rows = parser.parse_args().rows
    spec = json.load(open(WORK / "base/tokenizer.json", encoding="utf-8"))
    vocab = spec["model"]["vocab"]
    tokenizer = Tokenizer.from_file(str(WORK / "base/tokenizer.json"))

    keep = set(range(N_SPECIAL))
    for language in WORD_LISTS:
        forms = [form for word in words(language) for form in (word, word.capitalize(), word.upper())]
        keep |= used_pieces(tokenizer, forms)
        print(f"{language}: {len(keep):,} pieces so far")
    for piece_id, (piece, _) in enumerate(vocab[:-1]):
        bare = piece.lstrip("\u2581")
        if is_latin(bare) and (len(bare) <= 1 or not any(c.isalpha() for c in bare)):
            keep.add(piece_id)
    print(f"with single characters and pieces without letters: {len(keep):,}")
    for piece_id in range(len(vocab) - 1):  # best scores first
        if len(keep) >= rows:
            break
        if is_latin(vocab[piece_id][0].lstrip("\u2581")):
            keep.add(piece_id)
    kept = sorted(keep)

    out = WORK / "pruned"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    spec["model"]["vocab"] = [vocab[i] for i in kept]
    spec["added_tokens"] = [token for token in spec["added_tokens"] if token["content"] != "<mask>"]
    json.dump(spec, open(out / "tokenizer.json", "w", encoding="utf-8"), ensure_ascii=False, separators=(",", ":"))
    tensors = load_file(WORK / "base/model.safetensors")
    tensors[WORD_TABLE] = np.ascontiguousarray(tensors[WORD_TABLE][kept])
    save_file(tensors, out / "model.safetensors", metadata={"format": "pt"})
    config = json.load(open(WORK / "base/config.json"))
    config["vocab_size"] = len(kept)
    json.dump(config, open(out / "config.json", "w"), indent=2)

    after = Tokenizer.from_file(str(out / "tokenizer.json"))
    print(f"{len(kept):,} of {len(vocab):,} pieces kept")
    for language in WORD_LISTS:
        print(f"{language}: {unchanged(tokenizer, after, words(language)):.2%} of the words unchanged")


if __name__ == "__main__":
    main()
