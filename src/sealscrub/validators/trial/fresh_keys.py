"""Record keys that no one has: what planted records get, and what an auditor asks about other than the sealed ones."""

from __future__ import annotations

import contextlib
import numbers
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import numpy as np
import polars as pl

from sealscrub.errors import Spelled, UsageError
from sealscrub.identifiers import Status, canonicalise, canonicalise_parts, digest_column, get_scheme
from sealscrub.index import Index
from sealscrub.matching import KeyColumn

__all__ = ["FreshKeys", "another", "canonical_keys", "text_of"]

_MOST_TRIES = 400
_FEW_TRIES = 40
_DAYS = 400


def text_of(key: Any) -> str:
    """Give the text of a key."""
    return key.decode("utf-8", "replace") if isinstance(key, bytes) else str(key)


def canonical_keys(key: KeyColumn, keys: pl.DataFrame) -> pl.Series:
    """Give the canonical values of key columns; null if a row has none, or none that can be read."""
    parts = get_scheme(key.scheme).parts
    if parts:
        columns = dict(zip(parts, map(keys.get_column, key.columns), strict=True))
        found = canonicalise_parts(columns, key.scheme)
    else:
        found = canonicalise(keys.get_column(key.columns[0]).alias("key"), key.scheme)
    read = pl.Series(found.status == Status.OK)
    return pl.select(pl.when(read).then(pl.lit(found.values)).otherwise(None)).to_series()


class FreshKeys:
    """Makes keys of one rule, of the form and type of others, that no row and no index has; each once.

    Of a key of several columns one part changes, the last that is a date or has digits, and the others stay the same:
    what is counted by person counts the planted record too. If that part has no free value left, others change.

    Parameters
    ----------
    key : KeyColumn
    keys : polars.DataFrame
        The key columns of the data.
    index : Index or None
    draws : numpy.random.Generator

    Examples
    --------
    >>> keys = FreshKeys(KeyColumn("arrest_number", ("id",)), pl.DataFrame({"id": ["K14000003"]}), None,
    ...                  np.random.default_rng(0))
    >>> made, canonical = keys.like({"id": "K14000003"})
    >>> made["id"][:3], made["id"] != "K14000003", canonical == made["id"]
    ('K14', True, True)
    """

    def __init__(self, key: KeyColumn, keys: pl.DataFrame, index: Index | None, draws: np.random.Generator) -> None:
        self.key, self.known = key, canonical_keys(key, keys)
        self._taken = set(self.known.drop_nulls().to_list())
        self._index, self._draws, self._keys = index, draws, keys

    def like(
        self,
        row: Mapping[str, Any],
        text: str | None = None,
        fits: Callable[[str, Any], bool] = lambda column, value: True,
        keep: str = "",
    ) -> tuple[dict[str, Any], str]:
        """Make a key like that of a row.

        Parameters
        ----------
        row : mapping of str to object
            Values of the key columns.
        text : str, optional
            Of a key of one column: what the new one differs from in its last digits; by default the row's own.
        fits : callable
            Whether a column can hold a value.
        keep : str
            A column of several that stays the same; another takes a value that other rows have, if none is free.

        Returns
        -------
        (dict of str to object, str)
            Values of the key columns, and the canonical value.

        Raises
        ------
        UsageError
            When no free key of that form is found.
        """
        parts = _changeable({column: row[column] for column in self.key.columns if column != keep})
        for attempt in range(_FEW_TRIES if keep else _MOST_TRIES):
            part = parts[0 if attempt < _MOST_TRIES // 2 else attempt % len(parts)]
            with contextlib.suppress(OverflowError):  # an integer that the type of the others has no room for
                made = {column: row[column] for column in self.key.columns}
                made[part] = self._others(part) if keep and attempt % 2 else self._changed_key(row[part], text, attempt)
                value = self._canonical(made)
                if (
                    value is not None
                    and value not in self._taken
                    and not self._is_held(value)
                    and fits(part, made[part])
                ):
                    self._taken.add(value)
                    return made, value
        raise UsageError(
            f"no free {get_scheme(self.key.scheme).name} was found",
            hint=Spelled(
                "check the key column; plant=False tests the data as it is.",
                "check the key column; --no-plant tests the data as it is.",
            ),
        )

    def _others(self, part: str) -> Any:
        column = self._keys.get_column(part)
        return column[int(self._draws.integers(len(column)))]

    def _changed_key(self, value: Any, text: str | None, attempt: int) -> Any:
        early, several = attempt < _MOST_TRIES // 2, len(self.key.columns) > 1
        if several and isinstance(value, date):
            return value + timedelta(days=int(self._draws.integers(1, _DAYS)) * int(self._draws.choice([-1, 1])))
        longer = not early and attempt % 4 >= (2 if several else 3)
        digits = (2 if several else 6) if early else 4  # of most texts that are dates, the last two are the day
        made = another(value, text or text_of(value), self._draws, digits=digits, longer=longer)
        return type(value)(made) if isinstance(value, np.integer) else made

    def _canonical(self, made: Mapping[str, Any]) -> str | None:
        if len(made) > 1:
            frame = pl.DataFrame({column: [each] for column, each in made.items()})
        else:
            frame = pl.DataFrame({column: pl.Series([text_of(each)]) for column, each in made.items()})
        found: str | None = canonical_keys(self.key, frame)[0]
        return found

    def _is_held(self, value: str) -> bool:
        if self._index is None:
            return False
        digests = digest_column(pl.Series([value], dtype=pl.String), self._index.scheme_key(self.key.scheme))
        return bool(self._index.lookup(self.key.scheme, digests)[0])


def another(like: Any, text: str, draws: np.random.Generator, *, digits: int = 4, longer: bool = False) -> Any:
    """Give a key of the kind that another one of its column is, with other digits at its end.

    Parameters
    ----------
    like : object
        A key of the column: text, bytes, an integer, a decimal.
    text : str
        A key, as text, from which the new one differs in its last digits.
    draws : numpy.random.Generator
    digits : int
        In how many.
    longer : bool
        Whether it gets a digit more, if all keys of its length may be taken.

    Examples
    --------
    >>> draws = np.random.default_rng(0)
    >>> another("K14000003", "K14000003", draws)[:5], another(b"K14000003", "K14000003", draws)[:5]
    ('K1400', b'K1400')
    >>> type(another(np.int32(7123), "7123", draws))
    <class 'int'>
    """
    made = _with_other_digits(text, draws, digits) if any(map(str.isdigit, text)) else f"{text}{draws.integers(10**6)}"
    made += str(int(draws.integers(10))) if longer else ""
    if isinstance(like, bytes):
        return made.encode()
    if isinstance(like, numbers.Integral) and not isinstance(like, bool):
        return int(made)
    if isinstance(like, Decimal):
        return Decimal(int(made)) if made.isdigit() else Decimal(made)
    return UUID(made) if isinstance(like, UUID) and not longer else made


def _changeable(parts: Mapping[str, Any]) -> list[str]:
    """Give the columns whose values can be another date or number, the last first; all of them if none can."""
    found = [
        column for column, value in parts.items() if isinstance(value, date) or any(map(str.isdigit, text_of(value)))
    ]
    return (found or [*parts])[::-1]


def _with_other_digits(text: str, draws: np.random.Generator, count: int) -> str:
    signs = list(text)
    for at in [at for at, sign in enumerate(text) if sign.isdigit()][-count:]:
        signs[at] = str(int(draws.integers(10)))
    return "".join(signs)
