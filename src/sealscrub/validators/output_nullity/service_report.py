"""What the nullity test of a service found: a verdict, and by which parts of the answers sealed records show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar

from sealscrub.boundary import bound
from sealscrub.reports import Cell, Column, Name, Notes, Part, counted

from ..trial.trial_report import TrialReport, differences_table
from ..trial.verdicts import OutputNullityVerdict
from ..trial.wording import Wording
from .answer_causes import CAUSES
from .answer_findings import Finding
from .channels import CHANNELS
from .response_times import Timing
from .service_wording import MEANINGS_RUNNING, REMEDIES, WORDING, shown_change, shown_kinds, shown_timing

__all__ = ["OutputNullityReport"]

_COLUMNS = (
    Column("part of the answer"),
    Column("what it is"),
    Column("change", number=True),
    Column("probes: answers that differ"),
)


@bound
@dataclass(frozen=True, kw_only=True, repr=False)
class OutputNullityReport(TrialReport):
    """What a nullity test of outputs found: what :class:`TrialReport` holds, and what shows in the answers.

    Attributes
    ----------
    verdict : OutputNullityVerdict
    findings : tuple of Finding
        By which parts of the answers sealed records show, the most important first.
    probes : dict of str to int
        How many probes of each kind were sent.
    missing : dict of str to str
        Kinds that were not sent, and why.
    timing : tuple of Timing
        Two-sample reports. No verdict depends on them.
    running : bool
        Whether a running system was asked, of which there is no twin without the sealed records.

    Examples
    --------
    >>> import polars as pl
    >>> from sealscrub.datasets import example_index
    >>> from sealscrub.validators.output_nullity import check_output_nullity
    >>> arrests = pl.DataFrame({"arrest_no": [f"K14{at:06d}" for at in range(1, 41)], "age": [18, 25, 31, 40] * 10})
    >>> def count(arrests, probe):
    ...     return arrests.height
    >>> on = {"arrest_number": "arrest_no"}
    >>> check_output_nullity(lambda rows: rows, arrests, example_index(["K14000003"]), on=on, query=count, variants=())
    <OutputNullityReport: INTERFERENCE>
    """

    wording: ClassVar[Wording] = WORDING
    verdicts: ClassVar[type[StrEnum]] = OutputNullityVerdict

    verdict: OutputNullityVerdict
    findings: tuple[Finding, ...] = ()
    probes: Mapping[str, int] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)
    timing: tuple[Timing, ...] = ()
    running: bool = False

    @property
    def channels(self) -> list[str]:
        """The channels by which sealed records show, the most important first."""
        return list(dict.fromkeys(finding.channel for finding in self.findings))

    @property
    def causes(self) -> list[str]:
        """The probable causes, by name, each once."""
        return list(dict.fromkeys(finding.cause for finding in self.findings if finding.cause))

    def _facts(self) -> Mapping[str, Any]:
        causes = {name: CAUSES[name] for name in self.causes}
        return {**super()._facts(), "channels": self.channels, "causes": causes}

    def _meaning(self, verdict: str) -> str:
        running = MEANINGS_RUNNING if self.running else {}
        return running.get(verdict) or super()._meaning(verdict)

    @property
    def _counted_name(self) -> str:
        return "Sealed ids" if self.running else super()._counted_name

    def _extent(self) -> dict[str, Cell]:
        return {"Probes": sum(self.probes.values())}

    def _tested_with(self) -> str:
        every = sum(self.probes.values())
        kinds = ", ".join(f"{kind} {count}" for kind, count in self.probes.items())
        text = f"{counted(every, 'probe')} ({kinds})" if every else "No probe was sent"
        if self.sealed_rows:
            text += f", against {self._sealed('id' if self.running else 'row')}"
        return f"{text}."

    def _weaknesses(self) -> tuple[str, ...]:
        return (*self.weakenings, *(f"no probes of the kind “{kind}”: {why}" for kind, why in self.missing.items()))

    def _shown_parts(self) -> Iterator[Part]:
        rows = [
            (Name(each.part), CHANNELS[each.channel], shown_change(each), shown_kinds(each)) for each in self.findings
        ]
        if rows:
            yield differences_table("What shows", _COLUMNS, rows)
        causes = tuple(f"{CAUSES[cause]} → {REMEDIES[cause]}" for cause in self.causes)
        yield Notes(title="Probable cause", items=causes)

    def _parts(self) -> Iterator[Part]:
        yield from super()._parts()
        yield Notes(title="Timing (no verdict depends on it)", items=tuple(map(shown_timing, self.timing)))
