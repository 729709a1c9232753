"""What scikit-learn asks of an estimator, answered by a guard for the model behind it."""

from __future__ import annotations

import copy
import inspect
from abc import ABC, abstractmethod
from dataclasses import fields
from typing import Any, Self

from sealscrub.errors import ConfigError

__all__ = ["AsEstimator"]


class AsEstimator(ABC):
    """Parameters, copies and tags of a guard, a dataclass, which are those of its model as far as they can be."""

    model: Any

    @property
    def _names(self) -> list[str]:
        made: Any = self
        return [each.name for each in fields(made)]

    @abstractmethod
    def _check(self) -> None:
        """Make sure that the parameters fit each other."""

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Give the parameters of the guard, and those of the model as ``model__NAME``."""
        params = {name: getattr(self, name) for name in self._names}
        if deep and hasattr(self.model, "get_params") and not inspect.isclass(self.model):
            params |= {f"model__{name}": value for name, value in self.model.get_params().items()}
        return params

    def set_params(self, **params: Any) -> Self:
        """Set parameters of the guard, or of the model as ``model__NAME``."""
        nested = {name.partition("__")[2]: value for name, value in params.items() if name.startswith("model__")}
        own = {name: value for name, value in params.items() if not name.startswith("model__")}
        for name, value in own.items():
            if name not in self._names:
                raise ConfigError(f"a guard has no parameter {name!r}", hint=f"it has {', '.join(self._names)}.")
            setattr(self, name, value)
        if nested:
            self.model.set_params(**nested)
        self._check()
        return self

    def __sklearn_clone__(self) -> Self:
        from sklearn.base import clone  # anyone who clones has it

        own = {name: getattr(self, name) for name in self._names if name != "model"}
        kind: Any = type(self)
        made: Self = kind(clone(self.model, safe=False), **own)
        return made

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import get_tags

        tags = copy.deepcopy(get_tags(self.model))
        tags.no_validation = True
        return tags

    def __sklearn_is_fitted__(self) -> bool:
        from sklearn.exceptions import NotFittedError
        from sklearn.utils.validation import check_is_fitted

        if not hasattr(self.model, "fit"):
            return True
        try:
            check_is_fitted(self.model)
        except NotFittedError:
            return False
        return True
