"""The runs of one nullity trial, one after another, until one of them decides."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np

from sealscrub.index import Index
from sealscrub.matching.hidden_names import hide_names
from sealscrub.matching.key_columns import On

from ..suite import tell, usual_budget
from .attribution import blamed_records
from .closure_data import carried_values
from .energy import energy_test
from .file_worlds import FileWorlds
from .outcome import Outcome
from .readable_paths import declared_files
from .session import carried_data, carried_texts, read_on_import, session_of
from .setup import Setup
from .sketches import blocks_of
from .subject import Runs, Subject
from .trial_report import TrialReport
from .variants import variant
from .worlds import Worlds

__all__ = ["Trial", "run_trial"]

R = TypeVar("R", bound=TrialReport)
_FEW = 5


@dataclass(slots=True)
class Trial(Generic[R]):
    """One subject, its worlds, and what its runs have shown so far."""

    subject: Subject[R]
    worlds: Worlds | FileWorlds
    index: Index
    setup: Setup
    begun: float = field(default_factory=time.monotonic)
    runs: int = 0
    seconds: float = 0.0
    asked: int = 0
    beside: Sequence[str] = ()
    variants: tuple[str, ...] = field(init=False)
    budget: float | None = field(init=False)
    clean: Outcome | None = None
    as_is: Outcome | None = None
    weakenings: list[str] = field(default_factory=list)
    open_doors: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.variants = self.setup.variants
        self.budget = usual_budget() if self.setup.budget_s is None else self.setup.budget_s

    def expected(self) -> list[bool]:
        """Of the runs of a trial that passes, in order: whether they are sandboxed."""
        if not self.worlds.sealed_rows:
            return []
        return [True, True, False, True, *(True for _ in self.variants)]

    def run(self, runner: Runs) -> R:
        """Go through the runs until one decides."""
        if not self.worlds.sealed_rows:
            return self._report("NO_SEALED_ROWS", reason="No row of the data is sealed.")
        if not runner.sandbox:
            given = self.subject.report.wording.given
            self.open_doors.append(f"it was not sandboxed: what it reads other than its {given} is not known")
        code = self.subject.code
        values = [name for each in code for name in (*carried_values(each), *carried_texts(each))]
        if values:
            self.weakenings.append(
                f"values that it carries with it are taken for constants: {', '.join(values[:_FEW])}"
            )
        data = runner.keep(self.worlds.without())
        clean = self.clean = self._run_once(runner, data, "without the sealed records")
        as_is = self.as_is = self._run_once(runner, runner.keep(self.worlds.as_is), "with them")
        return (
            self._decide_failures(clean, as_is)
            or self._decide_repeat(runner, data, clean, as_is)
            or self._decide_answers(runner, clean, as_is)
            or self._decide_control(runner, clean)
            or self._decide_variants(runner, clean)
            or self._report("PASS")
        )

    def _run_once(self, runner: Runs, data: Path, phase: str, **options: Any) -> Outcome:
        if self.setup.progress is not None:
            self.setup.progress(phase, self.runs, max(self.runs + 1, 4 + len(self.variants)))
        left = None if self.budget is None else max(0.1, self._seconds_left())
        outcome = self.subject.read(runner.run(data, planted=self.worlds.planted, timeout=left, **options))
        self.runs += 1
        self.seconds += outcome.seconds
        self.asked += outcome.asked
        self.open_doors += [each for each in outcome.open_doors if each not in self.open_doors]
        return outcome

    def _seconds_left(self) -> float:
        return float("inf") if self.budget is None else self.budget - (time.monotonic() - self.begun)

    def _decide_failures(self, clean: Outcome, as_is: Outcome) -> R | None:
        statuses = {clean.status, as_is.status}
        if self.worlds.planted and not self.asked and "ok" in statuses and statuses <= {"ok", "error"}:
            reason = "It never asked sealscrub which records are sealed, so planted ones cannot test it."
            return self._report("NO_SEALED_ROWS", reason=reason)
        denied = tuple(dict.fromkeys((*clean.denied, *as_is.denied)))
        if denied:
            return self._report("AMBIENT_INPUT", denied=denied, reason=read_on_import(clean, as_is))
        for outcome in (clean, as_is):
            if outcome.status not in ("ok", "error"):
                return self._report("INCONCLUSIVE", reason=_sentence(outcome.said))
        fails = self.subject.report.wording.fails
        if statuses == {"error"}:
            return self._report(
                "INCONCLUSIVE", reason=f"It {fails} with the sealed records and without them: {as_is.said}."
            )
        if "error" in statuses:
            failed, world = (as_is, "with") if as_is.status == "error" else (clean, "without")
            reason = f"It {fails} {world} the sealed records, and only then: {failed.said}."
            return self._report("INTERFERENCE", self.subject.differences(clean, as_is), reason=reason)
        return None

    def _decide_repeat(self, runner: Runs, data: Path, clean: Outcome, as_is: Outcome) -> R | None:
        """What differs between two runs over the same data, one sandboxed and one not: chance or an ambient input."""
        again = self._as_session(runner, data, clean)
        differs = again.status != "ok" or bool(self.subject.differences(clean, again))
        if not differs:
            carried = [name for each in self.subject.code for name in carried_data(each)]
            if not carried:
                return None
            reason = f"It carries data with it that is not one of its arguments: {', '.join(carried[:_FEW])}."
            return self._report("AMBIENT_INPUT", reason=reason)
        if again.status not in ("ok", "error"):
            return self._report("INCONCLUSIVE", reason=_sentence(again.said))
        third = self._run_once(runner, data, "without them, a third time", fresh=True)
        if third.status == again.status == "ok":
            chance = self.subject.differences(clean, third)
            if chance:
                sampled = self._sampled(runner, data, [clean, third], as_is) if self.setup.repeats else {}
                return self._report("NONDETERMINISTIC", chance, **sampled)
        other = self.subject.report.wording.other_result
        reason = (
            f"It gives {other} with or without: {', '.join(self.beside[:_FEW])}."
            if self.beside
            else f"Sandboxed, it gives {other}: it reads something, and hides that it was refused."
        )
        found = self.subject.differences(clean, again) if again.status == "ok" else ()
        return self._report("AMBIENT_INPUT", found, reason=reason)

    def _as_session(self, runner: Runs, data: Path, clean: Outcome) -> Outcome:
        """Run as the session would: not sandboxed, with its modules' variables, but without its environment."""
        session = session_of(self.subject.code, clean, self.setup.inputs)
        self.beside = session.names
        kept = runner.keep(session.variables) if session.variables else None
        return self._run_once(
            runner, data, "without them, again", sandbox=False, without=session.environment, session=kept
        )

    def _sampled(self, runner: Runs, data: Path, known: list[Outcome], as_is: Outcome) -> dict[str, Any]:
        """Compare many results with the sealed records and without them, if one of each says nothing."""
        places = {"without": data, "with": runner.keep(self.worlds.as_is)}
        results = {"without": [*map(self.subject.sketch, known)], "with": [self.subject.sketch(as_is)]}
        for number in range(self.setup.repeats):
            for name, place in places.items():
                if number < len(results[name]):
                    continue
                phase = f"{name} them, {number + 1} of {self.setup.repeats}"
                outcome = self._run_once(runner, place, phase, fresh=True)
                if outcome.status != "ok":
                    ended = f"of their runs, one ended with: {outcome.said}."
                    return {"reason": f"The two samples could not be compared: {ended}"}
                results[name].append(self.subject.sketch(outcome))
        blocks = blocks_of([*results["without"], *results["with"]])
        return {"chance": energy_test(blocks, records=self.worlds.sealed_rows, seed=self.setup.seed)}

    def _decide_answers(self, runner: Runs, clean: Outcome, as_is: Outcome) -> R | None:
        verdict, found = self.subject.judged(clean, as_is)
        if verdict == "INTERFERENCE":
            return self._interference(runner, clean, found)
        return self._report(verdict, found) if verdict else None

    def _decide_control(self, runner: Runs, clean: Outcome) -> R | None:
        if not self.worlds.rows_left:
            reason = "Every row is sealed: there are no others to remove as a control."
            return self._report("INCONCLUSIVE", reason=reason)
        data = runner.keep(self.subject.control(self.worlds, self.setup.seed))
        control = self._run_once(runner, data, "positive control")
        if control.status == "ok" and not self.subject.differences(clean, control):
            return self._report("VACUOUS")
        failure = self._failure(clean, control)
        if not failure:
            return None
        if control.status not in ("ok", "error"):
            return self._report("INCONCLUSIVE", reason=f"The positive control ended with: {control.said}.")
        data = runner.keep(self.worlds.without_one(self.setup.seed))
        if self._failure(clean, self._run_once(runner, data, "gentler control")):
            return self._report("INCONCLUSIVE", reason=f"The positive control failed: {failure}.")
        self.weakenings.append(f"the positive control removed a single row, since {failure}")
        return None

    def _failure(self, clean: Outcome, control: Outcome) -> str:
        """Say why a control does not show that the data matter; empty if it does."""
        if control.status == "error":
            return f"without other rows it {self.subject.report.wording.fails}: {control.said}"
        if control.status != "ok":
            return control.said
        return "" if self.subject.depends(clean, control) else "without other rows nothing but errors differed"

    def _decide_variants(self, runner: Runs, clean: Outcome) -> R | None:
        if self.variants and self.worlds.unvaried:
            left_out = ", ".join(self.variants)
            self.weakenings.append(
                f"variants of the sealed rows' payload are not tried {self.worlds.unvaried}: {left_out}"
            )
            self.variants = ()
        for number, name in enumerate(self.variants):
            other = self._varied(runner, name, number)
            if other is None:
                continue
            if other.status not in ("ok", "error"):
                return self._report("INCONCLUSIVE", reason=f"The variant {name!r} ended with: {other.said}.")
            found = self.subject.differences(clean, other)
            if found or other.status == "error":
                fails = self.subject.report.wording.fails
                reason = f"It changes with other values in the sealed rows: by the variant {name!r}."
                if other.status == "error":
                    reason = f"With other values in the sealed rows, by the variant {name!r}, it {fails}: {other.said}."
                return self._interference(runner, clean, found, reason)
        return None

    def _varied(self, runner: Runs, name: str, number: int) -> Outcome | None:
        """Run over a variant; None if it could not be tried."""
        tries = ("unseen", "unseen numbers") if name == "unseen" else (name,)
        said = ("texts in sealed rows that no other row has could not be tried", "nor could numbers and times")
        for each, failure in zip(tries, said, strict=False):
            full: dict[str, None] = {}
            change = variant(each, self.setup.seed + number, full)
            outcome = self._run_once(runner, runner.keep(self.worlds.varied(each, change)), f"variant {each}")
            if name != "unseen" or outcome.status != "error":
                if full and each == "unseen":
                    self.weakenings.append(_no_room([*full]))
                return outcome
            self.weakenings.append(f"{failure}: {outcome.said}")
        return None

    def _interference(self, runner: Runs, clean: Outcome, found: Sequence[Any], reason: str = "") -> R:
        if self.setup.attribute != "records" or not isinstance(self.worlds, Worlds):
            return self._report("INTERFERENCE", found, reason=reason)
        worlds = self.worlds

        def shows(rows: np.ndarray) -> bool:
            outcome = self._run_once(runner, runner.keep(worlds.with_only(rows)), "which records show")
            return outcome.status != "ok" or bool(self.subject.differences(clean, outcome))

        records = blamed_records(worlds.sealed_rows, shows, lambda: self._seconds_left() > 0)
        places = worlds.places_of(records)
        return self._report("INTERFERENCE", found, reason=reason, records=records, places=places)

    def _report(self, verdict: str, found: Sequence[Any] = (), **facts: Any) -> R:
        report = self.subject.report
        facts |= self.subject.evidence(verdict, found, self.clean, self.as_is)
        whole = time.monotonic() - self.begun
        return report(
            verdict=report.verdicts(verdict),
            function=self.subject.name,
            weakenings=(*self.open_doors, *self.weakenings, *self.subject.weakenings),
            open_doors=tuple(self.open_doors),
            planted=bool(self.worlds.planted),
            sealed_rows=self.worlds.sealed_rows,
            runs=self.runs,
            seconds=self.seconds,
            overhead=max(0.0, whole - self.seconds),
            variants=len(self.variants) if verdict == "PASS" else 0,
            epoch=self.index.epoch,
            index_id=self.index.id,
            **facts,
        )


