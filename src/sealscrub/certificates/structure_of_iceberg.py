"""Names, types, partitions, properties and metadata of an Iceberg table, as JSON values."""

from __future__ import annotations

import json
import os
from typing import Any

from sealscrub.tables.iceberg.iceberg_address import IcebergAddress
from sealscrub.tables.iceberg.iceberg_table import IcebergTable

__all__ = ["described_iceberg"]


def described_iceberg(address: str | os.PathLike[str]) -> tuple[Any, list[str]]:
    """Describe the current version of an Iceberg table, which is the same however its files are cut."""
    table = IcebergTable.open(IcebergAddress.parse(address))
    metadata = table.snapshot.metadata
    texts = [text for _, names in table.names() for text in names]
    texts += [text for name, said in table.metadata.items() for text in (name, *said)]
    schema, spec = (json.loads(each.model_dump_json()) for each in (metadata.schema(), metadata.spec()))
    order = json.loads(metadata.sort_order_by_id(metadata.default_sort_order_id).model_dump_json())
    for document in (schema, spec, order):  # numbers of versions
        for name in ("schema-id", "spec-id", "order-id"):
            document.pop(name, None)
    described = {"schema": schema, "partitions": spec, "order": order, "properties": dict(metadata.properties)}
    return {**described, "version": int(metadata.format_version)}, texts
