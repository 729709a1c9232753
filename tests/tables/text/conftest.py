"""A matcher of the same shape as the real one, which knows its sealed ids in the clear."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from sealscrub.tables import RowEdit
from sealscrub.tables.delimited.delimited_scrub import scrub_delimited
from sealscrub.tables.delimited.delimited_source import DelimitedSource
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
        edit: RowEdit | None = None,
        quarantine: bool = False,
        name: str = "table.csv",
        block_size: int = 7,
        **options: Any,
    ) -> Scrubbed:
        path = Path(folder) / name
        path.write_bytes(data)
        out, aside = io.BytesIO(), io.BytesIO()
        matcher = PlainMatcher((key,) if isinstance(key, str) else key, sealed, edits=edit is not None)
        with DelimitedSource(path, block_size=block_size, **options) as source:
            counts = scrub_delimited(source, matcher, out, aside if quarantine else None, edit)
        # threads judge batches in any order: look at the values of one block, or as a set
        values = [row for batch in matcher.batches for row in batch.iter_rows()]
        return Scrubbed(out.getvalue(), aside.getvalue(), counts, values)

    return run


@pytest.fixture(scope="session")
def plain_matcher() -> type[PlainMatcher]:
    return PlainMatcher


@pytest.fixture(scope="session")
def edit_rows() -> Callable[..., RowEdit]:
    return row_edit
