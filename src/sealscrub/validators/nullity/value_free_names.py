"""Names of what differs, without the values that a result uses as names: columns by person, keys by arrest number."""

from __future__ import annotations

import contextlib
import dataclasses
import re
from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl

from sealscrub.tables import frame_adapter

from ..trial.file_worlds import FileWorlds, read_parquet
from ..trial.worlds import Worlds
from .comparison import Difference

__all__ = ["without_values"]

_SHORTEST = 5
#: A value that so many rows have on average is a category, and names no person and no record.
_A_CATEGORY = 10
_OWN_NAME = re.compile(r"\d{0,4}|X|y|values|output|\(.*\)")
_PARTS = re.compile(r"[.\[\]]")
_MARKS = re.compile(r"[^0-9a-z]")
_TEXTS = (pl.String, pl.Categorical, pl.Enum)


def without_values(differences: Sequence[Difference], worlds: Worlds | FileWorlds) -> list[Difference]:
    """Give differences under names that show no value of the data.

    A result may be keyed by what is in rows: columns of a pivot, keys of a mapping, a vocabulary. A part of a name
    that is a value of a column, or that holds an identifier, is named by that column; names that become one are shown
    once, with the most rows of them.

    Parameters
    ----------
    differences : sequence of Difference
    worlds : Worlds or FileWorlds
    """
    values = _Values(worlds)
    found: dict[tuple[str, str], Difference] = {}
    for each in differences:
        name = values.named(each.name)
        known = found.get((name, each.what))
        if known is None or known.rows < each.rows:
            found[name, each.what] = dataclasses.replace(each, name=name)
    return list(found.values())


class _Values:
    """Texts and whole numbers of the data that could be names, with the columns that they are of."""

    def __init__(self, worlds: Worlds | FileWorlds) -> None:
        self.columns: set[str] = set()
        self.whole: dict[str, str] = {}
        self.identifiers: dict[str, str] = {}
        for column, cells in _columns(worlds):
            self.columns.add(column)
            for cell in cells:
                text = str(cell)
                if cell is None or _OWN_NAME.fullmatch(text):
                    continue
                self.whole.setdefault(text, column)
                bare = _MARKS.sub("", text.lower())
                if len(bare) >= _SHORTEST and any(map(str.isdigit, bare)):
                    self.identifiers.setdefault(bare, column)
        self._lengths = sorted({len(each) for each in self.identifiers})

    def named(self, name: str) -> str:
        """Give a name with the values in it replaced."""
        if name in self.columns:
            return name
        whole = self.whole.get(name)
        if whole:
            return f"(value of {whole})"
        for part in sorted(set(_PARTS.split(name)), key=len, reverse=True):
            if part not in self.columns and not _OWN_NAME.fullmatch(part):
                of = self.whole.get(part) or self._identified(part)
                name = name.replace(part, f"(value of {of})") if of else name
        of = self._identified(name)
        return f"(value of {of})" if of else name

    def _identified(self, name: str) -> str:
        """Say of which column an identifier in a name is; empty if there is none."""
        bare = _MARKS.sub("", name.lower())
        for length in self._lengths:
            for start in range(len(bare) - length + 1):
                of = self.identifiers.get(bare[start : start + length])
                if of:
                    return of
        return ""


def _columns(worlds: Worlds | FileWorlds) -> Iterator[tuple[str, list[Any]]]:
    frames: list[Any] = []
    if not isinstance(worlds, FileWorlds):
        frames = [table.data for table in worlds.tables.values()]
    elif worlds.path.suffix == ".parquet":
        frames = [read_parquet(worlds.path)]
    elif worlds.path.suffix == ".csv":
        frames = [pl.read_csv(worlds.path, infer_schema=False, ignore_errors=True)]
    for frame in frames:
        adapter = frame_adapter(frame)
        for name in adapter.columns:
            series = None
            with contextlib.suppress(Exception):  # kinds that cannot be keys have no values that could be names
                series = adapter.key_batch([name]).to_series(0)
            if series is None or not (series.dtype in _TEXTS or series.dtype.is_integer()):
                yield str(name), []
            else:
                found = series.unique()
                yield str(name), found.to_list() if found.len() * _A_CATEGORY > series.len() else []
