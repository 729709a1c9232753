"""Schemas of a PostgreSQL server that runs of a plan have kept when they put a new output in place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from sealscrub.errors import SealscrubError

from .inventory import Inventory
from .old_files import Found

__all__ = ["old_schemas"]

_STAMPED = "%Y%m%dT%H%M%SZ"


def old_schemas(inventory: Inventory, allowed: Collection[str]) -> tuple[list[Found], list[str]]:
    """Give the schemas that are left of earlier outputs, and why a plan or a server was not asked."""
    from sealscrub.tables.database.stores import kept_schemas
    from sealscrub.transforms.plans import Plan

    found, unasked = [], []
    for listed in inventory.plans:
        root = None if listed.root is None else inventory.place(listed.root)
        try:
            plan = Plan.from_toml(inventory.place(listed.plan), root=root)
        except SealscrubError as error:
            unasked.append(f"{listed.plan}: {error.message}")
            continue
        sources = [table.source for table in plan.spec.tables.values()]
        kept, not_asked = kept_schemas(sources, plan.root, inventory.place(listed.output).name, allowed)
        unasked += not_asked
        for place, schema in kept:
            day = dt.datetime.strptime(schema.rpartition("_")[2], _STAMPED).date()
            found.append(Found(f"{place}, schema {schema}", day))
    return found, unasked
