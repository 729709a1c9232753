"""An open registry's life: made, opened, named and closed."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from sealscrub.custodian.custody import Asker, Terms

from .at_rest_key import KeyService, cipher_for, key_service, new_cipher
from .custody_terms import FACT, Keeper
from .registry_questions import current_epoch
from .registry_store import DEFAULT_WAIT, Store, create_store, open_store
from .schema import SCHEMA_VERSION

__all__ = ["StoredRegistry"]


class StoredRegistry:
    """A registry in its store, under custody or not; closes itself as a context manager."""

    def __init__(
        self, store: Store, facts: Mapping[str, str], purpose: str | None = None, grant: str | Path | None = None
    ) -> None:
        self._store = store
        self._facts = dict(facts)
        user = None if store.path else store.user()
        self._keeper = Keeper(facts, purpose, Asker(user=user, grant=None if grant is None else Path(grant)))

    @classmethod
    def create(
        cls,
        place: str | Path,
        *,
        wait: float = DEFAULT_WAIT,
        custody: Terms | None = None,
        purpose: str | None = None,
        encryption_key: str | Path | KeyService | None = None,
    ) -> Self:
        """Make an empty registry.

        Parameters
        ----------
        place : str or Path
            A file that does not exist yet (it is made 0600), or ``postgresql://HOST/DATABASE``.
        wait : float
            Seconds to wait for another process that is writing.
        custody : Terms, optional
            Whose roster says who may see what is in it. It is in the registry for good.
        purpose
            As in :meth:`open`.
        encryption_key : str, Path or KeyService, optional
            Under what its identifiers are encrypted at rest: the file of an :class:`EncryptionKey`, ``exec:`` and a
            command (:class:`KeyCommand`), or what does as they do.

        Raises
        ------
        RegistryError
            When there is something already.
        KeyFileError
            When the key cannot be used.
        WriteFailed
            When the file cannot be made.
        """
        facts = {"schema_version": str(SCHEMA_VERSION), "registry_id": secrets.token_hex(8)}
        if custody is not None:
            facts[FACT] = custody.to_text()
        cipher = None
        if encryption_key is not None:
            cipher, held = new_cipher(key_service(encryption_key))
            facts |= held
        return cls(create_store(place, facts, wait=wait, cipher=cipher), facts, purpose)

    @classmethod
    def open(
        cls,
        place: str | Path,
        *,
        wait: float = DEFAULT_WAIT,
        purpose: str | None = None,
        encryption_key: str | Path | KeyService | None = None,
        grant: str | Path | None = None,
    ) -> Self:
        """Open a registry.

        Parameters
        ----------
        place, wait
            As in :meth:`create`.
        purpose : str, optional
            One of :func:`~sealscrub.custodian.custody.known_purposes`: if a roster governs it, each question needs a
            grant for that.
        encryption_key
            As in :meth:`create`: what opens a registry that is encrypted at rest.
        grant : str or Path, optional
            A signed :class:`~sealscrub.custodian.custody.Grant`, whose account asks; its holder's key is next to it.
            Without one the database's user asks, or of a file the operating system's account.

        Raises
        ------
        RegistryError
            When there is no registry, or one of another schema version.
        ConfigError
            When a grant is given, and the registry is under no custody.
        IncompleteError
            When another process is writing it and does not finish in time.
        KeyFileError
            When it is encrypted and no key is named, or one that does not open it.
        """
        store, facts = open_store(place, wait=wait)
        try:
            store.cipher = cipher_for(facts, encryption_key, store.label)
            return cls(store, facts, purpose, grant)
        except BaseException:
            store.close()
            raise

    @property
    def custody(self) -> Terms | None:
        """Under whose custody it is; None: anyone who can read it sees all of it."""
        return self._keeper.terms

    @property
    def encrypted(self) -> bool:
        """Whether its identifiers are encrypted at rest."""
        return self._store.cipher is not None

    @property
    def id(self) -> str:
        """Random name of the registry, which distinguishes its epochs from another's."""
        return self._facts["registry_id"]

    @property
    def epoch(self) -> int:
        """Number of the last committed change; 0 for an empty registry."""
        with self._store.reading() as connection:
            return current_epoch(connection)

    def close(self) -> None:
        """Close the database."""
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Registry({self._store.label!r})"
