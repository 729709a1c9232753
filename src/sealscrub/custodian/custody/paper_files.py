"""Papers in files: rosters and orders are written as TOML; what is signed is a DSSE envelope."""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path
from typing import Any, TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import ValidationError

from sealscrub.certificates.envelope import Signer, open_envelope, seal_envelope
from sealscrub.errors import DOCS, ConfigError, InvalidCertificate, Spelled
from sealscrub.file_system import read_toml, readable

from .access_purposes import known_purposes
from .papers import Approval, Grant, Order, Roster, RuleReview
from .references import ReferenceKey

__all__ = ["make_grant", "open_paper", "read_order", "read_roster", "sign_paper"]

_MAX_BYTES = 1 << 20

Paper = TypeVar("Paper", Roster, Order, Grant, Approval, RuleReview)
_KINDS = (Roster, Order, Grant, Approval, RuleReview)
_TYPES = {kind: f"application/vnd.sealscrub.{kind.__name__.lower()}+json" for kind in _KINDS}


def read_roster(path: str | Path, *, previous: Roster | None = None) -> Roster:
    r"""Read a roster that is to be signed.

    Parameters
    ----------
    path : str or Path
        TOML.
    previous : Roster, optional
        The version before it, opened (:func:`open_paper`).

    Raises
    ------
    ConfigError
        When something in it is unknown, missing, or does not follow the version before. Values are not said.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "roster.toml"
    >>> _ = file.write_text('version = 1\napproved_by = "A. Lee"\nfrom = 2026-01-01\nuntil = 2026-12-31\n')
    >>> read_roster(file).version
    1
    """
    facts = read_toml(path)
    if previous is not None:
        if facts.get("version") != previous.version + 1:
            raise ConfigError(
                f"the version must be {previous.version + 1}",
                where=f"{path}: version",
                hint=f"write version = {previous.version + 1}: each change is a new version.",
            )
        facts["previous"] = previous.digest
    elif facts.get("version") != 1:
        raise ConfigError(
            "a later version needs the previous roster",
            where=str(path),
            hint=Spelled("previous=ROSTER", "--previous FILE"),
        )
    return _model(Roster, facts, str(path))


def read_order(path: str | Path, key: ReferenceKey) -> Order:
    r"""Read an order that is to be signed; its records, each a scheme and a value, become references.

    Parameters
    ----------
    path : str or Path
        A TOML file.
    key : ReferenceKey
        Under which the audit log names records.

    Raises
    ------
    ConfigError
        When something in it is unknown or missing: a last day, above all. Values are not said.

    Examples
    --------
    >>> import tempfile
    >>> from sealscrub.custodian.custody import ReferenceKey
    >>> home = Path(tempfile.mkdtemp())
    >>> _ = (home / "order.toml").write_text(
    ...     'court = "Kings County"\njudge = "A. Lee"\ndate = 2026-01-01\nuntil = 2026-06-30\nagency = "NYPD"\n'
    ...     'people = ["r.alvarez"]\n[[records]]\nscheme = "arrest_number"\nvalue = "K14612345"\n'
    ... )
    >>> len(read_order(home / "order.toml", ReferenceKey.create(home / "audit.key")).records)
    1
    """
    facts = read_toml(path)
    try:
        facts["records"] = [key.refer(record["scheme"], record["value"]) for record in facts["records"]]
    except (KeyError, TypeError, ValueError):
        raise ConfigError(
            "each record needs a scheme and a value",
            where=f"{path}: records",
            hint='[[records]] with scheme = "arrest_number" and value = "…"',
        ) from None
    return _model(Order, facts, str(path))


