"""Misspellings of ids: what people and attackers ask about other than the sealed ones."""

from __future__ import annotations

from typing import Any

from ..trial.fresh_keys import text_of

__all__ = ["wrong_ids"]

_LOOKS_LIKE = str.maketrans("0O1I5S8B", "O0I1S5B8")


def wrong_ids(value: Any) -> list[str]:
    """Misspell an id as people and attackers do: I for 1, small letters, a digit too few, one too many, another sign.

    Examples
    --------
    >>> wrong_ids("K14000003")
    ['KI4000003', 'k14000003', 'K1400000', 'K140000030', ' K14000003 ', "K14000003'"]
    """
    text = text_of(value)
    looks = next((at for at, char in enumerate(text) if at and char in "0158"), None)
    first = [text[:looks] + text[looks].translate(_LOOKS_LIKE) + text[looks + 1 :]] if looks is not None else []
    spelled = [*first, text.lower(), text[:-1], f"{text}0", f" {text} ", f"{text}'"]
    return [each for each in dict.fromkeys(spelled) if each != text]
