"""A matcher of the same shape as the real one, which knows its sealed ids in the clear."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from sealscrub.errors import UsageError
from sealscrub.tables import RowEdit
from sealscrub.tables.delimited.delimited_scrub import scrub_delimited
from sealscrub.tables.delimited.delimited_source import DelimitedSource
from sealscrub.tables.file import Opening, SourceFile
from sealscrub.tables.formats import delimited, jsonl
from sealscrub.tables.jsonl.jsonl_source import JsonlSource
from sealscrub.tables.reading_options import ReadAs
from sealscrub.tables.text.row_fates import FileCounts


@dataclass(frozen=True)
class Verdicts:
    matched: np.ndarray
    unchecked: np.ndarray
    keep: np.ndarray


@dataclass
class PlainMatcher:
    """Seals ids in the clear; an id that begins with '?' cannot be checked."""

    columns: tuple[str, ...]
    sealed: Collection[str] = ()
    edits: bool = False
    batches: list[pl.DataFrame] = field(default_factory=list)
    lock: Any = field(default_factory=threading.Lock)

    def judge(self, batch: pl.DataFrame) -> Verdicts:
        assert batch.columns == list(self.columns)
        assert set(batch.dtypes) == {pl.String}
        with self.lock:
            self.batches.append(batch)
        matched = np.zeros(batch.height, dtype=np.bool_)
        unchecked = matched.copy()
        for column in batch.iter_columns():
            matched |= np.array([value in self.sealed for value in column], dtype=np.bool_)
            unchecked |= np.array([bool(value) and value[0] == "?" for value in column], dtype=np.bool_)
        keep = np.ones_like(matched) if self.edits else ~matched
        return Verdicts(matched, unchecked, keep)


def row_edit(
    null: Collection[str] = (), texts: Mapping[str, str] | None = None, truths: Collection[str] = ()
) -> RowEdit:
    """An edit of texts, some of which are true or false themselves."""
    return RowEdit(
        tuple(null), {name: text == "true" if name in truths else text for name, text in (texts or {}).items()}
    )


@dataclass(frozen=True)
class Scrubbed:
    out: bytes
    aside: bytes
    counts: FileCounts
    values: list[tuple[str | None, ...]]


Scrub = Callable[..., Scrubbed]


@pytest.fixture(scope="session")
def scrub(tmp_path_factory: pytest.TempPathFactory) -> Scrub:
    """Scrub bytes as a file; blocks are tiny unless told otherwise, so that records span them."""
    folder = tmp_path_factory.mktemp("delimited")

    def run(
        data: bytes,
        key: str | tuple[str, ...] = "id",
        sealed: Collection[str] = (),
        *,
        quarantine: bool = False,
        name: str = "table.csv",
        block_size: int = 7,
        **options: Any,
    ) -> Scrubbed:
        path = Path(folder) / name
        path.write_bytes(data)
        out, aside = io.BytesIO(), io.BytesIO()
        matcher = PlainMatcher((key,) if isinstance(key, str) else key, sealed)
        with DelimitedSource(path, block_size=block_size, **options) as source:
            counts = scrub_delimited(source, matcher, out, aside if quarantine else None)
        # threads judge batches in any order: look at the values of one block, or as a set
        values = [row for batch in matcher.batches for row in batch.iter_rows()]
        return Scrubbed(out.getvalue(), aside.getvalue(), counts, values)

    return run


@dataclass(frozen=True)
class Edited:
    """What an edit writes if its marks are accepted, and the columns in which it marks the rows."""

    out: bytes
    marks: tuple[str, ...]


@pytest.fixture(scope="session")
def edited(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Edited]:
    """Edit the rows of id 1, or of others, in bytes as a file; blocks are tiny unless told otherwise."""
    folder = tmp_path_factory.mktemp("edited")

    def run(
        data: bytes,
        edit: RowEdit,
        name: str = "table.csv",
        sealed: Collection[str] = ("1",),
        block_size: int = 7,
        **options: Any,
    ) -> Edited:
        path, out = folder / name, folder / "out"
        path.write_bytes(data)
        kind = JsonLines if name.endswith(".jsonl") else Delimited
        table = kind(SourceFile(path, Path(name), kind.format), Opening(read_as=ReadAs(**options)))
        table.block_size = block_size
        found = table.find(PlainMatcher(("id",), sealed, edits=True))
        marks = []
        for column in edit.columns:
            others = tuple(each for each in edit.columns if each != column)
            try:
                table.kept(found, replace(edit, accept_marks=others), None)
            except UsageError:
                marks.append(column)
        table.kept(found, replace(edit, accept_marks=edit.columns), out)
        return Edited(out.read_bytes(), tuple(marks))

    return run


class Delimited(delimited.Format):
    block_size = 1 << 20

    def open(self) -> DelimitedSource:
        how = self.opening.read_as
        quoting: Any = how.quoting
        return DelimitedSource(self.path, encoding=how.encoding, quoting=quoting, block_size=self.block_size)


class _CountingSource(JsonlSource):
    """A source whose file knows how often it was read to its end."""

    file: JsonLines

    def blocks(self) -> Iterator[bytes]:
        yield from super().blocks()
        self.file.read += 1


class JsonLines(jsonl.Format):
    block_size = 1 << 20
    read = 0

    def open(self) -> JsonlSource:
        source = _CountingSource(self.path, block_size=self.block_size)
        source.file = self
        return source


@pytest.fixture(scope="session")
def jsonl_file() -> Callable[[Path, int], JsonLines]:
    """Open a file of JSON Lines that is read in blocks of a size."""

    def make(path: Path, block_size: int) -> JsonLines:
        file = JsonLines(SourceFile(path, Path(path.name), "jsonl"))
        file.block_size = block_size
        return file

    return make


@pytest.fixture(scope="session")
def plain_matcher() -> type[PlainMatcher]:
    return PlainMatcher


@pytest.fixture(scope="session")
def edit_rows() -> Callable[..., RowEdit]:
    return row_edit
