"""What is said after an error of pyiceberg: that a table is there, that none is, or that nobody knows."""

from __future__ import annotations

import ast
import sqlite3
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyiceberg.catalog.sql import SqlCatalog

import sealscrub
from sealscrub.errors import UnreadableInput, WriteFailed
from sealscrub.tables.changes import TableChange
from sealscrub.tables.iceberg.iceberg_address import IcebergAddress
from sealscrub.tables.iceberg.iceberg_table import IcebergTable
from sealscrub.tables.iceberg.iceberg_writer import write_iceberg
from sealscrub.tables.lake_table import ChangedTable

from ...contracts.test_every_format import KEPT, ROWS, table
from ...transforms.arrests import SEALED
from .lakehouse import Lakehouse, rows_of, scan, scrub


class Ended(RuntimeError):
    """An error whose text holds an id."""


@pytest.fixture
def source(lake: Lakehouse) -> str:
    lake.create("arrests", table(ROWS).schema, rows=table(ROWS))
    return lake.address("arrests")


def commit_with(monkeypatch: pytest.MonkeyPatch, after: Callable[[], None], *, really: bool = True) -> None:
    """Let every commit end with an error, when it is made, or in its place."""
    real = SqlCatalog.commit_table

    def commit(catalog: SqlCatalog, *given: Any, **named: Any) -> Any:
        if really:
            real(catalog, *given, **named)
        after()
        raise Ended(SEALED[0])

    monkeypatch.setattr(SqlCatalog, "commit_table", commit)


def test_an_error_before_the_commit(lake: Lakehouse, source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    commit_with(monkeypatch, lambda: None, really=False)
    with pytest.raises(WriteFailed, match="nothing was created") as caught:
        scrub(source, lake.address("clean"))
    assert SEALED[0] not in str(caught.value)
    assert not lake.folder("clean").exists()


def test_an_error_after_the_commit(lake: Lakehouse, source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    commit_with(monkeypatch, lambda: None)
    with pytest.raises(WriteFailed, match="the table was created, but pyiceberg failed afterwards") as caught:
        scrub(source, lake.address("clean"))
    assert SEALED[0] not in str(caught.value)
    assert len(rows_of(lake.address("clean"))) == len(KEPT)
    assert scan(lake.address("clean"), history=True).clean


def test_a_catalog_that_cannot_be_asked(lake: Lakehouse, source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def lose() -> None:
        with sqlite3.connect(lake.warehouse.parent / "catalog.db") as held:
            held.execute("ALTER TABLE iceberg_tables RENAME TO lost")

    commit_with(monkeypatch, lose)
    with pytest.raises(WriteFailed, match="cannot be asked whether the table was created") as caught:
        scrub(source, lake.address("clean"))
    assert SEALED[0] not in str(caught.value)
    with sqlite3.connect(lake.warehouse.parent / "catalog.db") as held:
        held.execute("ALTER TABLE lost RENAME TO iceberg_tables")
    assert len(rows_of(lake.address("clean"))) == len(KEPT)  # its files were not deleted


def private_names() -> set[tuple[str, str]]:
    """Private names of pyiceberg that the package imports, and their modules."""
    return {
        (node.module, name.name)
        for path in Path(sealscrub.__file__).parent.rglob("*.py")
        if "pyiceberg" in (text := path.read_text("utf-8"))
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("pyiceberg") and node.module
        for name in node.names
        if name.name.startswith("_")
    }


def test_private_names_of_pyiceberg_are_there() -> None:
    """Because of these the extra has an upper bound: raise the bound where the new version has the names."""
    reads = {"_read_all_delete_files", "_task_to_record_batches", "_to_requested_schema"}
    assert private_names() == {("pyiceberg.io.pyarrow", name) for name in ("_dataframe_to_data_files", *reads)}
    for module, name in private_names():
        assert hasattr(import_module(module), name), f"this pyiceberg has no {name} in {module}"


def test_a_mistake_of_our_own_is_not_said_to_be_pyicebergs(lake: Lakehouse) -> None:
    """And nothing is left of it; what pyiceberg meets in damaged files, of whatever type, stays one sentence."""
    lake.create("arrests", table(ROWS).schema, rows=table(ROWS))
    held = IcebergTable.open(IcebergAddress.parse(lake.address("arrests")))
    keep = np.ones(len(ROWS), dtype=np.bool_)
    wrong: Any = {"precinct": object()}
    with pytest.raises(AttributeError):
        write_iceberg(ChangedTable(held, TableChange(keep, wrong)), IcebergAddress.parse(lake.address("clean")))
    assert not lake.catalog.table_exists("police.clean")
    assert not lake.folder("clean").exists()
    with pytest.raises(AttributeError):
        held.committed(TableChange(~keep, wrong))
    manifest = next((lake.folder("arrests") / "metadata").glob("*-m0.avro"))
    whole = manifest.read_bytes()
    marker = bytes(255 - each for each in whole[-16:])  # other damage may be read as other values
    for damaged in (whole[:-16] + marker, whole[:-20], whole[:40], b""):
        manifest.write_bytes(damaged)
        with pytest.raises(UnreadableInput):
            scan(lake.address("arrests"))
