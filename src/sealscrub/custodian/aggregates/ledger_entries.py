"""What a line of the ledger holds: one release, or one clean dataset, with the true figures of its tables."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

__all__ = ["Cell", "Entry", "Levels", "Tables"]

Levels = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """What a release or a clean data set has of one total; people if it was said what distinguishes them.

    Examples
    --------
    >>> Cell(count=40, people=38, shown=True).as_json()
    [40, 38, 1, None]
    """

    count: int
    people: int | None
    shown: bool
    summed: float | None = None

    def as_json(self) -> list[Any]:
        """Give what is in a line."""
        return [self.count, self.people, int(self.shown), self.summed]


Tables = dict[tuple[str, ...], dict[Levels, Cell]]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Entry:
    """One release, or one clean data set.

    Attributes
    ----------
    kind : str
        ``release`` or ``clean``.
    source : str
        What was counted, such as ``arrests 2025``: figures of one source are compared.
    name : str
        What it is called; of a release, its id.
    method : str
        Of a release: ``suppress``, ``round`` or ``noise``.
    tables : dict
        By the names of columns, in order of the alphabet: from levels to the true figures and whether they were
        published. A release with noise has none.
    minimum : int
        Of the release's rules.
    value : str or None
        The column that was summed.
    base : int or None
        To which counts were rounded.
    epsilon, budget : float
        Privacy loss of a release with noise, and what all of the source may lose together; 0 without.

    Examples
    --------
    >>> Entry(kind="clean", source="arrests 2025", name="train", method="", tables={}).minimum
    10
    """

    kind: str
    source: str
    name: str
    method: str
    tables: Tables
    minimum: int = 10
    value: str | None = None
    base: int | None = None
    epsilon: float = 0.0
    budget: float = 0.0

    @property
    def tells_exactly(self) -> bool:
        """Whether what it shows is the truth, and not near it."""
        return self.kind == "clean" or self.method == "suppress"

    def as_json(self) -> dict[str, Any]:
        """Give what is in a line."""
        tables = [
            {"by": list(by), "cells": [[*levels, cell.as_json()] for levels, cell in cells.items()]}
            for by, cells in self.tables.items()
        ]
        at = datetime.now(UTC).isoformat(timespec="seconds")
        return {
            "kind": self.kind, "source": self.source, "name": self.name, "method": self.method, "at": at,
            "minimum": self.minimum, "value": self.value, "base": self.base, "epsilon": self.epsilon,
            "budget": self.budget, "tables": tables,
        }  # fmt: skip

    @classmethod
    def of_json(cls, line: dict[str, Any]) -> Entry:
        """Read what is in a line."""
        tables = {
            tuple(table["by"]): {tuple(levels): _cell(*cell) for *levels, cell in table["cells"]}
            for table in line["tables"]
        }
        epsilon, budget = float(line["epsilon"]), float(line["budget"])
        if not (0 <= epsilon < math.inf and 0 <= budget < math.inf):  # what is not a number would add up to none
            raise ValueError
        return cls(
            line["kind"], line["source"], line["name"], line["method"], tables, int(line["minimum"]),
            line["value"], line["base"], epsilon, budget,
        )  # fmt: skip

    def __repr__(self) -> str:
        return f"Entry({self.kind})"


def _cell(count: int, people: int | None, shown: int, summed: float | None) -> Cell:
    people, summed = None if people is None else int(people), None if summed is None else float(summed)
    return Cell(int(count), people, bool(shown), summed)
