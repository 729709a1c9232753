"""Words of Virginia's statutes that decide, as they were read, by the beginning of the ids of the rules.

They were read in stored copies: of §§ 19.2-392.12 and 392.12:1 as of 1 July 2026; of §§ 19.2-392.6, 392.8 and 392.11 as
they were before the act of 2025, which the rules say; of § 19.2-392.2 as pages of lawyers quote it. An empty text is of
a rule next to one whose words were read.
"""

from __future__ import annotations

__all__ = ["QUOTED"]

_1986 = "where the offense date … was on or after January 1, 1986"

QUOTED = {
    "us-va/vc-19.2-392.6/order": "us-va/vc-19.2-392.6/orderin § 19.2-392.7",
    "us-va/vc-19.2-392.6/list": "us-va/vc-19.2-392.6/listsuch offense has not been convicted of violating any law of "
    "the Commonwealth that requires a report to the Central Criminal Records Exchange … or any other state … during "
    "that time period",
    "us-va/vc-19.2-392.6-1/possession": "such offense concluded with any final disposition as a violation of former "
    "§ 18.2-250.1",
    "us-va/vc-19.2-392.17/": "deemed sealed",
    "us-va/vc-19.2-392.8/order": "order that the charge be automatically sealed under the process described in "
    "§ 19.2-392.13",
    "us-va/vc-19.2-392.8/misdemeanour": "us-va/vc-19.2-392.8/misdemeanourtraffic infractions under Title 46.2, and "
    "(i) the person is acquitted",
    "us-va/vc-19.2-392.11/list": "contains no convictions for any criminal offense for a violation of any law of the "
    "Commonwealth that requires a report … and … contains no arrests or charges for a violation of any law of the "
    "Commonwealth … in the past three years, excluding traffic infractions under Title 46.2",
    "us-va/vc-19.2-392.12-1/order": "may file a petition setting forth the relevant facts and requesting the sealing",
    "us-va/vc-19.2-392.12-1/petition": "us-va/vc-19.2-392.12-1/petitionviolation of § 4.1-305; a misdemeanor "
    f"violation of § 18.2-96 or 18.2-103 … {_1986}",
    "us-va/vc-19.2-392.12-1/ancillary": "us-va/vc-19.2-392.12-1/ancillarythat charge or conviction",
    "us-va/vc-19.2-392.12/order": "may file a petition setting forth the relevant facts and requesting sealing",
    "us-va/vc-19.2-392.12/misdemeanour": f"us-va/vc-19.2-392.12/misdemeanour(i) misdemeanor … {_1986}",
    "us-va/vc-19.2-392.12/felony": "us-va/vc-19.2-392.12/felonyin which the defendant is deemed guilty of larceny "
    "and punished as provided in § 18.2-95",
    "us-va/vc-19.2-392.2/order": "an order requiring the expungement of the police and court records, including "
    "electronic records, relating to the charge",
    "us-va/vc-19.2-392.2/petition": "Is acquitted, or … [a] nolle prosequi is taken or the charge is otherwise "
    "dismissed",
    "us-va/vc-19.2-392.2/pardoned": "an absolute pardon for the commission of a crime that a person did not commit",
    "us-va/vc-19.2-392.2/from-december-2026": "not ultimately convicted",
    "us-va/vc-19.2-392.2/order-from-december-2026": "not ultimately convicted",
    **{
        f"us-va/vc-19.2-392.{section}/{rule}": ""
        for section in ("6", "8", "11", "12", "12-1")
        for rule in ("order-ancillary", "order-before")
    },
    **{f"us-va/vc-19.2-392.{section}/list-not-stated": "" for section in ("6", "11")},
}
