"""Who may use a registry: its terms of custody are in it, and every question goes through the one door."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path

from sealscrub.custodian.custody import Act, Asker, Kind, Purpose, Terms
from sealscrub.custodian.custody.access_purposes import purpose_named
from sealscrub.identifiers import RecordKey

__all__ = ["Keeper"]

FACT = "custody"
"""Its name in the table of what the registry is."""


class Keeper:
    """What is between a registry and anyone who opened it.

    Parameters
    ----------
    facts : mapping of str to str
        What the registry is.
    purpose : str, optional
        For what it was opened.
    asker : Asker, optional
        Who opened it.
    """

    def __init__(self, facts: Mapping[str, str], purpose: str | None, asker: Asker | None = None) -> None:
        self.asker = asker or Asker()
        self.terms = Terms.from_text(facts[FACT]) if FACT in facts else None
        self.registry = facts["registry_id"]
        self.purpose = None if purpose is None else purpose_named(purpose)
        if self.terms is None:
            self.asker.refuse_idle_grant("the registry")

    @contextlib.contextmanager
    def shown(
        self,
        what: str,
        *,
        record: RecordKey | None = None,
        kind: Kind = Kind.ACCESS,
        purpose: str | None = None,
        overrides: tuple[str, ...] = (),
    ) -> Iterator[Act]:
        """Let a question through if there is a grant for it; `purpose` where only one will do."""
        if self.terms is None:
            yield Act(-1)
            return
        from sealscrub.custodian.custody import Asking, open_access

        asking = Asking(
            what=what,
            purpose=purpose or self.purpose,
            record=record,
            registry=self.registry,
            kind=kind,
            overrides=overrides,
        )
        with open_access(self.terms, asking, self.asker) as act:
            yield act

    def published(
        self, what: str, *, as_of: dt.date | None = None, allow_empty: bool = False
    ) -> AbstractContextManager[Act]:
        """Let an index out, for which publishing is purpose enough; of an earlier day, or an empty one, says so."""
        less = (*_earlier(as_of), *(["allow-empty"] if allow_empty else []))
        return self.shown(what, kind=Kind.PUBLICATION, purpose=Purpose.PUBLISHING_INDEX, overrides=less)

    def imported(
        self, what: str, *, as_of: dt.date | None = None, less: tuple[str, ...] = ()
    ) -> AbstractContextManager[Act]:
        """Let something in: what is known already shows by it, and a false notice unseals."""
        return self.shown(what, kind=Kind.IMPORT, purpose=Purpose.KEEPING_REGISTRY, overrides=(*_earlier(as_of), *less))

    def require_second(self, file: str | Path, sha256: str, what: str) -> None:
        """Refuse to end a seal by a file that bears one signature, if the terms ask for two."""
        if self.terms is not None:
            from sealscrub.custodian.custody import require_second

            require_second(self.terms, file, sha256, who=self.asker.name, what=what)


def _earlier(as_of: dt.date | None) -> tuple[str, ...]:
    """Say that a day is in the past; yesterday is somewhere still today."""
    if as_of is None or as_of >= dt.datetime.now(dt.UTC).date() - dt.timedelta(days=1):
        return ()
    return (f"as-of {as_of}",)
