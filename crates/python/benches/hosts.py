"""The same archive through the command, Python and Spark: equal scores and verdicts, and what each costs.

    cargo build --release -p beleving-cli
    cargo run --release --example generate -- 100000 target/archive 7
    target/python/bin/python crates/python/benches/hosts.py target/archive --what score judge --runs 3

Runs alternate. A process remembers what it encoded, so Python's first run of all is the one to time. Times are without start-up: the command's own (after loading), Python's call, and Spark's job on a
session that has run once. Prints a JSON line per host and run, and the ratios of the medians.
"""

import argparse
import hashlib
import json
import math
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet

from beleving import Scorer

ROOT = Path(__file__).parents[3]
VERDICT = ("risk", "experience", "flagged", "turned", "worst", "touchpoint", "rework", "handoffs")


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("archive", type=Path, help="a folder made by the example `generate`")
    arguments.add_argument("--what", nargs="+", choices=("score", "judge"), default=["score"])
    arguments.add_argument("--threads", type=int, default=2)
    arguments.add_argument("--precision", default="auto")
    arguments.add_argument("--runs", type=int, default=3)
    arguments.add_argument("--partitions", type=int, nargs="+", default=[8], help="of Spark; runs take them in turn")
    arguments.add_argument("--model", type=Path, default=ROOT / "models" / "beleving-small")
    arguments.add_argument("--hosts", nargs="+", choices=("command", "python", "spark"), default=["command", "python", "spark"])
    given = arguments.parse_args()

    session = start_spark(given) if "spark" in given.hosts else None
    scorer = Scorer(given.model, threads=given.threads, precision=given.precision)
    hosts = {"command": lambda *a: command(given, *a), "python": lambda *a: python(given, scorer, *a),
             "spark": lambda *a: in_spark(given, session, *a)}
    for what in given.what:
        seconds: dict[str, list[float]] = {}
        found = set()
        for run in range(given.runs):
            for host in given.hosts:
                with tempfile.TemporaryDirectory() as folder:
                    took, rows = hosts[host](what, run, Path(folder))
                digest = hashlib.sha256(json.dumps(sorted(rows)).encode()).hexdigest()
                found.add(digest)
                seconds.setdefault(host, []).append(took)
                print(json.dumps({"what": what, "host": host, "run": run, "rows": len(rows), "seconds": round(took, 2),
                                  "sha256": digest[:16]}), flush=True)
        assert len(found) == 1, f"{what}: the results differ"
        medians = {host: statistics.median(took) for host, took in seconds.items()}
        ratios = {f"{host}/{given.hosts[0]}": round(took / medians[given.hosts[0]], 3) for host, took in medians.items()}
        print(json.dumps({"what": what, "equal": True} | ratios), flush=True)


def rounded(value):
    """As the command writes it: six decimals, a half away from zero."""
    if isinstance(value, float):
        return math.floor(value * 1e6 + 0.5) / 1e6
    if isinstance(value, dict):
        return {key: rounded(each) for key, each in sorted(value.items())}
    return value


def command(given, what, run, folder):
    out = folder / "out.jsonl"
    line = [ROOT / "target/release/beleving", what, given.archive / "archive.jsonl", "-o", out, "--model", given.model,
            "--threads", given.threads, "--precision", given.precision, "--clear-ids"]
    said = subprocess.run([str(a) for a in line], check=True, capture_output=True, text=True).stderr
    took = float(re.search(r"messages in ([\d.]+) s", said)[1])
    with out.open() as lines:
        return took, [key(what, json.loads(line)) for line in lines]


def key(what, row):
    """What has to be the same on every host, as text that sorts."""
    if what == "score":
        return f"{row['id']} {rounded(row['risk'])}"
    return json.dumps([row["interaction"]] + [rounded(row.get(name)) for name in VERDICT])


def python(given, scorer, what, run, folder):
    messages = pyarrow.parquet.ParquetFile(given.archive / "archive.parquet")
    start = time.perf_counter()
    if what == "score":
        parts = [scores.to_arrow() for scores in scorer.score_batches(messages.iter_batches(8192))]
        took = time.perf_counter() - start
        ids = messages.read(["id"])["id"].to_pylist()
        rows = [{"id": i, "risk": r} for i, part in zip([ids], [pa.concat_tables(parts)]) for i, r in zip(i, part["risk"].to_pylist())]
    else:
        rows = scorer.judge(messages.read()).to_arrow()
        took = time.perf_counter() - start
        rows = rows.to_pylist()
    return took, [key(what, row) for row in rows]


def start_spark(given):
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable  # where the package is
    builder = SparkSession.builder.master(f"local[{given.threads}]").config("spark.ui.enabled", "false")
    session = builder.config("spark.driver.memory", "2g").config("spark.sql.shuffle.partitions", "8").getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session


def in_spark(given, session, what, run, folder):
    from beleving import spark as beleving

    partitions = given.partitions[run % len(given.partitions)]
    options = {"model": str(given.model), "precision": given.precision}
    frame = session.read.parquet(str(given.archive / "archive.parquet")).repartition(partitions)
    # Once without counting: workers start and load the model.
    beleving.score(frame.limit(100), **options).select("scores.risk").collect()
    start = time.perf_counter()
    rows = beleving.score(frame, **options).select("id", "scores.risk") if what == "score" else beleving.judge(frame, **options)
    rows.write.parquet(str(folder / "out"))
    took = time.perf_counter() - start
    return took, [key(what, row) for row in pyarrow.parquet.read_table(folder / "out").to_pylist()]


if __name__ == "__main__":
    main()
