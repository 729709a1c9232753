"""Values of key columns, and what a naive reader makes of each: its status, and its reason in the index."""

from __future__ import annotations

from dataclasses import dataclass

WITHHELD_OR_SEALED = {
    "arrest_number": {"K14000001": 1, "K14000002": 1, "M15000001": 2},
    "opaque:a": {"1": 1, "2": 2},
    "docket": {"2014KN000001": 1, "2014KN000002": 2},
    "person_arrest": {"12345678A@2014-01-05": 1, "12345678A@2014-01-06": 2},
}


@dataclass(frozen=True)
class Value:
    """A raw value, what it counts as, and the reason that the index has for it."""

    raw: str | None
    status: str
    reason: int = 0


ARRESTS = [
    Value("K14000001", "ok", 1),
    Value("k14-000001", "ok", 1),
    Value("ARREST NO. K 14 2", "ok", 1),
    Value("M15000001", "ok", 2),
    Value("K14000009", "ok"),
    Value("Q19123456", "ok"),
    Value("K14OOOOO1", "near"),
    Value("nonsense", "unparsable"),
    Value("1.23E+08", "damaged"),
    Value(None, "null"),
    Value("(null)", "null"),
]
IDS = [
    Value("1", "ok", 1),
    Value(" 1 ", "ok", 1),
    Value("2", "ok", 2),
    Value("3", "ok"),
    Value("01", "near"),  # of 1, which is there
    Value("1.0", "damaged"),
    Value(None, "null"),
    Value("NONE", "null"),
]
DOCKETS = [
    Value("2014KN000001", "ok", 1),
    Value("CR-1-14KN", "ok", 1),
    Value("14 kn 2", "ok", 2),
    Value("2014NY000001", "ok"),
    Value("2O14KN000001", "near"),
    Value("Q-800720", "unparsable"),
    Value("", "null"),
]
