"""The canonical dispositions: what a court's words come to."""

from __future__ import annotations

from enum import StrEnum, auto

__all__ = ["CONVICTIONS", "FAMILY", "MAY_BE_CONVICTED", "OPEN", "SILENT", "Disposition"]


class Disposition(StrEnum):
    """What happened to a charge, a docket or an arrest.

    The endings that the laws of several states distinguish, and what texts leave open: ``CONVICTED`` (of an offence
    whose class the text does not say), ``DISMISSED_ON_APPEAL``, ``DISMISSAL_VACATED``, ``VACATED`` (a judgment, and
    what followed is not said), ``SENTENCED`` (a sentence, of an offence that the text does not say), ``CUSTODY`` (where
    the person went, which ends no case) and ``STATUS_SEALED`` (a status in a system, which ends no case either, and
    says that the record may be sealed).
    """

    @staticmethod
    def _generate_next_value_(name: str, start: int, count: int, last_values: list[str]) -> str:
        return name

    DISMISSED_ENTIRE = auto()
    DISMISSED_COUNT_ONLY = auto()
    DISMISSED_ON_APPEAL = auto()
    DISMISSAL_VACATED = auto()
    ACQUITTED_COMPLETE = auto()
    ACQUITTED_PARTIAL = auto()
    TRIAL_ORDER_DISMISSAL = auto()
    VERDICT_SET_ASIDE = auto()
    VACATED = auto()
    VACATED_DISMISSED = auto()
    VACATED_NEW_TRIAL = auto()
    HABEAS_DISCHARGE = auto()
    NO_TRUE_BILL = auto()
    DECLINED_PROSECUTION = auto()
    POLICE_DECLINED_VOIDED = auto()
    PETITION_WITHDRAWN = auto()
    JD_ADJUDICATED = auto()
    CONVICTED = auto()
    CONV_FELONY = auto()
    CONV_MISDEMEANOR = auto()
    CONV_VIOLATION = auto()
    CONV_INFRACTION = auto()
    SENTENCED = auto()
    COVERED_BY = auto()
    SUPERSEDED = auto()
    TRANSFERRED_SUPERIOR = auto()
    REMOVED_FAMILY_COURT = auto()
    WARRANT = auto()
    PENDING = auto()
    CUSTODY = auto()
    ABATED_DEATH = auto()
    NOT_RESPONSIBLE = auto()
    STATUS_SEALED = auto()
    NO_DISPOSITION = auto()
    UNMAPPED = auto()


#: A judgment of conviction.
CONVICTIONS = frozenset(
    {
        Disposition.CONVICTED,
        Disposition.CONV_FELONY,
        Disposition.CONV_MISDEMEANOR,
        Disposition.CONV_VIOLATION,
        Disposition.CONV_INFRACTION,
    }
)
#: Does not say whether there is a conviction; "AMBIGUOUS" is how a charge stands of which a file says two things.
MAY_BE_CONVICTED: frozenset[str] = frozenset(
    {
        Disposition.UNMAPPED,
        Disposition.NO_DISPOSITION,
        Disposition.ACQUITTED_PARTIAL,
        Disposition.SENTENCED,
        Disposition.VACATED,
        "AMBIGUOUS",
    }
)
#: The case is known to continue.
OPEN = frozenset(
    {
        Disposition.PENDING,
        Disposition.WARRANT,
        Disposition.DISMISSAL_VACATED,
        Disposition.VACATED_NEW_TRIAL,
    }
)
#: Says nothing of how the case stands: the earlier ending stands, and if there was none, nothing is known.
SILENT = frozenset({Disposition.NO_DISPOSITION, Disposition.CUSTODY, Disposition.STATUS_SEALED})
#: What only a petition in a court for juveniles comes to; a state's ``juvenile_court`` names further endings.
FAMILY = frozenset(
    {
        Disposition.PETITION_WITHDRAWN,
        Disposition.JD_ADJUDICATED,
    }
)
