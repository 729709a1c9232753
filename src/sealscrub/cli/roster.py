"""``sealscrub roster``: who may see what, for what, and on whose approval."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sealscrub.reports import Kind, Listing, Number

from . import options as opt
from .audit_entries import made, recorded
from .declarations import Commands, formerly, option
from .remarks import remark

if TYPE_CHECKING:
    from sealscrub.custodian.custody import Roster

__all__ = ["app"]

app = Commands(help="Who may see what the custodian holds, for which purpose.", no_args_is_help=True)

_Toml = Annotated[Path, typer.Argument(metavar="TOML", help="The file to sign.")]
_Signed = Annotated[Path, typer.Argument(metavar="ROSTER", help="A signed roster.")]
_PREVIOUS = option("The signed version before this one.", "--previous")
_Output = Annotated[Path, option("The signed paper.", "--output", "-o")]


@app.command("sign")
def sign(
    paper: _Toml,
    signing_key: opt.SigningKey,
    output: _Output,
    previous: Annotated[Path | None, _PREVIOUS] = None,
    audit_log: opt.AuditLogFile = None,
) -> None:
    """Sign a roster; each change is a new version, which names the one before.

    Example: sealscrub roster sign roster.toml --signing-key court.key -o roster.json
    """
    from sealscrub.atomic_write import placed_file
    from sealscrub.certificates import load_signer
    from sealscrub.custodian.custody import Entry, Kind, Roster, open_paper, read_roster, sign_paper

    signer = load_signer(signing_key)
    before = None if previous is None else open_paper(Roster, previous, signer.private.public_key())
    roster = read_roster(paper, previous=before)
    entry = Entry(kind=Kind.ROSTER, what=f"roster sign version {roster.version}")
    with recorded(audit_log, entry) as act:
        with placed_file(output, mode=0o644) as file:
            file.write(sign_paper(roster, signer))
        made(act, output)
    remark(f"wrote {output}: version {roster.version}, from {roster.since} to {roster.until}")


@app.command("order")
def order(
    paper: _Toml,
    signing_key: opt.SigningKey,
    reference_key: opt.ReferenceKeyFile,
    output: _Output,
    audit_log: opt.AuditLogFile = None,
) -> None:
    """Sign a court's order, whose records become keyed references: the file names no one.

    Example: sealscrub roster order order.toml --signing-key court.key --reference-key audit.log.key -o orders/1.json
    """
    from sealscrub.atomic_write import placed_file
    from sealscrub.certificates import load_signer
    from sealscrub.custodian.custody import Entry, Kind, ReferenceKey, read_order, sign_paper

    signed = read_order(paper, ReferenceKey.load(reference_key))
    signer = load_signer(signing_key)
    with recorded(audit_log, Entry(kind=Kind.ORDER, what="roster order")) as act:
        with placed_file(output, mode=0o600) as file:
            file.write(sign_paper(signed, signer))
        made(act, output)
    count = len(signed.records)
    remark(f"wrote {output}: {count} record{'s' * (count > 1)}, until {signed.until}")


@app.command("file")
def file(
    paper: Annotated[Path, typer.Argument(metavar="PAPER", help="A signed roster or order.")],
    custody: opt.RequiredCustodyTerms,
) -> None:
    """File a signed roster or order: it is put where custody.toml says, and is in the audit log before.

    A roster must follow the one in force; neither counts without the authority's signature.

    Example: sealscrub roster file roster-2.json --custody custody.toml
    """
    from sealscrub.custodian.custody import Order, Terms, file_paper

    filed = file_paper(Terms.from_file(custody), paper)
    what = f"an order of {filed.date}" if isinstance(filed, Order) else f"version {filed.version} of the roster"
    remark(f"filed {what}, until {filed.until}")


@app.command("grant")
def grant(
    account: Annotated[str, typer.Argument(help="The account, as the roster lists it.")],
    holder: Annotated[Path, option("The holder's public key, of keygen --certifier.")],
    until: opt.Until,
    signing_key: opt.SigningKey,
    output: _Output,
) -> None:
    """Sign a grant, by which anyone who holds a key asks as an account, such as through a service that many use.

    The holder keeps the private key next to it, as FILE.key. What the account may see, the roster in force says.

    Example: sealscrub roster grant r.alvarez --holder alvarez.grant.key.pub --until 2027-03-31 --signing-key court.key
    -o alvarez.grant
    """
    from sealscrub.atomic_write import placed_file
    from sealscrub.certificates import load_signer
    from sealscrub.certificates.envelope import load_public_key
    from sealscrub.custodian.custody import make_grant, sign_paper

    made = make_grant(account, load_public_key(holder), until.date())
    with placed_file(output, mode=0o644) as file:
        file.write(sign_paper(made, load_signer(signing_key)))
    remark(f"wrote {output}: {made.account}, from {made.since} to {made.until}")


@app.command("approve")
def approve(
    file: Annotated[Path, typer.Argument(help="Notices that end seals, corrections, dispositions, or a signed order.")],
    signing_key: opt.SigningKey,
) -> None:
    """Write a second signature next to a file, as FILE.second; the file is read first, by anyone who signs.

    Example: sealscrub roster approve vacated.csv --signing-key deputy.key
    """
    from sealscrub.certificates import load_signer
    from sealscrub.custodian.custody import approve_file

    remark(f"wrote {approve_file(file, load_signer(signing_key))}")


@app.command("show")
def show(roster: _Signed, public_key: opt.PublicKey, *, reporting: opt.Reporting) -> None:
    """Verify a roster, and show who is on it, and by which provision.

    Exits with 1 when it does not verify or is not in force today.

    Example: sealscrub roster show roster.json --public-key court.key.pub
    """
    from sealscrub.custodian.custody import known_purposes

    reporting.check(Listing)
    opened, known = _open(roster, public_key), known_purposes()
    in_force = opened.since <= dt.datetime.now(dt.UTC).date() <= opened.until
    rows = [
        {"account": each.account, "name": each.name, "scope": each.scope}
        | {"from": each.since or opened.since, "to": each.until or opened.until}
        | {"purpose": purpose, "citation": known[purpose]}
        for each in opened.people
        for purpose in each.purposes
    ]
    headline = f"The roster is {'' if in_force else 'not '}in force today"
    values = opened.model_dump(mode="json")
    facts = {"version": Number(opened.version)} | {name: values[name] for name in ("approved_by", "since", "until")}
    kind: Kind = "good" if in_force else "bad"
    shown = Listing(tool="roster show", headline=headline, kind=kind, facts=facts, rows=rows, values=values)
    reporting.end(shown, 0 if in_force else 1)


@app.command("check")
def check(
    roster: _Signed,
    public_key: opt.PublicKey,
    previous: Annotated[Path, _PREVIOUS, formerly("--against")],
    *,
    reporting: opt.Reporting,
) -> None:
    """Say who gains and who loses what by a new version, and whether it follows the old one.

    Exits with 1 when it does not follow it.

    Example: sealscrub roster check roster.json --previous roster-1.json --public-key court.key.pub
    """
    reporting.check(Listing)
    new, old = _open(roster, public_key), _open(previous, public_key)
    now, was = _rights(new), _rights(old)
    rows = [
        {"account": account, "change": change, "purpose": purpose, "scope": scope, "from": since, "to": until}
        for change, after, before in (("gains", now, was), ("loses", was, now))
        for account, purpose, scope, since, until in after - before
    ]
    rows.sort(key=lambda row: (*map(row.get, ("account", "change", "purpose", "scope", "from", "to")),))
    follows = new.previous == old.digest and new.version == old.version + 1
    reporting.end(
        Listing(
            tool="roster check",
            headline=f"The new version {'names' if follows else 'does not name'} this one as the one before it",
            kind="good" if follows else "bad",
            lede="" if rows else "No one gains or loses anything.",
            facts={"In force": f"{new.since} to {new.until}", "Before": f"{old.since} to {old.until}"},
            rows=rows,
            title="Who gains and who loses what",
        ),
        0 if follows else 1,
    )


def _rights(roster: Roster) -> set[tuple[str, str, str, str, str]]:
    """Each account with a purpose, its scope, and the days of its own."""
    return {
        (each.account, str(purpose), each.scope, str(each.since or ""), str(each.until or ""))
        for each in roster.people
        for purpose in each.purposes
    }


@app.command("purposes")
def purposes(reporting: opt.Reporting) -> None:
    """List the purposes, each with the provision that it rests on.

    Example: sealscrub roster purposes
    """
    from sealscrub.custodian.custody import known_purposes

    reporting.check(Listing)
    rows = [{"purpose": purpose, "citation": citation} for purpose, citation in known_purposes().items()]
    reporting.say(Listing(tool="roster purposes", headline="What a grant can be for", rows=rows, title="Purposes"))


def _open(path: Path, public_key: Path) -> Roster:
    from sealscrub.certificates.envelope import load_public_key
    from sealscrub.custodian.custody import Roster, open_paper

    return open_paper(Roster, path, load_public_key(public_key))
