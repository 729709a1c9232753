"""Seals and a source's rows that share names and dates, with errors on both sides, and the truth next to them.

As dense as a large city: several hundred arrests a day, so just a name and a date often fit somebody else.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from sealscrub.boundary.array_types import Floats
from sealscrub.errors import UsageError

from .calendar import as_dates
from .draws import Draws, Integers
from .invented_names import alias_of, first_names, last_names
from .name_noise import noisy_records
from .numbers import nysids, serial_ids
from .police_charges import DESCRIPTIONS, OFFENCE_WEIGHTS

__all__ = ["NamedArrests", "make_named_arrests"]

_MOST_ROWS = 5_000_000
_AGAIN = 0.4
"""How many more arrests there are than people."""
_SOON = 0.004
"""Share of later arrests that follow within two days."""
_ALIASES = 0.22


@dataclass(frozen=True, repr=False)
class NamedArrests:
    """Records to link.

    Attributes
    ----------
    seals : polars.DataFrame
        ``id`` and names, dates, charge, sex and NYSID; another row of the same id for another name.
    rows : polars.DataFrame
        A row for each arrest, with its own ``id``, in the same columns.
    truth : polars.DataFrame
        ``seal`` and ``row`` of the same arrest.
    people : polars.DataFrame
        ``row`` and ``person``.

    Examples
    --------
    >>> make_named_arrests(200).truth.columns
    ['seal', 'row']
    """

    seals: pl.DataFrame
    rows: pl.DataFrame
    truth: pl.DataFrame
    people: pl.DataFrame

    def __repr__(self) -> str:
        return f"NamedArrests({self.rows.height} rows, {self.truth.height} seals)"


def make_named_arrests(
    arrests: int = 10_000,
    *,
    seed: int = 0,
    noise: float = 5.0,
    per_day: int = 342,
    sealed_share: float = 0.2,
    nysid: bool = False,
) -> NamedArrests:
    """Make a source's file of arrests, and the seals of some of them.

    Parameters
    ----------
    arrests : int
        How many rows, 1 to 5,000,000.
    seed : int
        Equal seeds give equal records.
    noise : float
        Level of errors in the rows, as :func:`noisy_records` counts; seals have those of level one.
    per_day : int
        First arrests a day.
    sealed_share : float
        Share of the arrests that are sealed.
    nysid : bool
        Whether the rows have a NYSID.

    Returns
    -------
    NamedArrests

    Raises
    ------
    UsageError
        When the number of arrests is not positive, or is too large.

    Examples
    --------
    >>> made = make_named_arrests(1_000, seed=0)
    >>> made
    NamedArrests(1000 rows, 202 seals)
    >>> made.rows.columns  # doctest: +NORMALIZE_WHITESPACE
    ['id', 'last_name', 'first_name', 'middle_name', 'birth_date', 'arrest_date', 'charge', 'sex']
    """
    if not 1 <= arrests <= _MOST_ROWS:
        raise UsageError(f"there are 1 to {_MOST_ROWS:,} arrests", where="arrests")
    draws, number = Draws(seed), np.arange(arrests)
    firsts = max(1, round(arrests / (1 + _AGAIN)))
    person = np.where(number < firsts, number, draws.below("named/again", number, firsts))
    frame = _true_records(draws, person, _days(draws, number, person, firsts, per_day)).with_columns(
        serial_ids("R", draws.below("named/offset", np.zeros(1, np.int64), 10_000_000) + number, 8).alias("id")
    )
    sealed = np.flatnonzero(draws.uniform("named/sealed", number) < sealed_share)
    seals = frame[sealed].with_columns(serial_ids("S", sealed, 8).alias("id"))
    truth = pl.DataFrame({"seal": seals["id"], "row": frame["id"].gather(sealed)})
    rows = noisy_records(frame if nysid else frame.drop("nysid"), level=noise, seed=seed + 1)
    return NamedArrests(
        _with_aliases(draws, noisy_records(seals, level=min(noise, 1.0), seed=seed + 2), person[sealed]),
        rows.select("id", pl.exclude("id")),
        truth,
        pl.DataFrame({"row": frame["id"], "person": person}),
    )


def _days(draws: Draws, number: Integers, person: Integers, firsts: int, per_day: int) -> Integers:
    """First arrests day by day; later ones over ten years, a few of them at once."""
    soon = draws.uniform("named/soon", number) < _SOON
    again = np.where(
        soon, person // per_day + draws.below("named/after", number, 3), draws.below("named/day", number, 3650)
    )
    return np.where(number < firsts, person // per_day % 3650, again)


def _true_records(draws: Draws, person: Integers, day: Integers) -> pl.DataFrame:
    number = np.arange(len(person))
    born = -draws.below("named/born", person, 50 * 365) - 18 * 365
    initial = pl.Series([chr(65 + at) for at in range(26)]).gather(draws.below("named/middle", person, 26))
    has_initial = pl.Series(draws.uniform("named/has_middle", person) < 0.6)
    return pl.DataFrame(
        {
            "last_name": last_names(draws, _frequent(draws.uniform("named/last", person), 4_000)),
            "first_name": first_names(draws, _frequent(draws.uniform("named/first", person), 1_200)),
            "middle_name": initial.zip_with(has_initial, pl.repeat(None, len(person), dtype=pl.String, eager=True)),
            "birth_date": as_dates(born).dt.strftime("%Y-%m-%d"),
            "arrest_date": as_dates(day).dt.strftime("%Y-%m-%d"),
            "charge": DESCRIPTIONS.gather(draws.pick("named/charge", number, OFFENCE_WEIGHTS)),
            "sex": pl.Series(["M", "F"]).gather(draws.pick("named/sex", person, [78, 22])),
            "nysid": nysids(person),
        }
    )


def _frequent(luck: Floats, many: int) -> Integers:
    """Numbers of which the low ones are more frequent, as some names are."""
    return (luck * luck * many).astype(np.int64)


def _with_aliases(draws: Draws, seals: pl.DataFrame, person: Integers) -> pl.DataFrame:
    has = np.flatnonzero(draws.uniform("named/alias", person) < _ALIASES)
    alias = alias_of(draws, person[has], 0)
    others = seals[has].with_columns(alias["last_name"], alias["first_name"])
    return pl.concat([seals, others]).select("id", pl.exclude("id"))
