"""An open registry's life: made, opened, named and closed."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from sealscrub.custody import Terms

from .asking import current_epoch
from .custodied import FACT, Keeper
from .schema import SCHEMA_VERSION
from .store import DEFAULT_WAIT, Store, create_store, open_store

__all__ = ["StoredRegistry"]


class StoredRegistry:
    """A registry in its store, under custody or not; closes itself as a context manager."""

    def __init__(self, store: Store, facts: Mapping[str, str], purpose: str | None = None) -> None:
        self._store = store
        self._facts = dict(facts)
        self._keeper = Keeper(facts, purpose)

    @classmethod
    def create(
        cls, place: str | Path, *, wait: float = DEFAULT_WAIT, custody: Terms | None = None, purpose: str | None = None
    ) -> Self:
        """Make an empty registry.

        Parameters
        ----------
        place : str or Path
            A file that does not exist yet (it is made 0600), or ``postgresql://HOST/DATABASE``.
        wait : float
            Seconds to wait for another process that is writing.
        custody : Terms, optional
            Whose roster says who may see what is in it. It stands in the registry for good.
        purpose
            As in :meth:`open`.

        Raises
        ------
        RegistryError
            When there is something already.
        WriteFailed
            When the file cannot be made.
        """
        facts = {"schema_version": str(SCHEMA_VERSION), "registry_id": secrets.token_hex(8)}
        if custody is not None:
            facts[FACT] = custody.to_text()
        return cls(create_store(place, facts, wait=wait), facts, purpose)

    @classmethod
    def open(cls, place: str | Path, *, wait: float = DEFAULT_WAIT, purpose: str | None = None) -> Self:
        """Open a registry.

        Parameters
        ----------
        place, wait
            As in :meth:`create`.
        purpose : str, optional
            A :class:`~sealscrub.custody.Purpose`: where a roster governs it, each question needs a grant for that.

        Raises
        ------
        RegistryError
            When there is none, or one of another schema version.
        IncompleteError
            When another process is writing it and does not finish in time.
        """
        return cls(*open_store(place, wait=wait), purpose)

    @property
    def custody(self) -> Terms | None:
        """Under whose custody it is; None: whoever can read it sees all of it."""
        return self._keeper.terms

    @property
    def id(self) -> str:
        """Random name of the registry, which tells its epochs from another's."""
        return self._facts["registry_id"]

    @property
    def epoch(self) -> int:
        """Number of the last committed change; 0 for an empty registry."""
        with self._store.reading() as connection:
            return current_epoch(connection)

    def close(self) -> None:
        """Let go of the database."""
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Registry({self._store.label!r})"
