"""Files as a table of a plan: one file, or the files of a folder or glob one after another."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import accumulate
from operator import add
from pathlib import Path
from types import MappingProxyType
from typing import Any

import polars as pl

from sealscrub.errors import ColumnError, UnreadableInput, UsageError

from .changes import TableChange
from .file import Opening
from .levels import LevelRules, Suspect
from .reading_options import ReadAs
from .row_verdicts import Remaining, RowMask
from .sources import find_sources, open_file, refuse_unread
from .table import FoundRows, Table, Wanted

__all__ = ["FilesTable", "link_file", "remove_empty"]


class FilesTable(Table):
    """A file, or the data files of a folder or glob, in the order of their names.

    Parameters
    ----------
    name : str
        What the plan calls it.
    source : str or path-like
        File, folder or glob, relative to `root`.
    root : Path
        The folder that `source` is relative to.
    read_as : ReadAs
        How text files are read.
    keep_levels : collection of str
        Categorical columns of Parquet whose list of levels is fixed by declaration and stays whole.
    keep_metadata : collection of str
        Entries of the metadata of Parquet that stay.
    use : str, optional
        For which it is read: figures of an aggregate report in texts are refused for every other one.

    Raises
    ------
    UsageError
        When the file does not exist, or the files are not of one format.
    ColumnError
        When they have not the same columns.
    ConfigError
        When the format of a file cannot be recognised, or a part of `read_as` has no effect on it.
    UnreadableInput
        When a file cannot be read.
    """

    def __init__(
        self,
        name: str,
        source: str | os.PathLike[str],
        *,
        root: Path,
        read_as: ReadAs | None = None,
        keep_levels: Collection[str] = (),
        keep_metadata: Collection[str] = (),
        use: str | None = None,
    ) -> None:
        read_as = read_as or ReadAs()
        self.name = name
        self._found = find_sources(Path(root) / source, read_as.format)
        refuse_unread(self._found.files, read_as)
        formats = {file.format for file in self._found.files}
        if len(formats) > 1:
            raise UsageError(
                f"its files are of {len(formats)} formats", where=name, hint="make a table of the files of each format."
            )
        self.format = formats.pop()
        opening = Opening(read_as=read_as, keep_levels=tuple(keep_levels), keep_metadata=tuple(keep_metadata), use=use)
        self._parts = [open_file(file, opening) for file in self._found.files]
        self.text, self.empty_texts = self._parts[0].text, self._parts[0].empty_texts
        self._free = self._parts[0].header is None
        if not self._free:
            self._check_columns()

    @property
    def place(self) -> Path:
        """The file, or the folder above all of them."""
        return Path(os.path.commonpath([file.path for file in self._found.files]))

    def knowing(self, levels: LevelRules) -> None:
        """Learn which columns are keys, and which levels may be in no list."""
        for part in self._parts:
            part.knowing(levels)

    def unused_levels(self, suspect: Suspect) -> list[tuple[str, pl.Series]]:
        """Give the levels that no row uses and are of interest, of every list that a file holds."""
        return [found for part in self._parts for found in part.unused_levels(suspect)]

    def undeclared(
        self, remaining: Remaining, declared: Collection[str], wanted: Wanted
    ) -> Iterator[tuple[str, pl.Series | None]]:
        """Give the columns that are not declared, of the rows that stay; None if one cannot be read."""
        for part in self._parts:
            yield from part.undeclared(remaining, declared, wanted)

    def names(self) -> Iterator[tuple[str, list[str]]]:
        """Give the names of columns and files."""
        for part in self._parts:
            yield from part.names()

    def remaining_parts(self, keep: RowMask) -> Sequence[Table]:
        """Give the files that are written if some rows stay: below a folder, one without rows is left out."""
        if not self.folder:
            return self._parts
        ends = accumulate(self.file_rows())
        return [part for part, end in zip(self._parts, ends, strict=True) if keep[end - (part.rows or 0) : end].any()]

    @property
    def files(self) -> tuple[Path, ...]:
        """The files, in the order of their rows."""
        return tuple(file.path for file in self._found.files)

    @property
    def lost_metadata(self) -> tuple[str, ...]:
        """Names of the entries of metadata that are not written."""
        return tuple(sorted({name for part in self._parts for name in part.lost_metadata}))

    @property
    def metadata(self) -> Mapping[str, list[str]]:
        """What entries of metadata say in texts, by their names."""
        found: dict[str, list[str]] = {}
        for part in self._parts:
            for name, texts in part.metadata.items():
                found.setdefault(name, []).extend(texts)
        return found

    @property
    def roots(self) -> tuple[Path, ...]:
        """The folders that were named, in which no output may be."""
        return self._found.roots

    @property
    def unread(self) -> tuple[Path, ...]:
        """Files in these folders that are not read, since their names are not those of data files."""
        return self._found.unread

    def unread_parts(self) -> tuple[str, ...]:
        """Say what the files hold that reading them does not meet."""
        return tuple(dict.fromkeys(each for part in self._parts for each in part.unread_parts()))

    @property
    def folder(self) -> bool:
        """Whether the output is a folder."""
        return self._found.folder

    @property
    def relative(self) -> tuple[Path, ...]:
        """Where each file goes below the output folder, if it is one."""
        return tuple(file.relative for file in self._found.files)

    @property
    def columns(self) -> list[str]:
        """Names of the columns in their order; files of JSON Lines are read for them."""
        if not self._free:
            return self._parts[0].columns
        return list(dict.fromkeys(name for part in self._parts for name in part.columns))

    @property
    def known_columns(self) -> list[str] | None:
        """Names of the columns; None for files of JSON Lines that were not read yet."""
        return None if any(part.known_columns is None for part in self._parts) else self.columns

    @property
    def marks(self) -> list[str]:
        """Names under which the mark of an aggregate report can be, in any file."""
        return list(dict.fromkeys(name for part in self._parts for name in part.marks))

    @property
    def rows(self) -> int | None:
        """Number of rows; None for text files that were not read yet."""
        counts = [part.rows for part in self._parts]
        return None if None in counts else sum(count or 0 for count in counts)

    def file_rows(self) -> list[int]:
        """Numbers of rows of the files; of text files once they were read."""
        return [part.rows or 0 for part in self._parts]

    def frame(
        self,
        *,
        typed: bool = False,
        schema: Mapping[str, pl.DataType] | None = None,
        texts: Collection[str] = (),
    ) -> pl.DataFrame:
        """Give every row in one frame; types are those that hold the values of all files."""
        if not typed:
            return super().frame()
        frames = [part.frame(typed=True, schema=schema, texts=texts) for part in self._parts]
        with self._alike():
            return pl.concat(frames, how="vertical_relaxed")

    def pandas_frame(self, *, typed: bool = False, texts: Collection[str] = ()) -> Any:
        """Give every row in one frame of pandas."""
        import pandas as pd

        frames = [part.pandas_frame(typed=typed, texts=texts) for part in self._parts]
        with self._alike():
            return frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)

    @contextmanager
    def _alike(self) -> Iterator[None]:
        try:
            yield
        except (pl.exceptions.PolarsError, ValueError, TypeError):
            raise UnreadableInput(
                "its files do not have the same columns and types",
                where=self.name,
                hint="give them the same columns and types.",
            ) from None

    def batches(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """Give some columns of every row, file by file."""
        return self.key_batches(columns, ())

    def key_batches(self, columns: Sequence[str], keys: Collection[str]) -> Iterator[pl.DataFrame]:
        """Give columns as :meth:`batches` does, and refuse what can be no key in those that are `keys`.

        Fields that no line has are refused at the end of the first reading.
        """
        late = self.known_columns is None
        if self._free and not late:
            self._check_fields(columns)
        elif not self._free:
            self._check_known(columns)
            self._check_types(columns)
        names, some = list(dict.fromkeys(columns)), False
        for part in self._parts:
            for batch in part.key_batches(names, keys):
                some = True
                yield batch
        if late:
            self._check_fields(columns)
        if not some:  # types are known even without rows
            yield pl.DataFrame(schema=dict(zip(names, self._parts[0].types(names), strict=True)))

    def others_with(
        self, change: TableChange, columns: Mapping[str, pl.Series], start: int = 0
    ) -> dict[str, list[int]]:
        """Count the other rows that have each distinct new value of an edit, of text in all files together."""
        if not self.text:
            return super().others_with(change, columns, start)
        found: dict[str, list[int]] = {}
        for part in self._parts:
            for name, counts in part.others_with(change, columns, start).items():
                found[name] = list(map(add, counts, found.get(name, [0] * len(counts))))
            start += part.rows or 0
        return found

    def hold_nulls(self, column: str) -> None:
        """Let a column hold nulls from now on, whatever the schema of a file says."""
        for part in self._parts:
            part.hold_nulls(column)

    def changed(
        self, change: TableChange, target: Path | None, *, linked: Mapping[Path, Path] = MappingProxyType({})
    ) -> None:
        """Write the files with a change: to `target`, or each in its place below it if the source is a folder.

        What no new value touches is as a scrub would write it; a file whose rows were all removed is left out.

        Parameters
        ----------
        change : TableChange
        target : Path or None
        linked : mapping of Path to Path
            Files, by their place below the table, that are as they were written before, and where that is.

        Raises
        ------
        ColumnError
            When a column is absent.
        UsageError
            When a column cannot hold a new value exactly, or the change is of another number of rows.
        UnreadableInput
            When a file cannot be read to its end, or is another one by now.
        """
        target = self._required_target(target)
        if self._free:
            self._check_fields(tuple(change.patches))
        else:
            self._check_known(tuple(change.patches))
        if self.rows is not None and self.rows != len(change.keep):
            raise UsageError(f"a change of {len(change.keep)} rows does not fit {self.rows}", where=self.name)
        start = 0
        for part, file in zip(self._parts, self._found.files, strict=True):
            place = target / file.relative if self.folder else target
            if file.relative in linked:
                start += part.rows or 0
                link_file(linked[file.relative], place)
                continue
            place.parent.mkdir(parents=True, exist_ok=True)
            rows, kept = part.changed(change, place, start)
            start += rows
            if self.folder and not kept:
                place.unlink()
                remove_empty(place.parent, target)
        if start != len(change.keep):
            raise UsageError(f"a change of {len(change.keep)} rows does not fit {start}", where=self.name)

    def set_aside(self, found: FoundRows, target: Path | None) -> None:
        """Write the rows that could not be checked, of each file as the file alone would."""
        place, start = self._required_target(target), 0
        for part, file in zip(self._parts, self._found.files, strict=True):
            rows = found.unchecked[start : start + (part.rows or 0)]
            start += len(rows)
            if rows.any():
                there = place / file.relative if self.folder else place
                there.parent.mkdir(parents=True, exist_ok=True)
                part.set_aside(FoundRows.aside(rows), there)

    def linked(self, links: Mapping[Path, Path], target: Path) -> None:
        """Link files, by their place below the table, that are as they were written before."""
        for file in self._found.files:
            link_file(links[file.relative], target / file.relative if self.folder else target)

    def replaced(self, rows: pl.DataFrame, target: Path | None) -> None:
        """Write other rows altogether as the file is written.

        Raises
        ------
        UsageError
            When the table is of several files: the rows do not say which of them each goes to.
        """
        target = self._required_target(target)
        if len(self._parts) > 1:
            raise UsageError(
                "consists of several files, and new rows do not say which file they belong to",
                where=self.name,
                hint="keep a table that is recomputed as a whole in one file.",
            )
        place = target / self._found.files[0].relative if self.folder else target
        place.parent.mkdir(parents=True, exist_ok=True)
        self._parts[0].replaced(rows, place)

    def _required_target(self, target: Path | None) -> Path:
        if target is None:
            raise UsageError("no output given", where=self.name)
        return target

    def _check_columns(self) -> None:
        first = sorted(self._parts[0].columns)
        for part in self._parts[1:]:
            if sorted(part.columns) != first:
                raise ColumnError(
                    "its columns are not those of the table's first file",
                    where=part.name,
                    hint="make a table of the files that have the same columns.",
                )

    def _check_known(self, columns: Sequence[str]) -> None:
        ColumnError.require(columns, self.columns, where=self.name, once=True)

    def _check_types(self, columns: Sequence[str]) -> None:
        if len(self._parts) == 1:
            return
        expected = self._parts[0].types(columns)
        for part in self._parts[1:]:
            for name, kind, wanted in zip(columns, part.types(columns), expected, strict=True):
                if kind != wanted:
                    raise UsageError(
                        f"the column {name!r} is of another type than in the table's first file", where=part.name
                    )

    def _check_fields(self, columns: Sequence[str]) -> None:
        """Refuse a field that no line has; a path into an object is recognised by its first name."""
        known = set(self.columns)
        for name in columns:
            heads = {name} | {name[:at] for at, character in enumerate(name) if character == "."}
            if known and not heads & known:
                raise ColumnError.absent(name, sorted(known), where=self.name)


def link_file(source: Path, place: Path) -> None:
    """Link a file that was written before; of one that was left out there is nothing to link."""
    if source.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        os.link(source, place)


def remove_empty(folder: Path, root: Path) -> None:
    """Remove a folder below another, and those above it in turn, as long as nothing is in them."""
    while folder != root and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
