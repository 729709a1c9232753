"""The variant ``unseen``: sealed rows with what no other row has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from .table_rows import Refill, Rows, TableRows, Unfit
from .text_forms import of_form
from .unseen_values import UNSEEN_TEXTS, beyond, is_null, least_of, some_values

__all__ = ["unseen"]


def unseen(rows: TableRows, position: int, places: Rows, *, texts: bool) -> Refill | None:
    """Give sealed rows what no other row has: another text, numbers and times above all others and at the least.

    Texts that all are numbers or dates get another one of that form, since a function may read them before it scrubs.
    Planted rows are clones, and have no charge, column or extreme of their own as a real record may have. A column that
    declares its levels gets one of these, one without values any that its type holds.

    Parameters
    ----------
    rows : TableRows
    position : int
        Of the column.
    places : ndarray of int
        The sealed rows.
    texts : bool
        Whether texts that have no form are changed too.

    Returns
    -------
    Refill or None
        None if the type has no room for more values, or those texts are not to be changed: it stays as it is.
    """
    first, values = rows.distinct(position)
    known = [at for at, value in enumerate(values) if not is_null(value)]
    found = [values[at] for at in known]
    for value, least in _candidates(rows, position, found, texts=texts):
        fresh = _fresh_column(rows, position, found, value)
        if fresh is not None:
            sources = np.full(len(places), rows.height)
            if least is not None:
                sources[::3] = first[known[least]]
            return Refill.of(rows.height, places, sources, fresh)
    return None


def _candidates(rows: TableRows, position: int, known: list[Any], *, texts: bool) -> Iterator[tuple[Any, int | None]]:
    """Values that may be new, each with the place of the least that is known, if there is one."""
    spare = rows.spare_levels(position)
    if spare is not None:
        yield from ((level, None) for level in spare if texts)
    elif rows.is_text(position):
        formed = of_form(known)
        if formed is not None:
            yield formed[1], known.index(formed[0])
        elif texts:
            yield from ((text, None) for text in UNSEEN_TEXTS)
    elif not known:
        yield from ((value, None) for value in some_values())
    else:
        inner = rows.inner_texts(position) if texts else ()
        yield from ((value, least_of(known)) for value in beyond(known, rows.step(position), texts=inner))


def _fresh_column(rows: TableRows, position: int, known: list[Any], value: Any) -> Any:
    """Make a column of a value; None if the type cannot hold it, or makes one of it that is known."""
    try:
        fresh = rows.column_of(position, [value])
        (made,) = rows.read(position, fresh)
    except (Unfit, ValueError, TypeError, OverflowError):
        return None
    try:
        is_new = not is_null(made) and not any(bool(made == each) for each in known)
        return fresh if is_new and made - made == made - made else None
    except (TypeError, ValueError):  # arrays are not equal as a whole, and most values have no difference
        return fresh
