"""Tables that keep their past: Delta Lake, Apache Iceberg and Lance show earlier rows by version or by time.

Versions of Delta and Iceberg are those that their libraries list. Lance's are counted by its manifests
(``_versions/*.manifest``), as its format names them. Hudi's are not listed, and said not to be.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from sealscrub.errors import SealscrubError
from sealscrub.reports import counted
from sealscrub.tables.lake_folders import HUDI, lake_format
from sealscrub.tables.lake_versions import lake_versions

from .inventory import Inventory
from .old_files import Found

__all__ = ["old_snapshots"]

_KEPT_VERSIONS = "{versions} can still be read; the oldest is of {day}; {remedy}"
_PURGE = "a scrub in place that deletes the history deletes them, and a vacuum or an expiry leaves some"
_CLEAN_UP = "delete them with the library's own clean-up"


def old_snapshots(inventory: Inventory) -> tuple[list[Found], list[str]]:
    """Give the tables below the inventory's data sets and outputs that keep earlier versions, and those not looked at.

    A table is superseded since its oldest version had one after it.
    """
    found, unasked = [], []
    places = [inventory.place(listed.output) for listed in inventory.plans]
    for listed in inventory.datasets:
        try:
            place, address = inventory.data_place(listed.path)
            if address is not None and lake_format(place) is None:
                unasked.append(f"{listed.path}: the folder of the table does not exist, or holds none")
            places.append(place)
        except SealscrubError as error:
            unasked.append(f"{listed.path}: {error.message}")
    for place in dict.fromkeys(places):
        for table in [place, *sorted(each for each in place.rglob("*") if each.is_dir())] if place.is_dir() else ():
            try:
                days = _versions(table)
            except SealscrubError as error:
                unasked.append(f"{table}: {error.message}")
                continue
            if len(days) > 1:
                remedy = _CLEAN_UP if lake_format(table) is None else _PURGE
                said = _KEPT_VERSIONS.format(
                    versions=counted(len(days) - 1, "earlier version"), day=days[0], remedy=remedy
                )
                found.append(Found(str(table), days[1], said))
            if lake_format(table) == HUDI:
                unasked.append(f"{table}: versions of a Hudi table are not listed")
    return found, unasked


def _versions(table: Path) -> list[dt.date]:
    """Give the days of a table's versions, in order; of a folder that is no such table, none."""
    if (kept := table / "_versions").is_dir():
        return sorted(
            dt.datetime.fromtimestamp(each.stat().st_mtime, dt.UTC).date() for each in kept.glob("*.manifest")
        )
    return [each.date() for each in lake_versions(table)]
