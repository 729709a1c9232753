"""The one door to what the custodian holds in the clear: who asks, for what, for which record, by which grant.

No one is let in without a grant, and no one without an entry in the log. What is said to somebody who is not let in
is decided before anything is looked up, and so reveals nothing about what there is.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from sealscrub.errors import (
    AccessDenied,
    ConfigError,
    InvalidCertificate,
    KeyFileError,
    SealscrubError,
    Spelled,
    UnreadableInput,
)
from sealscrub.identifiers import RecordKey, load_certifier

from .access_purposes import Purpose, Scope
from .audit_log import Act, AuditLog
from .entries import Entry, Kind
from .four_eyes import is_approved
from .paper_files import open_paper
from .papers import Grant, Order, Roster
from .references import ReferenceKey
from .requester import Asker, logged
from .roster_history import newest_roster
from .terms import Terms

__all__ = ["Asking", "open_access"]

_CLOCKS_DIFFER = dt.timedelta(minutes=5)
_UNGRANTED = "access denied: no grant covers this request"
_HINT = Spelled(
    "open_paper gives the roster with its grants; a court's order opens single records. This attempt was logged.",
    "sealscrub roster show ROSTER --public-key KEY lists the grants (id -un prints your account); a court's order "
    "opens single records. This attempt was logged.",
)


@dataclass(frozen=True, kw_only=True)
class Asking:
    """What somebody asks for.

    Attributes
    ----------
    what : str
        The call or command.
    purpose : str or None
        For what; without one, nothing is granted.
    record : RecordKey or None
        The one record that is asked for; without it, all of the registry is.
    registry : str or None
        The registry's random name.
    kind : Kind
        What the log calls it.
    epoch : int or None
    digest : str or None
        SHA-256 of a file that it is about.
    overrides : tuple of str
        What it is less strict in than usual, in a few words each.

    Examples
    --------
    >>> asking = Asking(what="registry seals", purpose=Purpose.AUDIT)
    >>> asking.scope.value
    'registry'
    """

    what: str
    purpose: str | None = None
    record: RecordKey | None = None
    registry: str | None = None
    kind: Kind = Kind.ACCESS
    epoch: int | None = None
    digest: str | None = None
    overrides: tuple[str, ...] = ()

    @property
    def scope(self) -> Scope:
        """How much that is."""
        return Scope.REGISTRY if self.record is None else Scope.RECORD


class _Refusal(Exception):
    """Why not, in a word for the log, and in a sentence if that is about the grants only."""

    def __init__(self, why: str, said: str = _UNGRANTED) -> None:
        super().__init__(why)
        self.why = why
        self.said = said


@contextlib.contextmanager
def open_access(terms: Terms, asking: Asking, asker: Asker | None = None) -> Iterator[Act]:
    """Let somebody in who has a grant, with an entry in the log before the block and its outcome after.

    Parameters
    ----------
    terms : Terms
        Under whose custody it is.
    asking : Asking
    asker : Asker, optional
        Who asks; by default the operating system's account of this process.

    Yields
    ------
    Act
        Its ``count`` goes into the outcome.

    Raises
    ------
    AccessDenied
        When no grant covers it. The attempt is in the log.
    WriteFailed
        When the log cannot be written: then no one is let in.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> home = Path(tempfile.mkdtemp())
    >>> _ = AuditLog.create(home / "a.log", who="r.alvarez")
    >>> _ = ReferenceKey.create(home / "reference_key")
    >>> places = {name: str(home / name) for name in ("roster", "reference_key", "orders")}
    >>> terms = Terms(authority="00" * 32, log=str(home / "a.log"), **places)  # no roster is there yet
    >>> with open_access(terms, Asking(what="registry seals", purpose=Purpose.AUDIT)):
    ...     print("let in")
    Traceback (most recent call last):
    ...
    sealscrub.errors.AccessDenied: no valid roster: cannot be read (No such file or directory)
    ...
    """
    asker, log = asker or Asker(), AuditLog.open(terms.log)
    key = ReferenceKey.load(terms.reference_key)
    references = () if asking.record is None else (key.of_canonical(asking.record.scheme, asking.record.value),)
    entry = Entry(
        kind=asking.kind,
        who=logged(asker.name),
        what=asking.what,
        purpose=asking.purpose,
        scope=asking.scope,
        references=references,
        registry=asking.registry,
        epoch=asking.epoch,
        digest=asking.digest,
    )
    try:
        who = _listed_account(terms, asker)
        entry = replace(entry, who=logged(who))
        grant = _granted(terms, asking, who, references, log)
    except _Refusal as denied:
        log.append(replace(entry, kind=Kind.DENIAL, why=denied.why))
        raise AccessDenied(denied.said, hint=_HINT) from None
    with log.act(replace(entry, grant=grant), overrides=asking.overrides) as act:
        yield act


def _listed_account(terms: Terms, asker: Asker) -> str:
    """Give the account that a roster lists: a grant's if there is one, whose key is here."""
    if asker.grant is None:
        return asker.name
    try:
        grant = open_paper(Grant, asker.grant, terms.public_key)
        held = load_certifier(f"{asker.grant}.key").public_key().public_bytes_raw().hex()
    except (InvalidCertificate, UnreadableInput, ConfigError, KeyFileError):
        raise _Refusal("grant", "no valid grant found with its holder's key next to it") from None
    if held != grant.holder:
        raise _Refusal("grant-key", "the key next to the grant is not its holder's")
    if not grant.since <= dt.datetime.now(dt.UTC).date() <= grant.until:
        raise _Refusal("grant-expired", f"the grant is in force from {grant.since} to {grant.until}")
    return grant.account


