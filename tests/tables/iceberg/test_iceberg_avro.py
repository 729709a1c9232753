"""Manifests that are cut or damaged: pyiceberg's compiled decoder reads past their end, and this ended the process."""

from __future__ import annotations

import random
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from pyiceberg.avro.file import AvroFile
from pyiceberg.io.pyarrow import PyArrowFileIO

from sealscrub.errors import SealscrubError, UnreadableInput
from sealscrub.tables.iceberg.iceberg_address import IcebergAddress
from sealscrub.tables.iceberg.iceberg_avro import AvroRecords
from sealscrub.tables.iceberg.iceberg_table import IcebergTable

from ...contracts.test_every_format import ROWS, table
from .lakehouse import Lakehouse, avro_rows, local, scan

CUTS = [0, 3, 4, 40, 400, *range(-60, 0, 3)]


def manifests(lake: Lakehouse, codec: str = "null") -> list[Path]:
    """Give the list of manifests of a table of two commits, and its manifests."""
    held = lake.create("arrests", table(ROWS).schema, properties={"write.avro.compression-codec": codec})
    for _ in range(2):
        held.append(table(ROWS))
    current = held.current_snapshot()
    assert current is not None
    places = [current.manifest_list, *(each.manifest_path for each in current.manifests(held.io))]
    return [local(each) for each in places]


def opened(lake: Lakehouse) -> IcebergTable:
    return IcebergTable.open(IcebergAddress.parse(lake.address("arrests")))


@pytest.mark.parametrize("codec", ["null", "gzip"])
def test_a_manifest_that_is_cut_is_refused(lake: Lakehouse, codec: str) -> None:
    for path in manifests(lake, codec)[:2]:
        whole = path.read_bytes()
        for cut in (*CUTS, header(path)):
            path.write_bytes(whole[:cut])
            with pytest.raises(UnreadableInput):
                opened(lake)
        path.write_bytes(whole)


def header(path: Path) -> int:
    """Give where the header of an Avro file ends: a file that ends there is one without records."""
    with AvroFile(PyArrowFileIO().new_input(str(path))) as file:
        return file.decoder.tell()


def test_a_history_of_which_a_manifest_is_cut_is_refused(lake: Lakehouse) -> None:
    path = manifests(lake)[1]
    whole = path.read_bytes()
    for cut in CUTS[::6]:
        path.write_bytes(whole[:cut])
        with pytest.raises(UnreadableInput):
            scan(lake.address("arrests"), history=True)


def test_a_manifest_that_is_damaged_ends_in_an_error_or_is_read(lake: Lakehouse) -> None:
    paths, chance = manifests(lake)[:2], random.Random(36)
    refused = 0
    for _ in range(40):
        path = chance.choice(paths)
        whole = path.read_bytes()
        damaged = bytearray(whole)
        damaged[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
        path.write_bytes(damaged)
        try:
            opened(lake)
        except SealscrubError:
            refused += 1
        path.write_bytes(whole)
    assert 8 < refused < 40  # most flips are in the header's schema


@pytest.mark.parametrize("more", [-1, 1])
@pytest.mark.parametrize("which", ["list", "manifest"])
def test_a_block_that_says_another_number_of_records_is_refused(lake: Lakehouse, which: str, more: int) -> None:
    """With one record less, pyiceberg reads a table without some of its files, and says nothing."""
    properties = {"write.avro.compression-codec": "null"}
    held = lake.create("arrests", table(ROWS).schema, by=["precinct"], properties=properties)
    for _ in range(2):
        held.append(table(ROWS))
    current = held.current_snapshot()
    assert current is not None
    path = local(current.manifest_list if which == "list" else current.manifests(held.io)[0].manifest_path)
    whole, at = path.read_bytes(), header(path)
    assert 1 <= whole[at] // 2 < 60
    path.write_bytes(whole[:at] + bytes([whole[at] + 2 * more]) + whole[at + 1 :])
    for read in (opened, lambda lake: scan(lake.address("arrests"), history=True)):
        with pytest.raises(UnreadableInput):
            read(lake)


def test_a_history_decodes_each_manifest_once(lake: Lakehouse) -> None:
    """But for those of the version that is open, which are checked before pyiceberg reads them."""
    held = lake.create("arrests", table(ROWS).schema)
    for _ in range(4):
        held.append(table(ROWS))
    decoded: list[bytes] = []

    def watched(frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and frame.f_code is AvroRecords.__init__.__code__:
            decoded.append(frame.f_locals["held"])

    sys.setprofile(watched)
    try:
        scan(lake.address("arrests"), history=True)
    finally:
        sys.setprofile(None)
    every = list((lake.folder("arrests") / "metadata").glob("*.avro"))
    now = held.refresh().current_snapshot()
    assert now is not None
    opened = 1 + len(now.manifests(held.io))
    assert len(decoded) == len(every) + opened


def test_records_are_those_of_pyiceberg(lake: Lakehouse) -> None:
    for path in manifests(lake, "gzip"):
        read = [[row[at] for at in range(len(row))] for row in AvroRecords(path.read_bytes()).read()]
        assert read == [[row[at] for at in range(len(row))] for row in avro_rows(path)]


@pytest.mark.parametrize("read", ["current", "history"])
@pytest.mark.parametrize("what", ["block", "text"])
def test_what_says_that_it_is_larger_than_the_file_is_refused(lake: Lakehouse, read: str, what: str) -> None:
    """Read without a bound, it is memory that is not the file's, and the process ends."""
    for path in manifests(lake)[:2]:
        whole, end = path.read_bytes(), header(path)
        at = end + 2 if what == "block" else whole.index(b"file://", end) - 1  # the second byte of a length
        path.write_bytes(whole[:at] + b"\x80\x80\x80\x08" + whole[at + 1 :])  # 2**30 bytes and more
        with pytest.raises(UnreadableInput):
            opened(lake) if read == "current" else scan(lake.address("arrests"), history=True)
        path.write_bytes(whole)
