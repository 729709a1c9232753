"""The city's seals follow from its dispositions."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl

from sealscrub.datasets import make_city
from sealscrub.law import decide_charges, read_charges

DAY = dt.date(2024, 12, 31)


def test_seals_that_are_derived_are_the_citys(tmp_path: Path) -> None:
    """But for 160.57, whose seals need a notice: what it may seal is withheld, and what the city withholds too."""
    city = make_city(arrests=1_500, seed=3, mess=0)
    file = city.tables["dockets"].with_columns(
        pl.coalesce("disposition_date", "arrest_date").alias("event_date"),
        defendant_id="nysid",
        severity="law_category",
        family_offense=pl.lit("N"),
        certified=pl.lit("Y"),
        prints_sent=pl.lit("Y"),
        event=pl.lit("disposition"),
    )
    sentences = file.filter(pl.col("disposition").str.contains("240.20|240.26|DISORDERLY")).with_columns(
        event=pl.lit("sentence"), disposition=pl.lit("")
    )
    pl.concat([file, sentences]).write_parquet(tmp_path / "d.parquet")
    charges = read_charges(tmp_path / "d.parquet")
    decisions = decide_charges(charges, DAY)
    derived = charges.actions.select("docket", "arrest_number").with_columns(
        pl.Series("answer", [str(each.answer) for each in decisions]),
        pl.Series("held", [each.withheld for each in decisions]),
        pl.Series("missing", [list(each.missing) for each in decisions], dtype=pl.List(pl.String)),
        pl.Series("under", [" ".join(each.regimes) for each in decisions]),
    )
    truth = city.truth.dockets.join(city.truth.arrests.select("arrest_id", "arrest_number", "kind"), on="arrest_id")
    both = truth.join(derived, on=["docket", "arrest_number"], nulls_equal=True)
    assert len(both) == len(truth) > 1_500

    batch = pl.col("regime") == "us-ny/cpl-160.57"
    sealed = (pl.col("status") == "sealed") & ~batch.fill_null(value=False)
    assert both.filter(sealed != (pl.col("answer") == "sealed")).is_empty()
    loose = both.filter((pl.col("status") == "withheld") & ~pl.col("held"))
    assert set(loose["kind"]) == {"covered"}  # the plea to a crime that covers it is in the file: not sealed
    more = both.filter(pl.col("held") & (pl.col("status") != "withheld"))
    assert set(more["outcome"]) <= {"CONV_MISDEMEANOR", "CONV_FELONY"}
    # What was possessed the court's file does not say, nor of which law "511.1" is: more is in play there.
    read = more.filter(~pl.col("missing").list.contains("substance") & ~pl.col("missing").list.contains("law"))
    assert set(read["under"]) == {"us-ny/cpl-160.57"}
    early = both.filter(batch & ~pl.col("held"))  # the city's notices come before eight years have run
    assert set(early["outcome"]) <= {"CONV_FELONY"}
