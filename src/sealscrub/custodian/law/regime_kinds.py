"""What a regime does, how it comes to, and which charges it asks about."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Effect", "Mode", "Unit"]


class Mode(StrEnum):
    """How a regime comes to seal."""

    AT_LAW = "at law"
    BATCH = "batch needing proof"
    ORDER = "order only"
    MOTION = "eligible by the clock, sealed by an order"


class Unit(StrEnum):
    """Which charges must meet a rule of the regime."""

    EVERY_CHARGE = "every charge"
    ONE_CHARGE = "one charge, with the others ended as it allows"
    CHARGE = "each charge on its own"
    ARREST = "every charge of every action of the arrest"


@dataclass(frozen=True, slots=True)
class Effect:
    """What a regime does to which copies.

    Attributes
    ----------
    kind : str
        ``seal``, ``expunge``, ``confidential``, ``marked``.
    copies : tuple of str
        Of ``police``, ``prosecutor``, ``repository``, ``court``, ``prints and photos``.

    Examples
    --------
    >>> Effect("seal", ("police", "court")).kind
    'seal'
    """

    kind: str
    copies: tuple[str, ...]
