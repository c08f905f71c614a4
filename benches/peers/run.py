"""Runs other runtimes beside ours on the same weights, texts and threads, and prints ratios and accuracy.

    python3 benches/peers/run.py --input FILE.jsonl [--layers 6] [--threads 1] [--rounds 5]

Sets up all that is measured under target/: a virtual environment with what requirements.txt names (--here takes this Python
instead), libtorch by scripts/libtorch.sh, and the programs of this folder by cargo. Every runtime is a process of its own
that encodes the same batches of 32 messages sorted by length, and then one message of about 24 tokens again and again.
Rounds alternate between the runtimes; the figures are medians. Accuracy is the cosine between a message's mean vector and
that of PyTorch in f32: the mean and the lowest. Memory is the most that the process ever held, loading included. A runtime
that cannot be run is listed with the reason, and the others go on.
"""

import argparse
import contextlib
import importlib.metadata
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys

import models
from runtimes import RUNTIMES

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
WORK = ROOT / "target" / "peers"
LIBTORCH = ROOT / "target" / "libtorch"
BATCH = 32
ONE_TOKENS = 24
SINGLES = 30
EXACT = "PyTorch f32"


def set_up():
    """One package at a time: what cannot be installed takes only its own runtimes away."""
    python, wanted, done = WORK / "venv" / "bin" / "python", HERE / "requirements.txt", WORK / "venv" / "requirements.txt"
    if done.exists() and done.read_text() == wanted.read_text():
        return python
    subprocess.run([sys.executable, "-m", "venv", WORK / "venv"], check=True)
    calls = [subprocess.run([python, "-m", "pip", "install", "-q", package]) for package in wanted.read_text().split()]
    if not any(call.returncode for call in calls):
        shutil.copyfile(wanted, done)
    return python


def batches_of(folder, path, limit):
    """Token ids in batches of messages sorted by length, and those of one message."""
    from tokenizers import Tokenizer
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    with open(path, encoding="utf-8") as lines:
        ids = sorted((tokenizer.encode(json.loads(line)["text"]).ids[:256] for line, _ in zip(lines, range(limit))), key=len)
    return [ids[at:at + BATCH] for at in range(0, len(ids), BATCH)], min(ids, key=lambda row: abs(len(row) - ONE_TOKENS))


