"""Notices of what is derived, which are made some at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import polars as pl

from sealscrub.boundary.array_types import Mask
from sealscrub.custodian.sheets import Problem

from .notice_rows import Notices

__all__: list[str] = []


def unreadable(parts: Iterable[Notices]) -> tuple[list[Problem], Mask]:
    """Which numbers of some actions do not parse, and in which of the actions."""
    problems, bad = [], [np.zeros(0, bool)]
    for part in parts:
        problems += part.problems
        bad.append(part.bad_rows)
    return problems, np.concatenate(bad)


def keys_of(parts: Iterable[Notices]) -> pl.DataFrame:
    """The keys of some actions: ``row`` is the position of one among all of them."""
    found, at = [], 0
    for part in parts:
        found.append(part.keys.with_columns(pl.col("row") + at))
        at += len(part.bad_rows)
    return pl.concat(found)


def fresh_parts(parts: Iterable[Notices], seals: pl.Series) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    """Rows of events and their keys; what says the same of one of the seals comes once, in whichever part."""
    named_again = seals.filter(seals.is_duplicated()).unique()
    seen: set[tuple[str, bytes]] = set()
    for part in parts:
        rows = part.rows.unique(subset=["seal_id", "fingerprint"], keep="first", maintain_order=True)
        if len(named_again):
            again = rows.filter(pl.col("seal_id").is_in(named_again.implode())).select("row", "seal_id", "fingerprint")
            known = [row for row, *said in again.iter_rows() if tuple(said) in seen]
            seen.update((seal, fingerprint) for _, seal, fingerprint in again.iter_rows())
            rows = rows.filter(~pl.col("row").is_in(known))
        if len(rows):
            yield rows, part.keys
