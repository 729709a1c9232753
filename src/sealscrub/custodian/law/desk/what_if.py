"""What if: an action as it would stand if its rows said something else."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl

from sealscrub.custodian.sheets import Sheet
from sealscrub.errors import UsageError

from ..charges import ChargeRows
from ..disposition_columns import COLUMNS, NUMBERS, read_columns
from ..jurisdictions import jurisdiction
from ..rules import Jurisdiction
from ..state_declarations import ColumnKind

__all__ = ["REQUIRED", "supposable", "suppose"]

_SUPPOSABLE_COLUMNS = ("charge", "disposition", "event", "event_date", "recorded_at")
#: What a row must have, whatever else it says.
REQUIRED = {"defendant_id": "0", "disposition": "", "event_date": "2000-01-01"}


def supposable(place: Jurisdiction) -> tuple[str, ...]:
    """Name the columns of which a value can be supposed: facts of a charge or an action, and no numbers or events.

    Parameters
    ----------
    place : Jurisdiction

    Returns
    -------
    tuple of str
        The common columns, and the place's own.

    Examples
    --------
    >>> "family_offense" in supposable(jurisdiction("us-ny")), "docket" in supposable(jurisdiction("us-ny"))
    (True, False)
    """
    own = (column.name for column in place.columns if column.kind is not ColumnKind.FOUND)
    return tuple(name for name in dict.fromkeys((*COLUMNS, *own)) if name not in (*NUMBERS, *_SUPPOSABLE_COLUMNS))


def suppose(charges: ChargeRows, number: int, facts: Mapping[str, str]) -> ChargeRows:
    r"""Let every row of an action say something else.

    Parameters
    ----------
    charges : ChargeRows
    number : int
        Of the action.
    facts : mapping of str to str
        By column, one of :func:`supposable`, what its rows are to say, as a file would.

    Returns
    -------
    ChargeRows

    Raises
    ------
    UsageError
        When a column is not known, or a value is not of its kind. The error does not show the value.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from sealscrub.custodian.law import read_charges
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "d.csv"
    >>> _ = file.write_text("docket,defendant_id,disposition,event_date\n2014KN000001,7,ACD,2014-05-01\n")
    >>> suppose(read_charges(file), 0, {"family_offense": "N"}).rows["family_offense"].to_list()
    [False]
    """
    values = _read(facts, jurisdiction(charges.law))
    of_it = pl.col("action") == number
    return replace(
        charges,
        rows=_with_supposed_values(charges.rows, of_it, values),
        actions=_with_supposed_values(charges.actions, of_it, values),
    )


def _with_supposed_values(frame: pl.DataFrame, of_it: pl.Expr, values: pl.DataFrame) -> pl.DataFrame:
    names = [name for name in values.columns if name in frame.columns]
    return frame.with_columns(
        pl.when(of_it).then(pl.lit(values[name][0], dtype=frame.schema[name])).otherwise(name).alias(name)
        for name in names
    )


def _read(facts: Mapping[str, str], place: Jurisdiction) -> pl.DataFrame:
    """The values, read as those of a file are."""
    known = supposable(place)
    for name in facts:
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            meant = f"did you mean {close[0]!r}?" if close else f"use one of {', '.join(known)}."
            raise UsageError("this fact cannot be assumed", where="assume", hint=meant)
    cells = REQUIRED | dict(facts)
    frame = pl.DataFrame({str(at): [value] for at, value in enumerate(cells.values())})
    lines = np.array([1], np.int64)
    sheet = Sheet(path=Path("assume"), form="csv", sha256="", columns=tuple(cells), frame=frame, lines=lines)
    rows, problems, _, oddities = read_columns(sheet, {}, place)
    for _, name, reason in problems:
        raise UsageError(f"the assumed value of {name} {reason}", where="assume", hint="write it as in a file.")
    for reason in oddities:
        raise UsageError(f"the assumption cannot be read: {reason}", where="assume", hint="write it as in a file.")
    return rows.select(*facts)
