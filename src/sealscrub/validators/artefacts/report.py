"""What an audit of a model file has found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

__all__ = ["Certainty", "ModelAudit", "ModelFinding", "ModelNote", "NotChecked"]


class Certainty(StrEnum):
    """How sure it is that a finding is of a sealed record."""

    CERTAIN = "certain"
    """Equal in so much that chance is no explanation."""
    LIKELY = "likely"
    """Equal, in a form that something else could have too: a long number, a row of whole numbers."""
    POSSIBLE = "possible"
    """Equal in so little that chance explains it: a note, never a finding."""


@dataclass(frozen=True, kw_only=True)
class ModelFinding:
    """Sealed or withheld records at one place of a file.

    Attributes
    ----------
    file : str
        The file, as its folder names it.
    path : str
        Where in its object: ``steps[0].vocabulary_``.
    kind : str
        ``identifier``, ``identifier as a number``, ``identifier in a file name``, ``training row``.
    certainty : Certainty
    count : int
        Different records.
    detail : str
        The scheme, or the stage of the pipeline at which the rows are equal.
    """

    file: str
    path: str
    kind: str
    certainty: Certainty
    count: int
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class ModelNote:
    """What is worth knowing and no finding: leaves and cells of a single training row, chance hits."""

    file: str
    path: str
    what: str
    count: int = 0


@dataclass(frozen=True, kw_only=True)
class NotChecked:
    """What couldn't be read or compared, and why."""

    file: str
    path: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class ModelAudit:
    """What model files still hold, as far as they could be read. It holds no identifier and no value of a row.

    Attributes
    ----------
    target : str
        What was audited, as it was named.
    files : int
        How many files were read.
    findings, notes, not_checked : tuple
    schemes : tuple of str
        What identifiers were looked up under.
    coverage : float
        Share of the seals that carry a key of these schemes.
    min_coverage : float
    rows : int or None
        How many sealed feature rows were looked for; None where none were given.
    weakenings : tuple of str
        What the sandbox of the reading process leaves open.
    epoch, as_of, not_after, index_id
        Of the index.
    """

    target: str
    files: int
    findings: tuple[ModelFinding, ...]
    notes: tuple[ModelNote, ...]
    not_checked: tuple[NotChecked, ...]
    schemes: tuple[str, ...]
    coverage: float
    min_coverage: float
    rows: int | None
    weakenings: tuple[str, ...]
    epoch: int
    as_of: date
    not_after: date
    index_id: str

    @property
    def complete(self) -> bool:
        """Whether all was read, and enough of the seals could have been recognised."""
        return not self.not_checked and self.coverage >= self.min_coverage

    @property
    def verdict(self) -> str:
        """``found``, ``incomplete`` or ``clean``."""
        return "found" if self.findings else "clean" if self.complete else "incomplete"

    @property
    def exit_code(self) -> int:
        """1 when something was found, 3 when not everything could be checked, else 0."""
        return {"found": 1, "incomplete": 3, "clean": 0}[self.verdict]

    def __repr__(self) -> str:
        return f"ModelAudit({self.verdict}: {len(self.findings)} findings, {len(self.not_checked)} not checked)"

    def to_text(self) -> str:
        """As text for a terminal. Operator's copy."""
        from .rendering import to_text

        return to_text(self)

    def to_json(self) -> str:
        """As JSON. Operator's copy."""
        from .rendering import to_json

        return to_json(self)

    def to_html(self) -> str:
        """As one page of HTML. Operator's copy."""
        from .html_page import to_html

        return to_html(self)

    def to_junit(self) -> str:
        """As JUnit XML: a verdict for each file, without counts and without places."""
        from .rendering import to_junit

        return to_junit(self)
