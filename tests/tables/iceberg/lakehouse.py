"""A catalog of pyiceberg in a folder, and what pyiceberg does not write itself, as other engines do."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyiceberg.avro.file import AvroFile
from pyiceberg.catalog import Catalog, load_catalog
from pyiceberg.io.pyarrow import PyArrowFileIO, _pyarrow_to_schema_without_ids, schema_to_pyarrow
from pyiceberg.manifest import (
    DataFile,
    DataFileContent,
    FileFormat,
    ManifestContent,
    ManifestEntry,
    ManifestEntryStatus,
    ManifestWriterV2,
    write_manifest_list,
)
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import assign_fresh_schema_ids
from pyiceberg.table import Table
from pyiceberg.table.snapshots import Operation, Snapshot, Summary
from pyiceberg.table.update import AddSnapshotUpdate, SetSnapshotRefUpdate
from pyiceberg.transforms import IdentityTransform, Transform
from pyiceberg.typedef import Record

import sealscrub as ss
from sealscrub.tables.opener import DataSource

from ...contracts.test_every_format import COLUMNS
from ...transforms.arrests import NULLS, ON, index

NAME = "lakehouse"


class Lakehouse:
    """A catalog in a folder, known to pyiceberg by variables until it is closed."""

    def __init__(self, folder: Path, name: str = NAME) -> None:
        self.warehouse, self.name = folder / "warehouse", name
        self._patch = pytest.MonkeyPatch()
        for key, value in {
            "TYPE": "sql",
            "URI": f"sqlite:///{folder / 'catalog.db'}",
            "WAREHOUSE": f"file://{self.warehouse}",
        }.items():
            self._patch.setenv(f"PYICEBERG_CATALOG__{name.upper()}__{key}", value)
        self.catalog: Catalog = load_catalog(
            name, type="sql", uri=f"sqlite:///{folder / 'catalog.db'}", warehouse=f"file://{self.warehouse}"
        )
        self.catalog.create_namespace_if_not_exists("police")

    def create(
        self,
        name: str,
        schema: pa.Schema,
        *,
        rows: pa.Table | None = None,
        by: Sequence[str] = (),
        transform: Transform[Any, Any] | None = None,
        **options: Any,
    ) -> Table:
        """Create a table, by default without partitions."""
        made = assign_fresh_schema_ids(_pyarrow_to_schema_without_ids(schema))
        how = transform or IdentityTransform()
        ids = [made.find_field(column).field_id for column in by]
        fields = [PartitionField(held, 1000 + at, how, f"part_{at}") for at, held in enumerate(ids)]
        held = self.catalog.create_table(f"police.{name}", made, partition_spec=PartitionSpec(*fields), **options)
        if rows is not None:
            held.append(rows)
        return held

    def address(self, name: str) -> str:
        return f"iceberg:{self.name}/police.{name}"

    def folder(self, name: str) -> Path:
        return self.warehouse / "police" / name

    def close(self) -> None:
        self.catalog.close()
        self._patch.undo()


class _ManifestOfDeletes(ManifestWriterV2):
    def content(self) -> ManifestContent:
        return ManifestContent.DELETES

    @property
    def _meta(self) -> dict[str, str]:
        return {**super()._meta, "content": "deletes"}


def delete_file(table: Table, path: str, positions: Sequence[int], **facts: Any) -> DataFile:
    """Write a file of positional deletes as the table spec says (Position Delete Files)."""
    fields = [
        pa.field("file_path", pa.string(), nullable=False, metadata={b"PARQUET:field_id": b"2147483546"}),
        pa.field("pos", pa.int64(), nullable=False, metadata={b"PARQUET:field_id": b"2147483545"}),
    ]
    rows = pa.table([[path] * len(positions), list(positions)], schema=pa.schema(fields))
    return _written(table, rows, **{"content": DataFileContent.POSITION_DELETES} | facts)


def data_file(table: Table, rows: pa.Table, **facts: Any) -> DataFile:
    """Write a file of data with the ids of the table's fields, whatever the types of its columns."""
    fields = [
        field.with_metadata({b"PARQUET:field_id": str(table.schema().find_field(field.name).field_id).encode()})
        for field in rows.schema
    ]
    return _written(table, rows.cast(pa.schema(fields)), **{"content": DataFileContent.DATA} | facts)


def true_file(table: Table, rows: pa.Table, **facts: Any) -> DataFile:
    """Write a file of data in the types of the table, with all ids of its fields, as pyarrow writes it."""
    return _written(table, rows.cast(schema_to_pyarrow(table.schema())), **{"content": DataFileContent.DATA} | facts)


def _written(table: Table, rows: pa.Table, **facts: Any) -> DataFile:
    place = f"{table.location()}/data/{uuid.uuid4()}-made.parquet"
    local(place).parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(rows, local(place))
    stated = {
        "file_path": place,
        "file_format": FileFormat.PARQUET,
        "partition": Record(),
        "record_count": rows.num_rows,
        "file_size_in_bytes": local(place).stat().st_size,
        "spec_id": 0,
    }
    file = DataFile.from_args(**{**stated, **facts})
    file.spec_id = 0
    return file


