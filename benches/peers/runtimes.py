"""One runtime with a Python interface, as a process of its own that is asked for rounds; `src/lib.rs` does likewise in Rust.

    python3 benches/peers/runtimes.py NAME FOLDER BATCHES.json VECTORS THREADS SINGLES

Reads batches of token ids, writes the mean vector of each message to a file, says that it is ready, and then runs one round
for each line on standard input.
"""

import functools
import json
import os
import pathlib
import sys
import time
import typing

import models


def pytorch(folder, threads, dtype):
    import torch
    from transformers import AutoModel
    torch.set_num_threads(threads)
    model = AutoModel.from_pretrained(folder, attn_implementation="sdpa", add_pooling_layer=False, dtype=dtype).eval()

    def run(ids, mask):
        with torch.inference_mode():
            inputs = {"input_ids": torch.from_numpy(ids), "attention_mask": torch.from_numpy(mask)}
            return model(**inputs).last_hidden_state.float().numpy()
    return run


def onnxruntime(path, threads):
    """The session fuses what it can; what `onnxruntime.transformers.optimizer` fuses beforehand, attention too, was slower."""
    import onnxruntime as ort
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.add_session_config_entry("session.set_denormal_as_zero", "1")
    session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return lambda ids, mask: session.run(None, {"ids": ids, "mask": mask})[0]


def openvino(path, threads, precision, static):
    """With static shapes, a model for each shape; `serve` has seen them all before anything is timed."""
    import numpy as np
    import openvino as ov
    core = ov.Core()
    model = core.read_model(str(path))
    settings = {"INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": precision, "PERFORMANCE_HINT": "LATENCY"}

    @functools.cache
    def request(shape):
        if shape:
            model.reshape({"ids": shape, "mask": shape})
        return core.compile_model(model, "CPU", settings).create_infer_request()

    return lambda ids, mask: np.array(request(ids.shape if static else None).infer({"ids": ids, "mask": mask})[0])


def ctranslate2(path, threads, compute_type):
    import ctranslate2
    import numpy as np
    encoder = ctranslate2.Encoder(str(path), device="cpu", compute_type=compute_type, intra_threads=threads)

    def run(ids, mask):
        ids, lengths = ids.astype(np.int32), mask.sum(1, dtype=np.int32)
        view = ctranslate2.StorageView.from_array
        return np.array(encoder.forward_batch(view(ids), view(lengths)).last_hidden_state)
    return run


class Runtime(typing.NamedTuple):
    """`start` takes the path of `file` and the threads, and gives a function from ids and mask to hidden states."""
    file: str
    start: typing.Callable
    multiple: int = 1  # of which the padded length is


def dynamic(file, precision):
    return Runtime(file, functools.partial(openvino, precision=precision, static=False))


def static(file, precision):
    return Runtime(file, functools.partial(openvino, precision=precision, static=True), 8)


RUNTIMES = {
    "PyTorch f32": Runtime("", functools.partial(pytorch, dtype="float32")),
    "PyTorch bf16": Runtime("", functools.partial(pytorch, dtype="bfloat16")),
    "ONNX Runtime f32": Runtime("model.onnx", onnxruntime),
    "ONNX Runtime int8": Runtime("int8.onnx", onnxruntime),
    "OpenVINO f32": dynamic("model.onnx", "f32"),
    "OpenVINO bf16": dynamic("model.onnx", "bf16"),
    "OpenVINO int8": dynamic("int8.xml", "bf16"),
    "OpenVINO f32, static shapes": static("model.onnx", "f32"),
    "OpenVINO bf16, static shapes": static("model.onnx", "bf16"),
    "OpenVINO int8, static shapes": static("int8.xml", "bf16"),
    "CTranslate2 f32": Runtime("ctranslate2", functools.partial(ctranslate2, compute_type="float32")),
    "CTranslate2 bf16": Runtime("ctranslate2", functools.partial(ctranslate2, compute_type="bfloat16")),
    "CTranslate2 int8": Runtime("ctranslate2", functools.partial(ctranslate2, compute_type="int8")),
}


def serve(name, folder, batches, vectors, threads, singles):
    import numpy as np
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what libraries print is not an answer
    runtime, folder = RUNTIMES[name], pathlib.Path(folder)
    pad = models.config_of(folder)["pad_token_id"]
    batches, one = json.loads(pathlib.Path(batches).read_text())
    batches = [models.padded(rows, pad, runtime.multiple) for rows in batches]
    one = models.padded([one], pad, runtime.multiple)
    run = runtime.start(models.made(folder, runtime.file), int(threads))

    def mean(ids, mask):
        weights = mask[:, :, None].astype("float32")
        return (run(ids, mask) * weights).sum(1) / weights.sum(1)

    def seconds(batches):
        started = time.perf_counter()
        for ids, mask in batches:
            run(ids, mask)
        return time.perf_counter() - started

    np.concatenate([mean(*batch) for batch in batches]).astype("<f4").tofile(vectors)
    run(*one)
    print("{}", file=answers)
    for _ in sys.stdin:
        spent = seconds(batches)
        print(json.dumps({"seconds": spent, "waits": [seconds([one]) for _ in range(int(singles))]}), file=answers)


if __name__ == "__main__":
    serve(*sys.argv[1:])
