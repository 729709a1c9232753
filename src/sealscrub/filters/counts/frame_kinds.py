"""A table that was made here, as a table of the library that the events came in."""

from __future__ import annotations

from typing import Any

import polars as pl

from sealscrub.tables import frame_adapter

__all__ = ["of_kind"]


def of_kind(made: pl.DataFrame, events: Any) -> Any:
    """Give it as pandas, polars or pyarrow; of polars if the events are lazy or DuckDB's."""
    library = frame_adapter(events).library
    if library == "pandas":
        return made.to_pandas()
    if library == "pyarrow":
        return made.to_arrow()
    return made
