"""The tables of an estate that hold what happened: laid out from a clean city, less records that never existed."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import polars as pl

from .city import City
from .draws import Draws, Integers
from .invented_names import first_names, last_names

__all__ = ["event_tables"]

Tables = dict[str, pl.DataFrame]

_BAILS = pl.Series("bail", [500, 1_000, 2_500, 5_000, 10_000, 25_000], dtype=pl.Int32)


def event_tables(city: City, seed: int, without: Collection[str]) -> Tables:
    """Make every table that no recipe makes, derived columns left out.

    What a row holds never depends on other records than its own, so leaving records out changes nothing else.

    Parameters
    ----------
    city : City
        Without mess.
    seed : int
        The city's.
    without : collection of str
        Numbers of arrests and dockets that never existed.
    """
    draws = Draws(seed)
    absent = pl.Series(list(without), dtype=pl.String).implode()
    whole = _arrests(city, draws)
    known = whole.select("arrest_id", "arrest_number", "person_id")
    dockets = city.tables["dockets"].filter(pl.col("docket").is_not_null()).join(known, on="arrest_number")
    arrests = whole.filter(~pl.col("arrest_number").is_in(absent), ~_all_absent(whole, dockets, absent))
    left = arrests.select("arrest_number", "arrest_id")
    pairs = _pairs(city, known)
    support = pairs.filter(pl.col("arrest_id_a").is_in(left["arrest_id"].implode()))
    support = support.filter(pl.col("arrest_id_b").is_in(left["arrest_id"].implode()))
    victims, harmed = _victims(city, draws)
    return {
        "arrests": arrests,
        "dockets": dockets.filter(~pl.col("docket").is_in(absent), _arrest_is_in(left)).select(
            "docket", "arrest_id", "county", "disposition", "disposition_date"
        ),
        "charges": _charges(city, dockets)
        .filter(_arrest_is_in(left), pl.col("docket").is_null() | ~pl.col("docket").is_in(absent))
        .join(left, on="arrest_number", maintain_order="left")
        .select("arrest_id", "docket", "charge_no", "law_code", "charge", "law_category"),
        "vouchers": city.tables["vouchers"]
        .join(left, on="arrest_number", maintain_order="left")
        .select("voucher", "arrest_id", "item", "vouchered_on"),
        "photos": _photos(city, draws, left),
        "stops": _stops(city, arrests),
        "complaints": city.tables["complaints"].select(
            "complaint_number", "occurred_on", "hour", "precinct", "borough", "offense", "law_category"
        ),
        "cases": _cases(city, draws, arrests),
        "victims": victims,
        "people": _people(city, harmed, arrests, victims),
        "histories": city.tables["people"]
        .select("nysid")
        .with_columns(_row_numbers("person_id", city.tables["people"].height))
        .filter(pl.col("person_id").is_in(arrests["person_id"].implode())),
        "co_arrests": support.group_by("edge_id", "person_a", "person_b")
        .agg(pl.len().cast(pl.Int32).alias("events"))
        .sort("edge_id"),
        "co_arrest_support": support.select("edge_id", "complaint_number", "arrest_id_a", "arrest_id_b"),
        "features": arrests.select(
            "arrest_id",
            "person_id",
            "complaint_number",
            "arrest_date",
            "hour",
            "precinct",
            "charge",
            "law_category",
            "age",
            "bail",
            (pl.col("x_coord") // 1000).alias("cell_x"),
            (pl.col("y_coord") // 1000).alias("cell_y"),
        ),
        "pair_labels": _pair_labels(whole, draws, left),
    }


def _arrests(city: City, draws: Draws) -> pl.DataFrame:
    """All arrests, each with its person's number and its bail."""
    people = city.tables["people"].select("nysid").with_columns(_row_numbers("person_id", city.tables["people"].height))
    arrests = city.tables["arrests"].join(people, on="nysid", maintain_order="left")
    number = arrests["arrest_id"].to_numpy()
    bail = _BAILS.gather(draws.below("estate/bail", number, len(_BAILS)))
    released = pl.Series(draws.uniform("estate/released", number) < 0.3)
    return arrests.select(
        "arrest_id",
        "arrest_number",
        "person_id",
        "cjtn",
        "arrest_date",
        "hour",
        "precinct",
        "borough",
        "charge",
        "law_code",
        "law_category",
        "age",
        "x_coord",
        "y_coord",
        "complaint_number",
        "photo_id",
        bail.set(released, None),
    )


