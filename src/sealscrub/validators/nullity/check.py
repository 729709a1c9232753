"""The nullity test: run a function with and without the sealed records, and compare every bit of what it gives.

Nullity is noninterference in its most falsifiable form: for a deterministic function the comparison of these two runs
is not a sample but the property itself, on this data. What could make it lie is tested too: a result that does not hang
on the data (positive control), a source beside the argument (sandbox, and a run as the session would make it), chance
(the same data twice), and thresholds that this data does not cross (variants).

References
----------
Hriţcu et al., Testing noninterference, quickly, Journal of Functional Programming 26 (2016).
"""

from __future__ import annotations

import contextlib
import functools
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from sealscrub.errors import ConfigError
from sealscrub.index import Index
from sealscrub.matching import Policy
from sealscrub.matching.key_columns import On

from ..landlock import landlock_abi
from ..suite import tell, usual_budget
from .attribution import blamed_records
from .captured import carried_values
from .causes import probable_cause
from .comparing import Difference, compare
from .files import FileWorlds, make_file_worlds
from .process import Outcome, Runner
from .report import NullityReport, NullityVerdict
from .session import carried_data, session_of
from .variants import VARIANTS, variant
from .worlds import Worlds, make_worlds

__all__ = ["assert_nullity", "check_nullity"]

Progress = Callable[[str, int, int], None]


def assert_nullity(
    f: Callable[[Any], Any], data: Any, index: Index, on: On | Any = None, **options: Any
) -> NullityReport:
    """Fail unless a function's result is, bit for bit, what it would be had the sealed records never existed.

    Parameters
    ----------
    f, data, index, on, **options
        As in :func:`check_nullity`.

    Returns
    -------
    NullityReport
        Of a pass.

    Raises
    ------
    AssertionError
        With the report as its text, for every verdict but PASS.

    Examples
    --------
    >>> import polars as pl, sealscrub as ss
    >>> from sealscrub.datasets import example_index
    >>> arrests = pl.DataFrame({"arrest_no": [f"K14{at:06d}" for at in range(1, 41)], "person": [1, 2] * 20})
    >>> index = example_index(["K14000003"])
    >>> def priors(arrests):
    ...     return ss.scrub(arrests, index, on={"arrest_number": "arrest_no"}).group_by("person").len().sort("person")
    >>> assert_nullity(priors, arrests, index, on={"arrest_number": "arrest_no"})
    <NullityReport of priors: PASS>
    """
    __tracebackhide__ = True  # pytest shows a frame's arguments, and these hold rows
    report = check_nullity(f, data, index, on, **options)
    if not report.passed:
        raise AssertionError("\n\n" + report.to_text())
    return report


