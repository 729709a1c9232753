"""What a run in place has done when it fails after its commit, and what is left to do."""

from __future__ import annotations

import contextlib
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from sealscrub.errors import IncompleteError, SealscrubError
from sealscrub.file_system import reason_of
from sealscrub.tables.lake_table import LakeTable

from .table_outcomes import TableOutcome

__all__ = ["CommittedRun"]


_PANIC = "PanicException"  # of compiled code, which is not an Exception
_DEFECT = "run it again; if it fails again, report the type and the place of the error, and no data."


@dataclass(slots=True)
class CommittedRun:
    """A run that commits a version to a table of a lake.

    Attributes
    ----------
    table : LakeTable
        What is written.
    outcome : TableOutcome
        What was found.
    aside : Path or None
        Where rows are put that are set aside.
    history : str
        What happened to the history, if it is to be deleted.
    is_ended : bool
        Whether all is written, but for what deletes the history.
    is_said : bool
        Whether an error says all this itself.
    """

    table: LakeTable
    outcome: TableOutcome
    aside: Path | None
    history: str = ""
    is_ended: bool = False
    is_said: bool = False
    _before: int | None = field(init=False)

    def __post_init__(self) -> None:
        self._before = self._written_aside()

    @contextlib.contextmanager
    def said(self) -> Iterator[None]:
        """Let an error say what was done before it, whichever it is; an interruption has it in a note.

        Raises
        ------
        IncompleteError
        """
        try:
            yield
        except BaseException as error:
            done = self._done()
            if not done:
                raise
            if not isinstance(error, Exception) and type(error).__name__ != _PANIC:
                error.add_note(done)
                raise
            if not isinstance(error, SealscrubError):
                raise IncompleteError(f"{done}: {_unforeseen(error)}", where=self.table.name, hint=_DEFECT) from None
            kind = type(error) if isinstance(error, IncompleteError) else IncompleteError
            hint = str(error.hint if self.is_ended else "").removeprefix("nothing was changed; ") or "run it again."
            hint += self._hint if self._aside else ""
            raise kind(f"{done}: {error.message}", where=error.where, hint=hint) from None

    def _done(self) -> str:
        if self.is_said or not (self.table.added or self.is_ended):
            return ""
        version = f"version {self.table.added} was committed, without what had to be removed"
        parts = [version if self.table.added else "no row had to be removed"]
        if self._aside and self._is_placed:
            parts.append(f"the rows that were set aside are in {self.aside}")
        elif self._aside:
            parts.append("the rows that were set aside are in no file, only in earlier versions")
        return ", ".join(parts) + (f", but {self.history}" if self.history else "")

    @property
    def _hint(self) -> str:
        if self._is_placed:
            return " Name another place for rows that are set aside: the file would be replaced."
        return " Restore the version before with the table's own engine first, and name a place that can be written."

    @property
    def _is_placed(self) -> bool:
        return self.is_ended or self._written_aside() != self._before

    def _written_aside(self) -> int | None:
        try:
            return None if self.aside is None else self.aside.stat().st_ino
        except OSError:
            return None

    @property
    def _aside(self) -> bool:
        return self.aside is not None and bool(self.outcome.matcher.tally().unchecked)


def _unforeseen(error: BaseException) -> str:
    """Say what an error is that is not one of ours, without its text, which may hold values of a row."""
    if isinstance(error, OSError):
        return f"the operating system refused to continue ({reason_of(error)})"
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"an unforeseen {type(error).__name__} at {Path(place.filename).name}:{place.lineno}"
