"""Drive texts in columns: what they mention, what is left of them, and what is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from unittest.mock import patch

import polars as pl

import sealscrub as ss
from sealscrub.datasets import example_names
from sealscrub.matching import narrative_batches
from sealscrub.matching.narrative_batches import Narratives
from sealscrub.transforms import scrub_text

from .watch import PAYLOAD, SEALED, Unwatched
from .world import ON, World

Calls = Iterator[Callable[[], object]]
HOW = ("sentence", "null", "drop")


def texts() -> pl.DataFrame:
    notes = [f"See {SEALED}. So.", f"Wilbur {PAYLOAD}.", "So.", "", None]
    return pl.DataFrame({"arrest_no": ["M14000017"] * len(notes), "note": notes})


def frames(world: World) -> Calls:
    plain, names = texts(), example_names([(PAYLOAD, "WILBUR")])
    listed = plain.with_columns(pl.col("note").cast(pl.Categorical))
    for data in (plain, plain.lazy(), plain.to_pandas(), plain.to_arrow(), listed, listed.to_pandas()):
        for how in (*HOW, SEALED[:3]):
            yield lambda data=data, how=how: scrub_text(data, {"note": how}, world.index, names)
        yield lambda data=data: scrub_text(data, "note", world.index, names, detail=True)
        yield lambda data=data: Unwatched(scrub_text(data, "note", world.index, names, possible="keep"))
        yield lambda data=data: ss.scan(data, world.index, ON, narrative="note", names=names, sweep=True).to_text()
        yield lambda data=data: ss.scan(data, world.index, (), narrative="note", names=names).to_sarif()
    fixed = plain.with_columns(pl.col("note").cast(pl.Enum(plain["note"].drop_nulls())))
    lists = plain.with_columns(note=pl.concat_list("note"))
    for how in HOW:  # of which two are refused, since nothing else is empty or null
        yield lambda how=how: scrub_text(plain.head(3), {"note": how}, world.index, names)
        yield lambda how=how: scrub_text(lists, {"note": how}, world.index, names, accept_marks=["note"])
    yield lambda: scrub_text(fixed, "note", world.index, names)
    yield lambda: scrub_text(plain, "note", world.index, PAYLOAD)
    yield lambda: scrub_text(plain, "note", world.index, names, possible=SEALED)
    yield lambda: scrub_text(plain.with_columns(note=[SEALED]), "note", world.index)
    yield lambda: scrub_text(SEALED, "note", world.index)


def processes(world: World) -> Calls:
    many = pl.Series([f"See {SEALED}. {at}" + " So it was." * 9 for at in range(18)])

    def read() -> str:
        with (
            patch.object(narrative_batches, "_ALONE", 1),  # as many processes for few texts as for many
            patch.object(narrative_batches, "_AT_ONCE", 200),
            Narratives(world.index, workers=2) as narratives,
        ):
            return f"{narratives!r} {len(narratives.left_of(many)[0])}"

    yield read


def files(world: World) -> Calls:
    names = example_names([(PAYLOAD, "WILBUR")])
    for suffix in ("csv", "parquet", "jsonl"):
        path, data = world.inputs / f"texts.{suffix}", texts()
        {"csv": data.write_csv, "parquet": data.write_parquet, "jsonl": data.write_ndjson}[suffix](path)
        for how in HOW:
            clean = world.out / f"texts-{how}.{suffix}"
            yield lambda path=path, clean=clean, how=how: ss.scrub(
                path, world.index, ON, narrative={"note": how}, names=names, output=clean, sweep=True
            ).to_text()


def plans(world: World) -> Calls:
    names = example_names([(PAYLOAD, "WILBUR")])
    for how in HOW:
        table = {"source": "a.parquet", "keys": ON, "narrative": {"note": how}}
        plan = ss.Plan.from_dict({"version": 1, "tables": {"a": table}})
        yield lambda plan=plan: plan.scan({"a": texts()}, world.index, names=names).to_text()
        yield lambda plan=plan: plan.scrub({"a": texts()}, world.index, names=names)


DRIVES = (frames, processes, files, plans)
