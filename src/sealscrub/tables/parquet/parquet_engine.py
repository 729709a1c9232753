"""Parquet files: found and rewritten in one streaming pass, with the schema and codec that they had.

Row groups are refilled to a fixed size, so the output is a function of the rows that stay. Counts that pandas
left in the metadata are put right. Columns whose types polars does not write back as they were take pyarrow, which
is slower (:mod:`.parquet_schema` says which).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
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

from .. import frame_adapter
from ..aggregate_mark import arrow_names
from ..arrow.arrow_values import listed_rows, readable_series, value_series
from ..arrow.enum_lists import relisted_fields
from ..arrow.pandas_metadata import pandas_categoricals
from ..arrow.schema_entries import stripped_schema
from ..arrow.schema_texts import metadata_texts
from ..arrow.survivor_schema import written_schema
from ..changes import Patch, TableChange
from ..file_state import FileState
from ..levels import LevelRules, Suspect, kept_key
from ..row_verdicts import Matcher, Remaining, RowMask
from ..table import FoundRows, Wanted
from .parquet_dictionaries import idle_columns
from .parquet_errors import damaged, reading
from .parquet_extents import ParquetExtents, parquet_extents
from .parquet_footer import pages_fit, refuse_encrypted
from .parquet_levels import LevelRule
from .parquet_lists import mark_in_file, unused_in_file
from .parquet_names import called, distinct_names, share_names, with_names
from .parquet_patches import fitting, patched, raw_table
from .parquet_schema import fast_schema, put_schema, slow_columns
from .parquet_slow import ROW_GROUP_ROWS, SlowRewrite, level_rules, read_batches, read_levels, read_rows, repeated_texts

__all__ = ["ROW_GROUP_ROWS", "ParquetTable"]

_CODECS = {"LZ4_RAW": "lz4", "LZ4": "lz4", "UNCOMPRESSED": "uncompressed"}
_ROW, _CODE = "\x00row", "\x00code"  # no column of a file is called this

Progress = Callable[[int], None]


class ParquetTable:
    """One Parquet file.

    Parameters
    ----------
    path : Path
        The file.
    keep_metadata : collection of str
        Entries of metadata that stay.

    Attributes
    ----------
    schema : pyarrow.Schema
        As it is written, but for what pandas and GeoParquet note of the rows, and for names that columns share.
    lost_metadata : tuple of str
        Names of the entries that are not written.

    Raises
    ------
    UnreadableInput
        When it is not a Parquet file, or is truncated.
    """

    def __init__(self, path: Path, keep_metadata: Collection[str] = (), name: str | None = None) -> None:
        self.path, self._keep_metadata, self._name = path, keep_metadata, name or str(path)
        try:
            self._state = FileState.of(path)
            refuse_encrypted(path)
            with pq.ParquetFile(path) as file:
                whole: pa.Schema = file.schema_arrow
                self._metadata = file.metadata
            self._whole_schema = whole
            schema, self.lost_metadata = stripped_schema(whole, keep_metadata)
            self.schema = with_names(schema, distinct_names(whole.names))
        except (pa.ArrowException, OSError, ValueError):
            hint = "see that the file is whole."
            raise UnreadableInput("this cannot be read as Parquet", where=str(path), hint=hint) from None
        if not pages_fit(self._metadata, self._state.facts[1]):
            raise damaged(path)
        self.levels = LevelRules()

    @property
    def metadata(self) -> Mapping[str, list[str]]:
        """What entries of metadata say in texts, by their names."""
        return metadata_texts(self._whole_schema)

    @property
    def columns(self) -> list[str]:
        """Names of the columns, in their order; several can have one."""
        return list(self._whole_schema.names)

    def check_column(self, name: str) -> None:
        """Refuse a column that is missing, or present more than once.

        Raises
        ------
        ColumnError
        """
        ColumnError.require([name], self.columns, where=self._name)
        if name not in self.schema.names:
            raise ColumnError.twice(name, self.columns, where=self._name)

    @property
    def marks(self) -> list[str]:
        """Names under which a mark can be: columns, fields inside of them, metadata, and values."""
        beside = [key.decode(errors="replace") for key in self._metadata.metadata or ()]
        with self._reading():
            return [*self.columns, *arrow_names(self.schema), *beside, *mark_in_file(self.path, self._whole_schema)]

    def hold_nulls(self, column: str) -> None:
        """Declare a column as one that holds nulls."""
        at = self.schema.get_field_index(column)
        self.schema = self.schema.set(at, self.schema.field(at).with_nullable(True))

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

    @cached_property
    def slow_columns(self) -> tuple[str, ...]:
        """Columns that need the slower path, which then the whole file takes."""
        return slow_columns(self.path, self.schema)

    def levelled_columns(self, keep_levels: Collection[str] = ()) -> list[str]:
        """Columns whose list of levels, other than the values, is part of the file."""
        return list(self._rules(keep_levels))

    def _rules(self, keep_levels: Collection[str]) -> dict[str, LevelRule]:
        for name in keep_levels:
            if name in self.levels.keys:
                raise kept_key(name)
        return level_rules(self.path, self.schema, keep_levels, self.levels.keys)

    @cached_property
    def extents(self) -> ParquetExtents:
        """What the file holds other than the values of its rows."""
        with self._reading():
            return parquet_extents(self.path)

    def find(self, matcher: Matcher, progress: Progress) -> FoundRows:
        """Judge every row, and write nothing."""
        slowly = set(matcher.columns) & set(self.slow_columns)
        return _decode(self._find_slowly(matcher, progress) if slowly else self._judge(matcher, progress, _collected))

    def unused_levels(self, suspect: Suspect) -> list[tuple[str, pl.Series]]:
        """Give the levels, and bounds in statistics, that no row uses and are of interest."""
        with self._reading():
            return unused_in_file(self.path, self._whole_schema, self.extents, suspect)

    def write(self, matcher: Matcher, part: Path, progress: Progress) -> FoundRows:
        """Judge every row, and write those that stay in the same pass; all columns must be fast, none levelled."""

        def sink(rows: pl.LazyFrame, codes: pl.Expr) -> None:
            plan = rows.with_columns(codes.alias(_CODE)).filter(pl.col(_CODE) & 1 == 1).drop(_CODE)
            self._sink(plan, part, {})

        codes = self._judge(matcher, progress, sink)
        self._put_metadata(part, {})
        return _decode(codes)

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
        if not self.slow_columns:
            self._write_fast(fitted, part, keep_levels)
            return
        with self._reading():
            self._rules(keep_levels)
            rewrite = SlowRewrite(
                self.path,
                self.schema,
                self.codec,
                fitted,
                keep_levels,
                keep_metadata=self._keep_metadata,
                levels=self.levels,
            )
            rewrite.write(part)

    def batches(self, columns: Sequence[str], keys: Collection[str] = ()) -> Iterator[pl.DataFrame]:
        """Give columns of all rows, typed, in their order; keys of a type that polars has not are text.

        Raises
        ------
        ColumnError
            When one is absent.
        """
        for name in columns:
            self.check_column(name)
        if not columns:
            yield pl.DataFrame(height=self.rows)
            return
        with self._reading():
            yield from read_rows(self.path, list(dict.fromkeys(columns)), keys)

    def undeclared(
        self, remaining: Remaining, declared: Collection[str], wanted: Wanted
    ) -> Iterator[tuple[str, pl.Series | None]]:
        """Give the columns that are not declared, batch by batch, of rows that stay; None if one cannot be read."""
        for name in remaining.columns:
            self.check_column(name)
        names = distinct_names(self.columns)
        empty = {name: pa.chunked_array([], type=self.schema.field(at).type) for at, name in enumerate(names)}
        kinds = {name: readable_series(column, name) for name, column in empty.items() if called(name) not in declared}
        others = [name for name, kind in kinds.items() if kind is None or wanted(kind.dtype)]
        if not self.rows:  # its fields have names
            yield from ((called(name), kinds[name]) for name in others if kinds[name] is not None)
        if not others:
            return
        with self._reading():
            listed = set(repeated_texts(self.path, self.schema)).difference(remaining.columns)
            idle = idle_columns(self.path, set(others).difference(remaining.columns), wanted)
            for table in read_batches(self.path, list(dict.fromkeys((*remaining.columns, *others))), listed, idle):
                keys = {name: value_series(table.column(name), name) for name in remaining.columns}
                stays = remaining.judge(pl.DataFrame(keys or None, height=table.num_rows))
                for name in filter(set(table.column_names).__contains__, others):
                    yield called(name), listed_rows(table.column(name), stays.as_they_were(called(name)), name)

    def write_raw(self, rows: pl.DataFrame, part: Path) -> None:
        """Write other rows under this file's schema, as a source that is yet to be written as all files are.

        Raises
        ------
        ColumnError
            When `rows` lacks a column.
        UsageError
            When a column cannot hold a value exactly.
        """
        if share_names(self.columns):
            raise ColumnError(
                "columns share a name, and other rows do not say which is which",
                where=str(self.path),
                hint="give each column a name of its own.",
            )
        with self._reading():
            rules, everything = level_rules(self.path, self.schema, self.columns), np.ones(self.rows, dtype=np.bool_)
            listed = read_levels(self.path, TableChange(everything), rules, self.schema, LevelRules())
            table = raw_table(rows, self.schema, listed, str(self.path))
            codec = "none" if self.codec == "uncompressed" else self.codec
            pq.write_table(table, part, compression=codec)

    def _write_fast(self, change: TableChange, part: Path, keep_levels: Collection[str]) -> None:
        with self._reading():
            levels = read_levels(self.path, change, self._rules(keep_levels), self.schema, self.levels)
            rows = pl.scan_parquet(self.path, glob=False, hive_partitioning=False, row_index_name=_ROW)
            mask = pl.Series(change.keep)
            chosen = pl.col(_ROW).map_batches(mask.gather, return_dtype=pl.Boolean, is_elementwise=True)
            self._sink(rows.filter(chosen), part, levels, change.patches)
        self._put_metadata(part, levels)

    def write_aside(self, wanted: RowMask, part: Path) -> None:
        """Write rows for a person to look at; lists keep their levels, but for those of keys and those barred."""
        whole = [name for name in self.schema.names if name not in self.levels.keys]
        self.write_changed(TableChange(wanted), part, whole)

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

    def _find_slowly(self, matcher: Matcher, progress: Progress) -> npt.NDArray[np.uint8]:
        found = [np.zeros(0, np.uint8)]
        with self._reading():
            for table in read_batches(self.path, matcher.columns):
                found.append(self._code(matcher, table))
                progress(table.num_rows)
        self._check_judged(map(len, found))
        return np.concatenate(found)

    def _judge(
        self, matcher: Matcher, progress: Progress, run: Callable[[pl.LazyFrame, pl.Expr], object]
    ) -> npt.NDArray[np.uint8]:
        """Run a plan over the file in which each row is judged once; errors are raised as ours."""
        errors: list[BaseException] = []
        judged: list[int] = []
        try:
            every = np.zeros(self.rows, np.uint8)
        except (MemoryError, ValueError):  # it claims more rows than any file has
            raise damaged(self.path) from None

        def codes(batch: pl.Series) -> pl.Series:
            try:
                rows = batch.struct.unnest()
                found = self._code(matcher, rows)
                every[rows[_ROW].to_numpy()] = found  # batches come in any order
                judged.append(len(found))
                progress(len(found))
            except BaseException as error:
                errors.append(error)
                raise
            return pl.Series(found, dtype=pl.UInt8)

        # by name means by name: pl.col reads "*" and "^…$" as patterns
        keys = pl.struct(cs.by_name(_ROW, *matcher.columns))
        mapped = keys.map_batches(codes, return_dtype=pl.UInt8, is_elementwise=True)
        try:
            with self._reading():
                run(pl.scan_parquet(self.path, glob=False, hive_partitioning=False, row_index_name=_ROW), mapped)
        except UnreadableInput:
            if errors:
                raise errors[0] from None
            raise
        self._check_judged(judged)
        return every

    def _check_judged(self, rows: Iterable[int]) -> None:
        if sum(rows) != self.rows:
            raise UnreadableInput("not every row was judged exactly once", where=str(self.path))

    def _code(self, matcher: Matcher, rows: Any) -> npt.NDArray[np.uint8]:
        """Judge the rows of a frame: which stay (1), match (2), and could not be checked (4)."""
        try:
            verdicts = matcher.judge(frame_adapter(rows).key_batch(matcher.columns))
        except UsageError as error:
            error.where = error.where or self._name
            raise
        codes = verdicts.keep.astype(np.uint8)
        codes |= verdicts.matched.astype(np.uint8) << 1
        codes |= verdicts.unchecked.astype(np.uint8) << 2
        return codes

    def _reading(self) -> AbstractContextManager[None]:
        return reading(self.path, self._state)

    def _put_metadata(self, part: Path, levels: Mapping[str, list[str]]) -> None:
        rows = int(pq.read_metadata(part).num_rows)
        counts = {name: len(found) for name, found in levels.items()} | self._count_distinct(part, levels)
        schema = written_schema(self.schema, rows, counts, keep=self._keep_metadata)
        within = self.levels.stays_in
        schema = relisted_fields(schema, levels, lambda each: pq.read_table(part).column(each.name), within)
        if not put_schema(part, schema):
            raise WriteFailed("the schema could not be written as it was", where=str(self.path))

    def _count_distinct(self, part: Path, levels: Collection[str]) -> dict[str, int]:
        """Number of values of categoricals that Parquet holds as plain values."""
        names = pandas_categoricals(self.schema.metadata).intersection(self.columns).difference(levels)
        if not names:
            return {}
        counts = pl.scan_parquet(part, glob=False).select(cs.by_name(*names).drop_nulls().n_unique())
        return counts.collect(engine="streaming").row(0, named=True)


def _collected(rows: pl.LazyFrame, codes: pl.Expr) -> None:
    rows.select(codes.alias(_CODE)).collect(engine="streaming", optimizations=_ONCE)


def _decode(codes: npt.NDArray[np.uint8]) -> FoundRows:
    return FoundRows(keep=codes & 1 > 0, matched=codes & 2 > 0, unchecked=codes & 4 > 0)


# A filter that is pushed into the reader is also tried on the statistics of row groups, which are not rows.
_ONCE = pl.QueryOptFlags(predicate_pushdown=False)