def _all_absent(arrests: pl.DataFrame, dockets: pl.DataFrame, absent: pl.Series) -> pl.Series:
    """Arrests that had dockets, of which none is left."""
    stands = dockets.filter(~pl.col("docket").is_in(absent))["arrest_id"].implode()
    had = dockets["arrest_id"].implode()
    return arrests.select(pl.col("arrest_id").is_in(had) & ~pl.col("arrest_id").is_in(stands)).to_series()


def _arrest_is_in(left: pl.DataFrame) -> pl.Expr:
    return pl.col("arrest_number").is_in(left["arrest_number"].implode())


def _charges(city: City, dockets: pl.DataFrame) -> pl.DataFrame:
    """Charges, each with the docket that it was brought under; null if no one prosecuted."""
    listed = dockets.group_by("arrest_number", maintain_order=True).agg("docket")
    charges = city.tables["charges"].join(listed, on="arrest_number", how="left", maintain_order="left")
    turn = (pl.col("charge_no").cast(pl.Int64) - 1) % pl.col("docket").list.len().cast(pl.Int64)
    return charges.with_columns(pl.col("docket").list.get(turn, null_on_oob=True))


def _photos(city: City, draws: Draws, left: pl.DataFrame) -> pl.DataFrame:
    """The gallery: one photo in twenty."""
    photos = city.tables["photos"].join(left, on="arrest_number", maintain_order="left")
    shown = photos.filter(pl.Series(draws.uniform("estate/gallery", photos["arrest_id"].to_numpy()) < 0.05))
    path = pl.format("{}/{}.pgm", pl.col("taken_on").dt.year(), "photo_id").alias("path")
    return shown.select("photo_id", "arrest_id", "taken_on", path)


def _stops(city: City, arrests: pl.DataFrame) -> pl.DataFrame:
    """Stops; one without its arrest says about it what other stops do."""
    offence = arrests.select("arrest_number", pl.col("charge").alias("arrest_offense"))
    stops = city.tables["stops"].join(offence, on="arrest_number", how="left", maintain_order="left")
    none = pl.col("arrest_offense").is_null()
    return stops.with_columns(
        arrested=pl.when(none).then(pl.lit("N")).otherwise(pl.lit("Y")),
        arrest_number=pl.when(none).then(None).otherwise("arrest_number"),
    )


def _cases(city: City, draws: Draws, arrests: pl.DataFrame) -> pl.DataFrame:
    """Detectives' cases, with lists of the arrests on the complaint and of their photos."""
    complaints = city.tables["complaints"].select("complaint_number", pl.col("occurred_on").alias("opened_on"))
    row = np.arange(complaints.height)
    cases = complaints.with_columns(_row_numbers("case_id", complaints.height))
    cases = cases.filter(pl.Series(draws.uniform("estate/case", row) < 0.3))
    lists = arrests.group_by("complaint_number", maintain_order=True).agg(
        pl.col("arrest_number").alias("suspects"), pl.col("photo_id").drop_nulls().alias("lineup")
    )
    cases = cases.join(lists, on="complaint_number", how="left", maintain_order="left")
    no_people = pl.lit([], dtype=pl.List(pl.String))
    return cases.select(
        "case_id",
        "complaint_number",
        "opened_on",
        pl.col("suspects").fill_null(no_people),
        pl.col("lineup").fill_null(no_people).list.join(";"),
    )


