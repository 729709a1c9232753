"""A transform that makes cells of matched rows missing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar

from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from sealscrub.index import Index
from sealscrub.matching import Policy
from sealscrub.matching.key_columns import On

from .masked_cells import check_columns, masked
from .row_keys import judged, key_levels

__all__ = ["SealedValueMasker"]


class SealedValueMasker(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Make cells of sealed rows missing, in a fit and at predict, and keep the rows.

    It learns nothing. Every row stays in its place: anyone who learns from the result learns that there was a row.
    For training leave the rows out, with :class:`SealedFit`; this is for the inputs of predictions, where a sealed
    record may not be used and an answer is due all the same.

    Parameters
    ----------
    index : Index
        From :func:`sealscrub.open_index`.
    on : mapping, or iterable of str
        Which columns are keys: ``{"arrest_number": "ARREST_NO"}``. They are columns of ``X``, or come as ``key=``.
    columns : sequence of str or of int, optional
        Columns whose cells become missing, by name in a frame, by position in an array; all of them if not given,
        key columns included.
    use : str
        What the data is for; the index must have been published for it.
    policy : Policy, optional
        How strict to be. With ``Policy(quarantine=True)`` rows whose keys could not be checked are masked as well.
    sweep : bool
        Whether what is not a key column of a frame is compared with the index as well, in the rows that stay.
    leave : mapping of str to str, optional
        Columns that are not compared, and why.
    keep_levels : collection of str
        Categorical columns whose list of levels is fixed by declaration and stays whole.

    Attributes
    ----------
    n_features_in_ : int
        Number of columns of ``X``.
    feature_names_in_ : ndarray of str
        Their names, if they have any.

    Notes
    -----
    A column of `columns` gets a type that holds missing values, whether or not a row matched: numpy's integers
    become ``float64``, its Booleans pandas' ``boolean`` (in an array ``float64``). Other containers keep their types.

    Examples
    --------
    >>> import polars as pl
    >>> from sealscrub.datasets import example_index
    >>> arrests = pl.DataFrame({"arrest_no": ["M14000016", "K14612345"], "precinct": [14, 79], "age": [20, 30]})
    >>> masker = SealedValueMasker(example_index(["K14612345"]), {"arrest_number": "arrest_no"}, columns=["precinct"])
    >>> masker.fit_transform(arrests)["precinct"].to_list()
    [14, None]
    """

    __metadata_request__fit: ClassVar = {"key": True}
    __metadata_request__transform: ClassVar = {"key": True}

    def __init__(
        self,
        index: Index,
        on: On,
        columns: Sequence[str] | Sequence[int] | None = None,
        *,
        use: str = "training",
        policy: Policy | None = None,
        sweep: bool = True,
        leave: Mapping[str, str] | None = None,
        keep_levels: Collection[str] = (),
    ) -> None:
        self.index = index
        self.on = on
        self.columns = columns
        self.use = use
        self.policy = policy
        self.sweep = sweep
        self.leave = leave
        self.keep_levels = keep_levels

    def fit(self, X: Any, y: Any = None, *, key: Any = None) -> SealedValueMasker:
        """Check that the rows can be judged and the columns are there.

        Parameters
        ----------
        X : frame or array of shape (n, n_features)
            The rows.
        y : array of shape (n,), optional
            Not checked.
        key : array of shape (n,), or frame of shape (n, n_keys), optional
            Keys of the rows, if `X` does not hold them.

        Returns
        -------
        SealedValueMasker
            Itself.

        Raises
        ------
        UnsuitableIndex, ExpiredIndex, UncheckedKeys, LowCoverage, SealedElsewhere, ColumnError, ConfigError
            As :func:`sealscrub.scrub` does.
        """
        check_columns(X, self.columns)
        self._judge_cells(X, key)
        validate_data(self, X, skip_check_array=True)
        return self

    def transform(self, X: Any, *, key: Any = None) -> Any:
        """Make the cells of matched rows missing.

        Parameters
        ----------
        X : frame or array of shape (n, n_features)
            The rows.
        key : array of shape (n,), or frame of shape (n, n_keys), optional
            Keys of the rows, if `X` does not hold them.

        Returns
        -------
        frame or array of shape (n, n_features)
            Of the kind that came in, with the same rows.

        Raises
        ------
        UnsuitableIndex, ExpiredIndex, UncheckedKeys, LowCoverage, SealedElsewhere, ColumnError, ConfigError
            As :func:`sealscrub.scrub` does.
        UsageError
            When a column can hold no missing values, or integers that a float does not hold exactly.
        """
        check_is_fitted(self)
        validate_data(self, X, skip_check_array=True, reset=False)
        check_columns(X, self.columns)
        levels = key_levels(self)
        return masked(X, self._judge_cells(X, key), self.columns, self.keep_levels, levels)

    def fit_transform(self, X: Any, y: Any = None, *, key: Any = None) -> Any:
        """Fit, then transform; see there."""
        return self.fit(X, y, key=key).transform(X, key=key)

    def _judge_cells(self, X: Any, key: Any) -> Any:
        verdicts = judged(self, X, key)
        quarantine = self.policy is not None and self.policy.quarantine
        return verdicts.matched | verdicts.unchecked if quarantine else verdicts.matched

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "n_features_in_")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.no_validation = True
        tags.input_tags.allow_nan = tags.input_tags.string = True
        return tags
