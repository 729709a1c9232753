"""The persons of a file in shares, on each of which a process works: nothing about a person bears on another's actions.

The first share stays in this process. What another process does not answer, this one does itself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from sealscrub.boundary.array_types import Ints, Mask
from sealscrub.boundary.worker_processes import WorkerProcess, cores, start_worker

from .charges import ChargeRows
from .dispositions import DispositionMap, read_map
from .explained_charges import endings_in_json
from .jurisdiction_packages import add_rooms, room_digest, rooms
from .jurisdictions import jurisdiction
from .person_decisions import decide_persons
from .traced_days import Progress

__all__: list[str] = []

_ALONE = 20_000  # actions below which another process would take longer to start
_AT_ONCE = 1_000  # actions whose lines are one answer


class Question(NamedTuple):
    """What is asked about each action: the day, what is known by which day, and by which phrases and their law."""

    as_of: dt.date
    known: dt.date
    mapping: DispositionMap


class Share(NamedTuple):
    """The actions of some persons, numbered from 0, and of which of them a part is sealed, if that is known."""

    charges: ChargeRows
    part_sealed: Mask


class Shares:
    """As many shares as processes work.

    Parameters
    ----------
    charges : ChargeRows
    question : Question
    part_sealed : numpy.ndarray of bool, optional
        If given, the lines about the actions are asked for, and otherwise the decisions.
    workers : int, optional
        How many processes work; by default one for each core, and for few actions one.

    Attributes
    ----------
    count : int
    owner : numpy.ndarray
        For each action, the share that it is in.
    """

    def __init__(
        self, charges: ChargeRows, question: Question, part_sealed: Mask | None = None, *, workers: int | None = None
    ) -> None:
        self._charges, self._question, self._part_sealed = charges, question, part_sealed
        self._answer = "decisions" if part_sealed is None else "lines"
        persons = np.unique(charges.actions["person"].to_numpy(), return_inverse=True)[1]
        wanted = workers or (cores() if len(persons) >= _ALONE else 1)
        self.count = max(1, min(wanted, int(persons.max(initial=0)) + 1))
        self.owner: Ints = persons % self.count
        self._workers: dict[int, WorkerProcess] = {}

    def __enter__(self) -> Shares:
        elsewhere = _asked_elsewhere(self._question) if self.count > 1 else None
        try:
            for at in range(1, self.count if elsewhere else 1):
                if (worker := start_worker(__name__, (self._answer, self._share(at), elsewhere))) is not None:
                    self._workers[at] = worker
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers.values():
            worker.close()

    def numbers(self, at: int) -> Ints:
        """The actions of a share."""
        return np.flatnonzero(self.owner == at)

    def answers(self, at: int, tell: Progress | None = None) -> Iterator[Any]:
        """What is found of a share; whatever another process does not say is found here."""
        done, expected = 0, 1 if self._part_sealed is None else -(-len(self.numbers(at)) // _AT_ONCE)
        worker = self._workers.get(at)
        while worker is not None and done < expected and (answer := worker.answer()) is not None:
            yield answer
            done += 1
        if done < expected:
            found = _ANSWERS[self._answer](self._share(at), self._question, tell or _tell_nothing)
            yield from islice(found, done, None)

    def _share(self, at: int) -> Share:
        flags = np.zeros(len(self.owner), bool) if self._part_sealed is None else self._part_sealed
        if self.count == 1:
            return Share(self._charges, flags)
        numbers = self.numbers(at)
        number_of = np.full(len(self.owner), -1, np.int64)
        number_of[numbers] = np.arange(len(numbers))
        renumbered = pl.Series("action", number_of[self._charges.rows["action"].to_numpy()])
        return Share(
            replace(
                self._charges,
                rows=self._charges.rows.with_columns(renumbered).filter(pl.col("action") >= 0),
                actions=self._charges.actions[numbers].with_columns(action=pl.int_range(pl.len())),
                sheet=None,
            ),
            flags[numbers],
        )


class _Elsewhere(NamedTuple):
    """A question as another process is asked it."""

    law: str
    as_of: dt.date
    known: dt.date
    rooms: tuple[str, ...]
    own_file: Any
    digests: tuple[str, str | None]


def _asked_elsewhere(question: Question) -> _Elsewhere | None:
    """None if another process could not answer it as this one does."""
    mapping, law = question.mapping, question.mapping.place.name
    if read_map(law, mapping.own_file) is not mapping or jurisdiction(law) is not mapping.place:
        return None
    digests = room_digest(law), mapping.own_sha256
    return _Elsewhere(law, question.as_of, question.known, rooms(), mapping.own_file, digests)


def work(task: Any, requests: Iterable[object]) -> Iterator[object]:
    """Answer about one share: what another process does."""
    answer, share, asked = task
    for folder in asked.rooms:
        add_rooms(folder)
    mapping = read_map(asked.law, asked.own_file)
    if (room_digest(asked.law), mapping.own_sha256) == asked.digests:
        yield from _ANSWERS[answer](share, Question(asked.as_of, asked.known, mapping), _tell_nothing)


def _decisions(share: Share, question: Question, tell: Progress) -> Iterator[object]:
    yield decide_persons(share.charges, *question, tell)


def _lines(share: Share, question: Question, tell: Progress) -> Iterator[object]:
    lines = endings_in_json(share.charges, share.part_sealed, *question)
    while some := list(islice(lines, _AT_ONCE)):
        yield some


_ANSWERS: Mapping[str, Callable[[Share, Question, Progress], Iterator[object]]] = {
    "decisions": _decisions,
    "lines": _lines,
}


def _tell_nothing(phase: str, done: int, total: int) -> None:
    pass
