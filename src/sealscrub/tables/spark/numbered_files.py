"""Files of Parquet in Spark whose rows have numbers: what is known of each row is found by its number."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
import numpy.typing as npt

from sealscrub.errors import ColumnError, UnreadableInput, UsageError

from ..changes import Patch
from ..file import SourceFile
from .row_lookups import KeptRows, PatchedRows
from .spark_files import MADE, SparkFiles
from .spark_table import FoundInSpark, arrow_function
from .spark_types import arrow_type
from .worker_functions import answering

__all__ = ["FILE", "ROW", "NumberedFiles", "RowCodes", "quoted"]

ROW, FILE = "__row", "__file"
_SCHEME = "^file:/+"
RowCodes = Callable[..., Any]
"""From the key columns of some rows, as Arrow arrays, to some bytes for each."""


def quoted(name: str) -> str:
    """Write a name as Spark reads it, whatever it holds."""
    return "`" + name.replace("`", "``") + "`"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class _Known:
    """What is known of the rows, and where it is for the workers."""

    keep: KeptRows
    rows: int
    patches: Mapping[str, PatchedRows]


class NumberedFiles(SparkFiles):
    """Files of Parquet; rows have numbers from 0, in the order of files.

    Parameters
    ----------
    session, name, files, keep_metadata
        As of :class:`SparkFiles`.
    rows : sequence of int
        How many rows each file has.

    Raises
    ------
    UsageError
        When a column has the name of a number, or as of :class:`SparkFiles`.
    UnreadableInput
        When files changed meanwhile, or as of :class:`SparkFiles`.
    """

    def __init__(
        self, session: Any, name: str, files: Sequence[SourceFile], rows: Sequence[int], keep_metadata: Collection[str]
    ) -> None:
        super().__init__(session, name, files, keep_metadata)
        for each in (ROW, FILE):
            if each in self.columns:
                raise UsageError(f"a column is called {each!r}", where=name, hint="rename it.")
        self._known: _Known | None = None
        self._data = self._numbered(rows)

    @property
    def fields(self) -> list[Any]:
        """Names, types and metadata of the columns, as Spark has them."""
        return self._fields

    def codes(self, columns: Sequence[str], codes: RowCodes) -> list[bytes]:
        """Give what workers find for each row by its key columns, in the order of rows."""
        import pyarrow as pa

        with self._settings(), self.unquoted():
            said = arrow_function(answering(codes), "binary", "SCALAR")(*map(self._python_column, columns))
            found = self._data.select(ROW, said.alias("said")).toArrow().sort_by(ROW)
        numbers = found.column(ROW).combine_chunks()
        if not numbers.equals(pa.array(np.arange(len(found)), numbers.type)):
            raise self.changed_meanwhile()
        return list(found.column("said").to_pylist())

    def know(self, keep: npt.NDArray[np.bool_], patches: Mapping[str, Patch], folder: Path) -> None:
        """Learn which rows stay and what changes in them, in files of a folder that every worker sees."""
        put: dict[str, PatchedRows] = {}
        for name, patch in patches.items():
            if len(patch.rows):
                put[name] = self._put_patch(name, patch, folder / f"{len(put)}.arrow")
        self._known = _Known(KeptRows.put(keep, folder / "keep"), int(keep.sum()), put)

    def rows_as(self, columns: Sequence[str], *, after: bool) -> Any:
        """Give columns under their names, and the numbers of rows: of all rows as they are, or of those that stay."""
        from pyspark.sql import functions as make

        with self._settings(), self.unquoted():
            known = self._known if after else None
            rows = self._data if known is None else self._choose_rows([ROW], known.keep)
            chosen = [self._patched(name, known).alias(name) for name in columns]
            return rows.select(*chosen, make.col(ROW))

    def write_known(
        self, target: Path, derived: Any = None, columns: Collection[str] = (), *, empty: bool = False
    ) -> None:
        """Write the rows that stay, with what changes, each file under its own name.

        Parameters
        ----------
        target : Path
            A folder, new or empty.
        derived : pyspark.sql.DataFrame, optional
            New values of `columns` by the numbers of rows.
        columns : collection of str
        empty : bool
            Whether the only file is written without rows if none stays.

        Raises
        ------
        UnreadableInput
            When not every row that stays was written once, or files changed meanwhile.
        """
        known = self._known
        if known is None:
            raise UnreadableInput("it is not known which rows stay", where=self.name)
        target.mkdir(parents=True, exist_ok=True)
        if derived is None:
            none = np.zeros(0, np.bool_)
            written = self.write(FoundInSpark(none, none, none, [ROW], known.keep, known.keep), target)
        else:
            written = self._write_joined(known, derived, columns, target)
        if written != known.rows:
            raise self.changed_meanwhile()
        self.require_unchanged()
        if empty and not written:
            with self.unquoted():
                self._data.limit(0).select(*self._named(None, {})).coalesce(1).write.parquet(str(target / MADE))
            (part,) = (target / MADE).glob("part-*.parquet")
            part.rename(target / self._files[0].relative)
            shutil.rmtree(target / MADE)

    def filtered(self, keys: Sequence[str], choice: Any) -> Any:
        """Give the DataFrame of the rows that are chosen, with what is known to change in them."""
        if self._known is None or not self._known.patches:
            return super().filtered(keys, choice)
        with self.unquoted():
            return self._choose_rows(keys, choice).select(*self._named(self._known, {}))

    def _write_joined(self, known: _Known, derived: Any, columns: Collection[str], target: Path) -> int:
        import pyarrow.parquet as pq
        from pyspark.sql import functions as make

        made, written = target / MADE, 0
        with self._settings(), self.unquoted():
            new = {name: f"d{at}" for at, name in enumerate(columns)}
            values = derived.select(
                make.col(ROW).alias("number"), *[make.col(quoted(a)).alias(b) for a, b in new.items()]
            )
            rows = self._choose_rows([ROW], known.keep)
            rows = rows.join(values, rows[ROW] == values["number"], "inner")
            rows = rows.select(*self._named(known, new), make.col(ROW), make.col(FILE))
            # all rows of a file in one task, in their order: one file is written for one that was read
            rows = rows.repartition(FILE).sortWithinPartitions(FILE, ROW).drop(ROW)
            rows.write.option("maxRecordsPerFile", 0).partitionBy(FILE).parquet(os.path.abspath(made))
        for at, file in enumerate(self._files):
            parts = sorted((made / f"{FILE}={at}").glob("part-*.parquet"))
            if len(parts) > 1:
                raise UnreadableInput("Spark did not write one file for each that it read", where=self.name)
            for part in parts:
                written += pq.read_metadata(part).num_rows
                (target / file.relative).parent.mkdir(parents=True, exist_ok=True)
                part.rename(target / file.relative)
        shutil.rmtree(made)
        return written

    def _named(self, known: _Known | None, new: Mapping[str, str]) -> list[Any]:
        from pyspark.sql import functions as make

        return [
            (make.col(new[field.name]) if field.name in new else self._patched(field.name, known)).alias(
                field.name, metadata=self._kept_metadata(field)
            )
            for field in self._fields
        ]

    def _patched(self, name: str, known: _Known | None) -> Any:
        from pyspark.sql import functions as make
        from pyspark.sql.types import BooleanType, StructField, StructType

        at = self._at(name)
        column = make.col(f"c{at}")
        if known is None or name not in known.patches:
            return column
        kind = StructType([StructField("hit", BooleanType()), StructField("new", self._fields[at].dataType)])
        found = arrow_function(answering(known.patches[name]), kind, "SCALAR")(make.col(ROW))
        return make.when(found["hit"], found["new"]).otherwise(column)

    def _put_patch(self, name: str, patch: Patch, place: Path) -> PatchedRows:
        import pyarrow as pa

        kind = arrow_type(self._fields[self._at(name)].dataType)
        if kind is not None:
            try:
                return PatchedRows.put(patch.rows, patch.values, kind, place)
            except pa.ArrowException:  # its message holds the value
                pass
        raise UsageError(
            f"new values of the column {name!r} do not fit its type on Spark",
            where=self.name,
            hint="leave out the engine, or give the column another type at its source.",
        )

    def _at(self, name: str) -> int:
        ColumnError.require([name], self.columns, where=self.name)
        return self.columns.index(name)

    def _python_column(self, name: str) -> Any:
        from pyspark.sql import functions as make

        return make.col(ROW) if name == ROW else super()._python_column(name)

    def _numbered(self, rows: Sequence[int]) -> Any:
        """Number the rows: each file's own numbers, which Parquet says, after those of the files before it."""
        import pyarrow as pa
        from pyspark.sql import functions as make

        paths = {os.path.abspath(file.path): at for at, file in enumerate(self._files)}
        starts = [0, *accumulate(rows)][: len(self._files)]
        with self._settings(), self.unquoted():
            # Spark writes a path with an authority there, and without one here
            there = make.regexp_replace(make.col("_metadata.file_path"), _SCHEME, "/")
            uris = sorted(re.sub(_SCHEME, "/", uri) for uri in self._data.inputFiles())
            at = [paths.get(unquote(uri), -1) for uri in uris]
            if sorted(at) != [*range(len(paths))]:
                raise self.changed_meanwhile()
            known = pa.table(
                {
                    "uri": pa.array(uris, pa.string()),
                    FILE: pa.array(at, pa.int32()),
                    "start": pa.array([starts[each] for each in at], pa.int64()),
                }
            )
            files = make.broadcast(self._session.createDataFrame(known))
            data = self._data.select("*", there.alias("__uri"), make.col("_metadata.row_index").alias("__at"))
            data = data.join(files, make.col("__uri") == make.col("uri"), "inner")
            number = (make.col("start") + make.col("__at")).alias(ROW)
            return data.select(*[f"c{at}" for at in range(len(self._fields))], number, FILE)
