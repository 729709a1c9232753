"""A bad address of a Delta or Iceberg table says what is wrong with it, as it was written, and ends as wrong use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import deltalake
import pytest

import sealscrub as ss
from sealscrub.cli import run
from sealscrub.errors import UsageError

from ..contracts.test_every_format import KEPT, table
from ..transforms.arrests import NULLS, ON, index
from .iceberg.lakehouse import Lakehouse

ROWS = table(KEPT)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A Delta table of two versions, an Iceberg table, a folder of Parquet and a file."""
    folder = tmp_path_factory.mktemp("lake")
    for _ in range(2):
        deltalake.write_deltalake(folder / "lake" / "b", ROWS, mode="append")
    (folder / "lake" / "plain").mkdir()
    (folder / "clean.parquet").write_bytes(b"PAR1")
    lake = Lakehouse(folder)
    lake.create("b", ROWS.schema, rows=ROWS)
    yield folder
    lake.close()


BAD = {
    "a file": ("delta:clean.parquet", "this is a file, and not the folder of a Delta table"),
    "nothing": ("delta:lake/nothere", "the folder does not exist"),
    "nothing, a version": ("delta:lake/nothere@v1", "the folder does not exist"),
    "a folder of files": ("delta:lake/plain", "the folder holds no _delta_log"),
    "an Iceberg table": ("delta:warehouse/police/b", "this is the folder of an Iceberg table"),
    "a version below 0": ("delta:lake/b@v-1", "what is behind the @ is not a version"),
    "a word": ("delta:lake/b@x", "what is behind the @ is not a version"),
    "a number alone": ("delta:lake/b@1", "what is behind the @ is not a version"),
    "a version too long": (f"delta:lake/b@v{'9' * 30}", "what is behind the @ is not a version"),
    "a later version": ("delta:lake/b@v9", "the table has no such version yet"),
    "large letters": ("DELTA:lake/b", "an address begins with small letters"),
    "large letters, Iceberg": ("Iceberg:lakehouse/police.b", "an address begins with small letters"),
    "nothing named": ("delta:", "this names no Delta table"),
    "no namespace": ("iceberg:lakehouse/b", "this names no Iceberg table"),
    "another catalog": ("iceberg:nocatalog/police.b", "pyiceberg cannot open this catalog"),
    "another table": ("iceberg:lakehouse/police.nothere", "the catalog has no table of this name"),
    "another namespace": ("iceberg:lakehouse/courts.b", "the catalog has no table of this name"),
    "a version of Iceberg": ("iceberg:lakehouse/police.b@v1", "an earlier version of an Iceberg table has no address"),
}
UNSHOWN = ("large letters", "nothing named", "no namespace", "another catalog", "a version of Iceberg")


@pytest.mark.parametrize("wrong", BAD)
def test_a_bad_address_says_what_is_wrong(place: Path, wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place)
    address, said = BAD[wrong]
    with pytest.raises(UsageError, match=said) as refused:
        ss.scan(address, index(), ON, policy=NULLS)
    assert refused.value.hint
    assert (refused.value.where == address) is not wrong.startswith(UNSHOWN)


@pytest.mark.parametrize("wrong", BAD)
def test_a_command_ends_alike_with_each(
    place: Path, wrong: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(place)
    address, said = BAD[wrong]
    held, key = index().files
    assert run(["scan", address, "--index", str(held), "--key-file", str(key), "--on", "arrest_number=arrest_no"]) == 2
    assert " ".join(said.split()) in " ".join(capsys.readouterr().err.split())
