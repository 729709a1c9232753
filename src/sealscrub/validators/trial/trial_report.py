"""The report of a nullity trial: one verdict, what shows, how it was tested, what to do."""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from os import PathLike
from pathlib import Path
from typing import Any, ClassVar

from sealscrub.atomic_write import placed_file
from sealscrub.reports import (
    Case,
    Cell,
    Column,
    Count,
    Document,
    JunitReport,
    Kind,
    Notes,
    Part,
    Rule,
    Suite,
    Table,
    Verdicts,
    printable,
)

from .verdicts import NullityVerdict
from .wording import Wording

__all__ = ["TrialReport", "differences_table"]

_COPY = "It counts sealed rows and says where they show: it stays on the trusted host."
_BAD = ("INTERFERENCE", "ORACLE", "AMBIENT_INPUT")
_RESTRICTED = ("records", "places", "sealed_on_paths")
_MOST = 100


@dataclass(frozen=True, kw_only=True)
class TrialReport(JunitReport):
    """What a nullity trial found. The text, the page and the JSON are the operator's; JUnit travels.

    Attributes
    ----------
    verdict : StrEnum
    function : str
        The name of what was tested.
    reason : str
        Why the verdict is not one of the clear ones, in a sentence.
    denied : tuple of str
        Paths and addresses that it asked for and was refused.
    weakenings : tuple of str
        What makes a pass weaker than it could be.
    open_doors : tuple of str
        Those of them that the sandbox leaves open on this machine. They travel with the verdict.
    planted : bool
        Whether the sealed records were planted for the test.
    sealed_rows : int
        How many sealed rows the test removed. Operator's copy.
    runs : int
    seconds : float
        Time of the runs.
    overhead : float
        Seconds beyond these.
    variants : int
        Changes of the sealed rows' payload that were tried.
    epoch : int
        Of the index.
    index_id : str
    """

    wording: ClassVar[Wording]
    verdicts: ClassVar[type[StrEnum]] = NullityVerdict

    verdict: StrEnum
    function: str
    reason: str = ""
    denied: tuple[str, ...] = ()
    weakenings: tuple[str, ...] = ()
    open_doors: tuple[str, ...] = ()
    planted: bool = False
    sealed_rows: int = 0
    runs: int = 0
    seconds: float = 0.0
    overhead: float = 0.0
    variants: int = 0
    epoch: int = 0
    index_id: str = ""
    records: tuple[int, ...] = field(default=(), repr=False)
    places: tuple[tuple[str, int], ...] = field(default=(), repr=False)

    @property
    def passed(self) -> bool:
        """Whether the verdict is PASS."""
        return self.verdict.value == "PASS"

    @property
    def exit_code(self) -> int:
        """0 a pass · 1 interference, an oracle or an ambient input · 3 no verdict was possible."""
        return 0 if self.passed else 1 if self.verdict.value in _BAD else 3

    @property
    def travelling_verdict(self) -> str:
        """The verdict as it may leave the host.

        That no row was sealed is itself something to know about the data: it travels as INCONCLUSIVE.
        """
        return "INCONCLUSIVE" if self.verdict.value == "NO_SEALED_ROWS" else str(self.verdict.value)

    def save_records(self, path: str | PathLike[str]) -> None:
        """Write which sealed rows show, by position, to a file for the custodian (0600).

        ``rows`` are those that were found to show, with ``attribute="records"``. Positions are those in the data as
        given; a planted row has the position -1.
        """
        with placed_file(Path(path), mode=0o600) as file:
            file.write(json.dumps(self._records()).encode())

    def _records(self) -> dict[str, Any]:
        """What the custodian's file holds."""
        return {"rows": [{"table": table, "row": row} for table, row in self.places]}

    def _facts(self) -> Mapping[str, Any]:
        facts = {name: value for name, value in asdict(self).items() if name not in _RESTRICTED}
        return facts | {"verdict": self.verdict.value}

    @abstractmethod
    def _shown_parts(self) -> Iterator[Part]:
        """What shows the sealed records."""

    def _extent(self) -> dict[str, Cell]:
        """What is in the head of the report other than the sealed rows."""
        return {"Runs": self.runs}

    def _meaning(self, verdict: str) -> str:
        return self.wording.meanings[verdict]

    def _tested_with(self) -> str:
        """Say in a sentence what the test was made with."""
        if not self.sealed_rows:
            return "No row of the data is sealed, and none was planted."
        return f"Tested with {self._sealed('row')}."

    def _sealed(self, word: str) -> str:
        """Say with how many sealed rows it was tested, whether planted ones are among them, and with what variants."""
        text = f"{self.sealed_rows:,} sealed {word}{'' if self.sealed_rows == 1 else 's'}"
        if self.planted:
            text += ", planted ones among them: clones of rows under keys that no one has"
        if self.variants:
            text += f", and {self.variants} variant{'' if self.variants == 1 else 's'} of what is in them"
        return text

    def _parts(self) -> Iterator[Part]:
        yield Notes(title="Why", items=(self.reason,) if self.reason else (), kind="warn")
        yield from self._shown_parts()
        yield Notes(title="It was refused", items=self.denied, kind="warn")
        yield Notes(title="What makes the test weaker", items=self._weaknesses())

    def _weaknesses(self) -> tuple[str, ...]:
        return self.weakenings

    def _head(self, verdict: str) -> dict[str, Any]:
        """What the whole report and what of it travels have in common."""
        kinds: dict[int, Kind] = {0: "good", 1: "bad"}
        return {
            "of": f"{self.wording.suite} of {self.function}",
            "kind": kinds.get(self.exit_code, "warn"),
            "headline": verdict,
            "lede": self._meaning(verdict),
            "steps": () if self.passed else (self.wording.next_steps[verdict],),
        }

    @property
    def _index(self) -> dict[str, Cell]:
        return {"Index": f"epoch {self.epoch}"} if self.index_id else {}

    def _document(self) -> Document:
        words = self.wording
        planted: dict[str, Cell] = {"Planted": "yes"} if self.planted else {}
        runs = f"{self.runs} {'run' if self.runs == 1 else 'runs'}"
        return Document(
            tool=words.tool,
            **self._head(self.verdict.value),
            facts={self._counted_name: Count(self.sealed_rows), **planted, **self._extent(), **self._index},
            parts=tuple(self._parts()),
            glossary=words.meanings,
            closing=(
                self._tested_with(),
                f"{runs}: {self.seconds:.1f} s in the {words.tested}, {self.overhead:.1f} s around it.",
                f"Only PASS is a pass. It covers only this {words.tested} on this data, and says nothing of "
                "records that "
                "the index does not name.",
            ),
            operators_copy=_COPY,
        )

    @property
    def _counted_name(self) -> str:
        return "Sealed rows in the test"

    def _brief(self) -> Document:
        verdict = self.travelling_verdict
        run = Verdicts(run=self._suite(verdict), exit_code=self.exit_code)
        return Document(tool=f"{self.wording.suite} test", **self._head(verdict), facts=self._index, verdicts=run)

    def _suite(self, verdict: str) -> Suite:
        properties: dict[str, str | tuple[str, ...]] = {"sealscrub_nullity": verdict}
        if self.index_id:
            properties["epoch"] = str(self.epoch)
        if self.passed:
            properties["sealscrub_open"] = self.open_doors  # of a pass, which they weaken
        said = Rule(
            code=verdict.lower(),
            outcome="failure" if self.exit_code == 1 else "error",
            message=f"{self._meaning(verdict)} The operator's copy says where.",
        )
        case = Case(name=printable(self.function), rules=() if self.passed else (said,))
        suite = self.wording.suite
        classname = f"sealscrub.{suite.replace(' ', '_')}"
        return Suite(name=suite, cases=(case,), classname=classname, properties=properties)


def differences_table(
    title: str,
    columns: Sequence[Column],
    rows: Sequence[tuple[Cell, ...]],
    *,
    always: int = 0,
    facts: Sequence[str] = (),
    notes: Sequence[str] = (),
) -> Table:
    """Show what differs: the first rows, and the columns that are not empty.

    Parameters
    ----------
    title : str
    columns : sequence of Column
    rows : sequence of tuple
        A cell for each column.
    always : int
        How many of the first columns are shown even if they are empty.
    facts, notes : sequence of str
        What is above and below the rows.
    """
    shown, rest = rows[:_MOST], len(rows) - _MOST
    used = [at for at in range(len(columns)) if at < always or any(row[at] for row in shown)]
    return Table(
        title=title,
        columns=tuple(columns[at] for at in used),
        rows=tuple(tuple(row[at] for at in used) for row in shown),
        facts=tuple(facts),
        notes=(*notes, *((f"… and {rest:,} more",) if rest > 0 else ())),
    )
