"""What a command says in a shell is said in its own options: no argument of a function, no class, no other's option."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
import pytest

from sealscrub.datasets import example_index

from .conftest import NEAR, SEALED, Ended
from .reference import options_of

VALUE = re.compile(r"(--[a-z-]+) '?[a-z_]+=")
"""An option whose value has a name in it: ``--on arrest_number=ARREST_NO``."""
PYTHON = re.compile(r"(?<![\w$-])[a-z_]+=(?!=)|\b(?:[A-Z][a-z]+){1,4}\(")
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+")
INDEX = ["--index", "example.sealindex", "--key-file", "example.key"]
KEY, HITS = ["--on", "arrest_number=arrest_no"], ["--on", "arrest_number=$.hits[*].arrest"]
LEDGER = ["--ledger", "releases.ledger", "--source", "arrests", "--new-source"]
FIGURES = ["aggregate", "events.csv", "--by", "precinct", "-o", "figures.csv"]
NOISE = [*FIGURES, *LEDGER, "--person", "nysid", "--levels", "precinct=1,2"]


def guarded(file: str, *more: str, on: list[str] = KEY) -> list[str]:
    return ["guard", file, *INDEX, *on, "-o", "shown" + Path(file).suffix, *more]


def asked(*more: str) -> list[str]:
    return ["guard-check", "--module", "answering:answer", *more]


def checked(name: str, data: str, *more: str) -> list[str]:
    return ["check-nullity", f"answering:{name}", "--data", data, *INDEX, *KEY, "--as", "polars", *more]


FAILS = {
    "a near key among rows": guarded("doubtful.csv"),
    "a near key in a ranking": guarded("doubtful.csv", "--score", "n"),
    "a near key in JSON": guarded("near.json", "--complete", on=HITS),
    "too few seals by a column": guarded("clean.csv", "--score", "n", "--index", "partly/example.sealindex",
                                         "--key-file", "partly/example.key"),
    "another field that depends on all": guarded("percentile.csv", "--score", "n"),
    "no location": guarded("other.json", "--complete", on=HITS),
    "a record without its key": guarded("without.json", "--complete", on=HITS),
    "a number beside a list": guarded("beside.json", "--complete", on=HITS),
    "no end of a stream": guarded("near.jsonl", on=["--on", "arrest_number=$.arrest"]),
    "ids of one key of two": guarded("near.json", "--complete", "--known", "clean.csv",
                                     on=[*HITS, "--on", "docket=$.hits[*].docket"]),
    "a composite key of one place": guarded("near.json", "--complete", on=["--on", "person_arrest=$.hits[*].arrest"]),
    "an object where an id is": guarded("near.json", "--complete", on=["--on", "arrest_number=$.hits[*]"]),
    "ids of several columns": asked("--sealed", "ids.txt", "--scheme", "person_arrest"),
    "ids of another scheme": asked("--sealed", "words.txt"),
    "rows without a key": asked("--data", "clean.csv", *INDEX),
    "an oracle": asked("--sealed", "ids.txt", "--open", "open.txt"),
    "planted where none fits": checked("count", "levels.parquet", "--plant"),
    "chance": checked("draw", "found.csv"),
    "another file": checked("read", "found.csv"),
    "too much noise": [*NOISE, "--dp-epsilon", "0"],
    "nobody": [*NOISE, "--dp-epsilon", "1", "--per-person", "0"],
    "no budget": [*NOISE, "--dp-epsilon", "1"],
    "levels that are not declared": [*FIGURES, *LEDGER, "--person", "nysid", "--dp-epsilon", "1", "--dp-budget", "2"],
    "rounded sums": [*FIGURES, "--value", "n", "--round", "5"],
    "rounded shares": [*FIGURES, "--share", "felony", "--round", "5"],
    "no column": ["aggregate", "events.csv", "--by", "precinct,precinct", "-o", "figures.csv"],
    "a key that is a partition": ["scan", "parted", *INDEX, *KEY],
    "a header in UTF-16": ["scan", "wide.csv", *INDEX, *KEY],
}  # fmt: skip
NEEDS_DP = {"too much noise", "nobody", "no budget", "levels that are not declared"}

ANSWERING = f'''
import random
def answer(probe):
    return {{"status": 403 if probe.id == "{SEALED}" else 404 if not probe.id.startswith("M") else 200}}
def count(frame):
    return {{"rows": frame.height}}
def draw(frame):
    return {{"drawn": random.random()}}
def read(frame):
    return {{"read": open("clean.csv").read(), "rows": frame.height}}
'''


@pytest.fixture
def files(world: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(sys, "path", list(sys.path))
    (world / "answering.py").write_text(ANSWERING)
    hits = {
        "near": {"hits": [{"arrest": NEAR, "docket": "2014KN000001"}]},
        "other": {"found": 1},
        "without": {"hits": [{"arrest": "M14000001"}, {"name": "x"}]},
        "beside": {"hits": [{"arrest": "M14000001"}], "total": 1},
    }
    for name, value in hits.items():
        (world / f"{name}.json").write_text(json.dumps(value))
    (world / "near.jsonl").write_text('{"arrest": "M14000001"}\n')
    (world / "percentile.csv").write_text("arrest_no,n,percentile\nM14000001,1,0.5\n")
    (world / "ids.txt").write_text(f"{SEALED}\n")
    (world / "open.txt").write_text("M14000001\nM14000002\n")
    (world / "words.txt").write_text("Sam\nKim\n")
    (world / "events.csv").write_text("nysid,precinct,n,felony\n" + "a,1,2,true\nb,2,3,false\n" * 20)
    (world / "wide.csv").write_bytes("arrest_no,n\nM14000001,1\n".encode("utf-16-le"))
    part = world / "parted" / "arrest_no=M14000001"
    part.mkdir(parents=True)
    (part / "a.csv").write_text("n\n1\n")
    (world / "partly").mkdir()
    example_index({"arrest_number": [SEALED], "docket": ["2014KN000001"]}, folder=world / "partly")
    held = [SEALED, "M14000001", "M14000002"]
    pl.DataFrame({"arrest_no": pl.Series(held, dtype=pl.Enum(held))}).write_parquet(world / "levels.parquet")
    yield world
    sys.modules.pop("answering", None)


@pytest.mark.parametrize("name", FAILS)
def test_what_is_said_in_a_shell_is_of_the_command(name: str, files: Path, sealscrub: Callable[..., Ended]) -> None:
    if name in NEEDS_DP:
        pytest.importorskip("opendp")
    command = FAILS[name]

    ended = sealscrub(*command)

    said = ended.err + ended.out
    assert ended.code in (1, 2, 3), said
    assert [each[0] for each in PYTHON.finditer(VALUE.sub(r"\1 ", said))] == []
    assert [each for each in OPTION.findall(said) if each not in options_of(f"sealscrub {command[0]}")] == []
