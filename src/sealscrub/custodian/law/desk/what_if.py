"""What if: an action as it would stand if its rows said something else."""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl

from sealscrub.custodian.sheets import Problem, Sheet
from sealscrub.errors import UsageError

from ..charges import ChargeRows
from ..disposition_columns import COLUMNS, NUMBERS, read_columns
from ..dispositions import read_map
from ..ending_kinds import in_favour
from ..events import EventKind
from ..jurisdictions import jurisdiction
from ..rules import Jurisdiction
from ..state_declarations import ColumnKind

__all__ = ["ADDED_ROWS", "REQUIRED", "read_answers", "supposable", "suppose", "told_charges"]

_SUPPOSABLE_COLUMNS = ("charge", "disposition", "event", "event_date", "recorded_at")
#: Days that no cell of a disposition holds, and the kind of row that gives each.
ADDED_ROWS = {"sentenced_on": EventKind.SENTENCE, "released_on": EventKind.RELEASE}
#: What a row must have, whatever else it says.
REQUIRED = {"defendant_id": "0", "disposition": "", "event_date": "2000-01-01"}


def supposable(place: Jurisdiction) -> tuple[str, ...]:
    """Name what can be supposed: columns of facts of a charge or an action, and the days of a sentence and a release.

    Parameters
    ----------
    place : Jurisdiction

    Returns
    -------
    tuple of str
        The common columns, the place's own, and :data:`ADDED_ROWS`.

    Examples
    --------
    >>> "family_offense" in supposable(jurisdiction("us-ny")), "docket" in supposable(jurisdiction("us-ny"))
    (True, False)
    """
    own = (column.name for column in place.columns if column.kind is not ColumnKind.FOUND)
    cells = (name for name in dict.fromkeys((*COLUMNS, *own)) if name not in (*NUMBERS, *_SUPPOSABLE_COLUMNS))
    return (*cells, *ADDED_ROWS)


def suppose(charges: ChargeRows, number: int, facts: Mapping[str, str]) -> ChargeRows:
    r"""Let every row of an action say something else.

    Parameters
    ----------
    charges : ChargeRows
    number : int
        Of the action.
    facts : mapping of str to str
        By name, one of :func:`supposable`, what its rows are to say, as a file would. The day of a sentence or of a
        release is a further row of each charge that did not end in the person's favour.

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
    cells = values.drop(ADDED_ROWS, strict=False)
    rows = _with_supposed_values(charges.rows, of_it, cells)
    days = {name: values[name][0] for name in values.columns if name in ADDED_ROWS}
    added = [_added_row(rows.filter(of_it), charge, name, day)
             for name, day in days.items() for charge in told_charges(rows.filter(of_it), charges.law)]  # fmt: skip
    return replace(
        charges, rows=pl.concat([rows, *added]), actions=_with_supposed_values(charges.actions, of_it, cells)
    )


def told_charges(rows: pl.DataFrame, law: str) -> list[str]:
    """The charges of an action that did not end in the person's favour, as far as the built-in phrases say."""
    mapping = read_map(law)
    told = rows.filter(pl.col("event") == EventKind.DISPOSITION).sort("event_date", maintain_order=True)
    last = dict(told.select(pl.col("charge").fill_null(""), "disposition").iter_rows())
    return sorted(
        charge for charge, text in last.items() if not in_favour(mapping.meaning(text).disposition, mapping.place)
    )


def _added_row(rows: pl.DataFrame, charge: str, name: str, day: dt.date | None) -> pl.DataFrame:
    said = {"event": str(ADDED_ROWS[name]), "event_date": day, "charge": charge or None}
    kept = ("row", "action", "person")
    return rows.head(1).with_columns(
        pl.lit(said.get(column), dtype=kind).alias(column) for column, kind in rows.schema.items() if column not in kept
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
    values, problems, oddities = read_answers({name: [value] for name, value in facts.items()}, [1], place)
    for _, name, reason in problems:
        raise UsageError(f"the assumed value of {name} {reason}", where="assume", hint="write it as in a file.")
    for reason in oddities:
        raise UsageError(f"the assumption cannot be read: {reason}", where="assume", hint="write it as in a file.")
    return values


def read_answers(
    answers: Mapping[str, Sequence[str]], lines: Sequence[int], place: Jurisdiction
) -> tuple[pl.DataFrame, list[Problem], Mapping[str, tuple[int, ...]]]:
    """Read values as those of a file's columns are.

    Parameters
    ----------
    answers : mapping of str to sequence of str
        By name, one of :func:`supposable`, a value a line.
    lines : sequence of int
    place : Jurisdiction

    Returns
    -------
    values : polars.DataFrame
        A column a name.
    problems : list of (int, str, str)
        Line, name and reason of what cannot be read.
    oddities : mapping of str to tuple of int
        What counts as blank, and in which lines.
    """
    values, problems, oddities = [], list[Problem](), dict[str, tuple[int, ...]]()
    for name, told in answers.items():
        column = "event_date" if name in ADDED_ROWS else name
        cells = {each: [value] * len(lines) for each, value in REQUIRED.items()} | {column: list(told)}
        frame = pl.DataFrame({str(at): each for at, each in enumerate(cells.values())})
        at = np.array(lines, np.int64)
        sheet = Sheet(path=Path("answers"), form="csv", sha256="", columns=tuple(cells), frame=frame, lines=at)
        rows, wrong, _, odd = read_columns(sheet, {}, place)
        values.append(rows[column].alias(name))
        problems += [(line, name, reason) for line, _, reason in wrong]
        oddities |= odd
    return pl.DataFrame(values), problems, oddities
