"""Which columns are record keys: by what the column is called, and by the share of its values that parse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import polars as pl

from sealscrub.errors import ColumnError
from sealscrub.identifiers import Level, Scheme, Status, canonicalise, canonicalise_parts, get_scheme, scheme_names
from sealscrub.identifiers.newyork import NEW_YORK

from ..column_names import words_of

__all__ = [
    "AGREES",
    "ColumnGuess",
    "guess_column",
    "guess_pair",
    "is_date_name",
    "is_id_name",
    "is_person_name",
    "is_record_name",
    "is_told",
]

AGREES = 0.95
"""Share of a column's values from which they say what it is; a plan refuses columns of which more do not parse."""

_NUMBERS = frozenset(
    {"number", "numbers", "no", "nr", "nbr", "num", "id", "ids", "key", "ser", "serial", "uuid", "guid"}
)
_RECORDS = frozenset({"arrest", "booking", "case", "docket", "incident", "stop", "summons"})
_PEOPLE = frozenset(
    {"client", "defendant", "individual", "inmate", "nysid", "offender", "party", "perp", "person", "sid", "subject"}
    | {"suspect"}
)
_DATES = frozenset({"date", "dt", "on", "day"})
_FEW_VALUES = 200
_BUILT_IN = frozenset(scheme.name for scheme in NEW_YORK)
# The values of these schemes are recognised by their form. Not those of nysid and cjtn: both are digits and a letter.
_TOLD = ("arrest_number", "docket", "indictment")
_PLAIN = pl.Series(
    [
        *("1234567890123456"[:digits] for digits in range(1, 17)),
        *("A", "NY", "OPEN", "THEFT", "K", "SMITH", "ROBBERY 2", "2014-02-03", "02/03/2014", "20140203", "3.5", "Y1"),
    ]
)


@dataclass(frozen=True, slots=True)
class ColumnGuess:
    """What a column may be a key of.

    Attributes
    ----------
    name : str
        The column.
    scheme : str
        The scheme, or nothing.
    named : bool
        Whether its name says so.
    share : float
        Which share of the values parses; NaN if there are no values.
    near : float
        Which share would parse if look-alike letters were digits.
    nulls : float
        Which share of the rows has no value.
    """

    name: str
    scheme: str = ""
    named: bool = False
    share: float = 0.0
    near: float = 0.0
    nulls: float = 0.0

    @property
    def valued(self) -> bool:
        """Whether the values say so."""
        return self.share >= AGREES

    @property
    def sure(self) -> bool:
        """Whether name and values agree."""
        return bool(self.scheme) and self.named and self.valued

    @property
    def person(self) -> bool:
        """Whether it names a person."""
        return bool(self.scheme) and get_scheme(self.scheme).level == Level.PERSON

    @property
    def published(self) -> bool:
        """Whether it names one record, so an index may hold it."""
        return bool(self.scheme) and get_scheme(self.scheme).published


def guess_column(column: pl.Series) -> ColumnGuess:
    """Guess the scheme of a column; the name is asked first, then the values.

    Examples
    --------
    >>> guess = guess_column(pl.Series("ARREST_NO", ["K14612345", "M15600001"]))
    >>> guess.scheme, guess.sure
    ('arrest_number', True)
    """
    named = [_parsed(column, scheme, named=True) for scheme in _schemes_of_name(_words(column.name))]
    if named:
        return next((found for found in named if found.valued), named[0])
    few = (
        column.drop_nulls().head(_FEW_VALUES)
        if column.dtype in (pl.String, pl.Categorical, pl.Enum)
        else pl.Series([""])
    )
    for scheme in filter(_told_by_form, _registered_schemes()):
        if _parsed(few, scheme, named=False).valued and (found := _parsed(column, scheme, named=False)).valued:
            return found
    if int(few.cast(pl.String).str.contains(r"\d{3}").sum()) * 2 <= len(few):  # all of them have a serial number
        return ColumnGuess(column.name)
    for scheme in _TOLD:
        if _parsed(few, scheme, named=False).valued and (found := _parsed(column, scheme, named=False)).valued:
            return found
    return ColumnGuess(column.name)


def guess_pair(person: pl.Series, date: pl.Series) -> float:
    """Which share of rows has a NYSID and an arrest date that together name an arrest."""
    try:
        found = canonicalise_parts({"nysid": person, "date": date}, "person_arrest")
    except ColumnError:
        return 0.0
    there = len(found.status) - found.count(Status.NULL)
    return found.count(Status.OK) / there if there else 0.0


def is_id_name(name: str) -> bool:
    """Return whether a column is called like an id: a number, id or key of something, or only a kind of record.

    Examples
    --------
    >>> is_id_name("charge_id"), is_id_name("docket"), is_id_name("law_code"), is_id_name("age")
    (True, True, False, False)
    """
    words = _words(name)
    alone = len(words) == 1 and words[0] in _RECORDS
    return bool(_NUMBERS.intersection(words) or _schemes_of_name(words)) or alone or is_person_name(name)


