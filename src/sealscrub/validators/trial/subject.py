"""What a trial tests: a function, a service, a program. One class says how it is run and what an answer of it is."""

from __future__ import annotations

import functools
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from .file_worlds import FileWorlds
from .outcome import Outcome
from .sketches import Sketch, sketched
from .trial_report import TrialReport
from .worlds import Worlds

__all__ = ["Runs", "Subject", "name_of"]

R = TypeVar("R", bound=TrialReport)


class Runs(Protocol):
    """Runs a subject over data: :class:`.runner.Runner` in fresh interpreters, or anything else that can.

    Attributes
    ----------
    sandbox : bool
        Whether what is run is sandboxed, so it can read nothing other than its data.
    """

    sandbox: bool

    def keep(self, data: Any) -> Path:
        """Keep data for runs, under a path."""

    def run(
        self,
        data: Path,
        *,
        planted: Mapping[str, Sequence[str]],
        sandbox: bool | None = None,
        timeout: float | None = None,
        without: Sequence[str] = (),
        session: Path | None = None,
        fresh: bool = False,
    ) -> Outcome:
        """Run the subject once.

        Parameters
        ----------
        data : Path
            From :meth:`keep`.
        planted : mapping of str to sequence of str
            Keys that every index holds for this run.
        sandbox : bool, optional
            False: this run is not sandboxed.
        timeout : float, optional
            Seconds.
        without : sequence of str
            Environment variables that are removed.
        session : Path, optional
            From :meth:`keep`: values that variables of modules get, by ``module:name``.
        fresh : bool
            Whether nothing of it, its chance included, may be shared with another run.
        """


class Subject(ABC, Generic[R]):
    """What is under test.

    A subclass says how it is run (:meth:`runner`), what differs between two answers (:meth:`differences`) and what its
    report is (:attr:`report`); the rest is there for what one kind of subject has and others have not.

    Attributes
    ----------
    report : type
        The class of its report, which has the words for it.
    name : str
        What the report calls it.
    code : tuple of callable
        Its functions in this interpreter: what they carry with them and what their modules hold is looked at.
    weakenings : list of str
        What makes a pass weaker; may grow while the trial runs.
    """

    report: type[R]
    name: str
    code: tuple[Callable[..., Any], ...] = ()
    weakenings: list[str]

    @abstractmethod
    def runner(
        self, *, seed: int, inputs: Sequence[Any], sandbox: bool, expected: Sequence[bool]
    ) -> AbstractContextManager[Runs]:
        """Give what runs it.

        Parameters
        ----------
        seed : int
        inputs : sequence of path-like
            What it may read other than its data.
        sandbox : bool
            Whether runs are sandboxed unless they say otherwise.
        expected : sequence of bool
            Of the runs to come, in order: whether they are sandboxed.
        """

    @abstractmethod
    def differences(self, clean: Outcome, other: Outcome) -> Sequence[Any]:
        """Compare what came of two runs, of which either may have failed."""

    def prepare(self, worlds: Worlds | FileWorlds, seed: int) -> None:
        """See the data before the first run."""

    def read(self, outcome: Outcome) -> Outcome:
        """Read the answers of a run."""
        return outcome

    def judged(self, clean: Outcome, other: Outcome) -> tuple[str, Sequence[Any]]:
        """Give a verdict on the runs without and with the sealed records; empty if there is nothing against it."""
        found = self.differences(clean, other)
        return "INTERFERENCE" if found else "", found

    def depends(self, clean: Outcome, control: Outcome) -> bool:
        """Whether what came of the positive control shows that the data matter; an error shows nothing."""
        return bool(self.differences(clean, control))

    def control(self, worlds: Worlds | FileWorlds, seed: int) -> Any:
        """Give the data of the positive control, in which records that are not sealed are missing."""
        return worlds.without_others(seed)

    def sketch(self, outcome: Outcome) -> dict[str, Sketch]:
        """Sketch a result for the test of two samples."""
        return sketched(outcome.pieces)

    def evidence(
        self, verdict: str, found: Sequence[Any], clean: Outcome | None, other: Outcome | None
    ) -> Mapping[str, Any]:
        """Give what its report holds other than what every report holds.

        Parameters
        ----------
        verdict : str
        found : sequence
            From :meth:`differences` or :meth:`judged`.
        clean, other : Outcome or None
            What came of the runs without and with the sealed records, as far as they were made.
        """
        return {}


def name_of(function: Any) -> str:
    """Name a function, or what builds a system."""
    while isinstance(function, functools.partial):
        function = function.func
    return str(getattr(function, "__name__", type(function).__name__))
