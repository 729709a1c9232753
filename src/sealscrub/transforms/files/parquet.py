"""Parquet files: found and rewritten in one streaming pass, with the schema and codec that they had.

Row groups are refilled to a fixed size, so that the output is a function of the rows that stay. Counts that pandas
left in the metadata are put right. Columns whose types polars does not write back as they were take pyarrow, which
is slower (:mod:`.parquet_schema` says which).
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import polars.selectors as cs
import pyarrow as pa
import pyarrow.parquet as pq

from sealscrub.errors import ColumnError, UnreadableInput, UsageError, WriteFailed
from sealscrub.frames import RowEdit, frame_adapter
from sealscrub.frames.arrow_values import value_series
from sealscrub.frames.changes import Patch, TableChange
from sealscrub.frames.pandas_metadata import rewrite_schema
from sealscrub.matching import TableMatcher

from .parquet_levels import pandas_categoricals
from .parquet_patches import fitting, patched, raw_table
from .parquet_schema import fast_schema, put_schema, slow_columns
from .parquet_slow import ROW_GROUP_ROWS, SlowRewrite, level_rules, read_batches, read_levels
from .unchanged import FileState

__all__ = ["ROW_GROUP_ROWS", "FoundRows", "ParquetTable"]

_CODECS = {"LZ4_RAW": "lz4", "LZ4": "lz4", "UNCOMPRESSED": "uncompressed"}
_ROW, _CODE = "\x00row", "\x00code"  # no column of a file is called this

Progress = Callable[[int], None]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class FoundRows:
    """Which rows of a file stay, match, and could not be checked."""

    keep: Mask
    matched: Mask
    unchecked: Mask


class ParquetTable:
    """One Parquet file.

    Parameters
    ----------
    path : Path
        The file.

    Raises
    ------
    UnreadableInput
        When it is no Parquet file, or is truncated.
    ColumnError
        When two of its columns have one name.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._state = FileState.of(path)
            with pq.ParquetFile(path) as file:
                self.schema: pa.Schema = file.schema_arrow
                self._metadata = file.metadata
            names = Counter(self.schema.names)
        except (pa.ArrowException, OSError, ValueError):
            raise UnreadableInput(
                "this cannot be read as Parquet", where=str(path), hint="see that the file is whole."
            ) from None
        if not _pages_fit(self._metadata, self._state.facts[1]):
            raise self._damaged()
        for name, count in names.items():
            if count > 1:
                raise ColumnError.twice(name, self.schema.names, where=str(path))

    @property
    def columns(self) -> list[str]:
        """Names of the columns, in their order."""
        return list(self.schema.names)

    @property
    def marks(self) -> list[str]:
        """Names under which a mark can stand: the columns, and what the metadata say."""
        beside = {*(self.schema.metadata or ()), *(self._metadata.metadata or ())}
        return [*self.schema.names, *(key.decode(errors="replace") for key in beside)]

    @property
    def rows(self) -> int:
        """Number of rows."""
        return int(self._metadata.num_rows)

    @property
    def codec(self) -> Any:
        """Compression of the first column, as polars and pyarrow call it."""
        if not self._metadata.num_row_groups or not self._metadata.num_columns:
            return "zstd"
        name = str(self._metadata.row_group(0).column(0).compression)
        return _CODECS.get(name, name.lower())

    def slow_columns(self, edit: RowEdit | None = None) -> tuple[str, ...]:
        """Columns that need the slower path, which then the whole file takes."""
        return tuple(dict.fromkeys([*self._slow, *(edit.columns if edit else ())]))

    @cached_property
    def _slow(self) -> tuple[str, ...]:
        return slow_columns(self.path, self.schema)

    def levelled_columns(self, keep_levels: Collection[str] = ()) -> list[str]:
        """Columns whose list of levels, beside the values, is part of the file."""
        return list(level_rules(self.path, self.schema, keep_levels))

    def find(self, matcher: TableMatcher, progress: Progress) -> FoundRows:
        """Judge every row, and write nothing."""
        if set(matcher.columns) & set(self._slow):
            codes = self._find_slowly(matcher, progress)
        else:
            codes = self._judged(matcher, progress, _collected)
        return FoundRows(keep=codes & 1 > 0, matched=codes & 2 > 0, unchecked=codes & 4 > 0)

    def write(self, matcher: TableMatcher, part: Path, progress: Progress) -> None:
        """Judge every row, and write those that stay in the same pass; all columns must be fast, none levelled."""

        def sink(rows: pl.LazyFrame, codes: pl.Expr) -> None:
            plan = rows.with_columns(codes.alias(_CODE)).filter(pl.col(_CODE) & 1 == 1).drop(_CODE)
            self._sink(plan, part, {})

        self._judged(matcher, progress, sink)
        self._put_metadata(part, {})

    def write_rows(self, wanted: Mask, part: Path, keep_levels: Collection[str] = ()) -> None:
        """Write some rows, found before; all columns must be fast."""
        self._write_fast(TableChange(wanted), part, keep_levels)

    def write_changed(self, change: TableChange, part: Path, keep_levels: Collection[str] = ()) -> None:
        """Write the file with a change, never with another schema.

        Raises
        ------
        ColumnError
            When a column is absent.
        UsageError
            When a column cannot hold a new value exactly.
        UnreadableInput
            When the file is damaged, or is another one by now.
        """
        fitted = fitting(change, self.schema, self.rows, str(self.path))
        if not self._slow:
            self._write_fast(fitted, part, keep_levels)
            return
        with self._reading():
            SlowRewrite(self.path, self.schema, self.codec, fitted, keep_levels).write(part)

    def batches(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """Give columns of all rows, typed, in their order.

        Raises
        ------
        ColumnError
            When one is absent.
        """
        for name in columns:
            if name not in self.columns:
                raise ColumnError.absent(name, self.columns, where=str(self.path))
        if not columns:
            yield pl.DataFrame(height=self.rows)
            return
        with self._reading():
            for table in read_batches(self.path, list(dict.fromkeys(columns))):
                yield pl.DataFrame([value_series(table.column(name), name) for name in table.column_names])

    def write_raw(self, rows: pl.DataFrame, part: Path) -> None:
        """Write other rows under this file's schema, as a source that is yet to be written as all files are.

        Raises
        ------
        ColumnError
            When `rows` lacks a column.
        UsageError
            When a column cannot hold a value exactly.
        """
        with self._reading():
            rules = level_rules(self.path, self.schema, self.columns)
            listed = read_levels(self.path, TableChange(np.ones(self.rows, dtype=np.bool_)), rules)
            table = raw_table(rows, self.schema, listed, str(self.path))
            codec = "none" if self.codec == "uncompressed" else self.codec
            pq.write_table(table, part, compression=codec)

    def _write_fast(self, change: TableChange, part: Path, keep_levels: Collection[str]) -> None:
        with self._reading():
            levels = read_levels(self.path, change, level_rules(self.path, self.schema, keep_levels))
            rows = pl.scan_parquet(self.path, glob=False, hive_partitioning=False, row_index_name=_ROW)
            mask = pl.Series(change.keep)
            chosen = pl.col(_ROW).map_batches(mask.gather, return_dtype=pl.Boolean, is_elementwise=True)
            self._sink(rows.filter(chosen), part, levels, change.patches)
        self._put_metadata(part, {name: len(found) for name, found in levels.items()})

    def write_slow(self, rows: FoundRows, part: Path, edit: RowEdit | None, keep_levels: Collection[str]) -> None:
        """Write the rows that stay, found before, through pyarrow, with every type as it was."""
        with self._reading():
            change = TableChange(rows.keep)
            SlowRewrite(self.path, self.schema, self.codec, change, keep_levels, rows.matched, edit).write(part)

    def check_edit(self, rows: FoundRows, edit: RowEdit) -> None:
        """Refuse an edit that would mark the rows that matched, and write nothing."""
        with self._reading():
            SlowRewrite(self.path, self.schema, self.codec, TableChange(rows.keep), (), rows.matched, edit)

    def write_aside(self, wanted: Mask, part: Path) -> None:
        """Write rows for a person to look at, with every level there is."""
        if self._slow:
            self.write_slow(FoundRows(wanted, np.zeros_like(wanted), wanted), part, None, self.columns)
        else:
            self.write_rows(wanted, part, self.columns)

    def _sink(
        self, rows: pl.LazyFrame, part: Path, levels: dict[str, list[str]], patches: Mapping[str, Patch] | None = None
    ) -> None:
        patches = patches or {}
        texts = [field.name for field in self.schema if pa.types.is_dictionary(field.type)]
        direct = [name for name in texts if name not in levels or name in patches]
        plan = rows.with_columns(cs.by_name(direct).cast(pl.String)) if direct else rows
        if patches:
            plan = plan.with_columns([patched(_ROW, name, patch) for name, patch in patches.items()])
        casts = [cs.by_name(name).cast(pl.Enum(found)) for name, found in levels.items()]
        plan.with_columns(casts).drop(_ROW, strict=False).sink_parquet(
            part,
            compression=self.codec,
            row_group_size=ROW_GROUP_ROWS,
            arrow_schema=fast_schema(self.schema, levels),
            optimizations=_ONCE,
        )

    def _find_slowly(self, matcher: TableMatcher, progress: Progress) -> npt.NDArray[np.uint8]:
        found = [np.zeros(0, np.uint8)]
        with self._reading():
            for table in read_batches(self.path, matcher.columns):
                found.append(_code(matcher, table))
                progress(table.num_rows)
        self._check_judged(matcher)
        return np.concatenate(found)

    def _judged(self, matcher: TableMatcher, progress: Progress, run: Callable[[pl.LazyFrame, pl.Expr], Any]) -> Any:
        """Run a plan over the file in which each row is judged once; errors come out as ours."""
        errors: list[BaseException] = []

        def codes(batch: pl.Series) -> pl.Series:
            try:
                found = _code(matcher, batch.struct.unnest())
                progress(len(found))
            except BaseException as error:
                errors.append(error)
                raise
            return pl.Series(found, dtype=pl.UInt8)

        # by name means by name: pl.col reads "*" and "^…$" as patterns
        keys = pl.struct(cs.by_name(*matcher.columns))
        mapped = keys.map_batches(codes, return_dtype=pl.UInt8, is_elementwise=True)
        try:
            with self._reading():
                result = run(pl.scan_parquet(self.path, glob=False, hive_partitioning=False), mapped)
        except UnreadableInput:
            if errors:
                raise errors[0] from None
            raise
        self._check_judged(matcher)
        return result

    def _check_judged(self, matcher: TableMatcher) -> None:
        if matcher.tally().rows != self.rows:
            raise UnreadableInput("not every row was judged exactly once", where=str(self.path))

    @contextlib.contextmanager
    def _reading(self) -> Iterator[None]:
        """Turn what libraries raise, and may show values in, into ours; errors of writing stay what they are."""
        try:
            yield
        except pa.ArrowNotImplementedError:
            raise UnreadableInput(
                "the file holds a type that pyarrow cannot read or write",
                where=str(self.path),
                hint="write it anew with plainer types.",
            ) from None
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException, pa.ArrowException, ValueError) as error:
            if isinstance(error, UsageError):
                raise
            _raise_full(error)
            raise self._damaged() from None
        except OSError as error:
            if error.errno is not None:
                raise
            raise self._damaged() from None
        self._state.check()

    def _damaged(self) -> UnreadableInput:
        return UnreadableInput(
            "the file is damaged: it could not be read to its end", where=str(self.path), hint="take it anew."
        )

    def _put_metadata(self, part: Path, levels: dict[str, int]) -> None:
        with pq.ParquetFile(part) as file:
            rows = int(file.metadata.num_rows)
        counts = levels | self._distinct(part, levels)
        metadata = rewrite_schema(self.schema.metadata, rows, counts)
        schema = self.schema.remove_metadata() if metadata is None else self.schema.with_metadata(metadata)
        if not put_schema(part, schema):
            raise WriteFailed("the schema could not be written as it was", where=str(self.path))

    def _distinct(self, part: Path, levels: Collection[str]) -> dict[str, int]:
        """Number of values of categoricals that Parquet holds as plain values."""
        names = pandas_categoricals(self.schema.metadata).intersection(self.columns).difference(levels)
        if not names:
            return {}
        counts = pl.scan_parquet(part, glob=False).select(cs.by_name(*names).drop_nulls().n_unique())
        return dict(counts.collect(engine="streaming").row(0, named=True))


