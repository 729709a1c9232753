"""Pairs of which it is known whether they are the same, shown to a clerk unmarked, to measure the clerk."""

from __future__ import annotations

import datetime as dt
import random
import string
from dataclasses import dataclass

import polars as pl

from sealscrub.errors import ColumnError, UsageError
from sealscrub.identifiers.linkage_fields import FIELDS

from .best_matches import best_rows
from .link_model import LinkModel

__all__ = ["KnownPairs", "known_pairs"]

_ANOTHER_ARREST = (40, 900)
"""By how many days the arrest date of another arrest of the same person is later."""


_LOOKED_AT = 10_000
"""How many ids say what ids look like."""


@dataclass(frozen=True, repr=False)
class KnownPairs:
    """Invented rows next to seals.

    Attributes
    ----------
    pairs : polars.DataFrame
        ``seal``, ``row``, ``weight``, and ``known``, which is ``same`` or ``not``.
    rows : polars.DataFrame
        ``id`` and the fields of each invented row.

    Examples
    --------
    >>> pairs = pl.DataFrame({"seal": ["s1"], "row": ["r1"], "weight": [9.5], "known": ["same"]})
    >>> KnownPairs(pairs, rows=pl.DataFrame({"id": ["r1"]}))
    KnownPairs(1 pairs)
    """

    pairs: pl.DataFrame
    rows: pl.DataFrame

    def __repr__(self) -> str:
        return f"KnownPairs({self.pairs.height} pairs)"


def known_pairs(
    seals: pl.DataFrame,
    copies: pl.DataFrame,
    rows: pl.DataFrame,
    model: LinkModel,
    *,
    seed: int,
    wrong_alone: bool = False,
) -> KnownPairs:
    """Invent rows that are the arrest of a seal, and rows that nearly are.

    Every second copy stays a copy. The others become what a clerk has to keep apart: a relative who was arrested on
    that day, or another arrest of the same person.

    Parameters
    ----------
    seals : polars.DataFrame
        ``id`` and the fields of :data:`FIELDS`, as text.
    copies : polars.DataFrame
        Damaged copies of seals' records; ``id`` is the seal's, and appears once.
    rows : polars.DataFrame
        Of the source, to whose ids and columns the invented rows are made alike.
    model : LinkModel
        It weighs the pairs, as it weighs others.
    seed : int
    wrong_alone : bool
        Whether no copy stays one.

    Returns
    -------
    KnownPairs

    Raises
    ------
    ColumnError
        When a frame has no ``id``, or `copies` has no ``first_name`` or ``arrest_date``.
    UsageError
        When there are fewer than two copies, or no rows.

    Examples
    --------
    >>> from sealscrub.custodian.linkage import starting_model
    >>> from sealscrub.datasets import make_named_arrests, noisy_records
    >>> city = make_named_arrests(2_000, seed=1)
    >>> copies = noisy_records(city.seals.unique("id", keep="first", maintain_order=True)[:6], level=2, seed=3)
    >>> known_pairs(city.seals, copies, city.rows, starting_model(), seed=5).pairs["known"].to_list()
    ['same', 'not', 'same', 'not', 'same', 'not']
    """
    for side, frame, needed in (
        ("seals", seals, ()),
        ("copies", copies, ("first_name", "arrest_date")),
        ("rows", rows, ()),
    ):
        ColumnError.require(("id", *needed), frame.columns, where=side)
    if copies.height < 2 or rows.is_empty():
        raise UsageError(
            "known pairs need at least two seals and the rows of a source",
            hint="register notices with last_name, first_name and arrest_date.",
        )
    drawn = random.Random(seed)  # noqa: S311 - to be repeated, not secret
    changed = pl.int_range(pl.len()) % 2 == 1 if not wrong_alone else pl.lit(value=True)
    made = copies.with_columns(known=pl.when(changed).then(pl.lit("not")).otherwise(pl.lit("same")))
    records = [
        _otherwise(record, made.row((at + 1) % made.height, named=True), drawn) if record["known"] == "not" else record
        for at, record in enumerate(made.iter_rows(named=True))
    ]
    ids = _invented_ids(rows["id"], len(records), drawn)
    held = [name for name in FIELDS if name in rows.columns and rows[name].null_count() < rows.height]
    invented = pl.DataFrame(records, schema=made.schema).select(
        pl.Series("id", ids, dtype=pl.String), *(name for name in FIELDS if name in held and name in made.columns)
    )
    pairs = pl.DataFrame({"seal": made["id"], "row": ids, "known": made["known"]})
    of_seals = seals.filter(pl.col("id").is_in(made["id"].implode()))
    weights = best_rows(of_seals, invented, model, n=len(ids)).drop("rank")
    return KnownPairs(
        pairs.join(weights, on=["seal", "row"], how="left", maintain_order="left").select(
            "seal", "row", "weight", "known"
        ),
        _as_written(invented, rows),
    )


def _otherwise(
    record: dict[str, str | None], other: dict[str, str | None], drawn: random.Random
) -> dict[str, str | None]:
    """Another person of the same family name on that day, or another day of the same person."""
    try:
        day = dt.date.fromisoformat(record["arrest_date"] or "")
    except ValueError:
        day = None
    if day is None or drawn.random() < 0.5:
        given = [name for name in ("first_name", "middle_name", "birth_date", "nysid") if name in record]
        return record | {name: other[name] for name in given}
    return record | {"arrest_date": (day + dt.timedelta(days=drawn.randint(*_ANOTHER_ARREST))).isoformat()}


def _invented_ids(ids: pl.Series, size: int, drawn: random.Random) -> list[str]:
    """Ids that look like those of a source, and are not among them."""
    taken, made = set(ids.to_list()), list[str]()
    some = ids.gather([drawn.randrange(len(ids)) for _ in range(size)]).to_list()
    seen = ids.unique().sort().head(_LOOKED_AT).to_list()
    for like in some:
        letters = _letters(like, seen)
        varied = [at for at, letter in enumerate(like) if letter.isdigit()]
        name, tries = like, 0
        while name in taken:
            name = "".join(drawn.choice(choice) for choice in letters)
            tries += 1
            if tries % 20 == 0 and varied:
                letters[varied.pop()] = string.digits
            elif tries % 20 == 0:
                letters.append(string.digits)
        taken.add(name)
        made.append(name)
    return made


def _letters(like: str, ids: list[str]) -> list[str]:
    """By place, the letters that ids of the same length have there, where the same signs are between them."""
    signs = [letter if not letter.isalnum() else "" for letter in like]
    alike = [
        each
        for each in ids
        if len(each) == len(like) and all(sign in ("", letter) for sign, letter in zip(signs, each, strict=True))
    ]
    return ["".join(sorted(set(letters))) for letters in zip(*{like, *alike}, strict=True)]


def _as_written(invented: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Names in capitals or not, as most of the source's are."""
    for name in ("last_name", "first_name", "middle_name", "charge"):
        if name in invented.columns and name in rows.columns:
            told = rows[name].drop_nulls()
            if (told != told.str.to_uppercase()).sum() > len(told) / 2:
                invented = invented.with_columns(pl.col(name).str.to_titlecase())
    return invented
