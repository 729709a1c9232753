"""What models are, judged by an index, and what says so of each, as values."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Self

from sealscrub.index import Index
from sealscrub.reports import Reported

__all__ = ["TAG", "CheckedData", "ModelTaint", "TaintReason", "TaintState", "TaintTag", "TaintValues"]

TAG = "sealscrub.taint"
"""Name of the tag that says what a model is."""


class TaintState(StrEnum):
    """What a model is, judged by an index. The first are the worst."""

    TAINTED = "tainted"
    """It contains a record that may not be in it. :class:`TaintReason` says since when."""
    UNKNOWN = "unknown"
    """No data was logged with it."""
    POSSIBLE = "possible"
    """Which records it holds is not known here, or not of all rows, and its data was not checked against this index."""
    UNTAINTED = "untainted"
    """None of its records is in the index."""

    @property
    def is_tainted(self) -> bool:
        """Whether it contains a record that may not be in it."""
        return self is TaintState.TAINTED

    @classmethod
    def worst(cls, states: Iterable[TaintState]) -> TaintState:
        """Give the worst of some states; of none, that nothing is known."""
        order = list(cls)
        return min(states, key=order.index, default=cls.UNKNOWN)


class TaintReason(StrEnum):
    """Why a model is tainted. The first are the worst."""

    ALREADY_LISTED = "already listed"
    """A record was in the index against which the model's data is said to have been checked."""
    NOTICE_LATE = "notice late"
    """A record was sealed in law when the model was made; the notice came later."""
    SEALED_LATER = "sealed later"
    """No record was sealed, as far as was known, when the model was made; one has been sealed since."""

    @classmethod
    def worst(cls, reasons: Iterable[TaintReason | None]) -> TaintReason | None:
        """Give the worst of some reasons, if there is one."""
        order = list(cls)
        return min((each for each in reasons if each is not None), key=order.index, default=None)


@dataclass(frozen=True, kw_only=True)
class CheckedData:
    """Data of a model, and the state of the seals that it was checked against.

    Attributes
    ----------
    name : str
        ``RUN/NAME``, the run by its first eight digits.
    epoch, as_of : int, datetime.date
    """

    name: str
    epoch: int
    as_of: date


@dataclass(frozen=True, kw_only=True)
class ModelTaint:
    """One model.

    Attributes
    ----------
    uri : str
        ``models:/NAME/VERSION``, or ``models:/m-…``.
    aliases : tuple of str
        Of a registered version.
    endpoints : tuple of str
        If it is served, by its tags ``sealscrub.endpoint.NAME``.
    state : TaintState
    reason : TaintReason, optional
        If it is tainted, and what was known when it was made is known here: give the older index, or the registry.
    since : bool
        Whether a record of it has been sealed since the older index; without one, whether it is tainted.
    runs : tuple of str
        The runs that it comes from.
    made : datetime.date or None
        When the version was registered.
    data : tuple of CheckedData
        What was logged with it.

    Examples
    --------
    >>> model = ModelTaint(uri="models:/risk/3", aliases=(), state=TaintState.TAINTED, since=True, runs=("0a1b",))
    >>> model.state.is_tainted
    True
    """

    uri: str
    aliases: tuple[str, ...]
    state: TaintState
    since: bool
    runs: tuple[str, ...]
    endpoints: tuple[str, ...] = ()
    reason: TaintReason | None = None
    made: date | None = field(default=None, compare=False)
    data: tuple[CheckedData, ...] = field(default=(), compare=False)


@dataclass(frozen=True, kw_only=True)
class TaintValues(Reported):
    """What :class:`.taint_report.TaintReport` holds."""

    index: str
    epoch: int
    as_of: date
    since: int | None
    models: tuple[ModelTaint, ...] = field(repr=False)
    tagged: bool = False
    blocked: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()

    @property
    def tainted(self) -> tuple[ModelTaint, ...]:
        """The models that contain a record that is sealed now; with an older index, one sealed since."""
        return tuple(model for model in self.models if model.since)

    @property
    def exit_code(self) -> int:
        """For a gate: 1 if a model is tainted, since whenever; 3 if one may be, or none was found; else 0."""
        states = {model.state for model in self.models}
        if any(state.is_tainted for state in states):
            return 1
        return 0 if states == {TaintState.UNTAINTED} else 3


_TAG = re.compile(
    r"(?P<state>[a-z]+)(?: \((?P<reason>[a-z ]+)\))?; index (?P<index>[0-9a-f]+); registry (?P<registry>[0-9a-f]*); "
    r"epoch (?P<epoch>[0-9]+); "
    r"as of (?P<as_of>[0-9-]+); for (?P<audience>[a-z0-9_]*)"
)


@dataclass(frozen=True)
class TaintTag:
    """What the tag ``sealscrub.taint`` of a model says: its state, and by which index."""

    state: TaintState
    index: str
    registry: str
    epoch: int
    as_of: date
    audience: str
    reason: TaintReason | None = None

    @classmethod
    def by(cls, index: Index, state: TaintState, reason: TaintReason | None = None) -> Self:
        """Say a state by an index."""
        facts = index.header.facts
        return cls(state, index.id, facts.registry, facts.epoch, facts.as_of, facts.audience, reason)

    @classmethod
    def read(cls, text: str | None) -> Self | None:
        """Read a tag; None if there is none, or it says nothing that can be read."""
        found = _TAG.fullmatch(text or "")
        try:
            return found and cls(
                TaintState(found["state"]),
                found["index"],
                found["registry"],
                int(found["epoch"]),
                date.fromisoformat(found["as_of"]),
                found["audience"],
                TaintReason(found["reason"]) if found["reason"] else None,
            )
        except ValueError:
            return None

    def is_no_older_than(self, index: Index) -> bool:
        """Whether it was set by this index, or by a later one of the same registry and audience."""
        facts = index.header.facts
        if self.index == index.id:
            return True
        same = (self.registry, self.audience) == (facts.registry, facts.audience)
        return same and self.epoch >= facts.epoch and self.as_of >= facts.as_of

    def __str__(self) -> str:
        reason = f" ({self.reason})" if self.reason else ""
        return (
            f"{self.state}{reason}; index {self.index}; registry {self.registry}; epoch {self.epoch}; "
            f"as of {self.as_of.isoformat()}; for {self.audience}"
        )
