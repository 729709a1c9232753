"""Keys that are whole numbers are gone after a purge, in whichever bytes a file, a log or a manifest holds them."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import deltalake
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyiceberg.conversions import to_bytes

import sealscrub as ss
from sealscrub.datasets import example_index

from .iceberg.lakehouse import Lakehouse, avro_rows, commit_data, true_file

SEALED = [1_009_876_543, 1_923_456_789, 1_555_666_777]  # the least, the greatest and one in between
CLEAR = [1_234_000_000 + 7 * at for at in range(20)]
ON = {"opaque:cases": "case"}
TYPES = [pa.int64(), pa.int32(), pa.decimal128(12, 0)]
COMMITS = [[*CLEAR[:8], *SEALED], CLEAR[8:16], [SEALED[1], *CLEAR[16:]]]


def rows(numbers: list[int], kind: pa.DataType) -> pa.Table:
    held = [Decimal(each) for each in numbers] if pa.types.is_decimal(kind) else numbers
    return pa.table({"case": pa.array(held, kind), "day": pa.array(range(len(numbers)), pa.int64())})


def spellings(number: int) -> list[bytes]:
    """As text, and as the formats' specifications have numbers: in four or eight bytes, either end first."""
    packed = [struct.pack(how, number) for how in ("<i", ">i", "<q", ">q")]
    return [str(number).encode(), *packed]


class Delta:
    """A table of Delta, on which a delete by its predicate and an overwrite were done."""

    def __init__(self, place: Path, kind: pa.DataType) -> None:
        self.folder, self.kind = place / "t", kind
        self.address = f"delta:{self.folder}"
        for numbers in COMMITS:
            deltalake.write_deltalake(self.folder, rows(numbers, kind), mode="append")
        deltalake.DeltaTable(self.folder).create_checkpoint()
        if not pa.types.is_decimal(kind):
            deltalake.DeltaTable(self.folder).delete(f"case = {SEALED[2]}")
        deltalake.write_deltalake(self.folder, rows(COMMITS[0], kind), mode="append")

    def widen(self) -> None:
        """Append a file of which the log says that its bounds are sealed keys, as no row of it has."""
        deltalake.write_deltalake(self.folder, rows(COMMITS[1], self.kind), mode="append")
        log = max((self.folder / "_delta_log").glob("*.json"))
        actions = [json.loads(line) for line in log.read_text().splitlines()]
        (add,) = (action["add"] for action in actions if "add" in action)
        said = json.loads(add["stats"])
        said["minValues"]["case"], said["maxValues"]["case"] = SEALED[:2]
        add["stats"] = json.dumps(said)
        log.write_text("".join(json.dumps(each) + "\n" for each in actions))

    def numbers(self) -> list[int]:
        return [int(each) for each in pa.table(deltalake.DeltaTable(self.folder).scan())["case"].to_pylist()]

    def close(self) -> None:
        pass


class Iceberg:
    """A table of Iceberg, on which the same was done."""

    def __init__(self, place: Path, kind: pa.DataType) -> None:
        self.lake, self.kind = Lakehouse(place), kind
        self.address, self.folder = self.lake.address("cases"), self.lake.folder("cases")
        held = self.lake.create("cases", rows([], kind).schema)
        for numbers in COMMITS:
            held.append(rows(numbers, kind))
        held.delete(f"case == {SEALED[2]}")
        held.append(rows(COMMITS[0], kind))

    def widen(self) -> None:
        """Append a file of which the manifest says that its bounds are sealed keys."""
        held = self.lake.catalog.load_table("police.cases")
        of, case = held.schema().find_type("case"), held.schema().find_field("case").field_id
        values = [Decimal(each) if pa.types.is_decimal(self.kind) else each for each in SEALED]
        lower, upper = ({case: to_bytes(of, each)} for each in values[:2])
        commit_data(held, true_file(held, rows(COMMITS[1], self.kind), lower_bounds=lower, upper_bounds=upper))

    def numbers(self) -> list[int]:
        held = self.lake.catalog.load_table("police.cases")
        return [int(each) for each in held.scan().to_arrow()["case"].to_pylist()]

    def close(self) -> None:
        self.lake.close()


