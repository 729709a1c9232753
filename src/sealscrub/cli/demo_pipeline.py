"""A vendor's feature job and training, as `sealscrub demo` writes them: two ways to take sealed arrests out.

One lets them through, as ``sealscrub check-nullity pipeline:row_drop --data arrests.parquet --index training.sealindex
--key-file seal.key --on arrest_number=arrest_number`` says.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

import sealscrub as ss
from sealscrub.datasets import derive_features

__all__ = ["FEATURES", "KEYS", "LABEL", "build", "row_drop", "score", "train"]

HERE = Path(__file__).resolve().parent
KEYS = {"arrest_number": "arrest_no"}
FEATURES = ["age", "priors_count", "days_since_last", "precinct_rate", "co_arrests"]
LABEL = "rearrested_within_1y"
ASIDE = ss.Policy(quarantine=True)  # rows whose number cannot be read are left out


def row_drop(arrests: pl.DataFrame, index: str = "training.sealindex") -> pl.DataFrame:
    """Compute features, then drop the sealed rows: what was counted stays counted."""
    opened = ss.open_index(HERE / index, key=HERE / "seal.key")
    dropped: pl.DataFrame = ss.scrub(derive_features(arrests), opened, KEYS, policy=ASIDE)
    return dropped


def build(arrests: pl.DataFrame, index: str = "training.sealindex") -> pl.DataFrame:
    """Take the sealed arrests out at the source, then compute features.

    Parameters
    ----------
    arrests : polars.DataFrame
    index : str
        The index file's name, next to this module.
    """
    opened = ss.open_index(HERE / index, key=HERE / "seal.key")
    return derive_features(ss.scrub(arrests, opened, {"arrest_number": "arrest_number"}, policy=ASIDE))


def train(rows: pl.DataFrame) -> Any:
    """Fit a model of who is arrested again within a year."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), LogisticRegression(random_state=0))
    return model.fit(_numbers(rows), rows[LABEL].to_numpy())


def score(model: Any, rows: pl.DataFrame) -> list[float]:
    """Give each row's risk, 0 to 1."""
    risks: list[float] = model.predict_proba(_numbers(rows))[:, 1].tolist()
    return risks


def _numbers(rows: pl.DataFrame) -> Any:
    return rows.select(pl.col(FEATURES).cast(pl.Float64).fill_null(-1)).to_numpy()