class Peer:
    """A process that runs a round whenever it is asked to."""

    def __init__(self, name, command, folder, threads, log, env):
        self.name, self.log, self.vectors = name, log, log.with_suffix(".f32")
        number = str(threads)
        env = os.environ | {"OMP_NUM_THREADS": number, "RAYON_NUM_THREADS": number, "HF_HUB_OFFLINE": "1"} | env
        program, options = command
        call = [*program, folder, folder / "batches.json", self.vectors, number, str(SINGLES), *options]
        with open(log, "a") as stderr:
            self.process = subprocess.Popen(call, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr,
                                            text=True, env=env)
        self.tier = self.answer().get("tier")
        self.seconds, self.waits = [], []

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise subprocess.CalledProcessError(self.process.wait(), self.name)
        return json.loads(line)

    def round(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        answer = self.answer()
        self.seconds.append(answer["seconds"])
        self.waits += answer["waits"]

    def peak_mb(self):
        """Only where there is a /proc."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status")
        lines = status.read_text().splitlines() if status.exists() else []
        return next((int(line.split()[1]) >> 10 for line in lines if line.startswith("VmHWM")), None)


def program(name, log, flags=""):
    """Builds one of the programs in Rust, which may want flags of its own."""
    target = WORK / "rust" / name
    env = os.environ | {"LIBTORCH": str(LIBTORCH), "LIBTORCH_CXX11_ABI": "0"} | ({"RUSTFLAGS": flags} if flags else {})
    with open(log, "a") as out:
        if name == "rust-bert":
            subprocess.run(["bash", ROOT / "scripts" / "libtorch.sh"], check=True, stdout=out, stderr=out)
        subprocess.run(["cargo", "build", "-q", "--release", "--manifest-path", HERE / "Cargo.toml", "--target-dir", target,
                        "--features", name, "--bin", name], check=True, stdout=out, stderr=out, env=env)
    return [target / "release" / name]


def in_python(name, folder, log):
    """Makes the file that a runtime wants, in another process than its own: what that takes is not the runtime's memory."""
    with open(log, "a") as out:
        subprocess.run([sys.executable, HERE / "models.py", RUNTIMES[name].file, folder], check=True, stdout=out, stderr=out)
    return [sys.executable, HERE / "runtimes.py", name]


def starters(folder, tier):
    """Name, and a function from a log to the program and its options, of every runtime."""
    for name in RUNTIMES:
        yield name, lambda log, name=name: (in_python(name, folder, log), [])
    # candle's own advice; its products choose at run time either way.
    yield "candle f32", lambda log: (program("candle", log, "-C target-cpu=native"), [])
    yield "rust-bert f32", lambda log: (program("rust-bert", log), [])
    for precision in ("f32", "bf16", "int8"):
        options = [precision, *([tier] if tier else [])]
        yield f"beleving {precision}", lambda log, options=options: (program("beleving", log), options)


def reason(error, log):
    """The last error that a log tells of."""
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    told = [line for line in lines if re.match(r"[\w.]*[Ee]rror(\[\w+\])?: ", line)]
    return f"{(told or [str(error)])[-1][:300]} ({os.path.relpath(log, ROOT)})"


def versions():
    for package in (HERE / "requirements.txt").read_text().split():
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            yield package, importlib.metadata.version(package)


def measure(args):
    import numpy as np
    folder, logs = WORK / f"{args.model.name}-{args.layers}", WORK / "logs"
    models.folder_of(args.model, args.layers, folder)
    batches, one = batches_of(folder, args.input, args.limit)
    (folder / "batches.json").write_text(json.dumps([batches, one]))
    logs.mkdir(exist_ok=True)
    peers, failures = [], {}
    for name, start in starters(folder, args.tier):
        log = logs / (name.replace(" ", "-").replace(",", "") + ".log")
        log.unlink(missing_ok=True)
        print(f"starting {name}", file=sys.stderr)
        try:
            libraries = {"LD_LIBRARY_PATH": str(LIBTORCH / "lib")} if name.startswith("rust-bert") else {}
            peers.append(Peer(name, start(log), folder, args.threads, log, libraries))
        except (subprocess.CalledProcessError, OSError) as error:
            failures[name] = reason(error, log)
    for _ in range(args.rounds):
        for peer in list(peers):
            try:
                peer.round()
            except (subprocess.CalledProcessError, OSError) as error:
                peers.remove(peer)
                failures[peer.name] = reason(error, peer.log)

    tokens = sum(len(row) for batch in batches for row in batch)
    rate = {peer.name: tokens / statistics.median(peer.seconds) for peer in peers}
    best = max((rate[peer.name] for peer in peers if not peer.tier), default=float("nan"))
    messages = sum(map(len, batches))
    vectors = {peer.name: np.fromfile(peer.vectors, "<f4").reshape(messages, -1) for peer in peers}
    exact = vectors.get(EXACT)
    print(", ".join(f"{package} {version}" for package, version in versions()))
    print(f"{args.layers} layers, {len(batches)} batches, {tokens} tokens, {args.threads} threads, {args.rounds} rounds; "
          f"one message of {len(one)} tokens")
    print("| runtime | tokens/s | of the best peer | one message, p50 ms | cosine to f32: mean, lowest | peak MB |")
    print("|---|---|---|---|---|---|")
    for peer in peers:
        far = "not compared"
        if exact is not None:
            own = vectors[peer.name]
            cosine = (own * exact).sum(1) / np.linalg.norm(own, axis=1) / np.linalg.norm(exact, axis=1)
            far = f"{cosine.mean():.5f}, {cosine.min():.5f}"
        name = peer.name.replace("beleving", f"beleving {peer.tier}")
        print(f"| {name} | {rate[peer.name]:,.0f} | {rate[peer.name] / best:.2f} | {statistics.median(peer.waits) * 1e3:.2f} "
              f"| {far} | {peer.peak_mb() or ''} |")
    for name, why in failures.items():
        print(f"Not run: {name}: {why}")
    for peer in peers:
        peer.process.stdin.close()
        peer.process.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--input", type=pathlib.Path, required=True, help="JSON lines with a `text`")
    parser.add_argument("--model", type=pathlib.Path, default=ROOT / "models" / "beleving-small")
    parser.add_argument("--layers", type=int, default=6)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--limit", type=int, default=2048, help="rows that are read at most")
    parser.add_argument("--tier", help="hold our engine to a CPU tier")
    parser.add_argument("--here", action="store_true", help="run in this Python instead of a virtual environment")
    args = parser.parse_args()
    if args.here:
        return measure(args)
    python = set_up()
    return subprocess.run([python, __file__, *sys.argv[1:], "--here"]).returncode


if __name__ == "__main__":
    sys.exit(main())
