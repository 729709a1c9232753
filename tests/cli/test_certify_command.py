"""``sealscrub certify`` and ``verify``: what they write, what they say, and a kill in the middle."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sealscrub.identifiers import generate_certifier

from .conftest import Ended

FILES = ("c.annex", "c.receipts", "c.html", "c.json")


def words(folder: Path) -> list[str]:
    return ["certify", "--data", "clean.parquet", "--index", "example.sealindex", "--key-file", "example.key",
            "--on", "arrest_number=arrest_no", "--signing-key", "team.key", "--raw", "clean.parquet",
            "-o", "c.json", "--annex", "c.annex", "--receipts", "c.receipts", "--report", "c.html"]  # fmt: skip


@pytest.fixture
def office(world: Path) -> Path:
    import polars as pl

    pl.read_csv("clean.csv").write_parquet("clean.parquet")
    generate_certifier(world / "team.key")
    return world


KILLED = """
import os, pathlib, signal, sys
from sealscrub.cli import run
kept, left = pathlib.Path.replace, int(sys.argv[1])
def replace(self, target):
    global left
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)
    left -= 1
    return kept(self, target)
pathlib.Path.replace = replace
run(sys.argv[2:])
"""


@pytest.mark.parametrize("after", [1, *(pytest.param(at, marks=pytest.mark.long) for at in (0, 2, 3))])
def test_killed_in_the_middle_it_leaves_no_half_certificate(
    office: Path, sealscrub: Callable[..., Ended], after: int
) -> None:
    """Whatever stands there afterwards is whole, and the certificate, which binds the rest, comes last."""
    assert sealscrub(*words(office)).code == 0
    before = {name: (office / name).read_bytes() for name in FILES}
    killed = subprocess.run([sys.executable, "-c", KILLED, str(after), *words(office)], cwd=office, check=False)
    assert killed.returncode == -signal.SIGKILL
    now = {name: (office / name).read_bytes() for name in FILES}

    assert now["c.json"] == before["c.json"]
    assert [now[name] != before[name] for name in FILES[:3]] == [at < after for at in range(3)]
    assert sealscrub("verify", "c.json", "--public-key", "team.key.pub", "--data", "clean.parquet").code == 0
    opened = sealscrub("verify", "c.json", "--public-key", "team.key.pub", "--annex", "c.annex",
                       "--annex-key", "example.key.annex")  # fmt: skip
    assert opened.code == (1 if after else 0)  # an annex of the certificate that never came is told from its own
    assert sealscrub(*words(office)).code == 0
    assert sealscrub("verify", "c.json", "--public-key", "team.key.pub", "--annex", "c.annex",
                     "--annex-key", "example.key.annex").code == 0  # fmt: skip


def test_an_annex_is_a_part_of_the_report(office: Path, sealscrub: Callable[..., Ended]) -> None:
    """One document in every format, and the custodian's copy."""
    assert sealscrub(*words(office)).code == 0
    ask = ["verify", "c.json", "--public-key", "team.key.pub"]
    annex = ["--annex", "c.annex", "--annex-key", "example.key.annex"]

    opened = json.loads(sealscrub(*ask, *annex, "--format", "json").out)
    said = sealscrub(*ask, *annex, "--report", "seen.html")

    assert opened.pop("annex")["scan"]["tables"][0]["rows"] == 59
    assert opened == json.loads(sealscrub(*ask, "--format", "json").out) | {"operator_copy": True}
    assert re.search(r"scan\.tables\[0\]\.rows +59$", said.out, flags=re.MULTILINE)
    assert "Operator's copy" in said.out
    assert (office / "seen.html").stat().st_mode & 0o777 == 0o600


def test_levels_are_printed(office: Path, sealscrub: Callable[..., Ended]) -> None:
    (office / "maker.py").write_text(
        "import polars as pl\n"
        "def model(rows: pl.DataFrame): return b'%d' % rows.height\n"
        "def other(rows: pl.DataFrame): return b''\n"
    )
    (office / "m.bin").write_bytes(b"59")
    assert sealscrub(*words(office), "--model", "m.bin").code == 0
    given = ["verify", "c.json", "--public-key", "team.key.pub", "--data", "clean.parquet", "--model", "m.bin"]
    ended = sealscrub(*given, "--index", "example.sealindex", "--key-file", "example.key", "--retrain", "maker:model")

    assert ended.code == 0
    assert re.findall(r"^  (L\d) +(reached|not checked|in part|failed)  ", ended.out, flags=re.MULTILINE) == [
        ("L0", "reached"), ("L1", "reached"), ("L2", "reached"), ("L3", "not checked"), ("L4", "in part")
    ]  # fmt: skip
    failed = sealscrub(*given, "--retrain", "maker:other")
    assert failed.code == 1
    assert re.search(r"L4 +failed", failed.out)
    assert sealscrub(*given[:-4], "--retrain", "maker:model").code == 2
    assert sealscrub(*given, "--rerun", "maker:model").code == 2


def test_verifying_says_what_was_compared_and_where_the_key_comes_from(
    office: Path, sealscrub: Callable[..., Ended]
) -> None:
    assert sealscrub(*words(office)).code == 0
    given = sealscrub("verify", "c.json", "--data", "clean.parquet", "--public-key", "team.key.pub")
    without = sealscrub("verify", "c.json", "--data", "clean.parquet")

    assert "data are the certified ones" in given.out
    assert "model" not in given.out.partition("L1")[2].partition("L2")[0]
    assert without.code == 2
    assert "from the signer by another channel" in without.err


def test_a_nullity_test_needs_what_the_function_takes(office: Path, sealscrub: Callable[..., Ended]) -> None:
    plain = [word for word in words(office) if word not in ("--raw",)]
    plain.pop(plain.index("team.key") + 1)

    ended = sealscrub(*plain, "--rerun", "maker:model")

    assert (ended.code, ended.out) == (2, "")
    assert not (office / "c.json").exists()
    assert "--raw" in ended.err


def test_a_nullity_test_that_does_not_pass_says_why(office: Path, sealscrub: Callable[..., Ended]) -> None:
    (office / "failing.py").write_text("import polars as pl\ndef model(rows: pl.DataFrame): return rows['absent']\n")

    ended = sealscrub(*words(office), "--rerun", "failing:model")

    assert (ended.code, ended.out) == (2, "")
    assert (
        "ended with INCONCLUSIVE: It fails with the sealed records and without them: ColumnNotFoundError" in ended.err
    )
    assert "sealscrub check-nullity" in ended.err


def test_a_table_of_a_database_is_certified_and_verified(office: Path, sealscrub: Callable[..., Ended]) -> None:
    import duckdb

    with duckdb.connect(str(office / "city.duckdb")) as connection:
        connection.execute("CREATE TABLE arrests AS SELECT * FROM 'clean.parquet'")
    at = ["--data", "city.duckdb#arrests", "--index", "example.sealindex", "--key-file", "example.key"]
    signed = ["--on", "arrest_number=arrest_no", "--signing-key", "team.key", "-o"]

    assert sealscrub("certify", *at, *signed, "c.json").code == 0
    assert sealscrub("verify", "c.json", "--public-key", "team.key.pub", *at).code == 0
    replaced = sealscrub("certify", *at, *signed, "city.duckdb")
    assert replaced.code == 2
    assert "would replace" in replaced.err
