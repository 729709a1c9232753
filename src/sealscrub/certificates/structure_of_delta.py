"""Names, types, properties and metadata of a Delta table, as JSON values."""

from __future__ import annotations

import os
from typing import Any

from sealscrub.tables.delta.delta_address import DeltaAddress
from sealscrub.tables.delta.delta_table import DeltaTable

__all__ = ["described_delta"]


def described_delta(address: str | os.PathLike[str]) -> tuple[Any, list[str]]:
    """Describe one version of a Delta table: what its log declares, which is the same however its files are cut."""
    table = DeltaTable.open(DeltaAddress.parse(address))
    protocol = {name: value for name, value in table.snapshot.state.protocol.items() if value}
    texts = [text for _, names in table.names() for text in names]
    texts += [text for name, said in table.metadata.items() for text in (name, *said)]
    schema = table.snapshot.schema
    return {"protocol": protocol, "metadata": schema.written(tuple(schema.texts))}, texts