def holding(folder: Path) -> set[int]:
    """Which sealed keys any file holds: in its bytes, in pages of Parquet and records of Avro, or in its name."""
    found = set()
    for path in folder.rglob("*"):
        parts = [str(path.relative_to(folder)).encode()]
        if path.is_file():
            parts.append(path.read_bytes())
        if path.suffix == ".parquet":
            parts += [*pages(path), str(pq.read_table(path).to_pylist()).encode()]
        elif path.suffix == ".avro":
            parts += leaves(avro_rows(path))
        for number in SEALED:
            if any(spelling in part for part in parts for spelling in spellings(number)):
                found.add(number)
    return found


def leaves(record: Any) -> Iterator[bytes]:
    if isinstance(record, bytes):
        yield record
        yield record[::-1].rjust(8, b"\0")  # a decimal is as short as it can be
    elif isinstance(record, dict):
        for each in record.items():
            yield from leaves(list(each))
    elif isinstance(record, list | tuple):
        for each in record:
            yield from leaves(each)
    elif hasattr(record, "_data"):
        yield from leaves(record._data)
    else:
        yield str(record).encode()


def pages(path: Path) -> Iterator[bytes]:
    """Give the pages of a file of Parquet without their compression, dictionaries among them."""
    held, about = path.read_bytes(), pq.read_metadata(path)
    for group in range(about.num_row_groups):
        for at in range(about.num_columns):
            column = about.row_group(group).column(at)
            start = column.data_page_offset
            if column.has_dictionary_page and column.dictionary_page_offset:
                start = min(start, column.dictionary_page_offset)
            end = start + column.total_compressed_size
            while start < end:
                header, start = _struct(held, start)
                packed, plain = held[start : start + header[3]], 0
                if 8 in header:  # of the second version: levels, which are not compressed, are before the values
                    plain = header[8].get(5, 0) + header[8].get(6, 0)
                    yield packed[:plain]
                if column.compression == "UNCOMPRESSED" or header.get(8, {}).get(7) is False:
                    yield packed[plain:]
                elif header[2] > plain:
                    yield pa.decompress(packed[plain:], header[2] - plain, column.compression.lower(), asbytes=True)
                start += header[3]


def _struct(held: bytes, at: int) -> tuple[dict[int, Any], int]:
    """Read a struct of Thrift's compact protocol, as far as headers of pages have its types."""
    fields: dict[int, Any] = {}
    number = 0
    while held[at]:
        head, at = held[at], at + 1
        if head >> 4:
            number += head >> 4
        else:
            number, at = _integer(held, at)
        if head & 15 in (1, 2):
            fields[number] = head & 15 == 1
        elif head & 15 in (4, 5, 6):
            fields[number], at = _integer(held, at)
        elif head & 15 == 8:
            length, at = _varint(held, at)
            fields[number], at = held[at : at + length], at + length
        elif head & 15 == 12:
            fields[number], at = _struct(held, at)
        else:
            raise NotImplementedError(head & 15)
    return fields, at + 1


def _varint(held: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        value |= (held[at] & 127) << shift
        at, shift = at + 1, shift + 7
        if held[at - 1] < 128:
            return value, at


def _integer(held: bytes, at: int) -> tuple[int, int]:
    value, at = _varint(held, at)
    return (value >> 1) ^ -(value & 1), at


def in_place(address: str, **options: Any) -> None:
    ss.scrub(address, example_index({"opaque:cases": [str(each) for each in SEALED]}), ON, in_place=True, **options)


def clear(numbers: Iterable[int]) -> list[int]:
    return sorted(each for each in numbers if each not in SEALED)


@pytest.mark.thinned(together=2)
@pytest.mark.parametrize("loose", [False, True], ids=["", "loose-bounds"])
@pytest.mark.parametrize("rewrite", ["needed", "all"])
@pytest.mark.parametrize("kind", TYPES, ids=str)
@pytest.mark.parametrize("form", [Delta, Iceberg])
def test_no_file_holds_a_number_after_a_purge(
    tmp_path: Path, form: type[Delta | Iceberg], kind: pa.DataType, rewrite: str, loose: bool
) -> None:
    with closing(form(tmp_path, kind)) as lake:
        if loose:
            lake.widen()
        before = clear(lake.numbers())
        assert holding(lake.folder) == set(SEALED)
        in_place(lake.address)
        assert holding(lake.folder) == set(SEALED)
        in_place(lake.address, purge_history=True, rewrite=rewrite, orphans_older_than=0)
        assert holding(lake.folder) == set()
        assert sorted(lake.numbers()) == before
