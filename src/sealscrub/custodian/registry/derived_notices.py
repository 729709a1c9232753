"""What is derived of actions as rows of notices, some at a time: a file of a million would not fit at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl

from sealscrub.boundary.array_types import Mask
from sealscrub.custodian.law import ChargeRows, jurisdiction
from sealscrub.custodian.sheets import Problem, Sheet
from sealscrub.errors import Spelled, UsageError

from .notice_columns import FIELDS, PERSON_FIELDS
from .notice_columns import resolve as resolve_columns
from .notice_rows import Notices, read_notices

__all__: list[str] = []

_AT_ONCE = 100_000
_KEYS = ("docket", "arrest_number", "cjtn", "nysid", "indictment")
_MOST_ARRESTS = 20


def unreadable(charges: ChargeRows, states: pl.DataFrame, today: dt.date) -> tuple[list[Problem], Mask]:
    """Which numbers of some states do not parse, and in which of the states."""
    problems, bad = [], [np.zeros(0, bool)]
    for part in _parts(charges, states, today):
        problems += part.problems
        bad.append(part.bad_rows)
    return problems, np.concatenate(bad)


def keys_of(charges: ChargeRows, states: pl.DataFrame, today: dt.date) -> pl.DataFrame:
    """The keys of some states: ``row`` is the position of one in them."""
    found, at = [], 0
    for part in _parts(charges, states, today):
        found.append(part.keys.with_columns(pl.col("row") + at))
        at += len(part.bad_rows)
    return pl.concat(found)


def fresh_parts(
    charges: ChargeRows, events: pl.DataFrame, today: dt.date
) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    """Rows of events and their keys, some at a time; what says the same of one seal comes once."""
    named_again = events.filter(pl.col("seal_id").is_duplicated())["seal_id"].unique()
    seen: set[tuple[str, bytes]] = set()
    for part in _parts(charges, events, today):
        rows = part.rows.unique(subset=["seal_id", "fingerprint"], keep="first", maintain_order=True)
        if len(named_again):
            again = rows.filter(pl.col("seal_id").is_in(named_again.implode())).select("row", "seal_id", "fingerprint")
            known = [row for row, *said in again.iter_rows() if tuple(said) in seen]
            seen.update((seal, fingerprint) for _, seal, fingerprint in again.iter_rows())
            rows = rows.filter(~pl.col("row").is_in(known))
        if len(rows):
            yield rows, part.keys


def source_of(charges: ChargeRows) -> Sheet:
    """The file as an epoch and an error name it."""
    return Sheet(
        path=Path(charges.name),
        form=charges.form,
        sha256=charges.sha256,
        columns=("0",),
        frame=pl.DataFrame({"0": pl.repeat(0, charges.height, dtype=pl.Int8, eager=True)}),
        lines=np.zeros(0, np.int64),
    )


def _parts(charges: ChargeRows, states: pl.DataFrame, today: dt.date) -> Iterator[Notices]:
    for at in range(0, max(len(states), 1), _AT_ONCE):
        yield _as_notices(charges, states.slice(at, _AT_ONCE), today)


def _as_notices(charges: ChargeRows, states: pl.DataFrame, today: dt.date) -> Notices:
    """States as rows of notices: what makes keys, what does not parse, and what takes fingerprints, is the same."""
    schemes = jurisdiction(charges.law).schemes
    keys = [name for name in _KEYS if name in schemes]
    columns = [name for name in (*FIELDS, *PERSON_FIELDS, *keys) if name in states.columns]
    frame = states.select(pl.col(columns).cast(pl.String), *_further_arrests(states))
    renamed = {name: schemes[name] for name in columns if name in keys}
    renamed |= dict.fromkeys(frame.columns[len(columns) :], schemes.get("arrest_number", ""))
    columns = frame.columns
    sheet = replace(
        source_of(charges),
        columns=tuple(columns),
        frame=frame.rename({name: str(at) for at, name in enumerate(columns)}),
        lines=states["row"].to_numpy().astype(np.int64),
    )
    return read_notices(sheet, resolve_columns(columns, renamed, charges.name), today=today)


def _further_arrests(states: pl.DataFrame) -> list[pl.Expr]:
    """A column for each further arrest that an action is next to: its key is where the first one's is."""
    most = states["further_arrests"].list.len().max()
    if not isinstance(most, int):
        return []
    if most > _MOST_ARRESTS:
        raise UsageError(
            f"a docket is listed with more than {_MOST_ARRESTS} arrests",
            where="arrest_number",
            hint=Spelled(
                'check the content of the column; map={"COLUMN": ""} leaves it unread.',
                "check the content of the column; --map COLUMN= leaves it unread.",
            ),
        )
    each = pl.col("further_arrests").list
    return [each.get(at, null_on_oob=True).alias(f"further arrest {at + 1}") for at in range(most)]
