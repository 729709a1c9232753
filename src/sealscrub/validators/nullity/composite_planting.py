"""Keys of several columns that nobody has: other arrests of the persons in the data, on days near theirs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.errors import UsageError
from sealscrub.identifiers import Status, canonicalise_parts, get_scheme
from sealscrub.matching import KeyColumn

__all__ = ["composite_ids", "fresh_composites", "fresh_parts"]

_TRIES = 400
_DAYS = 400


def fresh_composites(
    key: KeyColumn,
    keys: pl.DataFrame,
    sources: npt.NDArray[np.intp],
    held: Callable[[str], bool],
    draws: np.random.Generator,
) -> tuple[dict[str, list[Any]], list[str]]:
    """Make a key for each source row: its own, with another last part, the date.

    The person stays the same, so that what is counted by person counts the planted record too.

    Parameters
    ----------
    key : KeyColumn
        Of a scheme of several parts.
    keys : polars.DataFrame
        The key columns.
    sources : ndarray of int
    held : callable
        Whether an index holds a canonical value.
    draws : numpy.random.Generator

    Returns
    -------
    (dict of str to list, list of str)
        Raw values by column, and canonical values.

    Raises
    ------
    UsageError
        When no row has a key, or no free one is found.
    """
    known = composite_ids(key, keys)
    good = np.flatnonzero(known.is_not_null())
    if not len(good):
        raise UsageError(f"no row has a {key.scheme}, so none can be planted", hint="see the key columns.")
    have = set(known.drop_nulls().to_list())
    raw: dict[str, list[Any]] = {column: [] for column in key.columns}
    canonical: list[str] = []
    for source in sources.tolist():
        row = keys.row(source if known[source] is not None else int(good[0]), named=True)
        made, value = fresh_parts(key, row, have, held, draws)
        have.add(value)
        canonical.append(value)
        for column in key.columns:
            raw[column].append(made[column])
    return raw, canonical


def composite_ids(key: KeyColumn, keys: pl.DataFrame) -> pl.Series:
    """Canonical values of a key of several columns; null where a row has none, or none that can be read."""
    parts = dict(zip(get_scheme(key.scheme).parts, key.columns, strict=True))
    found = canonicalise_parts({part: keys.get_column(column) for part, column in parts.items()}, key.scheme)
    read = pl.Series(found.status == Status.OK)
    return pl.select(pl.when(read).then(pl.lit(found.values)).otherwise(None)).to_series()


def fresh_parts(
    key: KeyColumn,
    row: Mapping[str, Any],
    have: Collection[str],
    held: Callable[[str], bool],
    draws: np.random.Generator,
) -> tuple[dict[str, Any], str]:
    """The key columns of a row with another last part, so that nobody has the key; and its canonical value.

    Raises
    ------
    UsageError
        When none is found.
    """
    last = key.columns[-1]
    for _ in range(_TRIES):
        made = {column: row[column] for column in key.columns} | {last: _other(row[last], draws)}
        value = composite_ids(key, pl.DataFrame({column: [each] for column, each in made.items()}))[0]
        if value is not None and value not in have and not held(value):
            return made, value
    raise UsageError(f"no free {key.scheme} was found", hint="plant=False tests the data as it is.")


def _other(value: Any, draws: np.random.Generator) -> Any:
    """Another day, or other digits at the end of a text or number, of which not all are a date."""
    if isinstance(value, date):
        return value + timedelta(days=int(draws.integers(1, _DAYS)) * int(draws.choice([-1, 1])))
    text = list(str(value))
    places = [at for at, sign in enumerate(text) if sign.isdigit()]
    for at in places[-2:]:
        text[at] = str(int(draws.integers(10)))
    return int("".join(text)) if isinstance(value, int) else "".join(text)
