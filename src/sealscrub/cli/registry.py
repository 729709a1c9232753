"""``sealscrub registry``: the custodian's record of seals."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, assert_never

import typer

from . import shared_options as opt
from .derive import derive
from .phases import phases
from .renaming import renamed_columns
from .rows_said import contradicted, left_out

if TYPE_CHECKING:
    from sealscrub.registry import AddResult, Changes, Event, Seal

__all__ = ["app"]

app = typer.Typer(help="The custodian's append-only record of seals.", no_args_is_help=True)

_Place = Annotated[str, typer.Argument(metavar="REGISTRY", help="A file, or postgresql://HOST/DATABASE.")]
_Day = Annotated[dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="A day; today by default (UTC).")]


class Format(StrEnum):
    """How an answer is written to stdout."""

    TEXT = "text"
    JSON = "json"


_Format = Annotated[Format, typer.Option("--format", help="How the answer is written.")]


@app.command("init")
def init(place: _Place, custody: opt.Custody = None, encryption_key: opt.EncryptionKey = None) -> None:
    """Make an empty registry; a file is made so that only its owner can read it.

    With --custody, nothing in it is shown without a grant in the signed roster, nor without an entry in the audit log.
    With --encryption-key, identifiers, names and free text are encrypted in it; the key's file is made where there is
    none.

    Example: sealscrub registry init seals.db --custody custody.toml --encryption-key registry.key
    """
    from sealscrub.custody import Terms
    from sealscrub.registry import Registry

    terms = None if custody is None else Terms.from_file(custody)
    key = _new_key(encryption_key)
    Registry.create(place, custody=terms, encryption_key=key).close()
    governed = "no roster governs it: whoever can read it sees all of it" if terms is None else "a roster governs it"
    hidden = "; encrypted at rest" if key else ""
    typer.echo(f"an empty registry is made; {governed}{hidden}", err=True)


def _new_key(named: str | None) -> str | None:
    """Make the file of a key where it is not there yet."""
    from sealscrub.registry import EncryptionKey

    if named is not None and not named.startswith("exec:") and not Path(named).exists():
        EncryptionKey.create(named)
        typer.echo(f"wrote {named}", err=True)
    return named


@app.command("add")
def add(
    place: _Place,
    notices: Annotated[Path, typer.Argument(help="CSV, TSV, Parquet or JSON Lines.")],
    renamed: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="THEIRS=OURS", help="Rename a column; THEIRS= leaves it unread."),
    ] = None,
    reject_file: Annotated[
        Path | None, typer.Option(help="Where bad rows go, as they were; the others are registered.")
    ] = None,
    schemes: opt.SchemeFile = None,
    encryption_key: opt.EncryptionKey = None,
    grant: opt.Grant = None,
) -> None:
    """Register a file of notices: all of it or nothing; the same rows again change nothing.

    Example: sealscrub registry add seals.db notices.csv --map "Arrest No"=arrest_number
    """
    from sealscrub.registry import Registry

    opt.load_own_schemes(schemes)
    with Registry.open(place, encryption_key=encryption_key, grant=grant) as registry, phases() as tell:
        result = registry.add(notices, map=renamed_columns(renamed or []), reject_file=reject_file, progress=tell)
    for sentence in _added(result, reject_file):
        typer.echo(sentence, err=True)


@app.command("correct")
def correct(
    place: _Place,
    corrections: Annotated[Path, typer.Argument(help="CSV, TSV, Parquet or JSON Lines: seal_id and reason.")],
    encryption_key: opt.EncryptionKey = None,
    grant: opt.Grant = None,
) -> None:
    """Say of seals that they never were: wrong_notice, or mistaken_match. All of a file, or nothing.

    The next index lets their records back in; what was known at an earlier epoch stays readable. Where custody.toml
    names a second approver, the file needs their signature beside it (sealscrub roster approve).

    Example: sealscrub registry correct seals.db corrections.csv
    """
    from sealscrub.registry import Registry

    with Registry.open(place, encryption_key=encryption_key, grant=grant) as registry:
        result = registry.correct(corrections)
    known = f"; {result.known:,} were corrected before" if result.known else ""
    typer.echo(f"{result.corrected:,} seals never were{known}; the registry is at epoch {result.epoch}.", err=True)


app.command("derive")(derive)


@app.command("history")
def history(
    place: _Place,
    scheme: Annotated[str, typer.Argument(help="A scheme, such as docket.")],
    value: Annotated[
        str | None, typer.Argument(help="Left out, it is read from stdin and stays out of the shell's history.")
    ] = None,
    output: _Format = Format.TEXT,
    purpose: opt.Purpose = None,
    schemes: opt.SchemeFile = None,
    encryption_key: opt.EncryptionKey = None,
    grant: opt.Grant = None,
) -> None:
    """Show all events of the seals that a key belongs to.

    Example: sealscrub registry history seals.db docket
    """
    from sealscrub.registry import Registry

    opt.load_own_schemes(schemes)
    if value is None:
        value = typer.prompt(scheme, err=True) if sys.stdin.isatty() else sys.stdin.readline().strip()
    with Registry.open(place, purpose=purpose, encryption_key=encryption_key, grant=grant) as registry:
        events = registry.history(scheme, value)
    if not events:
        typer.echo("the registry knows no seal with this key", err=True)
    _write(output, [_plain(event) for event in events], [_event_line(event) for event in events])


@app.command("seals")
def seals(
    place: _Place,
    as_of: _Day = None,
    known_at: Annotated[
        dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="As known at the end of this day (UTC).")
    ] = None,
    epoch: Annotated[int | None, typer.Option(help="As known after this change.")] = None,
    output: _Format = Format.TEXT,
    purpose: opt.Purpose = None,
    encryption_key: opt.EncryptionKey = None,
    grant: opt.Grant = None,
) -> None:
    """Show what stood as of a day, as known at a day or an epoch.

    Example: sealscrub registry seals seals.db --as-of 2026-11-25 --format json
    """
    from sealscrub.registry import Registry

    with Registry.open(place, purpose=purpose, encryption_key=encryption_key, grant=grant) as registry:
        found = registry.seals(_day(as_of), known_at=_day(known_at), epoch=epoch)
    _write(output, [_plain(seal) for seal in found], [_seal_line(seal) for seal in found])


@app.command("changes")
def changes(
    place: _Place,
    since: Annotated[int, typer.Argument(help="The epoch before the first change; 0 is the empty registry.")],
    until: Annotated[int | None, typer.Argument(help="The last change; by default the registry's last.")] = None,
    as_of: _Day = None,
    output: _Format = Format.TEXT,
    purpose: opt.Purpose = None,
    encryption_key: opt.EncryptionKey = None,
    grant: opt.Grant = None,
) -> None:
    """Show what was recorded between two epochs, and which seals' states it changed.

    Example: sealscrub registry changes seals.db 3 5
    """
    from sealscrub.registry import Registry

    with Registry.open(place, purpose=purpose, encryption_key=encryption_key, grant=grant) as registry:
        found = registry.changes(since, until, as_of=_day(as_of))
    typer.echo(
        f"{len(found.events):,} events after epoch {found.since} up to epoch {found.until}; "
        f"{len(found.states):,} seals stand differently on {found.as_of}.",
        err=True,
    )
    _write(output, _plain(found), _change_lines(found))


@app.command("status")
def status(
    place: _Place,
    as_of: _Day = None,
    output: _Format = Format.TEXT,
    purpose: opt.Purpose = None,
    encryption_key: opt.EncryptionKey = None,
    grant: opt.Grant = None,
) -> None:
    """Count the seals by regime, basis, certainty and year.

    Example: sealscrub registry status seals.db
    """
    from sealscrub.registry import Registry

    with Registry.open(place, purpose=purpose, encryption_key=encryption_key, grant=grant) as registry:
        found = registry.status(_day(as_of)).rows(named=True)
    lines = [
        f"{row['regime']:<20}  {row['basis']:<7}  {row['certainty']:<8}  {row['year']}  {row['seals']:>9,}"
        for row in found
    ]
    _write(output, found, lines)


@app.command("migrate")
def migrate(
    old: Annotated[str, typer.Argument(help="The registry to copy; it is left as it is.")],
    new: Annotated[str, typer.Argument(help="A file that does not exist, or an empty database.")],
    custody: opt.Custody = None,
    encryption_key: opt.EncryptionKey = None,
    grant: opt.Grant = None,
    new_encryption_key: Annotated[
        str | None,
        typer.Option(
            "--new-encryption-key",
            metavar="FILE",
            help="Encrypt the copy at rest under this key, which is made where it is not there; or exec:COMMAND.",
        ),
    ] = None,
    erase_old: Annotated[
        bool, typer.Option("--erase-old", help="Overwrite and delete the old file when the copy is complete.")
    ] = False,
) -> None:
    """Copy a registry into a new place with this version's schema, noting the old one's digest.

    So a registry comes under custody, comes to be encrypted at rest, or gets another key. An encrypted one is never
    copied into the clear.

    Examples: sealscrub registry migrate old.db seals.db --custody custody.toml
    · sealscrub registry migrate old.db seals.db --new-encryption-key registry.key --erase-old
    """
    from sealscrub.custody import Terms
    from sealscrub.registry import migrate as copy

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
    typer.echo(f"the copy is made; it notes the SHA-256 of the old registry: {digest}", err=True)


@app.command("roles")
def roles(
    prefix: Annotated[str, typer.Option("--prefix", help="What the roles' names begin with.")] = "sealscrub",
    schemes: opt.SchemeFile = None,
) -> None:
    """Print SQL that gives a PostgreSQL registry roles, grants and row-level security; its owner runs it.

    PREFIX_custodian reads and appends, PREFIX_publisher reads what an index is made of, PREFIX_auditor reads neither
    keys nor names. People's own roles are made members of one of them.

    Example: sealscrub registry roles | psql registry
    """
    from sealscrub.registry import role_statements

    opt.load_own_schemes(schemes)
    typer.echo(role_statements(prefix), nl=False)


def _day(moment: dt.datetime | None) -> dt.date | None:
    return moment.date() if moment else None


def _added(result: AddResult, reject_file: Path | None) -> list[str]:
    if result.registered:
        said = [
            f"{result.registered:,} of {result.rows:,} rows are registered; the registry is at epoch {result.epoch}."
        ]
    else:
        said = [f"Nothing was registered; the registry stays at epoch {result.epoch}."]
    if result.known:
        said.append(f"{result.known:,} rows were registered already.")
    if result.superseded:
        said.append(
            f"Of these, {result.superseded:,} no longer say how their seal stands, because later events do. "
            "If they are new notices, give them their own notified_on."
        )
    if result.unknown_regime:
        said.append(
            f"{result.unknown_regime:,} are under no regime that the table of the law knows; "
            "they bar every use but aggregate reports."
        )
    if result.confirmed:
        said.append(f"They confirm {result.confirmed:,} of the seals that dispositions made.")
    return said + contradicted(result.contradictions) + left_out(result.rejected, result.problems, reject_file)


def _write(output: Format, plain: Any, lines: list[str]) -> None:
    match output:
        case Format.TEXT:
            for line in lines:
                typer.echo(line)
        case Format.JSON:
            typer.echo(json.dumps(plain, indent=1))
        case _:
            assert_never(output)


def _plain(value: Any) -> Any:
    """A result as JSON takes it."""
    if isinstance(value, dt.date):
        return value.isoformat()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return {name: _plain(item) for name, item in value.items()} if isinstance(value, dict) else value


def _event_line(event: Event) -> str:
    keys = " ".join(f"{key.scheme}={key.value}" for key in event.keys)
    return (
        f"epoch {event.epoch}  {event.recorded_at:%Y-%m-%d}  {event.event:<8}  from {event.effective_from}  "
        f"{event.regime or 'no regime'}  {event.basis}  seal {event.seal_id}  {event.source}  {keys}"
    )


def _seal_line(seal: Seal) -> str:
    keys = " ".join(f"{key.scheme}={key.value}" for key in seal.keys)
    return f"{seal.seal_id}  {seal.state:<8}  from {seal.effective_from}  {seal.regime or 'no regime'}  {keys}"


def _change_lines(found: Changes) -> list[str]:
    return [f"{seal_id}  {was or 'unknown'} → {now}" for seal_id, (was, now) in found.states.items()]
