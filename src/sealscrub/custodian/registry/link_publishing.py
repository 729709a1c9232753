"""Links as keys of an index: the system's own ids of the rows that are about a seal."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from .link_events import OPAQUE

__all__: list[str] = []

_BAND_COVER = pl.col("band").replace_strict({"sealed": 2, "withheld": 1}, default=1, return_dtype=pl.UInt8)


def with_links(
    keys: dict[str, pl.DataFrame], links: pl.DataFrame, events: pl.DataFrame, seal_of: npt.NDArray[np.uint32]
) -> None:
    """Put links that stand among the keys of their systems' schemes.

    A link covers as its seal does, and one that waits for a clerk withholds at most; what a notice names has no such
    limit. A system whose links are all
    revoked keeps its scheme: an index holds no key of it, and says that it was looked at.
    """
    for (namespace,), rows in links.partition_by("namespace", as_dict=True, maintain_order=True).items():
        name = f"{OPAQUE}{namespace}"
        standing = rows.filter(pl.col("event") == "add").join(
            events.select("seal_id", seal_event="event_id").unique("seal_id", maintain_order=True), on="seal_id"
        )
        seals = pl.Series(seal_of[standing["seal_event"].to_numpy()], dtype=pl.UInt32)
        linked = standing.select(value="row_id", seal=seals, most=_BAND_COVER)
        named = keys.get(name)
        if named is not None:
            linked = pl.concat([named.with_columns(most=pl.lit(None, pl.UInt8)), linked])
        keys[name] = linked
