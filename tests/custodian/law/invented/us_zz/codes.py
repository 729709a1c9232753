"""Numbers of offences: ``ZC-12:345``, ``ZC 12 345``, ``12:K45B``."""

from __future__ import annotations

import re

from sealscrub.custodian.law.law_codes import LawCode

_CODE = re.compile(r"(?:ZC[- ])?(\d{2})[: ]([A-Z]?\d{2,3}[A-Z]?)")


def parse_code(text: str) -> LawCode | None:
    """Read a number: a chapter, and a section of digits, with a letter before or after them or not."""
    found = _CODE.fullmatch(text.upper().strip())
    return LawCode("ZC", found[1], f"{found[1]}:{found[2]}") if found else None
