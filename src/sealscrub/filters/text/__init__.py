"""Text: sentences that mention what may not come out are gone, in whole texts and in streams."""

from .guarding import GuardedText, TextExplanation, explain_text, guard_text
from .mentions import Mention
from .streaming import StreamGuard

__all__ = ["GuardedText", "Mention", "StreamGuard", "TextExplanation", "explain_text", "guard_text"]
