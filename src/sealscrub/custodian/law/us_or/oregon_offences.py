"""Offences that Oregon's rules set apart, by their sections. The lists are [own] but where marked, and not complete."""

from __future__ import annotations

from ..conditions import Either, Every, Is, Not

__all__ = [
    "CLASSES",
    "LEFT_OUT",
    "MARIJUANA",
    "MURDER",
    "NEVER_SET_ASIDE",
    "PERSON_FELONY_B",
    "TRAFFIC",
    "TRAFFIC_CHAPTERS",
]


def _sections(chapter: str, *sections: str) -> tuple[str, ...]:
    return tuple(f"ORS {chapter}.{section}" for section in sections)


#: The Oregon Vehicle Code, by chapter; an offence under it is a traffic offence.
TRAFFIC_CHAPTERS = tuple(f"ORS {number}" for number in range(801, 827))
TRAFFIC = Is("article", *TRAFFIC_CHAPTERS)

#: Sections on marijuana: those that the statute names, their predecessors and successors [own].
MARIJUANA = Is(
    "law",
    *_sections("475B", "359", "367", "371", "337", "341", "346", "349"),
    *_sections("475C", "337", "341", "345", "349"),
    *_sections("475", "856", "858", "860", "862", "864"),
    *_sections("167", "262"),
)

#: Felonies of class B that are person felonies by their section [own]; the column `person_felony` says it of any other.
PERSON_FELONY_B = Either(
    Is("person_felony", "Y"),
    Is(
        "law",
        *_sections("163", "125", "175", "185", "225", "365", "395", "405", "408", "425", "427", "670", "684"),
        *_sections("164", "405"),
        *_sections("162", "165"),
    ),
)
_SEX_CRIMES = Is(
    "law",
    *_sections("163", "355", "365", "375", "385", "395", "405", "408", "411", "413", "415", "425", "427", "432"),
    *_sections("163", "433", "435", "445", "465", "466", "467", "525", "665", "670", "680", "684", "686", "687"),
    *_sections("163", "688", "689", "693", "700", "701"),
    *_sections("167", "012", "017"),
)
#: An attempt at it is a felony of class A.
MURDER = Is("law", *_sections("163", "095", "107", "115"))
_HOMICIDE = Is("law", *_sections("163", "095", "098", "107", "115", "118", "125", "145", "149"))
#: Criminal mistreatment and endangering, where the victim makes them what the subsection leaves out: the file says it.
_ABUSE = Every(Is("law", *_sections("163", "200", "205", "575")), Not(Is("victim_excluded", "N")))

#: By its section, whatever its class.
LEFT_OUT = Either(_SEX_CRIMES, _HOMICIDE, _ABUSE, TRAFFIC)
#: What an order of this kind never reaches, (5) to (7).
NEVER_SET_ASIDE = Either(
    Every(Is("severity", "F"), Is("offense_class", "A")),
    Every(Is("severity", "F"), Is("offense_class", "B"), PERSON_FELONY_B),
    *LEFT_OUT.parts,
)

#: Months after which a conviction may be set aside, by how it is graded: since 2022, and before.
CLASSES: dict[str, tuple[tuple[str, ...], int, int]] = {
    "felony-b": (("FB",), 84, 240),
    "felony-c": (("FC",), 60, 36),
    "misdemeanor-a": (("MA",), 36, 36),
    "misdemeanor-b-c": (("MB", "MC"), 12, 36),
    "violation": (("V",), 12, 36),
}
