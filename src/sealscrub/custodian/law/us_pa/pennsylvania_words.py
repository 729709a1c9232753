"""Words of Pennsylvania's statutes that decide, as they were read, by the beginning of the ids of the rules.

They were read in stored copies: of 9122.2 as it was until 11 June 2024, of 9122, 9122.1 and 9122.3 as they were later,
and of the last print of House Bill 689 of 2023 that was found, for what a qualifying offense is. A part that another
version has otherwise, such as a number of years, is left out.
"""

from __future__ import annotations

__all__ = ["QUOTED"]

QUOTED = {
    "us-pa/cs-9122.2/a1-misdemeanour": "a conviction of a misdemeanor of the second degree, a misdemeanor of the third "
    "degree or a misdemeanor offense punishable by imprisonment of no more than two years",
    "us-pa/cs-9122.2/a1-drug-felony": "unless a minimum sentence of 30 months or more of imprisonment or a maximum "
    "sentence of 60 months or more of imprisonment was imposed on the offense",
    "us-pa/cs-9122.2/a2-": "charges which resulted in a final disposition other than a conviction",
    "us-pa/cs-9122.2/a3-": "a conviction for a summary offense when … years have elapsed since entry of the judgment "
    "of conviction and payment of all court-ordered restitution has occurred",
    "us-pa/cs-9122.2/a4-": "a conviction for which a pardon was granted",
    "us-pa/cs-9122.1/apply-misdemeanour": "upon petition of a person who has been free … the court of common pleas … "
    "may enter an order",
    "us-pa/cs-9122.1/apply-felony": "Upon petition of a person who has been free from conviction for a period of 10 "
    "years for an offense punishable by one or more years in prison … pertaining to a qualifying felony",
    "us-pa/cs-9122.1/order": "may enter an order that criminal history record information … be disseminated only to a "
    "criminal justice agency",
    "us-pa/cs-9122/order": "Criminal history record information in a specific criminal proceeding shall be expunged "
    "when … a court order requires that such nonconviction data be expunged",
    "us-pa/cs-9122/pardon": "a person has been granted an unconditional pardon for an offense in accordance with law",
}
