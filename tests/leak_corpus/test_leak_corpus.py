"""The nullity test finds every leak of the corpus, names what it is in, and flags none of the clean twins."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from sealscrub.index.planted_keys import planted

from . import CORPUS, Case
from .__main__ import main
from .inside import contaminated, worlds_of
from .mutants import mutants_of, really_leaks

ROOT = Path(__file__).parents[2]
INSIDE = [case for case in CORPUS if case.verdict == "INTERFERENCE" and case.kind != "failure"]
BY_LIBRARY = {case.library: case.name for case in INSIDE}
APART = [case.name for case in CORPUS if case not in INSIDE] + list(BY_LIBRARY.values())  # and one of each library


def test_there_are_enough_kinds_and_no_two_cases_of_one_name() -> None:
    assert len(CORPUS) >= 50
    assert len({case.kind for case in CORPUS}) >= 45
    assert max(Counter(case.name for case in CORPUS).values()) == 1


@pytest.mark.parametrize("case", INSIDE, ids=lambda case: case.name)
def test_every_leak_is_found_and_named_and_its_twin_is_not_flagged(case: Case) -> None:
    worlds = worlds_of(case)
    found = set(contaminated(case, case.leaky, worlds))
    assert case.names == found if case.only else case.names <= found
    assert contaminated(case, case.clean, worlds) == []


@pytest.mark.long
@pytest.mark.parametrize("case", INSIDE, ids=lambda case: case.name)
def test_every_leak_is_found_by_planted_records_where_the_data_holds_no_sealed_ones(case: Case) -> None:
    worlds = worlds_of(case, plant=True)
    with planted(worlds.planted):
        assert contaminated(case, case.leaky, worlds)
        assert contaminated(case, case.clean, worlds) == []


@pytest.mark.long
@pytest.mark.parametrize("name", APART)
def test_in_processes_of_their_own(name: str) -> None:
    """Where the corpus is imported by its name: pytest loads it in a way that no other interpreter can."""
    command = [sys.executable, "-m", "tests.leak_corpus", name]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stdout


def test_there_is_a_mutant_for_every_step_behind_which_a_scrub_can_be_put() -> None:
    assert sum(len(list(mutants_of(case))) for case in CORPUS) > 100


@pytest.mark.long
@pytest.mark.parametrize("case", CORPUS, ids=lambda case: case.name)
def test_no_misplaced_scrub_survives(case: Case) -> None:
    worlds = worlds_of(case)
    missed = [mutant for mutant in mutants_of(case) if not contaminated(case, mutant.function, worlds)]
    assert [mutant.place for mutant in missed if really_leaks(mutant)] == []


@pytest.mark.parametrize(("words", "code"), [(["--help"], 0), (["no_such_case"], 2), (["--wrong"], 2)])
def test_the_command_helps_and_refuses_what_it_does_not_know(
    words: list[str], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)

    said = capsys.readouterr()
    assert ended.value.code == code
    assert "NAME" in said.out + said.err
    assert "0 of 0" not in said.out


def test_the_command_lists_the_cases(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(CORPUS)


def test_the_page_on_leaks_names_every_kind() -> None:
    page = (ROOT / "docs" / "concepts" / "leaks.md").read_text("utf-8")
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| ")]
    named = {kind.strip() for row in rows for kind in row.split(";")}
    assert {case.kind for case in CORPUS} - named == set()
