"""A certificate: read from its file, verified by a public key, checked against data and model files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

import polars as pl

from sealscrub.errors import InvalidCertificate, UsageError
from sealscrub.file_system import readable, sha256_of

from .content import content_digest
from .envelope import MAX_BYTES, load_public_key, open_envelope
from .statement import Statement
from .structure import form_of, structure_digest
from .table_version import table_version

__all__ = ["Certificate", "Level", "State", "open_certificate"]


class State(StrEnum):
    """How far one level of verification came."""

    REACHED = "reached"
    PARTLY = "in part"
    FAILED = "failed"
    NOT_ASKED = "not checked"


@dataclass(frozen=True, slots=True)
class Level:
    """One level of verification: its number, what it checks, how it ended, and why.

    Examples
    --------
    >>> Level(1, "data and model are the certified ones", State.FAILED, "the data differ").state.value
    'failed'
    """

    number: int
    title: str
    state: State
    why: str = ""


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate whose signature fits the key given (level 0).

    Attributes
    ----------
    statement : Statement
    key_id : str
        Digest of the signer's public key.

    Examples
    --------
    >>> from sealscrub.certificates import load_signer
    >>> from sealscrub.datasets import example_index
    >>> from sealscrub.identifiers import generate_certifier
    >>> from sealscrub.validators.certification import certify
    >>> private, public = generate_certifier("team.key")
    >>> data, index = pl.DataFrame({"arrest_no": ["M14000017"]}), example_index(["K14612345"])
    >>> issued = certify(data, index, {"arrest_number": "arrest_no"}, signer=load_signer(private))
    >>> _ = Path("data.cert").write_bytes(issued.certificate)

    >>> certificate = open_certificate("data.cert", public)
    >>> certificate.matches(data).state.value, certificate.matches(data.clear()).state.value
    ('reached', 'failed')
    """

    statement: Statement
    key_id: str

    def signature(self, today: date | None = None) -> Level:
        """Level 0: the signature, and the last day."""
        from sealscrub.index.fitness import the_day

        title = "the signature fits, and the certificate has not run out"
        if self.statement.expired(today or the_day()):
            return Level(0, title, State.FAILED, f"its last day was {self.statement.predicate.not_after}")
        return Level(0, title, State.REACHED, f"signed as {self.statement.predicate.signer}")

    def matches(
        self,
        data: Any = None,
        models: tuple[Path, ...] = (),
        schema: Mapping[str, pl.DataType] | None = None,
    ) -> Level:
        """Level 1: the data and the model files are the certified ones, by digest.

        Raises
        ------
        UnreadableInput
            When one of them cannot be read.
        """
        given_parts = [*(["data"] if data is not None else []), *(["model files"] if models else [])]
        title = f"{' and '.join(given_parts or ['data', 'model files'])} are the certified ones"
        if data is None and not models:
            return Level(1, title, State.NOT_ASKED, "neither data nor a model was given")
        if data is not None and self.statement.content() != content_digest(data, schema=schema).value:
            certified = self.statement.content() is not None
            return Level(1, title, State.FAILED, "the data differ" if certified else "it is about no dataset")
        fault, uncompared = ("", "") if data is None else self._structure(data, schema)
        if fault:
            return Level(1, title, State.FAILED, fault)
        given = {sha256_of(path): path for path in models}
        for digest, path in given.items():
            if digest not in self.statement.files().values():
                return Level(1, title, State.FAILED, f"{path.name} is not a certified file")
        left = ["the data"] if data is None and self.statement.content() is not None else []
        left += [name for name, digest in self.statement.files().items() if digest not in given]
        unknown = self.statement.unknown()
        why = [
            f"{what}: {', '.join(names)}" for what, names in (("not given", left), ("digest unknown", unknown)) if names
        ]
        why += [uncompared] if uncompared else []
        return Level(1, title, State.PARTLY if why else State.REACHED, "; ".join([*why, *self._other_version(data)]))

    def _other_version(self, data: Any) -> list[str]:
        """Name both versions, if the same rows are of another version of a table than the certified one."""
        certified, given = self.statement.versions(), None if data is None else table_version(data)
        if data is None or given in certified or not (certified or given):
            return []
        said = ", ".join(map(str, certified)) or "of no table with versions"
        return [f"the same rows: certified was {said}, given is {given or 'of no table with versions'}"]

    def _structure(self, data: Any, schema: Mapping[str, pl.DataType] | None) -> tuple[str, str]:
        """How names, types, levels and metadata differ from the certified ones, and why they were not compared."""
        what, certified = "names, types, levels and metadata", self.statement.structures()
        if not certified:
            return "", f"{what} are not certified"
        if form_of(data) not in certified:
            return "", f"{what} not compared: certified is {', '.join(certified)}, given {form_of(data)}"
        try:
            same = structure_digest(data, schema=schema).value == certified[form_of(data)]
        except UsageError as error:
            return error.message, ""
        return "" if same else f"their {what} differ", ""


def open_certificate(path: str | Path, public_key: str | Path) -> Certificate:
    """Read a certificate and verify its signature.

    Parameters
    ----------
    path : str or Path
        The certificate.
    public_key : str or Path
        The signer's public key in PEM (``team.key.pub``).

    Raises
    ------
    InvalidCertificate
        When it is not what the holder of that key signed; the message gives the reason.
    UnreadableInput
        When it cannot be read.
    KeyFileError
        When the public key cannot be used.

    Examples
    --------
    >>> from sealscrub.certificates import load_signer
    >>> from sealscrub.datasets import example_index
    >>> from sealscrub.identifiers import generate_certifier
    >>> from sealscrub.validators.certification import certify
    >>> private, public = generate_certifier("team.key")
    >>> data, index = pl.DataFrame({"arrest_no": ["M14000017"]}), example_index(["K14612345"])
    >>> issued = certify(data, index, {"arrest_number": "arrest_no"}, signer=load_signer(private))
    >>> _ = Path("data.cert").write_bytes(issued.certificate)

    >>> open_certificate("data.cert", public).signature().state.value
    'reached'
    """
    key = load_public_key(public_key)
    with readable(path, what="the certificate"), Path(path).open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    from .envelope import key_id

    try:
        return Certificate(Statement.read(open_envelope(content, key)), key_id(key))
    except InvalidCertificate as error:
        raise InvalidCertificate(error.message, where=str(path), hint=error.hint) from None