def _granted(terms: Terms, asking: Asking, who: str, references: tuple[str, ...], log: AuditLog) -> str:
    """Give the digest of the paper that grants it."""
    now = dt.datetime.now(dt.UTC)
    at = log.last().at
    if at is not None and now < at - _CLOCKS_DIFFER:
        raise _Refusal("clock", "grants cannot be checked: this machine's clock is behind the audit log")
    if asking.purpose is None:
        raise _Refusal(
            "purpose",
            Spelled(
                "purpose= is required: one of known_purposes(), such as 'audit'",
                "--purpose is required: audit, or another of sealscrub roster purposes",
            ),
        )
    roster = _roster(terms, now.date(), who, log)
    if asking.purpose == Purpose.COURT_ORDER:
        return _opening_order(terms, who, references, now.date())
    listed = [each for each in roster.grants(who, now.date()) if asking.purpose in each.purposes]
    if any(asking.scope is Scope.RECORD or each.scope is Scope.REGISTRY for each in listed):
        return roster.digest
    was = any(each.account == who and asking.purpose in each.purposes for each in roster.people)
    raise _Refusal("scope" if listed else "expired" if was else "unlisted")


def _roster(terms: Terms, day: dt.date, who: str, log: AuditLog) -> Roster:
    """Open the roster in force, which is not older than the newest that was seen."""
    try:
        roster, newest = open_paper(Roster, terms.roster, terms.public_key), newest_roster(log)
    except (InvalidCertificate, UnreadableInput, ConfigError) as error:
        raise _Refusal("roster", f"no valid roster: {error.message}") from None
    if not roster.since <= day <= roster.until:
        raise _Refusal("roster-expired", f"the roster is in force from {roster.since} to {roster.until}")
    if newest is not None and roster.version < newest[0]:
        raise _Refusal(
            "roster-older", f"the roster is version {roster.version}; version {newest[0]} was in force already"
        )
    if newest is None or roster.version > newest[0]:
        change = Entry(
            kind=Kind.ROSTER,
            who=who,
            what=f"roster version {roster.version}",
            digest=roster.digest,
            version=roster.version,
        )
        with log.act(change):
            pass  # it is in force from here on
    return roster


def _opening_order(terms: Terms, who: str, references: tuple[str, ...], day: dt.date) -> str:
    """Find an order that opens the record to who asks."""
    expired = False
    for path in sorted(Path(terms.orders).glob("*.json")):
        try:
            order = open_paper(Order, path, terms.public_key)
        except SealscrubError:
            continue  # what does not verify grants nothing
        if not is_approved(terms, path, order.digest):
            continue
        if references and order.covers(who, references[0], day):
            return order.digest
        expired |= bool(references) and order.covers(who, references[0], order.until)
    raise _Refusal("order-expired" if expired else "order")
