"""The runs of one nullity test, one after another, until one of them decides."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from sealscrub.index import Index

from .attribution import blamed_records
from .captured import carried_values
from .carrying import carried_objects
from .causes import probable_cause
from .comparing import Difference, compare
from .energy import ChanceTest, energy_test
from .files import FileWorlds
from .naming import without_values
from .paths import paths_of_rows
from .process import Outcome, Runner
from .report import NullityReport, NullityVerdict
from .session import carried_data, session_of
from .sketches import blocks_of, sketched
from .travelling import modules_by_value
from .variants import variant
from .worlds import Worlds

__all__ = ["Progress", "Trial"]

Progress = Callable[[str, int, int], None]


def _name_of(function: Any) -> str:
    while isinstance(function, functools.partial):
        function = function.func
    return str(getattr(function, "__name__", type(function).__name__))


@dataclass(slots=True)
class Trial:
    """One function, its worlds, and what its runs have told so far."""

    function: Callable[[Any], Any]
    worlds: Worlds | FileWorlds
    index: Index
    key: str | None
    tolerance: float | None
    variants: tuple[str, ...]
    seed: int
    budget: float | None
    attribute: str
    progress: Progress | None
    inputs: tuple[str, ...] = ()
    repeats: int = 0
    beside: list[str] = field(default_factory=list)
    begun: float = field(default_factory=time.monotonic)
    runs: int = 0
    seconds: float = 0.0
    asked: int = 0
    weakenings: list[str] = field(default_factory=list)

    def expected(self) -> list[bool]:
        """Of the runs of a test that passes, in order: whether they are shut in."""
        if not self.worlds.sealed_rows:
            return []
        return [True, True, False, True, *(True for _ in self.variants)]

    def run(self, runner: Runner) -> NullityReport:
        """Go through the runs until one decides."""
        if not self.worlds.sealed_rows:
            return self._report(NullityVerdict.NO_SEALED_ROWS, reason="No row of the data is sealed.")
        self._note(runner)
        clean = runner.keep(self.worlds.without())
        reference = self._go(runner, clean, "without the sealed records")
        as_is = self._go(runner, runner.keep(self.worlds.as_is), "with them")
        self._note_key(reference)
        came_back = "ok" in (reference.status, as_is.status) and {reference.status, as_is.status} <= {"ok", "error"}
        if self.worlds.planted and not self.asked and came_back:
            return self._report(
                NullityVerdict.NO_SEALED_ROWS,
                reason="It never asked sealscrub which records are sealed, so planted ones cannot test it.",
            )
        decided = self._decide_failures(reference, as_is)
        if decided is not None:
            return decided
        again = self._go_as_session(runner, clean, reference)
        decided = self._decide_repeat(runner, clean, reference, as_is, again)
        if decided is not None:
            return decided
        differences = self._compared(reference, as_is)
        if differences:
            return self._interference(runner, reference, differences)
        if not self.worlds.rows_left:
            return self._report(
                NullityVerdict.INCONCLUSIVE, reason="Every row is sealed: there are no others to take out as a control."
            )
        control = self._go(runner, runner.keep(self.worlds.without_others(self.seed)), "positive control")
        if control.status not in ("ok", "error"):
            return self._report(NullityVerdict.INCONCLUSIVE, reason=f"The positive control ended with: {control.said}.")
        if control.status == "error":
            self.weakenings.append(f"it may not hang on the data: without other rows it fails: {control.said}")
        elif not self._compared(reference, control):
            return self._report(NullityVerdict.VACUOUS)
        return self._tried_variants(runner, reference)

    def _tried_variants(self, runner: Runner, reference: Outcome) -> NullityReport:
        if self.variants and (isinstance(self.worlds, FileWorlds) or self.worlds.plan is not None):
            why = (
                "of files"
                if isinstance(self.worlds, FileWorlds)
                else "with a plan, whose recipes they would not follow"
            )
            self.weakenings.append(f"variants of the sealed rows' payload are not tried {why}")
            self.variants = ()
        for number, name in enumerate(self.variants):
            change = variant(name, self.seed + number)
            other = self._go(runner, runner.keep(self.worlds.varied(name, change)), f"variant {name}")
            if other.status == "error" and name == "unseen":
                self.weakenings.append(f"texts in sealed rows that no other row has could not be tried: {other.said}")
                change = variant("unseen numbers", self.seed + number)
                other = self._go(runner, runner.keep(self.worlds.varied(name, change)), "variant unseen, of numbers")
                if other.status == "error":
                    self.weakenings.append(f"nor could numbers and times: {other.said}")
                    continue
            if other.status not in ("ok", "error"):
                return self._report(
                    NullityVerdict.INCONCLUSIVE, reason=f"The variant {name!r} ended with: {other.said}."
                )
            differences = self._compared(reference, other)
            if differences:
                reason = f"It shows where other values stand in the sealed rows: by the variant {name!r}."
                if other.status == "error":
                    reason = f"With other values in the sealed rows, by the variant {name!r}, it fails: {other.said}."
                return self._interference(runner, reference, differences, reason)
        return self._report(NullityVerdict.PASS)

    def _go_as_session(self, runner: Runner, clean: Path, reference: Outcome) -> Outcome:
        """Run as the session would: not shut in, with its modules' variables, but without its environment."""
        session = session_of(self.function, reference, self.inputs)
        self.beside = session.names
        kept = runner.keep(session.variables) if session.variables else None
        return self._go(runner, clean, "without them, again", sandbox=False, without=session.environment, session=kept)

    def _go(
        self,
        runner: Runner,
        data: Path,
        phase: str,
        *,
        sandbox: bool | None = None,
        without: Sequence[str] = (),
        session: Path | None = None,
    ) -> Outcome:
        if self.progress is not None:
            self.progress(phase, self.runs, max(self.runs + 1, 4 + len(self.variants)))
        left = None if self.budget is None else max(0.1, self.budget - (time.monotonic() - self.begun))
        outcome = runner.run(
            data, planted=self.worlds.planted, sandbox=sandbox, timeout=left, without=without, session=session
        )
        self.runs += 1
        self.seconds += outcome.seconds
        self.asked += outcome.asked
        for weakening in outcome.weakenings:
            if weakening not in self.weakenings:
                self.weakenings.append(weakening)
        return outcome

    def _note(self, runner: Runner) -> None:
        if not runner.sandbox:
            self.weakenings.append("it was not shut in: what it reads beside its argument is not known")
        values = [*carried_values(self.function), *carried_objects(self.function, modules_by_value(self.function))[1]]
        if values:
            self.weakenings.append(f"values that it carries with it are taken for constants: {', '.join(values[:5])}")
        if self.tolerance is not None:
            self.weakenings.append(f"differences of up to {self.tolerance} count as none")

    def _note_key(self, reference: Outcome) -> None:
        names = {column.name for piece in reference.pieces for column in piece.columns}
        if self.key is not None and reference.status == "ok" and self.key not in names:
            self.weakenings.append(f"no table of the result has a column {self.key!r}: rows are aligned by position")

    def _decide_failures(self, reference: Outcome, as_is: Outcome) -> NullityReport | None:
        denied = tuple(dict.fromkeys((*reference.denied, *as_is.denied)))
        if denied:
            return self._report(NullityVerdict.AMBIENT_INPUT, denied=denied)
        for outcome in (reference, as_is):
            if outcome.status in ("incomparable", "timeout", "killed"):
                return self._report(
                    NullityVerdict.INCONCLUSIVE, reason=f"{outcome.said[:1].upper()}{outcome.said[1:]}."
                )
        if reference.status == "error" and as_is.status == "error":
            return self._report(NullityVerdict.INCONCLUSIVE, reason=f"It fails in both runs: {as_is.said}.")
        if "error" in (reference.status, as_is.status):
            failed, world = (as_is, "with") if as_is.status == "error" else (reference, "without")
            said = Difference(name="output", what="facts")
            reason = f"It fails {world} the sealed records, and only then: {failed.said}."
            return self._report(NullityVerdict.INTERFERENCE, differences=(said,), reason=reason)
        return None

    def _decide_repeat(
        self, runner: Runner, clean: Path, reference: Outcome, as_is: Outcome, again: Outcome
    ) -> NullityReport | None:
        """What differs between two runs over the same data, one shut in and one not, is chance or an ambient input."""
        if again.status == "ok" and not self._compared(reference, again):
            captured = carried_data(self.function, reference)
            if captured:
                return self._report(
                    NullityVerdict.AMBIENT_INPUT,
                    reason=f"It carries data with it that is none of its arguments: {', '.join(captured[:5])}.",
                )
            return None
        if again.status in ("timeout", "killed", "incomparable"):
            return self._report(NullityVerdict.INCONCLUSIVE, reason=f"{again.said}.")
        third = self._go(runner, clean, "without them, a third time")
        if third.status == "ok" and again.status == "ok" and self._compared(reference, third):
            differences = tuple(self._compared(reference, third))
            chance, reason = self._sampled(runner, clean, [reference, third], as_is) if self.repeats else (None, "")
            return self._report(NullityVerdict.NONDETERMINISTIC, differences=differences, reason=reason, chance=chance)
        return self._report(
            NullityVerdict.AMBIENT_INPUT,
            differences=tuple(self._compared(reference, again)) if again.status == "ok" else (),
            reason=(
                f"It gives another result with or without: {', '.join(self.beside[:5])}."
                if self.beside
                else "Shut in, it gives another result: it reads something, and hides that it was refused."
            ),
        )

    def _sampled(
        self, runner: Runner, clean: Path, known: list[Outcome], as_is: Outcome
    ) -> tuple[ChanceTest | None, str]:
        """Compare many results with the sealed records and without them, where one of each says nothing."""
        whole = runner.keep(self.worlds.as_is)
        results = {
            "without": [sketched(each.pieces, self.key) for each in known],
            "with": [sketched(as_is.pieces, self.key)],
        }
        for number in range(self.repeats):
            for name, data in (("without", clean), ("with", whole)):
                if number < len(results[name]):
                    continue
                outcome = self._go(runner, data, f"{name} them, {number + 1} of {self.repeats}")
                if outcome.status != "ok":
                    return (
                        None,
                        f"The two samples could not be compared: of their runs, one ended with: {outcome.said}.",
                    )
                results[name].append(sketched(outcome.pieces, self.key))
        blocks = blocks_of([*results["without"], *results["with"]])
        return energy_test(blocks, records=self.worlds.sealed_rows, seed=self.seed), ""

    def _compared(self, one: Outcome, other: Outcome) -> list[Difference]:
        if other.status != "ok":
            return [Difference(name="output", what="facts")]
        return compare(one.pieces, other.pieces, key=self.key, tolerance=self.tolerance)

    def _interference(
        self, runner: Runner, reference: Outcome, differences: list[Difference], reason: str = ""
    ) -> NullityReport:
        records: tuple[int, ...] = ()
        if self.attribute == "records" and isinstance(self.worlds, Worlds):
            worlds = self.worlds

            def shows(rows: np.ndarray) -> bool:
                outcome = self._go(runner, runner.keep(worlds.with_only(rows)), "which records show")
                return bool(self._compared(reference, outcome))

            records = blamed_records(worlds.sealed_rows, shows, lambda: self._left() > 0)
        report = self._report(
            NullityVerdict.INTERFERENCE, differences=tuple(differences), records=records, reason=reason
        )
        if isinstance(self.worlds, Worlds):
            paths, sealed = paths_of_rows(reference.pieces, report.differences, self.worlds, self.key)
            places = self.worlds.places_of(records)
            return replace(report, paths=paths, sealed_on_paths=sealed, places=places)
        return report

    def _left(self) -> float:
        return float("inf") if self.budget is None else self.budget - (time.monotonic() - self.begun)

    def _report(
        self,
        verdict: NullityVerdict,
        *,
        differences: tuple[Difference, ...] = (),
        reason: str = "",
        denied: tuple[str, ...] = (),
        records: tuple[int, ...] = (),
        chance: ChanceTest | None = None,
    ) -> NullityReport:
        named = without_values(differences, self.worlds) if differences else []
        ordered = sorted(named, key=lambda each: (each.what != "values", -each.rows, each.name))
        telling = verdict is NullityVerdict.INTERFERENCE
        hints = {each.name: probable_cause(each) for each in ordered} if telling else {}
        whole = time.monotonic() - self.begun
        return NullityReport(
            verdict=verdict,
            function=_name_of(self.function),
            differences=tuple(ordered),
            hints=hints,
            reason=reason,
            denied=denied,
            weakenings=tuple(self.weakenings),
            planted=bool(self.worlds.planted),
            sealed_rows=self.worlds.sealed_rows,
            runs=self.runs,
            seconds=self.seconds,
            overhead=max(0.0, whole - self.seconds),
            variants=len(self.variants) if verdict is NullityVerdict.PASS else 0,
            epoch=self.index.epoch,
            index_id=self.index.id,
            records=records,
            chance=chance,
        )
