"""Files of dispositions as columns: one row a charge event, and which action, arrest and person each row is about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from sealscrub.custodian.sheets import Problem, Sheet, read_sheet, refuse_rows
from sealscrub.errors import Spelled, UsageError
from sealscrub.identifiers import Status, canonicalise

from .disposition_columns import COLUMNS, NUMBERS, names_in_file, read_columns
from .dispositions.phrases import names_another_day
from .jurisdictions import jurisdiction
from .rules import Jurisdiction

__all__ = ["COLUMNS", "ChargeRows", "as_known", "components", "read_charges"]

_FACT_COLUMNS = ("indictment", "arrest_date", "crime_date", "birth_date")
_OF_ACTION = (*NUMBERS, *_FACT_COLUMNS[1:])
_ONE_DAY = ("crime_date", "birth_date")  # an action may be of several arrests, and begins with the first
_OF_ARREST = ("arrest_number", "tracking_number")
_MOST_ACTIONS = 2_000
_KEYS = {name: f"key of {name}" for name in NUMBERS if name != "defendant_id"}
_BLOCKED_BY_ROW = "belongs to a person, docket or arrest with another row that cannot be read"
_HOW_TO_FIX = Spelled(
    "fix them, or skip them: leave_out=True, or reject_file= when seals are derived from them.",
    "fix them, or skip them with --reject-file FILE, which registry derive and law review export have.",
)


@dataclass(frozen=True, eq=False)
class ChargeRows:
    r"""A file's rows, read.

    Attributes
    ----------
    rows : polars.DataFrame
        ``row`` (the line on which it begins; of Parquet, the number of the row), ``action`` (number of its action, from
        0), and the columns of an event with the days of the action that it gives; what is blank is null.
    actions : polars.DataFrame
        ``action``, its numbers and days, ``row`` (its first), ``arrest`` and ``person``: those of one arrest, or of one
        person, have the same number there; and ``further_arrests``, numbers other than ``arrest_number``. If rows of
        one action differ, in whatever order they come, the least number and the earliest arrest count, and days of
        the crime and of birth are not known.
    unread : tuple of str
        Columns of the file that we do not know.
    oddities : mapping of str to tuple of int
        What does not fit together, and in which lines.
    problems : tuple of (int, str, str)
        Line, column and reason of what is wrong with the rows that are left out.
    sheet : Sheet or None
        The file, if rows may be left out of it.
    name, form, sha256 : str
        The file's name, its format, and the digest of its bytes.
    height : int
        How many rows the file has, with those that are left out.
    law : str
        The jurisdiction by which the columns were read; empty if rows came from elsewhere.
    columns : mapping of str to str
        Of the columns that were read, our name to the file's.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "dispositions.csv"
    >>> _ = file.write_text("docket,defendant_id,disposition,event_date\n2014KN000001,7,ACQUITTED,2014-05-01\n")
    >>> read_charges(file)
    ChargeRows(1 rows, 1 actions)
    """

    rows: pl.DataFrame
    actions: pl.DataFrame
    unread: tuple[str, ...] = ()
    oddities: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    sheet: Sheet | None = None
    name: str = ""
    form: str = "csv"
    sha256: str = ""
    height: int = 0
    law: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"ChargeRows({len(self.rows)} rows, {len(self.actions)} actions)"


def read_charges(
    path: str | Path, renamed: Mapping[str, str] | None = None, *, leave_out: bool = False, law: str = "us-ny"
) -> ChargeRows:
    r"""Read a file of dispositions.

    Parameters
    ----------
    path : str or Path
        CSV, TSV, Parquet or JSON Lines, by its ending.
    renamed : mapping of str to str, optional
        The file's columns to ours; an empty name leaves a column unread.
    leave_out : bool
        Whether rows that cannot be read are left out, and with them all rows of the same person, docket or arrest:
        what the unread row says may bear on them.
    law : str, default "us-ny"
        The jurisdiction, which says what grades, codes, kinds of event, numbers and further columns there are.

    Returns
    -------
    ChargeRows

    Raises
    ------
    ColumnError
        When a required column does not exist, two have one name, or a renamed one does not exist.
    ConfigError
        When the law does not exist.
    UnreadableInput
        When the file cannot be read.
    NoticeError
        When a day, a flag or a kind of event is invalid; the error says in which lines.

    Notes
    -----
    Required are ``defendant_id``, ``disposition`` (it may be blank) and ``event_date``. Names of columns are read
    without case, and with underscores for spaces. Days are ``YYYY-MM-DD`` or ``MM/DD/YYYY``, flags ``Y`` or ``N``; what
    is blank is not known. An action is a docket and a person, or if no docket was filed an arrest and a person;
    equal numbers of a person join people, and a docket that names two arrests joins these. A docket is the same
    in every spelling.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "dispositions.csv"
    >>> _ = file.write_text("docket,defendant_id,disposition,event_date\n2014KN000001,7,ACQUITTED,2014-05-01\n")
    >>> read_charges(file)
    ChargeRows(1 rows, 1 actions)
    """
    place = jurisdiction(law)
    sheet = read_sheet(path)
    broken = [(line, "", reason) for line, (reason, _) in sorted(sheet.broken.items())]
    if not sheet.columns:
        refuse_rows(sheet, broken, "cannot be read", hint=_HOW_TO_FIX)
    rows, problems, unread, oddities = read_columns(sheet, renamed or {}, place)
    if problems and not leave_out:
        refuse_rows(sheet, problems, "cannot be read", hint=_HOW_TO_FIX)
    rows, problems = _without_problem_rows(_with_keys(rows, place), problems)
    rows = _with_actions(rows)
    actions = _actions(rows)
    _refuse_crowds(actions, sheet.path.name)
    return ChargeRows(
        rows.drop(*(name for name in _OF_ACTION if name not in _FACT_COLUMNS), *_KEYS.values()),
        actions,
        unread,
        oddities | _oddities(rows, actions),
        tuple(problems),
        sheet if leave_out else None,
        sheet.path.name,
        sheet.form,
        sheet.sha256,
        sheet.height,
        law,
        names_in_file(sheet, renamed or {}, place),
    )


def as_known(charges: ChargeRows, known_at: dt.date | None) -> ChargeRows:
    r"""The rows with a day of recording if one is needed, and of the actions what was known by then.

    What leaves its day of recording blank is recorded now.

    Parameters
    ----------
    charges : ChargeRows
    known_at : datetime.date, optional
        The last day whose records count; None, or a day that is not past: all of them do.

    Raises
    ------
    UsageError
        When nothing was known on the day, since no row says when it was recorded.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "dispositions.csv"
    >>> _ = file.write_text("docket,defendant_id,disposition,event_date\n2014KN000001,7,ACQUITTED,2014-05-01\n")
    >>> charges = read_charges(file)
    >>> as_known(charges, None) is charges
    True
    """
    today = dt.datetime.now(dt.UTC).date()
    if known_at is None or known_at >= today:
        return charges
    if charges.rows["recorded_at"].null_count() == len(charges.rows):
        raise UsageError(
            "no row was known then: none says when it was recorded",
            where="known_at",
            hint="give recorded_at, or leave known_at out.",
        )
    rows = charges.rows.with_columns(pl.col("recorded_at").fill_null(today))
    known = rows.filter(pl.col("recorded_at") <= known_at).group_by("action")
    told = known.agg(*map(_stated_value, _FACT_COLUMNS))
    actions = charges.actions.drop(_FACT_COLUMNS[1:]).join(
        told, on="action", how="left", maintain_order="left", suffix=" told"
    )
    return replace(charges, rows=rows, actions=actions.drop("indictment").rename({"indictment told": "indictment"}))


def _with_keys(rows: pl.DataFrame, place: Jurisdiction) -> pl.DataFrame:
    """What links the rows next to each number, the same in every spelling; a number that stands for none is blank."""
    rows = rows.with_columns(linking(rows[name], name, place).alias(key) for name, key in _KEYS.items())
    return rows.with_columns(pl.when(pl.col(key).is_not_null()).then(name).alias(name) for name, key in _KEYS.items())


def _without_problem_rows(rows: pl.DataFrame, problems: list[Problem]) -> tuple[pl.DataFrame, list[Problem]]:
    """The rows that have nothing to do with one that cannot be read, and why the others are left out."""
    if not problems:
        return rows, problems
    bad = pl.Series("row", sorted({line for line, _, _ in problems}), dtype=rows["row"].dtype)
    keys = [pl.format("defendant_id:{}", "defendant_id"), *map(pl.col, _KEYS.values())]
    edges = pl.concat([rows.select(node="row", key=key) for key in keys])
    labels = components(edges)
    reached = labels.filter(pl.col("node").is_in(bad.implode()))["label"].unique()
    out = labels.filter(pl.col("label").is_in(reached.implode()))["node"]
    beside = sorted(set(out) - set(bad))
    kept = rows.filter(~pl.col("row").is_in(out.implode()))
    return kept, sorted([*problems, *((line, "", _BLOCKED_BY_ROW) for line in beside)])


def _with_actions(rows: pl.DataFrame) -> pl.DataFrame:
    """Number the person and the action of each row, in the order of the file."""
    people = rows.select(node=_dense_number("defendant_id"), key=_KEYS["person_number"])
    joined = components(people)
    rows = rows.with_columns(
        person=people.select("node").join(joined, on="node", maintain_order="left", how="left")["label"]
    )
    instrument = pl.coalesce(_KEYS["docket"], _KEYS["indictment"])
    arrested = pl.coalesce(*(_KEYS[name] for name in _OF_ARREST), pl.col("arrest_date").cast(pl.String))
    key = [instrument, pl.when(instrument.is_null()).then(arrested).alias("arrested"), pl.col("person")]
    return rows.with_columns(action=pl.struct(key).rank("dense").cast(pl.UInt32) - 1).with_columns(
        action=pl.col("row").min().over("action").rank("dense").cast(pl.UInt32) - 1
    )


def _actions(rows: pl.DataFrame) -> pl.DataFrame:
    """What is said about each action, and the actions of one arrest and of one person."""
    told = map(_stated_value, _OF_ACTION)
    actions = rows.group_by("action").agg(*told, pl.col("row").min(), pl.col("person").first()).sort("action")
    links = [rows.select(node="action", key=_KEYS[name]).drop_nulls().unique() for name in _OF_ARREST]
    nodes = actions.select(node="action", key=pl.lit(None, dtype=pl.String))
    joined = components(pl.concat([nodes, *links]))
    actions = actions.with_columns(arrest=joined.sort("node")["label"])
    return actions.join(_further_arrest_numbers(rows), on="action", how="left", maintain_order="left")


def _stated_value(name: str) -> pl.Expr:
    """What the rows of an action say, in whatever order they come."""
    least = pl.col(name).min()
    return pl.when(least == pl.col(name).max()).then(least).alias(name) if name in _ONE_DAY else least


def _refuse_crowds(actions: pl.DataFrame, where: str) -> None:
    """A placeholder for people would make one of many, whose cases would bear on one another."""
    crowds = actions.group_by("person").agg(n=pl.len(), row=pl.col("row").min()).filter(pl.col("n") > _MOST_ACTIONS)
    if len(crowds):
        raise UsageError(
            f"one person has more than {_MOST_ACTIONS:,} actions, the first in line {min(crowds['row'].to_list())}",
            where=where,
            hint="check whether defendant_id or the person's number is a placeholder there; each person needs an id.",
        )


def _further_arrest_numbers(rows: pl.DataFrame) -> pl.DataFrame:
    """The numbers of further arrests that an action is next to."""
    key = _KEYS["arrest_number"]
    named = rows.select("action", "arrest_number", key).drop_nulls(key).sort("action", "arrest_number")
    named = named.unique(["action", key], maintain_order=True)
    several = named.filter(pl.len().over("action") > 1, pl.int_range(pl.len()).over("action") > 0)
    return several.group_by("action").agg(further_arrests="arrest_number")


def components(edges: pl.DataFrame) -> pl.DataFrame:
    """The least node that each ``node`` is joined to, over equal values of ``key``; a null joins nothing.

    Parameters
    ----------
    edges : polars.DataFrame
        ``node`` (whole numbers) and ``key``.

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


