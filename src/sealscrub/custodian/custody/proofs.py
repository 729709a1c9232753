"""Proofs that an entry is in the log of a checkpoint, and that a later checkpoint's log begins with an earlier's.

Next to a log is ``LOG.tree``, the hashes of its complete subtrees, so a proof takes a few reads. It is made
with every checkpoint, can be deleted, and is not trusted: no proof is given that does not lead to the signed root.
"""

from __future__ import annotations

import base64
import contextlib
import mmap
import os
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sealscrub.atomic_write import placed_file, refuse_address
from sealscrub.certificates.merkle import HASH_BYTES, Inclusion, check_inclusion, leaf_hash
from sealscrub.errors import InvalidCertificate, Spelled, UnreadableInput, UsageError, WriteFailed
from sealscrub.file_system import BINARY, read_at, readable, sync

from .audit_log import VERIFY_WITH_WITNESS, AuditLog
from .checkpoints import Checkpoint, open_checkpoint, read_checkpoints, sign_checkpoint, split_notes
from .entries import Entry, read_entry
from .log_lines import MAX_BYTES
from .log_verification import verify_log
from .merkle_tree import Frontier, Nodes, check_consistency, consistency, inclusion, position

__all__ = ["check_proof", "make_checkpoint", "prove_consistency", "prove_entry"]

_INCLUSION = "c2sp.org/tlog-proof@v1"
_CONSISTENCY = "sealscrub/consistency@v1"
_NUMBER = re.compile(r"index (0|[1-9][0-9]{0,18})")
_HASHES_HELD = 1 << 15


def make_checkpoint(log: AuditLog, key: Ed25519PrivateKey, *, witness: str | Path | None = None) -> str:
    """Look a log through, and sign what it is.

    Parameters
    ----------
    log : AuditLog
    key : Ed25519PrivateKey
        The log's: a certifier's key (:func:`sealscrub.identifiers.load_certifier`), best kept elsewhere.
    witness : str or Path, optional
        A witness file: the log is held against what it holds, and the note is added to it.

    Returns
    -------
    str
        The note.

    Raises
    ------
    InvalidCertificate
        When the log is not what an earlier checkpoint says. Nothing is signed.
    WriteFailed
        When the witness file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> log = AuditLog.create(Path(tempfile.mkdtemp()) / "audit.log", who="r.alvarez")
    >>> key = Ed25519PrivateKey.generate()
    >>> note = make_checkpoint(log, key)
    >>> note.splitlines()[1]  # how many entries it covers
    '1'
    """
    kept = [] if witness is None or not Path(witness).exists() else read_checkpoints(witness, key.public_key())
    with readable(log.path, what="the audit log"):
        sync(log.path)  # a checkpoint never says more than a power cut would leave
    with _new_tree(log) as keep:
        verdict = verify_log(log, kept, keep=keep)
    if not verdict.intact:
        raise InvalidCertificate(
            f"cannot sign a checkpoint: {verdict.problems[0]}",
            where=str(log.path),
            hint=Spelled(
                "do not change the log; verify_log lists every problem.",
                "do not change the log; sealscrub audit verify lists every problem.",
            ),
        )
    note = sign_checkpoint(Checkpoint(log.origin, verdict.size, verdict.root), key)
    if witness is not None:
        _add(Path(witness), note)
    return note


