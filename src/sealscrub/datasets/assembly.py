"""A block's tables and truth, put together; block after block, the whole city."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.errors import UsageError

from .block import Block, block_sizes, lay_out
from .calendar import as_dates
from .case_outcomes import Kind, kind_shares
from .census import Census, take_census
from .city_notices import notices
from .courts import CLEAR, NO_DAY, REGIMES, STATUSES, Court, court_file, hold_court
from .draws import Draws, Integers
from .features import compute
from .mess import Mess, soil
from .name_noise import MOST_NOISE, noisy_records
from .narratives import narratives
from .numbers import MOST_ARRESTS
from .police import Papers, file_papers, police_tables

__all__ = ["TABLES", "Part", "parts"]

#: The city's tables, in the order in which they are made.
TABLES = [
    "people",
    "aliases",
    "arrests",
    "charges",
    "complaints",
    "stops",
    "vouchers",
    "photos",
    "co_arrests",
    "dockets",
    "narratives",
    "notices",
    "training",
]

#: Frames by name: the tables, and the truth's, whose names begin with ``truth/``.
Part = dict[str, pl.DataFrame]

_TWICE = {"arrests", "charges", "dockets", "stops", "notices"}
_KINDS = pl.Series("kind", [kind.name.lower() for kind in Kind])


def parts(
    arrests: int, seed: int, mess: float | Mess, sealed_share: float, names_noise: float = 0.0
) -> Iterator[tuple[int, Part]]:
    """Make a city block by block.

    Yields
    ------
    (int, Part)
        How many arrests there are so far, and the block's frames. Rows in the truth's frames are counted from
        the city's first row.

    Raises
    ------
    UsageError
        When there are no arrests, too many, a share is outside of 0 to 1, or the noise outside of 0 to 10.
    """
    if not 1 <= arrests <= MOST_ARRESTS:
        raise UsageError(f"a city has 1 to {MOST_ARRESTS:,} arrests", where="arrests")
    if not 0 <= sealed_share <= 1:
        raise UsageError("a share must be between 0 and 1", where="sealed_share")
    if not 0 <= names_noise <= MOST_NOISE:
        raise UsageError(f"a level of noise must be between 0 and {MOST_NOISE}", where="names_noise")
    level = mess if isinstance(mess, Mess) else Mess.level(mess)
    return _parts(arrests, seed, level, sealed_share, names_noise)


def _parts(arrests: int, seed: int, mess: Mess, sealed_share: float, names_noise: float) -> Iterator[tuple[int, Part]]:
    draws, shares, sizes = Draws(seed), kind_shares(sealed_share), block_sizes(arrests)
    census = take_census(lay_out(draws, number, size, shares) for number, size in enumerate(sizes))
    rows: Counter[str] = Counter()
    done = 0
    for number, size in enumerate(sizes):
        part = _part(lay_out(draws, number, size, shares), census, mess, rows)
        if names_noise:
            part["people"] = _misheard(part["people"], names_noise, seed + number)
        rows.update({table: part[table].height for table in TABLES})
        done += size
        yield done, part


def _part(block: Block, census: Census, mess: Mess, rows: Counter[str]) -> Part:
    papers = file_papers(block, census)
    filed = np.repeat(np.arange(len(block.arrest)), block.filed)
    court = hold_court(block, census.dockets.next(block.borough[filed], block.day[filed]))
    clean = police_tables(block, papers)
    clean["dockets"] = (
        court_file(block, court, papers.arrest_number, papers.nysid, papers.cjtn),
        court.of_arrest,
    )
    told, about, mentions = narratives(block, papers)
    clean["narratives"] = told, about
    clean["notices"] = notices(block, court, papers)

    part: Part = {}
    spellings: list[pl.DataFrame] = []
    for table, (frame, of) in clean.items():
        numbers = block.arrest[0] * 16 + np.arange(frame.height)
        soiled, cells, source = soil(block.draws, table, frame, numbers, _mess_of(table, mess))
        part[table] = soiled
        spellings.append(_offset_rows(cells, rows[table]).select(pl.lit(table).alias("table"), pl.all()))
        if len(of) or frame.height == 0:
            part[f"truth/rows/{table}"] = _owners(block, court, table, of)[source]
    once = part["arrests"].unique("arrest_id", keep="first", maintain_order=True)
    part["training"] = compute(once, census.daily.last_year(block.precinct, block.day))
    part["truth/rows/training"] = once.select("arrest_id")
    part["truth/arrests"] = _true_arrests(block, court, papers)
    part["truth/dockets"] = _true_dockets(block, court)
    part["truth/mentions"] = _offset_rows(mentions, rows["narratives"]).select(
        "row", pl.Series("arrest_id", block.arrest).gather(mentions["of"])
    )
    part["truth/spellings"] = pl.concat(spellings)
    for table in ("people", "aliases", "complaints"):
        part.pop(f"truth/rows/{table}", None)
    return part


def _misheard(people: pl.DataFrame, level: float, seed: int) -> pl.DataFrame:
    """Errors of those who wrote down whom they had before them; birth dates become text, since not all are days."""
    told = people.select("last_name", "first_name", pl.col("birth_date").cast(pl.String))
    return people.with_columns(noisy_records(told, level=level, seed=seed))


def _mess_of(table: str, mess: Mess) -> Mess:
    """A notice names whom it is about in a way that can be read; only some tables have rows twice."""
    if table == "notices":
        mess = replace(mess, sentinel=0.0, typo=0.0)
    return mess if table in _TWICE else replace(mess, duplicate=0.0)


def _offset_rows(frame: pl.DataFrame, before: int) -> pl.DataFrame:
    return frame.with_columns((pl.col("row") + before).cast(pl.Int64))


def _owners(block: Block, court: Court, table: str, of: Integers) -> pl.DataFrame:
    if of.ndim == 2:
        return pl.DataFrame({"arrest_id_a": block.arrest[of[:, 0]], "arrest_id_b": block.arrest[of[:, 1]]})
    owner = pl.Series("arrest_id", block.arrest[np.maximum(of, 0)], dtype=pl.Int64)
    owner = owner.set(pl.Series(of < 0, dtype=pl.Boolean), None)
    return pl.DataFrame([owner, pl.Series("place", court.place)] if table == "dockets" else [owner])


def _true_arrests(block: Block, court: Court, papers: Papers) -> pl.DataFrame:
    clear = court.arrest_status == CLEAR
    return pl.DataFrame(
        [
            pl.Series("arrest_id", block.arrest),
            papers.arrest_number,
            papers.nysid,
            papers.cjtn,
            as_dates(block.day).alias("arrest_date"),
            papers.photo.alias("photo"),
            papers.voucher,
            _KINDS.gather(block.kind),
            STATUSES.gather(court.arrest_status),
            _null_elsewhere(REGIMES.gather(court.arrest_regime), ~clear),
            as_dates(np.where(clear, NO_DAY, court.effective)).alias("effective_from"),
        ]
    )


def _true_dockets(block: Block, court: Court) -> pl.DataFrame:
    at = court.of_arrest
    clear = court.status == CLEAR
    whole = court.arrest_status[at] != CLEAR
    since = np.where(whole, court.effective[at], court.disposed)
    return pl.DataFrame(
        [
            pl.Series("arrest_id", block.arrest[at]),
            pl.Series("place", court.place),
            court.docket,
            court.written["outcome"],
            STATUSES.gather(court.status),
            _null_elsewhere(REGIMES.gather(court.regime), ~clear),
            as_dates(np.where(clear, NO_DAY, since)).alias("effective_from"),
        ]
    )


def _null_elsewhere(values: pl.Series, wanted: npt.NDArray[np.bool_]) -> pl.Series:
    return values.zip_with(pl.Series(wanted), pl.repeat(None, len(values), dtype=pl.String, eager=True))
