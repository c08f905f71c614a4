"""The scorer: what goes in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from os import PathLike, fspath
from pathlib import Path
from typing import Any
from uuid import UUID

from beleving._beleving import BelevingError, Engine, Table
from beleving._results import Results, ResultStream, needs

_MODEL = Path(__file__).parent / "model"
_FIELDS = ("text", "id", "interaction", "speaker", "role", "at", "seq", "language", "customer", "channel")
_SCORED = ("text", "speaker", "language")
_NAMES = ("id", "interaction", "customer")


class Scorer:
    """A loaded model that scores messages and judges interactions.

    Parameters
    ----------
    model : path, optional
        A model folder; by default the one in the package.
    threads : int, optional
        Threads to run on, at most 1024; by default as many as there are cores.
    policy : str, optional
        A policy as TOML: what is to differ from the model's own, such as thresholds.
    precision : {"auto", "int8", "bf16", "f32"}
        Number format of the encoder. "auto" takes the fastest that this CPU has and the model is known to bear; name one
        where machines of different kinds have to agree.
    max_windows : int, optional
        Windows that are read of a text, at least 1; by default 32. Bounds what one long letter can cost; ``truncated`` says
        where something was left unread.

    Attributes
    ----------
    model_id_ : str
        The model that reads, as ``name@version``.
    arithmetic_ : str
        Its arithmetic on this machine; scores are the same bits on machines that have the same.

    Notes
    -----
    The model is loaded once per process and shared by all scorers, threads and forked children; under each policy, in each
    precision and for each ``max_windows`` once more. The last three that no scorer holds stay loaded. A scorer can be pickled. The
    interpreter is free for other threads while it works.

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
        max_windows: int | None = None,
    ) -> None:
        if policy is not None and (not isinstance(policy, str) or policy.endswith(".toml")):
            raise TypeError("policy is a path, or no text; expected TOML, such as Path.read_text() gives of a file")
        self.model = None if model is None else fspath(model)
        self.threads = threads
        self.policy = policy
        self.precision = precision
        self.max_windows = max_windows
        self._engine = Engine(_MODEL if self.model is None else self.model, threads, policy, precision, max_windows)

    def __setattr__(self, name: str, value: Any) -> None:
        if hasattr(self, "_engine"):
            raise AttributeError("a scorer does not change; make another, which shares the model")
        super().__setattr__(name, value)

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
            For a column that is missing or of another type, or a list with a text that is no Unicode. A row of a frame
            that cannot be read has its ``error`` instead.

        Examples
        --------
        >>> scores = Scorer().score(["Fijn geholpen!", None])
        >>> scores[1]["risk"] is None
        True
        """
        named = _checked(columns)
        if _is_arrow(messages):
            return Results(self._engine.score(_selected(messages, named, _SCORED), named), _index(messages))
        if named:
            raise TypeError(f"messages is {type(messages).__name__}, which has no column {next(iter(named.values()))!r}")
        return self._score_texts(messages)

    def score_batches(self, batches: Any, **columns: str) -> ResultStream | Iterator[Results]:
        """Score a stream of Arrow batches, each as it is asked for; memory stays that of one batch.

        Parameters
        ----------
        batches : Arrow stream or iterable of Arrow batches
            Such as a ``pyarrow.RecordBatchReader``, a DuckDB relation, or a generator of record batches, frames or lists.
        **columns : str
            As for :meth:`score`.

        Returns
        -------
        ResultStream or iterator of Results
            One batch for each, in order, with as many rows. For a stream it is a stream that pyarrow, polars and DuckDB
            can read; else an iterator.
        """
        named = _checked(columns)
        if hasattr(batches, "dtype"):
            raise TypeError(f"batches is one {type(batches).__name__}, which score() takes; expected batches")
        if hasattr(batches, "__arrow_c_stream__"):
            return ResultStream(self._engine.score_stream(_selected(batches, named, _SCORED), named))
        return (self.score(batch, **named) for batch in batches)

    def judge(
        self,
        messages: Any,
        *,
        ordered: bool = True,
        policy: str | None = None,
        explain: bool = False,
        **columns: str,
    ) -> Results:
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
        policy : str, optional
            What is to differ from the scorer's policy in these verdicts, as TOML.
        explain : bool, default False
            Whether a reason ``bad_experience`` names the sentence of its message without which the risk falls most. Takes
            one reading a sentence of each flagged message, of at most 24.
        **columns : str
            Columns by other names: ``interaction="ticket"``.

        Returns
        -------
        Results
            One row for each interaction, in order of first appearance. ``error`` says why there is no verdict, or why
            some of its messages failed.
        """
        return self.judge_states([self.states(messages, ordered=ordered, explain=explain, **columns)], policy=policy)

    def states(self, messages: Any, *, ordered: bool = False, explain: bool = False, **columns: str) -> Results:
        """Score messages and gather them into states, from which :meth:`judge_states` makes verdicts.

        Parts of the same interactions may be gathered in any split and order, on any machine: the verdicts are
        the same. States hold no text, and are personal data all the same.

        Parameters
        ----------
        messages, ordered, explain, **columns
            As for :meth:`judge`. Where the order does not count, which is the default here, messages need ``id``, and
            ``seq`` or ``at``. ``ordered=True`` counts rows from 0 at each call, so it is for interactions that are all in
            one call.

        Returns
        -------
        Results
            One row for each interaction, to hand on with all its columns.
        """
        named = _checked(columns)
        if _is_arrow(messages):
            messages = _selected(messages, named, _FIELDS)
        else:
            messages, named = _table(messages, named)
        return Results(self._engine.states(messages, named, 0 if ordered else None, explain))

    def judge_states(self, states: Iterable[Any], *, policy: str | None = None) -> Results:
        """Make verdicts of states; all states of an interaction have to be among them.

        Parameters
        ----------
        states : Arrow stream, or iterable of Results of :meth:`states` or Arrow batches of them
        policy : str, optional
            As for :meth:`judge`.

        Returns
        -------
        Results
            As :meth:`judge`.
        """
        return Results(self._engine.judge([states] if _is_arrow(states) else states, policy))

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
        _require_many(messages, "a list of texts or a data frame")
        texts = [_text(n, text) for n, text in enumerate(messages)]
        return Results(self._engine.score(Table.of_lists({"text": texts}), {}), _index(messages))

    def __reduce__(self) -> Any:
        return _restore, (type(self), self.model, self.threads, self.policy, self.precision, self.max_windows)

    def __repr__(self) -> str:
        given = {"model": self.model, "threads": self.threads, "policy": self.policy, "max_windows": self.max_windows}
        if self.precision != "auto":
            given["precision"] = self.precision
        return f"Scorer({', '.join(f'{k}={v!r}' for k, v in given.items() if v is not None)})"


