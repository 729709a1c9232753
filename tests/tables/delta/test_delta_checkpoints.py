"""Checkpoints in several files: in parts, and of version 2 with sidecars; read, scanned with the history, purged."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import deltalake
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

import sealscrub as ss
from sealscrub.datasets import example_index
from sealscrub.errors import UnreadableInput

from ...contracts.test_every_format import KEPT, ROWS, Row
from ...transforms.arrests import CLEAR, NULLS, ON, SEALED
from .hand_built import hand_built
from .test_delta_purge import assert_alone, purged
from .test_delta_table import expected, rows_of, scan, scrub, written

LOG = "_delta_log"
NAMES = ("3a0d65cd-4056-49b8-937b-95f9e3ee90e5", "016ae953-37a9-438e-8683-9a9a4a79a395")
OWN = "80a083e8-7026-4e79-81be-64bd76c43a11"
MORE: list[Row] = [(SEALED[3], 75, "x"), (CLEAR[4], 41, None)]


def in_parts(log: Path, held: pa.Table) -> None:
    """One row in each, as an engine does with very many."""
    for at in range(held.num_rows):
        part = f"{2:020}.checkpoint.{at + 1:010}.{held.num_rows:010}.parquet"
        pq.write_table(held.slice(at, 1), log / part)
    (log / "_last_checkpoint").write_text(json.dumps({"version": 2, "size": held.num_rows, "parts": held.num_rows}))


def sidecars(log: Path, held: pa.Table) -> tuple[pa.Table, list[dict[str, Any]]]:
    """Put what is about files into two of them; give the rest, and what names them."""
    about = pc.or_(pc.is_valid(held["add"]), pc.is_valid(held["remove"]))
    of_files, named = held.filter(about), []
    (log / "_sidecars").mkdir()
    for at, name in enumerate(NAMES):
        rows = of_files.slice(0, 1) if at else of_files.slice(1)
        place = log / "_sidecars" / f"{name}.parquet"
        pq.write_table(rows.select(["add", "remove"]), place)
        named.append({"path": place.name, "sizeInBytes": place.stat().st_size, "modificationTime": 1})
    (log / "_last_checkpoint").unlink()
    return held.filter(pc.invert(about)), named


def with_sidecars(log: Path, held: pa.Table) -> None:
    rest, named = sidecars(log, held)
    rows = rest.drop_columns(["sidecar"]).to_pylist(maps_as_pydicts="strict") + [{"sidecar": each} for each in named]
    as_json(log, rows)


def with_sidecars_in_parquet(log: Path, held: pa.Table) -> None:
    rest, named = sidecars(log, held)
    kinds = pa.schema([pa.field(each.name, loose(each.type)) for each in rest.schema])
    rows = [*rest.to_pylist(), *({"sidecar": each} for each in named)]
    pq.write_table(pa.Table.from_pylist(rows, kinds), log / f"{2:020}.checkpoint.{OWN}.parquet")


def loose(kind: pa.DataType) -> pa.DataType:
    """Give a type of which all fields hold nulls."""
    if pa.types.is_struct(kind):
        return pa.struct([pa.field(each.name, loose(each.type)) for each in kind])
    return kind


def without_sidecars(log: Path, held: pa.Table) -> None:
    (log / "_last_checkpoint").unlink()
    as_json(log, held.to_pylist(maps_as_pydicts="strict"))


def as_json(log: Path, rows: list[dict[str, Any]]) -> None:
    with (log / f"{2:020}.checkpoint.{OWN}.json").open("x") as file:
        for row in rows:
            action = {name: said(each) for name, each in row.items() if each is not None}
            file.write(json.dumps(action) + "\n")


def said(action: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in action.items() if value is not None}


CHECKPOINTS: dict[str, Callable[[Path, pa.Table], None]] = {
    "parts": in_parts,
    "sidecars": with_sidecars,
    "sidecars of Parquet": with_sidecars_in_parquet,
    "no sidecars": without_sidecars,
}
every_kind = pytest.mark.parametrize("kind", CHECKPOINTS)


def made(folder: Path, kind: str) -> str:
    """Make a table of which a checkpoint says all but the newest version; the third file of four is removed."""
    second: dict[str, Any] = {"reader": ["v2Checkpoint"], "properties": {"delta.checkpointPolicy": "v2"}}
    address = hand_built(folder, [ROWS, KEPT], **({} if kind == "parts" else second))
    written(folder, [[(SEALED[2], 40, "a note")]])
    deltalake.DeltaTable(folder).delete(f"arrest_no = '{SEALED[2]}'")
    deltalake.DeltaTable(folder).create_checkpoint()
    (whole,) = (folder / LOG).glob("*.checkpoint.parquet")
    held = pq.read_table(whole)
    rows = held.to_pylist()
    (gone,) = [row["remove"] for row in rows if row["remove"]]
    gone["stats"] = json.dumps({"numRecords": 1, "minValues": {"arrest_no": SEALED[2]}})  # which engines may keep
    held = pa.Table.from_pylist(rows, held.schema)
    for path in (whole, *(folder / LOG).glob("*.json")):
        path.unlink()
    CHECKPOINTS[kind](folder / LOG, held)
    nothing = json.dumps({"commitInfo": {"operation": "nothing"}}) + "\n"
    (folder / LOG / f"{2:020}.json").write_text(nothing)
    written(folder, [MORE])
    return address


@every_kind
def test_its_version_is_read_and_written(tmp_path: Path, kind: str) -> None:
    address = made(tmp_path / "t", kind)
    assert rows_of(tmp_path / "t") == expected([*ROWS, *KEPT, *MORE])
    assert [each.keys[0].sealed for each in scan(address).tables] == [3]
    kept = [*KEPT, *KEPT, MORE[1]]
    assert rows_of(scrub(address, tmp_path / "new")) == expected(kept)
    purged(tmp_path / "t", purge_history=False)
    assert rows_of(tmp_path / "t") == expected(kept)
    assert scan(address).clean


@every_kind
def test_its_bounds_are_scanned_and_it_is_purged(tmp_path: Path, kind: str) -> None:
    """Nothing else holds the key of the removed row."""
    address = made(tmp_path / "t", kind)
    live = {uri.rpartition("/")[2] for uri in deltalake.DeltaTable(tmp_path / "t").file_uris()}
    (gone,) = (path for path in (tmp_path / "t").glob("*.parquet") if path.name not in live)
    gone.unlink()
    report = ss.scan(address, example_index([SEALED[2]]), ON, policy=NULLS, history=True)
    assert not report.clean
    assert "(metadata)" in report.to_text()
    purged(tmp_path / "t")
    assert_alone(tmp_path / "t", [*KEPT, *KEPT, MORE[1]])


@every_kind
def test_without_one_of_its_files_nothing_is_read(tmp_path: Path, kind: str) -> None:
    """No commit before it is there, so what is left says another version."""
    address = made(tmp_path / "t", kind)
    parts = sorted((tmp_path / "t" / LOG).rglob("*.checkpoint*")) + sorted((tmp_path / "t" / LOG).rglob("_sidecars/*"))
    for part in parts:
        held = part.read_bytes()
        part.unlink()
        for history in (False, True):
            with pytest.raises(UnreadableInput):
                scan(address, history=history)
        with pytest.raises(UnreadableInput):
            purged(tmp_path / "t")
        part.write_bytes(held)
    assert rows_of(tmp_path / "t") == expected([*ROWS, *KEPT, *MORE])
