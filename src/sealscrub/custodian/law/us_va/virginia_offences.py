"""What Virginia's sections ask about an offence: grades, lists, and matters that are not an offence of their own."""

from __future__ import annotations

from ..conditions import Either, Every, Is, Not
from ..state_declarations import Grade, Grades

__all__ = [
    "ACQUITTED",
    "ANCILLARY",
    "DEEMED_LARCENY",
    "DEFERRED_AND_DISMISSED",
    "DISMISSED",
    "DISMISSED_FOR_GOOD",
    "ENDED",
    "EXCLUDED",
    "FELONY",
    "GRADES",
    "INFRACTION",
    "LISTED",
    "LISTED_CODES",
    "MATTERS",
    "MATTER_CODES",
    "MISDEMEANOUR",
    "NOT_CONVICTED",
    "OF_TRAFFIC",
    "PETITION_LISTED",
]

_FELONIES, _MISDEMEANOURS, _INFRACTIONS = ("F", "FELONY"), ("M", "MISDEMEANOR"), ("I", "INFRACTION")
#: Felonies are of Class 1 to 6, misdemeanours of Class 1 to 4, either may be unclassified (``U``) [own].
GRADES = Grades(
    {
        **dict.fromkeys((*_FELONIES, *_MISDEMEANOURS), Grade.CRIME),
        **dict.fromkeys(_INFRACTIONS, Grade.INFRACTION),
    },
    classes="[1-6]|U",
)
FELONY = Is("severity", *_FELONIES)
MISDEMEANOUR = Is("severity", *_MISDEMEANOURS)
INFRACTION = Is("severity", *_INFRACTIONS)
#: Title 46.2, motor vehicles.
OF_TRAFFIC = Is("article", "VC 46.2")

#: § 19.2-392.6(A): the misdemeanours that are sealed by list and order.
LISTED_CODES = frozenset(f"VC 18.2-{section}" for section in ("96", "103", "119", "120", "134", "248.1", "415"))
LISTED = Is("law", *LISTED_CODES)
#: § 19.2-392.12:1 has two more.
PETITION_LISTED = Either(LISTED, Is("law", "VC 4.1-305"), Every(Is("law", "VC 18.2-265.3"), Is("subdivision", "A")))

#: Larceny, and what is deemed larceny and punished as § 18.2-95 has it; but for that section the list is [own].
DEEMED_LARCENY = Is("law", *(f"VC 18.2-{section}" for section in (95, 98, 99, 103, 108, 111, 115, 116, 117, 118, 178)))

#: § 19.2-392.12(L), in part [own]: driving drunk, violence, sex offences, firearms, family and household members.
_DRIVING = ("18.2-266", "18.2-266.1", "18.2-51.4", "18.2-51.5", "18.2-36.1", "18.2-36.2", "46.2-341.24")
_VIOLENCE = (
    *("18.2-31", "18.2-32", "18.2-32.1", "18.2-33", "18.2-35", "18.2-40", "18.2-41", "18.2-47", "18.2-48"),
    *("18.2-51", "18.2-51.1", "18.2-51.2", "18.2-51.3", "18.2-51.6", "18.2-51.7", "18.2-52", "18.2-52.1"),
    *("18.2-58", "18.2-58.1", "18.2-60.3", "18.2-77", "18.2-89", "18.2-90", "18.2-91", "18.2-92", "18.2-93"),
)
_SEX = (
    *("18.2-61", "18.2-63", "18.2-63.1", "18.2-64.1", "18.2-64.2", "18.2-67.1", "18.2-67.2", "18.2-67.3"),
    *("18.2-67.4", "18.2-67.4:1", "18.2-67.4:2", "18.2-67.5", "18.2-346.01", "18.2-355", "18.2-356", "18.2-357.1"),
    *("18.2-366", "18.2-370", "18.2-370.1", "18.2-370.6", "18.2-371", "18.2-374.1", "18.2-374.1:1", "18.2-374.3"),
    *("18.2-386.1", "18.2-386.2", "18.2-387", "18.2-472.1"),
)
_FIREARMS = (
    *("18.2-53.1", "18.2-56.1", "18.2-279", "18.2-280", "18.2-282", "18.2-282.1", "18.2-286.1", "18.2-287.4"),
    *("18.2-308", "18.2-308.1", "18.2-308.1:4", "18.2-308.2", "18.2-308.2:2", "18.2-308.4", "18.2-308.5"),
)
_FAMILY = ("18.2-57.2", "16.1-253.2", "18.2-60.4", "18.2-371.1", "40.1-103")
EXCLUDED = Is("law", *(f"VC {section}" for section in (*_DRIVING, *_VIOLENCE, *_SEX, *_FIREARMS, *_FAMILY)))

#: § 19.2-392.5: what is about another charge. The column ``matter`` names it, or the section under which it is brought
#: [own].
MATTERS = ("probation violation", "contempt", "failure to appear", "bail appeal")
MATTER_CODES = frozenset({"VC 19.2-306", "VC 18.2-456", "VC 19.2-128", "VC 19.2-124"})
ANCILLARY = Is("ancillary", "Y")

ACQUITTED = Is("ending", "ACQUITTED_COMPLETE")
_DISMISSALS = (
    "DISMISSED_ENTIRE",
    "DISMISSED_WITH_PREJUDICE",
    "DISMISSED_WITHOUT_PREJUDICE",
    "DISMISSED_ON_APPEAL",
    "VACATED_DISMISSED",
)
DISMISSED = Is("ending", *_DISMISSALS)
DISMISSED_FOR_GOOD = Every(DISMISSED, Is("prejudice", "Y"))
#: Dismissed once the facts were found sufficient and judgment was deferred.
DEFERRED_AND_DISMISSED = Every(Is("ending", "DEFERRED_DISMISSED", *_DISMISSALS), Is("deferral", "Y"))
_WITHOUT_CONVICTION = (
    "ACQUITTED_COMPLETE",
    *_DISMISSALS,
    "NOLLE_PROSEQUI",
    "NO_TRUE_BILL",
    "DECLINED_PROSECUTION",
)
#: Acquitted, a nolle prosequi, or otherwise dismissed, and not after a deferral.
NOT_CONVICTED = Every(Is("ending", *_WITHOUT_CONVICTION), Not(Is("deferral", "Y")))
#: However it ended.
ENDED = Is(
    "ending", "CONVICTED", *_WITHOUT_CONVICTION, "DEFERRED_DISMISSED", "PREPAID", "NOT_RESPONSIBLE", "ABATED_DEATH"
)
