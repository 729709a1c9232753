"""Words that a shell completes, asked of the library if they are known."""

from __future__ import annotations

__all__ = ["known_audiences", "known_purposes", "known_schemes", "known_uses"]


def known_uses() -> list[str]:
    """Give the names of uses."""
    from sealscrub.custodian import law

    return list(law.known_uses())


def known_audiences() -> list[str]:
    """Give the names of audiences."""
    from sealscrub.custodian import law

    return list(law.known_audiences())


def known_purposes() -> list[str]:
    """Give the names of purposes."""
    from sealscrub.custodian import custody

    return list(custody.known_purposes())


def known_schemes() -> list[str]:
    """Give the names of schemes."""
    from sealscrub.identifiers import scheme_names

    return list(scheme_names())
