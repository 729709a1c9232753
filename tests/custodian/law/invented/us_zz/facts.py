"""What the person's other cases tell."""

from __future__ import annotations

import datetime as dt

from sealscrub.custodian.law.common_facts import COMMON_FACTS
from sealscrub.custodian.law.person import Person
from sealscrub.custodian.law.state_declarations import Fact


def _owes(person: Person, state: dict[str, object], on: dt.date, changes: set[dt.date]) -> object:
    """Whether a fine of any other case is unpaid; where a file does not say, that is not known."""
    fines = [charge.get("fine_paid") for _, states in person.others for charge in states.values()]
    return "Y" if "N" in fines else None if None in fines else "N"


FACTS = {**COMMON_FACTS, "owes": Fact(_owes)}
