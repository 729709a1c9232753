"""Filing signed papers: a roster comes into force, an order opens its records, and both are in the log."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

from sealscrub.atomic_write import placed_file
from sealscrub.errors import ConfigError, Spelled
from sealscrub.file_system import readable

from .audit_log import AuditLog
from .entries import MAX_REFERENCES, Entry, Kind
from .four_eyes import SUFFIX, is_approved
from .paper_files import open_paper
from .papers import Order, Roster
from .requester import account
from .roster_history import newest_roster
from .terms import Terms

__all__ = ["file_paper"]

_ORDER = "order+json"


def file_paper(terms: Terms, path: str | Path) -> Roster | Order:
    """File a signed roster or order where the terms of custody have it, with an entry in the log before.

    Parameters
    ----------
    terms : Terms
        Under whose custody it is.
    path : str or Path
        What ``roster sign`` or ``roster order`` wrote.

    Returns
    -------
    Roster or Order
        As it was filed.

    Raises
    ------
    InvalidCertificate
        When the authority has not signed it.
    ConfigError
        When a roster does not follow the one in force, or the paper has run out.
    UnreadableInput
        When it cannot be read.
    WriteFailed
        When the log or the place cannot be written: then nothing is filed.

    Examples
    --------
    >>> import tempfile
    >>> from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    >>> from sealscrub.certificates import Role, Signer
    >>> from sealscrub.custodian.custody import sign_paper
    >>> home, key, today = Path(tempfile.mkdtemp()), Ed25519PrivateKey.generate(), dt.datetime.now(dt.UTC).date()
    >>> days = {"from": today, "until": today + dt.timedelta(days=30)}
    >>> _ = AuditLog.create(home / "a.log", who="r.alvarez")
    >>> places = {name: str(home / name) for name in ("roster", "reference_key", "orders")}
    >>> terms = Terms(authority=key.public_key().public_bytes_raw().hex(), log=str(home / "a.log"), **places)
    >>> roster = Roster(version=1, approved_by="Hon. A. Lee", **days)
    >>> _ = (home / "new.json").write_bytes(sign_paper(roster, Signer(key, Role.CERTIFIER)))
    >>> file_paper(terms, home / "new.json").version
    1
    """
    path, today = Path(path), dt.datetime.now(dt.UTC).date()
    if _is_order(path):
        order = open_paper(Order, path, terms.public_key)
        _refuse_past(order.until, today, path)
        entry = Entry(
            kind=Kind.ORDER,
            who=account(),
            what="roster file",
            references=order.records[:MAX_REFERENCES],
            digest=order.digest,
        )
        with AuditLog.open(terms.log).act(entry) as act:
            act.count = len(order.records)
            target = Path(terms.orders) / f"{order.date}-{order.digest[:16]}.json"
            if terms.second and is_approved(terms, path, order.digest):
                _place(Path(f"{path}{SUFFIX}"), Path(f"{target}{SUFFIX}"))
            _place(path, target)
        return order
    roster = open_paper(Roster, path, terms.public_key)
    _refuse_past(roster.until, today, path)
    _refuse_other_version(roster, terms, path)
    entry = Entry(
        kind=Kind.ROSTER,
        who=account(),
        what=f"roster file version {roster.version}",
        digest=roster.digest,
        version=roster.version,
    )
    with AuditLog.open(terms.log).act(entry):
        _place(path, Path(terms.roster))
    return roster


def _refuse_other_version(roster: Roster, terms: Terms, path: Path) -> None:
    """Refuse a roster that is not the next version after the one in force."""
    there = Path(terms.roster)
    before = open_paper(Roster, there, terms.public_key) if there.exists() else None
    if before is not None and before.digest == roster.digest:
        raise ConfigError("this roster is already in force", where=str(path))
    if before is not None and (roster.version, roster.previous) != (before.version + 1, before.digest):
        raise ConfigError(
            f"this is version {roster.version}, and it does not follow version {before.version}, which is in force",
            where=str(path),
            hint=Spelled(
                "read it with previous=, the roster in force.", "roster sign --previous names the roster in force."
            ),
        )
    newest = newest_roster(AuditLog.open(terms.log))
    if newest is not None and (roster.version, roster.digest) != newest and roster.version <= newest[0]:
        raise ConfigError("another roster of this or a later version is already in force", where=str(path))


def _refuse_past(until: dt.date, today: dt.date, path: Path) -> None:
    if until < today:
        raise ConfigError(f"its last day was {until}", where=str(path), hint="sign a new one.")


def _is_order(path: Path) -> bool:
    try:
        with readable(path):
            document = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return False  # opening it as a roster says what is wrong
    return isinstance(document, dict) and str(document.get("payloadType", "")).endswith(_ORDER)


def _place(path: Path, target: Path) -> None:
    content = path.read_bytes()
    with placed_file(target, mode=0o600) as file:
        file.write(content)
