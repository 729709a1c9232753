"""Leaks of maps and graphs: hot spots, co-arrests, degrees, PageRank."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl

from .case import leak

__all__: list[str] = []


@leak("hot spots", "pandas", "in_cell")
def grid_count(arrests: pd.DataFrame) -> pd.DataFrame:
    cell = (arrests["lon"] / 0.02).round().astype(str) + "/" + (arrests["lat"] / 0.02).round().astype(str)
    count = cell.groupby(cell).transform("size")
    return arrests[["arrest_no", "lon", "lat"]].assign(in_cell=count)


@leak("kernel density", "scikit-learn", "density")
def density(arrests: pd.DataFrame) -> pd.DataFrame:
    from sklearn.neighbors import KernelDensity

    places = arrests[["lon", "lat"]].to_numpy()
    log_density = KernelDensity(bandwidth=0.02).fit(places).score_samples(places)
    return arrests[["arrest_no", "lon", "lat"]].assign(density=log_density)


@leak("co-arrests", "polars", "co_arrests", data="polars")
def co_arrests(arrests: pl.DataFrame) -> pl.DataFrame:
    others = pl.col("person").n_unique().over("event") - 1
    return arrests.select("arrest_no", "event", co_arrests=others)


def _edges(arrests: pd.DataFrame) -> pd.DataFrame:
    both = arrests[["event", "person"]].merge(arrests[["event", "person"]], on="event", suffixes=("", "_other"))
    both = both[both["person"] != both["person_other"]]
    return both[["person", "person_other"]].drop_duplicates()


@leak("graph degree", "pandas", "degree")
def degree(arrests: pd.DataFrame) -> pd.DataFrame:
    edges = _edges(arrests)
    degrees = arrests["person"].map(edges.groupby("person").size()).fillna(0).astype("int64")
    return arrests[["arrest_no", "person"]].assign(degree=degrees)


@leak("PageRank", "plain Python", "rank")
def page_rank(arrests: pd.DataFrame) -> pd.DataFrame:
    edges = _edges(arrests)
    people = np.sort(arrests["person"].unique())
    link = np.zeros((len(people), len(people)))
    link[np.searchsorted(people, edges["person_other"]), np.searchsorted(people, edges["person"])] = 1.0
    link /= np.maximum(link.sum(axis=0), 1.0)
    rank = np.full(len(people), 1.0 / len(people))
    for _ in range(30):
        rank = 0.15 / len(people) + 0.85 * link @ rank
    return arrests[["arrest_no", "person"]].assign(rank=rank[np.searchsorted(people, arrests["person"])])


@leak("connected component", "plain Python", "group_size")
def group_size(arrests: pd.DataFrame) -> pd.DataFrame:
    parent = {person: person for person in arrests["person"]}

    def top(person: int) -> int:
        while parent[person] != person:
            person = parent[person]
        return person

    for one, other in _edges(arrests).itertuples(index=False):
        parent[max(top(one), top(other))] = min(top(one), top(other))
    group = arrests["person"].map(top)
    return arrests[["arrest_no", "person"]].assign(group_size=group.groupby(group).transform("size"))
