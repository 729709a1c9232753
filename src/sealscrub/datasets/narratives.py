"""What officers write: free text that names people and arrests."""

from __future__ import annotations

import numpy as np
import polars as pl

from .block import Block
from .calendar import as_dates
from .city_places import PRECINCTS
from .draws import Integers
from .police import Papers
from .police_charges import DESCRIPTIONS

__all__ = ["narratives"]

_DEFT = pl.format("{}, {}", "last_name", "first_name")
_PLAIN = [
    pl.format(
        "At T/P/O A/O observed deft {} (DOB {}) commit {}. Deft arrested without incident. Arrest # {}.",
        _DEFT, "born", "charge", "arrest_number",
    ),
    pl.format(
        "On {} in the confines of {} Pct, {} {} was arrested for {} ({}). NYSID {}. No statement made.",
        "day", "precinct", "first_name", "last_name", "charge", "arrest_number", "nysid",
    ),
    pl.format(
        "C/V states that {} did commit {}. Canvass positive. Perp ID'd by C/V at scene; see {}/{}.",
        _DEFT, "charge", "complaint_number", "arrest_number",
    ),
    pl.format(
        "Subject {} stopped for {}; search incident to arrest. Known to A/O from prior contact.",
        _DEFT, "charge",
    ),
]  # fmt: skip
_COMPANY = pl.format(" Also arrested at scene: {} {}, arrest no. {}.", "with_first", "with_last", "with_number")


def narratives(block: Block, papers: Papers) -> tuple[pl.DataFrame, Integers, pl.DataFrame]:
    """Write the ``narratives`` table of a block.

    Returns
    -------
    frame : polars.DataFrame
        ``narrative_id``, ``complaint_number``, ``written_on``, ``text``: one row for two arrests in three.
    of : ndarray of int64
        The arrest that each is about.
    mentions : polars.DataFrame
        ``row``, ``of``: every arrest whose person a text names, by row and position in the block.
    """
    draws = block.draws
    of = np.flatnonzero(draws.uniform("narrative/written", block.arrest) < 2 / 3)
    company = np.minimum(of + 1, len(block.arrest) - 1)
    shared = (block.of_event[company] == block.of_event[of]) & (company != of)
    told = shared & (draws.uniform("narrative/company", block.arrest[of]) < 0.7)
    facts = pl.DataFrame(
        [
            papers.last_name.gather(of),
            papers.first_name.gather(of),
            papers.arrest_number.gather(of),
            papers.nysid.gather(of),
            papers.complaint.gather(block.of_event[of]).alias("complaint_number"),
            DESCRIPTIONS.gather(block.offence[of]),
            as_dates(block.born[of]).dt.to_string("%m/%d/%Y").alias("born"),
            as_dates(block.day[of]).alias("written_on"),
            pl.Series("precinct", PRECINCTS[block.precinct[of]]),
            papers.last_name.gather(company).alias("with_last"),
            papers.first_name.gather(company).alias("with_first"),
            papers.arrest_number.gather(company).alias("with_number"),
            pl.Series("template", draws.below("narrative/template", block.arrest[of], len(_PLAIN))),
            pl.Series("told", told),
            pl.Series("narrative_id", block.arrest[of]),
        ]
    ).with_columns(pl.col("written_on").dt.to_string("%m/%d/%Y").alias("day"))
    text = _PLAIN[0]
    for number, template in enumerate(_PLAIN[1:], 1):
        text = pl.when(pl.col("template") == number).then(template).otherwise(text)
    ending = pl.when("told").then(_COMPANY).otherwise(pl.lit(""))
    frame = facts.select("narrative_id", "complaint_number", "written_on", (text + ending).alias("text"))
    rows = np.arange(len(of))
    mentions = pl.DataFrame(
        {"row": np.concatenate([rows, rows[told]]), "of": np.concatenate([of, company[told]])}
    ).sort("row", "of")
    return frame, of, mentions
