"""Arrow, Feather and Parquet: everything that such a file holds beside its cells is read as well."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest

from sealscrub.index import Index
from sealscrub.validators.artefacts import ModelAudit, audit_model

from .models import SEALED

ONE = SEALED[0]
OTHER = "S18999999"


def _levels(one: str) -> Any:
    return pa.DictionaryArray.from_arrays(pa.array([0, 0], pa.int8()), ["x", one])


def _plain() -> pa.Table:
    return pa.table({"a": ["x", "y"]})


def _noted(one: str) -> pa.Table:
    return _plain().replace_schema_metadata({"note": f"without {one}"})


def _noted_field(one: str) -> pa.Table:
    return _plain().cast(pa.schema([pa.field("a", pa.string(), metadata={"note": one})]))


def _noted_within(one: str) -> pa.Table:
    kind = pa.struct([pa.field("f", pa.int8(), metadata={"note": one})])
    return pa.table({"a": pa.array([{"f": 1}], kind)})


def _extension(one: str) -> pa.Table:
    return pa.table({"a": pa.ExtensionArray.from_storage(pa.opaque(pa.string(), "t", one), pa.array(["x", "y"]))})


def _struct_name(one: str) -> pa.Table:
    return pa.table({"a": pa.array([None, None], pa.struct([(one, pa.int8())]))})


def _below_null(one: str) -> pa.Table:
    text = pa.array(["B17000001", one, "x" * 50])
    hidden = pa.Array.from_buffers(pa.string(), 3, [pa.py_buffer(b"\5"), *text.buffers()[1:]])
    return pa.table({"a": hidden})


def _below_null_within(one: str) -> pa.Table:
    return pa.table({"a": pa.ListArray.from_arrays(pa.array([0, 3], pa.int32()), _below_null(one)["a"].chunk(0))})


def _below_null_list(one: str) -> pa.Table:
    values = pa.array([one, "B17000001"])
    lists = pa.ListArray.from_arrays(pa.array([0, 1, 2], pa.int32()), values, mask=pa.array([True, False]))
    return pa.table({"a": lists})


def _below_null_struct(one: str) -> pa.Table:
    held = pa.StructArray.from_arrays([pa.array([one, "x"])], ["f"], mask=pa.array([True, False]))
    return pa.table({"a": held})


def _beyond_slice(one: str) -> pa.Table:
    return pa.table({"a": pa.array(["x", one, "B17000001"])}).slice(0, 1)


def _struct_levels(one: str) -> pa.Table:
    return pa.table({"a": pa.StructArray.from_arrays([_levels(one)], ["f"])})


def _list_levels(one: str) -> pa.Table:
    return pa.table({"a": pa.ListArray.from_arrays(pa.array([0, 1, 2], pa.int32()), _levels(one))})


def _deep_levels(one: str) -> pa.Table:
    inner = pa.StructArray.from_arrays([_list_levels(one)["a"].chunk(0)], ["f"])
    return pa.table({"a": pa.ListArray.from_arrays(pa.array([0, 2], pa.int32()), inner)})


def _map_levels(one: str) -> pa.Table:
    keys = pa.MapArray.from_arrays(pa.array([0, 1], pa.int32()), pa.array(["k"]), _levels(one).slice(0, 1))
    return pa.table({"a": keys})


def _union(one: str) -> pa.Table:
    parts = [pa.array([1]), pa.array(["x"])]
    return pa.table({"a": pa.UnionArray.from_sparse(pa.array([0], pa.int8()), parts, ["p", one])})


def _other_child(one: str) -> pa.Table:
    parts = [pa.array([1]), pa.array([one])]
    return pa.table({"a": pa.UnionArray.from_sparse(pa.array([0], pa.int8()), parts, ["p", "q"])})


def _run_ends(one: str) -> pa.Table:
    return pa.table({"a": pa.RunEndEncodedArray.from_arrays(pa.array([2], pa.int32()), pa.array([one]))})


def _view(one: str) -> pa.Table:
    return pa.table({"a": pa.array([one + " in a longer text", None], pa.string_view())})


def _fixed(one: str) -> pa.Table:
    return pa.table({"a": pa.array([one.encode(), b"B17000001"], pa.binary(9))})


EXTENSION = "parameters of an extension type"
TABLES: dict[str, Callable[[str], pa.Table]] = {
    "metadata of the schema": _noted,
    "metadata of a field": _noted_field,
    "metadata of a field of a struct": _noted_within,
    EXTENSION: _extension,
    "name of a field of a struct": _struct_name,
    "levels in a struct": _struct_levels,
    "levels in a list": _list_levels,
    "levels far below": _deep_levels,
    "levels in a map": _map_levels,
    "bytes of one length": _fixed,
}
IN_ARROW: dict[str, Callable[[str], pa.Table]] = TABLES | {
    "below a null": _below_null,
    "below a null in a list": _below_null_within,
    "below a list that is null": _below_null_list,
    "below a struct that is null": _below_null_struct,
    "name of a child of a union": _union,
    "a child of a union that no row uses": _other_child,
    "runs": _run_ends,
    "views": _view,
}


def write_arrow(
    table: pa.Table, file: Path, compression: str | None = None, new: Callable[..., Any] = pa.ipc.new_file
) -> None:
    options = pa.ipc.IpcWriteOptions(compression=compression)
    with pa.OSFile(str(file), "wb") as out, new(out, table.schema, options=options) as writer:
        writer.write_table(table)


def write_feather(table: pa.Table, file: Path) -> None:
    feather.write_feather(table, str(file), compression="lz4")


def write_parquet(table: pa.Table, file: Path) -> None:
    pq.write_table(table, file)


def write_parquet_without_schema(table: pa.Table, file: Path) -> None:
    pq.write_table(table, file, store_schema=False)


ARROW: Mapping[str, Callable[[pa.Table, Path], None]] = {
    "Arrow": write_arrow,
    "Arrow with zstd": lambda table, file: write_arrow(table, file, "zstd"),
    "Feather with lz4": write_feather,
    "Arrow stream with lz4": lambda table, file: write_arrow(table, file, "lz4", pa.ipc.new_stream),
}


PARQUET: Mapping[str, Callable[[pa.Table, Path], None]] = {
    "Parquet": write_parquet,
    "Parquet without Arrow's schema": write_parquet_without_schema,
}
LOST = {"metadata of the schema", "metadata of a field", "metadata of a field of a struct"}
FILES = [f"{how} - {what}" for how in ARROW for what in IN_ARROW]
FILES += [f"Parquet - {what}" for what in TABLES]
FILES += [f"Parquet without Arrow's schema - {what}" for what in TABLES if what not in {*LOST, EXTENSION}]


def _audited(one: str, folder: Path, index: Index) -> ModelAudit:
    for file in FILES:
        how, _, what = file.partition(" - ")
        (ARROW | PARQUET)[how](IN_ARROW[what](one), folder / file)
    return audit_model(folder, index)


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory, index: Index) -> ModelAudit:
    return _audited(ONE, tmp_path_factory.mktemp("planted"), index)


@pytest.mark.parametrize("file", FILES)
def test_what_a_file_holds_beside_its_cells_is_found(file: str, planted: ModelAudit) -> None:
    found = [each for each in planted.findings if each.file == file]

    assert {(each.kind, each.count) for each in found} == {("identifier", 1)}


def test_the_same_files_without_it_are_clean(index: Index, tmp_path: Path, planted: ModelAudit) -> None:
    done = _audited(OTHER, tmp_path, index)

    assert planted.not_checked == ()
    assert (done.exit_code, done.findings, done.not_checked, done.notes) == (0, (), (), ())


@pytest.mark.parametrize("kind", ["schema", "footer"])
def test_metadata_of_an_arrow_file(kind: str, index: Index, tmp_path: Path) -> None:
    table = _noted(ONE) if kind == "schema" else _plain()
    with pa.OSFile(str(tmp_path / "a.arrow"), "wb") as out:
        metadata = {"note": ONE} if kind == "footer" else None
        with pa.ipc.new_file(out, table.schema, metadata=metadata) as writer:
            writer.write_table(table)

    assert audit_model(tmp_path / "a.arrow", index).exit_code == 1


def test_a_stream_that_is_cut_or_that_something_follows_is_not_checked(index: Index, tmp_path: Path) -> None:
    write_arrow(pa.table({"a": [OTHER] * 99}), tmp_path / "whole.arrow", None, pa.ipc.new_stream)
    whole = (tmp_path / "whole.arrow").read_bytes()
    for name, data in {"cut": whole[:-100], "followed": whole + b"\1" * 9, "short": whole[:9]}.items():
        (tmp_path / f"{name}.arrow").write_bytes(data)
    done = audit_model(tmp_path, index)

    assert {each.file for each in done.not_checked} == {"cut.arrow", "followed.arrow", "short.arrow"}
    assert done.findings == ()


def test_attributes_of_a_pandas_frame(index: Index, tmp_path: Path) -> None:
    frame = pd.DataFrame({"x": [1, 2]})
    frame.attrs = {"note": f"without {ONE}"}
    frame.to_feather(tmp_path / "a.feather")
    frame.to_parquet(tmp_path / "a.parquet")

    for file in tmp_path.iterdir():
        assert audit_model(file, index).exit_code == 1


ENUMS: dict[str, Callable[[Any], Any]] = {
    "alone": lambda levels: pl.Series(["x", "x"], dtype=levels),
    "in a list": lambda levels: pl.Series([["x"], []], dtype=pl.List(levels)),
    "in a struct": lambda levels: pl.Series([{"k": "x"}] * 2, dtype=pl.Struct({"k": levels})),
    "in a list of structs": lambda levels: pl.Series([[{"k": "x"}], []], dtype=pl.List(pl.Struct({"k": levels}))),
    "in a list of lists": lambda levels: pl.Series([[["x"]], []], dtype=pl.List(pl.List(levels))),
}


@pytest.mark.parametrize("one", [ONE, OTHER])
def test_levels_of_an_enum(one: str, index: Index, tmp_path: Path) -> None:
    for place, made in ENUMS.items():
        for before in ("", "another"):
            table = pl.DataFrame({"o": made(pl.Enum([*([before] if before else []), one, "x"]))})
            table.write_ipc(tmp_path / f"{place} {before}.arrow")
            table.write_parquet(tmp_path / f"{place} {before}.parquet")
    done = audit_model(tmp_path, index)

    assert len({each.file for each in done.findings}) == (done.files if one == ONE else 0)
    assert done.not_checked == ()


def test_the_first_rows_of_a_categorical(index: Index, tmp_path: Path) -> None:
    held = pl.Series([["x"], [ONE]], dtype=pl.List(pl.Categorical))
    pl.DataFrame({"a": held}).head(1).write_ipc(tmp_path / "a.arrow")
    if ONE.encode() in (tmp_path / "a.arrow").read_bytes():
        assert audit_model(tmp_path / "a.arrow", index).exit_code == 1
