"""Drive masks, and what the custodian is told of answers in JSON, graphs and galleries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import networkx as nx
import polars as pl

from sealscrub.filters import (
    JsonGuard,
    Judge,
    NullGallery,
    Placeholder,
    explain_guard,
    guard,
    guard_json,
    guard_ranking,
)

from .watch import NUMBER, PAYLOAD, SEALED, WITHHELD
from .world import ON, World

Calls = Iterator[Callable[[], object]]
MASK = Placeholder({"offense": None, "n": 0}, independent=["m"])


def masks(world: World) -> Calls:
    rows = world.checkable.select("arrest_no", "n", "offense", m=pl.int_range(pl.len()))
    lacking = Placeholder({"offense": None}, independent=["k"])
    failing = Placeholder({"offense": _fails, "n": 0}, independent=["m"])
    unfit = Placeholder({"offense": object(), "n": 0}, independent=["m"])
    yield lambda: (
        MASK,
        repr(Placeholder({PAYLOAD: SEALED}, independent=["n"])),
        MASK.row({"offense": PAYLOAD, "n": NUMBER, "m": 1}),
    )
    yield lambda: Placeholder({PAYLOAD: 1}, independent=[PAYLOAD])
    for given in (rows, rows.to_pandas(), rows.to_arrow(), rows.to_dicts(), rows.to_dicts()[0], SEALED, [[SEALED]]):
        for mask in (MASK, lacking, failing, unfit):
            options: dict[str, Any] = {"oracle_ok": True, "on_match": "mask", "mask": mask}
            yield lambda given=given, options=options: repr(guard(_shows, world.index, ON, **options)(given))
            yield lambda given=given, mask=mask: repr(guard_ranking(given, world.index, ON, mask=mask))
    on = {"arrest_number": "$[*].id"}
    for mask in (MASK, lacking, failing):
        value = [
            {"id": SEALED, "offense": PAYLOAD, "n": NUMBER, "m": 1},
            {"id": WITHHELD, "offense": PAYLOAD, "n": NUMBER, "m": 2},
        ]
        yield lambda mask=mask, value=value: guard_json(value, world.index, on, mask={"$[*]": mask})
        yield lambda mask=mask, value=value: guard_json(
            [{**each, PAYLOAD: NUMBER} for each in value], world.index, on, mask={"$[*]": mask}
        )


def explained(world: World) -> Calls:
    chart = nx.Graph()
    chart.add_edge(PAYLOAD, "Bo", of=[SEALED, WITHHELD])
    guarding = JsonGuard(world.index, {"arrest_number": "$[*].id"}, complete=True)
    gallery = NullGallery(["M14000001", SEALED], [[0.0], [1.0]], world.index)
    yield lambda: repr(explain_guard(Judge(world.index, {"arrest_number": "of"}), chart))
    yield lambda: repr(explain_guard(guarding, [{"id": SEALED, "x": PAYLOAD}]))
    yield lambda: repr(explain_guard(guarding, f'[{{"id": "{SEALED}"'))
    yield lambda: repr(explain_guard(guarding, [{"id": {SEALED: PAYLOAD}}]))
    yield lambda: (gallery, repr(explain_guard(gallery, ["M14000001", SEALED])))
    chart.add_edge("Bo", "Cy", of={SEALED: PAYLOAD})
    yield lambda: repr(explain_guard(Judge(world.index, {"arrest_number": "of"}), chart))


def _shows(rows: Any) -> object:
    return None


def _fails(row: Any) -> object:
    raise ValueError(f"{row} {PAYLOAD} {SEALED}")


DRIVES = (masks, explained)
