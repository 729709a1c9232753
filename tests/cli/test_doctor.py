"""``sealscrub doctor``: what is installed, what the sandbox leaves open, and whether the index opens."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from sealscrub.boundary.extras import EXTRAS
from sealscrub.cli.doctor import _WALLS
from sealscrub.validators.sandbox.process_walls import Walled
from sealscrub.validators.trial.refusals import WEAKENINGS

from .conftest import Ended

Run = Callable[..., Ended]
KEYS = ["--index", "example.sealindex", "--key-file", "example.key"]


@pytest.fixture
def checks(sealscrub: Run, world: Path) -> Callable[..., tuple[int, list[dict[str, Any]]]]:
    def call(*words: str) -> tuple[int, list[dict[str, Any]]]:
        ended = sealscrub("doctor", *words, "--format", "json")
        return ended.code, json.loads(ended.out)["checks"]

    return call


def _installed(package: str) -> bool:
    try:
        metadata.version(package)
    except metadata.PackageNotFoundError:
        return False
    return True


def test_it_says_what_is_installed_what_is_open_and_that_the_index_opens(checks: Callable[..., Any]) -> None:
    code, rows = checks(*KEYS)

    assert code == 0
    assert "excel" in {extra for _, extra in EXTRAS.values()}
    extras = {row["what"]: row["state"] == "installed" for row in rows if row["area"] == "Extras"}
    assert extras == {
        extra: all(_installed(package) for package, other in EXTRAS.values() if other == extra)
        for _, extra in EXTRAS.values()
    }
    groups = {row["what"]: row["state"] for row in rows if row["area"] == "Extras by reader"}
    assert list(groups) == ["ds", "custodian", "auditor", "ci"]
    assert (groups["auditor"] == "installed") == (_installed("rbcl") and _installed("voprf"))
    assert {row["state"] for row in rows if row["area"].startswith("Sandbox")} <= {"open", "closed"}
    assert [row["state"] for row in rows if row["area"] == "Index"] == ["yes", "yes"]


def test_without_an_index_it_does_not_say_that_one_opens(sealscrub: Run, checks: Callable[..., Any]) -> None:
    code, rows = checks()

    assert (code, [row for row in rows if row["area"] == "Index"]) == (0, [])
    assert sealscrub("doctor").out.startswith("No index was opened")
    assert sealscrub("doctor", *KEYS).out.startswith("The index opens")


def test_a_wall_is_closed_only_if_nothing_in_it_is_open() -> None:
    opened = [*Walled().open_doors(0, tcp=False), *Walled().open_doors(0, tcp=True), *WEAKENINGS]
    walls = {door: [wall for wall, words in _WALLS.items() if re.search(words, door)] for door in opened}

    assert {door for door, found in walls.items() if not found} == set()
    assert {wall for found in walls.values() for wall in found} == set(_WALLS)


@pytest.mark.parametrize(
    "words",
    [
        ["--index", "absent.sealindex", "--key-file", "example.key"],
        pytest.param(["--index", "found.csv", "--key-file", "example.key"], marks=pytest.mark.long),
        pytest.param(["--index", "example.sealindex"], marks=pytest.mark.long),
        [*KEYS, "--min-epoch", "99"],
        ["--index", "example.sealindex", "--key-file", "other.key"],
    ],
)
def test_an_index_that_does_not_open_is_an_error_with_what_to_do(
    words: list[str], checks: Callable[..., Any], sealscrub: Run
) -> None:
    assert not sealscrub("keygen", "other.key").code
    code, rows = checks(*words)
    said = sealscrub("doctor", *words).out

    assert code == 2
    assert [row["state"] for row in rows if row["area"] == "Index"] == ["no"]
    assert said.startswith("The index cannot be opened")
    assert "What to do" in said
    assert "SEALSCRUB_INDEX" in said.partition("What to do")[2]
    assert [*dict.fromkeys(row["area"] for row in rows)][:2] == ["Index", "Sandbox of nullity tests"]
