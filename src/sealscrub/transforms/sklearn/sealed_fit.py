"""A meta-estimator that leaves sealed rows out of a fit."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from sklearn import get_config
from sklearn.base import BaseEstimator, MetaEstimatorMixin, clone
from sklearn.utils import get_tags
from sklearn.utils.metadata_routing import MetadataRouter, MethodMapping, process_routing
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from sealscrub.errors import ConfigError, UnreadableInput
from sealscrub.index import Index
from sealscrub.matching import Policy
from sealscrub.matching.key_columns import On
from sealscrub.tables.containers import interleaved, kept_params, kept_rows, without_columns
from sealscrub.tables.levels import LevelRules

from .row_keys import judged, key_levels, key_names

__all__ = ["SealedFit"]

_METHODS = (
    "fit",
    "partial_fit",
    "fit_transform",
    "score",
    "predict",
    "predict_proba",
    "predict_log_proba",
    "decision_function",
    "transform",
    "inverse_transform",
)
"""Between which metadata goes; scikit-learn routes none to others."""


def _has(name: str) -> Callable[[SealedFit], bool]:
    """Whether the estimator has a method; if it has not, neither does what is around it."""

    def check(self: SealedFit) -> bool:
        getattr(vars(self).get("estimator_", self.estimator), name)
        return True

    return check


class SealedFit(MetaEstimatorMixin, BaseEstimator):
    """Fit an estimator without the sealed rows: bit for bit what a fit on clean data gives.

    Everything else is the estimator's own: predictions, probabilities, transforms, fitted attributes. Key columns
    of ``X`` never reach it.

    Parameters
    ----------
    estimator : estimator
        What is fitted: a model, a transformer, a whole pipeline or search.
    index : Index
        From :func:`sealscrub.open_index`.
    on : mapping, or iterable of str
        Which columns are keys: ``{"arrest_number": "ARREST_NO"}``. They are columns of ``X``, or come as ``key=``.
    use : str
        What the data is for; the index must have been published for it.
    policy : Policy, optional
        How strict to be. With ``Policy(quarantine=True)`` rows whose keys could not be checked are left out as well.
    sweep : bool
        Whether what is not a key column of a frame is compared with the index as well, in the rows that stay.
    leave : mapping of str to str, optional
        Columns that are not compared, and why.

    Attributes
    ----------
    estimator_ : estimator
        The fitted estimator, which knows nothing of an index and can be shipped on its own. Its fitted attributes, such
        as ``classes_`` or ``coef_``, are attributes of this one too.

    See Also
    --------
    SealedRowDropper : Drops rows where imbalanced-learn's samplers are.

    Notes
    -----
    Put it around everything that learns from rows. Inside a search or a cross-validation each fit is clean, but
    which rows make up a fold still depends on the sealed ones, and a metric computed from ``predict`` counts them:
    ``SealedFit(GridSearchCV(…))`` is clean throughout. Likewise ``SealedFit(Pipeline(…))``: after a step of its own,
    sealed rows are passed on to the next.

    ``score`` leaves sealed rows out, so it needs their keys as ``fit`` does. ``predict`` and ``transform`` answer
    for every row: what may be said about a sealed one is for a guard to decide.

    Nothing fitted says how many rows were sealed or which. The index pickles as a reference to its file.

    Examples
    --------
    >>> import polars as pl
    >>> from sklearn.linear_model import LinearRegression
    >>> from sealscrub.datasets import example_index
    >>> arrests = pl.DataFrame({"arrest_no": ["M14000016", "K14612345", "M14000017"], "age": [20.0, 90.0, 30.0]})
    >>> model = SealedFit(LinearRegression(), example_index(["K14612345"]), on={"arrest_number": "arrest_no"})
    >>> model.fit(arrests, [1.0, 50.0, 2.0]).predict(pl.DataFrame({"age": [40.0]})).round(6).tolist()
    [3.0]
    >>> model.feature_names_in_.tolist()
    ['age']
    """

    __metadata_request__fit: ClassVar = {"key": True}
    __metadata_request__partial_fit: ClassVar = {"key": True}
    __metadata_request__score: ClassVar = {"key": True}

    def __init__(
        self,
        estimator: Any,
        index: Index,
        on: On,
        *,
        use: str = "training",
        policy: Policy | None = None,
        sweep: bool = True,
        leave: Mapping[str, str] | None = None,
    ) -> None:
        self.estimator = estimator
        self.index = index
        self.on = on
        self.use = use
        self.policy = policy
        self.sweep = sweep
        self.leave = leave

    def fit(self, X: Any, y: Any = None, *, key: Any = None, **params: Any) -> SealedFit:
        """Fit a clone of the estimator on the rows that are not sealed.

        Parameters
        ----------
        X : frame, array, sparse matrix or list of shape (n, n_features)
            The rows.
        y : array of shape (n,) or (n, n_outputs), optional
            What is to be learned.
        key : array of shape (n,), or frame of shape (n, n_keys), optional
            Keys of the rows, if `X` does not hold them.
        **params
            For the estimator's ``fit``. What has a value for each row is realigned.

        Returns
        -------
        SealedFit
            Itself.

        Raises
        ------
        UnsuitableIndex, ExpiredIndex, UncheckedKeys, LowCoverage, SealedElsewhere, ColumnError, ConfigError
            As :func:`sealscrub.scrub` does. Errors of the estimator are its own: it saw clean rows only.
        UsageError
            When a parameter holds other rows than `X`, such as a set to validate on.
        """
        keep = self._rows_to_keep(X, key)
        given = kept_params(self._routed("fit", params), keep, self._levels())
        self.estimator_ = clone(self.estimator).fit(
            self._features(X, keep), kept_rows(y, keep, self._levels()), **given
        )
        return self

    @available_if(_has("partial_fit"))
    def partial_fit(self, X: Any, y: Any = None, *, key: Any = None, **params: Any) -> SealedFit:
        """Continue fitting with the rows of a batch that are not sealed; if all are, there was no batch."""
        keep = self._rows_to_keep(X, key)
        given = kept_params(self._routed("partial_fit", params), keep, self._levels())
        if keep.any() or not len(keep):
            fitted = vars(self).get("estimator_") or clone(self.estimator)
            self.estimator_ = fitted.partial_fit(self._features(X, keep), kept_rows(y, keep, self._levels()), **given)
        return self

    @available_if(_has("transform"))
    def fit_transform(self, X: Any, y: Any = None, *, key: Any = None, **params: Any) -> Any:
        """Fit on the rows that are not sealed, and transform all: the result is that of a fit on them alone."""
        keep = self._rows_to_keep(X, key)
        given = kept_params(self._routed("fit_transform", params), keep, self._levels())
        estimator, features, target = clone(self.estimator), self._features(X, keep), kept_rows(y, keep, self._levels())
        if hasattr(estimator, "fit_transform"):
            made = estimator.fit_transform(features, target, **given)
        else:
            made = estimator.fit(features, target, **given).transform(features)
        self.estimator_ = estimator
        if not keep.all():
            made = interleaved(made, self._transformed_aside(X, ~keep), keep)
        if hasattr(made, "iloc") and hasattr(X, "iloc"):
            made.index = X.index
        return made

    @available_if(_has("score"))
    def score(self, X: Any, y: Any = None, *, key: Any = None, **params: Any) -> Any:
        """Score the estimator on the rows that are not sealed."""
        check_is_fitted(self)
        keep = self._rows_to_keep(X, key)
        given = kept_params(self._routed("score", params), keep, self._levels())
        return self.estimator_.score(self._features(X, keep), kept_rows(y, keep, self._levels()), **given)

    @available_if(_has("predict"))
    def predict(self, X: Any, **params: Any) -> Any:
        """Predict for every row."""
        return self._answer("predict", X, params)

    @available_if(_has("predict_proba"))
    def predict_proba(self, X: Any, **params: Any) -> Any:
        """Give the probability of each class for every row."""
        return self._answer("predict_proba", X, params)

    @available_if(_has("predict_log_proba"))
    def predict_log_proba(self, X: Any, **params: Any) -> Any:
        """Give the logarithm of the probability of each class for every row."""
        return self._answer("predict_log_proba", X, params)

    @available_if(_has("decision_function"))
    def decision_function(self, X: Any, **params: Any) -> Any:
        """Give the estimator's decision function for every row."""
        return self._answer("decision_function", X, params)

    @available_if(_has("score_samples"))
    def score_samples(self, X: Any) -> Any:
        """Give the estimator's score of every row."""
        check_is_fitted(self)
        return self.estimator_.score_samples(without_columns(X, key_names(self.on)))

    @available_if(_has("transform"))
    def transform(self, X: Any, **params: Any) -> Any:
        """Transform every row."""
        return self._answer("transform", X, params)

    @available_if(_has("inverse_transform"))
    def inverse_transform(self, X: Any, **params: Any) -> Any:
        """Transform every row back."""
        return self._answer("inverse_transform", X, params)

    @available_if(_has("get_feature_names_out"))
    def get_feature_names_out(self, input_features: Any = None) -> Any:
        """Name the columns of a transform's result; names of key columns are passed over."""
        check_is_fitted(self)
        if input_features is not None:
            names = key_names(self.on)
            input_features = np.asarray([name for name in input_features if name not in names], dtype=object)
        return self.estimator_.get_feature_names_out(input_features)

    @available_if(_has("set_output"))
    def set_output(self, *, transform: Any = None) -> SealedFit:
        """Choose the container of a transform's result: ``"default"``, ``"pandas"`` or ``"polars"``."""
        self.estimator.set_output(transform=transform)
        if "estimator_" in vars(self):
            self.estimator_.set_output(transform=transform)
        return self

    def get_metadata_routing(self) -> MetadataRouter:
        """Say which metadata goes where: ``key`` stays here, the rest is the estimator's to ask for."""
        mapping = MethodMapping()
        for method in _METHODS:
            mapping.add(caller=method, callee=method)
        router = MetadataRouter(owner=self).add_self_request(self)
        return router.add(estimator=self.estimator, method_mapping=mapping)

    def _rows_to_keep(self, X: Any, key: Any) -> npt.NDArray[np.bool_]:
        if get_tags(self.estimator).input_tags.pairwise:
            raise ConfigError(
                "X holds distances or a kernel between rows, whose columns are rows too",
                where=type(self).__name__,
                hint="scrub the data with sealscrub.scrub before the matrix is made.",
            )
        return judged(self, X, key).keep

    def _levels(self) -> LevelRules:
        return key_levels(self)

    def _features(self, X: Any, keep: npt.NDArray[np.bool_]) -> Any:
        return without_columns(kept_rows(X, keep, self._levels()), key_names(self.on))

    def _transformed_aside(self, X: Any, aside: npt.NDArray[np.bool_]) -> Any:
        """Transform rows that were left out of the fit, of which no error may show a value."""
        try:
            return self.estimator_.transform(self._features(X, aside))
        except Exception as error:
            raise UnreadableInput(
                f"the estimator cannot transform rows that were left out of its fit ({type(error).__name__})",
                where=type(self).__name__,
                hint="put SealedFit around the whole pipeline, so they are not transformed.",
            ) from None

    def _answer(self, method: str, X: Any, params: dict[str, Any]) -> Any:
        check_is_fitted(self)
        given = self._routed(method, params)
        return getattr(self.estimator_, method)(without_columns(X, key_names(self.on)), **given)

    def _routed(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        if not get_config()["enable_metadata_routing"]:
            return params
        return dict(process_routing(self, method, **params)["estimator"][method])

    def __getattr__(self, name: str) -> Any:
        fitted = name.endswith("_") and not name.startswith("_") and name != "estimator_"
        if fitted and "estimator_" in vars(self):
            return getattr(self.estimator_, name)
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __sklearn_is_fitted__(self) -> bool:
        return "estimator_" in vars(self)

    def __sklearn_tags__(self) -> Any:
        tags = copy.deepcopy(get_tags(self.estimator))
        tags.requires_fit = True
        return tags
