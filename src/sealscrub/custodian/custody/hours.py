"""When an office works, by its own clock."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sealscrub.errors import ConfigError, Spelled

__all__ = ["Hours"]


@dataclass(frozen=True)
class Hours:
    """When an office works: between two hours of a weekday.

    Attributes
    ----------
    first, last : int
        From the beginning of the first to the beginning of the last.
    zone : str
        Of whose clock.

    Examples
    --------
    >>> Hours(8, 18).hold(dt.datetime(2026, 11, 25, 22, 59, tzinfo=dt.UTC))
    True
    """

    first: int = 7
    last: int = 19
    zone: str = "America/New_York"

    def __post_init__(self) -> None:
        if not 0 <= self.first < self.last <= 24:
            raise ConfigError(
                "office hours must start before they end",
                hint=Spelled("Hours(7, 19)", "--hours 7-19"),
            )
        try:
            ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ConfigError("unknown time zone", hint="such as America/New_York.") from None

    def local(self, at: dt.datetime) -> dt.datetime:
        """Give a moment by this clock."""
        return at.astimezone(ZoneInfo(self.zone))

    def hold(self, at: dt.datetime) -> bool:
        """Whether a moment is within them."""
        here = self.local(at)
        return here.weekday() < 5 and self.first <= here.hour < self.last
