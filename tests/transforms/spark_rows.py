"""Rows for frames of Spark, some of them sealed."""

from __future__ import annotations

from typing import Any

import polars as pl

__all__ = [
    "CLEAN", "NEAR", "NULLS", "ON", "OTHER", "ROWS", "SCHEMA", "SEALED", "UNPARSABLE", "WITHHELD", "Row", "frame",
    "in_memory", "row",
]  # fmt: skip

import sealscrub as ss

SEALED = [f"K146{at:05}" for at in range(10_000, 10_040)]
OTHER = [f"M140{at:05}" for at in range(10_000, 10_200)]
NEAR, UNPARSABLE, WITHHELD = "K146IOO0O", "no arrest", "Q15012345"
ON = {"arrest_number": "arrest no"}
NULLS = ss.Policy(accept={"null"})
SCHEMA = "`arrest no` string, `a.b` int, `ti``ck` string, boro string, tags array<string>, who struct<seen string>"
Row = tuple[Any, ...]


def row(id: str | None, at: int) -> Row:
    return id, at, f"text {at % 7}", "KQ"[at % 2], [f"t{at % 3}", None], (f"seen {at % 5}",)


ROWS = [row(id, at) for at, id in enumerate([*OTHER, *SEALED, *SEALED[:10], None, WITHHELD])]
CLEAN = [each for each in ROWS if each[0] not in (*SEALED, WITHHELD)]


def frame(spark: Any, rows: list[Row], schema: str = SCHEMA) -> Any:
    return spark.createDataFrame(rows, schema)


def in_memory(rows: list[Row]) -> pl.DataFrame:
    names = ["arrest no", "a.b", "ti`ck", "boro", "tags", "who"]
    frame = pl.DataFrame(rows, orient="row", schema=dict.fromkeys(names, pl.Object) | {"a.b": pl.Int32})
    return frame.with_columns(
        pl.Series(
            name, [({"seen": each[at][0]} if name == "who" and each[at] else each[at]) for each in rows], strict=False
        )
        for at, name in enumerate(names)
        if name != "a.b"
    )
