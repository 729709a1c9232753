"""Outputs: what a model, a search or a service answers, as it would be had the sealed records never existed."""

from .judging import Judge, Judgement
from .live_index import Health, LiveIndex
from .text import (
    GuardedText,
    Mention,
    StreamGuard,
    TextExplanation,
    explain_text,
    guard_deltas,
    guard_events,
    guard_stream,
    guard_stream_async,
    guard_text,
)

__all__ = [
    "GuardedText",
    "Health",
    "Judge",
    "Judgement",
    "LiveIndex",
    "Mention",
    "StreamGuard",
    "TextExplanation",
    "explain_text",
    "guard_deltas",
    "guard_events",
    "guard_stream",
    "guard_stream_async",
    "guard_text",
]
