"""The scorer: what goes in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from beleving._beleving import Engine, Table
from beleving._results import Results, ResultStream

_MODEL = Path(__file__).parent / "model"
_FIELDS = ("text", "id", "interaction", "speaker", "role", "at", "seq", "language", "customer", "channel")


class Scorer:
    """A loaded model that scores messages and judges interactions.

    Parameters
    ----------
    model : path, optional
        A model folder; by default the one in the package.
    threads : int, optional
        Threads to run on; by default as many as there are cores.
    policy : str, optional
        A policy as TOML: what is to differ from the model's own, such as thresholds.
    precision : {"auto", "int8", "bf16", "f32"}
        Number format of the encoder. "auto" takes the fastest that this CPU has and the model is known to bear; name one
        where machines of different kinds have to agree.

    Attributes
    ----------
    model_id_ : str
        The model that reads, as ``name@version``.
    arithmetic_ : str
        Its arithmetic on this machine; scores are the same bits on machines that have the same.

    Notes
    -----
    The model is loaded once per process and shared by all scorers, threads and forked children. A scorer can be
    pickled. The interpreter is free for other threads while it works.

    Examples
    --------
    >>> scorer = Scorer()
    >>> scorer.score(["Laat maar. Ik regel het zelf wel weer."])[0]["flagged"]
    True
    """

    def __init__(
        self,
        model: str | PathLike[str] | None = None,
        *,
        threads: int | None = None,
        policy: str | None = None,
        precision: str = "auto",
    ) -> None:
        self.model = None if model is None else fspath(model)
        self.threads = threads
        self.policy = policy
        self.precision = precision
        self._engine = Engine(self.model or _MODEL, threads, policy, precision)

    def score(self, messages: Any, **columns: str) -> Results:
        """Score messages: how the customer feels, what they want, how likely it is a bad experience.

        Parameters
        ----------
        messages : list of str, Series, or data frame
            Texts; or a frame of pandas, polars, pyarrow, DuckDB or anything else that speaks Arrow, with a column
            ``text`` and optionally ``speaker`` and ``language``. A missing text (None, NaN) gives missing scores.
        **columns : str
            Columns by other names: ``text="body"``.

        Returns
        -------
        Results
            One row for each message, in input order.

        Raises
        ------
        BelevingError
            For a column that is missing or of another type. A row that cannot be read has its ``error`` instead.

        Examples
        --------
        >>> scores = Scorer().score(["Fijn geholpen!", None])
        >>> scores[1]["risk"] is None
        True
        """
        if not _is_arrow(messages):
            return self._score_texts(messages)
        return Results(self._engine.score(messages, _checked(columns)), _index(messages))

    def score_batches(self, batches: Any, **columns: str) -> ResultStream | Iterator[Results]:
        """Score a stream of Arrow batches, each as it is asked for; memory stays that of one batch.

        Parameters
        ----------
        batches : Arrow stream or iterable of Arrow batches
            Such as a ``pyarrow.RecordBatchReader``, a DuckDB relation, or a generator of record batches or frames.
        **columns : str
            As for :meth:`score`.

        Returns
        -------
        ResultStream or iterator of Results
            For a stream, a stream that pyarrow, polars and DuckDB can read; else an iterator.
        """
        named = _checked(columns)
        if hasattr(batches, "__arrow_c_stream__"):
            return ResultStream(self._engine.score_stream(batches, named))
        return (Results(self._engine.score(batch, named)) for batch in batches)

    def judge(self, messages: Any, *, ordered: bool = True, **columns: str) -> Results:
        """Judge interactions: will it leave a bad experience, where did it turn, and why.

        Parameters
        ----------
        messages : data frame, Arrow stream, or list of dict
            Messages with ``interaction``, ``speaker`` (customer, staff, bot, system) and ``text``, and optionally
            ``id``, ``role``, ``at``, ``seq``, ``language``, ``customer``, ``channel``; staff's included. In a list, each dict is a message,
            or an interaction ``{"interaction": …, "messages": [{"speaker": …, "text": …}, …]}``.
        ordered : bool, default True
            Whether the order of the rows may be used where there is neither ``seq`` nor ``at``. Say False for rows in no
            particular order, such as a query's.
        **columns : str
            Columns by other names: ``interaction="ticket"``.

        Returns
        -------
        Results
            One row for each interaction, in order of first appearance.
        """
        return self.judge_states([self.states(messages, ordered=ordered, **columns)])

    def states(self, messages: Any, *, ordered: bool = False, **columns: str) -> Results:
        """Score messages and gather them into states, from which :meth:`judge_states` makes verdicts.

        Parts of the same interactions may be gathered in any split and order, on any machine: the verdicts are
        the same. States hold no text, and are personal data all the same.

        Parameters
        ----------
        messages, ordered, **columns
            As for :meth:`judge`. Where the order does not count, which is the default here, messages need ``id``, and
            ``seq`` or ``at``.

        Returns
        -------
        Results
            ``interaction``, two binary columns to hand on as they are, and ``error``.
        """
        if not _is_arrow(messages):
            messages = _table(messages)
        return Results(self._engine.states(messages, _checked(columns), 0 if ordered else None))

    def judge_states(self, states: Iterable[Any]) -> Results:
        """Make verdicts of states; all states of an interaction have to be among them.

        Parameters
        ----------
        states : Arrow stream, or iterable of Results of :meth:`states` or Arrow batches of them

        Returns
        -------
        Results
            As :meth:`judge`.
        """
        return Results(self._engine.judge([states] if _is_arrow(states) else states))

    @property
    def model_id_(self) -> str:
        """The model that reads, as ``name@version``."""
        return self._engine.model

    @property
    def policy_(self) -> str:
        """The policy in force, as TOML, every default written out."""
        return self._engine.policy

    @property
    def arithmetic_(self) -> str:
        """The arithmetic on this machine, such as ``avx512-vnni-int8``."""
        return self._engine.arithmetic

    @property
    def threads_(self) -> int:
        """Number of threads it runs on."""
        return self._engine.threads

    def _score_texts(self, messages: Iterable[Any]) -> Results:
        if isinstance(messages, (str, bytes)):
            raise TypeError(f"messages is one {type(messages).__name__}, expected a list of texts")
        if isinstance(messages, Mapping):
            raise TypeError("messages is a mapping, expected a list of texts or a data frame")
        texts = [_text(n, text) for n, text in enumerate(messages)]
        return Results(self._engine.score(Table.of_lists({"text": texts}), {}), _index(messages))

    def __reduce__(self) -> Any:
        return _restore, (type(self), self.model, self.threads, self.policy, self.precision)

    def __repr__(self) -> str:
        given = {"model": self.model, "threads": self.threads, "policy": self.policy}
        if self.precision != "auto":
            given["precision"] = self.precision
        return f"Scorer({', '.join(f'{k}={v!r}' for k, v in given.items() if v is not None)})"


def _restore(
    of: type[Scorer], model: str | None, threads: int | None, policy: str | None, precision: str
) -> Scorer:
    return of(model, threads=threads, policy=policy, precision=precision)


def _is_arrow(messages: Any) -> bool:
    # A polars series and a pyarrow column speak Arrow too, but are no tables.
    table = hasattr(messages, "columns") or hasattr(messages, "schema")
    speaks = hasattr(messages, "__arrow_c_stream__") or hasattr(messages, "__arrow_c_array__")
    if hasattr(messages, "columns") and not speaks:
        name = type(messages).__name__
        raise TypeError(f"this {name} does not speak Arrow; pandas does from 2.2 on, with pyarrow installed")
    return speaks and table or isinstance(messages, (Results, ResultStream, Table))


def _index(messages: Any) -> Any:
    index = getattr(messages, "index", None)  # a method of lists, which have no index
    return None if callable(index) else index


def _checked(columns: dict[str, str]) -> dict[str, str]:
    for field, column in columns.items():
        if field not in _FIELDS:
            raise TypeError(f"{field!r} is no field of a message, expected one of {', '.join(_FIELDS)}")
        if not isinstance(column, str):
            raise TypeError(f"{field} is {type(column).__name__}, expected the name of a column")
    return columns


def _text(n: int, text: Any) -> str | None:
    if isinstance(text, str):
        return text
    if hasattr(text, "as_py"):  # a scalar of pyarrow
        return _text(n, text.as_py())
    if text is None or type(text).__name__ == "NAType" or text != text:
        return None
    raise TypeError(f"message {n} is {type(text).__name__}, expected str or None")


def _table(rows: Iterable[Any]) -> Table:
    """A table of messages, or of interactions with their messages inside."""
    columns: dict[str, list[Any]] = {field: [] for field in _FIELDS}
    for n, row in enumerate(rows):
        if not isinstance(row, Mapping):
            raise TypeError(f"row {n} is {type(row).__name__}, expected a dict or a data frame")
        outer = {**row}
        messages = outer.pop("messages", None)
        if messages is None:
            messages = [{}]
        for place, message in enumerate(messages):
            fields = {**outer, **message}
            if message and fields.get("id") is None:
                fields["id"] = place
            for field, values in columns.items():
                values.append(_value(n, field, fields.get(field)))
    return Table.of_lists({field: values for field, values in columns.items() if field == "text" or any(v is not None for v in values)})


def _value(n: int, field: str, value: Any) -> Any:
    if value is None or field == "seq" and isinstance(value, int):
        return value
    if isinstance(value, str):
        return value
    if field == "at" and isinstance(value, datetime):
        return value.isoformat() if value.tzinfo else value.isoformat() + "Z"
    if field in ("id", "interaction", "customer") and isinstance(value, int):
        return str(value)
    raise TypeError(f"{field} of row {n} is {type(value).__name__}, expected str")
