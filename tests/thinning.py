"""Which cases of a matrix the gate runs; the others are long."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from itertools import combinations


def thin(cases: Mapping[str, Sequence[object]], together: int) -> set[str]:
    """Names of cases that bring together all that any of them does, ``together`` parameters at a time.

    A case is its values, in the order of the parameters. The order of the cases changes nothing.
    """
    chosen, seen = set(), set()
    for name in sorted(cases, key=lambda each: (zlib.crc32(each.encode()), each)):
        brought = set(combinations(enumerate(cases[name]), together))
        if not brought <= seen:
            chosen.add(name)
            seen |= brought
    return chosen
