"""Numbers of offences as Pennsylvania's dockets write them: title, section and subsection."""

from __future__ import annotations

import re
from functools import lru_cache

from ..law_codes import LawCode

__all__ = ["parse_code"]

_NAMES = re.compile(r"§+|\b(?:PA\.? ?)?C\.? ?S\.?(?: ?A\.)?(?![A-Z])|\bP\.? ?S\.?(?![A-Z])|\bSEC(?:TION|\.)?")
_CODE = re.compile(
    r"(?P<title>\d{1,2})[ \-]+(?:(?P<attempt>90[1-3]) ?/ ?)?(?P<section>780[ \-]113|\d{3,5}(?:\.\d{1,2})?)"
    r"(?P<sub>[ (\-.*][A-Z0-9 ().*\-]{0,20})?"
)
_SIGNS = re.compile(r"[^A-Z0-9]")


@lru_cache(maxsize=65536)
def parse_code(text: str) -> LawCode | None:
    """Read the number of an offence.

    Parameters
    ----------
    text : str
        As dockets have it (``18 § 2701 §§ A1``, ``35 § 780-113 §§ A30``) or as people write it
        (``18 Pa.C.S. 2701(a)(1)``); ``18 § 901/3502`` is an attempt.

    Returns
    -------
    LawCode or None
        The law is the title, and the article of an offence of title 18 is its chapter.

    Examples
    --------
    >>> parse_code("18 § 2701 §§ A1")
    LawCode(law='18', article='27', section='2701', subdivision='A1', attempt=False)
    >>> str(parse_code("35 P.S. 780-113(a)(30)")), parse_code("theft") is None
    ('35 780-113(A30)', True)
    """
    found = _CODE.fullmatch(" ".join(_NAMES.sub(" ", text.upper()).split()))
    if found is None:
        return None
    section = found["section"].replace(" ", "-")
    chapter = section.partition(".")[0][:-2] if found["title"] == "18" else ""
    return LawCode(found["title"], chapter, section, _SIGNS.sub("", found["sub"] or ""), found["attempt"] is not None)