def is_person_name(name: str) -> bool:
    """Return whether a column is called like a person's id, not a fact about one.

    Examples
    --------
    >>> is_person_name("person_id"), is_person_name("NYSID"), is_person_name("subject_race")
    (True, True, False)
    """
    words = _words(name)
    people = _PEOPLE.intersection(words)
    rest = [word for word in words if word not in _PEOPLE and word not in _NUMBERS and len(word) > 1]
    return bool(people) and not rest


def is_record_name(name: str) -> bool:
    """Return whether a column is called like the id of an arrest or a case, or an id and nothing else.

    Examples
    --------
    >>> is_record_name("c_case_number"), is_record_name("id"), is_record_name("narrative_id")
    (True, True, False)
    """
    of = [word for word in _words(name) if word not in _NUMBERS and len(word) > 2]
    return is_id_name(name) and (not of or not _RECORDS.isdisjoint(of))


def is_date_name(name: str) -> bool:
    """Return whether a column is called like the date of an arrest.

    Examples
    --------
    >>> is_date_name("ARREST_DATE"), is_date_name("birth_date")
    (True, False)
    """
    words = words_of(name)
    return "arrest" in words and bool(_DATES.intersection(words))


def _words(name: str) -> tuple[str, ...]:
    """Split a name into words, and those of capitals that are two: ``INMATEID``, ``arrestno``."""
    words: list[str] = []
    for word in words_of(name):
        ends = [end for end in _NUMBERS if word.endswith(end) and word.removesuffix(end) in _RECORDS | _PEOPLE]
        words += [word.removesuffix(ends[0]), ends[0]] if ends else [word]
    return tuple(words)


def _schemes_of_name(words: Sequence[str]) -> tuple[str, ...]:
    """Schemes that a column's name may mean, the likeliest first."""
    of, numbered = set(words), bool(_NUMBERS.intersection(words))
    if of & {"date", "dt", "time", "year", "type", "name", "desc", "description", "count", "status"}:
        return ()
    for scheme, meant in (
        (("nysid",), "nysid" in of or {"nys", "id"} <= of),
        (("cjtn",), bool(of & {"cjtn", "obts", "ccn"}) or {"court", "control"} <= of or ("501" in of and numbered)),
        (("docket",), bool(of & {"docket", "dkt"})),
        (("indictment", "indictment_case"), bool(of & {"indictment", "sci"} or ("ind" in of and numbered))),
        (("complaint",), "complaint" in of and numbered),
        (("voucher",), bool(of & {"voucher", "invoice"})),
        (("photo",), bool(of & {"photo", "mugshot"}) and (numbered or len(words) == 1)),
        (("arrest_number",), bool(of & {"arrest", "arr"}) and numbered),
    ):
        if meant:
            return scheme
    return tuple(name for name in _registered_schemes() if _is_named_like(of, name))


def _registered_schemes() -> tuple[str, ...]:
    """Schemes that somebody registered."""
    return tuple(name for name in scheme_names() if name not in _BUILT_IN)


def is_told(scheme: str) -> bool:
    """Return whether only values say that they are of a scheme.

    Examples
    --------
    >>> is_told("arrest_number"), is_told("voucher"), is_told("opaque:compas")
    (True, False, False)
    """
    return scheme in _TOLD or (scheme not in _BUILT_IN and _told_by_form(scheme))


def _told_by_form(scheme: str) -> bool:
    return _has_form(get_scheme(scheme))


@lru_cache(maxsize=256)
def _has_form(scheme: Scheme) -> bool:
    """Whether a scheme's values are recognised by their form: it takes no plain numbers, words and dates."""
    if scheme.opaque or scheme.parts or not scheme.spellings:
        return False
    return not (canonicalise(_PLAIN, scheme).status == Status.OK).any()


def _is_named_like(of: set[str], scheme: str) -> bool:
    """Whether a column is called like a scheme that somebody registered, or by one of its other names."""
    known = get_scheme(scheme)
    return not known.parts and any(
        (told := {*words_of(name)} - _NUMBERS) and told <= of and (bool(_NUMBERS & of) or told == of)
        for name in (known.name, *known.aliases)
    )


def _parsed(column: pl.Series, scheme: str, *, named: bool) -> ColumnGuess:
    try:
        found = canonicalise(column, scheme)
    except ColumnError:
        return ColumnGuess(column.name, scheme if named else "", named)
    rows, nulls = len(column), found.count(Status.NULL)
    there = rows - nulls
    return ColumnGuess(
        column.name,
        scheme,
        named,
        share=found.count(Status.OK) / there if there else float("nan"),
        near=found.count(Status.NEAR) / there if there else 0.0,
        nulls=nulls / rows if rows else 0.0,
    )
