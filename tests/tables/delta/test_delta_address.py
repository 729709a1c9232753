"""The files of a Delta table are not its rows: whatever names them without the log is refused, and told the address."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import deltalake
import polars as pl
import pytest

import sealscrub as ss
from sealscrub.certificates import content_digest, load_signer
from sealscrub.certificates.structure import structure_digest
from sealscrub.errors import UsageError
from sealscrub.identifiers import generate_certifier
from sealscrub.tables.opener import read_frame
from sealscrub.transforms.plans.plan_proposal import propose
from sealscrub.validators.certification import certify

from ...contracts.test_every_format import KEPT, ROWS, table
from ...transforms.arrests import NULLS, ON, index

RULES = {"keys": {"arrest_number": "arrest_no"}, "independent": "the arrest itself", "accept_null": "a stop"}


def lake(root: Path, by: list[str] | None = None) -> Path:
    """A table whose rows are clean, and in whose folder the files of a version before lie, with the sealed ones."""
    deltalake.write_deltalake(root / "lake" / "train", table(ROWS), partition_by=by)
    deltalake.write_deltalake(root / "lake" / "train", table(KEPT), partition_by=by, mode="overwrite")
    return root / "lake" / "train"


def below(folder: Path) -> Path:
    return next(path for path in sorted(folder.rglob("*.parquet")) if "_delta_log" not in path.parts)


NAMED: dict[str, Callable[[Path], str]] = {
    "its folder": str,
    "a folder above": lambda folder: str(folder.parent),
    "a file of it": lambda folder: str(below(folder)),
    "a folder of a partition": lambda folder: str(below(folder).parent),
    "its log": lambda folder: str(folder / "_delta_log"),
    "a glob of its files": lambda folder: f"{folder}/**/*.parquet",
    "a glob of folders": lambda folder: f"{folder.parent}/*",
    "a link to its folder": lambda folder: linked(folder, folder.parent.parent / "link"),
    "a link to a file of it": lambda folder: linked(below(folder), folder.parent.parent / "link.parquet"),
}


def linked(place: Path, link: Path) -> str:
    link.symlink_to(place, target_is_directory=place.is_dir())
    return str(link)


def plan(source: str = "arrests.parquet", root: Path = Path()) -> ss.Plan:
    return ss.Plan.from_dict({"version": 1, "tables": {"arrests": {"source": source, **RULES}}}, root=root)


def certified(place: Any, root: Path) -> Any:
    generate_certifier(root / "team.key")
    return certify(place, index(), ON, signer=load_signer(root / "team.key"), policy=NULLS)


DONE: dict[str, Callable[[str, Path], Any]] = {
    "scan": lambda place, root: ss.scan(place, index(), ON, policy=NULLS),
    "scrub": lambda place, root: ss.scrub(place, index(), ON, output=root / "out", policy=NULLS),
    "a plan's source": lambda place, root: plan(str(Path(place).relative_to(root)), root).scan(index=index()),
    "a plan's data": lambda place, root: plan().scrub({"arrests": place}, index(), dry_run=True),
    "certify": lambda place, root: certified(place, root),
}


@pytest.mark.thinned(together=2)
@pytest.mark.parametrize("by", [None, ["precinct"]])
@pytest.mark.parametrize("named", NAMED)
@pytest.mark.parametrize("done", DONE)
def test_a_place_in_the_folder_of_a_delta_table_is_refused(
    tmp_path: Path, done: str, named: str, by: list[str] | None
) -> None:
    folder = lake(tmp_path, by)
    place = NAMED[named](folder)
    with pytest.raises(UsageError, match="Delta table") as caught:
        DONE[done](place, tmp_path)
    assert "delta:" in str(caught.value.hint)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("named", [name for name in NAMED if "glob" not in name and name != "its log"])
def test_it_has_no_digest_by_its_files(tmp_path: Path, named: str) -> None:
    place = NAMED[named](lake(tmp_path))
    with pytest.raises(UsageError, match="Delta table"):
        content_digest(place)
    if Path(place).is_dir():
        with pytest.raises(UsageError, match="Delta table"):
            structure_digest(place)
    else:
        with pytest.raises(UsageError, match="Delta table"):
            read_frame(place)


def test_by_its_address_all_is_as_before(tmp_path: Path) -> None:
    address = f"delta:{lake(tmp_path)}"
    assert ss.scan(address, index(), ON, policy=NULLS).clean
    assert plan(f"delta:{Path('lake/train')}", tmp_path).scan(index=index()).clean
    assert content_digest(address).value == content_digest(table(KEPT)).value
    assert certified(address, tmp_path).certificate


@pytest.mark.parametrize("spelled", ["{}/", "file://{}", "file://{}/", "file:{}"])
def test_an_address_is_spelled_in_several_ways(tmp_path: Path, spelled: str) -> None:
    """To be read, and to be written."""
    address = f"delta:{spelled.format(lake(tmp_path))}"
    out = f"delta:{spelled.format(tmp_path / 'a new')}"
    assert ss.scrub(address, index(), ON, output=out, policy=NULLS).tables[0].rows == len(KEPT)
    assert ss.scan(f"delta:{tmp_path / 'a new'}", index(), ON, policy=NULLS).tables[0].rows == len(KEPT)
    assert ss.scan(out, index(), ON, policy=NULLS).clean


def test_files_beside_it_are_read(tmp_path: Path) -> None:
    folder = lake(tmp_path)
    beside = shutil.copy(below(folder), folder.parent / "beside.parquet")
    assert ss.scan(beside, index(), ON, policy=NULLS).tables[0].rows in (len(ROWS), len(KEPT))


def test_a_proposal_names_it_and_makes_no_table_of_its_files(tmp_path: Path) -> None:
    folder = lake(tmp_path)
    pl.DataFrame({"precinct": [40]}).write_csv(tmp_path / "precincts.csv")
    text = propose(tmp_path)
    assert "delta:FOLDER" in text
    assert "[tables.precincts]" in text
    assert "part-" not in text
    assert "tables.lake" not in text
    with pytest.raises(UsageError, match="Delta table"):
        propose(folder)
