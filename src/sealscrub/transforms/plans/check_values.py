"""What ``plan check`` found, as values."""

from __future__ import annotations

from dataclasses import dataclass, field

from sealscrub.reports import JunitReport

from ..scrub_report_values import ColumnReport

__all__ = ["CheckValues", "TableCheck"]


@dataclass(slots=True)
class TableCheck:
    """What was found about one table.

    Attributes
    ----------
    name, source : str
    rows : int or None
        None if the table was not read.
    kind : str
        What happens to it, in a word or two.
    columns : list of ColumnReport
        Recipes that were tried.
    problems, notes : list of str
    """

    name: str
    source: str
    rows: int | None = None
    kind: str = ""
    columns: list[ColumnReport] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class CheckValues(JunitReport):
    """What :class:`.checking.PlanCheck` holds."""

    plan: str
    tables: list[TableCheck]
    problems: list[str] = field(default_factory=list)
    recipes: bool = True
    swept: bool = False
    sweep_waits: bool = False
    exit_code: int = 0

    @property
    def ok(self) -> bool:
        """Whether there is no problem."""
        return not self.problems and not any(table.problems for table in self.tables)
