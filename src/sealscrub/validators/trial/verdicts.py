"""What a nullity test comes down to."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["NullityVerdict", "OutputNullityVerdict"]


class NullityVerdict(StrEnum):
    """What a nullity test comes down to. Only PASS is a pass."""

    PASS = "PASS"  # noqa: S105 - no password
    """With the sealed records there, every bit of the result is what it is without them."""
    INTERFERENCE = "INTERFERENCE"
    """The result differs: the report names what shows the sealed records."""
    VACUOUS = "VACUOUS"
    """Removing as many records that are not sealed changes nothing either: the result does not depend on the data."""
    NONDETERMINISTIC = "NONDETERMINISTIC"
    """Two runs over the same data differ, so a difference says nothing."""
    AMBIENT_INPUT = "AMBIENT_INPUT"
    """It read something other than its argument, which may hold what the sealed records left."""
    NO_SEALED_ROWS = "NO_SEALED_ROWS"
    """There is nothing to test with: no row is sealed, and planted ones were not asked for."""
    INCONCLUSIVE = "INCONCLUSIVE"
    """No verdict was possible: an error, no time, a result that cannot be compared."""


class OutputNullityVerdict(StrEnum):
    """What a nullity test of outputs comes down to. Only PASS is a pass."""

    PASS = "PASS"  # noqa: S105 - no password
    """Every answer is, bit for bit, what it would be had the sealed records never existed."""
    INTERFERENCE = "INTERFERENCE"
    """Answers differ: the report names the probes, the parts and the probable cause."""
    ORACLE = "ORACLE"
    """A sealed id gets another answer than an id that no one has: the answers reveal which ids are sealed."""
    VACUOUS = "VACUOUS"
    """Removing half of the other records changes no answer: the probes do not reach the data."""
    NONDETERMINISTIC = "NONDETERMINISTIC"
    """The same question over the same data gets two answers, so a difference says nothing."""
    AMBIENT_INPUT = "AMBIENT_INPUT"
    """It reads something other than its data, which may hold what the sealed records left."""
    NO_SEALED_ROWS = "NO_SEALED_ROWS"
    """There is nothing to test with."""
    INCONCLUSIVE = "INCONCLUSIVE"
    """No verdict was possible: an error, no time, an answer that cannot be compared."""
