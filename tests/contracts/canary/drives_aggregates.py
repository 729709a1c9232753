"""Drive the figures of reports, their ledger, and what their mark is refused by."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import polars as pl

from sealscrub import scan, scrub
from sealscrub.cli import run
from sealscrub.custodian.aggregates import Figures, Ledger, Noise, Rules, aggregate

from .watch import NUMBER, PAYLOAD
from .world import ON, World

Calls = Iterator[Callable[[], object]]


def figures(world: World) -> Calls:
    rows = world.checkable.with_columns(pl.col("level").cast(pl.String), worth=pl.lit(5.0), is_odd=pl.col("n") % 2 == 1)
    ledger, path = Ledger(world.custody / "releases.ledger", new_source=True), world.custody / "events.parquet"
    rows.drop("words").write_parquet(path)
    for tables in ("level", [["level", "offense"]], "is_odd", "absent", [], ["arrest_no"]):
        for options in ({}, {"person": "arrest_no"}, {"value": "worth"}, {"share": "is_odd"}, {"value": "offense"}):
            yield lambda tables=tables, options=options: _shown(aggregate(rows, tables, **options))
    yield lambda: aggregate(rows, "level", levels={"level": ["F"]})
    yield lambda: aggregate(rows, "level", levels={"level": [NUMBER]})
    yield lambda: aggregate(rows, "level", index=world.index, on=ON)
    yield lambda: (ledger, ledger.record_clean(rows, "level", source="s"))
    yield lambda: _shown(aggregate(rows, "level", ledger=ledger, source="s"))
    yield lambda: aggregate(rows.head(20), "level", ledger=ledger, source="s")
    yield lambda: repr((ledger.entries(), ledger.head(), ledger.spent("s")))
    yield lambda: Ledger(ledger.path, holds="0" * 63).entries()
    yield lambda: aggregate(rows, "level", ledger=Ledger(ledger.path), source="u")
    yield lambda: aggregate(rows, [["level", "offense"]], round_to=5, ledger=ledger, source="s")
    yield lambda: aggregate(rows.with_columns(level=pl.lit("Q")), "level", ledger=ledger, source="s")
    noise, halves = Noise(1.0, 2, budget=2.0), rows.with_columns(half=pl.col("n") % 2)
    for levels in ({"half": [0, 1]}, {"half": [0]}, {}):
        for person in ("arrest_no", None):
            yield lambda levels=levels, person=person: _shown(
                aggregate(halves, "half", person=person, levels=levels, noise=noise, ledger=ledger, source="n")
            )
    yield lambda: repr(Noise(0.0))
    yield lambda: Ledger(path).entries()
    yield lambda: repr(Rules(minimum=1))
    marked = aggregate(rows, "level").frame
    yield lambda: scan(marked, world.index, ON)
    yield lambda: scrub(marked, world.index, ON)
    yield lambda: aggregate(rows, "level").table(PAYLOAD)
    yield lambda: aggregate(rows, "level").write(world.made / "figures.txt")
    out = world.made / "figures.csv"
    for extra in ([], ["--person", "arrest_no"], ["--dominance", PAYLOAD], ["--minimum", "1"], ["--value", "offense"]):
        yield lambda extra=extra: run(["aggregate", str(path), "--by", "level", "-o", str(out), *extra])
    kept = ["--ledger", str(ledger.path), "--source", "t", "--new-source"]
    for extra in (["--dp-epsilon", "1"], ["--dp-epsilon", "1", "--person", "arrest_no", "--levels", f"level={NUMBER}"]):
        yield lambda extra=extra: run(["aggregate", str(path), "--by", "level", *kept, "-o", str(out), *extra])
    yield lambda: run(["aggregate", str(path), "--by", "level", *kept, "--record-clean"])
    yield lambda: run(["aggregate", str(path), "--by", "level", *kept, "-o", str(out)])


def _shown(made: Figures) -> object:
    return made, repr(made), str(made.frame), str(made.ranges), str(made.table())


DRIVES = (figures,)
