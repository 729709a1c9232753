"""Drive what is refused of rows without a key, of edited keys, of links, of names of files, and of declarations."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator

import polars as pl

import sealscrub as ss

from .watch import NEAR, PAYLOAD, SEALED
from .world import ON, World

Calls = Iterator[Callable[[], object]]
ROWS = {"arrest_no": [None, SEALED, "M14000017"], "note": ["", PAYLOAD, None]}


def rows_without_a_key(world: World) -> Calls:
    data = pl.DataFrame(ROWS)
    for frame in (data, data.lazy(), data.to_pandas(), data.to_arrow()):
        for policy in (ss.Policy(), ss.Policy(accept={"null"}), ss.Policy(quarantine=True)):
            how = {"policy": policy}
            yield lambda frame=frame, how=how: ss.scan(frame, world.index, ON, **how).text()
            yield lambda frame=frame, how=how: ss.scrub(frame, world.index, ON, **how)
            for edit in ({"null_columns": ["arrest_no", "note"]}, {"set_values": {"arrest_no": NEAR, "note": ""}}):
                yield lambda frame=frame, how=how | edit: ss.scrub(frame, world.index, ON, **how)


def nulled_values(world: World) -> Calls:
    for value in (SEALED, [SEALED], {"id": SEALED}, SEALED.encode(), f"See {SEALED}."):
        data = pl.DataFrame({"arrest_no": ["M14000017"] * 2, "other": [value, None]})
        for frame in (data, data.to_pandas(), data.to_arrow()):
            yield lambda frame=frame: ss.scrub(frame, world.index, ON)
            for kind in ("sentence", "null", "drop"):
                how = {"narrative": {"other": kind}}
                yield lambda frame=frame, how=how: ss.scrub(frame, world.index, ON, **how)


def links(world: World) -> Calls:
    arrests = pl.DataFrame({"arrest_no": [SEALED, "M14000017"], "person": [PAYLOAD, "P2"]})
    for link, own in (("arrest_no", SEALED.lower()), ("arrest_no", NEAR), ("person", f"{PAYLOAD.upper()} ")):
        charges = pl.DataFrame({"of": [own, None], "n": [1, 2]})
        tables = {
            "arrests": {"source": "a", "keys": ON},
            "charges": {"source": "c", "link": {"of": f"arrests.{link}"}, "accept_null": "a charge of no arrest"},
        }
        plan = ss.Plan.from_dict({"version": 1, "tables": tables})
        yield lambda plan=plan, charges=charges: plan.scan({"arrests": arrests, "charges": charges}, world.index).text()
        yield lambda plan=plan, charges=charges: plan.scrub({"arrests": arrests, "charges": charges}, world.index)


def names_of_files(world: World) -> Calls:
    folder = world.inputs / "named"
    folder.mkdir()
    pl.DataFrame({"arrest_no": ["M14000017"]}).write_csv(folder / f"case-{SEALED}.v2.csv")
    (folder / f"{SEALED}.pdf").write_bytes(b"%PDF")
    pl.DataFrame({"arrest_no": ["M14000017"]}).write_csv(folder / "plain.csv")
    yield lambda: "".join(
        (report := ss.scan(folder, world.index, ON)).text() + report.to_json() + report.to_sarif() + report.to_html()
    )
    yield lambda: ss.scrub(folder, world.index, ON, output=world.out / "named")


def declarations(world: World) -> Calls:
    file = world.inputs / "declared.sqlite"
    with contextlib.closing(sqlite3.connect(file)) as made:
        made.execute(f"CREATE TABLE arrests (arrest_no TEXT, note TEXT DEFAULT 'see {SEALED}, {PAYLOAD}')")
        made.execute("INSERT INTO arrests VALUES ('M14000017', NULL)")
        made.commit()
    yield lambda: (report := ss.scan(f"{file}#arrests", world.index, ON)).text() + report.to_json() + report.to_html()
    yield lambda: ss.scrub(f"{file}#arrests", world.index, ON, output=world.out / "declared.sqlite")


DRIVES = (rows_without_a_key, nulled_values, links, names_of_files, declarations)
