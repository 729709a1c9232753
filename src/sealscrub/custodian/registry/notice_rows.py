"""Rows of a file as notices: canonical values, and what is wrong with the others.

A row is registered whole or not at all. What is wrong is said by line, column and reason, never by value.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from hashlib import blake2b
from itertools import product

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.boundary.array_types import Mask
from sealscrub.custodian.law import known_regimes
from sealscrub.custodian.sheets import Problem, Sheet
from sealscrub.errors import ColumnError
from sealscrub.identifiers import Scheme, Status, canonicalise, canonicalise_parts, get_scheme, scheme_names
from sealscrub.identifiers.dates import canonical_date

from .notice_columns import FIELDS, PERSON_FIELDS, Columns

__all__ = ["Basis", "EventKind"]

Keys = list[tuple[Scheme, pl.Series]]

_BLANK = ("", "-", "--", "NULL", "(NULL)", "NONE", "N/A", "NA")
_STRIPPED = pl.col("text").cast(pl.String).str.strip_chars()
_UNLESS_BLANK = pl.when(~pl.col("text").str.to_uppercase().is_in(_BLANK).fill_null(value=True)).then(pl.col("text"))
_HAS_NUL = pl.col("text").str.contains("\x00", literal=True).fill_null(value=False).alias("nul")
_REGIME = r"^[a-z]{2}(-[a-z0-9]{2,3})?/[a-z0-9][a-z0-9.\-]{0,47}$"
_CITED = r"^([a-z]+)[ -]*§*[ -]*([0-9][0-9.:\-]*)$"
_DATES = ("effective_from", "notified_on", "birth_date", "arrest_date")
_SELDOM_GIVEN = frozenset({"notified_on", "rule_version", "source_document", *PERSON_FIELDS})
_YEARS_AHEAD = 20
_SLAB = 1 << 16
_REASONS = {
    Status.NEAR: "is a near miss of a {}: it has look-alike letters instead of digits",
    Status.UNPARSABLE: "does not parse as a {}",
    Status.DAMAGED: "was read as a number and lost digits: it is not a valid {}",
}


@cache
def _regimes_by_section() -> dict[str, str]:
    """Names of regimes by their sections, which one place alone has: ``cpl-160.50`` for ``us-ny/cpl-160.50``."""
    names = [regime.name for regime in known_regimes()]
    sections = [name.partition("/")[2] for name in names]
    return {each: name for each, name in zip(sections, names, strict=True) if sections.count(each) == 1}


class EventKind(StrEnum):
    """What a notice says about a record.

    ``SEALED`` and ``WITHHELD`` (not proven sealed, yet not to be used) begin a bar; ``VACATED`` (the seal was
    undone) and ``RELEASED`` (it ended) end one; ``OPEN`` reveals an action that no seal covers. ``MISTAKEN`` is
    written only by :meth:`Registry.correct`: the record never was sealed, and no notice should have named it.
    """

    SEALED = "sealed"
    VACATED = "vacated"
    WITHHELD = "withheld"
    RELEASED = "released"
    OPEN = "open"
    MISTAKEN = "mistaken"


class Basis(StrEnum):
    """On what an event rests: a notice that was received, a rule applied to dispositions, or a court's order."""

    NOTICE = "notice"
    DERIVED = "derived"
    ORDER = "order"


BEGINNING = (EventKind.SEALED, EventKind.WITHHELD)
ENDING = (EventKind.VACATED, EventKind.RELEASED)
_NOTICED = tuple(kind for kind in EventKind if kind is not EventKind.MISTAKEN)


@dataclass(frozen=True, eq=False)
class Notices:
    """The rows of a file that could be read as notices, and the problems of the others.

    Attributes
    ----------
    rows : polars.DataFrame
        ``row`` (position in the file), ``line``, the fields of a notice and of a person; ``fingerprint``, if it was
        asked for.
    keys : polars.DataFrame
        ``row``, ``scheme``, ``value``, ``published``: each key once.
    problems : list of (int, str, str)
        Line, column and reason.
    bad_rows : numpy.ndarray of bool
        Which rows of the sheet have problems.
    """

    rows: pl.DataFrame
    keys: pl.DataFrame
    problems: list[Problem]
    bad_rows: Mask

    def __repr__(self) -> str:
        return f"Notices({len(self.rows)} rows, {len(self.problems)} problems)"


