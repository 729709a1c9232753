"""Which version of which table of a lake a dataset is."""

from __future__ import annotations

import os
import re
from typing import Any

from sealscrub.tables.delta.delta_address import DeltaAddress
from sealscrub.tables.delta.delta_snapshot import DeltaSnapshot
from sealscrub.tables.iceberg.iceberg_address import IcebergAddress
from sealscrub.tables.iceberg.iceberg_snapshot import IcebergSnapshot
from sealscrub.tables.opener import lake_named

from .statement_values import TableVersion

__all__ = ["table_version"]

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def table_version(data: Any) -> TableVersion | None:
    """Give the id of a Delta or Iceberg table and the version that is meant; None of other data.

    An address means the newest version, a table that its library has opened the one that it has loaded.

    The id is what the table gave itself. One that is not a UUID is left out: it may be any text.

    Raises
    ------
    MissingExtra, UsageError, UnreadableInput
        When the version cannot be opened.
    """
    data = lake_named(data)
    if not isinstance(data, str | os.PathLike):
        return None
    if DeltaAddress.names_one(data):
        delta = DeltaSnapshot.open(DeltaAddress.parse(data))
        return TableVersion(format="delta", table=_uuid(delta.table_id), version=str(delta.version))
    if IcebergAddress.names_one(data):
        held = IcebergSnapshot.open(IcebergAddress.parse(data)).metadata
        version = "" if held.current_snapshot_id is None else str(held.current_snapshot_id)
        return TableVersion(format="iceberg", table=_uuid(str(held.table_uuid)), version=version)
    return None


def _uuid(text: str) -> str:
    return text if _ID.fullmatch(text) else ""
