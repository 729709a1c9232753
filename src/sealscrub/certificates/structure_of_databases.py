"""Names, types, levels and declarations of a table of a database, as JSON values."""

from __future__ import annotations

from typing import Any

import numpy as np

from sealscrub.tables.database import DatabaseTable
from sealscrub.tables.opener import DataSource

__all__ = ["described_database"]


def described_database(address: str) -> tuple[Any, list[str]]:
    """Describe one table of a database; other tables, and what the engine keeps for itself, are not described."""
    with DataSource(address) as source:
        (table,) = source.tables()
        assert isinstance(table, DatabaseTable)  # noqa: S101 - of an address it is always one
        listed = {column.name: table.store.listed(column) for column in table.layout.columns}
        columns = [[each.name, each.declared, each.generated, listed[each.name]] for each in table.layout.columns]
        declared = sorted([*table.store.declared(table.layout), *table.store.comments(table.layout)])
        unused = table.unused_levels(lambda _, levels: np.ones(len(levels), dtype=np.bool_))
    texts = [*listed, *declared, *(level for _, levels in unused for level in levels)]
    return {"columns": columns, "declared": declared}, texts
