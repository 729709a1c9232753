"""Names of what differs, without the values that a result uses as names: columns by person, keys by arrest number."""

from __future__ import annotations

import contextlib
import dataclasses
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from sealscrub.tables import frame_adapter
from sealscrub.tables.row_verdicts import RemainingRows

from ..trial.file_worlds import FileWorlds, opened_files
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
    if isinstance(worlds, FileWorlds):
        yield from _columns_of_files(worlds.path)
        return
    for table in worlds.tables.values():
        adapter = frame_adapter(table.data)
        for name in adapter.columns:
            series = None
            with contextlib.suppress(Exception):  # kinds that cannot be keys have no values that could be names
                series = adapter.key_batch([name]).to_series(0)
            yield str(name), [] if series is None else _cells(series)


def _columns_of_files(path: Path) -> Iterator[tuple[str, list[Any]]]:
    for file in opened_files(path):
        held: dict[str, list[pl.Series]] = {name: [] for name in file.columns}
        for name, values in file.undeclared(_EveryRow(), (), _may_name):
            if values is not None and name in held:
                held[name].append(values)
        for name, parts in held.items():
            yield name, _cells(pl.concat(parts)) if parts else []


class _EveryRow:
    columns: tuple[str, ...] = ()

    def judge(self, batch: pl.DataFrame) -> RemainingRows:
        return RemainingRows(np.ones(batch.height, dtype=np.bool_))


def _may_name(kind: pl.DataType) -> bool:
    return kind in _TEXTS or kind.is_integer()


def _cells(series: pl.Series) -> list[Any]:
    found = series.unique()
    return found.to_list() if _may_name(series.dtype) and found.len() * _A_CATEGORY > series.len() else []