def _dense_number(name: str) -> pl.Expr:
    return (pl.col(name).fill_null("").rank("dense") - 1).cast(pl.UInt32)


def linking(numbers: pl.Series, name: str, place: Jurisdiction) -> pl.Series:
    """What two rows of one arrest or person have in common; what means no number joins nothing."""
    if numbers.null_count() == len(numbers):
        return pl.Series(numbers.name, [None], dtype=pl.String).new_from_index(0, len(numbers))
    distinct = numbers.alias("raw").unique().to_frame()
    read = canonicalise(distinct["raw"], place.schemes.get(name, f"opaque:{place.name}"))
    given = pl.Series(read.status != Status.NULL)
    read_as = distinct.with_columns(read.values.alias("value"), given.alias("given")).select(
        "raw", key=pl.when("given").then(pl.lit(f"{name}:") + pl.coalesce("value", "raw"))
    )
    return (
        numbers.alias("raw")
        .to_frame()
        .join(read_as, on="raw", how="left", nulls_equal=True, maintain_order="left")["key"]
    )


def _oddities(rows: pl.DataFrame, actions: pl.DataFrame) -> dict[str, tuple[int, ...]]:
    several = rows.join(actions.drop_nulls("further_arrests"), on="action", how="semi")
    before = rows.filter((pl.col("event") == "disposition") & (pl.col("event_date") < pl.col("arrest_date")))
    nameless = rows.filter(pl.all_horizontal(pl.col("docket", *_OF_ARREST).is_null()))
    days = (pl.col(name).min().over("action") != pl.col(name).max().over("action") for name in _ONE_DAY)
    found = {
        "rows of one action differ in the day of the crime or of birth, which counts as not known": rows.filter(
            pl.any_horizontal(days)
        ),
        "a docket is next to two arrests, which count as one": several,
        "a disposition is earlier than the arrest": before,
        "neither docket nor arrest is named": nameless,
        "a disposition names another day than its row, whose own day counts": _of_another_day(rows),
    }
    return {what: tuple(odd["row"].to_list()) for what, odd in found.items() if len(odd)}


def _of_another_day(rows: pl.DataFrame) -> pl.DataFrame:
    dated = rows.filter((pl.col("event") == "disposition") & pl.col("disposition").str.contains("[0-9][/-][0-9]"))
    said = dated.select("disposition", "event_date").iter_rows()
    return dated.filter(pl.Series([names_another_day(text, day) for text, day in said], dtype=pl.Boolean))
