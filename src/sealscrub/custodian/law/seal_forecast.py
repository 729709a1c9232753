"""What comes to be sealed automatically: for the calendar of retraining, and to set aside rows that are about to be."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import polars as pl

from sealscrub.errors import UsageError

from .bulk_decisions import decide_charges
from .charges import ChargeRows
from .decisions import Answer
from .dispositions import DispositionMap
from .traced_days import Progress

__all__ = ["forecast"]


def forecast(
    charges: ChargeRows,
    until: dt.date,
    as_of: dt.date,
    known_at: dt.date | None = None,
    *,
    law: str = "us-ny",
    mapping: DispositionMap | None = None,
    progress: Progress | None = None,
) -> pl.DataFrame:
    r"""Say which actions come to be sealed automatically, if nothing else happens. It is not legal advice.

    Parameters
    ----------
    charges : ChargeRows
    until : datetime.date
        The last day that is looked at.
    as_of : datetime.date
        The day before the first; what happened later does not count.
    known_at, law, mapping, progress
        As in :func:`decide_charges`.

    Returns
    -------
    polars.DataFrame
        ``sealed_on``, ``docket``, ``defendant_id``, ``arrest_number``, ``indictment``, ``regimes``: in the order of
        the days.

    Raises
    ------
    UsageError
        When the last day is not after the first.

    Examples
    --------
    >>> import datetime as dt, pathlib, tempfile
    >>> from sealscrub.custodian.law import read_charges
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "dispositions.csv"
    >>> _ = file.write_text(
    ...     "docket,defendant_id,disposition,event_date,family_offense\n2026KN000001,7,ACD 170.55,2026-08-31,N\n"
    ... )
    >>> found = forecast(read_charges(file), dt.date(2027, 6, 1), dt.date(2026, 11, 25))
    >>> found.select("sealed_on", "regimes").rows()
    [(datetime.date(2027, 3, 1), ['us-ny/cpl-160.50'])]
    """
    if until <= as_of:
        raise UsageError("the last day must be after the first", where="until", hint="give a later day.")
    known = known_at or as_of
    happened = replace(charges, rows=charges.rows.filter(pl.col("event_date") <= as_of))
    now = decide_charges(happened, as_of, known, law=law, mapping=mapping, progress=progress)
    later = decide_charges(happened, until, known, law=law, mapping=mapping, progress=progress)
    before = pl.Series([shape.answer is Answer.SEALED for shape in now.shapes], dtype=pl.Boolean)
    after = pl.Series([shape.answer is Answer.SEALED for shape in later.shapes], dtype=pl.Boolean)
    regimes = pl.Series([list(shape.regimes) for shape in later.shapes], dtype=pl.List(pl.String))
    comes = ~before.gather(now.actions["shape"]) & after.gather(later.actions["shape"])
    found = later.actions.with_columns(
        sealed_on=pl.max_horizontal("legal_from", now.actions["next_change"]),
        regimes=regimes.gather(later.actions["shape"]),
    ).filter(comes)
    named = ("sealed_on", "docket", "defendant_id", "arrest_number", "indictment", "regimes")
    return found.select(named).sort("sealed_on", maintain_order=True)
