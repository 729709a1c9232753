"""Words of New York's statutes that decide, as they were read, by the beginning of the ids of the rules.

Bill texts of 2023 and 2024 print the statute in force next to each change; CPL 170.55, CPL 720.35 and the Family Court
Act were read in stored copies, and (3)(b) in an opinion that quotes it, People v Tarver. What a rule's paragraph says
beyond these words is in our own.
"""

from __future__ import annotations

__all__ = ["QUOTED"]

_DISMISSED = "the accusatory instrument is, at the expiration of such period, deemed to have been dismissed"
_YOUTH = (
    "all official records and papers, whether on file with the court, a police agency or [DCJS] … are confidential and "
    "may not be made available to any person or public or private agency"
)

QUOTED = {
    "us-ny/cpl-160.50/": "Upon the termination of a criminal action or proceeding against a person in favor of such "
    "person, as defined in subdivision three … the record … shall be sealed",
    "us-ny/cpl-160.50/3b": "an order to dismiss the entire accusatory instrument … pursuant to section 170.30",
    "us-ny/cpl-160.50/3b-acd": _DISMISSED,
    "us-ny/cpl-160.50/3b-170.55": _DISMISSED,
    "us-ny/cpl-160.50/3k-": "shall … be vacated and dismissed, and all records … expunged (CPL 1.20(45)), and the "
    "matter shall be considered terminated in favor of the accused and deemed a nullity",
    "us-ny/cpl-160.55/": "Regardless of the class of offense for which a person is initially charged, upon the "
    "termination … by the conviction of such person of a traffic infraction or a violation, other than",
    "us-ny/cpl-160.57/1a": "shall be sealed after three years",
    "us-ny/cpl-160.57/notice": "marked as sealed",
    "us-ny/cpl-720.35/": _YOUTH,
    "us-ny/fca-375.1/": "all official records and papers, including judgments and orders of the court, but not "
    "including public court decisions or opinions or records and briefs on appeal, relating to the arrest, the "
    "prosecution and the probation service proceedings … shall be sealed",
    "us-ny/fca-354.1/": "shall be destroyed forthwith",
}
