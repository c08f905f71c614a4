"""Runs other runtimes beside ours on the same weights, texts and threads, and prints ratios and accuracy.

    python3 benches/peers/run.py --input FILE.jsonl [--layers 6] [--threads 1] [--rounds 5]

Sets a virtual environment up under target/peers with what requirements.txt names (skipped with --here), builds the encoder
of the model folder as a Hugging Face model, exports it, and lets every runtime encode the same batches of 32 messages
sorted by length. Rounds alternate between the runtimes; the figures are medians. Accuracy is the cosine between a
message's mean vector and that of PyTorch in f32: the mean and the lowest. A runtime that cannot be run is listed as such.
"""

import argparse
import json
import pathlib
import shutil
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
WORK = ROOT / "target" / "peers"
BATCH = 32


def set_up():
    python = WORK / "venv" / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", WORK / "venv"], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "-r", pathlib.Path(__file__).parent / "requirements.txt"],
                       check=True)
    return python


def folder_of(model, layers):
    """A Hugging Face folder with the first layers of our encoder, in f32; ours reads it too."""
    import safetensors.torch as st
    target = WORK / f"{model.name}-{layers}"
    target.mkdir(parents=True, exist_ok=True)
    tensors = st.load_file(model / "model.safetensors")
    full = {name: value.float() * tensors[name + "_scale"][:, None] if name + "_scale" in tensors else value.float()
            for name, value in tensors.items() if not name.endswith("_scale") and not name.startswith("heads.")}
    kept = {name: value.contiguous() for name, value in full.items()
            if not name.startswith("encoder.layer.") or int(name.split(".")[2]) < layers}
    st.save_file(kept, target / "model.safetensors", metadata={"format": "pt"})
    config = json.loads((model / "config.json").read_text()) | {"num_hidden_layers": layers}
    (target / "config.json").write_text(json.dumps(config))
    shutil.copyfile(model / "tokenizer.json", target / "tokenizer.json")
    return target


def batches_of(folder, path, limit):
    import numpy as np
    from tokenizers import Tokenizer
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    texts = [json.loads(line)["text"] for line in path.read_text().splitlines()][:limit]
    ids = [tokenizer.encode(text).ids[:256] for text in texts]
    order = sorted(range(len(ids)), key=lambda n: len(ids[n]))
    batches = []
    for at in range(0, len(order), BATCH):
        rows = order[at:at + BATCH]
        width = max(len(ids[n]) for n in rows)
        padded = np.ones((len(rows), width), np.int64)
        mask = np.zeros((len(rows), width), np.int64)
        for row, n in enumerate(rows):
            padded[row, :len(ids[n])] = ids[n]
            mask[row, :len(ids[n])] = 1
        batches.append((rows, padded, mask))
    return batches, sum(len(i) for i in ids)


def mean(hidden, mask):
    weights = mask[:, :, None].astype("float32")
    return (hidden * weights).sum(1) / weights.sum(1)


def runtimes(folder, threads):
    """Name and a function from ids and mask to hidden states, for every runtime that starts."""
    import numpy as np
    import torch
    from transformers import AutoModel
    torch.set_num_threads(threads)
    model = AutoModel.from_pretrained(folder, attn_implementation="sdpa", add_pooling_layer=False).eval()
    half = AutoModel.from_pretrained(folder, attn_implementation="sdpa", add_pooling_layer=False).eval().bfloat16()

    def pytorch(model):
        def run(ids, mask):
            with torch.inference_mode():
                inputs = {"input_ids": torch.from_numpy(ids), "attention_mask": torch.from_numpy(mask)}
                return model(**inputs).last_hidden_state.float().numpy()
        return run

    yield "PyTorch f32", pytorch(model)
    yield "PyTorch bf16", pytorch(half)

    plain = AutoModel.from_pretrained(folder, attn_implementation="eager", add_pooling_layer=False).eval()
    onnx = folder / "model.onnx"
    sample = torch.ones(2, 8, dtype=torch.int64)
    axes = {0: "batch", 1: "tokens"}
    torch.onnx.export(plain, (sample, sample), str(onnx), input_names=["ids", "mask"], output_names=["hidden"],
                      dynamic_axes={"ids": axes, "mask": axes, "hidden": axes}, opset_version=17)

    import onnxruntime as ort
    from onnxruntime.quantization import QuantType, quantize_dynamic

    def onnxruntime(path):
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.add_session_config_entry("session.set_denormal_as_zero", "1")
        session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        return lambda ids, mask: session.run(None, {"ids": ids, "mask": mask})[0]

    yield "ONNX Runtime f32", onnxruntime(onnx)
    int8 = folder / "model-int8.onnx"
    quantize_dynamic(str(onnx), str(int8), weight_type=QuantType.QInt8, per_channel=True)
    yield "ONNX Runtime int8", onnxruntime(int8)

    import openvino as ov

    def openvino(precision):
        core = ov.Core()
        settings = {"INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": precision, "PERFORMANCE_HINT": "LATENCY"}
        compiled = core.compile_model(core.read_model(str(onnx)), "CPU", settings)
        request = compiled.create_infer_request()
        return lambda ids, mask: np.array(request.infer({"ids": ids, "mask": mask})[0])

    yield "OpenVINO f32", openvino("f32")
    yield "OpenVINO bf16", openvino("bf16")


