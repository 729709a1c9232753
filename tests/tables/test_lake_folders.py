"""The files of an Iceberg or Hudi table are not its rows: whatever names them is refused."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest

import sealscrub as ss
from sealscrub.certificates import content_digest
from sealscrub.errors import UnreadableInput, UsageError
from sealscrub.transforms.plans.plan_proposal import propose

from ..contracts.test_every_format import KEPT, ROWS, table
from ..transforms.arrests import NULLS, ON, index
from .delta.test_delta_address import DONE, NAMED

UUID = "9c12d441-03fe-4693-9a96-a0705ddf69c1"
MARKS = {
    "a catalog's metadata": ("Iceberg", f"metadata/00001-{UUID}.metadata.json"),
    "compressed metadata": ("Iceberg", f"metadata/00001-{UUID}.gz.metadata.json"),
    "metadata of a file system table": ("Iceberg", "metadata/v3.metadata.json"),
    "the hint of the version": ("Iceberg", "metadata/version-hint.text"),
    "a timeline": ("Hudi", ".hoodie/hoodie.properties"),
}


def lake(root: Path, mark: str) -> Path:
    """A table whose current rows are clean, and with the file of a version before, which holds the sealed ones."""
    folder = root / "lake" / "train"
    (folder / "data").mkdir(parents=True)
    pq.write_table(table(ROWS), folder / "data" / "00000-0.parquet")
    pq.write_table(table(KEPT), folder / "data" / "00000-1.parquet")
    (folder / mark).parent.mkdir()
    (folder / mark).write_text("{}")
    return folder


@pytest.mark.thinned(together=2)
@pytest.mark.parametrize(("format", "mark"), MARKS.values(), ids=MARKS)
@pytest.mark.parametrize("named", [name for name in NAMED if name != "its log"])
@pytest.mark.parametrize("done", DONE)
def test_a_place_in_its_folder_is_refused(tmp_path: Path, done: str, named: str, format: str, mark: str) -> None:
    place = NAMED[named](lake(tmp_path, mark))
    with pytest.raises(UsageError, match=rf"{format} table") as caught:
        DONE[done](place, tmp_path)
    assert "Parquet" in str(caught.value.hint)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("format", "mark"), MARKS.values(), ids=MARKS)
def test_a_proposal_names_it_and_makes_no_table_of_its_files(tmp_path: Path, format: str, mark: str) -> None:
    folder = lake(tmp_path, mark)
    pl.DataFrame({"precinct": [40]}).write_csv(tmp_path / "precincts.csv")
    text = propose(tmp_path)
    assert f"{format} table" in text
    assert "[tables.precincts]" in text
    assert "tables.lake" not in text
    assert "00000" not in text
    with pytest.raises(UsageError, match=f"{format} table"):
        propose(folder)
    with pytest.raises(UsageError, match=f"{format} table"):
        content_digest(folder)


@pytest.mark.parametrize("mark", ["metadata/arrests.metadata.json", "metadata/readme.md", "v1.metadata.json"])
def test_a_folder_that_only_looks_like_one_is_read(tmp_path: Path, mark: str) -> None:
    folder = tmp_path / "train"
    (folder / mark).parent.mkdir(parents=True)
    (folder / mark).write_text("{}")
    pq.write_table(table(ROWS), folder / "rows.parquet")
    assert ss.scan(folder, index(), ON, policy=NULLS).tables[0].rows == len(ROWS)


@pytest.mark.usefixtures("permissions_bind")
def test_a_metadata_folder_that_cannot_be_listed_is_not_called_a_format(tmp_path: Path) -> None:
    metadata = tmp_path / "train" / "metadata"
    metadata.mkdir(parents=True)
    pq.write_table(table(ROWS), tmp_path / "train" / "rows.parquet")
    metadata.chmod(0)
    for run in (lambda: ss.scan(tmp_path / "train", index(), ON), lambda: propose(tmp_path)):
        with pytest.raises(UnreadableInput, match="may hold the metadata of an Iceberg table") as error:
            run()
        assert "Iceberg table, whose" not in str(error.value)
    metadata.chmod(0o700)
