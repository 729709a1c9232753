"""Leaks of labels, pairs, splits and rows that are made from others."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from .case import leak, pair
from .data import scrubbed

__all__: list[str] = []


def _rearrested(arrests: pd.DataFrame) -> pd.Series:
    following = arrests.groupby("person")["day"].shift(-1)
    return (following - arrests["day"]).le(180).astype("int64")


def label_from_master_leaky(arrests: pd.DataFrame) -> Any:
    master = arrests.assign(y=_rearrested(arrests))
    clean = scrubbed(arrests)
    return clean[["age", "precinct"]], clean.merge(master[["arrest_no", "y"]], on="arrest_no")["y"]


def label_from_master(arrests: pd.DataFrame) -> Any:
    arrests = scrubbed(arrests)
    master = arrests.assign(y=_rearrested(arrests))
    return arrests[["age", "precinct"]], arrests.merge(master[["arrest_no", "y"]], on="arrest_no")["y"]


pair("label", "pandas", label_from_master_leaky, label_from_master, "y")


@leak("label by a quantile", "pandas", "high_bail")
def high_bail(arrests: pd.DataFrame) -> pd.DataFrame:
    most = arrests["bail"].quantile(0.75)
    return arrests[["arrest_no", "bail"]].assign(high_bail=arrests["bail"].gt(most))


def pair_labels_leaky(arrests: pd.DataFrame) -> pd.DataFrame:
    events = arrests.groupby("person")["event"].agg(set)
    arrests = scrubbed(arrests)
    people = sorted(arrests["person"].unique())[:40]
    rows = [(one, other, bool(events[one] & events[other])) for one in people for other in people if one < other]
    return pd.DataFrame(rows, columns=["one", "other", "together"])


def pair_labels(arrests: pd.DataFrame) -> pd.DataFrame:
    arrests = scrubbed(arrests)
    events = arrests.groupby("person")["event"].agg(set)
    people = sorted(arrests["person"].unique())[:40]
    rows = [(one, other, bool(events[one] & events[other])) for one in people for other in people if one < other]
    return pd.DataFrame(rows, columns=["one", "other", "together"])


pair("pair label", "plain Python", pair_labels_leaky, pair_labels, "together")


@leak("split by draws", "pandas", "fold")
def folds(arrests: pd.DataFrame) -> pd.DataFrame:
    fold = np.random.default_rng(5).integers(0, 5, len(arrests))
    return arrests[["arrest_no"]].assign(fold=fold)


@leak("split by time", "pandas", "is_test")
def time_split(arrests: pd.DataFrame) -> pd.DataFrame:
    cut = arrests["day"].quantile(0.5)
    return arrests[["arrest_no", "day"]].assign(is_test=arrests["day"] > cut)


@leak("stratified folds", "scikit-learn", "fold")
def stratified(arrests: pd.DataFrame) -> pd.DataFrame:
    from sklearn.model_selection import StratifiedGroupKFold

    fold = np.zeros(len(arrests), dtype="int64")
    parts = StratifiedGroupKFold(4).split(arrests, arrests["level"], arrests["person"])
    for number, (_, held_out) in enumerate(parts):
        fold[held_out] = number
    return arrests[["arrest_no", "person"]].assign(fold=fold)


def smote_leaky(arrests: pd.DataFrame) -> Any:
    return _oversampled(arrests, scrubbed(arrests))


def smote(arrests: pd.DataFrame) -> Any:
    arrests = scrubbed(arrests)
    return _oversampled(arrests, arrests)


def _oversampled(pool: pd.DataFrame, arrests: pd.DataFrame) -> Any:
    """Draw new rows between rows of a class and their neighbours in a pool, as SMOTE does."""
    draws = np.random.default_rng(3)
    rare = pool[pool["level"].eq("F")][["lon", "lat"]].to_numpy()
    own = arrests[arrests["level"].eq("F")][["lon", "lat"]].to_numpy()[:50]
    away = ((own[:, None, :] - rare[None, :, :]) ** 2).sum(axis=2)
    near = rare[np.argsort(away, axis=1, kind="stable")[:, 4]]
    return {"rows": arrests[["lon", "lat"]], "made": own + draws.random((len(own), 1)) * (near - own)}


pair("SMOTE", "plain Python", smote_leaky, smote, "made.0", "made.1")


@leak("sample weights", "scikit-learn", "weight")
def weights(arrests: pd.DataFrame) -> pd.DataFrame:
    from sklearn.utils.class_weight import compute_sample_weight

    return arrests[["arrest_no", "charge"]].assign(weight=compute_sample_weight("balanced", arrests["charge"]))


def shuffled_leaky(arrests: pd.DataFrame) -> pd.DataFrame:
    arrests = arrests.sample(frac=1.0, random_state=4)
    arrests = scrubbed(arrests)
    return arrests[["age", "charge"]].reset_index(drop=True)


def shuffled(arrests: pd.DataFrame) -> pd.DataFrame:
    arrests = scrubbed(arrests)
    arrests = arrests.sample(frac=1.0, random_state=4)
    return arrests[["age", "charge"]].reset_index(drop=True)


pair("shuffled order", "pandas", shuffled_leaky, shuffled, "age", "charge")
