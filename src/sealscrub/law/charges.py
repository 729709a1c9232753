"""Files of dispositions as columns: one row a charge event, and which action, arrest and person each row is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl

from sealscrub.errors import ColumnError, UnreadableInput, UsageError
from sealscrub.identifiers import Status, canonicalise
from sealscrub.identifiers.dates import canonical_date

from .events import EventKind

__all__ = ["COLUMNS", "ChargeRows", "read_charges"]

_REQUIRED = ("defendant_id", "disposition", "event_date")
_FLAGS = ("family_offense", "youthful_offender", "prints_sent", "certified")
_DAYS = (
    "event_date",
    "recorded_at",
    "arrest_date",
    "crime_date",
    "acd_until",
    "served_on",
    "notified_on",
    "birth_date",
)
_TEXTS = ("law_code", "severity", "offense_class", "court", "substance")
_NUMBERS = ("docket", "defendant_id", "arrest_number", "indictment", "cjtn", "nysid")
#: Columns that are read; others are left alone.
COLUMNS = (*_NUMBERS, "charge", "disposition", "event", *_DAYS, *_TEXTS, *_FLAGS)
_OF_ACTION = (*_NUMBERS, "arrest_date", "crime_date", "birth_date")
_BLANK = ("", "(null)", "NULL", "null")
_FLAG = {"Y": True, "N": False}
_SHOWN = 5


@dataclass(frozen=True, eq=False)
class ChargeRows:
    """A file's rows, read.

    Attributes
    ----------
    rows : polars.DataFrame
        ``row`` (number of the data row, from 1), ``action`` (number of its action, from 0), and the columns of an
        event; what is blank is null.
    actions : polars.DataFrame
        ``action``, its numbers and days as first given, ``row`` (its first), and ``arrest`` and ``person``: those of
        one arrest, or of one person, have the same number there.
    unread : tuple of str
        Columns of the file that are none of ours.
    oddities : mapping of str to tuple of int
        What does not fit together, and in which data rows.
    """

    rows: pl.DataFrame
    actions: pl.DataFrame
    unread: tuple[str, ...] = ()
    oddities: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"ChargeRows({len(self.rows)} rows, {len(self.actions)} actions)"


def read_charges(path: str | Path, renamed: Mapping[str, str] | None = None) -> ChargeRows:
    r"""Read a file of dispositions.

    Parameters
    ----------
    path : str or Path
        CSV, TSV, Parquet or JSON Lines, by its ending.
    renamed : mapping of str to str, optional
        The file's columns to ours; an empty name leaves a column unread.

    Returns
    -------
    ChargeRows

    Raises
    ------
    ColumnError
        When a required column is not there, two have one name, or a renamed one is not there.
    UnreadableInput
        When the file cannot be read.
    UsageError
        When a day, a flag or a kind of event is none; the error says in which rows.

    Notes
    -----
    Required are ``defendant_id``, ``disposition`` (it may be blank) and ``event_date``. Days are ``YYYY-MM-DD`` or
    ``MM/DD/YYYY``, flags ``Y`` or ``N``; what is blank is not known. An action is a docket and a person, or where no
    docket was filed an arrest and a person; equal NYSIDs join people, and a docket that names two arrests joins these.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "dispositions.csv"
    >>> _ = file.write_text("docket,defendant_id,disposition,event_date\n2014KN000001,7,ACQUITTED,2014-05-01\n")
    >>> read_charges(file)
    ChargeRows(1 rows, 1 actions)
    """
    path = Path(path)
    frame = _renamed(_frame(path), renamed or {}, path)
    unread = tuple(name for name in frame.columns if name not in COLUMNS)
    rows = _Reading(frame, path).rows()
    rows = _with_actions(rows)
    actions = _actions(rows)
    return ChargeRows(
        rows.drop(name for name in _OF_ACTION if name != "indictment"), actions, unread, _oddities(rows, actions)
    )


def _frame(path: Path) -> pl.DataFrame:
    try:
        if path.suffix == ".parquet":
            return pl.read_parquet(path)
        if path.suffix in (".jsonl", ".ndjson"):
            return pl.read_ndjson(path, infer_schema_length=None)
        separator = "\t" if path.suffix in (".tsv", ".tab") else ","
        return pl.read_csv(path, infer_schema=False, separator=separator)
    except (OSError, pl.exceptions.PolarsError):
        raise UnreadableInput("cannot be read", where=path.name, hint="give CSV, Parquet or JSON Lines.") from None


def _renamed(frame: pl.DataFrame, renamed: Mapping[str, str], path: Path) -> pl.DataFrame:
    for theirs in renamed:
        if theirs not in frame.columns:
            raise ColumnError.absent(theirs, frame.columns, where=path.name)
    frame = frame.drop(theirs for theirs, ours in renamed.items() if not ours)
    names = [renamed.get(name, name) for name in frame.columns]
    for name in COLUMNS:
        if names.count(name) > 1 or (name in names and f"{name}_duplicated_0" in names):
            raise ColumnError(f"two columns are {name!r}", where=path.name, hint="--map COLUMN= leaves one unread.")
    frame.columns = names
    for name in _REQUIRED:
        if name not in names:
            raise ColumnError.absent(name, names, where=path.name)
    return frame


class _Reading:
    """Reads the columns of one file; notes by column in which rows a value is none."""

    def __init__(self, frame: pl.DataFrame, path: Path) -> None:
        self.frame = frame
        self.path = path
        self.wrong: dict[str, list[int]] = {}

    def rows(self) -> pl.DataFrame:
        columns = {"row": pl.Series(np.arange(1, len(self.frame) + 1), dtype=pl.UInt32)}
        columns |= {name: self.text(name) for name in (*_NUMBERS, "charge", "disposition", *_TEXTS)}
        self.note("defendant_id", columns["defendant_id"].is_null())  # blank ones would all be one person
        columns["court"] = columns["court"].str.to_lowercase()
        columns["event"] = self.event()
        columns |= {name: self.day(name) for name in _DAYS}
        columns |= {name: self.flag(name) for name in _FLAGS}
        if self.wrong:
            raise self.error()
        return pl.DataFrame(columns)

    def text(self, name: str) -> pl.Series:
        """A column without outer space; null where it is blank."""
        if name not in self.frame.columns:
            return pl.Series(name, [None], dtype=pl.String).new_from_index(0, len(self.frame))
        try:
            text = self.frame[name].cast(pl.String).str.strip_chars()
        except pl.exceptions.PolarsError:
            where = f"{self.path.name}, {name}"
            raise ColumnError("the type of this column is not read", where=where, hint="give text.") from None
        return text.to_frame().select(pl.when(~pl.col(name).is_in(_BLANK)).then(pl.col(name))).to_series()

    def event(self) -> pl.Series:
        text = self.text("event").str.to_lowercase().fill_null(str(EventKind.DISPOSITION))
        self.note("event", ~text.is_in([str(kind) for kind in EventKind]))
        return text

    def day(self, name: str) -> pl.Series:
        """A column has few days: each is read once."""
        if name not in self.frame.columns:
            return pl.Series(name, [None], dtype=pl.Date).new_from_index(0, len(self.frame))
        raw = self.frame[name].alias("raw")
        distinct = raw.unique().to_frame()
        days, status = canonical_date(distinct["raw"])
        read = distinct.with_columns(days.str.to_date("%Y-%m-%d").alias(name), pl.Series("status", status))
        rows = raw.to_frame().join(read, on="raw", how="left", nulls_equal=True, maintain_order="left")
        good = rows["status"] == Status.OK if name == "event_date" else rows["status"] <= Status.NULL
        self.note(name, ~good)
        return rows[name]

    def flag(self, name: str) -> pl.Series:
        text = self.text(name).str.to_uppercase()
        self.note(name, ~text.is_in(list(_FLAG)).fill_null(value=True))
        return text.replace_strict(_FLAG, default=None, return_dtype=pl.Boolean).alias(name)

    def note(self, name: str, bad: pl.Series) -> None:
        if bad.any():
            self.wrong[name] = [int(at) + 1 for at in bad.arg_true()]

    def error(self) -> UsageError:
        name, rows = next(iter(self.wrong.items()))
        shown = ", ".join(str(number) for number in rows[:_SHOWN])
        more = f" and {len(rows) - _SHOWN} more" if len(rows) > _SHOWN else ""
        hint = (
            "each row names a defendant, days are YYYY-MM-DD, flags Y or N, kinds of event as "
            "docs/reference/law-us-ny.md lists them."
        )
        where = f"{self.path.name}, {name}"
        return UsageError(f"the value cannot be read, in data rows {shown}{more}", where=where, hint=hint)


def _with_actions(rows: pl.DataFrame) -> pl.DataFrame:
    """Number the person and the action of each row, in the order of the file."""
    people = rows.select(node=_numbered("defendant_id"), key=_linking(rows["nysid"], "nysid"))
    joined = components(people)
    rows = rows.with_columns(
        person=people.select("node").join(joined, on="node", maintain_order="left", how="left")["label"]
    )
    docketless = pl.col("docket").is_null()
    unfiled = docketless & pl.col("indictment").is_null()
    key = [
        pl.col("docket"),
        pl.when(docketless).then(pl.col("indictment")),
        pl.when(unfiled).then(pl.col("arrest_number")),
        pl.col("person"),
    ]
    return rows.with_columns(action=pl.struct(key).rank("dense").cast(pl.UInt32) - 1).with_columns(
        action=pl.col("row").min().over("action").rank("dense").cast(pl.UInt32) - 1
    )


def _actions(rows: pl.DataFrame) -> pl.DataFrame:
    """What is said of each action, and the actions of one arrest and of one person."""
    first = [pl.col(name).drop_nulls().first() for name in _OF_ACTION]
    actions = rows.group_by("action").agg(*first, pl.col("row").min(), pl.col("person").first()).sort("action")
    links = [
        rows.select(node="action", key=_linking(rows[name], name)).drop_nulls().unique()
        for name in ("arrest_number", "cjtn")
    ]
    nodes = actions.select(node="action", key=pl.lit(None, dtype=pl.String))
    joined = components(pl.concat([nodes, *links]))
    return actions.with_columns(arrest=joined.sort("node")["label"])


def components(edges: pl.DataFrame) -> pl.DataFrame:
    """The least node that each ``node`` is joined to, over equal values of ``key``; a null joins nothing.

    Examples
    --------
    >>> edges = pl.DataFrame({"node": [0, 1, 1, 2], "key": ["a", "a", "b", None]})
    >>> components(edges).sort("node").rows()
    [(0, 0), (1, 0), (2, 2)]
    """
    labels = edges.select("node", label="node").unique()
    keyed = edges.drop_nulls().unique()
    keyed = keyed.filter(pl.len().over("key") > 1)
    while len(keyed):
        held = keyed.join(labels, on="node")
        least = held.with_columns(least=pl.col("label").min().over("key")).group_by("node").agg(pl.col("least").min())
        later = labels.join(least, on="node", how="left").select("node", label=pl.coalesce("least", "label"))
        if later.select(pl.col("label").sum()).item() == labels.select(pl.col("label").sum()).item():
            break
        labels = later
    return labels


def _numbered(name: str) -> pl.Expr:
    return (pl.col(name).fill_null("").rank("dense") - 1).cast(pl.UInt32)


def _linking(numbers: pl.Series, scheme: str) -> pl.Series:
    """What two rows of one arrest or person have in common; what stands for no number joins nothing."""
    distinct = numbers.alias("raw").unique().to_frame()
    read = canonicalise(distinct["raw"], scheme)
    given = pl.Series(read.status != Status.NULL)
    read_as = distinct.with_columns(read.values.alias("value"), given.alias("given")).select(
        "raw", key=pl.when("given").then(pl.lit(f"{scheme}:") + pl.coalesce("value", "raw"))
    )
    return (
        numbers.alias("raw")
        .to_frame()
        .join(read_as, on="raw", how="left", nulls_equal=True, maintain_order="left")["key"]
    )


def _oddities(rows: pl.DataFrame, actions: pl.DataFrame) -> dict[str, tuple[int, ...]]:
    several = rows.filter(pl.col("arrest_number").is_not_null())
    several = several.filter(pl.col("arrest_number").n_unique().over("action") > 1)
    before = rows.filter((pl.col("event") == "disposition") & (pl.col("event_date") < pl.col("arrest_date")))
    nameless = rows.filter(pl.col("docket").is_null() & pl.col("arrest_number").is_null() & pl.col("cjtn").is_null())
    found = {
        "a docket stands beside two arrests, which count as one": several,
        "a disposition is earlier than the arrest": before,
        "neither docket nor arrest is named": nameless,
    }
    return {what: tuple(odd["row"].to_list()) for what, odd in found.items() if len(odd)}
