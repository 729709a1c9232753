"""What approvers sign, as DSSE envelopes: rosters and orders, written first as TOML; grants; approvals."""

from __future__ import annotations

import datetime as dt
import hashlib
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from sealscrub.certificates.envelope import Signer, open_envelope, seal_envelope
from sealscrub.errors import ConfigError, InvalidCertificate, Spelled, UnreadableInput

from .access_purposes import Purpose, Scope
from .references import ReferenceKey

__all__ = [
    "Approval",
    "Grant",
    "Listed",
    "Order",
    "Roster",
    "RuleReview",
    "make_grant",
    "open_paper",
    "read_order",
    "read_roster",
    "sign_paper",
]

_MAX_BYTES = 1 << 20
_LONGEST = dt.timedelta(days=366)

Account = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._@\\-]{0,63}$")]
Text = Annotated[str, Field(min_length=1, max_length=200)]
Reference = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, hide_input_in_errors=True)


class Listed(_Strict):
    """Somebody on a roster.

    Attributes
    ----------
    account : str
        The operating system's name for them.
    name : str
        Theirs.
    purposes : tuple of Purpose
        For what.
    scope : Scope
        How much.
    since, until : datetime.date or None
        Within the roster's own days.
    """

    account: Account
    name: str = Field(default="", max_length=200, repr=False)
    purposes: tuple[Purpose, ...] = Field(min_length=1)
    scope: Scope = Scope.RECORD
    since: dt.date | None = Field(default=None, alias="from")
    until: dt.date | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if self.scope is Scope.REGISTRY and not all(purpose.own for purpose in self.purposes):
            raise ValueError("the scope registry is for the custodian's own purposes only")
        if Purpose.COURT_ORDER in self.purposes:
            raise ValueError("a roster cannot grant the purpose court_order: only a court order can")
        return self


def _check_period(named: str, first: dt.date, last: dt.date) -> None:
    if not first <= last <= first + _LONGEST:
        raise ValueError(f"until must be after {named} and at most one year later")


class Roster(_Strict):
    """Who may see what, for what, as somebody approved it.

    Attributes
    ----------
    version : int
        From 1; a change is the next.
    previous : str or None
        SHA-256 of the signed version before it.
    approved_by : str
        Who approved it, such as a court and a judge.
    since, until : datetime.date
        Its first and last day; at most a year.
    people : tuple of Listed
    """

    version: int = Field(ge=1)
    previous: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    approved_by: Text
    since: dt.date = Field(alias="from")
    until: dt.date
    people: tuple[Listed, ...] = Field(default=(), repr=False)
    digest: str = Field(default="", exclude=True)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        _check_period("from", self.since, self.until)
        return self

    def grants(self, account: str, day: dt.date) -> tuple[Listed, ...]:
        """Give what an account is listed for on a day."""
        if not self.since <= day <= self.until:
            return ()
        return tuple(
            each
            for each in self.people
            if each.account == account and (each.since or day) <= day <= (each.until or day)
        )

    def rights(self) -> dict[str, set[tuple[str, str]]]:
        """Give, by account, each purpose and scope."""
        found: dict[str, set[tuple[str, str]]] = {}
        for each in self.people:
            found.setdefault(each.account, set()).update((purpose, each.scope) for purpose in each.purposes)
        return found


class Order(_Strict):
    """A court's order that opens records to people for a purpose, CPL 160.50(1)(d)(ii); never to training.

    Attributes
    ----------
    court, judge : str
        Whose it is.
    date, until : datetime.date
        Its day, and the last on which it opens anything; at most a year.
    agency : str
        On whose motion.
    people : tuple of str
        Accounts that it opens records to.
    purpose : Purpose
    records : tuple of str
        Keyed references (:class:`ReferenceKey`): the paper names no record in the clear.
    """

    court: Text
    judge: Text
    date: dt.date
    until: dt.date
    agency: Text
    people: tuple[Account, ...] = Field(min_length=1)
    purpose: Literal[Purpose.COURT_ORDER] = Purpose.COURT_ORDER
    records: tuple[Reference, ...] = Field(min_length=1, repr=False)
    digest: str = Field(default="", exclude=True)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        _check_period("date", self.date, self.until)
        return self

    def covers(self, account: str, reference: str, day: dt.date) -> bool:
        """Whether it opens a record to an account on a day."""
        return self.date <= day <= self.until and account in self.people and reference in self.records


