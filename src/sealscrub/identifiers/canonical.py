"""Raw identifiers to canonical values, a whole column at a time.

A value is tried in three steps, each on what the step before left over: it has the canonical shape already; it is
written in one of the scheme's spellings; it would be if look-alike letters in digit positions were digits. The last
is a *near match*: it is reported and never applied.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from sealscrub.boundary.array_types import Mask
from sealscrub.errors import SchemeError, UsageError

from .cleaned_text import Flags, Status, clean, damaged_or_nothing, means_nothing, read_raw
from .dates import canonical_date
from .fixed_shape import shaped
from .known_schemes import get_scheme
from .one_value import judge_of, settled_texts
from .scheme import Scheme
from .spelling_parser import near_misses, parse, placed

__all__ = ["Canonicalised", "canonicalise", "canonicalise_one", "canonicalise_part", "canonicalise_parts"]

_FEW, _SOME = 16, 200  # texts that are read more quickly one by one: of a canonical shape, and others


@dataclass(frozen=True, slots=True)
class Canonicalised:
    """What happened to a column of raw identifiers.

    Attributes
    ----------
    values : polars.Series of String
        Canonical values; null unless the status is ``OK``.
    status : numpy.ndarray of uint8
        A :class:`Status` for each row.

    Examples
    --------
    >>> found = canonicalise(pl.Series(["k14-612345", None]), "arrest_number")
    >>> found.count(Status.OK), found.count(Status.NULL)
    (1, 1)
    """

    values: pl.Series
    status: Flags

    def count(self, status: Status) -> int:
        """Count the rows with this status."""
        return int(np.count_nonzero(self.status == status))

    def __repr__(self) -> str:
        return f"Canonicalised({len(self.status)} rows)"


def canonicalise(column: pl.Series, scheme: str | Scheme) -> Canonicalised:
    """Bring a column of raw identifiers to canonical values.

    Parameters
    ----------
    column : polars.Series
        Text, categories, integers or bytes; floats come back as damaged.
    scheme : str or Scheme
        What the column holds. The format is the field's: it is never guessed from a value.

    Returns
    -------
    Canonicalised
        Values and a status for each row. A canonical value is its own canonical form.

    Raises
    ------
    SchemeError
        When the scheme is unknown, or needs several columns.
    ColumnError
        When the type of the column can hold no identifiers.

    Examples
    --------
    >>> import polars as pl
    >>> raw = pl.Series(["k14-612345", "ARREST NO. K14 612345", "K14612E45", "K146I2345", "(null)"])
    >>> found = canonicalise(raw, "arrest_number")
    >>> found.values.to_list()
    ['K14612345', 'K14612345', None, None, None]
    >>> [Status(s).name for s in found.status]
    ['OK', 'OK', 'UNPARSABLE', 'NEAR', 'NULL']
    """
    scheme = get_scheme(scheme) if isinstance(scheme, str) else scheme
    if scheme.parts:
        raise SchemeError(
            f"{scheme.name} is made of several columns",
            hint=f"name them with plus signs: {scheme.name}={'+'.join(scheme.parts).upper()}.",
        )
    raw = read_raw(column, scheme)
    status = raw.status
    few = None
    if len(raw.text) <= (_SOME if scheme.opaque else _FEW):
        few = settled_texts(raw.text, status, judge_of(scheme))
    if few is not None:
        return Canonicalised(few, status)
    if scheme.opaque:
        return _canonical_opaque(raw.text, status, scheme)
    if not scheme.shape:
        return Canonicalised(_canonical_values(raw.text, status, scheme), status)
    good, none = shaped(raw.text, scheme)
    status[none] = Status.NULL
    rest = np.flatnonzero(~good & (status == Status.OK))
    if len(rest) == len(good):
        return Canonicalised(_canonical_values(raw.text, status, scheme), status)
    values = _null_elsewhere(raw.text, good & ~none)
    if len(rest):  # the few that are written otherwise
        others = np.zeros(len(rest), np.uint8)
        read = _canonical_values(raw.text[rest], others, scheme)
        status[rest] = others
        values = _either(values, placed(read, rest, len(good)))
    return Canonicalised(values, status)


def canonicalise_parts(
    columns: Mapping[str, pl.Series], scheme: str | Scheme, *, leading: str | None = None
) -> Canonicalised:
    """Bring the columns of a composite key to canonical values.

    Parameters
    ----------
    columns : mapping of str to polars.Series
        A column for each of the scheme's parts, of equal length.
    scheme : str or Scheme
        A composite scheme, such as ``person_arrest`` with the parts ``nysid`` and ``date``.
    leading : str, optional
        The part whose null means that a row has no key; by default the first.

    Returns
    -------
    Canonicalised
        A row is null if its leading part is; unparsable if another part is
        null, since it could not be checked; else it has the status of its worst part.

    Raises
    ------
    SchemeError
        When the scheme is not a composite, other parts are given than it has, or they differ in length.

    Examples
    --------
    >>> import polars as pl
    >>> parts = {"nysid": pl.Series(["1234567q"]), "date": pl.Series(["01/15/2014"])}
    >>> canonicalise_parts(parts, "person_arrest").values.to_list()
    ['01234567Q@2014-01-15']
    """
    scheme = get_scheme(scheme) if isinstance(scheme, str) else scheme
    if not scheme.parts or set(columns) != set(scheme.parts):
        raise SchemeError(f"{scheme.name} is made of {' and '.join(scheme.parts) or 'one column'}")
    if len({len(column) for column in columns.values()}) > 1:
        raise SchemeError(f"the columns of {scheme.name} differ in length")
    parts = [canonicalise_part(columns[part], part) for part in scheme.parts]
    statuses = np.stack([part.status for part in parts])
    worst = np.where(
        (statuses == Status.NULL).any(axis=0) & (statuses.max(axis=0) <= Status.NULL),
        Status.UNPARSABLE,
        statuses.max(axis=0),
    )
    first = scheme.parts.index(leading) if leading is not None else 0
    status = np.where(statuses[first] == Status.NULL, Status.NULL, worst).astype(np.uint8)
    joined = pl.DataFrame({str(at): part.values for at, part in enumerate(parts)}).select(
        value=pl.concat_str(pl.all(), separator="@")
    )["value"]
    return Canonicalised(_null_elsewhere(joined, status == Status.OK), status)


def canonicalise_part(column: pl.Series, part: str) -> Canonicalised:
    """Bring one column of a composite key to canonical values: of a scheme, or of the part ``date``.

    Examples
    --------
    >>> import polars as pl
    >>> canonicalise_part(pl.Series(["01/15/2014", "no day"]), "date").values.to_list()
    ['2014-01-15', None]
    """
    return Canonicalised(*canonical_date(column)) if part == "date" else canonicalise(column, part)


def _canonical_opaque(text: pl.Series, status: Flags, scheme: Scheme) -> Canonicalised:
    cleaned = clean(text, scheme)
    open_rows = status == Status.OK
    damaged, nothing = damaged_or_nothing(cleaned, scheme)
    status[open_rows & damaged] = Status.DAMAGED
    status[open_rows & nothing] = Status.NULL
    return Canonicalised(_null_elsewhere(cleaned, status == Status.OK), status)


def _canonical_values(text: pl.Series, status: Flags, scheme: Scheme) -> pl.Series:
    """Canonical values of the rows whose status is open; their statuses are filled in."""
    few = settled_texts(text, status, judge_of(scheme)) if len(text) <= _SOME else None
    if few is not None:
        return few
    rows = np.flatnonzero(status == Status.OK)
    whole = len(rows) == len(text)
    cleaned = clean(text if whole else text[rows], scheme)
    values = _parsed(cleaned, scheme)
    found = values.is_not_null().to_numpy()
    state = np.where(found, Status.OK, Status.UNPARSABLE).astype(np.uint8)
    if found.any():
        filled = values if found.all() else values.fill_null("")
        state[found & (shaped(filled, scheme)[1] if scheme.shape else means_nothing(filled, scheme))] = Status.NULL
    rest = np.flatnonzero(~found)
    if len(rest):
        left = cleaned[rest]
        damaged, nothing = damaged_or_nothing(left, scheme)
        state[rest[damaged]] = Status.DAMAGED
        state[rest[near_misses(left, scheme)]] = Status.NEAR
        state[rest[nothing]] = Status.NULL
    status[rows] = state
    values = _null_elsewhere(values, state == Status.OK)
    return values if whole else placed(values, rows, len(text))


def _parsed(cleaned: pl.Series, scheme: Scheme) -> pl.Series:
    """Canonical value of each text that has one, null elsewhere; the first spelling that fits decides."""
    values = parse(cleaned, scheme.spellings[0])
    for spelling in scheme.spellings[1:]:
        rows = np.flatnonzero(values.is_null().to_numpy())
        if not len(rows):
            break
        more = placed(parse(cleaned[rows], spelling), rows, len(cleaned))
        values = _either(values, more)
    return values


def _either(values: pl.Series, more: pl.Series) -> pl.Series:
    """Give the one or the other value of each row."""
    return pl.DataFrame({"values": values, "more": more}).select(pl.coalesce("values", "more")).to_series()


def _null_elsewhere(values: pl.Series, keep: Mask) -> pl.Series:
    if keep.all():
        return values
    frame = pl.DataFrame({"value": values, "keep": keep})
    return frame.select(pl.when("keep").then("value").alias(values.name)).to_series()


def canonicalise_one(value: str, scheme: str | Scheme) -> str:
    """Bring one identifier to its canonical value; that of several columns is written ``NYSID+DATE``.

    Parameters
    ----------
    value : str
        In any spelling.
    scheme : str or Scheme
        What it is.

    Returns
    -------
    str

    Raises
    ------
    UsageError
        When it does not parse. It is not said.

    Examples
    --------
    >>> canonicalise_one("k14-612345", "arrest_number")
    'K14612345'
    """
    wanted = get_scheme(scheme) if isinstance(scheme, str) else scheme
    canonical = value.split("@")  # with that sign between its parts, of which one may have a plus sign
    parts = canonical if len(canonical) == len(wanted.parts) else value.replace("@", "+").split("+")
    if wanted.parts and len(parts) == len(wanted.parts):
        columns = {name: pl.Series([part], dtype=pl.String) for name, part in zip(wanted.parts, parts, strict=True)}
        read = canonicalise_parts(columns, wanted)
    elif wanted.parts:
        raise UsageError(f"this does not parse as {wanted.title}", hint=f"write {'+'.join(wanted.parts)}.")
    else:
        read = canonicalise(pl.Series([value], dtype=pl.String), wanted)
    if read.status[0] != Status.OK:
        raise UsageError(f"this does not parse as {wanted.title}", hint="check how it is written.")
    return str(read.values[0])
