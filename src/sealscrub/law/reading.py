"""Files of dispositions: one row a charge event, as a court's extract or a state's feed has it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from sealscrub.errors import ColumnError, UnreadableInput, UsageError

from .events import Action, Event, EventKind

__all__ = ["COLUMNS", "read_cases"]

_REQUIRED = ("defendant_id", "disposition", "event_date")
_FLAGS = ("family_offense", "youthful_offender", "prints_sent", "certified")
_DAYS = ("event_date", "recorded_at", "arrest_date", "crime_date", "acd_until", "served_on", "notified_on")
_TEXTS = ("law_code", "severity", "offense_class", "court", "substance")
#: Columns that are read; others are left alone.
COLUMNS = (
    *("docket", "defendant_id", "disposition", "event", "arrest_number", "indictment", "charge"),
    *(*_DAYS, *_TEXTS, *_FLAGS),
)
_BLANK = frozenset({"", "(null)", "NULL", "null"})
_FLAG = {"Y": True, "N": False}

Row = Mapping[str, str]


def read_cases(path: Path, renamed: Mapping[str, str] | None = None) -> list[tuple[Action, list[Event]]]:
    r"""Read a file of dispositions.

    Parameters
    ----------
    path : Path
        CSV, Parquet or JSON Lines, by its ending.
    renamed : mapping of str to str, optional
        The file's columns to ours.

    Returns
    -------
    list of (Action, list of Event)
        One item an instrument and defendant, or where no instrument was filed, an arrest and defendant; those of one
        arrest one after the other, otherwise in the order of the file.

    Raises
    ------
    ColumnError
        When a required column is not there.
    UnreadableInput
        When the file cannot be read.
    UsageError
        When a day, a flag or a kind of event is none; the error says in which rows.

    Notes
    -----
    Required are ``defendant_id``, ``disposition`` (it may be blank) and ``event_date``. Days are ``YYYY-MM-DD``, flags
    ``Y`` or ``N``; what is blank is not known. ``youthful_offender`` left blank is no finding.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "dispositions.csv"
    >>> _ = file.write_text("docket,defendant_id,disposition,event_date\n2014KN000001,7,ACQUITTED,2014-05-01\n")
    >>> [(action, len(events)) for action, events in read_cases(file)]
    [(Action(filed), 1)]
    """
    frame = _frame(path).rename({k: v for k, v in (renamed or {}).items() if v}, strict=False)
    for name in _REQUIRED:
        if name not in frame.columns:
            raise ColumnError.absent(name, frame.columns, where=path.name)
    frame = frame.select(name for name in COLUMNS if name in frame.columns)
    wrong: dict[str, list[int]] = {}
    cases: dict[tuple[str, ...], tuple[Action, list[Event]]] = {}
    for number, row in enumerate(frame.iter_rows(named=True), start=1):
        given = {name: text for name, value in row.items() if value and (text := str(value).strip()) not in _BLANK}
        event = _event(given, number, wrong)
        docket, arrest, person = (given.get(name, "") for name in ("docket", "arrest_number", "defendant_id"))
        key = (docket, person) if docket else ("", arrest, person)
        if key not in cases:
            cases[key] = (_action(given, number, wrong), [])
        if event is not None:
            cases[key][1].append(event)
    if wrong:
        raise _wrong_rows(wrong, path)
    order: dict[str, int] = {}
    for action, _ in cases.values():
        order.setdefault(action.arrest_number, len(order))
    return sorted(
        cases.values(), key=lambda case: order[case[0].arrest_number] if case[0].arrest_number else len(order)
    )


def _frame(path: Path) -> pl.DataFrame:
    try:
        if path.suffix == ".parquet":
            return pl.read_parquet(path).cast(pl.String)
        if path.suffix in (".jsonl", ".ndjson"):
            return pl.read_ndjson(path, infer_schema_length=None).cast(pl.String)
        return pl.read_csv(path, infer_schema=False)
    except (OSError, pl.exceptions.PolarsError):
        raise UnreadableInput("cannot be read", where=path.name, hint="give CSV, Parquet or JSON Lines.") from None


def _action(row: Row, number: int, wrong: dict[str, list[int]]) -> Action:
    return Action(
        docket=row.get("docket", ""),
        defendant_id=row.get("defendant_id", ""),
        arrest_number=row.get("arrest_number", ""),
        indictment=row.get("indictment", ""),
        arrest_date=_day(row, "arrest_date", number, wrong),
        crime_date=_day(row, "crime_date", number, wrong),
    )


def _event(row: Row, number: int, wrong: dict[str, list[int]]) -> Event | None:
    kind = row.get("event", "disposition").lower()
    if kind not in set(EventKind):
        wrong.setdefault("event", []).append(number)
        return None
    day = _day(row, "event_date", number, wrong)
    if day is None:
        wrong.setdefault("event_date", []).append(number)
        return None
    for name in _FLAGS:
        if row.get(name, "Y").upper() not in _FLAG:
            wrong.setdefault(name, []).append(number)
    given: dict[str, Any] = {name: row.get(name) for name in _TEXTS}
    given |= {name: _FLAG.get(row.get(name, "").upper()) for name in _FLAGS}
    given |= {name: _day(row, name, number, wrong) for name in ("recorded_at", "acd_until", "served_on", "notified_on")}
    given["court"] = row.get("court", "").lower() or None
    return Event(
        event_date=day,
        event=EventKind(kind),
        text=row.get("disposition", ""),
        charge=row.get("charge", ""),
        **given,
    )


def _day(row: Row, name: str, number: int, wrong: dict[str, list[int]]) -> dt.date | None:
    text = row.get(name)
    if text is None:
        return None
    try:
        return dt.date.fromisoformat(text[:10] if text[10:11] in (" ", "T") else text)
    except ValueError:
        wrong.setdefault(name, []).append(number)
        return None


def _wrong_rows(wrong: Mapping[str, list[int]], path: Path) -> UsageError:
    name, rows = next(iter(wrong.items()))
    shown = ", ".join(str(number) for number in dict.fromkeys(rows[:5]))
    more = f" and {len(rows) - 5} more" if len(rows) > 5 else ""
    hint = "days are YYYY-MM-DD, flags Y or N, kinds of event as docs/reference/law-us-ny.md lists them."
    return UsageError(f"the value cannot be read, in data rows {shown}{more}", where=f"{path.name}, {name}", hint=hint)
