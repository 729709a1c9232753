"""Many actions at once, in as many processes as there are cores, each of which decides those of some persons."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace

import polars as pl

from sealscrub.errors import Spelled, UsageError

from .charges import ChargeRows
from .decisions import Decision
from .dispositions import DispositionMap, read_map
from .jurisdictions import jurisdiction
from .person_decisions import DAYS, DecidedActions, joined
from .person_shares import Question, Shares
from .traced_days import Progress

__all__ = ["Decisions", "decide_charges"]


@dataclass(frozen=True, eq=False)
class Decisions:
    r"""The answers about the actions of a file, as of one day.

    Attributes
    ----------
    actions : polars.DataFrame
        Those of the file, in the order of their numbers; ``shape`` says which of the shapes answers, and the days of
        the answer are next to it.
    shapes : tuple of Decision
        Answers without their days.

    Examples
    --------
    >>> import datetime as dt, pathlib, tempfile
    >>> from sealscrub.custodian.law import decide_charges, read_charges
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "dispositions.csv"
    >>> _ = file.write_text("docket,defendant_id,disposition,event_date\n2014KN000001,7,ACQUITTED,2014-05-01\n")
    >>> decisions = decide_charges(read_charges(file), dt.date(2026, 11, 25))
    >>> len(decisions.actions), len(decisions.shapes)
    (1, 1)
    """

    actions: pl.DataFrame
    shapes: tuple[Decision, ...]
    _governed: pl.DataFrame
    _changes: pl.DataFrame

    def __len__(self) -> int:
        return len(self.actions)

    def __repr__(self) -> str:
        return f"Decisions({len(self)} actions)"

    def __iter__(self) -> Iterator[Decision]:
        governed, changes = _days_by_action(self._governed), _days_by_action(self._changes)
        for number, (shape, *days) in enumerate(self.actions.select("shape", *DAYS).iter_rows()):
            about = self.shapes[shape]
            each = zip(changes.get(number, ()), about.changes, strict=True)
            changed = tuple((day, answer) for day, (_, answer) in each)
            told = dict(zip(DAYS, days, strict=True))
            yield replace(about, governed_on=governed.get(number, ()), changes=changed, **told)


def _days_by_action(table: pl.DataFrame) -> dict[int, tuple[dt.date, ...]]:
    grouped = table.group_by("action", maintain_order=True).agg("day")
    return {number: tuple(days) for number, days in grouped.iter_rows()}


def decide_charges(
    charges: ChargeRows,
    as_of: dt.date,
    known_at: dt.date | None = None,
    *,
    law: str = "us-ny",
    mapping: DispositionMap | None = None,
    progress: Progress | None = None,
    workers: int | None = None,
) -> Decisions:
    r"""Decide every action of a file, without trees of reasons. It is not legal advice.

    Parameters
    ----------
    charges : ChargeRows
    as_of, known_at, law, mapping
        As in :func:`decide`.
    progress : callable, optional
        Called with a phase, how much of it is done, and of how much.
    workers : int, optional
        How many processes decide; the result does not depend on it. By default one for each core, and for less than
        20,000 actions one.

    Returns
    -------
    Decisions
        The same as :func:`decide` gives for each action on its own, with the person's others as linked ones.

    Raises
    ------
    ConfigError
        When the law does not exist.

    Examples
    --------
    >>> import datetime as dt, pathlib, tempfile
    >>> from sealscrub.custodian.law import read_charges
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "dispositions.csv"
    >>> _ = file.write_text("docket,defendant_id,disposition,event_date\n2014KN000001,7,ACQUITTED,2014-05-01\n")
    >>> [str(decision.answer) for decision in decide_charges(read_charges(file), dt.date(2026, 11, 25))]
    ['sealed']
    """
    jurisdiction(law)
    if charges.law and charges.law != law:
        raise UsageError(
            f"the file was read by the law of {charges.law}, not of {law}",
            where="law",
            hint=Spelled(f'read_charges(path, law="{law}").', f"--law {charges.law}"),
        )
    question = Question(as_of, known_at or as_of, mapping or read_map(law))
    with Shares(charges, question, workers=workers) as shares:
        found = joined(_parts(shares, progress or (lambda phase, done, total: None)))
    return Decisions(
        charges.actions.with_columns(found.actions.drop("action")), found.shapes, found.governed, found.changes
    )


def _parts(shares: Shares, tell: Progress) -> Iterator[DecidedActions]:
    for at in range(shares.count):
        numbers = shares.numbers(at)
        times = len(shares.owner) / max(1, len(numbers))

        def scaled(phase: str, done: int, total: int, times: float = times) -> None:
            tell(phase, round(done * times), round(total * times))

        (part,) = shares.answers(at, scaled)
        yield part.numbered(numbers)
