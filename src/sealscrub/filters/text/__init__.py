"""Text: sentences that mention what may not come out are gone, in whole texts and in streams."""

from .guarding import GuardedText, TextExplanation, explain_text, guard_text
from .mentions import Mention
from .streaming import StreamGuard
from .wrapping import guard_deltas, guard_events, guard_stream, guard_stream_async

__all__ = [
    "GuardedText",
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
