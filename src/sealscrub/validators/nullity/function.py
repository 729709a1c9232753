"""A function under test: it is run in fresh interpreters, and what it gives is compared bit for bit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..trial.file_worlds import FileWorlds
from ..trial.outcome import Outcome
from ..trial.runner import Runner
from ..trial.sketches import Sketch, sketched
from ..trial.subject import Subject, name_of
from ..trial.worlds import Worlds
from .column_causes import probable_cause
from .comparison import Difference, compare
from .function_report import NullityReport
from .paths import paths_of_rows
from .value_free_names import without_values

__all__ = ["FunctionUnderTest"]


@dataclass(slots=True)
class FunctionUnderTest(Subject[NullityReport]):
    """A function that takes the data and returns anything that can be compared.

    Parameters
    ----------
    function : callable
    probe : object
        What fitted estimators are asked about.
    key : str or None
        The column by which rows of the results are aligned.
    tolerance : float or None
        Largest absolute difference that counts as none.
    """

    function: Callable[[Any], Any]
    probe: Any = None
    key: str | None = None
    tolerance: float | None = None
    weakenings: list[str] = field(default_factory=list)
    report = NullityReport

    def __post_init__(self) -> None:
        self.name, self.code = name_of(self.function), (self.function,)
        if self.tolerance is not None:
            self.weakenings.append(f"differences of up to {self.tolerance} count as none")

    def prepare(self, worlds: Worlds | FileWorlds, seed: int) -> None:
        """See the data, whose values are not names in a report."""
        self.worlds = worlds

    def runner(self, **options: Any) -> Runner:
        """Give what runs it."""
        return Runner(self.function, self.probe, **options)

    def differences(self, clean: Outcome, other: Outcome) -> list[Difference]:
        """Compare two results."""
        if clean.status != "ok" or other.status != "ok":
            return [Difference(name="output", what="facts")]
        return compare(clean.pieces, other.pieces, key=self.key, tolerance=self.tolerance)

    def sketch(self, outcome: Outcome) -> dict[str, Sketch]:
        """Sketch a result; the key puts the rows of its tables in order."""
        return sketched(outcome.pieces, self.key)

    def evidence(
        self, verdict: str, found: Sequence[Difference], clean: Outcome | None, other: Outcome | None
    ) -> Mapping[str, Any]:
        """Name what differs, with the probable causes, and say where the first rows that differ came from."""
        self._note_key(clean)
        named = without_values(found, self.worlds) if found else []
        ordered = sorted(named, key=lambda each: (each.what != "values", -each.rows, each.name))
        evidence: dict[str, Any] = {"differences": tuple(ordered)}
        if verdict == "INTERFERENCE":
            evidence["hints"] = {each.name: probable_cause(each) for each in ordered}
            if isinstance(self.worlds, Worlds) and clean is not None:
                paths, sealed = paths_of_rows(clean.pieces, ordered, self.worlds, self.key)
                evidence |= {"paths": paths, "sealed_on_paths": sealed}
        return evidence

    def _note_key(self, clean: Outcome | None) -> None:
        if self.key is None or clean is None or clean.status != "ok":
            return
        if self.key not in {column.name for piece in clean.pieces for column in piece.columns}:
            self.weakenings.append(f"no table of the result has a column {self.key!r}: rows are aligned by position")
