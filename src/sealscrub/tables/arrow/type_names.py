"""Names of types in metadata that pandas wrote: a closed grammar, so nothing else is in their place."""

from __future__ import annotations

import re

__all__ = ["is_frequency", "is_numpy_type", "is_pandas_type", "is_version"]

_UNIT = r"(?:s|ms|us|ns|D|h|m)"
_ZONE = r"(?:UTC|GMT|[A-Z][A-Za-z_]+(?:/[A-Z][A-Za-z_\-]+){1,2}|(?:UTC|pytz\.FixedOffset\()?[+-]?\d{1,3}(?::?\d\d)?\)?)"
_NUMBER = r"(?:u?int|U?Int|float|Float|complex)(?:8|16|32|64|128|256)"
_FREQUENCY = r"\d{0,3}[A-Z][A-Za-z]{0,4}(?:-[A-Z]{2,3})?"
_PLAIN = rf"(?:{_NUMBER}|bool|boolean|object|category|geometry|str|string|bytes|empty|halffloat|double|<M8\[{_UNIT}\])"
_TIMES = rf"(?:datetime64\[{_UNIT}(?:, ?{_ZONE})?\]|timedelta64\[{_UNIT}\]|period\[{_FREQUENCY}\])"
_STRING = r"string\[(?:python|pyarrow|pyarrow_numpy)\]"
_INTERVAL = rf"interval(?:\[(?:{_NUMBER}|{_TIMES})(?:, ?(?:left|right|both|neither))?\])?"
_SPARSE = rf"Sparse\[(?:{_NUMBER}|bool|object)(?:, ?(?:nan|0|0\.0|False|None|True))?\]"
_ARROW = (
    rf"(?:{_NUMBER}|bool|float|double|halffloat|string|large_string|binary|large_binary|null|date32\[day\]|date64\[ms\]"
    rf"|time(?:32|64)\[{_UNIT}\]|duration\[{_UNIT}\]|timestamp\[{_UNIT}(?:, tz={_ZONE})?\]"
    r"|decimal(?:32|64|128|256)\(\d{1,2}, -?\d{1,2}\))\[pyarrow\]"
)
_NUMPY = re.compile(rf"{_PLAIN}|{_TIMES}|{_STRING}|{_INTERVAL}|{_SPARSE}|{_ARROW}", re.ASCII)
_PANDAS = re.compile(
    rf"(?:list\[)*(?:{_NUMBER}|bool|unicode|bytes|string|empty|mixed|mixed-integer|object|categorical|datetime|datetimetz"
    r"|timedelta|date|time|decimal|period|interval|float|integer|boolean|floating|integer-na|struct|map|dictionary"
    r"|geometry|null)\]*",
    re.ASCII,
)
_VERSION = re.compile(r"\d{1,4}(?:\.\d{1,3}){0,3}(?:\.?(?:dev|rc|a|b|post)\d{0,3}){0,2}", re.ASCII)


def is_numpy_type(name: object) -> bool:
    """Whether it is the name of a type of numpy, pandas or Arrow without names of fields.

    >>> is_numpy_type("datetime64[ns, America/New_York]"), is_numpy_type("K14612345")
    (True, False)
    """
    return isinstance(name, str) and _NUMPY.fullmatch(name) is not None


def is_pandas_type(name: object) -> bool:
    """Whether it is a name by which pandas says what a column holds.

    >>> is_pandas_type("list[unicode]"), is_pandas_type("K14612345")
    (True, False)
    """
    return isinstance(name, str) and _PANDAS.fullmatch(name) is not None


def is_frequency(name: object) -> bool:
    """Whether it is a frequency of pandas, such as ``D`` or ``Q-DEC``.

    >>> is_frequency("Q-DEC"), is_frequency("K14612345")
    (True, False)
    """
    return isinstance(name, str) and re.fullmatch(_FREQUENCY, name, re.ASCII) is not None


def is_version(name: object) -> bool:
    """Whether it is a version of a library.

    >>> is_version("2.2.3"), is_version("14612345")
    (True, False)
    """
    return isinstance(name, str) and _VERSION.fullmatch(name) is not None
