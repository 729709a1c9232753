"""What an audit of a model file has found, as values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sealscrub.reports import JunitReport

__all__ = ["ROWS_WANTED", "AuditValues", "Certainty", "ModelFinding", "ModelNote", "NotChecked"]

ROWS_WANTED = ", and the rows to look for were not given"
"""Why training rows in a file were not compared."""


class Certainty(StrEnum):
    """How sure it is that a finding is of a sealed record."""

    CERTAIN = "certain"
    """Equal in so much that chance is not an explanation."""
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

    Examples
    --------
    >>> finding = ModelFinding(
    ...     file="m.pkl", path="vocabulary_", kind="identifier", certainty=Certainty.CERTAIN, count=2, detail="docket"
    ... )
    >>> finding.path, finding.count
    ('vocabulary_', 2)
    """

    file: str
    path: str
    kind: str
    certainty: Certainty
    count: int
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class ModelNote:
    """What is worth knowing and no finding: leaves and cells of a single training row, chance hits.

    Examples
    --------
    >>> ModelNote(file="model.pkl", path="tree_", what="leaves of one training row", count=3).count
    3
    """

    file: str
    path: str
    what: str
    count: int = 0


@dataclass(frozen=True, kw_only=True)
class NotChecked:
    """What couldn't be read or compared, and why.

    Examples
    --------
    >>> NotChecked(file="model.bin", path="", reason="its format is unknown").reason
    'its format is unknown'
    """

    file: str
    path: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class AuditValues(JunitReport):
    """What :class:`.report.ModelAudit` holds."""

    target: str
    files: int
    findings: tuple[ModelFinding, ...]
    notes: tuple[ModelNote, ...]
    not_checked: tuple[NotChecked, ...]
    schemes: tuple[str, ...]
    coverage: float
    min_coverage: float
    recall: str
    too_few: str
    rows: int | None
    weakenings: tuple[str, ...]
    epoch: int
    as_of: date
    not_after: date
    index_id: str

    @property
    def complete(self) -> bool:
        """Whether all was read, and enough of the seals could have been recognised."""
        return not self.not_checked and not self.too_few

    @property
    def verdict(self) -> str:
        """``found``, ``incomplete`` or ``clean``."""
        return "found" if self.findings else "clean" if self.complete else "incomplete"

    @property
    def exit_code(self) -> int:
        """1 when something was found, 3 when not everything could be checked, else 0."""
        return {"found": 1, "incomplete": 3, "clean": 0}[self.verdict]
