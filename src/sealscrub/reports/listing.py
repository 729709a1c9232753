"""A list with its verdict: a table for people, rows for spreadsheets and programs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from .document import Column, Document, Table
from .report_cells import Cell, Kind, bare
from .report_kinds import CsvReport

__all__ = ["Listing"]


@dataclass(frozen=True, kw_only=True)
class Listing(CsvReport):
    """A list of rows, or facts, and what they come to.

    Parameters
    ----------
    tool, headline, kind, lede, facts, steps, closing, operators_copy
        As of :class:`Document`. If it stays with the operator, ``print`` and notebooks show the headline, lede
        and steps only.
    rows : sequence of mapping of str to object
        All of the same names. If it travels, a number is a :class:`Number`.
    title : str
        Of the table.
    group : str
        Of which name each value has a table of its own, under that value.
    values : object, optional
        What JSON holds; by default the rows.

    Raises
    ------
    UsageError
        If what travels holds a count or a number, as of :class:`Document`.

    Examples
    --------
    >>> from sealscrub.reports import Number
    >>> rows = [{"name": "Ann", "age": Number(3)}]
    >>> print(Listing(tool="pets", headline="The pets", rows=rows, title="Dogs").text())
    The pets
    <BLANKLINE>
    Dogs
      name  age
      ────  ───
      Ann     3
    <BLANKLINE>
    sealscrub ...
    """

    tool: str
    headline: str
    kind: Kind = "good"
    lede: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    rows: Sequence[Mapping[str, object]] = ()
    title: str = "All"
    group: str = ""
    values: object = None
    steps: tuple[str, ...] = ()
    closing: tuple[str, ...] = ()
    operators_copy: str = ""

    def _document(self) -> Document:
        return replace(
            self._without_rows(),
            facts={_titled(name): _cell(value) for name, value in self.facts.items()},
            parts=tuple(self._tables()),
            operators_copy=self.operators_copy,
        )

    def _brief(self) -> Document:
        return self._without_rows() if self.operators_copy else self._document()

    def _without_rows(self) -> Document:
        return Document(
            tool=self.tool, kind=self.kind, headline=self.headline, lede=self.lede, steps=self.steps,
            closing=self.closing,
        )  # fmt: skip

    def _tables(self) -> Iterator[Table]:
        groups: dict[str, list[Mapping[str, object]]] = {}
        for row in self.rows:
            groups.setdefault(str(row.get(self.group, self.title)), []).append(row)
        for title, rows in groups.items():
            names = [name for name in rows[0] if name != self.group]
            columns = tuple(
                Column(name.replace("_", " "), number=all(_is_number(row[name]) for row in rows)) for name in names
            )
            yield Table(
                title=title, columns=columns, rows=tuple(tuple(_cell(row[name]) for name in names) for row in rows)
            )

    def _facts(self) -> Mapping[str, Any]:
        return {}

    def _values(self) -> Any:
        return [*self._plain_rows()] if self.values is None else self.values

    def _rows(self) -> tuple[Sequence[str], Iterable[Mapping[str, object]]]:
        return [*self.rows[0]] if self.rows else [], self._plain_rows()

    def _plain_rows(self) -> Iterator[Mapping[str, object]]:
        return ({name: bare(value) for name, value in row.items()} for row in self.rows)


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _titled(name: str) -> str:
    return name[:1].upper() + name[1:].replace("_", " ")


def _cell(value: Any) -> Cell:
    if isinstance(value, dt.datetime):
        return f"{value:%Y-%m-%d %H:%M}Z"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else value
