"""Scores and judges Spark data frames, on the cluster's own cores.

>>> from beleving import spark as beleving
>>> beleving.score(df, text="body").where("scores.flagged")
>>> beleving.judge(df, text="body", interaction="ticket").orderBy("risk", ascending=False)

The package has to be installed where the executors run. Each Python worker loads the model once and each task
uses ``spark.task.cpus`` threads, so tasks never ask for more cores than they were given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import pyarrow
import pyarrow.compute
from pyspark.sql.pandas.types import from_arrow_schema
from pyspark.sql.types import StructField, StructType

from beleving._beleving import Table
from beleving._scorer import _FIELDS, Scorer, _checked

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    Batches = Iterable[pyarrow.RecordBatch]
    Work = Callable[[Batches], Iterator[pyarrow.RecordBatch]]


def score(
    df: DataFrame,
    text: str = "text",
    *,
    into: str = "scores",
    model: str | None = None,
    policy: str | None = None,
    precision: str = "auto",
    max_windows: int | None = None,
    **columns: str,
) -> DataFrame:
    """Add what the model reads in each message.

    Parameters
    ----------
    df : DataFrame
        Messages, in any partitioning.
    text : str
        The column of texts. A null text gives null scores.
    into : str
        Name of the new column: a struct of ``risk``, ``flagged``, ``sentiment``, ``signals``, ``intents``, …
    model : str, optional
        A model folder at a path that all executors can read; by default the one in the package.
    policy : str, optional
        A policy as TOML: what is to differ from the model's own.
    precision : {"auto", "int8", "bf16", "f32"}
        As for ``Scorer``; name one where the nodes have different CPUs.
    max_windows : int, optional
        As for ``Scorer``: what one long letter can cost.
    **columns : str
        Other columns by name: ``speaker="author_type"``, ``language="lang"``.

    Returns
    -------
    DataFrame
        All of ``df`` and the new column. A row that could not be read says why in ``scores.error``.
    """
    named = _named(df, {**columns, "text": text})
    if into in df.columns:
        raise ValueError(f"there is a column {into!r} already; name another with into=")
    start = _start(df, model, policy=policy, precision=precision, max_windows=max_windows)

    def work(batches: Batches) -> Iterator[pyarrow.RecordBatch]:
        scorer = start()
        for batch in batches:
            scores = _batch(scorer.score(batch, **named))
            group = pyarrow.StructArray.from_arrays(scores.columns, fields=list(scores.schema))
            yield pyarrow.RecordBatch.from_arrays(
                [*batch.columns, group], names=[*batch.schema.names, into]
            )

    schema = StructType([*df.schema.fields, StructField(into, _schema("score"))])
    return df.mapInArrow(work, schema)


def judge(
    df: DataFrame,
    text: str = "text",
    *,
    model: str | None = None,
    policy: str | None = None,
    precision: str = "auto",
    max_windows: int | None = None,
    explain: bool = False,
    **columns: str,
) -> DataFrame:
    """Judge interactions: one row for each, by the columns of ``Scorer.judge``.

    Messages need ``id``, ``interaction`` and ``speaker``, and ``seq`` or ``at``, under these names or those given: a cluster
    keeps no order. Every partition is scored where it is. What goes over the network is one state of some 200 bytes a
    message and no text; the states of an interaction meet in one task.

    Parameters
    ----------
    df, text, model, policy, precision, max_windows, **columns
        As for :func:`score`; also ``id``, ``interaction``, ``speaker``, ``role``, ``at``, ``seq``, ``customer``, ``channel``.
    explain : bool
        As for ``Scorer.judge``.

    Returns
    -------
    DataFrame
        One row for each interaction. One that could not be judged says why in ``error``.
    """
    named = _named(df, {**columns, "text": text})
    for field in ("id", "interaction"):
        if named.get(field, field) not in df.columns:
            raise ValueError(f"judge needs a column {field!r}; name it with {field}=")
    used = {named.get(field, field) for field in _FIELDS}
    start = _start(df, model, policy=policy, precision=precision, max_windows=max_windows)

    def gather(batches: Batches) -> Iterator[pyarrow.RecordBatch]:
        scorer = start()
        for batch in batches:
            yield _batch(scorer.states(batch, explain=explain, **named))

    def decide(batches: Batches) -> Iterator[pyarrow.RecordBatch]:
        scorer = start()
        for whole in _whole_interactions(batches):
            yield _batch(scorer.judge_states(whole))

    states = df.select(*[f"`{c}`" for c in df.columns if c in used]).mapInArrow(gather, _schema("state"))
    together = states.repartition("interaction").sortWithinPartitions("interaction")
    return together.mapInArrow(decide, _schema("verdict"))


def _named(df: DataFrame, columns: dict[str, str]) -> dict[str, str]:
    for field, column in _checked(columns).items():
        if column not in df.columns:
            raise ValueError(f"there is no column {column!r} for {field}; there are {', '.join(df.columns)}")
    return columns


def _start(df: DataFrame, model: str | None, **how: Any) -> Callable[[], Scorer]:
    """What gives a worker its scorer. It is made here once, so that a faulty model or policy shows at once."""
    threads = int(df.sparkSession.conf.get("spark.task.cpus", "1") or 1)
    start = partial(Scorer, model, threads=threads, **how)
    start()
    return start


def _schema(of: str) -> StructType:
    return from_arrow_schema(pyarrow.schema(Table.empty(of)))


def _batch(results: Any) -> pyarrow.RecordBatch:
    return results.to_arrow().combine_chunks().to_batches()[0] if len(results) else _no_rows(results)


def _no_rows(results: Any) -> pyarrow.RecordBatch:
    return pyarrow.RecordBatch.from_pylist([], schema=results.to_arrow().schema)


def _whole_interactions(batches: Batches) -> Iterator[list[pyarrow.RecordBatch]]:
    """Groups sorted batches of states so that no interaction is in two groups."""
    waiting: list[pyarrow.RecordBatch] = []
    name = None
    for batch in batches:
        if batch.num_rows == 0:
            continue
        names = batch.column("interaction")
        if waiting and names[0].as_py() != name:
            yield waiting
            waiting = []
        name = names[-1].as_py()
        same = pyarrow.compute.is_null(names) if name is None else pyarrow.compute.equal(names, name)
        start = batch.num_rows - pyarrow.compute.sum(same).as_py()
        if start:
            yield [*waiting, batch.slice(0, start)]
            waiting = []
        waiting.append(batch.slice(start))
    if waiting:
        yield waiting
