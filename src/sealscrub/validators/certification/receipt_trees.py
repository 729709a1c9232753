"""The trees of receipts: over which keys of a dataset they are built, and whether they are the certified ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import polars as pl

from sealscrub.certificates import Receipts, Statement
from sealscrub.certificates.content import batches
from sealscrub.identifiers import Status
from sealscrub.matching import KeyColumn, parse_on
from sealscrub.matching.key_columns import canonical_of

__all__ = ["canonical_keys", "trees_fault"]


def canonical_keys(
    data: Any, keys: tuple[KeyColumn, ...], schema: Mapping[str, pl.DataType] | None
) -> dict[str, Iterable[pl.Series]]:
    """Give the canonical identifiers of a dataset, by scheme."""
    found: dict[str, list[pl.Series]] = {key.scheme: [] for key in keys}
    for batch in batches(data, schema):
        for key in keys:
            canonical = canonical_of(batch, key, where="data")
            found[key.scheme].append(canonical.values.gather(np.flatnonzero(canonical.status == Status.OK)))
    return dict(found)


def trees_fault(
    statement: Statement,
    kept: Receipts,
    data: Any,
    on: Mapping[str, list[str]],
    schema: Mapping[str, pl.DataType] | None,
) -> str:
    """Build the trees of a dataset again under the signer's secret, and say how they differ from the certified."""
    certified = set(statement.predicate.receipts)
    if set(kept.trees()) != certified:
        return "the file of receipts is of another certificate"
    again = Receipts.over(canonical_keys(data, parse_on(on), schema), verifiable=kept.verifiable, secret=kept.secret)
    return "" if set(again.trees()) == certified else "the trees of receipts are not of these data"
