"""scikit-learn's own checks of estimators.

They make up data that has no keys. Here each row gets one, so that what is checked is all that follows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.base import BaseEstimator
from sklearn.cluster import KMeans
from sklearn.linear_model import LogisticRegression, Ridge, SGDClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from sealscrub.transforms.sklearn import SealedFit, SealedRowDropper, SealedValueMasker

from .arrests import ON, index


def made_up_keys(rows: Any) -> list[str]:
    count = np.shape(rows)[0] if hasattr(rows, "shape") else len(np.asarray(rows))
    return [f"M15{700000 + at}" for at in range(count)]


class KeyedFit(SealedFit):
    def _rows_to_keep(self, X: Any, key: Any) -> Any:  # noqa: N803
        return super()._rows_to_keep(X, made_up_keys(X))


class KeyedDropper(SealedRowDropper):
    def _rows_to_keep(self, X: Any, key: Any) -> Any:  # noqa: N803
        return super()._rows_to_keep(X, made_up_keys(X))


class KeyedMasker(SealedValueMasker):
    def _judge_cells(self, X: Any, key: Any) -> Any:  # noqa: N803
        return super()._judge_cells(X, made_up_keys(X))


ESTIMATORS = [
    KeyedFit(LogisticRegression(), index(), ON),
    KeyedFit(SGDClassifier(random_state=0), index(), ON),
    KeyedFit(Ridge(), index(), ON),
    KeyedFit(StandardScaler(), index(), ON),
    KeyedFit(KMeans(3, random_state=0, n_init=1), index(), ON),
    KeyedFit(make_pipeline(StandardScaler(), LogisticRegression()), index(), ON),
    KeyedDropper(index(), ON),
    KeyedMasker(index(), ON),
]


@pytest.mark.thinned(together=1, between="-")
@pytest.mark.filterwarnings("ignore")
@parametrize_with_checks(ESTIMATORS)
def test_an_estimator_passes_the_checks(estimator: BaseEstimator, check: Callable[[BaseEstimator], None]) -> None:
    check(estimator)
