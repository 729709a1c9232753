"""A custodian's file of dispositions, what is derived from it, and how its records then stand."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from sealscrub.custodian.registry import Derived

from .custodian import Custodian

DAY = dt.date(2026, 6, 1)
HEAD = "docket,defendant_id,arrest_number,arrest_date,charge,law_code,severity,disposition,event_date"
ROWS = (
    "2018KN000001,7,K18000001,2018-01-01,1,PL 120.00,M,ACQUITTED,2018-05-01",
    "2018KN000002,8,K18000002,2018-01-01,1,PL 120.00,M,PLED GUILTY,2018-05-02",
    "2018KN000003,9,K18000003,2018-01-01,1,PL 120.00,M,COVERED BY 2018KN000009,2018-05-03",
    ",10,K18000004,2018-01-01,1,,,VOIDED ARREST,2018-05-04",
    "2026KN000005,11,K26000005,2026-04-01,1,PL 120.00,M,ACD 170.55,2026-05-05",
)


def write(custodian: Custodian, *rows: str, name: str = "d.csv", head: str = HEAD) -> Path:
    path = custodian.folder / name
    path.write_text("\n".join([head, *rows]) + "\n")
    return path


def derive(custodian: Custodian, *rows: str, as_of: dt.date = DAY, **more: Any) -> Derived:
    return custodian.registry.derive(write(custodian, *rows), as_of=as_of, **more)


def states(custodian: Custodian, as_of: dt.date = DAY) -> dict[str, tuple[str, str | None, str]]:
    """By docket, or else arrest: state, regime and since when."""
    return {
        min(seal.keys, key=lambda key: key.scheme != "docket").value: (
            seal.state,
            seal.regime,
            str(seal.effective_from),
        )
        for seal in custodian.registry.seals(as_of)
    }