def _restore(
    of: type[Scorer],
    model: str | None,
    threads: int | None,
    policy: str | None,
    precision: str,
    max_windows: int | None,
) -> Scorer:
    return of(model, threads=threads, policy=policy, precision=precision, max_windows=max_windows)


def _is_arrow(messages: Any) -> bool:
    if type(messages).__name__ == "LazyFrame":
        raise TypeError("messages is a LazyFrame, expected a data frame: collect() it")
    # A polars series and a pyarrow column speak Arrow too, but are no tables.
    table = hasattr(messages, "columns") or hasattr(messages, "schema")
    speaks = hasattr(messages, "__arrow_c_stream__") or hasattr(messages, "__arrow_c_array__")
    if table and not speaks:
        name = type(messages).__name__
        raise TypeError(f"this {name} does not speak Arrow; pandas does from 2.2 on, with pyarrow installed")
    return speaks and table or isinstance(messages, (Results, ResultStream, Table))


def _is(frame: Any, package: str) -> bool:
    return any(kind.__module__.partition(".")[0] == package for kind in type(frame).__mro__)


def _selected(frame: Any, columns: dict[str, str], fields: Iterable[str]) -> Any:
    """The columns of a frame that are read, so that no other stands in the way. Of a stream they are picked as it comes."""
    is_pandas, is_polars = _is(frame, "pandas"), _is(frame, "polars")
    if is_pandas or is_polars:
        names = [str(name) for name in frame.columns]
    elif _is(frame, "pyarrow") and hasattr(frame, "select"):
        names = frame.schema.names
    else:
        return frame
    named = [columns.get("text", "text"), *columns.values()]
    if any(name not in names for name in named):
        return Table.of_lists({name: [] for name in names})  # which is refused, and what there is told
    wanted = [name for name in dict.fromkeys([*named, *(columns.get(field, field) for field in fields)]) if name in names]
    for name in wanted:
        if names.count(name) > 1:
            raise _refused(f"there are {names.count(name)} columns `{name}`, expected one")
    if is_pandas:
        needs("pandas", "pyarrow")
        import pyarrow

        return pyarrow.table({name: _array(name, frame.iloc[:, names.index(name)]) for name in wanted})
    frame = frame.select(wanted)
    if is_polars:
        import polars

        # Types that Arrow has no name for, or that not all who speak it know.
        kinds = {polars.Null: polars.String, getattr(polars, "Int128", polars.Null): polars.Int64}
        try:
            return frame.cast({name: kinds[kind] for name, kind in frame.schema.items() if kind in kinds})
        except polars.exceptions.InvalidOperationError:
            pass
        raise _refused("a column of Int128 has numbers that do not fit 64 bits")
    return frame


def _array(name: str, values: Any) -> Any:
    """A column of pandas. What pyarrow says of one that it cannot read may hold message text, so none of it is kept."""
    import pyarrow

    try:
        return pyarrow.array(values, from_pandas=True)
    except UnicodeError:
        texts = [value if isinstance(value, str) else None for value in values]
    except Exception:
        texts = []
    Table.of_lists({name: texts})  # says which row it is
    raise _refused(f"column `{name}` holds values of several types or of an unknown one, expected one type")


