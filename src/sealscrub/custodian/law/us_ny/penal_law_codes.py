"""Numbers of offences as New York's files write them: law, article, section and subdivision."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

from ..law_codes import LawCode

__all__ = ["parse_code"]

_SUBDIVISION = r"(?:[ .(\-]*(?P<sub>[0-9]{1,2}[A-Z]?|[A-Z])\)?(?:[ (]*(?P<para>[A-Z]|I{1,3}|IV|V)\)?)?)?"
_PENAL_PACKED = re.compile(r"(?:PL|PENAL LAW)\s?(?P<article>\d{3})(?P<section>\d{2})(?P<sub>[0-9A-Z]{2})?")
_PENAL = re.compile(
    r"(?:(?:PL|PENAL LAW)[ \-]?)?(?P<attempt>110(?:\.00)?[ /\-])?(?P<article>\d{3})\.(?P<section>\d{2})(?:$|(?=\D))"
    + _SUBDIVISION
)
_TRAFFIC_PACKED = re.compile(r"VTL\s?(?P<section>\d{4})(?P<sub>[0-9A-Z]{3})")
_TRAFFIC = re.compile(r"(?:VTL|V&T|VEHICLE AND TRAFFIC LAW)[ \-]?(?P<section>\d{3,4})(?:$|(?=\D))" + _SUBDIVISION)
# Other laws under which people are charged: of the city (AC), of taxes, alcohol, public health, and so on [own].
_OTHER = re.compile(
    r"(?P<law>AC|ABC|AGM|COR|ECL|ED|EL|EXC|GBL|GML|LAB|MDL|MHL|NAV|PHL|PRL|RRL|SSL|TAX|WCL)[ \-]?"
    r"(?P<section>\d{1,7}(?:[.\-]\d{1,4})?(?:-[A-Z])?)(?:$|(?=\D))" + _SUBDIVISION
)
_DOTTED = re.compile(r"\b(?:[A-Z]\.){2,3}")
_SIGNS = re.compile(r"§+|\b(?:SUB|SUBD|SUBDIVISION|SEC|SECTION)\b\.?")
_CLASS = r"(?:[A-EU]|A-?I{1,2})"
_WORD = r"(?:MISD(?:EMEANOR)?|FEL(?:ONY)?|VIOL(?:ATION)?|(?:TRAFFIC )?INF(?:RACTION)?)"
_GRADED = rf"{_CLASS}(?P<letter>[MF])|(?:CLASS )?(?:{_CLASS}[ \-])?(?P<word>{_WORD})"
_GRADE = re.compile(rf" (?:(?P<open>\()?(?:{_GRADED})(?(open)\))|[FMVI])$")

_UNCLASSIFIED = re.compile(r"U[0-9]")


@lru_cache(maxsize=65536)
def parse_code(text: str) -> LawCode | None:
    """Read the number of an offence.

    Parameters
    ----------
    text : str
        Packed, as the public arrest files have it (``PL 2211500``, ``VTL1192001``), or as people write it
        (``PL 221.15``, ``240.20``, ``VTL 1192(1)``, ``P.L. 120.00 01 AM``, ``110/155.25``, ``AC 10-125``).

    Returns
    -------
    LawCode or None
        None for what is neither: an offence that cannot be read is a missing fact.

    Notes
    -----
    The packed forms are those of the column ``LAW_CODE`` in the NYPD's published arrest data: Penal Law, three
    digits of the article, two of the section, two signs of the subdivision; Vehicle and Traffic Law, four of the
    section and three of the subdivision. Zeros do not count, and ``U1`` (an unclassified offence, [own])
    says none that is known. A grade at the end is the offence's if it has a class or is a word (``AM``, ``A MISD``,
    ``VIOL``); a single letter may be a paragraph's, and is left unread.

    Examples
    --------
    >>> parse_code("PL 2211500")
    LawCode(law='PL', article='221', section='221.15', subdivision='', attempt=False)
    >>> str(parse_code("VTL1192001")), str(parse_code("VTL 1192.1")), str(parse_code("PL 215510B"))
    ('VTL 1192(1)', 'VTL 1192(1)', 'PL 215.51(B)')
    >>> parse_code("LOC000000V") is None
    True
    """
    code = _DOTTED.sub(lambda found: found[0].replace(".", ""), text.upper())
    code = " ".join(_SIGNS.sub(" ", code).split())
    said = _GRADE.search(code)
    if said is None:
        return _parsed(code)
    read = _parsed(code[: said.start()])
    return read and replace(read, grade=_severity(said))


def _severity(said: re.Match[str]) -> str:
    word = said["word"]
    return said["letter"] or (word.removeprefix("TRAFFIC ")[0] if word else "")


def _parsed(code: str) -> LawCode | None:
    for pattern in (_PENAL_PACKED, _PENAL):
        if found := pattern.fullmatch(code):
            article, attempt = found["article"], bool(found.groupdict().get("attempt"))
            return LawCode("PL", article, f"{article}.{found['section']}", _subdivision(found), attempt)
    for pattern in (_TRAFFIC_PACKED, _TRAFFIC):
        if found := pattern.fullmatch(code):
            return LawCode("VTL", "", found["section"].lstrip("0"), _subdivision(found))
    if found := _OTHER.fullmatch(code):
        return LawCode(found["law"], "", found["section"], _subdivision(found))
    return None


def _subdivision(found: re.Match[str]) -> str:
    groups = found.groupdict()
    sub = (groups.get("sub") or "").lstrip("0")
    return "" if _UNCLASSIFIED.fullmatch(sub) else sub + (groups.get("para") or "")
