"""A city in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from .assembly import TABLES, Part, parts
from .mess import Mess
from .truth import Truth

__all__ = ["City", "make_city"]


@dataclass(frozen=True, repr=False)
class City:
    """The tables that a police department, its courts and its vendor have, and what is true.

    Attributes
    ----------
    tables : mapping of str to polars.DataFrame
        ``people``, ``aliases``, ``arrests``, ``charges``, ``complaints``, ``stops``, ``vouchers``,
        ``photos``, ``co_arrests``, ``dockets``, ``narratives``, ``notices``, ``training``.
    truth : Truth
        What nobody in the city knows in one place.
    """

    tables: Mapping[str, pl.DataFrame]
    truth: Truth

    def __repr__(self) -> str:
        return f"City({self.truth.arrests.height} arrests, {len(self.tables)} tables)"


def make_city(arrests: int = 10_000, *, seed: int = 0, mess: float | Mess = 0.02, sealed_share: float = 0.45) -> City:
    """Make a city of ten years, 2014 to 2023, as its records stand at the end of 2024.

    Parameters
    ----------
    arrests : int
        How many arrests, 1 to 20,000,000; :func:`write_city` is for more than memory holds.
    seed : int
        Equal seeds give equal cities, on any machine.
    mess : float or Mess
        How messy its files are; 0 for clean ones.
    sealed_share : float
        Share of arrests that are sealed under CPL 160.50 or 160.55. A few more are sealed under 160.57 (old
        convictions) and 720.35 (youthful offenders).

    Returns
    -------
    City

    Raises
    ------
    UsageError
        When there are no arrests, too many, or a share lies outside of 0 to 1.

    Examples
    --------
    >>> city = make_city(arrests=1_000, seed=0, mess=0)
    >>> city
    City(1000 arrests, 13 tables)
    >>> city.tables["arrests"]["arrest_number"].str.contains("^[MBKQS][0-9]{8}$").all()
    True
    """
    made = [part for _, part in parts(arrests, seed, mess, sealed_share)]
    whole = {name: pl.concat([part[name] for part in made]) for name in made[0]}
    return City({name: whole[name] for name in TABLES}, truth_of(whole))


def truth_of(whole: Part) -> Truth:
    """Put the truth's frames together."""
    mark = "truth/rows/"
    return Truth(
        arrests=whole["truth/arrests"],
        dockets=whole["truth/dockets"],
        rows={name.removeprefix(mark): frame for name, frame in whole.items() if name.startswith(mark)},
        mentions=whole["truth/mentions"],
        spellings=whole["truth/spellings"],
    )