def _refused(text: str) -> BelevingError:
    refused = BelevingError(text)
    refused.kind = "input"
    return refused


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


def _require_many(messages: Any, expected: str) -> None:
    """Refuses what is one thing where many are expected: its letters or keys are no messages."""
    is_many = hasattr(messages, "__iter__") or hasattr(messages, "__getitem__")
    if isinstance(messages, (str, bytes, Mapping)) or not is_many:
        raise TypeError(f"messages is one {type(messages).__name__}, expected {expected}")


def _text(n: int, text: Any) -> str | None:
    text = _plain(text)
    if text is None or isinstance(text, str):
        return text
    raise TypeError(f"message {n} is {type(text).__name__}, expected str or None")


def _table(rows: Iterable[Any], columns: dict[str, str]) -> tuple[Table, dict[str, str]]:
    """A table of messages, or of interactions with their messages inside, and what its columns are called."""
    _require_many(rows, "a list of dicts or a data frame")
    names = {field: columns.get(field, field) for field in _FIELDS}
    lists: dict[str, list[Any]] = {field: [] for field in _FIELDS}
    there: set[str] = set()

    def add(where: str, row: Mapping[str, Any], interaction: str | None = None) -> None:
        there.update(field for field in _FIELDS if names[field] in row)
        for field, values in lists.items():
            # Of a message a column of that name may be something else, as where it is its id.
            value = interaction if field == "interaction" and interaction else row.get(names[field])
            values.append(_value(where, field, value))

    for n, row in enumerate(rows):
        where = f"row {n}"
        if not isinstance(row, Mapping):
            raise TypeError(f"{where} is {type(row).__name__}, expected a dict or a data frame")
        inside = _plain(row.get("messages"))
        # A table of messages may have a column of that name, such as a count.
        if inside is None or isinstance(inside, (str, int, float)) and names["text"] in row:
            add(where, row)
            continue
        if isinstance(inside, (str, bytes, Mapping)) or not hasattr(inside, "__iter__"):
            raise TypeError(f"messages of {where} is {type(inside).__name__}, expected a list of dicts")
        # What the interaction says holds for each of its messages that does not say it itself.
        outer = {names[field]: row.get(names[field]) for field in ("interaction", "customer", "channel", "language")}
        interaction = _value(where, "interaction", outer[names["interaction"]])
        # Its messages must not fall apart, nor meet those of another.
        interaction = interaction or _value(where, "id", row.get(names["id"])) or f"-:{n + 1}"
        outer[names["interaction"]] = interaction
        messages = list(inside)
        if not messages:
            add(where, {**outer, names["text"]: None})
        for place, message in enumerate(messages):
            if not isinstance(message, Mapping):
                raise TypeError(f"message {place} of {where} is {type(message).__name__}, expected a dict")
        ids = [_value(where, "id", message.get(names["id"])) for message in messages]
        for place, (message, id) in enumerate(zip(messages, ids)):
            # Its number names a message without an id, unless another one is called that.
            number = None if str(place) in ids else str(place)
            add(f"message {place} of {where}", {**outer, **message, names["id"]: id or number}, interaction)
    table: dict[str, list[Any]] = {}
    for field in _FIELDS:
        if field in there or not lists["text"]:
            if names[field] in table:
                columns = {**columns, field: f"{names[field]} as {field}"}
            table[columns.get(field, field)] = lists[field]
    return Table.of_lists(table), columns


def _value(where: str, field: str, value: Any) -> Any:
    value = _plain(value)
    if isinstance(value, (float, Decimal)) and value % 1 == 0:
        value = int(value)
    if isinstance(value, str) and field in _NAMES and not value.strip():
        return None
    if value is None or isinstance(value, str) and field != "seq":
        return value
    expected = "str"
    if field == "seq":
        expected = "a whole number"
        if isinstance(value, str) and value.removesuffix(".0").removeprefix("-").isdecimal():
            value = int(value.removesuffix(".0"))
        if isinstance(value, int) and abs(value) < 2**63:
            return value
    elif field in _NAMES:
        expected = "str or a whole number"
        if isinstance(value, (int, UUID)):
            return str(value)
    elif field == "at":
        expected = "a time or RFC 3339 str"
        if isinstance(value, datetime):
            return value.isoformat() if value.tzinfo else value.isoformat() + "Z"
        if isinstance(value, date):
            return f"{value}T00:00:00Z"
    raise TypeError(f"{field} of {where} is {type(value).__name__}, expected {expected}")


def _plain(value: Any) -> Any:
    """A value as Python has it; None for what pandas and numpy call missing."""
    if value is None or isinstance(value, str):
        return value
    if hasattr(value, "as_py"):  # a scalar of pyarrow
        return _plain(value.as_py())
    kind = type(value).__name__
    if kind == "datetime64":
        return value.astype("datetime64[us]").item()
    if hasattr(value, "item") and getattr(value, "ndim", 1) == 0:  # a scalar of numpy
        value = value.item()
    is_missing = kind in ("NAType", "NaTType") or isinstance(value, float) and value != value
    return None if is_missing else value