def ours(command, folder, path, limit, threads, precision, tier):
    """One line of `beleving bench`; its time is that of encoding alone."""
    call = [command, "bench", "--model", folder, "--input", path, "--limit", str(limit), "--threads", str(threads),
            "--precision", precision, "--runs", "1", "--singles", "100"]
    out = subprocess.run([*call, *(["--tier", tier] if tier else [])], check=True, capture_output=True, text=True)
    lines = {line["stage"]: line for line in map(json.loads, out.stdout.splitlines())}
    return lines["encode"]["seconds"], lines["encode_one"]["p50_ms"], lines["encode"]["tier"]


def measure(args):
    import numpy as np
    folder = folder_of(args.model, args.layers)
    batches, tokens = batches_of(folder, args.input, args.limit)
    ready, exact = {}, None
    starting = runtimes(folder, args.threads)
    while True:
        try:
            name, run = next(starting)
        except StopIteration:
            break
        except Exception as error:  # a runtime that is not there must not stop the others
            print(f"skipped from here on: {type(error).__name__}: {str(error)[:200]}", file=sys.stderr)
            break
        vectors = np.concatenate([mean(run(ids, mask), mask) for _, ids, mask in batches])
        exact = vectors if exact is None else exact
        cosine = (vectors * exact).sum(1) / np.linalg.norm(vectors, axis=1) / np.linalg.norm(exact, axis=1)
        ready[name] = (run, cosine)
    times = {name: [] for name in ready}
    waits = {name: [] for name in ready}
    own = {name: [] for name in ("f32", "bf16", "int8")}
    own_waits = {name: [] for name in own}
    one = min(batches, key=lambda batch: abs(batch[1].shape[1] - 24))
    ids, mask = one[1][-1:], one[2][-1:]
    for _ in range(args.rounds):
        for name, (run, _) in ready.items():
            started = time.perf_counter()
            for _, batch_ids, batch_mask in batches:
                run(batch_ids, batch_mask)
            times[name].append(time.perf_counter() - started)
            for _ in range(30):
                started = time.perf_counter()
                run(ids, mask)
                waits[name].append(time.perf_counter() - started)
        for precision in own:
            try:
                spent, wait, tier = ours(args.command, folder, args.input, args.limit, args.threads, precision, args.tier)
            except subprocess.CalledProcessError as error:
                print(f"ours {precision}: {error.stderr.strip()}", file=sys.stderr)
                continue
            own[precision].append(spent)
            own_waits[precision].append(wait / 1e3)
    rows = [(name, tokens / statistics.median(spent), statistics.median(waits[name]) * 1e3, ready[name][1])
            for name, spent in times.items()]
    best = max(row[1] for row in rows)
    rows += [(f"beleving {tier} {name}", tokens / statistics.median(spent), statistics.median(own_waits[name]) * 1e3, None)
             for name, spent in own.items() if spent]
    print(f"{args.layers} layers, {len(batches)} batches, {tokens} tokens, {args.threads} threads, {args.rounds} rounds")
    print("| runtime | tokens/s | of the best peer | one message, p50 ms | cosine to f32: mean, lowest |")
    print("|---|---|---|---|---|")
    for name, rate, wait, cosine in rows:
        far = "" if cosine is None else f"{cosine.mean():.5f}, {cosine.min():.5f}"
        print(f"| {name} | {rate:,.0f} | {rate / best:.2f} | {wait:.2f} | {far} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--input", type=pathlib.Path, required=True)
    parser.add_argument("--model", type=pathlib.Path, default=ROOT / "models" / "beleving-small")
    parser.add_argument("--command", default=ROOT / "target" / "release" / "beleving")
    parser.add_argument("--layers", type=int, default=6)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--limit", type=int, default=2048)
    parser.add_argument("--tier", help="hold our engine to a CPU tier")
    parser.add_argument("--here", action="store_true", help="run in this Python instead of a virtual environment")
    args = parser.parse_args()
    if args.here:
        return measure(args)
    python = set_up()
    return subprocess.run([python, __file__, *sys.argv[1:], "--here"]).returncode


if __name__ == "__main__":
    sys.exit(main())
