"""Estimators of many kinds, of scikit-learn and of boosting libraries where they are installed."""

from __future__ import annotations

import importlib.util
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.calibration import CalibratedClassifierCV
from sklearn.cluster import KMeans
from sklearn.compose import make_column_transformer
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import (
    AdaBoostClassifier,
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    IsolationForest,
    RandomForestClassifier,
)
from sklearn.feature_selection import SelectKBest
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LassoCV, LinearRegression, LogisticRegression, Ridge, SGDClassifier
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB, MultinomialNB
from sklearn.neighbors import KernelDensity, KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import KBinsDiscretizer, OneHotEncoder, QuantileTransformer, StandardScaler, TargetEncoder
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

ESTIMATORS: list[Any] = [
    AdaBoostClassifier(n_estimators=5, random_state=0),
    CalibratedClassifierCV(GaussianNB(), cv=3),
    DecisionTreeClassifier(random_state=0),
    ExtraTreesClassifier(5, random_state=0),
    GaussianMixture(2, random_state=0),
    GaussianNB(),
    GaussianProcessRegressor(random_state=0),
    GradientBoostingClassifier(n_estimators=5, random_state=0),
    GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, cv=3),
    HistGradientBoostingClassifier(max_iter=5, early_stopping=True, random_state=0),
    IsolationForest(n_estimators=5, random_state=0),
    KBinsDiscretizer(3, strategy="uniform"),
    KMeans(3, n_init=1, random_state=0),
    KNeighborsClassifier(3),
    KernelDensity(),
    LassoCV(cv=3, random_state=0),
    LinearDiscriminantAnalysis(),
    LinearRegression(),
    LogisticRegression(max_iter=500),
    MLPClassifier((4,), max_iter=500, tol=1e-2, random_state=0),
    MultinomialNB(),
    PCA(2, random_state=0),
    QuantileTransformer(n_quantiles=20, random_state=0),
    RandomForestClassifier(5, random_state=0),
    Ridge(),
    SGDClassifier(random_state=0),
    SVC(random_state=0),
    SelectKBest(k=2),
    SimpleImputer(),
    StandardScaler(),
    make_pipeline(StandardScaler(), PCA(2, random_state=0), LogisticRegression()),
    make_column_transformer((OneHotEncoder(handle_unknown="ignore"), ["priors"]), (StandardScaler(), ["age", "hour"])),
    make_pipeline(TargetEncoder(cv=3, random_state=0), Ridge()),
]
if importlib.util.find_spec("xgboost"):
    from xgboost import XGBClassifier

    ESTIMATORS.append(XGBClassifier(n_estimators=5, n_jobs=1, random_state=0))
if importlib.util.find_spec("lightgbm"):
    from lightgbm import LGBMClassifier

    ESTIMATORS.append(LGBMClassifier(n_estimators=5, n_jobs=1, random_state=0, verbose=-1))


def without_times(estimator: Any) -> Any:
    """Give a search without how long its fits took, and with arrays that joblib can digest."""
    if hasattr(estimator, "cv_results_"):
        kept = {name: np.ma.getdata(each) for name, each in estimator.cv_results_.items() if "time" not in name}
        estimator.cv_results_, estimator.refit_time_ = kept, 0.0
    return estimator


def name_of(estimator: BaseEstimator) -> str:
    return type(estimator[-1] if hasattr(estimator, "steps") else estimator).__name__
