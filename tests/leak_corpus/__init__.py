"""The leak corpus: small pipelines that each let a sealed record through in a way with a name, and their clean twins.

It proves the prover: the nullity test has to find every leak, name what it is in, and flag none of the twins.
"""

from __future__ import annotations

from . import counting, encoders, files, frames, labels_and_splits, models, places_and_graphs, queries, state
from .case import CORPUS, Case

__all__ = ["CORPUS", "Case", "counting", "encoders", "files", "frames", "labels_and_splits", "models",
           "places_and_graphs", "queries", "state"]  # fmt: skip
