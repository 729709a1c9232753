"""Words of Oregon's statutes that decide, as they were read, by the beginning of the ids of the rules.

They were read in stored copies: of ORS 137.225 as of September 2024, which ends early, and as of 2015 and 2007; of ORS
137.226, 137.223, 419A.261 and 419A.267 as of 2024; of ORS 137.223 as of 2019; of ORS 475C.397 without a year. An empty
text is of a rule next to one whose words were read.
"""

from __future__ import annotations

__all__ = ["QUOTED"]

_LATER = "from the date of conviction or the release of the person from imprisonment … whichever is later"
_BOARD = "or the date the person is no longer under the jurisdiction of the … [b]oard, whichever is later"
_ENTERED = "from the date of entry of the judgment"

QUOTED = {
    "us-or/ors-137.225/1b-felony-b": f"For a Class B felony, seven years {_LATER}",
    "us-or/ors-137.225/1b-felony-c": f"For a Class C felony, five years {_LATER}",
    "us-or/ors-137.225/1b-misdemeanor-a": f"For a Class A misdemeanor, three years {_LATER}",
    "us-or/ors-137.225/1b-misdemeanor-b-c": "For a Class B or Class C misdemeanor … one year from the date of "
    "conviction or finding or the release of the person from imprisonment … whichever is later",
    "us-or/ors-137.225/1b-violation": "a violation or the finding of a person in contempt of court, one year from the "
    "date of conviction or finding",
    "us-or/ors-137.225/1b-contempt": "a violation or the finding of a person in contempt of court, one year from the "
    "date of conviction or finding",
    "us-or/ors-137.225/1b-before-": "At any time after the lapse of three years from the date of pronouncement of "
    "judgment, any defendant who has fully complied with and performed the sentence of the court",
    "us-or/ors-137.225/1b-before-felony-b": "",
    "us-or/ors-137.225/1c": "If no accusatory instrument is filed, at any time after 60 days from the date the "
    "prosecuting attorney indicates that the state has elected not to proceed",
    "us-or/ors-137.225/1c-before": "At any time after the lapse of one year from the date of any arrest, if no "
    "accusatory instrument was filed",
    "us-or/ors-137.225/1d": "at any time after an acquittal or a dismissal of the charge",
    "us-or/ors-137.226/conduct-": "as if the conduct occurred on or after April 21, 2017, or, if the offense is no "
    "longer a crime, shall consider the offense to be classified as a Class C misdemeanor",
    "us-or/ors-137.226/under-21": "after one year has elapsed from the date of entry of judgment of conviction if … "
    "[t]he defendant was under 21 years of age at the time of the conviction",
    "us-or/ors-137.226/qualifying-order": "Upon granting a motion to set aside a qualifying marijuana conviction under "
    "this section, the court shall enter an appropriate order",
    "us-or/ors-137.223/1-felony-b": f"on a Class B felony, seven years {_ENTERED} {_BOARD}",
    "us-or/ors-137.223/1-felony-c": f"on a Class C felony, five years {_ENTERED} {_BOARD}",
    "us-or/ors-137.223/1-misdemeanor-a": f"on a Class A misdemeanor, three years {_ENTERED} {_BOARD}",
    "us-or/ors-137.223/1-misdemeanor-b-c": f"on a Class B or Class C misdemeanor, one year {_ENTERED} {_BOARD}",
    "us-or/ors-137.223/1-before-": "any time after three years from the date of entry of the judgment of guilty except "
    "for insanity",
    "us-or/ors-419a/notice": "an agency shall comply and, within 60 days of the date of receipt, return a copy of the "
    "notice",
    "us-or/ors-419a/notice-of-no-court": "",
    "us-or/ors-419a/duty": "within 90 days following the later of … [t]he date that the person attains 18 years of "
    "age; or … the date that the juvenile department receives a request",
}
