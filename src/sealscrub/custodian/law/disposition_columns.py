"""The columns of a file of dispositions: what each is called, and what its cells may hold."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.custodian.sheets import Problem, Sheet, folded_name
from sealscrub.custodian.sheets.headers import showable_names, two_columns
from sealscrub.errors import DOCS, ColumnError, Spelled
from sealscrub.identifiers import Status
from sealscrub.identifiers.cleaned_text import NOTHING
from sealscrub.identifiers.dates import canonical_date

from .events import EventKind
from .rules import Jurisdiction
from .state_declarations import Column, ColumnKind

__all__ = ["COLUMNS", "NUMBERS"]

_REQUIRED = ("defendant_id", "disposition", "event_date")
_FORM = (
    "a file of dispositions has a row for each charge, with defendant_id, disposition and event_date: see "
    f"{DOCS}reference/dispositions.md."
)
_READS = Spelled(f'{_FORM} map={{"THEIRS": "OURS"}} renames a column.', f"{_FORM} --map THEIRS=OURS renames a column.")
_DAYS = (
    "event_date",
    "recorded_at",
    "arrest_date",
    "crime_date",
    "notified_on",
    "birth_date",
)
_TEXTS = ("law_code", "severity", "offense_class", "court")
NUMBERS = ("docket", "defendant_id", "arrest_number", "indictment", "tracking_number", "person_number")
#: Columns that are read; others are left alone.
COLUMNS = (*NUMBERS, "charge", "disposition", "event", *_DAYS, *_TEXTS)
_BLANK = ("", "(null)", "NULL", "null")
_NOBODY_WORDS = sorted(NOTHING)
_FLAG = {"Y": True, "N": False, "TRUE": True, "FALSE": False}  # the words are how Parquet and JSON write a flag


def read_columns(
    sheet: Sheet, renamed: Mapping[str, str], place: Jurisdiction
) -> tuple[pl.DataFrame, list[Problem], tuple[str, ...], dict[str, tuple[int, ...]]]:
    """Read the rows of a sheet.

    Parameters
    ----------
    sheet : Sheet
    renamed : mapping of str to str
        The file's columns to ours; an empty name leaves a column unread.
    place : Jurisdiction
        Whose grades, codes, kinds of event and further columns they have.

    Returns
    -------
    rows : polars.DataFrame
        ``row`` (the line on which it begins), :data:`COLUMNS` and the place's own, with null for what is blank or
        cannot be read.
    problems : list of (int, str, str)
        Line, column and reason of what cannot be read.
    unread : tuple of str
        Columns of the file that we do not know.
    oddities : dict of str to tuple of int
        What is odd and counts as blank, and in which lines.

    Raises
    ------
    ColumnError
        When a required column does not exist, two have one name, or a renamed one does not exist.
    """
    at = _positions(sheet, renamed, place)
    unread = tuple(
        name for place, name in enumerate(sheet.columns) if place not in at.values() and renamed.get(name, name)
    )
    reading = _ColumnReader(sheet, at, place)
    return reading.rows(), sorted(reading.problems), unread, reading.oddities


def names_in_file(sheet: Sheet, renamed: Mapping[str, str], place: Jurisdiction) -> dict[str, str]:
    """Our names of the columns that are read, each with the file's; parameters are those of :func:`read_columns`."""
    return {ours: sheet.columns[position] for ours, position in _positions(sheet, renamed, place).items()}


def _positions(sheet: Sheet, renamed: Mapping[str, str], place: Jurisdiction) -> dict[str, int]:
    where = sheet.path.name
    for theirs in renamed:
        if theirs not in sheet.columns:
            raise ColumnError.absent(theirs, showable_names(sheet.columns), where=where)
    at: dict[str, int] = {}
    known = {*COLUMNS, *(column.name for column in place.columns if column.kind is not ColumnKind.FOUND)}
    for position, name in enumerate(sheet.columns):
        ours = folded_name(renamed.get(name, name))
        ours = place.synonyms.get(ours, ours)
        if ours in known:
            if ours in at:
                raise two_columns(ours, where)
            at[ours] = position
    if missing := [name for name in _REQUIRED if name not in at]:
        raise ColumnError.absent(missing, where=where, otherwise=_READS)
    return at


