"""Parquet files: found and rewritten in one streaming pass, with the schema and codec that they had.

Row groups are refilled to a fixed size, so that the output is a function of the rows that stay. Counts that pandas
left in the metadata are put right. Columns whose types polars does not write back as they were take pyarrow, which
is slower (:mod:`.parquet_schema` says which).
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from sealscrub.errors import ColumnError, SealscrubError, UnreadableInput, WriteFailed
from sealscrub.matching import TableMatcher

from ..frames import RowEdit, frame_adapter
from ..pandas_metadata import rewrite_schema
from .parquet_levels import LevelRule, final_levels, pandas_categoricals
from .parquet_schema import fast_schema, put_schema, slow_columns

__all__ = ["ROW_GROUP_ROWS", "FoundRows", "ParquetTable"]

ROW_GROUP_ROWS = 1 << 18
_CODECS = {"LZ4_RAW": "lz4", "LZ4": "lz4", "UNCOMPRESSED": "uncompressed"}
_EXTRA = "\x00extra"  # no column of a file is called this

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
            with pq.ParquetFile(path) as file:
                self.schema: pa.Schema = file.schema_arrow
                self._metadata = file.metadata
        except (pa.ArrowException, OSError, ValueError):
            raise UnreadableInput(
                "this cannot be read as Parquet", where=str(path), hint="see that the file is whole."
            ) from None
        if not _pages_fit(self._metadata, path.stat().st_size):
            raise self._damaged()
        for name in self.schema.names:
            if self.schema.names.count(name) > 1:
                raise ColumnError.twice(name, self.schema.names, where=str(path))

    @property
    def columns(self) -> list[str]:
        """Names of the columns, in their order."""
        return list(self.schema.names)

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
        asked = edit.columns if edit else ()
        return tuple(dict.fromkeys([*slow_columns(self.schema), *(name for name in asked if name in self.columns)]))

    def find(self, matcher: TableMatcher, progress: Progress) -> FoundRows:
        """Judge every row, and write nothing."""
        flags = self._judged(matcher, progress, lambda keys, codes: keys.select(codes).collect(**_STREAMING))
        codes = flags.to_series().to_numpy()
        return FoundRows(keep=codes & 1 > 0, matched=codes & 2 > 0, unchecked=codes & 4 > 0)

    def write(self, matcher: TableMatcher, part: Path, progress: Progress) -> None:
        """Judge every row, and write those that stay in the same pass; all columns must be fast, none levelled."""

        def sink(rows: pl.LazyFrame, codes: pl.Expr) -> None:
            plan = rows.with_columns(codes.alias(_EXTRA)).filter(pl.col(_EXTRA) & 1 == 1).drop(_EXTRA)
            self._sink(plan, part, {})

        self._judged(matcher, progress, sink, every_column=True)
        self._put_metadata(part)

    def write_rows(self, wanted: Mask, part: Path, keep_levels: Collection[str] = ()) -> None:
        """Write some rows, found before; all columns must be fast."""
        levels = {
            name: final_levels(self.path, name, wanted, self.level_rule(name, keep_levels))
            for name in self.levelled_columns(keep_levels)
        }
        rows = pl.scan_parquet(self.path, glob=False, hive_partitioning=False, row_index_name=_EXTRA)
        mask = pl.Series(wanted)
        chosen = pl.col(_EXTRA).map_batches(mask.gather, return_dtype=pl.Boolean, is_elementwise=True)
        try:
            self._sink(rows.filter(chosen).drop(_EXTRA), part, levels)
        except _POLARS_FAILED as error:
            _raise_full(error)
            raise self._damaged() from None
        self._put_metadata(part)

    def levelled_columns(self, keep_levels: Collection[str] = ()) -> list[str]:
        """Fast columns whose list of levels, beside the values, is part of the file."""
        return [name for name in self.columns if self.level_rule(name, keep_levels) is not None]

    def level_rule(self, name: str, keep_levels: Collection[str]) -> LevelRule | None:
        """How the levels of a column are made; None where it has none beside its values."""
        kind = self.schema.field(name).type
        if not pa.types.is_dictionary(kind):
            return None
        if name in keep_levels:
            return LevelRule.DECLARED
        if kind.ordered:
            return LevelRule.ORDERED
        return LevelRule.PANDAS if name in pandas_categoricals(self.schema.metadata) else None

    def _sink(self, rows: pl.LazyFrame, part: Path, levels: dict[str, list[str]]) -> None:
        texts = [field.name for field in self.schema if pa.types.is_dictionary(field.type) and field.name not in levels]
        casts = [pl.col(texts).cast(pl.String)] if texts else []
        casts += [pl.col(name).cast(pl.Enum(found)) for name, found in levels.items()]
        rows.with_columns(casts).sink_parquet(
            part,
            compression=self.codec,
            row_group_size=ROW_GROUP_ROWS,
            arrow_schema=fast_schema(self.schema, levels),
            metadata={key.decode(): value.decode() for key, value in (self.schema.metadata or {}).items()},
            optimizations=_ONCE,
        )

    def write_slow(self, rows: FoundRows, part: Path, edit: RowEdit | None, keep_levels: Collection[str]) -> None:
        """Write the rows that stay, found before, through pyarrow and in memory, with every type as it was."""
        try:
            table = pq.read_table(self.path, partitioning=None)
            kept = frame_adapter(table).keep(rows.keep, edit=edit, matched=rows.matched, keep_levels=keep_levels)
        except (pa.ArrowException, OSError):
            raise self._damaged() from None
        codec = "none" if self.codec == "uncompressed" else self.codec
        pq.write_table(kept, part, compression=codec, row_group_size=ROW_GROUP_ROWS)

    def write_aside(self, wanted: Mask, part: Path) -> None:
        """Write rows for a person to look at, with every level there is."""
        rows = FoundRows(wanted, np.zeros_like(wanted), wanted)
        if self.slow_columns():
            self.write_slow(rows, part, None, self.columns)
        else:
            self.write_rows(wanted, part, self.columns)

    def _judged(
        self,
        matcher: TableMatcher,
        progress: Progress,
        run: Callable[[pl.LazyFrame, pl.Expr], Any],
        *,
        every_column: bool = False,
    ) -> Any:
        """Run a plan over the file in which each row is judged once; errors come out as ours."""
        errors: list[SealscrubError] = []

        def codes(batch: pl.Series) -> pl.Series:
            frame = batch.struct.unnest() if batch.dtype == pl.Struct else batch.to_frame(matcher.columns[0])
            try:
                verdicts = matcher.judge(frame.rename(dict(zip(frame.columns, matcher.columns, strict=True))))
            except SealscrubError as error:
                errors.append(error)
                raise
            progress(frame.height)
            flags = verdicts.keep | verdicts.matched.astype(np.uint8) << 1 | verdicts.unchecked.astype(np.uint8) << 2
            return pl.Series(flags, dtype=pl.UInt8)

        names = list(matcher.columns)
        keys = pl.struct(names) if len(names) > 1 else pl.col(names[0])
        mapped = keys.map_batches(codes, return_dtype=pl.UInt8, is_elementwise=True)
        rows = pl.scan_parquet(self.path, glob=False, hive_partitioning=False)
        try:
            result = run(rows if every_column else rows.select(names), mapped)
        except (*_POLARS_FAILED, SealscrubError, OSError) as error:
            if errors:
                raise errors[0] from None
            if isinstance(error, OSError) and error.errno is not None:
                raise
            _raise_full(error)
            raise self._damaged() from None
        if matcher.tally().rows != self.rows:
            raise UnreadableInput("not every row was judged exactly once", where=str(self.path))
        return result

    def _damaged(self) -> UnreadableInput:
        return UnreadableInput(
            "the file is damaged: it could not be read to its end", where=str(self.path), hint="take it anew."
        )

    def _put_metadata(self, part: Path) -> None:
        with pq.ParquetFile(part) as file:
            rows = int(file.metadata.num_rows)
        schema = self.schema.with_metadata(rewrite_schema(self.schema.metadata, rows, self._level_counts(part)))
        if not put_schema(part, schema):
            raise WriteFailed("the schema could not be written as it was", where=str(self.path))

    def _level_counts(self, part: Path) -> dict[str, int]:
        names = [field.name for field in self.schema if pa.types.is_dictionary(field.type)]
        if not names or b"pandas" not in (self.schema.metadata or {}):
            return {}
        counts = pl.scan_parquet(part, glob=False).select(pl.col(names).drop_nulls().n_unique()).collect()
        return dict(counts.row(0, named=True))


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
_POLARS_FAILED = (pl.exceptions.PolarsError, pl.exceptions.PanicException)  # the second is no Exception
_STREAMING: dict[str, Any] = {"engine": "streaming", "optimizations": _ONCE}
