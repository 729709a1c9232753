"""Text: sentences that mention what may not be shown are removed, in whole texts and in streams."""

from sealscrub.boundary import bound_room
from sealscrub.matching.texts.mentions import Mention

from .guarded_text import GuardedText, TextExplanation, explain_text, guard_text
from .stream_adapters import guard_deltas, guard_events, guard_stream, guard_stream_async
from .text_stream import StreamGuard

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

bound_room(__name__)
