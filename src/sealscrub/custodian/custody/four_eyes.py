"""Four eyes: what ends a seal or opens a record needs the signature of a second person, if the terms name one."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from sealscrub.atomic_write import placed_file
from sealscrub.certificates import Signer, sha256_of
from sealscrub.errors import AccessDenied, SealscrubError, Spelled

from .audit_log import AuditLog
from .entries import Entry, Kind
from .paper_files import open_paper, sign_paper
from .papers import Approval
from .terms import Terms

__all__ = ["approve_file", "require_second"]

SUFFIX = ".second"


def approve_file(file: str | Path, signer: Signer) -> Path:
    r"""Put a second signature next to a file.

    Parameters
    ----------
    file : str or Path
        Notices, corrections, dispositions, or a signed order.
    signer : Signer
        The second approver's key.

    Returns
    -------
    Path
        The signature: the file's name with ``.second``.

    Raises
    ------
    UnreadableInput
        When the file cannot be read.
    WriteFailed
        When the signature cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    >>> from sealscrub.certificates import Role
    >>> file = Path(tempfile.mkdtemp()) / "corrections.csv"
    >>> _ = file.write_text("seal_id,reason\n")
    >>> approve_file(file, Signer(Ed25519PrivateKey.generate(), Role.CERTIFIER)).name
    'corrections.csv.second'
    """
    paper = Approval(sha256=sha256_of(file), date=dt.datetime.now(dt.UTC).date())
    place = Path(f"{file}{SUFFIX}")
    with placed_file(place, mode=0o644) as written:
        written.write(sign_paper(paper, signer))
    return place


def require_second(terms: Terms, file: str | Path, sha256: str, *, who: str, what: str) -> None:
    """Let an act continue if no one else's signature is needed, or it is next to the file, named ``FILE.second``.

    Parameters
    ----------
    terms : Terms
        Under whose custody it is.
    file : str or Path
        What is acted on: notices, corrections, dispositions.
    sha256 : str
        Digest of what was read of it.
    who, what : str
        Who acts, and what the act is, for the log.

    Raises
    ------
    AccessDenied
        When this very file does not have such a signature. The attempt is in the log.

    Examples
    --------
    >>> places = {"roster": "/c/r.json", "log": "/c/a.log", "reference_key": "/c/k", "orders": "/c/o"}
    >>> terms = Terms(authority="00" * 32, **places)  # one pair of eyes will do
    >>> require_second(terms, "corrections.csv", "0" * 64, who="r.alvarez", what="registry correct")
    """
    if terms.second_public_key is None or is_approved(terms, file, sha256):
        return
    AuditLog.open(terms.log).append(Entry(kind=Kind.DENIAL, who=who, what=what, why="second-signature"))
    raise AccessDenied(
        "ending a seal needs a second signature on this file",
        where=Path(file).name,
        hint=Spelled(
            f"the second approver: sealscrub.custodian.custody.approve_file(file, signer), which writes FILE{SUFFIX}.",
            f"the second approver: sealscrub roster approve FILE --signing-key KEY, which writes FILE{SUFFIX}.",
        ),
    )


def is_approved(terms: Terms, file: str | Path, sha256: str) -> bool:
    """Whether the second signature of what was read of a file is next to it; true if none is needed."""
    second = terms.second_public_key
    if second is None:
        return True
    try:
        return open_paper(Approval, f"{file}{SUFFIX}", second).sha256 == sha256
    except SealscrubError:
        return False  # what does not verify approves of nothing
