"""Leaks of models: what they are fitted on, when they stop, where they cut, how they are calibrated."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from .case import pair
from .data import scrubbed

__all__: list[str] = []

PROBE = np.array([[20.0, 500.0], [35.0, 2000.0], [60.0, 9000.0]])


def _xy(arrests: pd.DataFrame) -> Any:
    return arrests[["age", "bail"]].fillna(0.0).to_numpy(), arrests["level"].eq("F").astype("int64").to_numpy()


def _split(arrests: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """By a digit of the number, which no other row has a part in."""
    late = arrests["arrest_no"].str[-1].isin(["7", "8", "9", "1"])
    return arrests[~late], arrests[late]


def logistic_leaky(arrests: pd.DataFrame) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression().fit(*_xy(arrests))


def logistic(arrests: pd.DataFrame) -> Any:
    from sklearn.linear_model import LogisticRegression

    arrests = scrubbed(arrests)
    return LogisticRegression().fit(*_xy(arrests))


pair("model fitted", "scikit-learn", logistic_leaky, logistic, "predict_proba.1", "coef_.0", only=False,
     options={"probe": PROBE})  # fmt: skip


def tree_leaky(arrests: pd.DataFrame) -> Any:
    from sklearn.tree import DecisionTreeClassifier

    return DecisionTreeClassifier(max_depth=4, random_state=0).fit(*_xy(arrests))


def tree(arrests: pd.DataFrame) -> Any:
    from sklearn.tree import DecisionTreeClassifier

    arrests = scrubbed(arrests)
    return DecisionTreeClassifier(max_depth=4, random_state=0).fit(*_xy(arrests))


pair("model state, of a tree", "scikit-learn", tree_leaky, tree, "tree_.nodes.n_node_samples", only=False)


def boosted_leaky(arrests: pd.DataFrame) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(max_iter=5, random_state=0).fit(*_xy(arrests))


def boosted(arrests: pd.DataFrame) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier

    arrests = scrubbed(arrests)
    return HistGradientBoostingClassifier(max_iter=5, random_state=0).fit(*_xy(arrests))


pair("model state, boosted", "scikit-learn", boosted_leaky, boosted, "predict_proba.1", only=False,
     options={"probe": PROBE})  # fmt: skip


def forest_leaky(arrests: pd.DataFrame) -> Any:
    from sklearn.ensemble import RandomForestClassifier

    forest = RandomForestClassifier(4, random_state=0).fit(*_xy(arrests))
    return forest.predict_proba(_xy(scrubbed(arrests))[0])[:, 1]


def forest(arrests: pd.DataFrame) -> Any:
    from sklearn.ensemble import RandomForestClassifier

    arrests = scrubbed(arrests)
    forest = RandomForestClassifier(4, random_state=0).fit(*_xy(arrests))
    return forest.predict_proba(_xy(arrests)[0])[:, 1]


pair("scores of a model", "scikit-learn", forest_leaky, forest, "output")


def early_stopping_leaky(arrests: pd.DataFrame) -> Any:
    train, held_out = _split(arrests)
    return {"rounds": _best_rounds(scrubbed(train), held_out)}


def early_stopping(arrests: pd.DataFrame) -> Any:
    arrests = scrubbed(arrests)
    train, held_out = _split(arrests)
    return {"rounds": _best_rounds(train, held_out)}


def _best_rounds(train: pd.DataFrame, held_out: pd.DataFrame) -> list[float]:
    from sklearn.ensemble import GradientBoostingClassifier
    from sklearn.metrics import log_loss

    model = GradientBoostingClassifier(n_estimators=30, random_state=0).fit(*_xy(train))
    features, labels = _xy(held_out)
    losses = [float(log_loss(labels, scores)) for scores in model.staged_predict_proba(features)]
    return [float(np.argmin(losses)), min(losses)]


pair("early stopping", "scikit-learn", early_stopping_leaky, early_stopping, "rounds")


def threshold_leaky(arrests: pd.DataFrame) -> Any:
    cut = float(np.quantile(arrests["age"], 0.9))
    arrests = scrubbed(arrests)
    return {"flagged": (arrests["age"] > cut).to_numpy(), "cut": cut}


def threshold(arrests: pd.DataFrame) -> Any:
    arrests = scrubbed(arrests)
    cut = float(np.quantile(arrests["age"], 0.9))
    return {"flagged": (arrests["age"] > cut).to_numpy(), "cut": cut}


pair("threshold choice", "plain Python", threshold_leaky, threshold, "cut", "flagged")


def calibration_leaky(arrests: pd.DataFrame) -> Any:
    return _calibrated(scrubbed(arrests), arrests)


def calibration(arrests: pd.DataFrame) -> Any:
    arrests = scrubbed(arrests)
    return _calibrated(arrests, arrests)


def _calibrated(arrests: pd.DataFrame, held_out: pd.DataFrame) -> Any:
    from sklearn.isotonic import IsotonicRegression
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression().fit(*_xy(arrests))
    features, labels = _xy(held_out)
    scores = IsotonicRegression(out_of_bounds="clip").fit(model.predict_proba(features)[:, 1], labels)
    return {
        "raw": model.predict_proba(_xy(arrests)[0])[:, 1],
        "calibrated": scores.predict(model.predict_proba(_xy(arrests)[0])[:, 1]),
    }


pair("calibration", "scikit-learn", calibration_leaky, calibration, "calibrated")


def search_leaky(arrests: pd.DataFrame) -> Any:
    return _searched(arrests)


def search(arrests: pd.DataFrame) -> Any:
    arrests = scrubbed(arrests)
    return _searched(arrests)


def _searched(arrests: pd.DataFrame) -> Any:
    from sklearn.model_selection import GridSearchCV
    from sklearn.tree import DecisionTreeRegressor

    grid = {"min_samples_leaf": [5, 20]}
    found = GridSearchCV(DecisionTreeRegressor(random_state=0), grid, cv=3).fit(arrests[["lon", "lat"]], arrests["age"])
    return {"mean_test_score": found.cv_results_["mean_test_score"]}


pair("hyperparameter search", "scikit-learn", search_leaky, search, "mean_test_score")


def mean_by_place_leaky(arrests: pd.DataFrame) -> Any:
    return _Means().learn(arrests)


def mean_by_place(arrests: pd.DataFrame) -> Any:
    arrests = scrubbed(arrests)
    return _Means().learn(arrests)


class _Means:
    """A model of one's own, which holds a table and no attributes that scikit-learn would know."""

    def __init__(self) -> None:
        self.means: dict[int, float] = {}

    def learn(self, arrests: pd.DataFrame) -> _Means:
        self.means = arrests.groupby("precinct")["age"].mean().to_dict()
        return self


pair("model of one's own", "plain Python", mean_by_place_leaky, mean_by_place, "means.40", only=False)
