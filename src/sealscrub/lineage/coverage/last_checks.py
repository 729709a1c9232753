"""What a data set, a model or a service was last checked against, and what that is worth, judged by an index."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from sealscrub.index import Index

__all__ = ["Evidence", "Item", "ItemKind", "Proof", "Standing", "judge"]


class ItemKind(StrEnum):
    """What there is."""

    DATASET = "dataset"
    MODEL = "model"
    SERVICE = "service"
    INDEX = "index"


class Proof(StrEnum):
    """What shows that something was scrubbed or checked. The first are the strongest."""

    CERTIFICATE = "certificate"
    """A certificate that a given key signed, about these very contents."""
    INDEX = "index"
    """An index's own header: what a guard is asked against."""
    LOG = "audit log"
    """An entry of an audit log whose outcome names these very contents."""
    RUN = "MLflow run"
    """Tags of the run that logged the data."""
    RECORD = "plan's record"
    """The record that a plan's run leaves next to its output, which was not changed since."""
    REPORT = "report"
    """An operator's report, written after the data."""


class Standing(StrEnum):
    """How something stands. The first are the worst."""

    NEVER = "never covered"
    """Nothing shows that it was ever scrubbed or checked."""
    UNPROVEN = "unproven"
    """Something says so, and does not hold: unsigned, of other contents, of another registry, audience or use."""
    STALE = "stale"
    """It was checked, and the registry has moved on since; or its last day is past."""
    UNCHECKED = "not checked"
    """Whether it was could not be read."""
    COVERED = "covered"
    """It was checked against the newest state."""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One thing that shows a check.

    Attributes
    ----------
    proof : Proof
    source : str
        The file or the run that says so.
    made : datetime.date or None
        When.
    epoch, as_of : int, datetime.date
        The state of the registry that it was checked against.
    not_after : datetime.date or None
        Its last day.
    registry : str or None
        The registry's random name, if it is said.
    audience : str
    uses : tuple of str
    """

    proof: Proof
    source: str
    epoch: int
    as_of: dt.date
    made: dt.date | None = None
    not_after: dt.date | None = None
    registry: str | None = None
    audience: str = ""
    uses: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Item:
    """A data set, a model or a service, and how it stands.

    Attributes
    ----------
    kind : ItemKind
    name, place : str
    standing : Standing
    why : str
        In words, if it is not covered.
    evidence : Evidence or None
        The best there is.
    served : tuple of str
        Of a model: aliases and endpoints.
    taint : str
        Of a model: the state that its tag ``sealscrub.taint`` gives it; empty if no one asked.
    """

    kind: ItemKind
    name: str
    place: str
    standing: Standing
    why: str = ""
    evidence: Evidence | None = None
    served: tuple[str, ...] = ()
    taint: str = ""


def judge(
    found: list[Evidence], doubts: list[str], index: Index, *, use: str, today: dt.date
) -> tuple[Standing, str, Evidence | None]:
    """Say how something stands by what there is of it: as well as the best of it says.

    Parameters
    ----------
    found : list of Evidence
        What holds.
    doubts : list of str
        What was there and does not hold, in words.
    index : Index
        The newest.
    use : str
        What the things are for.
    today : datetime.date

    Returns
    -------
    (Standing, str, Evidence or None)
    """
    order = list(Standing)
    best: tuple[Standing, str, Evidence | None] = (
        (Standing.UNPROVEN, doubts[0], None)
        if doubts
        else (Standing.NEVER, "no evidence that it was ever scrubbed or checked", None)
    )
    proofs = list(Proof)
    for each in sorted(found, key=lambda one: (-one.epoch, -one.as_of.toordinal(), proofs.index(one.proof))):
        standing, why = _judge_evidence(each, index, use, today)
        if order.index(standing) > order.index(best[0]):
            best = standing, why, each
    return best


def _judge_evidence(evidence: Evidence, index: Index, use: str, today: dt.date) -> tuple[Standing, str]:
    facts = index.header.facts
    if evidence.registry not in (None, facts.registry):
        return Standing.UNPROVEN, "checked against another registry"
    if evidence.registry is None and evidence.epoch >= facts.epoch:
        return Standing.UNPROVEN, "it does not say of which registry it is"
    if evidence.audience != facts.audience:
        return Standing.UNPROVEN, f"checked for another audience ({evidence.audience or 'none'})"
    if use not in evidence.uses:
        return Standing.UNPROVEN, f"checked for another use than {use}"
    if evidence.epoch < facts.epoch:
        return Standing.STALE, f"checked against epoch {evidence.epoch}; it is {facts.epoch} now"
    if evidence.epoch == facts.epoch and evidence.as_of < facts.as_of:
        return Standing.STALE, f"checked as of {evidence.as_of}; seals may have begun by {facts.as_of}"
    if evidence.not_after is not None and evidence.not_after < today:
        return Standing.STALE, f"its last day was {evidence.not_after}"
    return Standing.COVERED, ""
