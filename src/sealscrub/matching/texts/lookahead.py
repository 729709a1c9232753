"""Whether what begins in a text could continue behind its end, so more has to be seen."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sealscrub.identifiers.letters import Letters

from .adjacent_values import LONGER
from .grammar import Bounds
from .text_runs import LONGEST_SPAN, Pieces, divides, kinds_of

__all__ = ["open_for", "seen_whole"]

_LOOK_BACK = 2 * LONGEST_SPAN  # characters in which the last runs before a place are looked for
_RUN = re.compile(b"[ad]+")
_TIGHT = re.compile(rb"[ad]\.|\.[ad]")
_NUMBER = re.compile(rb"d\.|[ad]\.d+[!,. ]+")  # that may turn out to be a value's end and another's beginning
_BACKWARD_RUN = "[^0-9A-Z]*+[0-9A-Z]++"


def seen_whole(letters: Letters, place: int, most: int, reach: int, alone: int) -> bool:
    """Whether every sequence that begins before a place ends before the text does.

    Parameters
    ----------
    letters : Letters
        The folded text.
    place : int
        The place, in the text itself.
    most : int
        Letters and digits of the longest.
    reach : int
        Characters behind a sequence that say whether it is a value of its own, if it is glued to them.
    alone : int
        How many digits without a mark may be a value, at the fewest.
    """
    behind = letters.first_from(place)
    first = _tail(letters.text, behind, 1)
    if first == behind:
        return True
    low = max(0, first - 2)
    kinds = kinds_of(letters.text[low:])
    size, end = 0, -1  # letters and digits from the last place where a sequence may begin, and where their run ends
    for found in _RUN.finditer(kinds, first - low):
        run, start = found[0], found.start()
        if found.end() == len(kinds):  # this run may continue
            return False
        if end >= 0:
            far = letters.start(low + start) - place > LONGEST_SPAN + reach
            size += max(1, len(run) - len(run.lstrip(b"d"))) if b"d" in run and b"a" in run else len(run)
            if far or size > most or divides(kinds[end:start]):
                return True
        else:
            size = len(run)
        end = found.end()
        digits = len(run) - len(run.rstrip(b"d"))
        behind_tight = _TIGHT.fullmatch(kinds, end, end + 2)
        if behind_tight or (digits == len(run) and _TIGHT.fullmatch(kinds, start - 2, start)):
            size = 1 if b"d" in run else size  # another sequence may begin with its last sign
        elif b"d" in run and b"a" in run:  # or with its last piece, or, in a long number, with each digit
            size = max(1, digits) if digits < LONGER and digits <= alone else 1
    return not _open_gap(kinds[end:])


def open_for(letters: Letters, all_bounds: Sequence[Bounds]) -> bool:
    """Whether a sequence that could be a value might begin here and continue behind the end of the text."""
    most = max((bounds.most for bounds in all_bounds), default=0)
    kinds = kinds_of(letters.text[-_LOOK_BACK:])
    runs = kinds.rstrip(b"!,. ")
    if not runs or not all_bounds:
        return False
    if len(runs) == len(kinds):  # with a digit behind it, a value may begin at each of its letters
        return True
    if not _open_gap(kinds[len(runs) :]):
        return False
    if any(found.end() == len(kinds) for found in _NUMBER.finditer(kinds)):
        return True
    pieces = Pieces(_letters_from(letters, _tail(letters.text, len(letters.text), most + 1)))
    if not pieces.begins[-1]:
        return True
    for at in range(len(pieces) - 1, -1, -1):
        if at + 1 < len(pieces) and not pieces.linked[at]:
            return False
        size = int(pieces.sizes[-1] - pieces.sizes[at])
        other = size - int(pieces.digits[-1] - pieces.digits[at])
        if size > most:
            return False
        first = pieces.signs[pieces.starts[at]]
        if any(b.first[first] and other <= b.letters and size <= b.most for b in all_bounds):
            return True
    return False


def _open_gap(kinds: bytes) -> bool:
    """Whether a run behind a gap could belong to the one before it."""
    return len(kinds) <= LONGEST_SPAN and not divides(kinds)


def _tail(text: str, behind: int, runs: int) -> int:
    """Where so many runs before a place begin; the place if none does, or too far from it."""
    low = max(0, behind - _LOOK_BACK)
    found = re.match(f"(?:{_BACKWARD_RUN}){{1,{runs}}}+", text[low:behind][::-1])
    if found is None:
        return behind
    return behind - found.end() if found.end() < behind - low else 0


def _letters_from(letters: Letters, first: int) -> Letters:
    """Letters from one of them on."""
    if letters.starts is None or letters.ends is None:
        return Letters(letters.text[first:])
    return Letters(letters.text[first:], letters.starts[first:], letters.ends[first:])
