"""What an output may never replace, and keys that only a folder's name holds."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

import sealscrub as ss
from sealscrub.custodian.registry import Registry
from sealscrub.datasets import example_index
from sealscrub.errors import ColumnError, UsageError

SEALED = "K14612345"
ON = {"arrest_number": "arrest_no"}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "in.csv"
    path.write_text(f"arrest_no,precinct\n{SEALED},79\nM14000017,14\n")
    return path


@pytest.mark.parametrize("kind", ["example.key", "example.key.publisher", "example.key.annex", "registry", "index"])
def test_no_output_replaces_a_key_an_index_or_a_registry(tmp_path: Path, data: Path, kind: str) -> None:
    (tmp_path / "keys").mkdir()
    index = example_index([SEALED], folder=tmp_path / "keys")
    target = tmp_path / "keys" / kind
    if kind == "registry":
        Registry.create(target).close()
    if kind == "index":
        (tmp_path / "keys" / "example.sealindex").rename(target)
    before = target.read_bytes()

    with pytest.raises(UsageError, match="would replace"):
        ss.scrub(data, index, ON, output=target)

    assert target.read_bytes() == before


def test_a_partition_is_no_key_column_and_its_name_is_not_shown(tmp_path: Path) -> None:
    folder = tmp_path / "data" / f"arrest_no={SEALED}"
    folder.mkdir(parents=True)
    pl.DataFrame({"precinct": [79]}).write_parquet(folder / "part.parquet")

    with pytest.raises(ColumnError, match="is a partition") as caught:
        ss.scan(tmp_path / "data", example_index([SEALED]), ON)

    assert SEALED not in str(caught.value)


def test_rows_that_keep_their_key_are_not_called_clean(data: Path, tmp_path: Path) -> None:
    index = example_index([SEALED])
    report = ss.scrub(data, index, ON, output=tmp_path / "out.csv", set_values={"precinct": "14"})

    assert report.exit_code == 0
    assert not report.clean
    assert any("still have their keys in arrest_no" in warning for warning in report.warnings)
    assert not ss.scan(tmp_path / "out.csv", index, ON).clean