def prove_entry(log: AuditLog, number: int, note: str, public: Ed25519PublicKey) -> str:
    """Prove that an entry is in the log of a checkpoint.

    Parameters
    ----------
    log : AuditLog
    number : int
        The entry's.
    note : str
        The signed checkpoint.
    public : Ed25519PublicKey
        The log's.

    Returns
    -------
    str
        A proof as https://c2sp.org/tlog-proof has it, with the entry as its extra data.

    Raises
    ------
    UsageError
        When the checkpoint covers no such entry.
    InvalidCertificate
        When the log is not what the checkpoint says.

    Examples
    --------
    >>> import tempfile
    >>> log = AuditLog.create(Path(tempfile.mkdtemp()) / "audit.log", who="r.alvarez")
    >>> key = Ed25519PrivateKey.generate()
    >>> note = make_checkpoint(log, key)
    >>> proof = prove_entry(log, 0, note, key.public_key())
    >>> check_proof(proof, key.public_key()).who
    'r.alvarez'
    """
    checkpoint = open_checkpoint(note, public)
    _refuse_other(log, checkpoint)
    if not 0 <= number < checkpoint.size:
        raise UsageError(
            f"the checkpoint covers entries 0 to {checkpoint.size - 1:,}",
            hint="name an entry that it covers.",
        )
    line = _line(log.path, number)
    for fresh in (False, True):
        with _nodes(log, checkpoint.size, fresh=fresh) as nodes:
            proof = inclusion(nodes, number, checkpoint.size)
        if check_inclusion(checkpoint.root, leaf_hash(line), proof, checkpoint.size):
            return "\n".join([_INCLUSION, f"extra {_text(line)}", f"index {number}", *map(_text, proof.path), "", note])
    raise _not_what_it_was(log)


def prove_consistency(log: AuditLog, old: str, note: str, public: Ed25519PublicKey) -> str:
    """Prove that the log of a checkpoint begins with that of an earlier one.

    Parameters
    ----------
    log : AuditLog
    old, note : str
        The signed checkpoints.
    public : Ed25519PublicKey
        The log's.

    Returns
    -------
    str
        The hashes of RFC 9162, 2.1.4, and both checkpoints.

    Raises
    ------
    UsageError
        When the first is the later.
    InvalidCertificate
        When the log is not what they say.

    Examples
    --------
    >>> import tempfile
    >>> log = AuditLog.create(Path(tempfile.mkdtemp()) / "audit.log", who="r.alvarez")
    >>> key = Ed25519PrivateKey.generate()
    >>> note = make_checkpoint(log, key)
    >>> _ = log.append(Entry(kind="access", who="r.alvarez", what="registry seals", purpose="audit"))
    >>> later = make_checkpoint(log, key)
    >>> old, new = check_proof(prove_consistency(log, note, later, key.public_key()), key.public_key())
    >>> old.size, new.size
    (1, 2)
    """
    first, second = open_checkpoint(old, public), open_checkpoint(note, public)
    _refuse_other(log, first, second)
    if first.size > second.size:
        raise UsageError("the checkpoints are in the wrong order", hint="swap them.")
    for fresh in (False, True):
        with _nodes(log, second.size, fresh=fresh) as nodes:
            proof = consistency(nodes, first.size, second.size) if first.size < second.size else ()
        if check_consistency(first.size, first.root, second.size, second.root, proof):
            return "\n".join([_CONSISTENCY, *map(_text, proof), "", old, note])
    raise _not_what_it_was(log)


def check_proof(proof: str, public: Ed25519PublicKey) -> Entry | tuple[Checkpoint, Checkpoint]:
    """Check a proof, with nothing but the log's public key.

    Parameters
    ----------
    proof : str
        What :func:`prove_entry` or :func:`prove_consistency` gave.
    public : Ed25519PublicKey
        The log's.

    Returns
    -------
    Entry or (Checkpoint, Checkpoint)
        The entry that is in the log; or the two checkpoints of which the second's log begins with the first's.

    Raises
    ------
    InvalidCertificate
        When it proves nothing.

    Examples
    --------
    >>> import tempfile
    >>> log = AuditLog.create(Path(tempfile.mkdtemp()) / "audit.log", who="r.alvarez")
    >>> key = Ed25519PrivateKey.generate()
    >>> note = make_checkpoint(log, key)
    >>> check_proof(prove_entry(log, 0, note, key.public_key()), key.public_key()).number
    0
    """
    head, _, notes = proof.partition("\n\n")
    kind, *lines = head.split("\n")
    try:
        if kind == _CONSISTENCY:
            first, second = (open_checkpoint(note, public) for note in split_notes(notes))
            hashes = [base64.b64decode(line, validate=True) for line in lines]
            same = first.origin == second.origin
            if same and check_consistency(first.size, first.root, second.size, second.root, hashes):
                return first, second
        elif kind == _INCLUSION and len(lines) > 1 and (at := _NUMBER.fullmatch(lines[1])):
            checkpoint = open_checkpoint(notes, public)
            line = base64.b64decode(lines[0].removeprefix("extra "), validate=True)
            path = Inclusion(int(at[1]), tuple(base64.b64decode(each, validate=True) for each in lines[2:]))
            entry = read_entry(line)
            if check_inclusion(checkpoint.root, leaf_hash(line), path, checkpoint.size) and entry.number == int(at[1]):
                return entry
    except (ValueError, UnreadableInput):
        pass
    raise InvalidCertificate("the proof is not valid", hint="ask its maker for a new copy.")