def _days(column: pl.Series) -> tuple[pl.Series, npt.NDArray[np.uint8]]:
    """ISO text of the day in each row, and its status. A column has few days: each is read once."""
    distinct = column.alias("raw").unique().to_frame()
    days, status = canonical_date(distinct["raw"])
    read = distinct.with_columns(day=days, status=pl.Series(status))
    rows = column.alias("raw").to_frame().join(read, on="raw", how="left", nulls_equal=True, maintain_order="left")
    return rows["day"], rows["status"].to_numpy()


class _Reader:
    """Reads one sheet; collects problems by row."""

    def __init__(self, sheet: Sheet, columns: Columns, today: dt.date) -> None:
        self.sheet = sheet
        self.columns = columns
        self.today = today
        self.height = len(sheet.frame)
        self.bad, self.unread = np.zeros(self.height, bool), np.zeros(self.height, bool)
        self.found: list[tuple[int, str, str]] = []

    def problem(self, rows: Mask, column: str, reason: str) -> None:
        self.found += [(int(line), column, reason) for line in self.sheet.lines[rows]]
        self.bad |= rows

    def raw(self, field: str) -> pl.Series | None:
        at = self.columns.fields.get(field)
        return None if at is None else self.sheet.frame[str(at)]

    def text(self, field: str) -> pl.Series:
        """A field's text without outer space; null if it is blank."""
        raw = self.raw(field)
        if raw is None:
            return pl.Series(field, [None], dtype=pl.String).new_from_index(0, self.height)
        if isinstance(raw.dtype, pl.List):
            raw = raw.list.eval(pl.element().cast(pl.String)).list.join("; ", ignore_nulls=True)
        try:
            read = raw.alias("text").to_frame().select_seq(_STRIPPED).select_seq(_UNLESS_BLANK, _HAS_NUL)
        except pl.exceptions.PolarsError:
            raise ColumnError("unsupported type of column", where=f"column {self.columns.name(field)!r}") from None
        self._refuse_nul(read["nul"], self.columns.name(field))
        return read["text"].alias(field)

    def _refuse_nul(self, found: pl.Series, column: str) -> None:
        """PostgreSQL keeps no NUL in a text, and no identifier has one."""
        self.problem(found.to_numpy(), column, "holds a NUL character")

    def date(self, field: str) -> pl.Series:
        raw = self.raw(field)
        if raw is None:
            return self.text(field)
        days, status = _days(raw)
        self.problem(status > Status.NULL, self.columns.name(field), "is not a date (YYYY-MM-DD or MM/DD/YYYY)")
        if field == "effective_from":
            self.problem(status == Status.NULL, self.columns.name(field), "is missing")
        ahead = self.today + (
            dt.timedelta(days=_YEARS_AHEAD * 366) if field == "effective_from" else dt.timedelta(days=1)
        )
        late = (days > ahead.isoformat()).fill_null(value=False).to_numpy()
        self.problem(late, self.columns.name(field), "is too far ahead")
        return days.alias(field)

    def choice(self, field: str, kinds: Iterable[StrEnum], default: StrEnum | None) -> pl.Series:
        text = self.text(field).str.to_lowercase()
        missing = text.is_null().to_numpy()
        if default is None:
            self.problem(missing, self.columns.name(field), "is missing")
        known = [str(kind) for kind in kinds]
        wrong = ~text.is_in(known).fill_null(value=True).to_numpy()
        self.problem(wrong, self.columns.name(field), f"is not one of {', '.join(known)}")
        return text.fill_null(str(default)) if default else text

    def regime(self) -> pl.Series:
        text = self.text("regime").str.to_lowercase()
        if not text.str.contains(_REGIME).fill_null(value=True).all():
            cited = text.str.replace(_CITED, "$1-$2")
            text = text.zip_with(~cited.is_in(list(_regimes_by_section())), cited.replace(_regimes_by_section()))
        wrong = ~text.str.contains(_REGIME).fill_null(value=True).to_numpy()
        self.problem(
            wrong, self.columns.name("regime"), "is not a name of a regime, such as us-ny/cpl-160.50 or CPL 160.50"
        )
        return text

    def keys(self) -> Keys:
        """Canonical values of each column of keys, by the names of their schemes; null if there is none."""
        read = [part for at, scheme in self.columns.schemes for part in self._column_keys(at, scheme)]
        return sorted([*read, *self._composites()], key=lambda part: part[0].name)

    def _column_keys(self, at: int, scheme: Scheme) -> Keys:
        name = self.columns.names[at]
        raw = self.sheet.frame[str(at)].alias(name)
        read = canonicalise(raw, scheme)
        keys, status = [(scheme, read.values)], read.status
        left = np.isin(status, (Status.UNPARSABLE, Status.NEAR))
        if scheme.name == "indictment" and left.any():
            case = get_scheme("indictment_case")
            cases = canonicalise(raw.to_frame().select(pl.when(pl.Series(left)).then(pl.col(name))).to_series(), case)
            keys.append((case, cases.values))
            status = np.where(cases.status == Status.OK, Status.OK, status)
        for state, reason in _REASONS.items():
            self.problem(status == state, name, reason.format(scheme.title))
            self.unread |= status == state
        self._refuse_nul(read.values.alias("text").to_frame().select_seq(_HAS_NUL).to_series(), name)
        return keys

    def _composites(self) -> Keys:
        """Keys of the schemes that are made of several columns, if the file has a column for each part."""
        held: dict[str, list[pl.Series]] = {}
        for at, scheme in self.columns.schemes:
            held.setdefault(scheme.name, []).append(self.sheet.frame[str(at)])
        raw = self.raw("arrest_date")
        if raw is not None:
            held["date"] = [_days(raw)[0].str.to_date("%Y-%m-%d")]
        return [
            (scheme, canonicalise_parts(dict(zip(scheme.parts, columns, strict=True)), scheme).values)
            for scheme in map(get_scheme, scheme_names())
            if scheme.parts
            for columns in product(*(held.get(_part(part), []) for part in scheme.parts))
        ]


