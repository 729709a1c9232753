"""Models of the kinds that keep training rows or identifiers, and of those that keep neither; all synthetic."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

SEALED = ("K14612345", "M15000001", "Q16000777")
CLEAN = tuple(f"B17{number:06d}" for number in range(1, 61))
FEATURES = ("age", "priors", "distance", "score")
ROWS, SEALED_ROWS = 60, 9


@dataclass(frozen=True)
class Training:
    """A training table: features, labels, and which rows are sealed."""

    features: np.ndarray
    labels: np.ndarray
    texts: list[str]
    numbers: list[str]

    @classmethod
    def made(cls) -> Training:
        draws = np.random.default_rng(7)
        features = draws.normal(size=(ROWS, len(FEATURES)))
        features[:, 1] = draws.integers(0, 9, ROWS)
        labels = (features[:, 0] + draws.normal(size=ROWS) > 0).astype(int)
        numbers = [*(SEALED * 3)[:SEALED_ROWS], *CLEAN[: ROWS - SEALED_ROWS]]
        return cls(features, labels, [f"arrest {number.lower()} theft" for number in numbers], numbers)

    def write_rows(self, path: Path) -> Path:
        """The whole table with its key column."""
        columns = {name: self.features[:, at] for at, name in enumerate(FEATURES)}
        pl.DataFrame({"arrest_no": self.numbers, **columns}).write_parquet(path)
        return path


def keepers(data: Training) -> dict[str, Any]:
    """Fitted models of the 16 kinds that keep rows or identifiers."""
    from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.impute import KNNImputer
    from sklearn.kernel_approximation import Nystroem
    from sklearn.neighbors import (
        KernelDensity,
        KNeighborsClassifier,
        LocalOutlierFactor,
        RadiusNeighborsClassifier,
    )
    from sklearn.preprocessing import LabelEncoder, OneHotEncoder, OrdinalEncoder, TargetEncoder
    from sklearn.svm import SVC, OneClassSVM

    x, y = data.features, data.labels
    ids = np.array(data.numbers, object).reshape(-1, 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {
            "KNN kd_tree": KNeighborsClassifier(algorithm="kd_tree").fit(x, y),
            "KNN brute": KNeighborsClassifier(algorithm="brute").fit(x, y),
            "RadiusNN": RadiusNeighborsClassifier(radius=5.0).fit(x, y),
            "SVC": SVC(C=0.01).fit(x, y),
            "OneClassSVM": OneClassSVM(nu=0.9).fit(x),
            "GaussianProcess": GaussianProcessRegressor(optimizer=None).fit(x, y),
            "KernelDensity": KernelDensity().fit(x),
            "LOF": LocalOutlierFactor(n_neighbors=5, novelty=True).fit(x),
            "Nystroem": Nystroem(n_components=ROWS).fit(x),
            "KNNImputer": KNNImputer().fit(np.where(np.arange(x.size).reshape(x.shape) % 97 == 1, np.nan, x)),
            "OneHotEncoder": OneHotEncoder().fit(ids),
            "OrdinalEncoder": OrdinalEncoder().fit(ids),
            "LabelEncoder": LabelEncoder().fit(data.numbers),
            "TargetEncoder": TargetEncoder().fit(ids, y),
            "CountVectorizer": CountVectorizer().fit(data.texts),
            "TfidfVectorizer": TfidfVectorizer().fit(data.texts),
        }


KEEPERS = (
    *("KNN kd_tree", "KNN brute", "RadiusNN", "SVC", "OneClassSVM", "GaussianProcess", "KernelDensity", "LOF"),
    *("Nystroem", "KNNImputer", "OneHotEncoder", "OrdinalEncoder", "LabelEncoder", "TargetEncoder"),
    *("CountVectorizer", "TfidfVectorizer"),
)


def forgetters(data: Training) -> dict[str, Any]:
    """Fitted models of the eight kinds that keep neither."""
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.ensemble import HistGradientBoostingClassifier, IsolationForest, RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.neural_network import MLPClassifier
    from sklearn.preprocessing import QuantileTransformer
    from sklearn.tree import DecisionTreeClassifier

    x, y = data.features, data.labels
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {
            "LogisticRegression": LogisticRegression().fit(x, y),
            "HistGradientBoosting": HistGradientBoostingClassifier(max_iter=5, random_state=0).fit(x, y),
            "RandomForest": RandomForestClassifier(10, random_state=0).fit(x, y),
            "DecisionTree": DecisionTreeClassifier(random_state=0).fit(x, y),
            "IsolationForest": IsolationForest(n_estimators=10, random_state=0).fit(x),
            "MLP": MLPClassifier((8,), max_iter=20, random_state=0).fit(x, y),
            "QuantileTransformer": QuantileTransformer(n_quantiles=ROWS).fit(x),
            "isotonic calibration": CalibratedClassifierCV(LogisticRegression(), method="isotonic").fit(x, y),
        }


FORGETTERS = (
    *("LogisticRegression", "HistGradientBoosting", "RandomForest", "DecisionTree", "IsolationForest", "MLP"),
    *("QuantileTransformer", "isotonic calibration"),
)