def make_grant(account: str, holder: Ed25519PublicKey, until: dt.date) -> Grant:
    """Write a grant that is to be signed, from today (UTC) on.

    Parameters
    ----------
    account : str
        Whose grant it is.
    holder : Ed25519PublicKey
        The key that the grant's holder has to use with it.
    until : datetime.date
        The last day, a year ahead at most.

    Raises
    ------
    ConfigError
        When the account is invalid, or the last day is past or more than a year away.

    Examples
    --------
    >>> from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    >>> until = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=30)
    >>> make_grant("r.alvarez", Ed25519PrivateKey.generate().public_key(), until).account
    'r.alvarez'
    """
    today = dt.datetime.now(dt.UTC).date()
    facts = {"account": account, "holder": holder.public_bytes_raw().hex(), "from": today, "until": until}
    return _model(Grant, facts, "the grant")


def sign_paper(paper: Roster | Order | Grant | Approval | RuleReview, signer: Signer) -> bytes:
    """Sign a paper; the file's bytes.

    Parameters
    ----------
    paper : Roster, Order, Grant, Approval or RuleReview
    signer : Signer
        The approver's.

    Examples
    --------
    >>> from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    >>> from sealscrub.certificates import Role
    >>> approval = Approval(sha256="0" * 64, date=dt.date(2026, 11, 25))
    >>> b"payload" in sign_paper(approval, Signer(Ed25519PrivateKey.generate(), Role.CERTIFIER))
    True
    """
    statement = paper.model_dump(mode="json", by_alias=True)
    return seal_envelope(statement, signer, payload_type=_TYPES[type(paper)])


def open_paper(kind: type[Paper], path: str | Path, public: Ed25519PublicKey) -> Paper:
    """Verify a signed paper, and give it; whether it is in force is another question.

    Parameters
    ----------
    kind : type
        What the file has to be: ``Roster``, ``Order``, ``Grant``, ``Approval`` or ``RuleReview``.
    path : str or Path
    public : Ed25519PublicKey
        The approver's.

    Raises
    ------
    UnreadableInput
        When it cannot be read.
    InvalidCertificate
        When it is unsigned, signed by another key, or changed since.
    ConfigError
        When it says what this version does not know, such as a purpose.

    Examples
    --------
    >>> import tempfile
    >>> from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    >>> from sealscrub.certificates import Role
    >>> key, file = Ed25519PrivateKey.generate(), Path(tempfile.mkdtemp()) / "approval.json"
    >>> approval = Approval(sha256="0" * 64, date=dt.date(2026, 11, 25))
    >>> _ = file.write_bytes(sign_paper(approval, Signer(key, Role.CERTIFIER)))
    >>> open_paper(Approval, file, key.public_key()).date.year
    2026
    """
    with readable(path), Path(path).open("rb") as file:
        content = file.read(_MAX_BYTES + 1)
    try:
        statement = open_envelope(content, public, payload_type=_TYPES[kind], what=kind.__name__.lower())
    except InvalidCertificate as error:
        raise InvalidCertificate(error.message, where=str(path), hint=error.hint) from None
    return _model(kind, {**statement, "digest": hashlib.sha256(content).hexdigest()}, str(path))


_PROBLEM_WORDS = {
    "enum": "unknown scope",
    "extra_forbidden": "unknown name",
    "missing": "something is missing",
    "string_pattern_mismatch": "invalid value; an account is written like r.alvarez",
}


def _model(kind: type[Paper], facts: dict[str, Any], where: str) -> Paper:
    try:
        return kind.model_validate(facts)
    except ValidationError as error:
        first, *others = error.errors(include_input=False, include_url=False, include_context=False)
        parts = first["loc"][:-1] if first["type"] == "extra_forbidden" else first["loc"]  # an unknown name is a value
        place = ".".join(map(str, parts))
        said = _PROBLEM_WORDS.get(first["type"]) or first["msg"].removeprefix("Value error, ")
        hint = f"see {DOCS}how-to/custody.md."
        if "purposes" in place:
            hint = f"purposes: {', '.join(known_purposes())}."
        elif ("extra_forbidden", parts[:-1]) in [(other["type"], other["loc"][:-1]) for other in others]:
            hint = "another name in this table is unknown: is it misspelt?"
        raise ConfigError(f"{said} ({place})" if place else said, where=where, hint=hint) from None