def _no_room(columns: Sequence[str]) -> str:
    named = ", ".join(columns[:_FEW]) + (f" and {len(columns) - _FEW} more" if len(columns) > _FEW else "")
    return f"columns without room for a value that no other row has were not tested with one: {named}"


def _sentence(said: str) -> str:
    return f"{said[:1].upper()}{said[1:]}."


def run_trial(
    subject: Subject[R], data: Any, index: Index, on: On | Mapping[str, Any] | None, setup: Setup | None = None
) -> R:
    """Try a subject over data with and without the sealed records.

    Parameters
    ----------
    subject : Subject
    data : frame, mapping of str to frame, or path
    index : Index
    on : mapping, iterable of str, or mapping of str to these
        Key columns; by table if data is a mapping.
    setup : Setup, optional

    Returns
    -------
    TrialReport
        Of the subject's class.

    Raises
    ------
    ConfigError, ColumnError, SchemeError, UnsuitableIndex, ExpiredIndex
        When the test is not set up as it must be.
    """
    setup = setup or Setup()
    worlds = setup.worlds(data, index, on)
    with contextlib.closing(worlds):
        subject.prepare(worlds, setup.seed)
        trial = Trial(subject, worlds, index, setup)
        readable = [*worlds.files, *declared_files(setup.inputs, index, setup.plan)]
        shut = setup.sandbox is not False
        with subject.runner(seed=setup.seed, inputs=readable, sandbox=shut, expected=trial.expected()) as runner:
            found = trial.run(runner)
    report = hide_names(found, index, setup.policy)
    tell(report)
    return report
