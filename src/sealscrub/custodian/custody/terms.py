"""Under whose custody a registry or a key is: whose signature counts, and where roster, orders and log are."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from sealscrub.certificates.envelope import load_public_key
from sealscrub.errors import ConfigError
from sealscrub.file_system import read_toml

__all__ = ["Terms"]

_PLACES = ("roster", "log", "reference_key", "orders")
_SECOND = "second"


@dataclass(frozen=True, kw_only=True)
class Terms:
    """Under whose custody something is. They are in what is kept: no file next to it turns them off.

    Attributes
    ----------
    authority : str
        Public key of the person who signs rosters and orders, 64 hex digits.
    roster : str
        Where the signed roster in force is.
    log : str
        The audit log.
    reference_key : str
        The key under which the log and orders name records.
    orders : str
        A folder of signed orders.
    second : str
        Public key of whose signature is needed as well, 64 hex digits, for what ends a seal and for orders; empty if
        one pair of eyes will do.

    Examples
    --------
    >>> terms = Terms(authority="00" * 32, roster="/c/r.json", log="/c/a.log", reference_key="/c/k", orders="/c/o")
    >>> Terms.from_text(terms.to_text()) == terms
    True
    """

    authority: str
    roster: str
    log: str
    reference_key: str
    orders: str
    second: str = ""

    @classmethod
    def from_file(cls, path: str | Path) -> Self:
        """Read ``custody.toml``, whose places count from the file's own.

        `authority`, and `second` if there is one, name a public key's file.

        Raises
        ------
        ConfigError
            When a name is unknown or missing.
        UnreadableInput
            When it cannot be read.
        """
        facts = read_toml(path)
        names = {"authority", *_PLACES}
        if set(facts) - {_SECOND} != names or not all(isinstance(value, str) for value in facts.values()):
            raise ConfigError(
                "is incomplete", where=str(path), hint=f"it names {', '.join(sorted(names))}, each a text."
            )
        home = Path(path).absolute().parent
        public = load_public_key(home / facts["authority"])
        second = load_public_key(home / facts[_SECOND]).public_bytes_raw().hex() if _SECOND in facts else ""
        authority = public.public_bytes_raw().hex()
        if second == authority:
            raise ConfigError("one key would make both signatures", where=str(path), hint="choose another key.")
        return cls(authority=authority, second=second, **{name: str(home / facts[name]) for name in _PLACES})

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read what :meth:`to_text` wrote.

        Raises
        ------
        ConfigError
            When it is something else.
        """
        try:
            terms = cls(**json.loads(text))
            _ = terms.public_key, terms.second_public_key
        except (ValueError, TypeError):
            raise ConfigError("the terms of custody are damaged", hint="restore it from a backup.") from None
        return terms

    def to_text(self) -> str:
        """Write them in one line."""
        return json.dumps({name: value for name, value in asdict(self).items() if value}, sort_keys=True)

    @property
    def public_key(self) -> Ed25519PublicKey:
        """The authority's."""
        return Ed25519PublicKey.from_public_bytes(bytes.fromhex(self.authority))

    @property
    def second_public_key(self) -> Ed25519PublicKey | None:
        """Whose signature is needed as well; None if no one's is."""
        return Ed25519PublicKey.from_public_bytes(bytes.fromhex(self.second)) if self.second else None
