"""For what sealed records may be looked at, by which provision, and how much of them at a time."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from sealscrub.errors import ConfigError

__all__ = ["Purpose", "Scope", "known_purposes"]


class Purpose(StrEnum):
    """What somebody looks at a sealed record for, under any state's law.

    The first two are exceptions that a statute may make; the others are the custodian's own, which keeping the seals
    itself takes. A state's law declares which further purposes it allows, and the provision for each.
    """

    ACCUSED = "accused"
    COURT_ORDER = "court_order"
    KEEPING_REGISTRY = "keeping_registry"
    PUBLISHING_INDEX = "publishing_index"
    LINKING = "linking"
    AUDIT = "audit"


class Scope(StrEnum):
    """How much a grant opens: one record at a time, which anyone who asks names; or all of the registry."""

    RECORD = "record"
    REGISTRY = "registry"


#: What each is for, said where no state's law names it.
_MEANINGS: Final = {
    Purpose.ACCUSED: "the record's own person",
    Purpose.COURT_ORDER: "a court's order that opens the record",
    Purpose.KEEPING_REGISTRY: "sealing takes a list of what is sealed",
    Purpose.PUBLISHING_INDEX: "what is sealed is not made available, copies included",
    Purpose.LINKING: "what is sealed is sealed wherever it is, copies too",
    Purpose.AUDIT: "review of the custodian's own work",
}
_OWN_PURPOSES: Final = frozenset({Purpose.KEEPING_REGISTRY, Purpose.PUBLISHING_INDEX, Purpose.LINKING, Purpose.AUDIT})


def purpose_named(name: str) -> str:
    """Give a purpose by its name: a common one, or one that a state's law declares.

    Raises
    ------
    ConfigError
        When none has it.
    """
    if name in list(Purpose):
        return Purpose(name)
    if name not in (known := known_purposes()):
        raise ConfigError("unknown purpose", hint=f"use one of {', '.join(known)}.")
    return name


def is_own(purpose: str) -> bool:
    """Whether a purpose is the custodian's own, and so needs all of the registry."""
    return purpose in _OWN_PURPOSES


def known_purposes() -> dict[str, str]:
    """Give the purposes that a grant can be for, each with the provisions that it rests on.

    Returns
    -------
    dict of str to str
        Those that states' laws name come first; of the common ones that none names, what each is for.

    Examples
    --------
    >>> known_purposes()["gun_licence"], known_purposes()["audit"]
    ('CPL 160.50(1)(d)(iii)', "review of the custodian's own work")
    """
    from sealscrub.custodian.law import access_provisions

    provisions = {purpose: "; ".join(dict.fromkeys(said.values())) for purpose, said in access_provisions().items()}
    return provisions | {str(purpose): words for purpose, words in _MEANINGS.items() if purpose not in provisions}
