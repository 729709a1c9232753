"""A third kind of subject is one file: here a program of the command line, which reads one file and writes others."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar
from xml.etree import ElementTree

import polars as pl
import pytest

from sealscrub.datasets import example_index
from sealscrub.index import Index
from sealscrub.reports import Notes, Part
from sealscrub.validators.nullity.function_wording import WORDING
from sealscrub.validators.trial.engine import run_trial
from sealscrub.validators.trial.outcome import Outcome
from sealscrub.validators.trial.setup import Setup
from sealscrub.validators.trial.subject import Subject
from sealscrub.validators.trial.trial_report import TrialReport
from sealscrub.validators.trial.wording import Wording

# --- the adapter --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, repr=False)
class ProgramReport(TrialReport):
    """Which files differ."""

    wording: ClassVar[Wording] = replace(WORDING, suite="program nullity", tested="program", given="input")

    files: tuple[str, ...] = ()

    def _shown_parts(self) -> Iterator[Part]:
        yield Notes(title="Files that differ", items=self.files)


@dataclass
class ProgramRuns:
    """Runs a program on a file in a folder of its own; what it writes there is its answer."""

    program: Path
    folder: Path
    sandbox: bool = False
    kept: int = 0

    def keep(self, data: pl.DataFrame) -> Path:
        self.kept += 1
        place = self.folder / f"data-{self.kept}.csv"
        data.write_csv(place)
        return place

    def run(self, data: Path, *, planted: Mapping[str, Sequence[str]], **options: Any) -> Outcome:
        written = self.folder / f"written-{time.monotonic_ns()}"
        written.mkdir()
        begun = time.monotonic()
        command = [sys.executable, str(self.program), str(data)]
        done = subprocess.run(command, cwd=written, capture_output=True, check=False, timeout=options.get("timeout"))
        seconds = time.monotonic() - begun
        if done.returncode:
            return Outcome("error", said=f"exit code {done.returncode}", seconds=seconds)
        answers = {each.name: each.read_bytes() for each in written.iterdir()}
        return Outcome("ok", answers=answers, seconds=seconds)


@dataclass
class ProgramUnderTest(Subject[ProgramReport]):
    program: Path
    folder: Path
    weakenings: list[str] = field(default_factory=list)
    report = ProgramReport

    def __post_init__(self) -> None:
        self.name = self.program.stem

    def runner(self, **options: Any) -> contextlib.nullcontext[ProgramRuns]:
        return contextlib.nullcontext(ProgramRuns(self.program, self.folder))

    def differences(self, clean: Outcome, other: Outcome) -> list[str]:
        ours, theirs = clean.answers or {}, other.answers or {}
        return sorted(name for name in {*ours, *theirs} if ours.get(name) != theirs.get(name))

    def evidence(self, verdict: str, found: Sequence[str], *outcomes: Outcome | None) -> Mapping[str, Any]:
        return {"files": tuple(found)}


# --- what it finds ------------------------------------------------------------------------------------------------

ON = {"arrest_number": "arrest_no"}
SEALED = ("K14000003", "K14000020")
READ = """
import collections, csv, pathlib, random, sys
arrests = list(csv.DictReader(open(sys.argv[1])))
scrubbed = [row for row in arrests if row["arrest_no"] not in {sealed!r}]
def write(name, rows):
    counts = sorted(collections.Counter(row["precinct"] for row in rows).items())
    pathlib.Path(name).write_text(str(counts))
"""
PROGRAMS = {
    "PASS": "write('counts.txt', scrubbed)",
    "INTERFERENCE": "write('counts.txt', arrests); write('first.txt', scrubbed[:1])",
    "VACUOUS": "pathlib.Path('counts.txt').write_text('always the same')",
    "NONDETERMINISTIC": "pathlib.Path('draw.txt').write_text(str(random.random()))",
    "INCONCLUSIVE": "raise SystemExit(7)",
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("program")


@pytest.fixture(scope="module")
def index() -> Index:
    return example_index(SEALED)


def tried(verdict: str, place: Path, index: Index, **options: Any) -> ProgramReport:
    program = place / f"count_{verdict.lower()}.py"
    program.write_text(READ.format(sealed=SEALED) + PROGRAMS[verdict])
    arrests = pl.DataFrame({"arrest_no": [f"K14{at:06d}" for at in range(1, 41)], "precinct": [14, 73] * 20})
    return run_trial(ProgramUnderTest(program, place), arrests, index, ON, Setup(**options))


@pytest.mark.parametrize("verdict", PROGRAMS)
def test_a_program_gets_the_verdict_that_it_deserves(verdict: str, place: Path, index: Index) -> None:
    report = tried(verdict, place, index, variants=("permute",))

    assert report.verdict.value == verdict
    assert report.exit_code == {"PASS": 0, "INTERFERENCE": 1}.get(verdict, 3)
    assert report.sealed_rows == 2


def test_its_report_says_where_and_which_records_in_every_format(place: Path, index: Index) -> None:
    report = tried("INTERFERENCE", place, index, attribute="records")
    travels = ElementTree.fromstring(report.to_junit())  # noqa: S314 - our own
    report.save_records(place / "records.json")

    assert report.files == ("counts.txt",)
    assert "counts.txt" in report.to_text()
    assert "in the program" in report.to_text()
    assert json.loads(report.to_json())["files"] == ["counts.txt"]
    assert "records" not in json.loads(report.to_json())
    assert json.loads((place / "records.json").read_text())["rows"] == [
        {"table": "", "row": 2},
        {"table": "", "row": 19},
    ]
    assert travels.find("testsuite").get("name") == "program nullity"  # type: ignore[union-attr]
    assert "counts.txt" not in report.to_junit()