@contextlib.contextmanager
def _nodes(log: AuditLog, size: int, *, fresh: bool) -> Iterator[Nodes]:
    """Read hashes of complete subtrees from the file next to the log, made again if it is too short."""
    path = _tree_path(log)
    needed = (2 * size - size.bit_count()) * HASH_BYTES
    if fresh or not path.is_file() or path.stat().st_size < needed:
        _write_tree(log)
    if path.stat().st_size < needed:
        raise _not_what_it_was(log)
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:

        def node(level: int, at: int) -> bytes:
            start = position(level, at) * HASH_BYTES
            return content[start : start + HASH_BYTES]

        yield node


@contextlib.contextmanager
def _new_tree(log: AuditLog) -> Iterator[Callable[[Sequence[bytes]], None]]:
    """Write the file next to the log again, of the hashes that are handed in while the block runs."""
    waiting: list[bytes] = []
    with placed_file(_tree_path(log), mode=0o600) as file:

        def keep(made: Sequence[bytes]) -> None:
            waiting.extend(made)
            if len(waiting) > _HASHES_HELD:
                file.write(b"".join(waiting))
                waiting.clear()

        yield keep
        file.write(b"".join(waiting))


def _write_tree(log: AuditLog) -> None:
    edge = Frontier()
    with _new_tree(log) as keep:
        for line in log.lines():
            keep(edge.add(leaf_hash(line)))


def _tree_path(log: AuditLog) -> Path:
    return log.path.with_name(log.path.name + ".tree")


def _line(path: Path, number: int) -> bytes:
    """Find an entry's line by halving: every line says its number."""
    with readable(path, what="the audit log"), path.open("rb", buffering=0) as file:
        low, high = 0, os.fstat(file.fileno()).st_size
        while low < high:
            middle = (low + high) // 2
            first = max(low, middle - MAX_BYTES)  # low begins a line, and no line is longer
            around = read_at(file.fileno(), 2 * MAX_BYTES, first)
            start = around.rfind(b"\n", 0, middle - first) + 1
            end = around.find(b"\n", start)
            if end < 0:  # what is being written
                high = first + start
                continue
            found = read_entry(around[start:end])
            if found.number == number:
                return around[start:end]
            low, high = (first + end + 1, high) if found.number < number else (low, first + start)
    raise InvalidCertificate(
        f"the log lacks entry {number}, which the checkpoint covers",
        where=str(path),
        hint=VERIFY_WITH_WITNESS,
    )


def _text(hashed: bytes) -> str:
    return base64.b64encode(hashed).decode()


def _refuse_other(log: AuditLog, *checkpoints: Checkpoint) -> None:
    if any(each.origin != log.origin for each in checkpoints):
        raise InvalidCertificate("the checkpoint belongs to another log", where=str(log.path))


def _not_what_it_was(log: AuditLog) -> InvalidCertificate:
    return InvalidCertificate(
        "the log differs from the one that the checkpoint signs",
        where=str(log.path),
        hint=VERIFY_WITH_WITNESS,
    )


def _add(witness: Path, note: str) -> None:
    """Add a note to a witness file, on the disk before it is said to be there."""
    refuse_address(witness)
    try:
        handle = os.open(witness, os.O_WRONLY | os.O_CREAT | os.O_APPEND | BINARY, 0o644)
        with os.fdopen(handle, "ab") as file:
            file.write((("\n" if os.fstat(handle).st_size else "") + note).encode())
            file.flush()
            os.fsync(handle)
    except OSError as error:
        raise WriteFailed(f"the witness file cannot be written ({error.strerror})", where=str(witness)) from None
