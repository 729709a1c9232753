"""What a scan, a scrub and a purge do grows with the number of versions, and no faster."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import sealscrub as ss

from ..contracts.test_every_format import KEPT, ROWS, table
from ..transforms.arrests import NULLS, ON, index
from .delta.hand_built import hand_built
from .iceberg.lakehouse import Lakehouse

ASKED: dict[str, Callable[[str], Any]] = {
    "scan": lambda address: ss.scan(address, index(), ON, policy=NULLS),
    "history": lambda address: ss.scan(address, index(), ON, policy=NULLS, history=True),
    "in place": lambda address: ss.scrub(address, index(), ON, policy=NULLS, in_place=True),
    "purge": lambda address: ss.scrub(
        address, index(), ON, policy=NULLS, in_place=True, purge_history=True, orphans_older_than=0
    ),
}


def delta(folder: Path, count: int) -> str:
    """A version for each file, of which the last ten are live, and no checkpoint."""
    made = hand_built(folder, [])
    for at in range(count):
        path = folder / f"part-{at}.parquet"
        pq.write_table(table(ROWS), path)
        add = {"path": path.name, "partitionValues": {}, "size": path.stat().st_size, "modificationTime": at}
        actions: list[dict[str, Any]] = [{"add": add | {"dataChange": True}}]
        if at >= 10:
            gone = {"path": f"part-{at - 10}.parquet", "deletionTimestamp": at, "dataChange": True}
            actions.append({"remove": gone})
        log = folder / "_delta_log" / f"{at + 1:020}.json"
        log.write_text("".join(json.dumps(each) + "\n" for each in actions))
    return made


def iceberg(lake: Lakehouse, name: str, count: int) -> str:
    """Each version replaces the one before."""
    held = lake.create(name, table(ROWS).schema, rows=table(ROWS))
    for at in range(count):
        held.overwrite(table(ROWS if at % 2 else KEPT))
    return lake.address(name)


def calls_of(ask: Callable[[], Any]) -> int:
    """Count the calls of Python functions, which no load of the machine changes."""
    count = 0

    def called(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event == "call"

    before = sys.getprofile()
    sys.setprofile(called)
    try:
        ask()
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.long
@pytest.mark.parametrize(("format", "few"), [("delta", 15), ("iceberg", 4)])
def test_a_version_more_costs_what_the_one_before_did(tmp_path: Path, format: str, few: int) -> None:
    lake = Lakehouse(tmp_path)
    counts: dict[str, list[int]] = {name: [] for name in ASKED}
    for versions in (1, few, 2 * few, 4 * few):
        if format == "delta":
            address = delta(tmp_path / f"t{versions}", versions)
        else:
            address = iceberg(lake, f"t{versions}", versions)
        for name, ask in ASKED.items():
            counts[name].append(calls_of(partial(ask, address)))
    lake.close()
    for name, (_, first, second, third) in counts.items():  # the first of all imports, and fills caches
        assert third - second <= 3 * max(second - first, first / 4), (name, counts[name])  # a square grows by 4
