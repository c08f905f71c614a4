"""The same messages through the command, Python and Spark: equal scores, and what each costs.

    cargo build --release -p beleving-cli
    target/python/bin/python crates/python/benches/hosts.py 100000 --threads 2 --runs 3

Runs alternate. Times are without start-up: the command's own (after loading), Python's call, and Spark's job on a
session that has run once. Prints a JSON line per host and run, and the ratios of the medians.
"""

import argparse
import json
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


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("messages", type=int)
    arguments.add_argument("--threads", type=int, default=2)
    arguments.add_argument("--runs", type=int, default=3)
    arguments.add_argument("--model", type=Path, default=ROOT / "models" / "beleving-small")
    arguments.add_argument("--no-spark", action="store_true")
    given = arguments.parse_args()

    lines = [json.loads(line) for line in (ROOT / "examples" / "messages.jsonl").read_text().splitlines()]
    found = [m["text"] for line in lines for m in line.get("messages", [line])]
    # Every text is another one, so that nothing can be answered from memory.
    texts = [f"{found[n % len(found)]} ({n})" for n in range(given.messages)]
    scorer = Scorer(given.model, threads=given.threads)
    seconds: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        jsonl, parquet = Path(folder, "messages.jsonl"), Path(folder, "messages.parquet")
        jsonl.write_text("".join(json.dumps({"id": str(n), "text": t}) + "\n" for n, t in enumerate(texts)))
        table = pa.table({"id": list(range(len(texts))), "text": texts})
        pyarrow.parquet.write_table(table, parquet)
        spark = None if given.no_spark else start_spark(given.threads)
        for run in range(given.runs):
            results = {"command": command(jsonl, given), "python": python(scorer, texts)}
            if spark:
                results["spark"] = in_spark(spark, parquet, given)
            risks = {host: [r if r is None else round(r, 6) for r in risk] for host, (_, risk) in results.items()}
            assert all(risk == risks["command"] for risk in risks.values()), "the scores differ"
            if spark:
                assert results["python"][1] == results["spark"][1], "the scores differ in their bits"
            for host, (took, _) in results.items():
                seconds.setdefault(host, []).append(took)
                print(json.dumps({"host": host, "run": run, "messages": len(texts), "seconds": round(took, 2)}), flush=True)
        if spark:
            spark.stop()
    medians = {host: statistics.median(took) for host, took in seconds.items()}
    print(json.dumps({f"{host}/command": round(took / medians["command"], 3) for host, took in medians.items()}))


def command(file, given):
    out = file.with_name("scores.jsonl")
    run = [ROOT / "target/release/beleving", "score", file, "-o", out, "--model", given.model, "--threads", given.threads]
    said = subprocess.run([str(a) for a in run], check=True, capture_output=True, text=True).stderr
    took = float(re.search(r"messages in ([\d.]+) s", said)[1])
    return took, [json.loads(line)["risk"] for line in out.read_text().splitlines()]


def python(scorer, texts):
    start = time.perf_counter()
    scores = scorer.score(texts)
    took = time.perf_counter() - start
    return took, scores.to_arrow()["risk"].to_pylist()


def start_spark(cores):
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable  # where the package is
    builder = SparkSession.builder.master(f"local[{cores}]").config("spark.ui.enabled", "false")
    return builder.config("spark.driver.memory", "2g").getOrCreate()


def in_spark(session, file, given):
    from beleving import spark as beleving

    frame = session.read.parquet(str(file)).repartition(given.threads * 4)
    # Once without counting: workers start and load the model.
    beleving.score(frame.limit(100), model=str(given.model)).select("scores.risk").collect()
    start = time.perf_counter()
    rows = beleving.score(frame, model=str(given.model)).select("id", "scores").write
    out = file.with_name("scores.parquet")
    rows.mode("overwrite").parquet(str(out))
    took = time.perf_counter() - start
    scored = pyarrow.parquet.read_table(out).sort_by("id")
    return took, [row["risk"] for row in scored["scores"].to_pylist()]


if __name__ == "__main__":
    main()
