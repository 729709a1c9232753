"""``sealscrub audit``: the log of who was shown what, and whether it still is what it was."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sealscrub.errors import ConfigError, UnreadableInput
from sealscrub.file_system import readable
from sealscrub.reports import Listing

from . import options as opt
from .audit_coverage import coverage
from .audit_report import report
from .audit_who import who
from .declarations import Commands, formerly, needs, option, unless
from .remarks import emit, remark

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

__all__ = ["app"]

app = Commands(help="The tamper-evident log of who was shown what.", no_args_is_help=True)

app.command("report")(report)
app.command("who")(who)
app.command("coverage")(coverage)

_Log = Annotated[Path, typer.Argument(metavar="LOG", help="The audit log.")]


@app.command("init")
def init(
    log: _Log,
    reference_key: opt.OptionalReferenceKeyFile = None,
) -> None:
    """Make an empty log, and the key under which its entries name records, in two files that only you can read.

    A log that continues another, such as after a clock that ran ahead, takes its key, so orders still open.

    Examples: sealscrub audit init audit.log
    · sealscrub audit init audit.log --reference-key audit.log.key
    """
    from sealscrub.custodian.custody import AuditLog, ReferenceKey, account

    place = log.with_name(log.name + ".key") if reference_key is None else reference_key
    kept = reference_key is not None and place.exists()
    if kept:
        ReferenceKey.load(place)
    elif not log.exists():
        ReferenceKey.create(place)
    AuditLog.create(log, who=account())
    remark(f"wrote {log}" if kept else f"wrote {log}\nwrote {place}")


@app.command("checkpoint")
def checkpoint(
    log: _Log,
    signing_key: opt.SigningKey,
    witness: opt.Witness = None,
) -> None:
    """Look the log through, hold it against the witness file, and sign what it is (C2SP's tlog-checkpoint).

    Exits with 1, and signs nothing, if the log is not what it was.

    Example: sealscrub audit checkpoint audit.log --signing-key log.key --witness /mnt/court/audit.witness
    """
    from sealscrub.custodian.custody import AuditLog, make_checkpoint
    from sealscrub.identifiers import load_certifier

    emit(make_checkpoint(AuditLog.open(log), load_certifier(signing_key), witness=witness))


@app.command("verify")
def verify(
    log: _Log,
    *,
    witness: Annotated[opt.Witness, needs("--public-key")] = None,
    public_key: Annotated[opt.OptionalPublicKey, needs("--witness")] = None,
    reporting: opt.Reporting,
) -> None:
    """Say whether a log is what its checkpoints were signed for, and which entries have no outcome.

    Exits with 1 if it was edited, cut short, put back or forked, or if a line is not an entry; with 3
    if the first line is not that of a log.

    Example: sealscrub audit verify audit.log --witness /mnt/court/audit.witness --public-key log.key.pub
    """
    from sealscrub.custodian.custody import AuditLog, Verdict, read_checkpoints, verify_log

    reporting.check(Verdict)
    kept = [] if witness is None or public_key is None else read_checkpoints(witness, _public(public_key))
    if witness is not None and not kept:
        raise ConfigError(
            "the witness file is empty", where=str(witness), hint="give the file that audit checkpoint writes."
        )
    verdict = verify_log(AuditLog.open(log), kept)
    reporting.end(verdict, verdict.exit_code)


@app.command("proof")
def proof(
    log: _Log,
    public_key: opt.PublicKey,
    checkpoint: Annotated[Path, option("The signed checkpoint.")],
    entry: Annotated[int | None, option("Prove that this entry is in its log."), unless("--earlier")] = None,
    earlier: Annotated[
        Path | None, option("Prove that its log begins with this earlier checkpoint."), formerly("--since")
    ] = None,
) -> None:
    """Prove that an entry is in the log (C2SP's tlog-proof), or that nothing before a checkpoint was changed since.

    Of a witness file, the last checkpoint counts.

    Examples: sealscrub audit proof audit.log --entry 12 --checkpoint audit.witness --public-key log.key.pub
    · sealscrub audit proof audit.log --earlier march.note --checkpoint april.note --public-key log.key.pub
    """
    from sealscrub.custodian.custody import AuditLog, prove_consistency, prove_entry

    if entry is None and earlier is None:
        raise ConfigError("give one of --entry and --earlier")
    opened, public, note = AuditLog.open(log), _public(public_key), _note(checkpoint)
    if earlier is not None:
        emit(prove_consistency(opened, _note(earlier), note, public))
    elif entry is not None:
        emit(prove_entry(opened, entry, note, public))


@app.command("check")
def check(
    proof: Annotated[Path, typer.Argument(metavar="PROOF", help="The proof, from audit proof.")],
    public_key: opt.PublicKey,
    *,
    reporting: opt.Reporting,
) -> None:
    """Check a proof, with nothing but the log's public key.

    Example: sealscrub audit check entry.tlog-proof --public-key log.key.pub
    """
    from sealscrub.custodian.custody import Entry, check_proof

    reporting.check(Listing)
    found = check_proof(_text(proof), _public(public_key))
    if isinstance(found, Entry):
        headline = "The entry is in the log"
        values = {"entry": found.number, "at": found.at, "kind": found.kind, "who": found.who, "what": found.what}
    else:
        headline = "The log begins with that of the earlier checkpoint"
        values = {"earlier": found[0].size, "entries": found[1].size}
    reporting.say(
        Listing(
            tool="audit check",
            headline=headline,
            facts=values,
            values=values,
            operators_copy="It counts entries of the log.",
        )
    )


def _public(path: Path) -> Ed25519PublicKey:
    from sealscrub.certificates.envelope import load_public_key

    return load_public_key(path)


def _note(path: Path) -> str:
    from sealscrub.custodian.custody.checkpoints import split_notes

    notes = split_notes(_text(path))
    if not notes:
        raise ConfigError("it holds no checkpoint", where=str(path))
    return notes[-1]


def _text(path: Path) -> str:
    try:
        with readable(path):
            return path.read_text("utf-8")
    except UnicodeDecodeError:
        raise UnreadableInput("is not text", where=str(path)) from None
