"""Tables that keep their past: Delta Lake, Apache Iceberg and Lance show earlier rows by version or by time.

What is read is what each format's own description names: Delta's log of commits (``_delta_log/N.json``, the Delta
protocol), Iceberg's list of snapshots in the newest metadata file (the Iceberg table spec, "Snapshots"), Lance's
manifests (``_versions/*.manifest``).
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from pathlib import Path

from .inventory import Inventory
from .old_files import Found

__all__ = ["old_snapshots"]

_COMMIT = re.compile(r"[0-9]{20}\.json")
_KEPT_VERSIONS = "{count} earlier versions can still be read; the oldest is of {day}"


def old_snapshots(inventory: Inventory) -> Iterator[Found]:
    """Give the tables below the inventory's data sets and outputs that keep earlier versions.

    A table is superseded since its oldest version had one after it.
    """
    places = [listed.path for listed in inventory.datasets] + [listed.output for listed in inventory.plans]
    for place in dict.fromkeys(inventory.place(each) for each in places):
        if place.is_dir():
            for table in [place, *sorted(each for each in place.rglob("*") if each.is_dir())]:
                days = _versions(table)
                if len(days) > 1:
                    said = _KEPT_VERSIONS.format(count=len(days) - 1, day=days[0])
                    yield Found(str(table), days[1], f"{said}; vacuum or expire them")


def _versions(table: Path) -> list[dt.date]:
    """Give the days of a table's versions, in order; of a folder that is no such table, none."""
    if (log := table / "_delta_log").is_dir():
        return sorted(_day(each.stat().st_mtime) for each in log.iterdir() if _COMMIT.fullmatch(each.name))
    if (kept := table / "_versions").is_dir():
        return sorted(_day(each.stat().st_mtime) for each in kept.glob("*.manifest"))
    if (metadata := table / "metadata").is_dir():
        return _iceberg(metadata)
    return []


def _iceberg(metadata: Path) -> list[dt.date]:
    files = sorted(metadata.glob("*.metadata.json"), key=lambda each: (each.stat().st_mtime, each.name))
    try:
        snapshots = json.loads(files[-1].read_bytes())["snapshots"]
        return sorted(_day(each["timestamp-ms"] / 1000) for each in snapshots)
    except (IndexError, OSError, ValueError, KeyError, TypeError):
        return []


def _day(seconds: float) -> dt.date:
    return dt.datetime.fromtimestamp(seconds, dt.UTC).date()
