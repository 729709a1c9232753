"""The city's seals follow from its dispositions."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl

from sealscrub.custodian.law import decide_charges, read_charges
from sealscrub.custodian.registry import Registry
from sealscrub.datasets import make_city
from sealscrub.identifiers import canonicalise_one

DAY = dt.date(2024, 12, 31)
BATCH = "us-ny/cpl-160.57"


def test_seals_that_are_derived_are_the_citys(tmp_path: Path) -> None:
    """But for 160.57, whose seals need a notice: what it may seal is withheld, and what the city withholds too."""
    city = make_city(arrests=1_500, seed=3, mess=0)
    city.dispositions().write_parquet(tmp_path / "d.parquet")
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

    batch = pl.col("regime") == BATCH
    sealed = (pl.col("status") == "sealed") & ~batch.fill_null(value=False)
    assert both.filter(sealed != (pl.col("answer") == "sealed")).is_empty()
    loose = both.filter((pl.col("status") == "withheld") & ~pl.col("held"))
    assert set(loose["kind"]) == {"covered"}  # the plea to a crime that covers it is in the file: not sealed
    more = both.filter(pl.col("held") & (pl.col("status") != "withheld"))
    assert set(more["outcome"]) <= {"CONV_MISDEMEANOR", "CONV_FELONY"}
    # What was possessed the court's file does not say, nor of which law "511.1" is: more is in play there.
    read = more.filter(~pl.col("missing").list.contains("substance") & ~pl.col("missing").list.contains("law"))
    assert set(read["under"]) == {BATCH}
    early = both.filter(batch & ~pl.col("held"))  # the city's notices come before eight years have run
    assert set(early["outcome"]) <= {"CONV_FELONY"}


def test_records_that_are_derived_stand_as_the_citys_do(tmp_path: Path) -> None:
    """From the registry: each docket of the truth has one record, in its state."""
    city = make_city(arrests=400, seed=5, mess=0)
    city.dispositions().write_csv(tmp_path / "d.csv")
    with Registry.create(tmp_path / "seals.db") as registry:
        derived = registry.derive(tmp_path / "d.csv", as_of=DAY)
        state = {
            min(s.keys, key=lambda k: k.scheme != "docket").value: (s.state, s.regime) for s in registry.seals(DAY)
        }
    truth = city.truth.dockets.join(city.truth.arrests.select("arrest_id", "arrest_number", "kind"), on="arrest_id")

    assert derived.actions == len(state) == len(truth)
    wrong = {"sealed": 0, "withheld": 0, "clear": 0}
    for row in truth.iter_rows(named=True):
        docket = row["docket"] and canonicalise_one(row["docket"], "docket")
        stands, regime = state[docket or row["arrest_number"]]
        convicted = row["outcome"].startswith("CONV_") and row["outcome"] not in ("CONV_VIOLATION", "CONV_INFRACTION")
        if row["status"] == "sealed" and row["regime"] != BATCH:
            wrong["sealed"] += (stands, regime) != ("sealed", row["regime"])
        elif row["status"] == "withheld":
            wrong["withheld"] += stands != ("open" if row["kind"] == "covered" else "withheld")
        else:
            wrong["clear"] += stands != "open" and not (stands == "withheld" and convicted)  # 160.57 needs a notice
    assert wrong == {"sealed": 0, "withheld": 0, "clear": 0}
