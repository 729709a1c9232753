"""The runs of one nullity test of outputs, one after another, until one of them decides."""

from __future__ import annotations

import functools
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from sealscrub.frames import frame_adapter
from sealscrub.index import Index

from ..nullity.process import Outcome, Runner
from ..nullity.session import carried_data, session_of
from ..nullity.variants import variant
from ..nullity.worlds import Worlds
from .answers import Parts, failures_in
from .differing import PartDiffers, differing, without_ignored
from .findings import gathered_findings
from .here import HereRunner
from .oracle import told_apart
from .probes import KINDS
from .probing import ProbeSet, told_values
from .report import OutputNullityReport, OutputNullityVerdict
from .timing import two_samples

__all__ = ["DATE", "OutputTrial", "Progress"]

Progress = Callable[[str, int, int], None]
DATE = "headers.date"
Found = list[tuple[str, PartDiffers]]
_TARGETED = [kind for kind in KINDS if kind not in ("random", "own")]


@dataclass(frozen=True, slots=True)
class _Run:
    """What came of one run: its answers where there are any, by probe."""

    outcome: Outcome
    answers: list[Parts] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    incomparable: str = ""

    @property
    def ok(self) -> bool:
        return self.outcome.status == "ok" and not self.incomparable


@dataclass(slots=True)
class OutputTrial:
    """One system, its worlds and probes, and what its runs have told so far."""

    build: Callable[[Any], Any]
    query: Callable[..., Any]
    worlds: Worlds
    index: Index
    probes: ProbeSet
    ignore: tuple[str, ...]
    oracle_ok: bool
    variants: tuple[str, ...]
    seed: int
    budget: float | None
    progress: Progress | None
    inputs: tuple[str, ...] = ()
    begun: float = field(default_factory=time.monotonic)
    runs: int = 0
    seconds: float = 0.0
    asked: int = 0
    weakenings: list[str] = field(default_factory=list)
    beside: list[str] = field(default_factory=list)
    planted: bool = False

    def expected(self) -> list[bool]:
        """Of the runs of a test that passes, in order: whether they are shut in."""
        return [True, True, False, True, *(True for _ in self.variants)] if self.worlds.sealed_rows else []

    def run(self, runner: Runner | HereRunner) -> OutputNullityReport:
        """Go through the runs until one decides."""
        if not self.worlds.sealed_rows:
            return self._report(OutputNullityVerdict.NO_SEALED_ROWS, reason="No row of the data is sealed.")
        if not runner.sandbox:
            self.weakenings.append("it was not shut in: what it reads beside its data is not known")
        if isinstance(runner, HereRunner):
            self.weakenings.append("all runs were in this interpreter: one may find what another left")
        self.weakenings += [f"{pattern} is left out of the comparison" for pattern in self.ignore if pattern != DATE]
        clean = runner.keep(self.worlds.without())
        reference = self._go(runner, clean, "without the sealed records")
        served = self._go(runner, runner.keep(self.worlds.as_is), "with them")
        if self.worlds.planted and not self.asked and (reference.ok or served.ok):
            return self._report(
                OutputNullityVerdict.NO_SEALED_ROWS,
                reason="It never asked sealscrub which records are sealed, so planted ones cannot test it.",
            )
        return (
            self._decide_failures(reference, served)
            or self._decide_repeat(runner, clean, reference)
            or self._decide_answers(reference, served)
            or self._decide_control(runner, reference, served)
            or self._decide_variants(runner, reference, served)
            or self._report(OutputNullityVerdict.PASS, runs=(reference, served))
        )

    def _go(self, runner: Runner | HereRunner, data: Path, phase: str, **options: Any) -> _Run:
        if self.progress is not None:
            self.progress(phase, self.runs, 4 + len(self.variants))
        left = None if self.budget is None else max(0.1, self.budget - (time.monotonic() - self.begun))
        outcome = runner.run(data, planted=self.worlds.planted, timeout=left, **options)
        self.runs += 1
        self.seconds += outcome.seconds
        self.asked += outcome.asked
        self.weakenings += [each for each in outcome.weakenings if each not in self.weakenings]
        if outcome.status != "ok":
            return _Run(outcome)
        told = json.loads(outcome.pieces[0].columns[0].bits[0][1])
        if "incomparable" in told:
            return _Run(outcome, incomparable=told["incomparable"])
        answers = [without_ignored(parts, self.ignore) for parts in told["answers"]]
        return _Run(outcome, answers, told["seconds"])

    def _decide_failures(self, reference: _Run, served: _Run) -> OutputNullityReport | None:
        denied = tuple(dict.fromkeys((*reference.outcome.denied, *served.outcome.denied)))
        if denied:
            return self._report(OutputNullityVerdict.AMBIENT_INPUT, denied=denied)
        for run in (reference, served):
            said = run.incomparable or (run.outcome.said if run.outcome.status not in ("ok", "error") else "")
            if said:
                return self._report(OutputNullityVerdict.INCONCLUSIVE, reason=f"{said[:1].upper()}{said[1:]}.")
        if reference.ok and served.ok:
            return None
        failed = served if not served.ok else reference
        if not reference.ok and not served.ok:
            reason = f"It cannot be built in either world: {failed.outcome.said}."
            return self._report(OutputNullityVerdict.INCONCLUSIVE, reason=reason)
        world = "with" if failed is served else "without"
        reason = f"It cannot be built {world} the sealed records, and only then: {failed.outcome.said}."
        return self._report(OutputNullityVerdict.INTERFERENCE, reason=reason)

    def _decide_repeat(self, runner: Runner | HereRunner, clean: Path, reference: _Run) -> OutputNullityReport | None:
        """What differs between two runs over the same data, one shut in and one not, is chance or an ambient input."""
        session = session_of(self.build, reference.outcome, self.inputs)
        self.beside = [] if isinstance(runner, HereRunner) else session.names
        kept = runner.keep(session.variables) if session.variables else None
        again = self._go(runner, clean, "without them, again", sandbox=False, without=session.environment, session=kept)
        if again.ok and not self._compared(reference, again):
            carried = [name for each in (self.build, self.query) for name in carried_data(each, reference.outcome)]
            if carried:
                reason = f"It carries data with it that is none of its arguments: {', '.join(carried[:5])}."
                return self._report(OutputNullityVerdict.AMBIENT_INPUT, reason=reason)
            return None
        if again.outcome.status in ("timeout", "killed") or again.incomparable:
            reason = f"{again.incomparable or again.outcome.said}."
            return self._report(OutputNullityVerdict.INCONCLUSIVE, reason=reason)
        third = self._go(runner, clean, "without them, a third time")
        if third.ok and again.ok and self._compared(reference, third):
            return self._report(OutputNullityVerdict.NONDETERMINISTIC, found=self._compared(reference, third))
        reason = (
            f"It gives other answers with or without: {', '.join(self.beside[:5])}."
            if self.beside
            else "Shut in, it gives other answers: it reads something, and hides that it was refused."
        )
        return self._report(OutputNullityVerdict.AMBIENT_INPUT, reason=reason)

    def _decide_answers(self, reference: _Run, served: _Run) -> OutputNullityReport | None:
        found, oracle = self._compared(reference, served), self._oracle(served)
        if found:
            told = [*found, *oracle] if not any(each.channel == "status" for _, each in found) else found
            return self._report(OutputNullityVerdict.INTERFERENCE, found=told, runs=(reference, served))
        if oracle and not self.oracle_ok:
            return self._report(OutputNullityVerdict.ORACLE, found=oracle, runs=(reference, served))
        if oracle:
            self.weakenings.append("sealed ids get another answer than unknown ones, which oracle_ok=True allows")
        return None

    def _oracle(self, served: _Run) -> Found:
        return [
            ("itself", each)
            for one, *others in self.probes.twins
            for each in told_apart(served.answers[one], [served.answers[other] for other in others])
        ]

    def _decide_control(self, runner: Runner | HereRunner, reference: _Run, served: _Run) -> OutputNullityReport | None:
        if not self.worlds.rows_left:
            reason = "Every row is sealed: there are no others to take out as a control."
            return self._report(OutputNullityVerdict.INCONCLUSIVE, reason=reason)
        control = self._go(runner, runner.keep(self._without_half()), "positive control")
        if control.ok and not self._compared(reference, control):
            said = failures_in(served.answers)
            reason = f"{said[0].upper()}{said[1:]}." if said else ""
            return self._report(OutputNullityVerdict.VACUOUS, runs=(reference, served), reason=reason)
        if failures_in(served.answers):
            self.weakenings.append(failures_in(served.answers))
        return None

    def _without_half(self) -> Any:
        """The data without the sealed records, and without every second one of the others."""
        clean = self.worlds.without()
        tables = {"": clean} if self.worlds.single else dict(clean)
        for name, table in self.worlds.tables.items():
            adapter = frame_adapter(tables[name])
            if table.keys and adapter.rows:
                tables[name] = adapter.keep(np.arange(adapter.rows) % 2 == 1)
        return tables[""] if self.worlds.single else tables

    def _decide_variants(
        self, runner: Runner | HereRunner, reference: _Run, served: _Run
    ) -> OutputNullityReport | None:
        for number, name in enumerate(self.variants):
            change = variant(name, self.seed + number)
            other = self._go(runner, runner.keep(self.worlds.varied(name, change)), f"variant {name}")
            if not other.ok:
                self.weakenings.append(f"the variant {name!r} of sealed rows was not tried: {other.outcome.said}")
                continue
            found = self._compared(reference, other)
            if found:
                reason = f"It shows where other values stand in the sealed rows: by the variant {name!r}."
                return self._report(
                    OutputNullityVerdict.INTERFERENCE, found=found, reason=reason, runs=(reference, served)
                )
        return None

    def _compared(self, one: _Run, other: _Run) -> Found:
        sealed = self._sealed_leaves()
        return [
            (probe.kind, each)
            for probe, clean, seen in zip(self.probes.probes, one.answers, other.answers, strict=True)
            for each in differing(probe.kind, clean, seen, sealed)
        ]

    def _sealed_leaves(self) -> set[str]:
        ids = {str(probe.id) for probe in self.probes.probes if probe.kind == "itself"}
        return {f"{sign}:{text}" for text in ids for sign in "si"}

    def _timing(self, reference: _Run, served: _Run) -> list[Any]:
        at = [number for number, probe in enumerate(self.probes.probes) if probe.kind in _TARGETED]
        sealed = [served.seconds[one] for one, *_ in self.probes.twins]
        unknown = [served.seconds[other] for _, *others in self.probes.twins for other in others]
        told = [
            two_samples("sealed ids against unknown ones", sealed, unknown, seed=self.seed),
            two_samples(
                "targeted probes with the sealed records against without, in two interpreters",
                [served.seconds[each] for each in at],
                [reference.seconds[each] for each in at],
                seed=self.seed,
            ),
        ]
        return [each for each in told if each is not None]

    def _report(
        self,
        verdict: OutputNullityVerdict,
        *,
        found: Found | None = None,
        reason: str = "",
        denied: Sequence[str] = (),
        runs: tuple[_Run, _Run] | None = None,
    ) -> OutputNullityReport:
        values = {text.casefold() for text in told_values(self.probes.probes)}
        whole = time.monotonic() - self.begun
        return OutputNullityReport(
            verdict=verdict,
            function=name_of(self.build),
            findings=gathered_findings(found or (), self.probes.sent, values),
            probes=self.probes.sent,
            missing=self.probes.missing,
            timing=tuple(self._timing(*runs)) if runs else (),
            reason=reason,
            denied=tuple(denied),
            weakenings=tuple(self.weakenings),
            planted=bool(self.worlds.planted),
            sealed_rows=self.worlds.sealed_rows,
            runs=self.runs,
            seconds=self.seconds,
            overhead=max(0.0, whole - self.seconds),
            variants=len(self.variants) if verdict is OutputNullityVerdict.PASS else 0,
            epoch=self.index.epoch,
            index_id=self.index.id,
        )


def name_of(function: Any) -> str:
    """Name what builds a system."""
    while isinstance(function, functools.partial):
        function = function.func
    return str(getattr(function, "__name__", type(function).__name__))
