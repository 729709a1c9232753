"""A shallow clone names files of another table: it is refused, and no file of the other table is ever deleted."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import deltalake
import pyarrow.parquet as pq
import pytest

from sealscrub.errors import UnreadableInput

from ...contracts.test_every_format import KEPT, ROWS, table
from ...transforms.arrests import SEALED
from .hand_built import hand_built, stored_vector
from .test_delta_purge import assert_alone, purged
from .test_delta_table import expected, files, rows_of, scan, scrub, written

LOG = "_delta_log"
NAMED: dict[
    str, Callable[[Path], str]
] = {  # as engines name a file of another table: by its path, its URI, or from the clone's folder
    "path": lambda file: str(file),
    "URI": lambda file: f"file://{quote(str(file))}",
    "short URI": lambda file: f"file:{file}",
    "relative": lambda file: f"../source/{file.name}",
}


def cloned(folder: Path, named: str) -> str:
    """Make a table next to another one, of whose file its only version consists."""
    written(folder / "source", [ROWS])
    (file,) = (folder / "source").glob("*.parquet")
    address = hand_built(folder / "clone", [])
    add = {"path": NAMED[named](file), "partitionValues": {}, "size": file.stat().st_size, "modificationTime": 1}
    logged(folder / "clone", 0, {"add": add | {"dataChange": True, "stats": json.dumps({"numRecords": len(ROWS)})}})
    return address


def logged(folder: Path, version: int, *actions: dict[str, Any]) -> None:
    with (folder / LOG / f"{version:020}.json").open("a") as log:
        log.writelines(json.dumps(each) + "\n" for each in actions)


def overwritten(folder: Path) -> None:
    """Replace what a clone names by a file of its own, and let the log begin with a checkpoint of that."""
    (add,) = [json.loads(line) for line in (folder / LOG / f"{0:020}.json").read_text().splitlines() if "add" in line]
    pq.write_table(table(KEPT), folder / "own.parquet")
    own = {"path": "own.parquet", "partitionValues": {}, "size": (folder / "own.parquet").stat().st_size}
    gone = {"path": add["add"]["path"], "deletionTimestamp": 2**43, "dataChange": True}
    logged(folder, 1, {"remove": gone}, {"add": own | {"modificationTime": 2, "dataChange": True}})
    deltalake.DeltaTable(folder).create_checkpoint()


@pytest.mark.parametrize("named", NAMED)
def test_a_clone_is_refused_by_name(tmp_path: Path, named: str) -> None:
    address = cloned(tmp_path, named)
    before = files(tmp_path)
    for ask in (
        lambda: scan(address),
        lambda: scan(address, history=True),
        lambda: purged(tmp_path / "clone", purge_history=False),
        lambda: purged(tmp_path / "clone", rewrite="all"),
        lambda: purged(tmp_path / "clone", dry_run=True),
        lambda: scrub(address, tmp_path / "new"),
    ):
        with pytest.raises(UnreadableInput, match="not in the table's folder") as caught:
            ask()
        assert "shallow clone" in caught.value.hint
    assert files(tmp_path) == before


@pytest.mark.parametrize(
    ("named", "kept"), [("path", True), ("path", False), ("URI", False), ("short URI", True), ("relative", False)]
)
def test_an_earlier_version_that_was_a_clone(tmp_path: Path, named: str, kept: bool) -> None:
    """Its rows are not in the folder: the history is not clean, and a purge ends it without the other table's files."""
    address = cloned(tmp_path, named)
    overwritten(tmp_path / "clone")
    if not kept:
        (tmp_path / "clone" / LOG / f"{0:020}.json").unlink()
    before = files(tmp_path / "source")
    assert scan(address).clean
    report = scan(address, history=True)
    assert not report.clean
    assert "outside of the table's folder" in report.to_text()
    purged(tmp_path / "clone")
    assert files(tmp_path / "source") == before
    assert rows_of(tmp_path / "source") == expected(ROWS)
    assert_alone(tmp_path / "clone", KEPT)


def test_a_table_stays_whole_when_its_clone_is_purged_with_vectors_of_it(tmp_path: Path) -> None:
    """A deletion vector of another folder is named by its absolute path, which the storage type p says."""
    hand_built(tmp_path / "source", [ROWS], reader=["deletionVectors"])
    stored = stored_vector(tmp_path / "source", [0])
    (held,) = (tmp_path / "source").glob("*.bin")
    hand_built(tmp_path / "clone", [], reader=["deletionVectors"])
    shutil.copy(tmp_path / "source" / "part-00000.parquet", tmp_path / "clone" / "part-00000.parquet")
    size = (tmp_path / "clone" / "part-00000.parquet").stat().st_size
    add: dict[str, Any] = {"path": "part-00000.parquet", "partitionValues": {}, "size": size, "modificationTime": 1}
    add |= {"deletionVector": stored | {"storageType": "p", "pathOrInlineDv": f"file://{held}"}, "dataChange": True}
    logged(tmp_path / "clone", 0, {"add": add | {"stats": json.dumps({"numRecords": len(ROWS)})}})
    before = files(tmp_path / "source")
    assert scan(f"delta:{tmp_path / 'clone'}").tables[0].keys[0].sealed == 1
    purged(tmp_path / "clone")
    assert files(tmp_path / "source") == before
    assert_alone(tmp_path / "clone", [row for row in ROWS[1:] if row[0] not in SEALED])
