"""What can be read once only is read once, or refused by name: a spent source would be taken for one without rows."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
import pytest
from polars.io.plugins import register_io_source

import sealscrub as ss
from sealscrub.certificates import content_digest, load_signer
from sealscrub.datasets import example_index
from sealscrub.errors import SealedElsewhere, UnreadableInput
from sealscrub.identifiers import generate_certifier
from sealscrub.validators.certification import certify

SEALED = "K14612345"
ON = {"arrest_number": "arrest_no"}
CLEAN = pl.DataFrame({"arrest_no": [f"M1400{at:04}" for at in range(10, 40)], "note": ["a stop"] * 30})


def reader(rows: pl.DataFrame) -> Any:
    return rows.to_arrow().cast(pa.schema([("arrest_no", pa.string()), ("note", pa.string())])).to_reader()


def relation(rows: pl.DataFrame) -> Any:
    return duckdb.connect().from_arrow(reader(rows))


def lazy(rows: pl.DataFrame) -> Any:
    """Give a query whose source hands out its rows once."""
    left = [rows]

    def read(columns: Any, *_: Any) -> Iterator[pl.DataFrame]:
        frame = left.pop() if left else rows.clear()
        yield frame if columns is None else frame.select(columns)

    return register_io_source(read, schema=rows.schema)


ONCE: dict[str, Callable[[pl.DataFrame], Any]] = {"reader": reader, "relation": relation, "lazy": lazy}


def certified(data: Any, folder: Path) -> str:
    """What is signed of the data: its digest is there, or that of no rows."""
    generate_certifier(folder / "team.key")
    issued = certify(data, example_index([SEALED]), ON, signer=load_signer(folder / "team.key"), receipts=True)
    return base64.b64decode(json.loads(issued.certificate)["payload"]).decode()


@pytest.mark.parametrize("make", ONCE.values(), ids=ONCE)
def test_what_is_certified_is_what_was_read(make: Callable[[pl.DataFrame], Any], tmp_path: Path) -> None:
    assert content_digest(CLEAN).value in certified(make(CLEAN), tmp_path)


READINGS: dict[str, Callable[[Any], Any]] = {
    "scan": lambda data: ss.scan(data, example_index([SEALED]), ON),
    "scrub": lambda data: ss.scrub(data, example_index([SEALED]), ON),
    "digest": content_digest,
    "plan": lambda data: ss.Plan.from_dict(
        {"version": 1, "tables": {"arrests": {"source": "a.parquet", "keys": ON, "independent": "the arrest"}}}
    ).scan({"arrests": data}, example_index([SEALED])),
}


@pytest.mark.parametrize("later", [*READINGS, "certify"])
@pytest.mark.parametrize("first", READINGS)
def test_a_reader_that_is_spent_is_refused(first: str, later: str, tmp_path: Path) -> None:
    data = reader(CLEAN)
    READINGS[first](data)
    with pytest.raises(UnreadableInput, match="read only once"):
        certified(data, tmp_path) if later == "certify" else READINGS[later](data)


@pytest.mark.parametrize("make", ONCE.values(), ids=ONCE)
@pytest.mark.parametrize("reading", READINGS)
def test_what_is_sealed_is_found_or_the_source_refused(make: Callable[[pl.DataFrame], Any], reading: str) -> None:
    """The sweep reads what the keys were read from."""
    hidden = CLEAN.with_columns(note=pl.lit(f"see {SEALED}"))
    try:
        made = READINGS[reading](make(hidden))
    except (UnreadableInput, SealedElsewhere):
        return
    if reading == "digest":
        assert made == content_digest(hidden)
    else:
        assert not made.complete or made.found
