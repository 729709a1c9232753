"""Outputs: what a model, a search or a service answers, as it would be had the sealed records never existed."""

from .gallery import NullGallery
from .graphs import guard_edges, guard_graph
from .json_answers import ABSENT, JsonAnswer, JsonGuard, Limits, guard_json, guard_json_lines, guard_record_stream
from .judging import Judge, Judgement
from .live_index import Health, LiveIndex

__all__ = [
    "ABSENT",
    "Health",
    "JsonAnswer",
    "JsonGuard",
    "Judge",
    "Judgement",
    "Limits",
    "LiveIndex",
    "NullGallery",
    "guard_edges",
    "guard_graph",
    "guard_json",
    "guard_json_lines",
    "guard_record_stream",
]
