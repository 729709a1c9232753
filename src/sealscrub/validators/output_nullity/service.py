"""A service under test: it is built over the data and sent every probe, and its answers are compared part by part."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..trial.file_worlds import FileWorlds
from ..trial.in_process_runner import HereRunner
from ..trial.outcome import Outcome
from ..trial.runner import Runner
from ..trial.subject import Subject, name_of
from ..trial.worlds import Worlds
from .answer_differences import PartDiffers, differing, without_ignored
from .answer_findings import Finding, gathered_findings
from .answer_parts import Parts, failures_in, is_error
from .membership_oracle import told_apart
from .probe_set import ProbeSet
from .probes import KINDS
from .questions import Query, ask_all
from .response_times import Timing, two_samples
from .service_report import OutputNullityReport

__all__ = ["DATE", "ServiceUnderTest", "id_timing", "oracle_differences", "shown_findings"]

DATE = "headers.date"
"""What is left out of a comparison by default: the only part of an answer that says when it was given."""
Found = list[tuple[str, PartDiffers]]
_TARGETED_KINDS = [kind for kind in KINDS if kind not in ("random", "own")]


@dataclass(frozen=True, slots=True)
class _Answers:
    """What a system answered, by probe, and how long each answer took."""

    parts: list[Parts]
    seconds: list[float]


@dataclass(slots=True)
class ServiceUnderTest(Subject[OutputNullityReport]):
    """A system that is built from the data and answers probes.

    Parameters
    ----------
    build : callable
        Takes the data and returns the system.
    query : callable
        Takes the system and a probe, and returns the answer.
    make_probes : callable
        Gives the probes for some worlds.
    ignore : tuple of str
        Parts that are not part of the answer.
    oracle_ok : bool
        Whether a sealed id may get another answer than an unknown one.
    isolated : bool
        Whether each run is an interpreter of its own.
    """

    build: Callable[[Any], Any]
    query: Query
    make_probes: Callable[[Any, int], ProbeSet]
    ignore: tuple[str, ...] = (DATE,)
    oracle_ok: bool = False
    isolated: bool = True
    weakenings: list[str] = field(default_factory=list)
    probes: ProbeSet = field(default_factory=ProbeSet)
    seed: int = 0
    report = OutputNullityReport

    def __post_init__(self) -> None:
        self.name, self.code = name_of(self.build), (self.build, self.query)
        if not self.isolated:
            self.weakenings.append("all runs were in this interpreter: one may find what another left")
        self.weakenings += [f"{pattern} is left out of the comparison" for pattern in self.ignore if pattern != DATE]

    def prepare(self, worlds: Worlds | FileWorlds, seed: int) -> None:
        """Make the probes."""
        self.probes, self.seed = self.make_probes(worlds, seed), seed

    def runner(self, *, seed: int, **options: Any) -> Runner | HereRunner:
        """Give what builds it and asks it."""
        function: Any = functools.partial(ask_all, self.build, self.query, self.probes.probes, self.probes.masks)
        if not self.isolated:
            return HereRunner(function, seed=seed)
        inner: Any = self.build
        while isinstance(inner, functools.partial):
            inner = inner.func
        owners = [getattr(each, "__module__", None) for each in (inner, self.query)]
        own = [name for name in owners if name and name.partition(".")[0] != "sealscrub"]
        function.__module__ = own[0] if own else ask_all.__module__  # it travels with the system's own modules
        return Runner(function, None, seed=seed, **options)

    def read(self, outcome: Outcome) -> Outcome:
        """Read the answers of a run, without what is ignored."""
        if outcome.status != "ok":
            return outcome
        given = json.loads(outcome.pieces[0].columns[0].bits[0][1])
        answers = [without_ignored(parts, self.ignore) for parts in given["answers"]]
        return replace(outcome, answers=_Answers(answers, given["seconds"]))

    def differences(self, clean: Outcome, other: Outcome) -> Found:
        """Compare the answers to each probe."""
        if clean.answers is None or other.answers is None:
            return []
        ids = {str(probe.id) for probe in self.probes.probes if probe.kind == "itself"}
        sealed = {f"{sign}:{text}" for text in ids for sign in "si"}
        return [
            (probe.kind, each)
            for probe, one, two in zip(self.probes.probes, clean.answers.parts, other.answers.parts, strict=True)
            for each in differing(probe.kind, one, two, sealed)
        ]

    def judged(self, clean: Outcome, other: Outcome) -> tuple[str, Found]:
        """Compare the two worlds, and in that with the sealed records the sealed ids with unknown ones."""
        found, oracle = self.differences(clean, other), oracle_differences(self.probes, other.answers.parts)
        if found:
            return "INTERFERENCE", found if any(each.channel == "status" for _, each in found) else [*found, *oracle]
        if oracle and not self.oracle_ok:
            return "ORACLE", oracle
        if oracle:
            self.weakenings.append("sealed ids get another answer than unknown ones, which oracle_ok=True allows")
        if failures_in(other.answers.parts):
            self.weakenings.append(failures_in(other.answers.parts))
        return "", []

    def depends(self, clean: Outcome, control: Outcome) -> bool:
        """Whether an answer of the control differs that was not an error, in either run."""
        if clean.answers is None or control.answers is None:
            return False
        pairs = zip(clean.answers.parts, control.answers.parts, strict=True)
        return any(one != two and not is_error(one) and not is_error(two) for one, two in pairs)

    def control(self, worlds: Any, seed: int) -> Any:
        """Give the data without half of the records that are not sealed: few probes may reach any one of them."""
        return worlds.without_half()

    def evidence(
        self, verdict: str, found: Sequence[tuple[str, PartDiffers]], clean: Outcome | None, other: Outcome | None
    ) -> Mapping[str, Any]:
        """Sum up what shows, and how long the answers took."""
        shown = found if verdict != "AMBIENT_INPUT" else ()
        evidence: dict[str, Any] = {
            "findings": shown_findings(self.probes, shown),
            "probes": self.probes.sent,
            "missing": self.probes.missing,
        }
        if clean is not None and other is not None and clean.answers and other.answers:
            evidence["timing"] = tuple(self._timing(clean.answers, other.answers))
            if verdict == "VACUOUS":
                said = failures_in(other.answers.parts)
                evidence["reason"] = f"{said[:1].upper()}{said[1:]}." if said else ""
        return evidence

    def _timing(self, clean: _Answers, other: _Answers) -> Iterator[Timing]:
        yield from id_timing(self.probes, other.seconds, self.seed)
        targeted = [at for at, probe in enumerate(self.probes.probes) if probe.kind in _TARGETED_KINDS]
        what = "targeted probes with the sealed records against without, in two interpreters"
        samples = ([answers.seconds[at] for at in targeted] for answers in (other, clean))
        told = two_samples(what, *samples, seed=self.seed)
        yield from [told] if told else []


def oracle_differences(probes: ProbeSet, answers: Sequence[Parts]) -> Found:
    """Give what differs between answers about sealed ids and about ids that no one has."""
    return [
        ("itself", each)
        for one, *others in probes.twins
        for each in told_apart(
            answers[one], *([answers[other] for other in group] for group in (others, *probes.kin.get(one, ())))
        )
    ]


def id_timing(probes: ProbeSet, seconds: Sequence[float], seed: int) -> list[Timing]:
    """Compare how long answers about sealed ids and about ids that no one has took."""
    sealed = [seconds[one] for one, *_ in probes.twins]
    unknown = [seconds[other] for _, *others in probes.twins for other in others]
    told = two_samples("sealed ids against unknown ones", sealed, unknown, seed=seed)
    return [told] if told else []


def shown_findings(probes: ProbeSet, found: Sequence[tuple[str, PartDiffers]]) -> tuple[Finding, ...]:
    """Sum up what differs; no text that is in a record is shown."""
    texts = {text.casefold() for probe in probes.probes for text in probe.record.values() if isinstance(text, str)}
    return gathered_findings(found, probes.sent, texts)
