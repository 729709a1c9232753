"""Days, times and decimal numbers as Python and pandas pickle them, as texts that they would be read as."""

from __future__ import annotations

import datetime
import decimal

import numpy as np

from .arrays import bytes_of
from .inert_objects import Damaged, Inert

__all__ = ["moments"]

_LENGTHS = {"date": 4, "time": 6, "datetime": 10}
_UNITS = {7: "s", 8: "ms", 9: "us", 10: "ns"}  # pandas' numbers of them
_MOST_DIGITS = 100


def moments(made: Inert) -> list[object] | None:
    """What a day, a time, a duration or a decimal number is; None if it isn't given as it is pickled.

    Raises
    ------
    Damaged
        When its bytes are not such a value.
    """
    name = made.called.name if made.called is not None else ""
    if name in _LENGTHS:
        return _unpack_moment(name, made.args)
    if name == "Decimal":
        return _decimal(made.args)
    if name == "_unpickle_timestamp":
        value, unit = (made.args[0], made.args[3]) if len(made.args) == 4 else (None, None)
        if type(value) is not int or unit not in _UNITS or not -(1 << 63) <= value < 1 << 63:
            return None
        return [np.array([value], "<i8").view(f"<M8[{_UNITS[unit]}]"), *made.args[1:3]]
    plain = all(isinstance(each, int | str | Inert | None) for each in made.args)
    return list(made.args) if plain else None  # a duration's three numbers, a zone's shift and name


def _unpack_moment(name: str, args: tuple[object, ...]) -> list[object] | None:
    if not 1 <= len(args) <= 2:
        return None
    data = bytes(bytes_of(args[0]))
    if len(data) != _LENGTHS[name]:
        return None
    month = data[2] & 0x7F  # whose highest bit is the fold
    try:
        if name == "time":
            made: datetime.date | datetime.time = datetime.time(
                data[0] & 0x7F, data[1], data[2], int.from_bytes(data[3:], "big")
            )
        elif name == "date":
            made = datetime.date(data[0] * 256 + data[1], month, data[3])
        else:
            year, micro = data[0] * 256 + data[1], int.from_bytes(data[7:], "big")
            made = datetime.datetime(year, month, data[3], data[4], data[5], data[6], micro)
    except ValueError:
        raise Damaged from None
    return [made.isoformat(), *args[1:]]


def _decimal(args: tuple[object, ...]) -> list[object] | None:
    if len(args) != 1 or type(args[0]) is not str or len(args[0]) > _MOST_DIGITS:
        return None
    try:
        number = decimal.Decimal(args[0])
    except decimal.InvalidOperation:
        raise Damaged from None
    short = number.is_finite() and abs(number.adjusted()) < _MOST_DIGITS
    return [args[0], *([format(number, "f")] if short else [])]