class Grant(_Strict):
    """By which anyone who holds a key asks as an account; what that account may see, the roster says.

    Attributes
    ----------
    account : str
        As a roster lists it.
    holder : str
        The holder's public key, 64 hex digits: a stolen grant is of no use without the private one.
    since, until : datetime.date
        Its first and last day; at most a year.
    """

    account: Account
    holder: Digest
    since: dt.date = Field(alias="from")
    until: dt.date
    digest: str = Field(default="", exclude=True)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        _check_period("from", self.since, self.until)
        return self


class Approval(_Strict):
    """A second signature: somebody has seen a file, and approves of it.

    Attributes
    ----------
    sha256 : str
        Of the file: notices that end seals, corrections, or a signed order.
    date : datetime.date
        When.
    """

    sha256: Digest
    date: dt.date
    digest: str = Field(default="", exclude=True)


def _one_line(text: str) -> str:
    if not text.isprintable():
        raise ValueError("it contains a line end or another control character")
    return text


class RuleReview(_Strict):
    """One version of a rule of law, as somebody reviewed it.

    Attributes
    ----------
    rule : str
        ``RULE@VERSION``.
    form : str
        SHA-256 of its canonical form: a review of another form does not count for this rule.
    reviewer : str
        Who.
    date : datetime.date
        When.
    """

    rule: Annotated[str, Field(pattern=r"^[a-z0-9][A-Za-z0-9./_-]{0,120}@[A-Za-z0-9.-]{1,60}$")]
    form: Digest
    reviewer: Annotated[Text, AfterValidator(_one_line)]
    date: dt.date
    digest: str = Field(default="", exclude=True)


Paper = TypeVar("Paper", Roster, Order, Grant, Approval, RuleReview)
_KINDS = (Roster, Order, Grant, Approval, RuleReview)
_TYPES = {kind: f"application/vnd.sealscrub.{kind.__name__.lower()}+json" for kind in _KINDS}


def read_roster(path: str | Path, *, previous: Roster | None = None) -> Roster:
    """Read a roster that is to be signed.

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
    """
    facts = _toml(path)
    if previous is not None:
        if facts.get("version") != previous.version + 1:
            raise ConfigError(
                f"the version must be {previous.version + 1}",
                where=f"{path}: version",
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
    """Read an order that is to be signed; its records, each a scheme and a value, become references.

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
    """
    facts = _toml(path)
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
    """
    try:
        with Path(path).open("rb") as file:
            content = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise UnreadableInput(f"cannot be read ({error.strerror})", where=str(path)) from None
    try:
        statement = open_envelope(content, public, payload_type=_TYPES[kind], what=kind.__name__.lower())
    except InvalidCertificate as error:
        raise InvalidCertificate(error.message, where=str(path), hint=error.hint) from None
    return _model(kind, {**statement, "digest": hashlib.sha256(content).hexdigest()}, str(path))


def _toml(path: str | Path) -> dict[str, Any]:
    try:
        with Path(path).open("rb") as file:
            return tomllib.load(file)
    except OSError as error:
        raise UnreadableInput(f"cannot be read ({error.strerror})", where=str(path)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise ConfigError("is not valid TOML", where=str(path)) from None


_PROBLEM_WORDS = {
    "enum": "there is no such purpose or scope",
    "extra_forbidden": "there is a name that is not known",
    "missing": "something is missing",
    "string_pattern_mismatch": "it is not of its form, such as r.alvarez for an account",
}


def _model(kind: type[Paper], facts: dict[str, Any], where: str) -> Paper:
    try:
        return kind.model_validate(facts)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        parts = first["loc"][:-1] if first["type"] == "extra_forbidden" else first["loc"]  # an unknown name is a value
        place = ".".join(map(str, parts))
        said = _PROBLEM_WORDS.get(first["type"]) or first["msg"].removeprefix("Value error, ")
        known = f"purposes: {', '.join(Purpose)}." if "purposes" in place else "see docs/how-to/custody.md."
        raise ConfigError(f"{said} ({place})" if place else said, where=where, hint=known) from None
