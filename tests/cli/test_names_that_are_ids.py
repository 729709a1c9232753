"""A file, folder, table or item whose name is a sealed id is not named by any report, in any of its formats."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import typer

from sealscrub.certificates import load_signer
from sealscrub.cli.application import build
from sealscrub.cli.declarations import conditions_of
from sealscrub.custodian.custody import AuditLog
from sealscrub.datasets import example_index
from sealscrub.identifiers.pem_files import generate_certifier
from sealscrub.validators.certification import certify
from sealscrub.validators.expectation_suites import ready_suites

from .conftest import SEALED, Ended

INDEX = ["--index", "example.sealindex", "--key-file", "example.key"]
ON = ["--on", "arrest_number=arrest_no"]
FILE, PARQUET, FOLDER = f"{SEALED}.csv", f"{SEALED}.parquet", f"folder {SEALED}"
MADE = ["--signing-key", "team.key", "-o", "c.json", "--annex", "c.annex"]
PLAN = f"""
version = 1
use = "training"
[tables.{SEALED}]
source = "{FILE}"
keys = {{ arrest_number = "arrest_no" }}
independent = {{ n = "a number of the row" }}
[tables.other]
source = "{FOLDER}/{FILE}"
keys = {{ arrest_number = "arrest_no" }}
independent = {{ n = "a number of the row" }}
"""
INVENTORY = f"""
version = 1
keep_days = 0
[[datasets]]
name = "case {SEALED}"
path = "{FILE}"
[[datasets]]
name = "other"
path = "{FOLDER}/{FILE}"
[[models]]
name = "{SEALED}"
path = "{FOLDER}"
[[services]]
name = "service {SEALED}"
models = ["{SEALED}", "models:/{SEALED}"]
[[caches]]
path = "{FILE}"
[[caches]]
path = "{FOLDER}"
"""
MODULE = f"""
import polars as pl

def build(frames):
    return frames

def count(arrests: pl.DataFrame):
    return pl.DataFrame({{"{SEALED}": [arrests.height]}})

def tells(probe):
    return {{"status": 403 if probe.id == "{SEALED}" else 404, "{SEALED}": 1}}
