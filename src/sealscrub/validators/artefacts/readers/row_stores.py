"""Which objects keep the rows that they were fitted on, and which keep counts of them."""

from __future__ import annotations

from .inert_objects import Global

__all__ = ["CELLS_WITH_COUNTS", "stores_rows"]

_CLASSES = frozenset(
    {
        *("KDTree", "KDTree32", "KDTree64", "BallTree", "BallTree32", "BallTree64", "BinaryTree", "cKDTree"),
        *("DataFrame", "BlockManager"),
    }
)
_ATTRIBUTES = frozenset(
    {
        *("_fit_X", "_X_fit", "X_fit_", "X_fit", "X_train_", "_X_train", "support_vectors_"),
        *("_raw_data", "background_data", "_background", "masker"),
    }
)
_OF_CLASSES = {"Nystroem": "components_", "KNNImputer": "_fit_X", "KernelPCA": "X_fit_", "DBSCAN": "components_"}
_OF_CLASSES |= {"LabelPropagation": "X_", "LabelSpreading": "X_", "AffinityPropagation": "cluster_centers_"}
_OF_CLASSES_TOO = {"BallTree": "data", "KernelDensity": "tree_"}

CELLS_WITH_COUNTS = frozenset({"class_count_", "feature_count_", "category_count_", "counts_", "weight_cluster_counts"})
"""Attributes whose cells count training rows: a 1 is a single row's."""


def stores_rows(kind: Global, attribute: str) -> bool:
    """Whether objects of this class, or this attribute of them, hold training rows.

    Parameters
    ----------
    kind : Global
    attribute : str
        Empty for the object itself.
    """
    if not attribute:
        return kind.name in _CLASSES
    return attribute in _ATTRIBUTES or attribute in (_OF_CLASSES.get(kind.name), _OF_CLASSES_TOO.get(kind.name))
