"""Drive the guards of JSON: answers with sealed records in every place, and every refusal."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from sealscrub.filters import (
    ABSENT,
    JsonGuard,
    Limits,
    guard_json,
    guard_json_lines,
    guard_record_stream,
)
from sealscrub.matching import Policy

from .watch import NEAR, PAYLOAD, SEALED, UNPARSABLE
from .world import World

Calls = Iterator[Callable[[], object]]
KEY = "arrest_number"
CLEAN = "M14000001"


def answer(*special: str) -> dict[str, Any]:
    hits = [{"arrest": CLEAN, "text": "x"}, *({"arrest": each, "text": PAYLOAD} for each in special)]
    return {"hits": hits, "total": len(hits), "by": {hit["arrest"]: hit["text"] for hit in hits}}


ON = {KEY: ["$.hits[*].arrest", "$.by.*~"]}


def guarded(world: World) -> Calls:
    more: dict[str, Any] = {"totals": {"$.total": "$.hits[*]"}}
    guard = JsonGuard(world.index, ON, known=[CLEAN], **more, complete=True)
    value = answer(SEALED)
    yield lambda: (guard, repr(guard), guard.knows, guard(value), Limits(), ABSENT)
    yield lambda: (started := guard.start(), started.index, started.limits, started.guard(value))
    yield lambda: list(guard.start().records([value, value]))
    yield lambda: guard_json(json.dumps(value).encode(), world.index, ON, **more, complete=True)
    yield lambda: guard_json(
        {"arrest": SEALED, "text": PAYLOAD},
        world.index,
        {KEY: "$.arrest"},
        not_found=None,
        oracle_ok=True,
        complete=True,
    )
    lines = "".join(json.dumps({"arrest": each, "text": "x"}) + "\n" for each in (SEALED, CLEAN))
    yield lambda: guard_json_lines(lines, world.index, {KEY: "$.arrest"}, complete=True)
    records = [{"arrest": SEALED, "text": PAYLOAD}, {"arrest": CLEAN}]
    yield lambda: list(guard_record_stream(records, world.index, {KEY: "$.arrest"}, complete=True))
    yield lambda: asyncio.run(_collected(world, records))
    for undeclared in ("drop", "refuse", PAYLOAD):
        for said in (
            {"hits": [{"arrest": CLEAN, "x": f"id:{SEALED}|{PAYLOAD}"}]},
            {"hits": [], f"see {SEALED}": PAYLOAD},
        ):
            yield lambda said=said, undeclared=undeclared: guard_json(
                said, world.index, {KEY: "$.hits[*].arrest"}, undeclared=undeclared, complete=True
            )


async def _collected(world: World, records: list[Any]) -> list[Any]:
    async def later() -> AsyncIterator[Any]:
        for record in records:
            yield record

    return [record async for record in guard_record_stream(later(), world.index, {KEY: "$.arrest"}, complete=True)]


def refused(world: World) -> Calls:
    def failing(value: Any) -> Any:
        raise ValueError(value, PAYLOAD)

    class Row:
        def __repr__(self) -> str:
            return PAYLOAD

    def ask(value: Any, on: Any = ON, **more: Any) -> Callable[[], object]:
        return lambda: guard_json(value, world.index, on, **more, complete=True)

    for special in (NEAR, UNPARSABLE):
        yield ask(answer(special))
        yield ask(answer(special), policy=Policy(quarantine=True))
    yield ask({"arrest": SEALED, "text": PAYLOAD}, {KEY: "$.arrest"})
    yield ask({"hits": [{"arrest": {SEALED: PAYLOAD}}]})
    yield ask({"hits": PAYLOAD})
    yield ask({"hits": [SEALED, PAYLOAD]})
    yield ask({"hits": [{"arrest_no": SEALED}]})
    yield ask({"results": [{"arrest_no": SEALED}]})
    yield ask({"hits": [{"arrest": CLEAN, "row": Row()}]})
    yield ask(answer(SEALED))
    yield ask(
        {"hits": [{"arrest": each, PAYLOAD: 3} for each in (SEALED, CLEAN, CLEAN)], "by": {PAYLOAD: 7, SEALED: 8}}
    )
    yield lambda: guard_json(answer(SEALED), world.index, ON)
    yield lambda: guard_json_lines([PAYLOAD], world.index, {KEY: "$.arrest"})
    yield ask({**answer(SEALED), "total": 9}, totals={"$.total": "$.hits[*]"})
    yield ask(answer(SEALED), totals={"$.total": failing})
    yield ask({"hits": [{"arrest": CLEAN, "rank": SEALED}]}, ranks=["$.hits[*].rank"])
    yield ask({**answer(SEALED), "scores": [PAYLOAD]}, parallel={"$.hits": "$.scores"})
    yield ask(f'{{"hits": ["{SEALED}", "{PAYLOAD}"')
    yield ask(f'{{"hits": ["{SEALED}", "{PAYLOAD}"'.encode() + b"\xff")
    yield ask("[" * 100_000 + f'"{SEALED}"')
    yield ask(json.dumps(answer(SEALED)), limits=Limits(bytes=10))
    yield ask(answer(SEALED), limits=Limits(values=2))
    yield ask(answer(SEALED), known={"docket": [SEALED]})
    yield ask(answer(SEALED), {KEY: f"{SEALED}".lower()[:3]})
    yield lambda: guard_json_lines(
        f'{{"arrest": "{SEALED}"}}\n{{"{PAYLOAD}\n', world.index, {KEY: "$.arrest"}, complete=True
    )
    yield lambda: Limits(depth=0)
    yield ask({"hits": [{"arrest": f"{SEALED}\ud800", "text": PAYLOAD}]})
    yield ask(answer(SEALED), known=[f"{SEALED}\ud800"])
    yield ask(answer(SEALED), known={"person_arrest": [f"{SEALED}@2014-01-15"]})
    yield lambda: list(guard_record_stream(failing_source(), world.index, {KEY: "$.arrest"}, complete=True))
    yield lambda: list(guard_json_lines(failing_source(), world.index, {KEY: "$.arrest"}, complete=True))


def failing_source() -> Iterator[Any]:
    """A source of records whose error quotes a row."""
    yield from ()
    raise ValueError(f"{SEALED} {PAYLOAD}")


DRIVES = (guarded, refused)
