"""For what sealed records may be looked at, by which provision, and how much of them at a time."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from sealscrub.errors import ConfigError

__all__ = ["Purpose", "Scope"]


class Purpose(StrEnum):
    """What somebody looks at a sealed record for.

    The statute's are the exceptions of CPL 160.50(1)(d), which are "precisely drawn" (Katherine B. v Cataldo, 5 NY3d
    196): there are no others. The custodian's own are what keeping the seals itself takes.
    """

    ACCUSED = "accused"
    PROSECUTOR_170_56_210_46 = "prosecutor_170_56_210_46"
    COURT_ORDER = "court_order"
    GUN_LICENCE = "gun_licence"
    PAROLE_SUPERVISION = "parole_supervision"
    POLICE_EMPLOYMENT = "police_employment"
    PROBATION_SUPERVISION = "probation_supervision"
    KEEPING_REGISTRY = "keeping_registry"
    PUBLISHING_INDEX = "publishing_index"
    LINKING = "linking"
    AUDIT = "audit"

    @classmethod
    def named(cls, name: str) -> Purpose:
        """Give the purpose of a name.

        Raises
        ------
        ConfigError
            When none has it.
        """
        if name not in list(cls):
            raise ConfigError("unknown purpose", hint=f"use one of {', '.join(cls)}.")
        return cls(name)

    @property
    def citation(self) -> str:
        """Where it is.

        >>> Purpose.GUN_LICENCE.citation
        'CPL 160.50(1)(d)(iii)'
        """
        return _CITATIONS[self]

    @property
    def own(self) -> bool:
        """Whether it is the custodian's own, and so needs all of the registry."""
        return self in _OWN_PURPOSES


class Scope(StrEnum):
    """How much a grant opens: one record at a time, which anyone who asks names; or all of the registry."""

    RECORD = "record"
    REGISTRY = "registry"


_CITATIONS: Final = {
    Purpose.ACCUSED: "CPL 160.50(1)(d)",
    Purpose.PROSECUTOR_170_56_210_46: "CPL 160.50(1)(d)(i)",
    Purpose.COURT_ORDER: "CPL 160.50(1)(d)(ii)",
    Purpose.GUN_LICENCE: "CPL 160.50(1)(d)(iii)",
    Purpose.PAROLE_SUPERVISION: "CPL 160.50(1)(d)(iv)",
    Purpose.POLICE_EMPLOYMENT: "CPL 160.50(1)(d)(v)",
    Purpose.PROBATION_SUPERVISION: "CPL 160.50(1)(d)(vi)",
    Purpose.KEEPING_REGISTRY: "CPL 160.50(1)(c): sealing takes a list of what is sealed",
    Purpose.PUBLISHING_INDEX: "CPL 160.50(1)(c): not made available, copies included",
    Purpose.LINKING: "CPL 160.50(1)(c): sealed wherever it is, copies too",
    Purpose.AUDIT: "review of the custodian's own work",
}
_OWN_PURPOSES: Final = frozenset({Purpose.KEEPING_REGISTRY, Purpose.PUBLISHING_INDEX, Purpose.LINKING, Purpose.AUDIT})