def _part(name: str) -> str:
    """What a part of a key is called in a file of notices: the scheme's own name, or ``date``."""
    return name if name == "date" else get_scheme(name).name


def read_notices(sheet: Sheet, columns: Columns, *, today: dt.date, fingerprints: bool = True) -> Notices:
    """Read a sheet's rows as notices.

    Parameters
    ----------
    sheet : Sheet
        The file.
    columns : Columns
        What its columns are.
    today : datetime.date
        The day by which dates are judged.
    fingerprints : bool, default True
        Whether the rows are to be registered; what only is checked needs none.
    """
    reader = _Reader(sheet, columns, today)
    fields: dict[str, pl.Series] = {
        "event": reader.choice("event", _NOTICED, None),
        "basis": reader.choice("basis", Basis, Basis.NOTICE),
        "regime": reader.regime(),
    }
    fields |= {field: reader.date(field) for field in _DATES}
    fields |= {field: reader.text(field) for field in (*FIELDS, *PERSON_FIELDS) if field not in fields}
    fields |= {field: fields[field].cast(pl.Null) for field in _SELDOM_GIVEN - columns.fields.keys()}
    keys = reader.keys()
    _check_keys(reader, fields, keys)
    rows = pl.DataFrame(
        {
            "row": pl.Series(np.arange(reader.height), dtype=pl.UInt32),
            "line": sheet.lines,
            **{field: fields[field] for field in (*FIELDS, *PERSON_FIELDS)},
        }
    )
    rows = _named_open_records(rows, keys)
    if fingerprints:
        rows = rows.with_columns(fingerprint=_fingerprints(rows, keys))
    problems = sorted({*reader.found, *((line, "", reason) for line, (reason, _) in sheet.broken.items())})
    good = rows.filter(pl.Series(~reader.bad)) if reader.bad.any() else rows
    return Notices(good, _long(keys, ~reader.bad), problems, reader.bad)