"""
OPENING_ALWAYS = {
    *("audit coverage", "audit-model", "certify", "check-nullity", "copies", "expectations run", "guard", "scan"),
    *("scrub", "taint", "init"),
}
NULLITY = [*INDEX, *ON, "--variants", "none"]
NAMING: dict[str, list[list[Any]]] = {
    "scan": [["scan", FILE, *INDEX, *ON], ["scan", FOLDER, *INDEX, *ON]],
    "scrub": [["scrub", FILE, *INDEX, *ON, "--dry-run"], ["scrub", "--plan", "plan.toml", *INDEX, "--dry-run"]],
    "plan check": [["plan", "check", "plan.toml", *INDEX]],
    "audit coverage": [["audit", "coverage", "inventory.toml", *INDEX]],
    "copies": [["copies", "inventory.toml", *INDEX]],
    "audit-model": [["audit-model", FILE, *INDEX], ["audit-model", FOLDER, *INDEX]],
    "check-nullity": [
        ["check-nullity", "made:build", "--data", f"{SEALED}={FILE}", *NULLITY],
        ["check-nullity", f"{SEALED}:count", "--data", "withheld.csv", *NULLITY],
    ],
    "guard-check": [["guard-check", "--module", f"{SEALED}:tells", "--data", "found.csv", *INDEX, *ON]],
    "certify": [["certify", "--data", f"{FOLDER}/clean.parquet", *INDEX, *ON, *MADE]],
    "verify": [
        ["verify", "earlier.json", "--public-key", "team.key.pub", *INDEX, *more]
        for more in ([], ["--data", PARQUET], ["--model", FILE])
    ],
    "expectations run": [["expectations", "run", "suite.json", FILE, *INDEX]],
    "audit report": [
        ["audit", "report", "audit.log", "--from", "2020-01-01", "--until", "2020-12-31", *INDEX, *more]
        for more in ([], ["--inventory", "inventory.toml"])
    ],
    "doctor": [["doctor", "--index", f"{SEALED}.sealindex", "--key-file", "example.key"]],
}
NAMING_NOTHING = {"taint": "asks a tracking store: see lineage/test_taint_command.py"}


def _commands(group: Any, *words: str) -> Iterator[tuple[str, Any]]:
    for name, each in group.commands.items():
        if hasattr(each, "commands"):
            yield from _commands(each, *words, name)
        else:
            yield " ".join([*words, name]), each


def reporting_on_an_index() -> set[str]:
    found = {
        name: {word for each in made.params for word in each.opts}
        for name, made in _commands(typer.main.get_command(build()))
    }
    return {name for name, words in found.items() if {"--index", "--report"} <= words}


@pytest.fixture(scope="module")
def made_named(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    world = tmp_path_factory.mktemp("named")
    shutil.copytree(made, world, dirs_exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(world)
        _make_named(world)
    return world


@pytest.fixture
def named(made_named: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh copy of the folder, which is the current one."""
    shutil.copytree(made_named, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _make_named(world: Path) -> None:
    rows = (world / "clean.csv").read_text()
    (world / FOLDER).mkdir()
    for place in (world / FILE, world / FOLDER / FILE):
        place.write_text(rows)
    clean = pl.read_csv(world / FILE)
    clean.write_parquet(world / FOLDER / "clean.parquet")
    os.utime(world / FILE, (0, 0))  # a copy that was superseded
    generate_certifier(world / "team.key")
    for module in ("made", SEALED):
        (world / f"{module}.py").write_text(MODULE)
    (world / "plan.toml").write_text(PLAN)
    (world / "inventory.toml").write_text(INVENTORY)
    (world / f"{SEALED}.sealindex").write_bytes((world / "example.sealindex").read_bytes())
    AuditLog.create(world / "audit.log", who="ann")
    (world / "suite.json").write_text(json.dumps({**ready_suites()["training_table"], "name": f"suite {SEALED}"}))
    _certify_before_it_was_sealed(world, clean)


def _certify_before_it_was_sealed(world: Path, clean: pl.DataFrame) -> None:
    clean.write_parquet(world / PARQUET)
    (world / "earlier").mkdir()
    earlier = example_index(["M14999999"], folder=world / "earlier")
    issued = certify(
        PARQUET, earlier, ON[1:], signer=load_signer(world / "team.key"), models=[FILE], name=PARQUET,
        code={"function": f"{SEALED}:build"},
    )  # fmt: skip
    (world / "earlier.json").write_bytes(issued.certificate)


def test_every_command_that_reports_on_an_index_is_asked() -> None:
    assert reporting_on_an_index() == {*NAMING, *NAMING_NOTHING}


def test_a_system_is_not_named_by_an_id_of_the_list_of_sealed_ones(
    named: Path, sealscrub: Callable[..., Ended]
) -> None:
    (named / "sealed.txt").write_text(f"{SEALED}\nM14000003\n")
    ended = sealscrub("guard-check", "--module", f"{SEALED}:tells", "--sealed", "sealed.txt", "--report", "r.json")

    assert (ended.code, SEALED in ended.out, SEALED in (named / "r.json").read_text()) == (1, False, False), ended
    assert "(an id):tells" in ended.out


@pytest.mark.parametrize(
    "what", [["--data", PARQUET, *ON], ["--model", FILE], ["--data", "clean.csv", *ON, "--commit", SEALED]]
)
def test_a_certificate_is_not_issued_if_a_name_in_it_is_a_sealed_id(
    named: Path, sealscrub: Callable[..., Ended], what: list[str]
) -> None:
    ended = sealscrub("certify", *what, *INDEX, *MADE[:-2])

    assert (ended.code, (named / "c.json").exists()) == (2, False), ended
    assert "is the id of a sealed record" in ended.err
    assert SEALED not in ended.err


def test_the_key_of_an_index_is_for_an_index_only() -> None:
    """Where no index has to be given, its key and least epoch without one are refused."""
    loose = set()
    for name, made in _commands(typer.main.get_command(build())):
        asked = {each.name: each for each in made.params if each.name in ("index", "key_file", "min_epoch")}
        if {"index", "key_file"} <= asked.keys():
            about = conditions_of(made.callback)
            loose |= {name} if any(not about.get(each) for each in asked.keys() - {"index"}) else set()

    assert loose == OPENING_ALWAYS


@pytest.mark.parametrize("command", NAMING)
def test_an_index_of_an_older_epoch_is_refused_by_every_command(
    named: Path, sealscrub: Callable[..., Ended], command: str
) -> None:
    if command == "expectations run":
        pytest.importorskip("great_expectations")
    for words in NAMING[command]:
        ended = sealscrub(*words, "--min-epoch", "99999")
        assert ended.code == 2, ended
        assert "99999" in ended.err + ended.out


@pytest.mark.parametrize("command", NAMING)
def test_no_format_names_what_has_a_sealed_id_for_a_name(
    named: Path, sealscrub: Callable[..., Ended], command: str
) -> None:
    if command == "expectations run":
        pytest.importorskip("great_expectations")
    for words in NAMING[command]:
        refused = sealscrub(*words, "--report", "report.none").err
        suffixes = re.findall(r"\.[a-z]+(?=[,.]|$)", refused.partition("use one of")[2])
        reports = [named / f"report{each}" for each in dict.fromkeys(suffixes)]
        ended = sealscrub(*words, *(word for each in reports for word in ("--report", each)))
        assert len(reports) >= 3, ended
        assert all(each.exists() for each in reports), ended
        said = {each.name: each.read_text() for each in reports}
        assert [name for name, text in {**said, "printed": ended.out}.items() if SEALED in text] == []
