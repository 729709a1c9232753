"""Offences that several of New York's rules leave out, by their sections. All of it is [own] and not complete.

A section that is on a list only under conditions that a file of dispositions does not hold (the victim's age, an
earlier conviction) is listed apart: it makes an answer unknown.
"""

from __future__ import annotations

from ..conditions import Either, Every, Is, Not

__all__ = ["CLASS_A", "CLASS_A_BUT_DRUGS", "DWAI", "MAYBE_SEX_OFFENCE", "SEX_OFFENCE", "VIOLENT_FELONY"]


def _sections(article: str, *sections: str) -> tuple[str, ...]:
    return tuple(f"PL {article}.{section}" for section in sections)


#: Driving while ability impaired.
DWAI = Every(Is("law", "VTL 1192"), Is("subdivision", "1"))
#: Felonies that are of class A by their section; an attempt is of another class, but for few.
_ALWAYS_CLASS_A = Every(
    Is(
        "law",
        *_sections("105", "17"),
        *_sections("125", "25", "26", "27"),
        *_sections("130", "95", "96"),
        *_sections("135", "25"),
        *_sections("150", "20"),
        *_sections("490", "45", "50", "55"),
    ),
    Not(Is("attempt", "Y")),
)
CLASS_A = Every(Is("severity", "F"), Either(Is("offense_class", "A", "A-I", "A-II", "AI", "AII"), _ALWAYS_CLASS_A))
CLASS_A_BUT_DRUGS = Every(CLASS_A, Not(Is("article", "PL 220")))

#: Correction Law 168-a: sex offences and sexually violent offences.
SEX_OFFENCE = Is(
    "law",
    *_sections("120", "70"),
    *_sections("130", "20", "25", "30", "35", "40", "45", "50", "53", "60", "65", "66", "67", "70", "75", "80", "90"),
    *_sections("130", "95", "96"),
    *_sections("230", "05", "06", "11", "12", "13", "32", "33", "34"),
    *_sections("235", "22"),
    *_sections("250", "50"),
    *_sections("255", "26", "27"),
    *_sections("263", "05", "10", "11", "15", "16", "30"),
)
#: The same list, where it depends on the victim's age or an earlier conviction.
MAYBE_SEX_OFFENCE = Is(
    "law",
    *_sections("130", "52", "55"),
    *_sections("135", "05", "10", "20", "25"),
    *_sections("230", "04", "25", "30"),
    *_sections("250", "45"),
    *_sections("255", "25"),
)
#: Penal Law 70.02, where the section is on the list whatever its subdivision.
VIOLENT_FELONY = Every(
    Is("severity", "F"),
    Is(
        "law",
        *_sections("120", "05", "07", "08", "10", "11", "18", "60"),
        *_sections("121", "12", "13"),
        *_sections("125", "11", "20", "21", "22"),
        *_sections("130", "30", "35", "45", "50", "65", "66", "67", "75", "80", "90"),
        *_sections("135", "20"),
        *_sections("140", "25", "30"),
        *_sections("150", "15"),
        *_sections("160", "10", "15"),
        *_sections("215", "16"),
        *_sections("265", "03", "04", "08", "09", "11", "12", "13", "14", "19"),
        *_sections("405", "16", "18"),
        *_sections("490", "10", "15", "20", "30", "35", "37", "40", "47"),
    ),
)
