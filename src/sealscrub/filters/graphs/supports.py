"""Which records support a node or an edge, and which of them are left."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import polars as pl

from sealscrub.errors import ConfigError, SealscrubError, UncheckedKeys, UsageError

from ..barred_records import Judgement

__all__ = ["Left", "Recount", "Supports", "check_accounted", "recounted", "shown_name"]

Recount: TypeAlias = Callable[[Sequence[Any]], Any]
"""From the records that still support an element to an attribute that was computed from them."""


class Left:
    """What is left of the support of one element.

    Attributes
    ----------
    had : bool
        Whether any record supported it.
    stays : list of bool
        For each record, whether it does still.
    records : list
        Those that do: their keys, or tuples of these if a record has several key fields.
    """

    __slots__ = ("had", "records", "stays")

    def __init__(self, stays: list[bool], records: list[Any]) -> None:
        self.had, self.stays = bool(stays), stays
        self.records = records

    @property
    def gone(self) -> bool:
        """Whether it had support, and has none left."""
        return self.had and not self.records

    def of(self, value: Any) -> Any:
        """Give a key field without the records that are removed, as what it was."""
        if isinstance(value, set | frozenset):
            kept = [each for each, stays in zip(_as_list(value), self.stays, strict=True) if stays]
            return type(value)(kept)
        if isinstance(value, list | tuple | np.ndarray):
            kept = [each for each, stays in zip(value, self.stays, strict=True) if stays]
            return np.array(kept, value.dtype) if isinstance(value, np.ndarray) else type(value)(kept)
        return value


class Supports:
    """Collects the records that support the elements of one answer, and judges all of them at once.

    Attributes
    ----------
    fields : dict
        Key fields of all records, one after the other.
    counts : list of int
        How many of them each element has.
    """

    def __init__(self, judgement: Judgement) -> None:
        self._judgement = judgement
        self._columns = judgement.judge.columns
        self.fields: dict[str, list[Any]] = {name: [] for name in self._columns}
        self.counts: list[int] = []

    def add(self, values: Mapping[str, Any]) -> None:
        """Add an element with its key fields: each a key or a list of them, all of the same length.

        Raises
        ------
        UsageError
            When one is neither, or the lists of an element differ in length.
        """
        lists = {name: _as_list(values[name]) for name in self._columns if values.get(name) is not None}
        lengths = {len(each) for each in lists.values()}
        if len(lengths) > 1:
            raise UsageError("the key fields of an element hold lists of several lengths", hint="one item a record.")
        count = lengths.pop() if lengths else 0
        for name, kept in self.fields.items():
            kept.extend(lists.get(name, [None] * count))
        self.counts.append(count)

    def left(self) -> list[Left]:
        """Say of each element, in the order of adding, what is left.

        Raises
        ------
        UncheckedKeys
            When a record has no key, or one that cannot be checked, and the policy says nothing else.
        """
        judge, total = self._judgement.judge, sum(self.counts)
        nameless = np.ones(total, bool)
        for values in self.fields.values():
            nameless &= np.array([value is None for value in values], bool)
        if nameless.any() and not judge.policy.quarantine:
            raise UncheckedKeys(
                f"{int(nameless.sum())} of {total} records that support something have no key",
                where=judge.where,
                hint="Policy(quarantine=True) leaves such records out.",
            )
        stays = (~(self._judgement.gone_of(self.fields) | nameless)).tolist() if total else []
        names = list(self._columns)
        first = self.fields[names[0]]
        rows = first if len(names) == 1 else list(zip(*self.fields.values(), strict=True))
        found, at = [], 0
        for count in self.counts:
            mine = stays[at : at + count]
            found.append(Left(mine, [row for row, kept in zip(rows[at : at + count], mine, strict=True) if kept]))
            at += count
        return found


def check_accounted(
    names: Iterable[str], recount: Mapping[str, Recount], independent: Iterable[str], what: str
) -> None:
    """Refuse names that are undeclared.

    Raises
    ------
    ConfigError
        When a name is neither recounted nor independent, or is both.
    """
    said = set(independent)
    if said & set(recount):
        raise ConfigError("a name is in both recount= and independent=", hint="choose one.")
    if isinstance(independent, str):
        raise ConfigError("independent= must be a list of names", hint="put it in brackets.")
    missing = sorted(set(names) - said - set(recount), key=str)
    if missing:
        named = ", ".join(map(shown_name, missing))
        raise ConfigError(
            f"{named} of {what} {'is' if len(missing) == 1 else 'are'} undeclared",
            hint="add each to recount= ({'weight': len} computes it again) or to independent= (no record changes it).",
        )


def recounted(name: str, recipe: Recount, records: list[Any]) -> Any:
    """Compute an attribute from the records that are left.

    Raises
    ------
    UsageError
        When the recipe fails; its own words may hold a row, and are not shown.
    """
    try:
        return recipe(list(records))
    except SealscrubError:
        raise
    except Exception as error:
        raise UsageError(
            f"the recipe of {name!r} fails with {type(error).__name__}", hint="it gets the list of supporting records."
        ) from None


def shown_name(name: object) -> str:
    """Give the name of a field as errors show it: not one that may be an identifier, as in a map with ids for keys."""
    text = str(name)
    return "a field" if len(text) > 60 or re.search(r"\d{3}", text) else repr(text)


def _as_list(value: Any) -> list[Any]:
    if isinstance(value, pl.Series):
        return value.to_list()
    if isinstance(value, np.ndarray) and value.ndim == 1:
        return list(value.tolist())
    if isinstance(value, list | tuple):
        return list(value)
    if isinstance(value, set | frozenset):
        return sorted(value, key=lambda each: (type(each).__name__, str(each)))
    if isinstance(value, str | int | np.integer):
        return [value]
    raise UsageError("a key field of an element holds neither a key nor a list of them", hint="fix the field.")
