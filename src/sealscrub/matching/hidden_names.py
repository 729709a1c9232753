"""Names in a report that are ids of sealed records: of files, folders, tables, and what an inventory lists."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any, TypeVar

import polars as pl

from sealscrub.errors import ConfigError, Spelled
from sealscrub.index import Index

from .name_search import search_names
from .policy import Policy
from .value_search import Likeness, ValueSearch

__all__ = ["hide_names", "refuse_ids"]

_Report = TypeVar("_Report")


def hide_names(report: _Report, index: Index, policy: Policy | None = None) -> _Report:
    """Give the same report, in which ``(an id)`` stands for what names a sealed record.

    Parameters
    ----------
    report : dataclass
        Of texts, dataclasses, pydantic's models, and sequences and mappings of them. Numbers, days and members of
        enumerations stay.
    index : Index
    policy : Policy, optional
        Whether withheld records are allowed.

    Returns
    -------
    dataclass
        Ids that differ have different numbers.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> from sealscrub.datasets import example_index
    >>> @dataclass
    ... class Found:
    ...     places: list[str]
    >>> hide_names(Found(["lake/K14612345.csv", "train.csv"]), example_index(["K14612345"]))
    Found(places=['lake/(an id).csv', 'train.csv'])
    """
    texts = list(dict.fromkeys(_texts(report)))
    flags = search_names(index, policy, texts)
    held = [text for text, flag in zip(texts, flags, strict=True) if flag == Likeness.HELD]
    if not held:
        return report
    hidden = _hidden(held, index, policy or Policy())
    made: _Report = _replaced(report, lambda text: hidden.get(text, text))
    return made


def refuse_ids(index: Index, policy: Policy | None, what: str, hint: str, *said: Any) -> None:
    """Refuse names that are ids of sealed records, of what is shared and kept.

    Raises
    ------
    ConfigError
    """
    if hide_names(said, index, policy) is not said:
        raise ConfigError(f"{what} is the id of a sealed record", hint=hint)


def _hidden(held: list[str], index: Index, policy: Policy) -> dict[str, str]:
    """Give each text without its ids; where one is left, such as in parts that are apart, nothing of the text."""
    shown: dict[str, str] = {}
    written: list[list[str]] = [[] for _ in held]
    for hit in ValueSearch(index, policy).hits(pl.Series(held, dtype=pl.String)):
        if hit.likeness is Likeness.HELD:
            written[hit.row].append(hit.written)
    made = list(held)
    for row, parts in enumerate(written):
        for part in sorted(set(parts), key=len, reverse=True):
            if part and part in made[row]:
                made[row] = made[row].replace(part, shown.setdefault(part, _words(len(shown))))
    left = search_names(index, policy, made) == Likeness.HELD
    return {
        text: shown.setdefault(text, _words(len(shown))) if still or text == without else without
        for text, without, still in zip(held, made, left, strict=True)
    }


def _words(known: int) -> str:
    return f"(an id, {known + 1})" if known else "(an id)"


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, Enum):
        return
    if isinstance(value, str):
        yield from dict.fromkeys((str(value), str(Spelled.in_shell(value))))
    elif isinstance(value, Mapping):
        for name, each in value.items():
            yield from (*_texts(name), *_texts(each))
    elif isinstance(value, list | tuple) and not _are_numbers(value):
        for each in value:
            yield from _texts(each)
    elif is_dataclass(value) or _is_model(value):
        for name in _names(value):
            yield from _texts(getattr(value, name))


def _replaced(value: Any, shown: Callable[[str], str]) -> Any:
    if isinstance(value, Enum):
        return value
    if isinstance(value, Spelled):
        return Spelled(shown(str(value)), shown(value.shell))
    if isinstance(value, str):
        return shown(value)
    if isinstance(value, Mapping):
        return {_replaced(name, shown): _replaced(each, shown) for name, each in value.items()}
    if isinstance(value, list | tuple) and not _are_numbers(value):
        return type(value)(_replaced(each, shown) for each in value)
    if _is_model(value):
        return value.model_copy(update={name: _replaced(getattr(value, name), shown) for name in _names(value)})
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{name: _replaced(getattr(value, name), shown) for name in _names(value)})
    return value


def _names(value: Any) -> list[str]:
    return list(type(value).model_fields) if _is_model(value) else [each.name for each in fields(value)]


def _is_model(value: object) -> bool:
    """Whether it is one of pydantic's, which is loaded if it is: importing it takes longer than many a scan."""
    pydantic = sys.modules.get("pydantic")
    return pydantic is not None and isinstance(value, pydantic.BaseModel)


def _are_numbers(values: Sequence[object]) -> bool:
    """Whether it is a list of positions, which may be as long as a table."""
    return bool(values) and isinstance(values[0], int)
