"""Models of counts, from which rows can be subtracted without a trace: integers add up in any order."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

from sealscrub.errors import ConfigError

from .clean_data import CleanData

__all__ = ["decremented"]

_COUNTING = ("BernoulliNB", "CategoricalNB", "MultinomialNB")


def decremented(model: Any, fit: Callable[[Any], Any], clean: CleanData, target: str | None) -> Any | None:
    """Subtract the sealed rows from a model of counts.

    scikit-learn's naive Bayes models of counts take a batch with weights of -1, which is not documented there; a
    ``Counter`` or an array of integers loses what `fit` counts in the sealed rows. The result is for comparing
    with a training from scratch, always.

    Returns
    -------
    object or None
        None if it cannot be done, such as for rows that the model never saw.

    Raises
    ------
    ConfigError
        When the model is not a model of counts, or the data is not one frame.
    """
    barred = clean.barred()
    if isinstance(model, Counter) or (isinstance(model, np.ndarray) and model.dtype.kind in "iu"):
        try:
            less = fit(barred)
        except Exception:  # it would quote a sealed row
            return None
        return _fewer(model, less) if isinstance(model, Counter) else _subtracted(model, less)
    if type(model).__name__ in _COUNTING and type(model).__module__.startswith("sklearn."):
        return _forget_rows(model, *clean.features_and_target(barred, target))
    raise ConfigError(
        f"a {type(model).__name__} is not a model of counts, and nothing can be subtracted from it exactly",
        hint="use method='retrain'.",
    )


def _fewer(model: Counter[Any], less: Any) -> Counter[Any] | None:
    """Subtract counts; what is counted no more is removed."""
    if not isinstance(less, Counter):
        return None
    return Counter({value: count - less[value] for value, count in model.items() if count != less[value]})


def _subtracted(model: Any, less: Any) -> Any | None:
    fits = isinstance(less, np.ndarray) and less.shape == model.shape and less.dtype == model.dtype
    return model - less if fits else None


def _forget_rows(model: Any, features: Any, target: Any) -> Any | None:
    less = copy.deepcopy(model)
    if not len(target):
        return less
    try:
        less.partial_fit(features, target, sample_weight=np.full(len(target), -1.0))
    except Exception:  # a class or a level that the model does not know; it would quote a sealed row
        return None
    if hasattr(model, "n_categories_"):  # CategoricalNB has taken it from this batch only
        less.n_categories_ = copy.deepcopy(model.n_categories_)
    return less
