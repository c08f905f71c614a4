"""Spark with executors as processes of their own. `pytest -m spark`; needs Java 17."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest
from conftest import MESSAGES, TEXTS

pytestmark = pytest.mark.spark
pyspark = pytest.importorskip("pyspark")

from beleving import Scorer  # noqa: E402
from beleving import spark as beleving  # noqa: E402

COLUMNS = list(MESSAGES)
ROWS = list(zip(*MESSAGES.values()))


@pytest.fixture(scope="module")
def session():
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable  # where the package is
    builder = SparkSession.builder.master("local-cluster[2,1,1024]").appName("beleving")
    for key, value in {
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "4",
        "spark.sql.execution.arrow.maxRecordsPerBatch": "50",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
    }.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    yield session
    session.stop()


def sorted_rows(frame, by):
    return sorted((row.asDict(recursive=True) for row in frame.collect()), key=lambda row: row[by])


def test_scores_are_those_of_python_for_any_partitioning(session):
    rows = [(n, TEXTS[n % len(TEXTS)]) for n in range(200)]
    expected = Scorer(threads=1).score([text for _, text in rows]).to_arrow().to_pylist()
    frame = session.createDataFrame(rows, "n int, body string")
    for partitions in (1, 7):
        scored = beleving.score(frame.repartition(partitions), text="body")
        assert scored.columns == ["n", "body", "scores"]
        got = [row["scores"] for row in sorted_rows(scored, "n")]
        assert got == expected, f"{partitions} partitions, bit for bit"


def test_a_failed_row_is_data(session):
    frame = session.createDataFrame([("hallo", "staff"), ("canary", "canary")], "text string, speaker string")
    good, bad = (row["scores"] for row in beleving.score(frame).sort("speaker", ascending=False).collect())
    assert good["error"] is None and bad["error"]["kind"] == "input"
    assert "canary" not in bad["error"]["message"]


def test_a_long_letter_costs_what_it_may(session):
    columns = "interaction string, id string, seq int, speaker string, text string"
    frame = session.createDataFrame([("a", "1", 1, "customer", TEXTS[0] * 400)], columns)
    (row,) = beleving.score(frame, max_windows=2).collect()
    assert row["scores"]["windows"] == 2 and row["scores"]["truncated"]
    (verdict,) = beleving.judge(frame, max_windows=2).collect()
    (expected,) = Scorer(threads=1, max_windows=2).judge([row.asDict() for row in frame.collect()])
    assert verdict["risk"] == pytest.approx(expected["risk"], abs=1e-6)
    with pytest.raises(ValueError, match="`max_windows` is 0"):
        beleving.score(frame, max_windows=0)


def test_verdicts_are_those_of_python_for_any_partitioning(session):
    rows = [
        tuple(f"{value}-{copy}" if column == "interaction" else value for column, value in zip(COLUMNS, row))
        for copy in range(60)
        for row in ROWS
    ]
    messages = [dict(zip(COLUMNS, row)) for row in rows]
    expected = Scorer(threads=1).judge(messages, ordered=False).to_arrow().to_pylist()
    expected = sorted(expected, key=lambda verdict: verdict["interaction"])
    frame = session.createDataFrame(rows, ", ".join(f"{column} string" for column in COLUMNS))
    for partitions in (1, 5):
        got = sorted_rows(beleving.judge(frame.repartition(partitions)), "interaction")
        assert len(got) == 180
        for ours, theirs in zip(got, expected):
            # Spark gives times in the session's zone and without saying so.
            for when in ("start", "end"):
                ours.pop(when), theirs.pop(when, None)
            assert ours == theirs


def test_errors_come_before_the_job_and_name_the_column(session):
    frame = session.createDataFrame([("hallo",)], "body string")
    with pytest.raises(ValueError, match="no column 'text' for text; there are body"):
        beleving.score(frame)
    with pytest.raises(ValueError, match="needs a column 'id'"):
        beleving.judge(frame, text="body")
    with pytest.raises(ValueError, match="flag_at"):
        beleving.score(frame, text="body", policy="flag_at = 2.0")
    with pytest.raises(ValueError, match="already"):
        beleving.score(frame, text="body", into="body")


def test_an_executor_killed_in_mid_job_costs_time_and_no_rows(session):
    from pyspark.sql import functions

    count = 800
    texts = functions.array(*[functions.lit(text) for text in TEXTS])
    frame = session.range(count, numPartitions=16).withColumn(
        "text", texts[(functions.col("id") % len(TEXTS)).cast("int")]
    )
    before = executors(session)
    assert len(before) == 2
    killed = []

    def kill():
        # Once a task is done, so that its output is there already.
        while not any(job.numCompletedTasks for job in running(session)):
            time.sleep(0.01)
        os.kill(before[0], signal.SIGKILL)
        killed.append(before[0])

    killer = threading.Thread(target=kill, daemon=True)
    killer.start()
    rows = beleving.score(frame).select("id", "scores.risk", "scores.assessable").collect()
    killer.join(timeout=60)
    assert killed, "the job ended before an executor could be killed"
    assert before[0] not in executors(session)
    assert sorted(row["id"] for row in rows) == list(range(count))
    expected = Scorer(threads=1).score(TEXTS).to_arrow().to_pylist()
    for row in rows:
        theirs = expected[row["id"] % len(TEXTS)]
        assert (row["risk"], row["assessable"]) == (theirs["risk"], theirs["assessable"])


def executors(session):
    """Ids of the executor processes of this session."""
    listed = subprocess.run(["ps", "-ewwo", "pid,args"], check=True, capture_output=True, text=True).stdout
    mine = f"--app-id {session.sparkContext.applicationId}"
    lines = [line for line in listed.splitlines() if "CoarseGrainedExecutorBackend" in line and mine in line]
    return [int(line.split()[0]) for line in lines if "java" in line.split()[1]]


def running(session):
    tracker = session.sparkContext.statusTracker()
    jobs = [tracker.getJobInfo(job) for job in tracker.getActiveJobsIds()]
    stages = [tracker.getStageInfo(stage) for job in jobs if job for stage in job.stageIds]
    return [stage for stage in stages if stage]
