"""What comes out: rows in input order, as whatever frame the reader uses."""

from __future__ import annotations

import importlib
import json
import operator
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from beleving._beleving import Table

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow

    from beleving._beleving import Stream


_CHUNK = 4096  # rows that are made into dictionaries at a time


class Results:
    """Scores or verdicts, one row for each message or interaction.

    It speaks the Arrow PyCapsule interface, so ``pyarrow.table(results)``, ``polars.DataFrame(results)`` and
    DuckDB read it without a copy. A value that cannot be told is null. Its columns are those of the command's
    output; ``error`` says why a row could not be read, and is null elsewhere.
    """

    def __init__(self, table: Table, index: Any = None) -> None:
        self._table = table
        self._index = index

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        return self._table.columns

    def to_list(self) -> list[dict[str, Any]]:
        """The rows as dictionaries; needs no other package."""
        return list(self)

    def to_arrow(self) -> pyarrow.Table:
        """The rows as a ``pyarrow.Table``, without a copy."""
        needs("pandas", "pyarrow")
        import pyarrow

        return pyarrow.table(self._table)

    def to_polars(self) -> polars.DataFrame:
        """The rows as a ``polars.DataFrame``."""
        needs("polars", "polars")
        import polars

        return polars.DataFrame(self._table)

    def to_pandas(self) -> pandas.DataFrame:
        """The rows as a ``pandas.DataFrame``, one column a number: ``risk``, ``sentiment.negative``, …

        It has the index of the series or frame that was scored, so ``pandas.concat([df, scores], axis=1)`` fits, also where
        the index repeats itself. Probabilities are ``float32`` with NaN for what cannot be told, flags are ``boolean`` and
        counts ``Int64`` with NA.
        """
        needs("pandas", "pandas", "pyarrow")
        import pandas
        import pyarrow

        nullable = {
            pyarrow.bool_(): pandas.BooleanDtype(),
            pyarrow.int32(): pandas.Int32Dtype(),
            pyarrow.int64(): pandas.Int64Dtype(),
        }
        table = self.to_arrow()
        while any(_is_group(field) for field in table.schema):
            table = table.flatten()
        frame = table.to_pandas(types_mapper=nullable.get)
        if self._index is not None:
            frame.index = self._index
        return frame

    def __len__(self) -> int:
        return len(self._table)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for start in range(0, len(self), _CHUNK):
            yield from self._rows(start, start + _CHUNK)

    def __getitem__(self, key: int | slice | str) -> Any:
        """A row by its number, rows by a slice, or a column by its name as a list."""
        if isinstance(key, str):
            if key not in self.columns:
                raise KeyError(f"{key!r}; there are {', '.join(self.columns)}")
            return [row[key] for row in self._rows(0, len(self), key)]
        if isinstance(key, slice):
            rows = range(len(self))[key]
            return self._rows(rows.start, rows.stop) if rows.step == 1 else [self[n] for n in rows]
        row = range(len(self))[operator.index(key)]
        return self._rows(row, row + 1)[0]

    def _rows(self, start: int, stop: int, only: str | None = None) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self._table.jsonl(start, stop, only).splitlines()]

    def __reduce__(self) -> Any:
        return _restore, (self._table.ipc(), self._index)

    def __arrow_c_schema__(self) -> object:
        return self._table.__arrow_c_schema__()

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self._table.__arrow_c_stream__(requested_schema)

    def __repr__(self) -> str:
        return f"<Results: {len(self)} rows of {', '.join(self.columns)}>"


class ResultStream:
    """Results that are computed as they are asked for: iterate it, or hand it on as an Arrow stream.

    It can be read once.
    """

    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[Results]:
        return (Results(table) for table in self._stream)

    def __arrow_c_schema__(self) -> object:
        return self._stream.__arrow_c_schema__()

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self._stream.__arrow_c_stream__(requested_schema)


def _restore(table: bytes, index: Any) -> Results:
    return Results(Table.of_ipc(table), index)


def needs(extra: str, *packages: str) -> None:
    """Says how to get a package that is not there."""
    for package in packages:
        try:
            importlib.import_module(package)
        except ModuleNotFoundError:
            raise ModuleNotFoundError(f"this needs {package}: pip install 'beleving[{extra}]'", name=package) from None


def _is_group(field: Any) -> bool:
    import pyarrow

    return bool(pyarrow.types.is_struct(field.type))
