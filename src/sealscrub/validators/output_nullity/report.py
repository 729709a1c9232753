"""What a nullity test of outputs found: a verdict, and by which parts of the answers sealed records show."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import ClassVar

from sealscrub import __version__

from ..verdict_report import VerdictReport
from .causes import CAUSES
from .findings import Finding
from .timing import Timing

__all__ = ["OutputNullityReport", "OutputNullityVerdict"]


class OutputNullityVerdict(StrEnum):
    """What a nullity test of outputs comes down to. Only PASS is a pass."""

    PASS = "PASS"  # noqa: S105 - no password
    """Every answer is, bit for bit, what it would be had the sealed records never existed."""
    INTERFERENCE = "INTERFERENCE"
    """Answers differ: the report names the probes, the parts and the probable cause."""
    ORACLE = "ORACLE"
    """A sealed id gets another answer than an id that nobody has: who asks learns which ids are sealed."""
    VACUOUS = "VACUOUS"
    """Taking out half of the other records changes no answer: the probes do not reach the data."""
    NONDETERMINISTIC = "NONDETERMINISTIC"
    """The same question over the same data gets two answers, so that a difference says nothing."""
    AMBIENT_INPUT = "AMBIENT_INPUT"
    """It reads something beside its data, which may hold what the sealed records left."""
    NO_SEALED_ROWS = "NO_SEALED_ROWS"
    """There is nothing to test with."""
    INCONCLUSIVE = "INCONCLUSIVE"
    """It could not be told: an error, no time, an answer that cannot be compared."""


@dataclass(frozen=True, kw_only=True)
class OutputNullityReport(VerdictReport):
    """What a nullity test of outputs found.

    Attributes
    ----------
    verdict : OutputNullityVerdict
    function : str
        The name of what builds the system, or of the system.
    findings : tuple of Finding
        By which parts of the answers sealed records show, the most telling first.
    probes : dict of str to int
        How many probes of each kind were sent.
    missing : dict of str to str
        Kinds that were not sent, and why.
    timing : tuple of Timing
        Two-sample reports. No verdict hangs on them.
    reason : str
        Why the verdict is none of the clear ones, in a sentence.
    denied : tuple of str
        Paths that it tried to read and was refused.
    weakenings : tuple of str
        What makes a pass weaker than it could be.
    planted : bool
        Whether sealed records were planted for the test.
    sealed_rows : int
        How many sealed rows the test took out. Operator's copy.
    runs : int
        How often the system was built and asked.
    seconds, overhead : float
        Time of the system, and around it.
    variants : int
        Changes of the sealed rows' payload that were tried.
    running : bool
        Whether a running system was asked, of which there is no twin without the sealed records.
    epoch : int
    index_id : str
    """

    suite: ClassVar[str] = "output nullity"

    verdict: OutputNullityVerdict
    function: str
    findings: tuple[Finding, ...] = ()
    probes: Mapping[str, int] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)
    timing: tuple[Timing, ...] = ()
    reason: str = ""
    denied: tuple[str, ...] = ()
    weakenings: tuple[str, ...] = ()
    planted: bool = False
    sealed_rows: int = 0
    runs: int = 0
    seconds: float = 0.0
    overhead: float = 0.0
    variants: int = 0
    running: bool = False
    epoch: int = 0
    index_id: str = ""

    @property
    def passed(self) -> bool:
        """Whether the verdict is PASS."""
        return self.verdict is OutputNullityVerdict.PASS

    @property
    def channels(self) -> list[str]:
        """The channels by which sealed records show, the most telling first."""
        return list(dict.fromkeys(finding.channel for finding in self.findings))

    @property
    def causes(self) -> list[str]:
        """The probable causes, by name, each once."""
        return list(dict.fromkeys(finding.cause for finding in self.findings if finding.cause))

    @property
    def exit_code(self) -> int:
        """0 a pass · 1 interference, an oracle or an ambient input · 3 it could not be told."""
        bad = (OutputNullityVerdict.INTERFERENCE, OutputNullityVerdict.ORACLE, OutputNullityVerdict.AMBIENT_INPUT)
        return 0 if self.passed else 1 if self.verdict in bad else 3

    def __repr__(self) -> str:
        return f"<OutputNullityReport of {self.function}: {self.verdict.value}>"

    def to_text(self) -> str:
        """Render for a terminal and for a failing test."""
        from .report_text import output_nullity_text

        return output_nullity_text(self)

    def to_html(self) -> str:
        """Render as one self-contained page."""
        from .report_html import output_nullity_html

        return output_nullity_html(self)

    def to_json(self) -> str:
        """Render as JSON. Operator's copy: it holds counts."""
        document = {"operator_copy": True, "sealscrub": __version__, **asdict(self)}
        document |= {"verdict": self.verdict.value, "channels": self.channels}
        document["causes"] = {name: CAUSES[name] for name in self.causes}
        return json.dumps(document, indent=2) + "\n"

    @staticmethod
    def meanings() -> Mapping[str, str]:
        """Each verdict in a sentence."""
        from .report_words import MEANINGS

        return MEANINGS