class _ColumnReader:
    """Reads the columns of one file; notes by line and column which values are invalid."""

    def __init__(self, sheet: Sheet, at: Mapping[str, int], place: Jurisdiction) -> None:
        self.sheet = sheet
        self.place = place
        self.at = at
        self.oddities: dict[str, tuple[int, ...]] = {}
        self.problems: list[Problem] = [(line, "", reason) for line, (reason, _) in sheet.broken.items()]

    def rows(self) -> pl.DataFrame:
        columns = {"row": pl.Series(self.sheet.lines, dtype=pl.UInt32)}
        columns |= {name: self.text(name) for name in (*NUMBERS, "charge", "disposition", "event", *_TEXTS)}
        # Blank ones would all be one person, and so would words for no one.
        unnamed = columns["defendant_id"].str.to_uppercase().is_in(_NOBODY_WORDS)
        self.note("defendant_id", unnamed.fill_null(value=True).to_numpy(), "is missing")
        columns["charge"] = _one_spelling(columns["charge"])
        columns["court"] = self.choice("court", columns["court"].str.to_lowercase(), list(self.place.courts))
        columns["event"] = self.choice(
            "event", columns["event"].str.to_lowercase(), [*dict.fromkeys([*map(str, EventKind), *self.place.events])]
        )
        columns["event"] = columns["event"].fill_null(str(EventKind.DISPOSITION))
        grades = self.place.grades
        for name, form in (("severity", grades.severity_forms()), ("offense_class", grades.classes)):
            columns[name] = self.code(name, columns[name].str.to_uppercase(), f"^(?:{form})$")
        self.unread_codes(columns["law_code"])
        columns["severity"] = self.graded(columns["severity"], columns["law_code"])
        columns |= {name: self.day(name) for name in _DAYS}
        columns |= {column.name: self.own(column) for column in self.place.columns}
        return pl.DataFrame(columns)

    def own(self, column: Column) -> pl.Series:
        """A column that only this place has."""
        if column.kind is ColumnKind.DAY:
            return self.day(column.name)
        if column.kind is ColumnKind.FOUND:
            return pl.Series(column.name, [None], dtype=pl.Boolean).new_from_index(0, len(self.sheet.frame))
        if column.kind is ColumnKind.FLAG:
            return self.flag(column.name)
        text = self.text(column.name).str.to_lowercase()
        if column.kind is ColumnKind.NUMBER:
            plain = text.str.replace(r"^0+(\d)", "$1").str.replace(r"(\.\d*?)0+$", "$1").str.strip_chars_end(".")
            wrong = ~plain.str.contains(r"^\d+(?:\.\d+)?$").fill_null(value=True)
            self.note(column.name, wrong.to_numpy(), "is not a number")
            return plain
        return self.choice(column.name, text, list(column.choices)) if column.choices else _unless_nothing(text)

    def text(self, name: str) -> pl.Series:
        """A column without outer space; null if it is blank."""
        if name not in self.at:
            return pl.Series(name, [None], dtype=pl.String).new_from_index(0, len(self.sheet.frame))
        raw = self.raw(name)
        try:
            text = None if raw.dtype.is_nested() else _whole_numbers(raw).cast(pl.String).str.strip_chars()
        except pl.exceptions.PolarsError:
            text = None
        if text is None:
            where = f"{self.sheet.path.name}, {name}"
            raise ColumnError("unsupported type of column", where=where, hint="give text.")
        return text.to_frame().select(pl.when(~pl.col(name).is_in(_BLANK)).then(pl.col(name))).to_series()

    def raw(self, name: str) -> pl.Series:
        return self.sheet.frame[str(self.at[name])].alias(name)

    def choice(self, name: str, text: pl.Series, choices: list[str]) -> pl.Series:
        wrong = ~text.is_in(choices).fill_null(value=True)
        self.note(name, wrong.to_numpy(), f"is not one of {', '.join(choices)}")
        return text

    def code(self, name: str, text: pl.Series, form: str) -> pl.Series:
        """A code that is not one of the contract's is not known: taken as it is, it would look like another's."""
        strange = ~text.str.contains(form).fill_null(value=True)
        if strange.any():
            lines = self.sheet.lines[strange.to_numpy()]
            self.oddities[f"{name} is unknown, and counts as blank"] = tuple(map(int, lines))
        return text.to_frame().select(pl.when(pl.col(name).str.contains(form)).then(pl.col(name))).to_series()

    def unread_codes(self, codes: pl.Series) -> None:
        """Return the lines of offences whose number cannot be read, and is not known."""
        unread = [code for code in codes.unique().drop_nulls() if self.place.read_code(code) is None]
        if unread:
            lines = self.sheet.lines[codes.is_in(unread).fill_null(value=False).to_numpy()]
            self.oddities["law_code is unknown, and counts as blank"] = tuple(map(int, lines))

    def graded(self, severity: pl.Series, codes: pl.Series) -> pl.Series:
        """Severities with those that are written behind a number: where a row has none, and none if it has another."""
        read = {code: self.place.read_code(code) for code in codes.unique().drop_nulls()}
        grades = {text: code.grade for text, code in read.items() if code is not None and code.grade}
        if not grades:
            return severity
        written = codes.replace_strict(grades, default=None, return_dtype=pl.String).alias("written")
        differ = (severity != written).fill_null(value=False)
        if differ.any():
            lines = self.sheet.lines[differ.to_numpy()]
            self.oddities["severity is another than law_code says, and counts as blank"] = tuple(map(int, lines))
        both = pl.when(~differ).then(pl.coalesce("severity", "written"))
        return pl.DataFrame([severity, written]).select(both.alias("severity")).to_series()

    def day(self, name: str) -> pl.Series:
        """A column has few days: each is read once."""
        if name not in self.at:
            return pl.Series(name, [None], dtype=pl.Date).new_from_index(0, len(self.sheet.frame))
        raw = self.raw(name)
        distinct = raw.unique()
        days, status = canonical_date(distinct)
        read = pl.DataFrame([distinct, days.str.to_date("%Y-%m-%d").alias("day"), pl.Series("status", status)])
        rows = raw.to_frame().join(read, on=name, how="left", nulls_equal=True, maintain_order="left")
        status = rows["status"].to_numpy()
        self.note(name, status > Status.NULL, "is not a date (YYYY-MM-DD or MM/DD/YYYY)")
        if name == "event_date":
            self.note(name, status == Status.NULL, "is missing")
        return rows["day"].alias(name)

    def flag(self, name: str) -> pl.Series:
        text = self.text(name).str.to_uppercase()
        self.note(name, (~text.is_in(list(_FLAG)).fill_null(value=True)).to_numpy(), "is neither Y nor N")
        return text.replace_strict(_FLAG, default=None, return_dtype=pl.Boolean).alias(name)

    def note(self, name: str, bad: npt.NDArray[np.bool_], reason: str) -> None:
        if bad.any():
            shown = self.sheet.columns[self.at[name]]
            self.problems += [(int(line), shown, reason) for line in self.sheet.lines[bad]]


def _one_spelling(charges: pl.Series) -> pl.Series:
    """A charge's number: 1, whether it is written 1, 01 or 1.0."""
    plain = charges.str.to_uppercase().str.replace(r"^(\d+)\.0+$", "$1").str.strip_chars_start("0")
    return plain.to_frame().select(pl.when(plain == "").then(pl.lit("0")).otherwise(plain).alias("charge")).to_series()


def _unless_nothing(words: pl.Series) -> pl.Series:
    """A word for nothing known is blank, and not a fact of its own."""
    nothing = words.str.to_uppercase().is_in(_NOBODY_WORDS)
    return words.to_frame().select(pl.when(~nothing).then(pl.col(words.name))).to_series()


def _whole_numbers(column: pl.Series) -> pl.Series:
    """Whole numbers that a column of floats or decimals holds, as a table with gaps does: 7, not 7.0."""
    dtype = column.dtype
    if not (dtype.is_float() or dtype.is_decimal()):
        return column
    whole = column.cast(pl.Int64, strict=False)
    same = whole.cast(pl.Float64) == column.cast(pl.Float64)
    return whole if (same | column.is_null()).fill_null(value=False).all() else column
