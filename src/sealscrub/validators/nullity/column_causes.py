"""What a difference looks like: the probable cause, recognised by its pattern."""

from __future__ import annotations

import re

from .comparison import Difference

__all__ = ["probable_cause"]

_LABEL = re.compile(r"(^|[._])(y|label|labels|target|recid|rearrest\w*|two_year_recid|is_recid)$", re.IGNORECASE)
_NEARLY_ALL = 0.9


def probable_cause(difference: Difference) -> str:
    """Guess what let the sealed records in; empty if the pattern says nothing.

    Examples
    --------
    >>> probable_cause(Difference(name="priors_count", what="values", rows=40, of=900, largest=2.0, sign=1))
    'counted over events that hold sealed ones'
    """
    name = difference.name.rpartition(".")[2]
    if name == "(rows)" or difference.what == "rows":
        return "sealed rows are still there, or other rows were removed with them"
    if name == "(index)":
        return "row labels keep the gaps of removed rows"
    if name == "(attrs)":
        return "metadata holds something of the sealed rows"
    if difference.what == "order":
        return "the order of rows or columns depends on sealed rows"
    if difference.what == "dtype":
        return "levels or a type that only sealed rows have"
    if difference.what == "column":
        return "a column or piece that is there only because of sealed rows"
    if difference.what != "values":
        return ""
    return _of_values(difference)


def _of_values(difference: Difference) -> str:
    if _LABEL.search(difference.name):
        return "a label computed from events that hold sealed ones"
    share = difference.rows / difference.of if difference.of else 0.0
    if difference.largest is None:
        return "computed from events that hold sealed ones"
    whole = float(difference.largest).is_integer()
    if share >= _NEARLY_ALL and difference.of > 1:
        return "fitted on rows that hold sealed ones: scaler, encoder, rate"
    if whole and difference.sign > 0:
        return "counted over events that hold sealed ones"
    if whole and difference.sign < 0:
        return "time since an event, or a rank, that a sealed one moved"
    return "computed from events that hold sealed ones"
