"""What the nullity test of a function found: a verdict, and where the sealed records show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar

from sealscrub.boundary import bound
from sealscrub.reports import Column, Name, Notes, Part, Table

from ..trial.energy import ChanceTest
from ..trial.trial_report import TrialReport, differences_table
from ..trial.verdicts import NullityVerdict
from ..trial.wording import Wording
from .comparison import Difference
from .function_wording import WORDING, chance_outcome, chance_powers, shown_change, shown_first, shown_path, shown_rows
from .paths import PathOfRow, SealedOnPath

__all__ = ["NullityReport"]

_FEW = 5
_WHAT = {
    "rows": "rows more or less",
    "dtype": "type or levels",
    "column": "there or not",
    "facts": "what comes with it",
}
_COLUMNS = (
    Column("what differs"),
    Column("how"),
    Column("rows", number=True),
    Column("change", number=True),
    Column("first at"),
    Column("probable cause"),
)
_CHANGE = "change: the largest; + what the sealed records add to a value, − what they take, ± where both occur"


@bound
@dataclass(frozen=True, kw_only=True)
class NullityReport(TrialReport):
    """What a nullity test found: what :class:`TrialReport` holds, and where the sealed records show in the result.

    Attributes
    ----------
    verdict : NullityVerdict
    differences : tuple of Difference
        What differs, the most important first.
    hints : dict of str to str
        Probable causes, by the names of what differs.
    chance : ChanceTest or None
        Of a result that chance decides, if repeats were asked for: whether the two worlds differ by more than that.
    paths : tuple of PathOfRow
        Which rows of the data the first rows that differ came from, as far as a column shows that both have.

    Examples
    --------
    >>> import polars as pl
    >>> from sealscrub.datasets import example_index
    >>> from sealscrub.validators.nullity import check_nullity
    >>> arrests = pl.DataFrame({"arrest_no": [f"M15{at:06d}" for at in range(1, 41)], "person": [1, 2] * 20})
    >>> on = {"arrest_number": "arrest_no"}
    >>> report = check_nullity(len, arrests, example_index(["M15000003"]), on=on, variants=())
    >>> report
    <NullityReport: INTERFERENCE>
    """

    wording: ClassVar[Wording] = WORDING

    verdict: NullityVerdict
    differences: tuple[Difference, ...] = ()
    hints: dict[str, str] = field(default_factory=dict)
    chance: ChanceTest | None = None
    paths: tuple[PathOfRow, ...] = ()
    sealed_on_paths: tuple[SealedOnPath, ...] = field(default=(), repr=False)

    @property
    def contaminated(self) -> list[str]:
        """Names of the outputs and columns that differ."""
        return list(dict.fromkeys(difference.name for difference in self.differences))

    def _facts(self) -> Mapping[str, Any]:
        return {**super()._facts(), "contaminated": self.contaminated}

    def _records(self) -> dict[str, Any]:
        """What the custodian's file holds: of the first rows that differ, the sealed rows of their key, too."""
        return {**super()._records(), "paths": [asdict(each) for each in self.sealed_on_paths]}

    def _tested_with(self) -> str:
        text = super()._tested_with()
        if self.variants < _FEW:
            return text
        bound = 1 - 0.05 ** (1 / self.variants)
        confidence = f"with 95 % confidence, fewer than {bound:.0%} of further variants of that making would show."
        return f"{text[:-1]}: {confidence}"

    def _shown_parts(self) -> Iterator[Part]:
        if self.differences:
            yield self._table()
        paths = tuple(map(shown_path, self.paths))
        yield Notes(title="Where these rows came from (rows that are not sealed, counted from 0)", items=paths)
        if self.chance is not None:
            yield Notes(title="Beyond chance", items=(chance_outcome(self.chance),), kind="warn")
            yield Notes(title="What such a test finds, at p ≤ 0.05", items=tuple(chance_powers(self.chance)))

    def _table(self) -> Table:
        rows = [
            (
                Name(each.name),
                _WHAT.get(each.what, each.what),
                shown_rows(each),
                shown_change(each),
                shown_first(each, 2),
                self.hints.get(each.name, ""),
            )
            for each in self.differences
        ]
        against = "The result with the sealed records, against the result without them"
        return differences_table(
            "What differs",
            _COLUMNS,
            rows,
            always=2,
            facts=(against if self.hints else "Two results over the same data, one against the other",),
            notes=(_CHANGE,) if self.hints and any(row[3] for row in rows[:100]) else (),
        )
