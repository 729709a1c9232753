"""What a nullity test found: a verdict, and where the sealed records show."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from os import PathLike
from pathlib import Path
from typing import ClassVar

from sealscrub import __version__
from sealscrub.placing import placed_file

from ..verdict_report import VerdictReport
from .comparing import Difference
from .energy import ChanceTest
from .paths import PathOfRow, SealedOnPath

__all__ = ["NullityReport", "NullityVerdict"]


class NullityVerdict(StrEnum):
    """What a nullity test comes down to. Only PASS is a pass."""

    PASS = "PASS"  # noqa: S105 - no password
    """With the sealed records there, every bit of the result is what it is without them."""
    INTERFERENCE = "INTERFERENCE"
    """The result differs: the report names what shows the sealed records."""
    VACUOUS = "VACUOUS"
    """Taking out as many records that are not sealed changes nothing either: the result does not hang on the data."""
    NONDETERMINISTIC = "NONDETERMINISTIC"
    """Two runs over the same data differ, so that a difference says nothing."""
    AMBIENT_INPUT = "AMBIENT_INPUT"
    """It read something beside its argument, which may hold what the sealed records left."""
    NO_SEALED_ROWS = "NO_SEALED_ROWS"
    """There is nothing to test with: no row is sealed, and planted ones were not asked for."""
    INCONCLUSIVE = "INCONCLUSIVE"
    """It could not be told: an error, no time, a result that cannot be compared."""


@dataclass(frozen=True, kw_only=True)
class NullityReport(VerdictReport):
    """What a nullity test found.

    Attributes
    ----------
    verdict : NullityVerdict
    function : str
        The function's name.
    differences : tuple of Difference
        What differs, the most telling first.
    hints : dict of str to str
        Probable causes, by the names of what differs.
    reason : str
        Why the verdict is none of the two clear ones, in a sentence.
    denied : tuple of str
        Paths that it tried to read and was refused.
    weakenings : tuple of str
        What makes a pass weaker than it could be.
    planted : bool
        Whether the sealed records were planted for the test.
    sealed_rows : int
        How many sealed rows the test took out. Operator's copy.
    runs : int
    seconds : float
        Time of the function's runs.
    overhead : float
        Seconds beyond these.
    variants : int
        Changes of the sealed rows' payload that were tried.
    chance : ChanceTest or None
        Of a result that chance decides, where repeats were asked for: whether the two worlds differ by more than that.
    paths : tuple of PathOfRow
        Which rows of the data the first rows that differ came from, as far as a column tells that both have.
    epoch : int
        Of the index.
    index_id : str
    """

    suite: ClassVar[str] = "nullity"

    verdict: NullityVerdict
    function: str
    differences: tuple[Difference, ...] = ()
    hints: dict[str, str] = field(default_factory=dict)
    reason: str = ""
    denied: tuple[str, ...] = ()
    weakenings: tuple[str, ...] = ()
    planted: bool = False
    sealed_rows: int = 0
    runs: int = 0
    seconds: float = 0.0
    overhead: float = 0.0
    variants: int = 0
    epoch: int = 0
    index_id: str = ""
    chance: ChanceTest | None = None
    paths: tuple[PathOfRow, ...] = ()
    records: tuple[int, ...] = field(default=(), repr=False)
    places: tuple[tuple[str, int], ...] = field(default=(), repr=False)
    sealed_on_paths: tuple[SealedOnPath, ...] = field(default=(), repr=False)

    @property
    def passed(self) -> bool:
        """Whether the verdict is PASS."""
        return self.verdict is NullityVerdict.PASS

    @property
    def contaminated(self) -> list[str]:
        """Names of the outputs and columns that differ."""
        return list(dict.fromkeys(difference.name for difference in self.differences))

    @property
    def exit_code(self) -> int:
        """0 a pass · 1 interference or an ambient input · 3 it could not be told."""
        if self.passed:
            return 0
        return 1 if self.verdict in (NullityVerdict.INTERFERENCE, NullityVerdict.AMBIENT_INPUT) else 3

    def __repr__(self) -> str:
        return f"<NullityReport of {self.function}: {self.verdict.value}>"

    def to_text(self) -> str:
        """Render for a terminal and for a failing test."""
        from .report_text import nullity_text

        return nullity_text(self)

    def to_html(self) -> str:
        """Render as one self-contained page."""
        from .report_html import nullity_html

        return nullity_html(self)

    def to_json(self) -> str:
        """Render as JSON. Operator's copy: it holds counts."""
        document = {"operator_copy": True, "sealscrub": __version__, **asdict(self)}
        for restricted in ("records", "places", "sealed_on_paths"):
            document.pop(restricted)
        document |= {"verdict": self.verdict.value, "contaminated": self.contaminated}
        return json.dumps(document, indent=2) + "\n"

    @staticmethod
    def meanings() -> Mapping[str, str]:
        """Each verdict in a sentence."""
        from .report_words import MEANINGS

        return MEANINGS

    def save_records(self, path: str | PathLike[str]) -> None:
        """Write which sealed rows show in the result, by position, to a file for the custodian (0600).

        ``rows`` are those that were found to show, with ``attribute="records"``; ``paths`` are, of the first rows that
        differ, the sealed rows that share their key or group. Positions are those in the data as given; a planted row
        has the position -1.
        """
        rows = [{"table": table, "row": row} for table, row in self.places]
        document = {"rows": rows, "paths": [asdict(each) for each in self.sealed_on_paths]}
        with placed_file(Path(path), mode=0o600) as file:
            file.write(json.dumps(document).encode())