def check_nullity(
    f: Callable[[Any], Any],
    data: Any,
    index: Index,
    on: On | Any = None,
    *,
    key: str | None = None,
    plan: Any = None,
    plant: str | bool = "auto",
    variants: Sequence[str] = ("permute", "unseen"),
    seed: int = 0,
    probe: Any = None,
    inputs: Sequence[str | os.PathLike[str]] = (),
    sandbox: str | bool = "auto",
    attribute: str = "columns",
    tolerance: float | None = None,
    budget_s: float | None = None,
    policy: Policy | None = None,
    progress: Progress | None = None,
) -> NullityReport:
    """Test whether a function lets a sealed record through.

    Parameters
    ----------
    f : callable
        Takes the data (a frame, a mapping of frames, or a path) and returns anything that can be compared: a frame,
        array, sparse matrix, ``(X, y)``, a mapping of these, a fitted estimator, a path, a figure, a picklable value.
    data : frame, mapping of str to frame, or path
        pandas, polars, pyarrow; a file or folder is copied, and f gets the copy's path.
    index : Index
    on : mapping, iterable of str, or mapping of str to these
        Key columns; by table where data is a mapping.
    key : str, optional
        The column by which rows of the results are aligned; by default their labels, or their positions.
    plan : Plan, optional
        How the data without the sealed records is made: links, orphans, edits. By default rows are dropped.
    plant : {"auto", True, False}
        Whether records are planted: "auto" where the data holds no sealed rows; True beside those that it holds.
    variants : sequence of str
        Changes of the sealed rows' payload that are tried as well: permute, unseen (values that no other row has),
        resample, extreme, duplicate, reorder.
    seed : int
        Of every source of chance that can be reached, in each run.
    probe : object, optional
        What fitted estimators are asked about.
    inputs : sequence of path-like
        What f may read beside its argument: files, folders, and environment variables as ``env:NAME``.
    sandbox : {"auto", True, False}
        Whether f is shut in (Landlock, Linux); True refuses to run without.
    attribute : {"columns", "records"}
        Whether to find out which sealed rows show, too; they go to the custodian's file alone.
    tolerance : float, optional
        Largest absolute difference that counts as none. It weakens the test, and the report says so.
    budget_s : float, optional
        Seconds for all runs.
    policy : Policy, optional
    progress : callable, optional
        Told the phase, runs done and runs in all.

    Returns
    -------
    NullityReport

    Raises
    ------
    ConfigError, ColumnError, SchemeError, UnsuitableIndex, ExpiredIndex
        When the test is not set up as it must be.
    """
    _check_options(plant, variants, sandbox, attribute)
    index.require_use("training" if "training" in index.uses else next(iter(index.uses)))
    settings = policy or Policy(accept=frozenset({"near", "unparsable"}), max_unparsable=1.0, min_coverage=0.0)
    if isinstance(data, str | os.PathLike):
        worlds: Worlds | FileWorlds = make_file_worlds(Path(data), index, on, policy=settings, plant=plant, seed=seed)
    else:
        worlds = make_worlds(data, index, on, plan=plan, plant=plant, policy=settings, seed=seed)
    named = tuple(os.fspath(each) for each in inputs)
    budget = usual_budget() if budget_s is None else budget_s
    test = _Test(f, worlds, index, key, tolerance, tuple(variants), seed, budget, attribute, progress, named)
    shut = sandbox is not False
    readable = [
        *(each for each in named if not each.startswith("env:")),
        *worlds.files,
        *index.files,
        *(file.with_name(f"{file.name}.state") for file in index.files),
    ]
    ahead = test.expected()
    with (
        contextlib.closing(worlds),
        Runner(f, probe, seed=seed, inputs=readable, sandbox=shut, expected=ahead) as runner,
    ):
        report = test.run(runner)
    tell(report)
    return report


def _check_options(plant: object, variants: Sequence[str], sandbox: object, attribute: str) -> None:
    for name in variants:
        if name not in VARIANTS:
            raise ConfigError(f"there is no variant {name!r}", hint=", ".join(VARIANTS))
    if plant not in ("auto", True, False) or sandbox not in ("auto", True, False):
        raise ConfigError("plant and sandbox are 'auto', True or False")
    if attribute not in ("columns", "records"):
        raise ConfigError("attribute is 'columns' or 'records'")
    if sandbox is True and not landlock_abi():
        raise ConfigError("this system has no Landlock", hint="sandbox='auto' runs without, and says so in the report.")


def _name_of(function: Any) -> str:
    while isinstance(function, functools.partial):
        function = function.func
    return str(getattr(function, "__name__", type(function).__name__))


@dataclass(slots=True)
class _Test:
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
        decided = self._decide_repeat(runner, clean, reference, again)
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
        if control.status == "ok" and not self._compared(reference, control):
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
                self.weakenings.append(f"values of sealed rows that no other row has were not tried: {other.said}")
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
            self.progress(phase, self.runs, 4 + len(self.variants))
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
        values = carried_values(self.function)
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

    def _decide_repeat(self, runner: Runner, clean: Path, reference: Outcome, again: Outcome) -> NullityReport | None:
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
            return self._report(NullityVerdict.NONDETERMINISTIC, differences=differences)
        return self._report(
            NullityVerdict.AMBIENT_INPUT,
            differences=tuple(self._compared(reference, again)) if again.status == "ok" else (),
            reason=(
                f"It gives another result with or without: {', '.join(self.beside[:5])}."
                if self.beside
                else "Shut in, it gives another result: it reads something, and hides that it was refused."
            ),
        )

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
        return self._report(NullityVerdict.INTERFERENCE, differences=tuple(differences), records=records, reason=reason)

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
    ) -> NullityReport:
        ordered = sorted(differences, key=lambda each: (each.what != "values", -each.rows, each.name))
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
        )
