"""Rows that stay without their sealed record: some fields take the value of rows that never had one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import numpy as np
import polars as pl

from sealscrub.boundary.array_types import Mask as RowMask
from sealscrub.errors import ConfigError, Refused, UsageError
from sealscrub.tables import frame_adapter
from sealscrub.tables.changes import Patch, TableChange
from sealscrub.tables.containers import is_frame

from .caller_code import Attempt
from .graphs.supports import shown_name

__all__ = ["ABSENT", "Absent", "Placeholder"]


class Absent:
    """What is returned where a field is left out altogether."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = Absent()


class Placeholder:
    """What a row looks like that never had a record of the kind that is guarded.

    For rows that are about something else, such as a person, a vehicle or a place, and say of it which arrest was the
    last. Without that arrest the row would still be there. A row that exists only by its record must vanish; masked,
    it would show that there was one.

    Parameters
    ----------
    values : mapping of str to object or callable
        Of each field that depends on the record, what is there in a row without one: 0 in a count, None in a
        date, :data:`ABSENT` in JSON if the field is left out then. A callable gets the row's independent fields, as
        a dict, and gives the value. Key fields are None if no other value is named.
    independent : iterable of str
        All other fields: what they hold is the same whether or not such a record exists. One at least says whose
        row it is.

    Raises
    ------
    ConfigError
        When a field is named as both, or none is independent.

    Examples
    --------
    >>> mask = Placeholder({"last_arrest": None, "arrests": 0}, independent=["person"])
    >>> mask.row({"person": 7, "last_arrest": "K14612345", "arrests": 1})
    {'person': 7, 'last_arrest': None, 'arrests': 0}
    """

    def __init__(self, values: Mapping[str, Any], *, independent: Iterable[str]) -> None:
        if not isinstance(values, Mapping) or isinstance(independent, str):
            raise ConfigError(
                "a mask needs a dict of values by field, and a list of fields",
                hint='Placeholder({"n": 0}, independent=["a"])',
            )
        self.values, self.independent = dict(values), tuple(independent)
        if set(self.values) & set(self.independent):
            raise ConfigError("a field is declared as masked and as independent", hint="choose one.")
        if not self.independent:
            raise ConfigError(
                "a masked row would show only that a record was there",
                hint="name its other fields in independent=[…]; a row without other fields must be dropped.",
            )

    def with_keys(self, keys: Collection[str]) -> Placeholder:
        """Add key fields, which are None unless you give other values.

        Raises
        ------
        ConfigError
            When one is said to be independent.
        """
        if set(keys) & set(self.independent):
            raise ConfigError("a key field cannot be independent of its record", hint="name it in no list.")
        return Placeholder({**dict.fromkeys(keys), **self.values}, independent=self.independent)

    def check(self, names: Iterable[str], where: str, *, columns: bool = False) -> None:
        """Refuse rows with undeclared fields.

        Raises
        ------
        Refused
        """
        strange = sorted({str(name) for name in names} - set(self.values) - set(self.independent))
        if strange:  # only names of columns are not row's own
            shown = ", ".join(map(shown_name, strange)) if columns else "a field"
            raise Refused(
                f"{shown} of a masked row {'is' if len(strange) == 1 or not columns else 'are'} undeclared",
                where=where,
                hint="add each field of a row to the mask's values or to independent=.",
            )

    def row(self, row: Mapping[str, Any], where: str = "answer") -> dict[str, Any]:
        """Give a row as it is without its record. Its fields stay in their order; one that it lacks is not added.

        Raises
        ------
        UsageError
            When a callable fails; its own words may hold a row, and are not shown.
        """
        rest = {name: row[name] for name in self.independent if name in row}
        made = {name: self._value(name, rest, where) if name in self.values else value for name, value in row.items()}
        return {name: value for name, value in made.items() if not isinstance(value, Absent)}

    def applied(self, data: Any, gone: RowMask, where: str, besides: Collection[str] = ()) -> Any:
        """Give the same rows, masked where they have a record that may not be returned.

        Parameters
        ----------
        data : frame, list of mappings, or one mapping
        gone : ndarray of bool, shape (n,)
        where : str
            What it is called in errors.
        besides : collection of str
            Fields that are taken off later, and stay as they are.

        Raises
        ------
        Refused
            When a field is neither masked nor independent, whether or not any row is masked.
        UsageError
            When a field cannot hold the value, whether or not any row does; or the data are of another kind.
        """
        if isinstance(data, Mapping) and len(gone) == 1:
            self.check(data, where)
            return self.row(data, where) if gone[0] else data
        if isinstance(data, list | tuple) and all(isinstance(row, Mapping) for row in data):
            self.check({name for row in data for name in row}, where)
            return [self.row(row, where) if out else row for row, out in zip(data, gone.tolist(), strict=True)]
        if not is_frame(data):
            raise UsageError(
                f"rows of a {type(data).__name__} cannot be masked", where=where, hint="give a frame or dicts."
            )
        adapter = frame_adapter(data)
        self.check(adapter.columns, where, columns=True)
        names = [name for name in adapter.columns if name in self.values and name not in set(besides)]
        if len(gone):  # the first row is tried always, so a value that does not fit is not a sign
            first = np.arange(len(gone)) == 0
            alone = frame_adapter(adapter.keep(first))
            alone.changed(TableChange(np.ones(1, bool), self._patches(alone, first[:1], names, where)))
        return adapter.changed(TableChange(np.ones(len(gone), bool), self._patches(adapter, gone, names, where)))

    def _patches(self, adapter: Any, gone: RowMask, names: list[str], where: str) -> dict[str, Patch]:
        rows = np.flatnonzero(gone)
        typed = adapter.values(names)
        asked = any(callable(self.values[name]) for name in names)
        rest = [name for name in self.independent if name in adapter.columns] if asked else []
        facts = adapter.values(rest).filter(pl.Series(gone)).to_dicts() if asked else [{}] * len(rows)
        patches = {}
        for name in names:
            if callable(self.values[name]):
                given = [self._value(name, row, where) for row in facts]
            else:
                given = [self._value(name, {}, where)] * len(rows)
            if any(isinstance(value, Absent) for value in given):
                raise UsageError("no column of a frame can be absent from one row", where=where, hint="name a value.")
            try:
                patches[name] = Patch(rows, pl.Series(name, given, typed.schema[name], strict=True))
            except (TypeError, ValueError, OverflowError, pl.exceptions.PolarsError):
                raise UsageError(f"the column {name!r} cannot hold its mask value", where=where) from None
        return patches

    def _value(self, name: str, row: dict[str, Any], where: str) -> Any:
        value = self.values[name]
        if not callable(value):
            return value
        with Attempt() as attempt:
            return value(dict(row))
        raise UsageError(
            f"the mask of {name!r} failed with {attempt.failed}", where=where, hint="it gets the independent fields."
        )

    def __repr__(self) -> str:
        return f"Placeholder({len(self.values)} fields, {len(self.independent)} independent)"
