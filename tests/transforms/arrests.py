"""Arrest rows that Hypothesis draws, with the truth about each, and an index that knows them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import pyarrow as pa
from hypothesis import strategies as st

from sealscrub.datasets import example_index
from sealscrub.index import Index
from sealscrub.matching import Policy

SEALED = [f"K14{600000 + at}" for at in range(12)]
WITHHELD = [f"M15{700000 + at}" for at in range(6)]
CLEAR = [f"B16{800000 + at}" for at in range(30)]
ON = {"arrest_number": "arrest_no"}
NULLS = Policy(accept={"null"})  # the rows drawn are stops, too, some of them without an arrest
LENIENT = Policy(accept={"null"}, max_unparsable=1)
SCHEMA = pa.schema(
    [
        pa.field("arrest_no", pa.string()),
        pa.field("precinct", pa.int64(), nullable=False),
        pa.field("offense", pa.dictionary(pa.int32(), pa.string())),
        pa.field("score", pa.float64()),
        pa.field("made_on", pa.timestamp("us")),
        pa.field("note", pa.string()),
    ]
)


@cache
def index() -> Index:
    """Give an index of the sealed and the withheld."""
    return example_index(SEALED, withheld=WITHHELD)


@dataclass(frozen=True)
class Arrest:
    """One row, and what is true of it: ``sealed``, ``withheld``, ``clear``, ``null``, ``near`` or ``unparsable``."""

    kind: str
    key: str | None
    precinct: int = 1
    offense: str | None = "theft"
    score: float | None = 0.5
    made_on: dt.datetime | None = dt.datetime(2020, 2, 3)
    note: str | None = "a note"

    @property
    def barred(self) -> bool:
        return self.kind in ("sealed", "withheld")

    @property
    def values(self) -> tuple[Any, ...]:
        return (self.key, self.precinct, self.offense, self.score, self.made_on, self.note)


def _spelled(key: str) -> st.SearchStrategy[str]:
    return st.sampled_from(
        [key, key.lower(), f" {key} ", f"{key[:3]}-{key[3:]}", f"ARREST# {key}", f"{key[0]}20{key[1:]}"]
    )


_KEYS: dict[str, st.SearchStrategy[str | None]] = {
    "sealed": st.sampled_from(SEALED).flatmap(_spelled),
    "withheld": st.sampled_from(WITHHELD).flatmap(_spelled),
    "clear": st.sampled_from(CLEAR).flatmap(_spelled),
    "null": st.sampled_from([None, "", "NONE", "UNKNOWN", "  ", "(null)"]),
    "near": st.sampled_from(["K1460000O", "B168OOO01"]),
    "unparsable": st.sampled_from(["not a number", "K14", "12/31/2019"]),
}
CHECKED = ("sealed", "withheld", "clear", "null")
ANY = tuple(_KEYS)


@st.composite
def arrests(draw: st.DrawFn, kinds: Sequence[str] = CHECKED, max_rows: int = 14) -> list[Arrest]:
    """Draw rows of these kinds."""
    rows = []
    for kind in draw(st.lists(st.sampled_from(kinds), max_size=max_rows)):
        rows.append(
            Arrest(
                kind,
                draw(_KEYS[kind]),
                draw(st.integers(1, 123)),
                draw(st.none() | st.sampled_from(["theft", "assault", "fraud", "zoning"])),
                draw(st.none() | st.floats(allow_nan=False, allow_infinity=False, width=32)),
                draw(st.none() | st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2026, 1, 1))),
                draw(st.none() | st.sampled_from(["", "x", "a text that is longer than twelve bytes", "été", 'q"'])),
            )
        )
    return rows


def without(rows: Sequence[Arrest], *kinds: str) -> list[Arrest]:
    """Give the rows of a world in which those of these kinds never were."""
    return [row for row in rows if row.kind not in kinds]


def arrow(rows: Sequence[Arrest]) -> pa.Table:
    """Build the table as somebody would who has only these rows: levels stand by first appearance."""
    columns = []
    for place, field in enumerate(SCHEMA):
        values = [row.values[place] for row in rows]
        if pa.types.is_dictionary(field.type):
            columns.append(pa.array(values, field.type.value_type).dictionary_encode().cast(field.type))
        else:
            columns.append(pa.array(values, field.type))
    return pa.Table.from_arrays(columns, schema=SCHEMA)


def many(count: int, *, sealed_each: int = 3) -> list[str]:
    """Give ids of which every so-manieth is sealed, the first of all among them."""
    return [SEALED[at % len(SEALED)] if at % sealed_each == 0 else CLEAR[at % len(CLEAR)] for at in range(count)]
