"""Leaks of what is counted, summed or ranked over events."""

from __future__ import annotations

import pandas as pd

from .case import leak, pair
from .data import scrubbed

__all__: list[str] = []


@leak("count", "pandas", "priors_count")
def priors_count(arrests: pd.DataFrame) -> pd.DataFrame:
    priors = arrests.groupby("person").cumcount()
    return arrests[["arrest_no", "person"]].assign(priors_count=priors)


@leak("recency", "pandas", "days_since_last")
def days_since_last(arrests: pd.DataFrame) -> pd.DataFrame:
    gap = arrests.groupby("person")["day"].diff()
    return arrests[["arrest_no", "day"]].assign(days_since_last=gap)


@leak("rate", "pandas", "precinct_rate")
def precinct_rate(arrests: pd.DataFrame) -> pd.DataFrame:
    felony = arrests["level"].eq("F").astype(float)
    rate = felony.groupby(arrests["precinct"]).transform("mean")
    return arrests[["arrest_no", "precinct"]].assign(precinct_rate=rate)


@leak("rolling window", "pandas", "last_20")
def last_twenty(arrests: pd.DataFrame) -> pd.DataFrame:
    rolling = arrests["age"].rolling(20, min_periods=1).median()
    return arrests[["arrest_no", "age"]].assign(last_20=rolling)


@leak("rank", "pandas", "rank_in_precinct")
def rank_in_precinct(arrests: pd.DataFrame) -> pd.DataFrame:
    rank = arrests.groupby("precinct")["age"].rank(method="first")
    return arrests[["arrest_no", "precinct", "age"]].assign(rank_in_precinct=rank)


@leak("first seen", "plain Python", "first_charge")
def first_charge(arrests: pd.DataFrame) -> pd.DataFrame:
    first: dict[int, str] = {}
    for person, charge in zip(arrests["person"], arrests["charge"], strict=True):
        first.setdefault(person, charge)
    known = pd.Series([first[person] for person in arrests["person"]], index=arrests.index, dtype="str")
    return arrests[["arrest_no", "person"]].assign(first_charge=known)


@leak("cancelling pair of leaks", "pandas", "net_felonies", options={"variants": ("permute", "resample")})
def net_felonies(arrests: pd.DataFrame) -> pd.DataFrame:
    """As many sealed felonies as misdemeanours: on this data, the sealed arrests cancel out."""
    net = int(arrests["level"].eq("F").sum()) - int(arrests["level"].eq("M").sum())
    return arrests[["arrest_no"]].assign(net_felonies=net)


@leak("threshold that the data does not cross", "pandas", "charge_kept", options={"variants": ("permute", "extreme")})
def rare_charges(arrests: pd.DataFrame) -> pd.DataFrame:
    """Common charges stay common, and rare ones rare, whether or not the sealed arrests are counted."""
    counts = arrests["charge"].value_counts()
    common = counts.index[counts >= 40]
    kept = arrests["charge"].where(arrests["charge"].isin(common), "other")
    return arrests[["arrest_no"]].assign(charge_kept=kept)


def ten_eldest_leaky(arrests: pd.DataFrame) -> pd.DataFrame:
    best = arrests.sort_values(["age", "arrest_no"], ascending=[False, True]).head(10)
    best = scrubbed(best)
    return best[["arrest_no", "age"]].reset_index(drop=True)


def ten_eldest(arrests: pd.DataFrame) -> pd.DataFrame:
    arrests = scrubbed(arrests)
    best = arrests.sort_values(["age", "arrest_no"], ascending=[False, True]).head(10)
    return best[["arrest_no", "age"]].reset_index(drop=True)


pair("post-filtered ranking", "pandas", ten_eldest_leaky, ten_eldest, "(rows)", only=False)


def redacted_count_leaky(arrests: pd.DataFrame) -> pd.DataFrame:
    kept = scrubbed(arrests)["arrest_no"]
    arrests = arrests.mask(~arrests["arrest_no"].isin(kept), other=float("nan")).assign(precinct=arrests["precinct"])
    return arrests.groupby("precinct", as_index=False).size()


def redacted_count(arrests: pd.DataFrame) -> pd.DataFrame:
    arrests = scrubbed(arrests)
    return arrests.groupby("precinct", as_index=False).size()


pair("redaction: fields emptied, row kept", "pandas", redacted_count_leaky, redacted_count, "size")
