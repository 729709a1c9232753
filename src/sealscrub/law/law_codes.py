"""Numbers of offences as files write them: law, article, section and subdivision."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

__all__ = ["LawCode", "parse_law_code"]

_SUBDIVISION = r"(?:[ .(\-]*(?P<sub>[0-9]{1,2}[A-Z]?|[A-Z])\)?(?:[ (]*(?P<para>[A-Z]|I{1,3}|IV|V)\)?)?)?"
_PENAL_PACKED = re.compile(r"(?:PL|PENAL LAW)\s?(?P<article>\d{3})(?P<section>\d{2})(?P<sub>[0-9A-Z]{2})?")
_PENAL = re.compile(r"(?:(?:PL|PENAL LAW)\s?)?(?P<article>\d{3})\.(?P<section>\d{2})(?:$|(?=\D))" + _SUBDIVISION)
_TRAFFIC_PACKED = re.compile(r"VTL\s?(?P<section>\d{4})(?P<sub>[0-9A-Z]{3})")
_TRAFFIC = re.compile(r"(?:VTL|V&T|VEHICLE AND TRAFFIC LAW)\s?(?P<section>\d{3,4})(?:$|(?=\D))" + _SUBDIVISION)

_UNCLASSIFIED = re.compile(r"U[0-9]")


@dataclass(frozen=True, slots=True)
class LawCode:
    """One offence: ``PL 221.15``, ``VTL 1192(1)``.

    Attributes
    ----------
    law : str
        ``PL`` (Penal Law) or ``VTL`` (Vehicle and Traffic Law).
    article : str
        Of the Penal Law, ``221``; empty for the other, whose numbers do not show it.
    section : str
        ``221.15``, ``1192``.
    subdivision : str
        ``1``, ``2A``; empty where the code names none.
    """

    law: str
    article: str
    section: str
    subdivision: str = ""

    def __str__(self) -> str:
        return f"{self.law} {self.section}" + (f"({self.subdivision})" if self.subdivision else "")


@lru_cache(maxsize=65536)
def parse_law_code(text: str | None) -> LawCode | None:
    """Read the number of an offence.

    Parameters
    ----------
    text : str or None
        Packed, as the public arrest files have it (``PL 2211500``, ``VTL1192001``), or as people write it
        (``PL 221.15``, ``240.20``, ``VTL 1192(1)``, ``VTL 1192.1``).

    Returns
    -------
    LawCode or None
        None for what is neither: an offence that cannot be read is a missing fact.

    Notes
    -----
    The packed forms are law.md §2: Penal Law, three digits of the article, two of the section, two signs of the
    subdivision; Vehicle and Traffic Law, four of the section and three of the subdivision. A subdivision of zeros
    is none, and ``U1`` (an unclassified offence [own]) says none that is known.

    Examples
    --------
    >>> parse_law_code("PL 2211500")
    LawCode(law='PL', article='221', section='221.15', subdivision='')
    >>> str(parse_law_code("VTL1192001")), str(parse_law_code("VTL 1192.1")), str(parse_law_code("PL 215510B"))
    ('VTL 1192(1)', 'VTL 1192(1)', 'PL 215.51(B)')
    >>> parse_law_code("LOC000000V") is None
    True
    """
    if text is None:
        return None
    code = " ".join(text.upper().split())
    for pattern in (_PENAL_PACKED, _PENAL):
        if found := pattern.fullmatch(code):
            article = found["article"]
            return LawCode("PL", article, f"{article}.{found['section']}", _subdivision(found))
    for pattern in (_TRAFFIC_PACKED, _TRAFFIC):
        if found := pattern.fullmatch(code):
            return LawCode("VTL", "", found["section"].lstrip("0"), _subdivision(found))
    return None


def _subdivision(found: re.Match[str]) -> str:
    groups = found.groupdict()
    sub = (groups.get("sub") or "").lstrip("0")
    return "" if _UNCLASSIFIED.fullmatch(sub) else sub + (groups.get("para") or "")
