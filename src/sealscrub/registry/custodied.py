"""Who may use a registry: its terms of custody stand in it, and every question goes through the one door."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager

from sealscrub.custody import Act, Asking, Kind, Purpose, Terms, open_access
from sealscrub.identifiers import RecordKey

__all__ = ["Keeper"]

FACT = "custody"
"""Its name in the table of what the registry is."""


class Keeper:
    """What stands between a registry and whoever opened it.

    Parameters
    ----------
    facts : mapping of str to str
        What the registry is.
    purpose : str, optional
        For what it was opened.
    """

    def __init__(self, facts: Mapping[str, str], purpose: str | None) -> None:
        self.terms = Terms.from_text(facts[FACT]) if FACT in facts else None
        self.registry = facts["registry_id"]
        self.purpose = None if purpose is None else Purpose.named(purpose)

    @contextlib.contextmanager
    def shown(
        self, what: str, *, record: RecordKey | None = None, kind: Kind = Kind.ACCESS, purpose: Purpose | None = None
    ) -> Iterator[Act]:
        """Let a question through where there is a grant for it; `purpose` where one alone will do."""
        if self.terms is None:
            yield Act(-1)
            return
        asking = Asking(what=what, purpose=purpose or self.purpose, record=record, registry=self.registry, kind=kind)
        with open_access(self.terms, asking) as act:
            yield act

    def published(self, what: str) -> AbstractContextManager[Act]:
        """Let an index out, for which publishing is purpose enough."""
        return self.shown(what, kind=Kind.PUBLICATION, purpose=Purpose.PUBLISHING_INDEX)

    def imported(self, what: str) -> AbstractContextManager[Act]:
        """Let something in: what is known already shows by it, and a false notice unseals."""
        return self.shown(what, kind=Kind.IMPORT, purpose=Purpose.KEEPING_REGISTRY)
