"""scikit-learn's estimators without sealed records: what goes into a fit, and what the cells of matched rows become.

:class:`SealedFit` wraps an estimator, or a whole pipeline or search, and leaves sealed rows out of its fit.
:class:`SealedRowDropper` drops them where imbalanced-learn's samplers are. :class:`SealedValueMasker` keeps the rows
and makes their cells missing, at predict as well. Importing this needs the extra ``sklearn``.
"""

from __future__ import annotations

from sealscrub.errors import MissingExtra

try:
    import sklearn  # noqa: F401 - whether it is there
except ImportError:
    raise MissingExtra.of("scikit-learn", "sklearn") from None

from sealscrub.boundary import bound_room

from .row_dropper import SealedRowDropper
from .sealed_fit import SealedFit
from .value_masker import SealedValueMasker

__all__ = ["SealedFit", "SealedRowDropper", "SealedValueMasker"]

bound_room(__name__)
