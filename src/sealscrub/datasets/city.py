"""A city in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from .assembly import TABLES, Part, parts
from .city_truth import Truth
from .dispositions import charge_events
from .mess import Mess

__all__ = ["City", "make_city"]


@dataclass(frozen=True, repr=False)
class City:
    """The tables that a police department, its courts and its vendor have, and what is true.

    Attributes
    ----------
    tables : mapping of str to polars.DataFrame
        See the example. ``arrest_id`` is the police's own serial; ``training`` is what
        :func:`derive_features` makes of ``arrests``.
    truth : Truth
        What no one in the city knows in one place.

    Examples
    --------
    >>> city = make_city(arrests=1_000, seed=0)
    >>> for name, table in city.tables.items():  # doctest: +NORMALIZE_WHITESPACE
    ...     print(f"{name}: {', '.join(table.columns)}")
    people: nysid, last_name, first_name, birth_date, sex
    aliases: nysid, last_name, first_name
    arrests: arrest_id, arrest_number, nysid, cjtn, arrest_date, hour, precinct, borough, charge,
        law_code, law_category, age, sex, x_coord, y_coord, latitude, longitude, complaint_number,
        photo_id
    charges: arrest_number, charge_no, law_code, charge, law_category
    complaints: complaint_number, occurred_on, hour, precinct, borough, offense, law_category,
        arrests, cleared, latitude, longitude
    stops: stop_id, stop_date, precinct, borough, frisked, arrested, arrest_number
    vouchers: voucher, arrest_number, item, vouchered_on
    photos: photo_id, arrest_number, nysid, taken_on, path
    co_arrests: complaint_number, arrest_number_a, arrest_number_b, nysid_a, nysid_b
    dockets: docket, arrest_number, nysid, cjtn, county, arrest_date, law_code, law_category,
        disposition, disposition_date
    narratives: narrative_id, complaint_number, written_on, text
    notices: seal_id, event, regime, effective_from, notified_on, basis, arrest_number, nysid, cjtn,
        docket, photo, voucher, last_name, first_name, aliases, birth_date, arrest_date, charge
    training: arrest_no, arrest_date, precinct, borough, offense, law_category, age, sex, latitude,
        longitude, priors_count, days_since_last, precinct_rate, co_arrests, rearrested_within_1y
    """

    tables: Mapping[str, pl.DataFrame]
    truth: Truth

    def dispositions(self) -> pl.DataFrame:
        """What the courts say about every docket, in the columns that ``sealscrub registry derive`` reads.

        Nothing was of a family, all prints were sent, and what was declined is certified; what was possessed is not
        said. Numbers are as messy as the city's files, but for the court's own number of the defendant.

        Returns
        -------
        polars.DataFrame
            One row per charge event.

        Examples
        --------
        >>> made = make_city(arrests=1_000, seed=0).dispositions()
        >>> made.columns[:7]
        ['docket', 'arrest_number', 'nysid', 'cjtn', 'arrest_date', 'law_code', 'disposition']
        >>> made["event"].unique().sort().to_list()
        ['disposition', 'sentence']
        """
        return charge_events(self.tables["dockets"], self.truth)

    def __repr__(self) -> str:
        return f"City({self.truth.arrests.height} arrests, {len(self.tables)} tables)"


def make_city(
    arrests: int = 10_000,
    *,
    seed: int = 0,
    mess: float | Mess = 0.02,
    sealed_share: float = 0.45,
    names_noise: float = 0.0,
) -> City:
    """Make a city of ten years, 2014 to 2023, as its records are at the end of 2024.

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
    names_noise : float
        Level of errors in the names and birth dates of ``people``, as :func:`noisy_records` counts: 0 for none. With
        any, birth dates are text.

    Returns
    -------
    City

    Raises
    ------
    UsageError
        When there are no arrests, too many, a share is outside of 0 to 1, or the noise outside of 0 to 10.

    Examples
    --------
    >>> city = make_city(arrests=1_000, seed=0, mess=0)
    >>> city
    City(1000 arrests, 13 tables)
    >>> city.tables["arrests"]["arrest_number"].str.contains("^[MBKQS][0-9]{8}$").all()
    True
    """
    made = [part for _, part in parts(arrests, seed, mess, sealed_share, names_noise)]
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
