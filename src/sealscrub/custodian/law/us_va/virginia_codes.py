"""Numbers of offences as Virginia's files write them: title, chapter and section of the Code."""

from __future__ import annotations

import re
from functools import lru_cache

from ..law_codes import LawCode

__all__ = ["parse_code"]

_CODE = re.compile(
    r"(?:VA ?)?(?:CODE ?)?(?P<title>\d{1,2}(?:\.\d)?)[\- ]"
    r"(?P<section>\d{1,4}(?:\.\d{1,2})?(?::\d{1,2}(?:\.\d)?)?)"
    r"(?:[ ,.]*\(?(?P<sub>[A-Z])\)?(?:[ .]*\(?[0-9]{1,2}\)?|[ .]*\([A-Z]\))*)?"
)


@lru_cache(maxsize=65536)
def parse_code(text: str) -> LawCode | None:
    """Read the number of an offence.

    Parameters
    ----------
    text : str
        As courts and people write it: ``18.2-96``, ``Va. Code § 18.2-265.3(A)``, ``18.2-57.2``.

    Returns
    -------
    LawCode or None
        None if it is not a code, as ordinances of a locality: an offence that cannot be read is a missing fact.

    Examples
    --------
    >>> str(parse_code("Va. Code § 18.2-265.3(A)")), str(parse_code("18.2-248.1")), parse_code("LARCENY") is None
    ('VC 18.2-265.3(A)', 'VC 18.2-248.1', True)
    """
    code = " ".join(text.upper().replace("§", " ").replace("VA.", "VA ").split())
    found = _CODE.fullmatch(code)
    if found is None:
        return None
    return LawCode("VC", found["title"], f"{found['title']}-{found['section']}", found["sub"] or "")
