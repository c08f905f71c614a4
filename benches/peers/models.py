"""The encoder as a Hugging Face folder, and the files that runtimes make of it.

    python3 benches/peers/models.py FILE FOLDER

makes one of them inside the folder.
"""

import json
import pathlib
import shutil
import sys


def folder_of(model, layers, target):
    """The first layers of our encoder in f32; ours reads it too."""
    import safetensors.torch as st
    shutil.rmtree(target, ignore_errors=True)  # nothing that older weights or texts left may be measured
    target.mkdir(parents=True)
    tensors = st.load_file(model / "model.safetensors")
    full = {name: value.float() * tensors[name + "_scale"][:, None] if name + "_scale" in tensors else value.float()
            for name, value in tensors.items() if not name.endswith("_scale") and not name.startswith("heads.")}
    kept = {name: value.contiguous() for name, value in full.items()
            if not name.startswith("encoder.layer.") or int(name.split(".")[2]) < layers}
    st.save_file(kept, target / "model.safetensors", metadata={"format": "pt"})
    config = json.loads((model / "config.json").read_text()) | {"num_hidden_layers": layers}
    (target / "config.json").write_text(json.dumps(config))
    shutil.copyfile(model / "tokenizer.json", target / "tokenizer.json")


def padded(rows, pad, multiple=1):
    """Ids filled up to the longest row, rounded up, and a mask with 1 for each token of a message; both int64 `[B, T]`."""
    import numpy as np
    width = -(-max(map(len, rows)) // multiple) * multiple
    ids = np.full((len(rows), width), pad, np.int64)
    mask = np.zeros((len(rows), width), np.int64)
    for at, row in enumerate(rows):
        ids[at, :len(row)] = row
        mask[at, :len(row)] = 1
    return ids, mask


def config_of(folder):
    return json.loads((folder / "config.json").read_text())


def onnx(folder, path):
    import torch
    from transformers import AutoModel
    model = AutoModel.from_pretrained(folder, attn_implementation="eager", add_pooling_layer=False).eval()
    sample = torch.ones(2, 8, dtype=torch.int64)
    axes = {0: "batch", 1: "tokens"}
    torch.onnx.export(model, (sample, sample), str(path), input_names=["ids", "mask"], output_names=["hidden"],
                      dynamic_axes={"ids": axes, "mask": axes, "hidden": axes}, opset_version=17)


def onnx_int8(folder, path):
    from onnxruntime.quantization import QuantType, quantize_dynamic
    quantize_dynamic(str(made(folder, "model.onnx")), str(path), weight_type=QuantType.QInt8, per_channel=True)


def openvino_int8(folder, path):
    """Post-training quantisation by NNCF, calibrated on up to 300 batches of the texts that are measured."""
    import nncf
    import openvino as ov
    batches, _ = json.loads((folder / "batches.json").read_text())
    pad = config_of(folder)["pad_token_id"]
    samples = [dict(zip(("ids", "mask"), padded(rows, pad))) for rows in batches[::-(-len(batches) // 300)]]
    model = ov.Core().read_model(str(made(folder, "model.onnx")))
    model = nncf.quantize(model, nncf.Dataset(samples), model_type=nncf.ModelType.TRANSFORMER, subset_size=len(samples))
    ov.save_model(model, str(path), compress_to_fp16=False)


def ctranslate2(folder, path):
    """By the converter's own reading of a BERT; its command would want a slow tokenizer, which ids have no need of."""
    from ctranslate2.converters.transformers import BertLoader
    from transformers import AutoModel
    model = AutoModel.from_pretrained(folder).eval()
    spec = BertLoader().get_model_spec(model)
    spec.register_vocabulary([str(n) for n in range(model.config.vocab_size)])
    spec.config.unk_token = "0"
    spec.config.layer_norm_epsilon = model.config.layer_norm_eps
    spec.validate()
    spec.optimize()
    path.mkdir()
    spec.save(str(path))


FILES = {"model.onnx": onnx, "int8.onnx": onnx_int8, "int8.xml": openvino_int8, "ctranslate2": ctranslate2}


def made(folder, name):
    """The path of a file, which is made if it is not there."""
    path = folder / name
    if name in FILES and not path.exists():
        FILES[name](folder, path)
    return path


if __name__ == "__main__":
    made(pathlib.Path(sys.argv[2]), sys.argv[1])
