"""A secret of the custodian's in a file of its own."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, NoReturn, Self

from sealscrub.identifiers.key_files import bytes_of, document, read_document, text_of, write_new

__all__ = ["SecretKey"]

_SECRET_BYTES = 32


@dataclass(frozen=True, repr=False, eq=False)
class SecretKey:
    """A secret in a file that only its owner can read; it is neither shown nor pickled.

    Parameters
    ----------
    secret : bytes
        Of a length that the kind of key asks for; :meth:`create` makes 32.
    """

    kind: ClassVar[str]
    """What the file says that it is."""
    entry: ClassVar[str]
    """The file's name of the secret."""

    secret: bytes = field(repr=False)

    @classmethod
    def create(cls, path: str | Path) -> Self:
        """Make a key in a new file that only its owner can read.

        Parameters
        ----------
        path : str or Path

        Raises
        ------
        KeyFileError
            When the file already exists, or cannot be written.
        """
        secret = secrets.token_bytes(_SECRET_BYTES)
        write_new(Path(path), document(cls.kind, {cls.entry: text_of(secret)}))
        return cls(secret)

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a key.

        Parameters
        ----------
        path : str or Path

        Raises
        ------
        KeyFileError
            When the file is absent, is another kind of file, or can be read by others.
        """
        return cls(bytes_of(read_document(Path(path), cls.kind), cls.entry, Path(path)))

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"{type(self).__name__} cannot be pickled: pass the path of its file instead")

    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"