def _victims(city: City, draws: Draws) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Who was harmed, and the people among them who were never arrested."""
    complaints, known = city.tables["complaints"], city.tables["people"].height
    row = np.flatnonzero(draws.uniform("estate/harmed", np.arange(complaints.height)) < 0.4)
    arrested = draws.uniform("estate/victim arrested", row) < 0.15
    others = known + np.cumsum(~arrested) - 1
    person = np.where(arrested, draws.below("estate/victim", row, known), others)
    victims = complaints[row].select("complaint_number").with_columns(pl.Series("person_id", person))
    number = row[~arrested] + (1 << 40)  # their names are drawn apart from those of arrested people
    return victims, _unknown_people(draws, number, known)


def _unknown_people(draws: Draws, number: Integers, known: int) -> pl.DataFrame:
    born = pl.Series("birth_date", 8_000 - draws.below("estate/born", number, 20_000)).cast(pl.Int32).cast(pl.Date)
    sex = pl.Series("sex", np.where(draws.uniform("estate/sex", number) < 0.5, "M", "F"))
    person = pl.Series("person_id", known + np.arange(len(number)))
    return pl.DataFrame([person, last_names(draws, number), first_names(draws, number), born, sex])


def _people(city: City, strangers: pl.DataFrame, arrests: pl.DataFrame, victims: pl.DataFrame) -> pl.DataFrame:
    """Everybody with an arrest or a complaint."""
    people = city.tables["people"]
    arrested = people.select(_row_numbers("person_id", people.height), "last_name", "first_name", "birth_date", "sex")
    there = pl.concat([arrests["person_id"], victims["person_id"]]).unique().implode()
    return pl.concat([arrested, strangers]).filter(pl.col("person_id").is_in(there))


def _pairs(city: City, known: pl.DataFrame) -> pl.DataFrame:
    """Pairs of arrests on one complaint, each with the edge between its people that it supports."""
    pairs = city.tables["co_arrests"].select("complaint_number", "arrest_number_a", "arrest_number_b")
    for side in ("a", "b"):
        named = known.rename(
            {"arrest_number": f"arrest_number_{side}", "arrest_id": f"arrest_id_{side}", "person_id": f"person_{side}"}
        )
        pairs = pairs.join(named, on=f"arrest_number_{side}", maintain_order="left")
    pairs = pairs.with_columns(
        pl.min_horizontal("person_a", "person_b").alias("person_a"),
        pl.max_horizontal("person_a", "person_b").alias("person_b"),
    )
    edges = pairs.select("person_a", "person_b").unique(maintain_order=True)
    edges = edges.with_columns(_row_numbers("edge_id", edges.height))
    return pairs.join(edges, on=["person_a", "person_b"], maintain_order="left")


def _pair_labels(arrests: pl.DataFrame, draws: Draws, left: pl.DataFrame) -> pl.DataFrame:
    """Pairs of arrests that a pattern matcher learns from, drawn without looking at anything but their places."""
    row = np.arange(arrests.height)
    other = row - 1 - draws.below("estate/other", row, 40)
    some = np.flatnonzero((draws.uniform("estate/pair", row) < 0.2) & (other >= 0))
    one, two = arrests[other[some]], arrests[some]
    pairs = pl.DataFrame(
        [
            one["arrest_id"].alias("arrest_id_a"),
            two["arrest_id"].alias("arrest_id_b"),
            one["person_id"].alias("person_a"),
            two["person_id"].alias("person_b"),
            (two["arrest_date"] - one["arrest_date"]).dt.total_days().alias("days_apart"),
            (one["person_id"] == two["person_id"]).alias("same_person"),
        ]
    )
    there = left["arrest_id"].implode()
    return pairs.filter(pl.col("arrest_id_a").is_in(there), pl.col("arrest_id_b").is_in(there))


def _row_numbers(name: str, rows: int) -> pl.Series:
    return pl.Series(name, np.arange(rows, dtype=np.int64))
