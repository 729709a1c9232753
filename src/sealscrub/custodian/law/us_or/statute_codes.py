"""Numbers of offences as Oregon's files write them: ``ORS 164.045``, ``164.045(1)(b)``, ``1640451B``, ``475B.367``."""

from __future__ import annotations

import re
from functools import lru_cache

from ..law_codes import LawCode

__all__ = ["parse_code"]

_SECTION = re.compile(
    r"(?:O\.?R\.?S\.?|OR REV STAT)?[ \-]?(?:(?P<attempt>161\.405)(?:\([0-9A-Z]\)){0,2} ?/ ?)?"
    r"(?P<chapter>\d{1,3}[A-C]?)\.(?P<section>\d{3})(?:$|(?=\D))"
    r"[ \-]*\(?(?P<sub>\d{1,2})?\)?[ \-]*\(?(?P<para>[A-Z])?\)?(?:\(?[A-Z0-9]{1,3}\)?)*"
)
# Without a point: chapter, section of three digits, and what follows [own].
_UNDIVIDED_CODE = re.compile(r"(?P<chapter>\d{3}[A-C]?)(?P<section>\d{3})(?P<sub>\d)?(?P<para>[A-Z])?(?:[A-Z0-9]{0,2})")


@lru_cache(maxsize=65536)
def parse_code(text: str) -> LawCode | None:
    """Read the number of an offence of the Oregon Revised Statutes.

    Parameters
    ----------
    text : str

    Returns
    -------
    LawCode or None
        None for another law, a city's for one: an offence that cannot be read is a missing fact.

    Examples
    --------
    >>> str(parse_code("ORS 164.045")), str(parse_code("164.045(1)(b)")), str(parse_code("475B.367"))
    ('ORS 164.045', 'ORS 164.045(1B)', 'ORS 475B.367')
    >>> str(parse_code("161.405/164.055"))
    'ORS 164.055 (attempt)'
    >>> parse_code("PL 120.00") is None
    True
    """
    plain = " ".join(text.upper().replace("§", " ").split())
    found = _SECTION.fullmatch(plain) or _UNDIVIDED_CODE.fullmatch(plain)
    if found is None:
        return None
    sub = (found["sub"] or "") + (found["para"] or "")
    attempt = found.groupdict().get("attempt") is not None
    return LawCode("ORS", found["chapter"], f"{found['chapter']}.{found['section']}", sub, attempt)
