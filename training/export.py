"""Step 7: writes the model folder that the library loads.

    python export.py --from work/service-12 --calibration work/calibration.json --version 0.1.0

Matrices are stored as int8 rows with a scale each, everything else as f32. `*.input_parts` say into how many parts the int8 product
cuts each input of a layer (`src/kernels/int8/splits.rs`): 16 parts more than inputs, given one by one to the largest part, by the
largest values that training texts show.
"""
import argparse
import hashlib
import json
import pathlib
import random
import shutil

import numpy as np
from safetensors.numpy import load_file, save_file

import model as models
from common import HEADS, MAX_TOKENS, MODELS, SEED, WORK, read_jsonl

NAME = "beleving-small"
LANGUAGES = ["nl", "en", "de", "fr"]
# What `input_parts` are measured on, and how many parts are added to the inputs of a layer.
SPLIT_TEXTS, SPLIT_PARTS = 500, 16
# Small tables and the heads stay as they are.
KEPT_F32 = ("embeddings.position_embeddings", "embeddings.token_type_embeddings", "heads.")


def quantised(tensors):
    """int8 rows and `NAME_scale` for every matrix of the encoder; the rest in f32."""
    out = {}
    for name, value in tensors.items():
        if value.ndim != 2 or name.startswith(KEPT_F32):
            out[name] = np.ascontiguousarray(value, np.float32)
            continue
        scale = np.maximum(np.abs(value).max(1), 1e-12).astype(np.float32) / 127
        out[name] = np.clip(np.rint(value / scale[:, None]), -127, 127).astype(np.int8)
        out[name + "_scale"] = scale
    return out


def dequantised(tensors):
    """What the library computes with: f32 of everything."""
    return {name: value.astype(np.float32) * tensors[name + "_scale"][:, None] if value.dtype == np.int8 else value
            for name, value in tensors.items() if not name.endswith(("_scale", ".input_parts"))}


def input_parts(folder, texts):
    """Parts of each input of the layers that read a norm's output: tensors by name."""
    model, tok = models.load(folder), models.tokenizer(WORK / "pruned")
    largest = {}

    def measure(name):
        def hook(_, inputs):
            values = inputs[0].detach().abs().flatten(0, -2).amax(0).numpy()
            largest[name] = np.maximum(largest.get(name, 0), values)
        return hook

    for n, layer in enumerate(model.encoder.encoder.layer):
        layer.attention.self.query.register_forward_pre_hook(measure(f"encoder.layer.{n}.attention.self.input_parts"))
        layer.intermediate.dense.register_forward_pre_hook(measure(f"encoder.layer.{n}.intermediate.input_parts"))
    models.logits(model, tok, texts)
    out = {}
    for name, values in largest.items():
        out[name] = np.ones_like(values)
        for _ in range(SPLIT_PARTS):
            out[name][(values / out[name]).argmax()] += 1
    return out


def identity_calibration():
    return {head: {"scale": [1.0] * len(labels), "bias": [0.0] * len(labels)} for head, labels in HEADS.items()}


def write_folder(out, config, tokenizer_file, tensors, name, version, languages, calibration, policy):
    """Writes the four files; returns the folder."""
    out.mkdir(parents=True, exist_ok=True)
    (out / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    if pathlib.Path(tokenizer_file) != out / "tokenizer.json":
        shutil.copyfile(tokenizer_file, out / "tokenizer.json")
    save_file(quantised(tensors), out / "model.safetensors", metadata={"format": "pt"})
    (out / "model.safetensors").chmod(0o644)
    # The head of interactions holds for the weights it was fitted on: `interaction.py` writes it anew after this.
    manifest = {
        "schema": 1, "name": name, "version": version, "languages": languages, "pooling": "mean",
        "window_tokens": MAX_TOKENS,
        "heads": [{"name": head, "kind": "softmax" if head == "sentiment" else "sigmoid", "labels": labels,
                   "calibration": calibration[head]} for head, labels in HEADS.items()],
        "base_rate": policy["base_rate"], "policy": policy,
        "files": {file: hashlib.sha256((out / file).read_bytes()).hexdigest()
                  for file in ("config.json", "tokenizer.json", "model.safetensors")},
    }
    (out / "beleving.json").write_text(json.dumps(manifest, indent=2) + "\n")
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--from", dest="source", type=pathlib.Path, required=True)
    parser.add_argument("--calibration", type=pathlib.Path, required=True)
    parser.add_argument("--version", required=True)
    parser.add_argument("--to", type=pathlib.Path, default=MODELS / NAME)
    args = parser.parse_args()
    fitted = json.loads(args.calibration.read_text())
    texts = [row["text"] for row in read_jsonl(WORK / "service.jsonl")]
    tensors = load_file(args.source / "model.safetensors") | input_parts(args.source, random.Random(SEED).sample(texts, SPLIT_TEXTS))
    out = write_folder(args.to, json.loads((args.source / "config.json").read_text()), WORK / "pruned/tokenizer.json",
                       tensors, NAME, args.version, LANGUAGES, fitted["heads"], fitted["policy"])
    for file in sorted(out.iterdir()):
        print(f"{file.stat().st_size:>12,}  {file.name}")


if __name__ == "__main__":
    main()
