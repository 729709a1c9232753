"""A sampler that drops sealed rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator
from sklearn.utils.validation import validate_data

from sealscrub.index import Index
from sealscrub.matching import Policy
from sealscrub.matching.key_columns import On
from sealscrub.tables.containers import kept_params, kept_rows

from .row_keys import judged, key_levels

__all__ = ["SealedRowDropper"]


class SealedRowDropper(BaseEstimator):
    """Drop sealed rows, as a sampler does: in fits only, and ``y`` with ``X``.

    It is in ``imblearn.pipeline.Pipeline`` before anything that learns. scikit-learn's own pipeline takes no
    samplers, since a transform may not change the number of rows: there :class:`SealedFit` goes around the whole.

    Parameters
    ----------
    index : Index
        From :func:`sealscrub.open_index`.
    on : mapping, or iterable of str
        Which columns are keys: ``{"arrest_number": "ARREST_NO"}``.
    use : str
        What the data is for; the index must have been published for it.
    policy : Policy, optional
        How strict to be. With ``Policy(quarantine=True)`` rows whose keys could not be checked are removed as well.
    sweep : bool
        Whether what is not a key column of a frame is compared with the index as well, in the rows that stay.
    leave : mapping of str to str, optional
        Columns that are not compared, and why.

    Attributes
    ----------
    kept_indices_ : ndarray of int
        Positions of the rows that stayed, after :meth:`fit_resample`. It reveals where sealed rows were: it is left out
        of pickles and copies.
    n_features_in_ : int
        Number of columns of ``X``.
    feature_names_in_ : ndarray of str
        Their names, if they have any.

    See Also
    --------
    SealedFit : Leaves sealed rows out of the fit of any estimator.
    SealedValueMasker : Keeps the rows and makes their cells missing.

    Notes
    -----
    The key column stays in ``X``: select the features behind it, with ``ColumnTransformer``, or pass the keys as
    ``key=``. The shape is that of imbalanced-learn's samplers.

    Examples
    --------
    >>> import polars as pl
    >>> from sealscrub.datasets import example_index
    >>> arrests = pl.DataFrame({"arrest_no": ["M14000016", "K14612345", "M14000017"], "precinct": [14, 79, 28]})
    >>> dropper = SealedRowDropper(example_index(["K14612345"]), on={"arrest_number": "arrest_no"})
    >>> X, y = dropper.fit_resample(arrests, [0, 1, 1])
    >>> X["precinct"].to_list(), y
    ([14, 28], [0, 1])
    >>> X, y, others = dropper.fit_resample(arrests, [0, 1, 1], sample_weight=[0.5, 1.0, 2.0])
    >>> others
    {'sample_weight': [0.5, 2.0]}
    """

    __metadata_request__fit: ClassVar = {"key": True}

    def __init__(
        self,
        index: Index,
        on: On,
        *,
        use: str = "training",
        policy: Policy | None = None,
        sweep: bool = True,
        leave: Mapping[str, str] | None = None,
    ) -> None:
        self.index = index
        self.on = on
        self.use = use
        self.policy = policy
        self.sweep = sweep
        self.leave = leave

    def fit(self, X: Any, y: Any = None, *, key: Any = None) -> SealedRowDropper:
        """Check that the rows can be judged, and drop nothing.

        Parameters
        ----------
        X : frame, array, sparse matrix or list of shape (n, n_features)
            The rows.
        y : array of shape (n,), optional
            Not checked.
        key : array of shape (n,), or frame of shape (n, n_keys), optional
            Keys of the rows, if `X` does not hold them.

        Returns
        -------
        SealedRowDropper
            Itself.
        """
        self._rows_to_keep(X, key)
        return self

    def fit_resample(self, X: Any, y: Any = None, *, key: Any = None, **params: Any) -> Any:
        """Drop sealed rows.

        Parameters
        ----------
        X : frame, array, sparse matrix or list of shape (n, n_features)
            The rows.
        y : array of shape (n,), optional
            What is to be learned.
        key : array of shape (n,), or frame of shape (n, n_keys), optional
            Keys of the rows, if `X` does not hold them.
        **params
            What else has one value for each row: ``sample_weight``, ``groups``.

        Returns
        -------
        tuple
            ``(X, y)`` without the sealed rows, each of the kind that it was; with `params` ``(X, y, params)``.

        Raises
        ------
        UnsuitableIndex, ExpiredIndex, UncheckedKeys, LowCoverage, SealedElsewhere, ColumnError, ConfigError
            As :func:`sealscrub.scrub` does.
        UsageError
            When `y`, `key` or one of `params` has not one value for each row.
        """
        keep = self._rows_to_keep(X, key)
        levels = key_levels(self)
        kept = kept_rows(X, keep, levels), kept_rows(y, keep, levels)
        others = kept_params(params, keep, levels)
        self.kept_indices_: npt.NDArray[np.intp] = np.flatnonzero(keep)
        return (*kept, others) if params else kept

    def _rows_to_keep(self, X: Any, key: Any) -> npt.NDArray[np.bool_]:
        verdicts = judged(self, X, key)
        validate_data(self, X, skip_check_array=True)
        return verdicts.keep

    def __getstate__(self) -> dict[str, Any]:
        state: dict[str, Any] = dict(super().__getstate__())
        state.pop("kept_indices_", None)
        return state

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.estimator_type = "sampler"
        tags.no_validation = True
        tags.input_tags.sparse = tags.input_tags.allow_nan = tags.input_tags.string = True
        return tags


# imbalanced-learn adds fit_resample to scikit-learn's methods when it is imported, which may be later
SealedRowDropper.__metadata_request__fit_resample = {"key": True}
