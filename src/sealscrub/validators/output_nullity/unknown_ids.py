"""Ids that nobody has, and misspellings of ids: what an auditor asks about beside the sealed ones."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np
import polars as pl

from sealscrub.errors import UsageError
from sealscrub.identifiers import Status, canonicalise, digest_column
from sealscrub.index import Index

__all__ = ["canonical_ids", "sealed_by", "unknown_ids", "wrong_ids"]

_TRIES = 400
_LOOKS_LIKE = str.maketrans("0O1I5S8B", "O0I1S5B8")


def canonical_ids(ids: Sequence[Any], scheme: str) -> list[str | None]:
    """Bring ids to their canonical form; None where one does not parse."""
    texts = pl.Series("key", [None if each is None else str(each) for each in ids], dtype=pl.String)
    found = canonicalise(texts, scheme)
    good = found.status == Status.OK
    return [value if fine else None for value, fine in zip(found.values.to_list(), good, strict=True)]


def sealed_by(index: Index, scheme: str) -> Callable[[str], bool]:
    """Give what says whether an index holds a canonical id."""

    def holds(value: str) -> bool:
        digests = digest_column(pl.Series([value], dtype=pl.String), index.scheme_key(scheme))
        return bool(index.lookup(scheme, digests)[0])

    return holds


def unknown_ids(
    like: Sequence[Any],
    scheme: str,
    taken: Collection[str],
    draws: np.random.Generator,
    sealed: Callable[[str], bool] = lambda value: False,
) -> list[Any]:
    """Make an id for each that is given, of the same form and type, which is not taken, nor any other of these.

    Raises
    ------
    UsageError
        When no free id of that form is found.

    Examples
    --------
    >>> made = unknown_ids(["K14000003"], "arrest_number", {"K14000003"}, np.random.default_rng(0))
    >>> made[0][:3], made[0] != "K14000003"
    ('K14', True)
    """
    made: list[Any] = []
    have = set(taken)
    for start in like:
        for trial in range(_TRIES):
            value = _mutated(str(start), draws, 6 if trial < _TRIES // 2 else 4)
            canonical = canonical_ids([value], scheme)[0]
            if canonical is not None and canonical not in have and not sealed(canonical):
                have.add(canonical)
                made.append(value if isinstance(start, str) else type(start)(value))
                break
        else:
            raise UsageError(f"no free {scheme} of the form of the data's was found", hint="see the key column.")
    return made


def _mutated(value: str, draws: np.random.Generator, digits: int) -> str:
    places = [at for at, char in enumerate(value) if char.isdigit()][-digits:]
    chars = list(value)
    for at in places:
        chars[at] = str(int(draws.integers(10)))
    return "".join(chars) if places else f"{value}{int(draws.integers(10**6))}"


def wrong_ids(value: Any) -> list[str]:
    """Misspell an id as people and attackers do: I for 1, small letters, a digit too few, one too many, another sign.

    Examples
    --------
    >>> wrong_ids("K14000003")
    ['KI4000003', 'k14000003', 'K1400000', 'K140000030', ' K14000003 ', "K14000003'"]
    """
    text = str(value)
    looks = next((at for at, char in enumerate(text) if at and char in "0158"), None)
    first = [text[:looks] + text[looks].translate(_LOOKS_LIKE) + text[looks + 1 :]] if looks is not None else []
    spelled = [*first, text.lower(), text[:-1], f"{text}0", f" {text} ", f"{text}'"]
    return [each for each in dict.fromkeys(spelled) if each != text]
