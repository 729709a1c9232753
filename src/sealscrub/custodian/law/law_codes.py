"""Numbers of offences: law, article, section and subdivision. How they are written is for each state to say."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

__all__ = ["LawCode", "plain_code"]

_PLAIN = re.compile(
    r"(?:(?P<law>[A-Z]{1,6}) ?)?(?P<section>\d{1,6}(?:[.\-:]\d{1,6}){0,3}[A-Z]?)(?: ?\((?P<sub>[0-9A-Z]{1,3})\))?"
    r"(?:\((?P<para>[0-9A-Z]{1,3})\))*"
)


@dataclass(frozen=True, slots=True)
class LawCode:
    """One offence: ``PL 221.15``, ``VTL 1192(1)``, ``AC 10-125``.

    Attributes
    ----------
    law : str
        Letters of the law, as the state's reader of codes gives them: ``PL``, ``VTL``, ``ORS``.
    article : str
        Of the section, if its number shows it: ``221``; empty otherwise.
    section : str
        ``221.15``, ``1192``, ``10-125``.
    subdivision : str
        ``1``, ``2A``; empty if the code names none.
    attempt : bool
        Whether it is an attempt to commit that offence (``110/155.25``).
    grade : str
        The severity that is written behind it, if one is (``PL 155.25 A MISD``); no part of which offence it is.

    Examples
    --------
    >>> str(LawCode("PL", "221", "221.15")), str(LawCode("VTL", "", "1192", "1"))
    ('PL 221.15', 'VTL 1192(1)')
    """

    law: str
    article: str
    section: str
    subdivision: str = ""
    attempt: bool = False
    grade: str = field(default="", compare=False, repr=False)

    def __str__(self) -> str:
        named = f"{self.law} {self.section}" + (f"({self.subdivision})" if self.subdivision else "")
        return f"{named} (attempt)" if self.attempt else named


@lru_cache(maxsize=4096)
def plain_code(text: str) -> LawCode | None:
    """Read a code of a state that says nothing of how its codes are written: letters, and a number.

    Parameters
    ----------
    text : str

    Returns
    -------
    LawCode or None

    Examples
    --------
    >>> str(plain_code("pc 459.5(a)")), plain_code("burglary") is None
    ('PC 459.5(A)', True)
    """
    found = _PLAIN.fullmatch(" ".join(text.upper().replace("§", " ").split()))
    if found is None:
        return None
    return LawCode(found["law"] or "", "", found["section"], found["sub"] or "")
