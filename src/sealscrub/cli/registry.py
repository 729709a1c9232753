"""``sealscrub registry``: the custodian's record of seals."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sealscrub.reports import Count, Listing, counted

from . import options as opt
from .column_map import renamed_columns
from .declarations import Commands, option, unless
from .derive import derive
from .progress import phases
from .remarks import emit, remark
from .row_messages import CUSTODIANS_COPY, contradicted, left_out

if TYPE_CHECKING:
    from sealscrub.custodian.registry import AddResult, Event, Seal

__all__ = ["app"]

app = Commands(help="The custodian's append-only record of seals.", no_args_is_help=True)


@app.command("init")
def init(place: opt.RegistryPlace, custody: opt.CustodyTerms = None, encryption_key: opt.EncryptionKey = None) -> None:
    """Make an empty registry; only the owner can read a new file.

    With --custody, nothing in it is shown without a grant in the signed roster, nor without an entry in the audit log.
    With --encryption-key, identifiers, names and free text are encrypted in it; the key file is created if it does
    not exist.

    Example: sealscrub registry init seals.db --custody custody.toml --encryption-key registry.key
    """
    from sealscrub.custodian.custody import Terms
    from sealscrub.custodian.registry import Registry

    terms = None if custody is None else Terms.from_file(custody)
    key = _new_key(encryption_key)
    Registry.create(place, custody=terms, encryption_key=key).close()
    governed = "no roster governs it: anyone who can read it sees all of it" if terms is None else "a roster governs it"
    hidden = "; encrypted at rest" if key else ""
    remark(f"created an empty registry; {governed}{hidden}")


def _new_key(named: str | None) -> str | None:
    """Make the file of a key if it does not exist yet."""
    from sealscrub.custodian.registry import EncryptionKey

    if named is not None and not named.startswith("exec:") and not Path(named).exists():
        EncryptionKey.create(named)
        remark(f"wrote {named}")
    return named


@app.command("add")
def add(
    place: opt.RegistryPlace,
    notices: Annotated[Path, typer.Argument(help="CSV, TSV, Parquet or JSON Lines.")],
    *,
    renamed: opt.Renamed = None,
    reject_file: opt.RejectFile = None,
    own: opt.Schemes,
    access: opt.RegistryWriting,
) -> None:
    """Register a file of notices: all of it or nothing; the same rows again change nothing.

    Example: sealscrub registry add seals.db notices.csv --map "Arrest No"=arrest_number
    """
    with access.open(place) as registry, phases() as tell:
        result = registry.add(notices, map=renamed_columns(renamed or []), reject_file=reject_file, progress=tell)
    remark(*_added_sentences(result, reject_file))


@app.command("correct")
def correct(
    place: opt.RegistryPlace,
    corrections: Annotated[Path, typer.Argument(help="CSV, TSV, Parquet or JSON Lines: seal_id and reason.")],
    access: opt.RegistryWriting,
) -> None:
    """Withdraw seals as if they never were: wrong_notice, or mistaken_match. All of a file, or nothing.

    The next index lets their records back in; what was known at an earlier epoch stays readable. If custody.toml
    names a second approver, their signature must be next to the file (sealscrub roster approve).

    Example: sealscrub registry correct seals.db corrections.csv
    """
    with access.open(place) as registry:
        result = registry.correct(corrections)
    known = f"; {result.known:,} were corrected before" if result.known else ""
    done = counted(result.corrected, "seal")
    remark(f"{done} corrected{known}; the registry is at epoch {result.epoch}.")


app.command("derive")(derive)


@app.command("history")
def history(
    place: opt.RegistryPlace,
    scheme: opt.RecordScheme,
    value: opt.RecordValue = None,
    *,
    reporting: opt.Reporting,
    own: opt.Schemes,
    access: opt.RegistryReading,
) -> None:
    """Show all events of the seals that a key belongs to.

    Example: sealscrub registry history seals.db docket
    """
    reporting.check(Listing, place)
    value = opt.asked_value(scheme, value)
    with access.open(place) as registry:
        events = registry.history(scheme, value)
    headline = "The events of its seals" if events else "The registry knows no seal with this key"
    names = ("epoch", "recorded_at", "event", "effective_from", "regime", "basis", "seal_id", "source")
    reporting.say(_listing("history", headline, [_row(event, *names) for event in events], values=events))


@app.command("seals")
def seals(
    place: opt.RegistryPlace,
    as_of: opt.Day = None,
    known_at: opt.KnownAt = None,
    epoch: Annotated[int | None, option("As known after this change."), unless("--known-at")] = None,
    *,
    reporting: opt.Reporting,
    access: opt.RegistryReading,
) -> None:
    """Show what was in force on a day, as known at a day or an epoch.

    Example: sealscrub registry seals seals.db --as-of 2026-11-25 --format json
    """
    reporting.check(Listing, place)
    with access.open(place) as registry:
        found = registry.seals(_day(as_of), known_at=_day(known_at), epoch=epoch)
    headline = "The seals" if found else "No seals"
    rows = [_row(seal, "seal_id", "state", "effective_from", "regime") for seal in found]
    reporting.say(_listing("seals", headline, rows, values=found))


@app.command("changes")
def changes(
    place: opt.RegistryPlace,
    since: Annotated[int, typer.Argument(help="The epoch before the first change; 0 is the empty registry.")],
    until: Annotated[int | None, typer.Argument(help="The last change; by default the registry's last.")] = None,
    as_of: opt.Day = None,
    *,
    reporting: opt.Reporting,
    access: opt.RegistryReading,
) -> None:
    """Show what was recorded between two epochs, and which seals' states it changed.

    Example: sealscrub registry changes seals.db 3 5
    """
    reporting.check(Listing, place)
    with access.open(place) as registry:
        found = registry.changes(since, until, as_of=_day(as_of))
    rows = [{"seal_id": seal_id, "was": was, "is": now} for seal_id, (was, now) in found.states.items()]
    differ = f"Seals whose status differs on {found.as_of}"
    facts = {"Events": Count(len(found.events)), differ: Count(len(rows))}
    headline = f"What changed after epoch {found.since} up to epoch {found.until}"
    reporting.say(_listing("changes", headline, rows, facts=facts, values=found))


@app.command("status")
def status(
    place: opt.RegistryPlace,
    as_of: opt.Day = None,
    *,
    reporting: opt.Reporting,
    access: opt.RegistryReading,
) -> None:
    """Count the seals by regime, basis, certainty and year.

    Example: sealscrub registry status seals.db
    """
    reporting.check(Listing, place)
    with access.open(place) as registry:
        found = registry.status(_day(as_of)).rows(named=True)
    reporting.say(_listing("status", "The registry in numbers", found))


@app.command("migrate")
def migrate(
    old: Annotated[str, typer.Argument(help="The registry to copy; it is left as it is.")],
    new: Annotated[str, typer.Argument(help="A file that does not exist, or an empty database.")],
    custody: opt.CustodyTerms = None,
    encryption_key: opt.EncryptionKey = None,
    grant: opt.Grant = None,
    new_encryption_key: Annotated[
        str | None,
        option(
            "Encrypt the copy at rest under this key, created if it does not exist; or exec:COMMAND.",
            metavar="FILE",
        ),
    ] = None,
    erase_old: Annotated[
        bool, option("Overwrite and delete the old file when the copy is complete.", "--erase-old")
    ] = False,
) -> None:
    """Copy a registry into a new place with this version's schema, noting the old one's digest.

    So a registry comes under custody, comes to be encrypted at rest, or gets another key. An encrypted one is never
    copied into the clear.

    Examples: sealscrub registry migrate old.db seals.db --custody custody.toml
    · sealscrub registry migrate old.db seals.db --new-encryption-key registry.key --erase-old
    """
    from sealscrub.custodian.custody import Terms
    from sealscrub.custodian.registry import migrate as copy

    with phases() as tell:
        terms = None if custody is None else Terms.from_file(custody)
        digest = copy(
            old,
            new,
            custody=terms,
            encryption_key=encryption_key,
            grant=grant,
            new_encryption_key=_new_key(new_encryption_key),
            erase_old=erase_old,
            progress=tell,
        )
    remark(f"the copy is made; it notes the SHA-256 of the old registry: {digest}")


@app.command("roles")
def roles(
    prefix: Annotated[str, option("Prefix of the roles' names.")] = "sealscrub",
    without: Annotated[
        list[str] | None,
        option(
            "A scheme whose keys the publisher may not read. Its indexes lack them.",
            metavar="SCHEME",
        ),
    ] = None,
    with_persons: Annotated[
        bool,
        option(
            "The publisher may read keys that hold a person's number: person_arrest has a NYSID. "
            "Without this its indexes lack them.",
            "--with-persons",
        ),
    ] = False,
    *,
    own: opt.Schemes,
) -> None:
    """Print SQL that gives a PostgreSQL registry roles, grants and row-level security; its owner runs it.

    PREFIX_custodian reads and appends, PREFIX_publisher reads what an index is made of, PREFIX_auditor reads neither
    keys nor names, and may run registry status. People's own roles are made members of one of them. If the owner
    may not make roles, an administrator makes these three first: CREATE ROLE sealscrub_auditor NOLOGIN.

    Example: sealscrub registry roles | psql registry
    """
    from sealscrub.custodian.registry import role_statements

    emit(role_statements(prefix, without=without or (), with_persons=with_persons))


def _day(moment: dt.datetime | None) -> dt.date | None:
    return moment.date() if moment else None


def _added_sentences(result: AddResult, reject_file: Path | None) -> list[str]:
    if result.registered:
        rows = counted(result.rows, "row")
        said = [f"{result.registered:,} of {rows} registered; the registry is at epoch {result.epoch}."]
    else:
        said = [f"Nothing was registered; the registry stays at epoch {result.epoch}."]
    if result.known:
        said.append(f"{counted(result.known, 'row', 'was', 'were')} registered already.")
    if result.superseded:
        said.append(
            f"Superseded by later events of their seals: {counted(result.superseded, 'row')}. "
            "If they are new notices, give them their own notified_on."
        )
    if result.unknown_regime:
        rows = counted(result.unknown_regime, "row")
        said.append(f"{rows} with an unknown regime: every use except aggregate reports is barred.")
    if result.confirmed:
        said.append(f"They confirm {result.confirmed:,} of the seals that dispositions made.")
    return said + contradicted(result.contradictions) + left_out(result.rejected, result.problems, reject_file)


def _listing(command: str, headline: str, rows: Sequence[Mapping[str, object]], **more: Any) -> Listing:
    return Listing(tool=f"registry {command}", headline=headline, rows=rows, operators_copy=CUSTODIANS_COPY, **more)


def _row(of: Event | Seal, *names: str) -> dict[str, object]:
    keys = " ".join(f"{key.scheme}={key.value}" for key in of.keys)
    return {name: getattr(of, name) or f"no {name}" for name in names} | {"keys": keys}
