"""Outputs: what a model, a search or a service answers, as it would be had the sealed records never existed."""

from .gallery import NullGallery
from .graphs import guard_edges, guard_graph
from .judging import Judge, Judgement
from .live_index import Health, LiveIndex

__all__ = ["Health", "Judge", "Judgement", "LiveIndex", "NullGallery", "guard_edges", "guard_graph"]