def _check_keys(reader: _Reader, fields: dict[str, pl.Series], keys: Keys) -> None:
    event = fields["event"]
    named = fields["seal_id"].is_not_null().to_numpy()
    any_key, record_key = np.zeros(reader.height, bool), np.zeros(reader.height, bool)
    for scheme, values in keys:
        present = values.is_not_null().to_numpy()
        any_key |= present
        record_key |= present & scheme.published
    beginning = event.is_in([str(kind) for kind in BEGINNING]).fill_null(value=False).to_numpy()
    ending = event.is_in([str(kind) for kind in ENDING]).fill_null(value=False).to_numpy()
    opening = (event == EventKind.OPEN).fill_null(value=False).to_numpy()
    read = ~reader.unread  # whose keys are, with what else is wrong with the row: it is fixed once
    reader.problem(beginning & ~named, reader.columns.name("seal_id"), "is missing: each record needs an id of its own")
    reader.problem(read & beginning & ~any_key, "", "holds no key")
    reader.problem(read & opening & ~record_key, "", "holds no key that names one record")
    reader.problem(read & ending & ~named & ~record_key, "", "names no seal: it has no seal_id and no record key")


def _long(keys: Keys, good: Mask) -> pl.DataFrame:
    """One row for each key of the good rows."""
    rows = pl.Series(np.arange(len(good)), dtype=pl.UInt32)
    parts = [
        pl.DataFrame({"row": rows, "value": values})
        .filter(pl.Series(good) & pl.col("value").is_not_null())
        .select("row", pl.lit(scheme.name).alias("scheme"), "value", pl.lit(scheme.published).alias("published"))
        for scheme, values in keys
    ]
    if not parts:
        parts = [
            pl.DataFrame(schema={"row": pl.UInt32, "scheme": pl.String, "value": pl.String, "published": pl.Boolean})
        ]
    several = len({scheme.name for scheme, _ in keys}) < len(keys)
    return pl.concat(parts).unique(maintain_order=True) if several else pl.concat(parts)


def _named_open_records(rows: pl.DataFrame, keys: Keys) -> pl.DataFrame:
    """Name the open actions that come without an id by their keys, so the same row has the same name."""
    nameless = (rows["event"] == EventKind.OPEN).fill_null(value=False) & rows["seal_id"].is_null()
    if not nameless.any():
        return rows
    said = _keys_text([(scheme, values.filter(nameless)) for scheme, values in keys if scheme.published])
    names = "open:" + _digests(said).bin.encode("hex").str.slice(0, 24)
    named = rows.filter(nameless).select("row", name=names)
    rows = rows.join(named, on="row", how="left", maintain_order="left")
    return rows.with_columns(seal_id=pl.coalesce("seal_id", "name")).drop("name")


def _fingerprints(rows: pl.DataFrame, keys: Keys) -> pl.Series:
    """What a row says, in 16 bytes: the same whatever file, spelling and order of columns it comes in."""
    absent = {name for name, kind in rows.schema.items() if kind == pl.Null}
    fields = (*FIELDS, *PERSON_FIELDS)
    said = [pl.lit("~") if name in absent else _length_prefixed(pl.col(name)).fill_null("~") for name in fields]
    digests = [pl.Series(dtype=pl.Binary)]
    for at in range(0, len(rows), _SLAB):
        text = rows.slice(at, _SLAB).select(pl.concat_str(said)).to_series()
        held = [(scheme, values.slice(at, _SLAB)) for scheme, values in keys]
        digests.append(_digests(text + _keys_text(held) if keys else text))
    return pl.concat(digests)


def _keys_text(keys: Keys) -> pl.Series:
    """The keys of each row in one text, in the order of scheme and value."""
    columns = {str(at): values for at, (_, values) in enumerate(keys)}
    by_scheme: dict[str, list[str]] = {}
    for at, (scheme, _) in enumerate(keys):
        by_scheme.setdefault(scheme.name, []).append(str(at))
    pieces = []
    for name, held in sorted(by_scheme.items()):
        values = [pl.concat_str(pl.lit(f"{len(name)}:{name}"), _length_prefixed(pl.col(at))) for at in held]
        one = (
            values[0]
            if len(values) == 1
            else pl.concat_list(values).list.drop_nulls().list.unique().list.sort().list.join("")
        )
        pieces.append(one.fill_null(""))
    return pl.DataFrame(columns).select(pl.concat_str(pieces)).to_series()


def _length_prefixed(text: pl.Expr) -> pl.Expr:
    """A text behind its length, so joined texts cannot be read in two ways."""
    return pl.concat_str(text.str.len_bytes().cast(pl.String), pl.lit(":"), text)


def _digests(texts: pl.Series) -> pl.Series:
    return pl.Series([blake2b(text.encode(), digest_size=16).digest() for text in texts.to_list()], dtype=pl.Binary)
