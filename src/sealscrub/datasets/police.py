"""The police's tables of one block, before any mess."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from .block import Block
from .calendar import DAYS, as_dates, years
from .census import Census
from .city_places import BOROUGH_LETTERS, BOROUGH_OF_PRECINCT, PRECINCT_WEIGHTS, PRECINCTS, coordinates
from .draws import Draws, Integers
from .invented_names import alias_of, first_names, last_names
from .numbers import arrest_numbers, cjtns, complaint_numbers, nysids, photo_ids, voucher_numbers
from .police_charges import CATEGORIES, DESCRIPTIONS, LAW_CODES, OFFENCE_WEIGHTS

__all__ = ["Papers", "file_papers", "police_tables"]

# A table, and for each of its rows the positions of the arrests that it is about (one column, or two for
# pairs).
Owned = tuple[pl.DataFrame, Integers]

_NO_EVENTS = np.zeros(0, np.int64)


@dataclass(frozen=True)
class Papers:
    """The identifiers of a block: one item an arrest, but for the complaints, one an event."""

    arrest_number: pl.Series
    nysid: pl.Series
    cjtn: pl.Series
    photo: pl.Series  # null if no photo was taken
    voucher: pl.Series  # the arrest's first voucher; null if nothing was vouchered
    vouchers: Integers  # how many
    complaint: pl.Series
    last_name: pl.Series
    first_name: pl.Series


def file_papers(block: Block, census: Census) -> Papers:
    """Give everything in a block its number; blocks must come in order."""
    draws, arrest = block.draws, block.arrest
    serials = census.arrests.next(block.borough, block.day)
    reports = census.complaints.next(block.event_precinct, block.event_day)
    photographed = pl.Series(draws.uniform("arrest/photo", arrest) < 0.92)
    vouchers = draws.pick("arrest/vouchers", arrest, [60, 32, 8])
    return Papers(
        arrest_number=arrest_numbers(block.borough, years(block.day), serials).alias("arrest_number"),
        nysid=nysids(block.person).alias("nysid"),
        cjtn=cjtns(arrest).alias("cjtn"),
        photo=_only_wanted(photo_ids(arrest), photographed).alias("photo_id"),
        voucher=_only_wanted(voucher_numbers(2 * arrest), pl.Series(vouchers > 0)).alias("voucher"),
        vouchers=vouchers,
        complaint=complaint_numbers(years(block.event_day), PRECINCTS[block.event_precinct], reports),
        last_name=last_names(draws, block.person),
        first_name=first_names(draws, block.person),
    )


def police_tables(block: Block, papers: Papers) -> dict[str, Owned]:
    """Every table that the police keep, with the arrests that each row is about."""
    return {
        "people": _people(block, papers),
        "aliases": _aliases(block, papers),
        "arrests": (_arrests(block, papers), np.arange(len(block.arrest))),
        "charges": _charges(block, papers),
        "complaints": _complaints(block, papers),
        "stops": _stops(block, papers),
        "vouchers": _vouchers(block, papers),
        "photos": _photos(block, papers),
        "co_arrests": _co_arrests(block, papers),
    }


def _people(block: Block, papers: Papers) -> Owned:
    _, at = np.unique(block.person, return_index=True)
    frame = pl.DataFrame(
        [
            papers.nysid.gather(at),
            papers.last_name.gather(at),
            papers.first_name.gather(at),
            as_dates(block.born[at]).alias("birth_date"),
            _sex(block.draws, block.person[at]),
        ]
    )
    return frame, _NO_EVENTS


def _aliases(block: Block, papers: Papers) -> Owned:
    person, at = np.unique(block.person, return_index=True)
    parts = []
    for turn, share in enumerate((0.22, 0.05)):
        some = np.flatnonzero(block.draws.uniform("person/aliases", person) < share)
        names = alias_of(block.draws, person[some], turn)
        parts.append(names.select(papers.nysid.gather(at[some]), "last_name", "first_name"))
    return pl.concat(parts), _NO_EVENTS


def _arrests(block: Block, papers: Papers) -> pl.DataFrame:
    at = block.of_event
    minute = block.event_minute[at]
    where = coordinates(block.draws, block.event, block.event_precinct)[at]
    return pl.DataFrame(
        [
            pl.Series("arrest_id", block.arrest),
            papers.arrest_number,
            papers.nysid,
            papers.cjtn,
            as_dates(block.day).alias("arrest_date"),
            pl.Series("hour", (minute // 60).astype(np.int8)),
            pl.Series("precinct", PRECINCTS[block.precinct].astype(np.int16)),
            _letters(block.borough),
            DESCRIPTIONS.gather(block.offence),
            LAW_CODES.gather(block.offence),
            CATEGORIES.gather(block.offence),
            pl.Series("age", ((block.day - block.born) * 4 // 1461).astype(np.int16)),
            _sex(block.draws, block.person),
            *where.get_columns(),
            papers.complaint.gather(at).alias("complaint_number"),
            papers.photo,
        ]
    )


def _charges(block: Block, papers: Papers) -> Owned:
    count = 1 + block.draws.pick("arrest/charges", block.arrest, [55, 28, 12, 5])
    of = np.repeat(np.arange(len(count)), count)
    place = np.arange(len(of)) - np.repeat(np.cumsum(count) - count, count)
    other = block.draws.pick("charge/offence", block.arrest[of] * 4 + place, OFFENCE_WEIGHTS)
    offence = np.where(place == 0, block.offence[of], other)
    frame = pl.DataFrame(
        [
            papers.arrest_number.gather(of),
            pl.Series("charge_no", (place + 1).astype(np.int8)),
            LAW_CODES.gather(offence),
            DESCRIPTIONS.gather(offence),
            CATEGORIES.gather(offence),
        ]
    )
    return frame, of


def _complaints(block: Block, papers: Papers) -> Owned:
    where = coordinates(block.draws, block.event, block.event_precinct)
    frame = pl.DataFrame(
        [
            papers.complaint.alias("complaint_number"),
            as_dates(block.event_day).alias("occurred_on"),
            pl.Series("hour", (block.event_minute // 60).astype(np.int8)),
            pl.Series("precinct", PRECINCTS[block.event_precinct].astype(np.int16)),
            _letters(BOROUGH_OF_PRECINCT[block.event_precinct]),
            DESCRIPTIONS.gather(block.event_offence).alias("offense"),
            CATEGORIES.gather(block.event_offence),
            pl.Series("arrests", block.event_size.astype(np.int16)),
            pl.Series("cleared", block.event_size > 0),
            *where.select("latitude", "longitude").get_columns(),
        ]
    )
    return frame, _NO_EVENTS


def _stops(block: Block, papers: Papers) -> Owned:
    draws = block.draws
    stop = block.arrest[0] + np.arange(max(1, len(block.arrest) // 2))
    arrested = draws.uniform("stop/arrested", stop) < 0.18
    of = draws.below("stop/arrest", stop, len(block.arrest))
    day = np.where(arrested, block.day[of], draws.below("stop/day", stop, DAYS))
    precinct = np.where(arrested, block.precinct[of], draws.pick("stop/precinct", stop, PRECINCT_WEIGHTS))
    frisked = arrested | (draws.uniform("stop/frisked", stop) < 0.5)
    frame = pl.DataFrame(
        [
            pl.Series("stop_id", stop),
            as_dates(day).alias("stop_date"),
            pl.Series("precinct", PRECINCTS[precinct].astype(np.int16)),
            _letters(BOROUGH_OF_PRECINCT[precinct]),
            pl.Series("frisked", np.where(frisked, "Y", "N")),
            pl.Series("arrested", np.where(arrested, "Y", "N")),
            _only_wanted(papers.arrest_number.gather(of), pl.Series(arrested)),
        ]
    )
    order = np.lexsort((stop, day))
    return frame[order], np.where(arrested, of, -1)[order]


_ITEMS = pl.Series(
    "item",
    ["CELL PHONE", "US CURRENCY", "ALLEGED CONTROLLED SUBSTANCE", "KNIFE", "CLOTHING", "TOOLS", "JEWELRY"],
)


def _vouchers(block: Block, papers: Papers) -> Owned:
    of = np.repeat(np.arange(len(block.arrest)), papers.vouchers)
    second = np.concatenate([[False], of[1:] == of[:-1]])[: len(of)]
    number = 2 * block.arrest[of] + second
    frame = pl.DataFrame(
        [
            voucher_numbers(number).alias("voucher"),
            papers.arrest_number.gather(of),
            _ITEMS.gather(block.draws.below("voucher/item", number, len(_ITEMS))),
            as_dates(block.day[of]).alias("vouchered_on"),
        ]
    )
    return frame, of


def _photos(block: Block, papers: Papers) -> Owned:
    of = np.flatnonzero(papers.photo.is_not_null().to_numpy())
    frame = pl.DataFrame(
        [
            papers.photo.gather(of),
            papers.arrest_number.gather(of),
            papers.nysid.gather(of),
            as_dates(block.day[of]).alias("taken_on"),
        ]
    )
    path = pl.format("photos/{}/{}.jpg", pl.col("taken_on").dt.year(), "photo_id").alias("path")
    return frame.with_columns(path), of


def _co_arrests(block: Block, papers: Papers) -> Owned:
    event, size = block.of_event, int(block.event_size.max(initial=0))
    pairs = []
    for apart in range(1, size):
        first = np.flatnonzero(event[:-apart] == event[apart:])
        pairs.append(np.stack([first, first + apart], axis=1))
    both = np.concatenate([np.zeros((0, 2), np.int64), *pairs])
    both = both[np.lexsort((both[:, 1], both[:, 0]))]
    frame = pl.DataFrame(
        [
            papers.complaint.gather(event[both[:, 0]]).alias("complaint_number"),
            papers.arrest_number.gather(both[:, 0]).alias("arrest_number_a"),
            papers.arrest_number.gather(both[:, 1]).alias("arrest_number_b"),
            papers.nysid.gather(both[:, 0]).alias("nysid_a"),
            papers.nysid.gather(both[:, 1]).alias("nysid_b"),
        ]
    )
    return frame, both


def _sex(draws: Draws, people: Integers) -> pl.Series:
    return pl.Series("sex", np.where(draws.uniform("person/sex", people) < 0.8, "M", "F"))


def _letters(boroughs: Integers) -> pl.Series:
    return pl.Series("borough", BOROUGH_LETTERS[boroughs], dtype=pl.String)


def _only_wanted(values: pl.Series, wanted: pl.Series) -> pl.Series:
    return values.zip_with(wanted, pl.repeat(None, len(values), dtype=values.dtype, eager=True))
