"""``sealscrub roster``: who may see what, for what, and on whose approval."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .recorded import AuditLogFile, made, recorded

if TYPE_CHECKING:
    from sealscrub.custody import Roster

__all__ = ["app"]

app = typer.Typer(help="Who may see what the custodian holds, for which purpose.", no_args_is_help=True)

_Toml = Annotated[Path, typer.Argument(metavar="TOML", help="What is to be signed.")]
_Signed = Annotated[Path, typer.Argument(metavar="ROSTER", help="A signed roster.")]
_Signing = Annotated[
    Path, typer.Option("--signing-key", metavar="FILE", help="The approver's key, of keygen --certifier.")
]
_Public = Annotated[Path, typer.Option("--public-key", metavar="FILE", help="The approver's public key, PEM.")]
_Output = Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="The signed paper.")]


@app.command("sign")
def sign(
    paper: _Toml,
    signing_key: _Signing,
    output: _Output,
    previous: Annotated[
        Path | None, typer.Option("--previous", metavar="FILE", help="The signed version before this one.")
    ] = None,
    audit_log: AuditLogFile = None,
) -> None:
    """Sign a roster; each change is a new version, which names the one before.

    Example: sealscrub roster sign roster.toml --signing-key court.key -o roster.json
    """
    from sealscrub.certificates import load_signer
    from sealscrub.custody import Entry, Kind, Roster, open_paper, read_roster, sign_paper
    from sealscrub.placing import placed_file

    signer = load_signer(signing_key)
    before = None if previous is None else open_paper(Roster, previous, signer.private.public_key())
    roster = read_roster(paper, previous=before)
    entry = Entry(kind=Kind.ROSTER, what=f"roster sign version {roster.version}")
    with recorded(audit_log, entry) as act:
        with placed_file(output, mode=0o644) as file:
            file.write(sign_paper(roster, signer))
        made(act, output)
    typer.echo(f"wrote {output}: version {roster.version}, from {roster.since} to {roster.until}", err=True)


@app.command("order")
def order(
    paper: _Toml,
    signing_key: _Signing,
    reference_key: Annotated[
        Path,
        typer.Option("--reference-key", metavar="FILE", help="The audit log's, under which records are named."),
    ],
    output: _Output,
    audit_log: AuditLogFile = None,
) -> None:
    """Sign a court's order: its records become keyed references, so that the file names nobody.

    Example: sealscrub roster order order.toml --signing-key court.key --reference-key audit.log.key -o orders/1.json
    """
    from sealscrub.certificates import load_signer
    from sealscrub.custody import Entry, Kind, ReferenceKey, read_order, sign_paper
    from sealscrub.placing import placed_file

    signed = read_order(paper, ReferenceKey.load(reference_key))
    signer = load_signer(signing_key)
    with recorded(audit_log, Entry(kind=Kind.ORDER, what="roster order")) as act:
        with placed_file(output, mode=0o600) as file:
            file.write(sign_paper(signed, signer))
        made(act, output)
    count = len(signed.records)
    typer.echo(f"wrote {output}: {count} record{'s' * (count > 1)}, until {signed.until}", err=True)


@app.command("file")
def file(
    paper: Annotated[Path, typer.Argument(metavar="PAPER", help="A signed roster or order.")],
    custody: Annotated[Path, typer.Option("--custody", metavar="FILE", help="custody.toml: where papers and log lie.")],
) -> None:
    """File a signed roster or order: it is put where custody.toml says, and stands in the audit log before.

    A roster must follow the one in force; neither counts without the authority's signature.

    Example: sealscrub roster file roster-2.json --custody custody.toml
    """
    from sealscrub.custody import Order, Terms, file_paper

    filed = file_paper(Terms.from_file(custody), paper)
    what = f"an order of {filed.date}" if isinstance(filed, Order) else f"version {filed.version} of the roster"
    typer.echo(f"filed {what}, until {filed.until}", err=True)


@app.command("grant")
def grant(
    account: Annotated[str, typer.Argument(help="The account, as the roster lists it.")],
    holder: Annotated[
        Path, typer.Option("--holder", metavar="FILE", help="The holder's public key, of keygen --certifier.")
    ],
    until: Annotated[dt.datetime, typer.Option(formats=["%Y-%m-%d"], help="Its last day; at most a year from today.")],
    signing_key: _Signing,
    output: _Output,
) -> None:
    """Sign a grant, by which whoever holds a key asks as an account, such as through a service that many use.

    The holder keeps the private key beside it, as FILE.key. What the account may see, the roster in force says.

    Example: sealscrub roster grant r.alvarez --holder alvarez.grant.key.pub --until 2027-03-31 --signing-key court.key
    -o alvarez.grant
    """
    from sealscrub.certificates import load_signer
    from sealscrub.certificates.envelope import load_public_key
    from sealscrub.custody import make_grant, sign_paper
    from sealscrub.placing import placed_file

    made = make_grant(account, load_public_key(holder), until.date())
    with placed_file(output, mode=0o644) as file:
        file.write(sign_paper(made, load_signer(signing_key)))
    typer.echo(f"wrote {output}: {made.account}, from {made.since} to {made.until}", err=True)


@app.command("approve")
def approve(
    file: Annotated[Path, typer.Argument(help="Notices that end seals, corrections, dispositions, or a signed order.")],
    signing_key: Annotated[
        Path, typer.Option("--signing-key", metavar="FILE", help="The second approver's key, of keygen --certifier.")
    ],
) -> None:
    """Put a second signature beside a file, as FILE.second; the file is read first, by whoever signs.

    Example: sealscrub roster approve vacated.csv --signing-key deputy.key
    """
    from sealscrub.certificates import load_signer
    from sealscrub.custody import approve_file

    typer.echo(f"wrote {approve_file(file, load_signer(signing_key))}", err=True)


@app.command("show")
def show(roster: _Signed, public_key: _Public) -> None:
    """Verify a roster, and show who is on it, and by which provision.

    Exits with 1 when it does not verify or is not in force today.

    Example: sealscrub roster show roster.json --public-key court.key.pub
    """
    opened = _open(roster, public_key)
    today = dt.datetime.now(dt.UTC).date()
    typer.echo(f"version {opened.version}, approved by {opened.approved_by}, from {opened.since} to {opened.until}")
    for each in opened.people:
        days = f", from {each.since or opened.since} to {each.until or opened.until}"
        typer.echo(f"{each.account}{f' ({each.name})' if each.name else ''}: {each.scope}{days}")
        for purpose in each.purposes:
            typer.echo(f"  {purpose}: {purpose.citation}")
    if not opened.since <= today <= opened.until:
        typer.echo("the roster is not in force today", err=True)
        raise typer.Exit(1)


@app.command("check")
def check(
    roster: _Signed,
    public_key: _Public,
    against: Annotated[Path, typer.Option("--against", metavar="FILE", help="The signed version before it.")],
) -> None:
    """Say who gains and who loses what by a new version, and whether it follows the old one.

    Exits with 1 when it does not follow it.

    Example: sealscrub roster check roster.json --against roster-1.json --public-key court.key.pub
    """
    new, old = _open(roster, public_key), _open(against, public_key)
    now, was = new.rights(), old.rights()
    for account in sorted({*now, *was}):
        for purpose, scope in sorted(now.get(account, set()) - was.get(account, set())):
            typer.echo(f"{account} gains {purpose} ({scope})")
        for purpose, scope in sorted(was.get(account, set()) - now.get(account, set())):
            typer.echo(f"{account} loses {purpose} ({scope})")
    if now == was:
        typer.echo("nobody gains or loses anything")
    if new.previous != old.digest or new.version != old.version + 1:
        typer.echo("the new version does not name this one as the one before it", err=True)
        raise typer.Exit(1)


@app.command("purposes")
def purposes() -> None:
    """List the purposes, each with the provision that it rests on.

    Example: sealscrub roster purposes
    """
    from sealscrub.custody import Purpose

    for purpose in Purpose:
        typer.echo(f"{purpose:<26}{purpose.citation}")


def _open(path: Path, public_key: Path) -> Roster:
    from sealscrub.certificates.envelope import load_public_key
    from sealscrub.custody import Roster, open_paper

    return open_paper(Roster, path, load_public_key(public_key))
