"""``sealscrub audit report``: what a monitor reads of a log."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sealscrub.errors import ConfigError

from . import shared_options as opt
from .audit_coverage import TrackingUri
from .monitored import Elsewhere, elsewhere, late

if TYPE_CHECKING:
    from sealscrub.custody import Order, Roster

__all__ = ["report"]


def report(
    log: Annotated[Path, typer.Argument(metavar="LOG", help="The audit log.")],
    since: Annotated[dt.datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day.")],
    until: Annotated[dt.datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="The last day.")],
    report: Annotated[
        list[Path] | None, typer.Option("--report", metavar="FILE", help="Write it: .html or .csv (0600). Repeatable.")
    ] = None,
    hours: Annotated[str, typer.Option("--hours", metavar="FIRST-LAST", help="Office hours of a weekday.")] = "7-19",
    zone: Annotated[str, typer.Option("--zone", help="By whose clock.")] = "America/New_York",
    roster: Annotated[
        Path | None, typer.Option("--roster", metavar="FILE", help="The signed roster in force: what is due.")
    ] = None,
    orders: Annotated[
        Path | None, typer.Option("--orders", metavar="DIR", help="The folder of signed orders: what is due.")
    ] = None,
    public_key: Annotated[
        Path | None, typer.Option("--public-key", metavar="FILE", help="The approver's public key, PEM.")
    ] = None,
    registry: Annotated[
        str | None,
        typer.Option("--registry", metavar="PLACE", help="The registry: which seals were not applied in time."),
    ] = None,
    purpose: opt.Purpose = None,
    encryption_key: opt.EncryptionKey = None,
    grant: opt.Grant = None,
    apply_days: Annotated[
        int, typer.Option("--apply-days", min=0, help="For how many days a recorded notice may wait.")
    ] = 7,
    inventory: Annotated[
        Path | None,
        typer.Option("--inventory", metavar="FILE", help="As of audit coverage: what is stale, or was never covered."),
    ] = None,
    index: Annotated[Path | None, typer.Option("--index", metavar="FILE", help="The newest index, for these.")] = None,
    key_file: opt.OptionalKeyFile = None,
    certifier: Annotated[
        list[Path] | None,
        typer.Option("--certifier", metavar="FILE", help="Public key of a trusted certifier, PEM. Repeatable."),
    ] = None,
    tracking_uri: TrackingUri = None,
    members: Annotated[
        Path | None, typer.Option("--members", metavar="FILE", help="As of taint: which models are tainted.")
    ] = None,
    annex_key: Annotated[Path | None, typer.Option("--annex-key", metavar="FILE", help="As of taint.")] = None,
    sample: Annotated[int, typer.Option("--sample", min=0, help="Draw so many acts for a check by hand.")] = 0,
    seed: Annotated[
        str | None,
        typer.Option("--seed", help="What the draw follows from, such as the root of a checkpoint made afterwards."),
    ] = None,
) -> None:
    """Report who was shown what for which purpose, what stands out, and what is due.

    With --registry, which seals were not applied in time; with --inventory and --index, which data, models and
    services are stale or were never covered; with --tracking-uri, which tainted models are still served.

    Example: sealscrub audit report audit.log --from 2026-10-01 --to 2026-12-31 --report q4.html --report q4.csv
    """
    from sealscrub.custody import AuditLog, Hours, report_on, sample_entries
    from sealscrub.custody.report_page import report_page
    from sealscrub.placing import placed_file

    if sample and not seed:
        raise ConfigError("a sample needs a seed", hint="--seed: the root in a checkpoint made after the period.")
    for file in report or ():
        if file.suffix not in (".html", ".csv"):
            raise ConfigError("the suffix names no format", where=str(file), hint=".html or .csv.")
    first, dash, last = hours.partition("-")
    if not (dash and first.isdecimal() and last.isdecimal()):
        raise ConfigError("--hours is not of the form FIRST-LAST", hint="--hours 7-19")
    opened, days = AuditLog.open(log), (since.date(), until.date())
    in_force, filed = _papers(roster, orders, public_key)
    found = Elsewhere()
    if inventory is not None or index is not None or members is not None:
        found = elsewhere(
            inventory, index, key_file, certifier, tracking_uri, members, annex_key, purpose=purpose, audit_log=log
        )
    slow = late(opened, registry, apply_days, days, purpose=purpose, encryption_key=encryption_key, grant=grant)
    findings = (*slow, *found.findings)
    made = report_on(
        opened,
        *days,
        hours=Hours(int(first), int(last), zone),
        roster=in_force,
        orders=filed,
        findings=findings,
        due=found.due,
    )
    drawn = sample_entries(opened, sample, seed or "", *days)
    typer.echo(made.to_text(), nl=False)
    for entry in drawn:
        typer.echo(f"check entry {entry.number}, {entry.at:%Y-%m-%d %H:%M}Z: {entry.who}, {entry.what}")
    for file in report or ():
        content = report_page(made, drawn) if file.suffix == ".html" else made.to_csv()
        with placed_file(file, mode=0o600) as target:
            target.write(content.encode())


def _papers(roster: Path | None, orders: Path | None, public_key: Path | None) -> tuple[Roster | None, list[Order]]:
    """Open the roster, and the orders that verify."""
    from sealscrub.certificates.envelope import load_public_key
    from sealscrub.custody import Order, Roster, open_paper
    from sealscrub.errors import InvalidCertificate

    if (roster is None and orders is None) != (public_key is None):
        raise ConfigError("--roster or --orders, and --public-key, go together")
    if public_key is None:
        return None, []
    key, filed = load_public_key(public_key), []
    for place in sorted(orders.glob("*.json")) if orders is not None else ():
        try:
            filed.append(open_paper(Order, place, key))
        except InvalidCertificate:
            typer.echo(f"{place}: is no order that this key signed, and opens nothing", err=True)
    return None if roster is None else open_paper(Roster, roster, key), filed
