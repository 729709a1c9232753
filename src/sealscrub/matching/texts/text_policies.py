"""What happens to a text, and what is asked of those that find mentions in it."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

from sealscrub.errors import ConfigError
from sealscrub.identifiers.letters import Letters

from .mentions import Mention

__all__ = ["Finder", "TextPolicy"]


class TextPolicy(StrEnum):
    """What happens to a text that mentions what may not be shown."""

    TOKEN = "token"  # noqa: S105 - a part of a text, no secret
    SENTENCE = "sentence"
    REFUSE = "refuse"

    @classmethod
    def of(cls, policy: str) -> TextPolicy:
        """Read a policy.

        Raises
        ------
        ConfigError
            When none has this name.
        """
        try:
            return cls(policy)
        except ValueError:
            raise ConfigError("unknown policy for texts", hint=f"use one of {', '.join(cls)}.") from None


class Finder(Protocol):
    """Finds mentions in a text."""

    def find(self, text: str, read: Sequence[Letters], start: int, stop: int, units: Sequence[int]) -> list[Mention]:
        """Find what begins between two places; `units` says where units begin, and where the last ends."""

    @property
    def letters(self) -> int:
        """The most letters that a word within a mention may have, if such words may end a sentence."""

    def seen_whole(self, letters: Letters, place: int) -> bool:
        """Whether all that begins before a place ends before the text does."""

    def closed(self, letters: Letters) -> bool:
        """Whether nothing that begins in a text could continue behind its end, whatever follows."""
