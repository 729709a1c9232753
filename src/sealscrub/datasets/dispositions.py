"""The court's file as a custodian gets it: one row per charge event, in the columns that ``registry derive`` reads."""

from __future__ import annotations

import polars as pl

from .city_truth import Truth

__all__ = ["charge_events"]

_SENTENCED = "^(CONV_.*|YO_ADJUDICATED)$"


def charge_events(dockets: pl.DataFrame, truth: Truth) -> pl.DataFrame:
    """A row for each disposition, and one for the sentence that came with a conviction, on the same day.

    Parameters
    ----------
    dockets : polars.DataFrame
        The city's table, messy as it may be.
    truth : Truth
        Knows whose each row is: the court has a number of its own for each defendant.
    """
    of = truth.rows["dockets"]
    known = truth.arrests.select("arrest_id", person=pl.col("nysid").rank("dense"))
    outcomes = truth.dockets.select("arrest_id", "place", "outcome")
    whose = of.join(known, on="arrest_id", maintain_order="left").join(
        outcomes, on=["arrest_id", "place"], maintain_order="left"
    )
    events = pl.concat([dockets, whose.select("person", "outcome")], how="horizontal").select(
        "docket",
        "arrest_number",
        "nysid",
        "cjtn",
        "arrest_date",
        "law_code",
        "disposition",
        "outcome",
        defendant_id=pl.format("D{}", pl.col("person").cast(pl.String).str.zfill(8)),
        charge=pl.lit("1"),
        severity="law_category",
        event=pl.lit("disposition"),
        event_date=pl.coalesce("disposition_date", "arrest_date"),
        family_offense=pl.lit("N"),
        prints_sent=pl.lit("Y"),
        certified=pl.lit("Y"),
    )
    sentences = events.filter(pl.col("outcome").str.contains(_SENTENCED)).with_columns(
        event=pl.lit("sentence"), disposition=pl.lit(None, dtype=pl.String)
    )
    return pl.concat([events, sentences]).drop("outcome")
