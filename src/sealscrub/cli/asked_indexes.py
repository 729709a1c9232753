"""The indexes that a command asks: whatever it reports, it names no record that they hold."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from sealscrub.index import Index
    from sealscrub.matching import Policy
    from sealscrub.reports import Reported

__all__ = ["allowing", "asking", "begin", "without_names"]

_Report = TypeVar("_Report", bound="Reported")


@dataclass(slots=True)
class _Asked:
    indexes: list[Index] = field(default_factory=list)
    policy: Policy | None = None


_asked: ContextVar[_Asked] = ContextVar("_asked")


def begin() -> None:
    """Begin a command, which has not asked any index yet."""
    _asked.set(_Asked())


def asking(index: Index) -> Index:
    """Remember an index that the command asks."""
    _asked.get().indexes.append(index)
    return index


def allowing(policy: Policy) -> Policy:
    """Remember what the command allows: names of withheld records may stay if these may."""
    _asked.get().policy = policy
    return policy


def without_names(report: _Report) -> _Report:
    """Give a report without the names that are ids of sealed records."""
    from sealscrub.matching.hidden_names import hide_names

    for index in _asked.get().indexes:
        report = hide_names(report, index, _asked.get().policy)
    return report