def _code(matcher: TableMatcher, rows: Any) -> npt.NDArray[np.uint8]:
    """Judge the rows of a frame: which stay (1), match (2), and could not be checked (4)."""
    try:
        verdicts = matcher.judge(frame_adapter(rows).key_batch(matcher.columns))
    except UsageError as error:
        error.where = error.where or matcher.name
        raise
    codes = verdicts.keep.astype(np.uint8)
    codes |= verdicts.matched.astype(np.uint8) << 1
    codes |= verdicts.unchecked.astype(np.uint8) << 2
    return codes


def _collected(rows: pl.LazyFrame, codes: pl.Expr) -> npt.NDArray[np.uint8]:
    found = rows.select(codes.alias(_CODE)).collect(engine="streaming", optimizations=_ONCE)
    return found.to_series().to_numpy().astype(np.uint8)


def _pages_fit(metadata: pq.FileMetaData, size: int) -> bool:
    """Whether every column chunk lies in the file, and the row groups hold the rows that the footer counts.

    A reader that trusts a footer over a file that was cut fails in ways that cannot be caught quietly.
    """
    rows = 0
    for group in map(metadata.row_group, range(metadata.num_row_groups)):
        rows += group.num_rows
        for chunk in map(group.column, range(metadata.num_columns)):
            start = chunk.data_page_offset
            if chunk.has_dictionary_page and chunk.dictionary_page_offset:
                start = min(start, chunk.dictionary_page_offset)
            if start < 0 or chunk.total_compressed_size < 0 or start + chunk.total_compressed_size > size:
                return False
    return rows == int(metadata.num_rows)


def _raise_full(error: BaseException) -> None:
    """Raise a disk's refusal as what it is; polars tells it in the text of another error."""
    told = re.search(r"\(os error (\d+)\)", str(error))
    if told and int(told[1]) in _REFUSALS:
        raise OSError(int(told[1]), os.strerror(int(told[1]))) from None


# A filter that is pushed into the reader is also tried on the statistics of row groups, which are no rows.
_ONCE = pl.QueryOptFlags(predicate_pushdown=False)
_REFUSALS = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS}