def commit_deletes(table: Table, *files: DataFile) -> Table:
    """Add a snapshot with a manifest of deletes, as engines that merge on read do."""
    return _commit(table, _ManifestOfDeletes, files)


def commit_data(table: Table, *files: DataFile) -> Table:
    """Add a snapshot with files as they are stated."""
    return _commit(table, ManifestWriterV2, files)


def _commit(table: Table, kind: type[ManifestWriterV2], files: Sequence[DataFile]) -> Table:
    metadata, number = table.metadata, time.time_ns() % 2**62
    base = f"{table.location()}/metadata/{uuid.uuid4()}"
    with kind(metadata.spec(), metadata.schema(), table.io.new_output(f"{base}-m0.avro"), number, "deflate") as writer:
        for file in files:
            added = ManifestEntry.from_args(status=ManifestEntryStatus.ADDED, snapshot_id=number, data_file=file)
            writer.add_entry(added)
    current = metadata.current_snapshot()
    sequence = metadata.last_sequence_number + 1
    parent = current.snapshot_id if current else None
    listed = table.io.new_output(f"{base}-list.avro")
    with write_manifest_list(2, listed, number, parent, sequence, "deflate") as manifests:
        manifests.add_manifests([writer.to_manifest_file(), *(current.manifests(table.io) if current else ())])
    snapshot = Snapshot(
        snapshot_id=number,
        parent_snapshot_id=parent,
        manifest_list=listed.location,
        sequence_number=sequence,
        summary=Summary(Operation.DELETE),
        schema_id=metadata.current_schema_id,
    )
    added = SetSnapshotRefUpdate(ref_name="main", type="branch", snapshot_id=number)
    table._do_commit((AddSnapshotUpdate(snapshot=snapshot), added), ())
    return table.refresh()


def data_paths(table: Table) -> list[str]:
    return [task.file.file_path for task in table.scan().plan_files()]


def local(path: str) -> Path:
    return Path(path.removeprefix("file://"))


def edit_metadata(table: Table, change: dict[str, Any]) -> None:
    """Write the current metadata file again, with entries that pyiceberg does not write."""
    place = Path(table.metadata_location.removeprefix("file://"))
    place.write_text(json.dumps({**json.loads(place.read_text()), **change}))


def avro_rows(path: Path) -> list[Any]:
    """Every record of an Avro file, which is deflated."""
    with AvroFile(PyArrowFileIO().new_input(str(path))) as read:
        return [record._data for record in read]


def texts_of(folder: Path) -> dict[str, str]:
    """All that the files of a folder hold, decoded: rows, footers and statistics of Parquet, records of Avro, JSON."""
    found = {}
    for path in (each for each in folder.rglob("*") if each.is_file()):
        text = path.read_bytes().decode("latin-1") + str(path.relative_to(folder))
        if path.suffix == ".parquet":
            footer = pq.read_metadata(path)
            text += f"{pq.read_table(path).to_pylist()} {footer.to_dict()} {footer.metadata}"
        elif path.suffix == ".avro":
            text += repr(avro_rows(path))
        found[str(path.relative_to(folder))] = text
    return found


def scan(data: Any, **options: Any) -> Any:
    return ss.scan(data, index(), ON, **{"policy": NULLS} | options)


def scrub(data: Any, output: Any, **options: Any) -> Any:
    return ss.scrub(data, index(), ON, output=output, **{"policy": NULLS} | options)


def rows_of(data: Any) -> list[tuple[Any, ...]]:
    with DataSource(data) as source:
        (held,) = source.tables()
        return [tuple(row) for row in held.frame().select(COLUMNS).cast(pl.String).rows()]


def without_chance(lake: Lakehouse, name: str) -> dict[str, Any]:
    """What a table holds and says, but for ids, names and times that pyiceberg draws."""
    made = lake.catalog.load_table(f"police.{name}")
    stated = []
    for manifest in made.current_snapshot().manifests(made.io):  # type: ignore[union-attr]  # there is one
        for entry in manifest.fetch_manifest_entry(made.io):
            file = entry.data_file
            path = Path(file.file_path.removeprefix("file://"))
            facts = (file.record_count, file.column_sizes, file.value_counts, file.lower_bounds, file.upper_bounds)
            folder = path.parent.relative_to(lake.folder(name)).as_posix()
            stated.append((entry.status, folder, path.name.split("-")[:2], *facts, path.read_bytes()))
    document = json.loads(made.metadata.model_dump_json())
    drawn = ("location", "table-uuid", "last-updated-ms", "current-snapshot-id", "snapshots", "refs", "snapshot-log")
    (snapshot,) = document["snapshots"]
    summary = {name: value for name, value in snapshot["summary"].items() if not name.endswith("-size")}
    return {"files": stated, "summary": summary, **{key: document[key] for key in document if key not in drawn}}
