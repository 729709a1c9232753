"""Which rows of a file hold words that no phrase explains, so that someone is asked what they mean."""

from __future__ import annotations

import datetime as dt

import polars as pl

from .bulk_decisions import Decisions
from .charges import ChargeRows
from .decisions import Answer
from .dispositions import Disposition, DispositionMap

__all__ = ["unread_texts"]


def unread_texts(charges: ChargeRows, decisions: Decisions, mapping: DispositionMap, as_of: dt.date) -> pl.DataFrame:
    r"""List the rows up to a day whose text no phrase explains.

    What only undoes an ending (``PLEA VACATED``) is asked about as long as its action is unknown: once a later ending
    is known, a meaning of the words would settle nothing.

    Parameters
    ----------
    charges : ChargeRows
    decisions : Decisions
        Of these.
    mapping : DispositionMap
        By which they were read.
    as_of : datetime.date
        Rows of later days are left out.

    Returns
    -------
    DataFrame
        Columns ``action``, ``row``, ``disposition``.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from sealscrub.custodian.law import decide_charges, read_charges
    >>> from sealscrub.custodian.law.dispositions import read_map
    >>> file, day = pathlib.Path(tempfile.mkdtemp()) / "d.csv", dt.date(2026, 11, 25)
    >>> _ = file.write_text("docket,defendant_id,disposition,event_date\n2014KN000001,7,STET,2014-05-01\n")
    >>> charges = read_charges(file)
    >>> unread_texts(charges, decide_charges(charges, day), read_map("us-ny"), day)["disposition"].to_list()
    ['STET']
    """
    rows = charges.rows.filter((pl.col("event") == "disposition") & (pl.col("event_date") <= as_of))
    rows = rows.select("action", "row", "disposition").drop_nulls()
    texts = rows["disposition"].unique().to_list()
    unread = [text for text in texts if mapping.meaning(text).disposition is Disposition.UNMAPPED]
    undoing = [text for text in unread if mapping.meaning(text).undoes]
    unknown = [at for at, shape in enumerate(decisions.shapes) if shape.answer is Answer.UNKNOWN]
    open_actions = decisions.actions.filter(pl.col("shape").is_in(unknown))["action"]
    still_open = pl.col("action").is_in(open_actions.implode())
    return rows.filter(pl.col("disposition").is_in(unread) & (~pl.col("disposition").is_in(undoing) | still_open))
