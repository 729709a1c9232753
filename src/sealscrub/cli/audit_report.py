"""``sealscrub audit report``: what a monitor reads of a log."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sealscrub.errors import ConfigError

from . import options as opt
from .declarations import formerly, needs, option
from .monitor_sources import Elsewhere, elsewhere, late
from .remarks import remark

if TYPE_CHECKING:
    from sealscrub.custodian.custody import Order, Roster

__all__ = ["report"]


def report(
    log: Annotated[Path, typer.Argument(metavar="LOG", help="The audit log.")],
    since: Annotated[dt.datetime, option("The first day.", "--from")],
    until: Annotated[opt.Until, formerly("--to")],
    *,
    reporting: opt.Reporting,
    hours: Annotated[str, option("Office hours of a weekday.", metavar="FIRST-LAST")] = "7-19",
    zone: Annotated[str, option("Time zone of --hours, --from and --until.")] = "America/New_York",
    roster: Annotated[
        Path | None, option("The signed roster in force, to report what is due."), needs("--public-key")
    ] = None,
    orders: Annotated[
        Path | None, option("The folder of signed orders, to report what is due.", metavar="DIR"), needs("--public-key")
    ] = None,
    public_key: Annotated[opt.OptionalPublicKey, needs("--roster", "--orders")] = None,
    registry: opt.RegistryOption = None,
    access: Annotated[
        opt.RegistryReading,
        needs("--registry", of=("encryption_key", "grant")),
        needs("--registry", "--annex-key", of=("purpose",)),
    ],
    apply_days: Annotated[int, option("Days that a recorded notice may wait.", min=0), needs("--registry")] = 7,
    index: Annotated[opt.UsedIndex, needs("--index", of=("key_file", "min_epoch"))],
    inventory: Annotated[
        Path | None, option("The inventory of audit coverage, to report stale and uncovered items."), needs("--index")
    ] = None,
    trusted: Annotated[opt.TrustedKeys, needs("--index"), formerly("--certifier")] = None,
    tracking_uri: Annotated[opt.TrackingUri, needs("--index")] = None,
    members: Annotated[opt.Members, needs("--tracking-uri")] = None,
    annex_key: Annotated[opt.AnnexKey, needs("--members")] = None,
    sample: Annotated[
        int,
        option("Number of acts to draw for a check by hand.", min=0),
        needs("--sample-seed", hint="--sample-seed: the root in a checkpoint made after the period."),
    ] = 0,
    seed: Annotated[
        str | None,
        option("Seed of the sample, such as the root of a checkpoint made after the period.", "--sample-seed"),
        needs("--sample"),
        formerly("--seed"),
    ] = None,
) -> None:
    """Report who was shown what for which purpose, what stands out, and what is due.

    With --registry, which seals were not applied in time; with --inventory and --index, which data, models and
    services are stale or were never covered; with --tracking-uri, which tainted models are still served.

    Example: sealscrub audit report audit.log --from 2026-10-01 --until 2026-12-31 --report q4.html --report q4.csv
    """
    from sealscrub.custodian.custody import AuditLog, AuditReport, Hours, report_on, sample_entries

    reporting.check(AuditReport)
    first, dash, last = hours.partition("-")
    if not (dash and first.isdecimal() and last.isdecimal()):
        raise ConfigError("--hours must be FIRST-LAST", hint="--hours 7-19")
    opened, days = AuditLog.open(log), (since.date(), until.date())
    in_force, filed = _papers(roster, orders, public_key)
    found = Elsewhere()
    if index.index is not None:
        found = elsewhere(
            inventory, index, trusted, tracking_uri, members, annex_key, purpose=access.purpose, audit_log=log
        )
    slow = () if registry is None else late(opened, registry, apply_days, days, access)
    made = report_on(
        opened,
        *days,
        hours=Hours(int(first), int(last), zone),
        roster=in_force,
        orders=filed,
        findings=(*slow, *found.findings),
        due=found.due,
        sample=sample_entries(opened, sample, seed or "", *days),
    )
    reporting.say(made)


def _papers(roster: Path | None, orders: Path | None, public_key: Path | None) -> tuple[Roster | None, list[Order]]:
    """Open the roster, and the orders that verify."""
    from sealscrub.certificates.envelope import load_public_key
    from sealscrub.custodian.custody import Order, Roster, open_paper
    from sealscrub.errors import InvalidCertificate

    if public_key is None:
        return None, []
    key, filed = load_public_key(public_key), []
    for place in sorted(orders.glob("*.json")) if orders is not None else ():
        try:
            filed.append(open_paper(Order, place, key))
        except InvalidCertificate:
            remark(f"{place}: is not an order that this key signed, and opens nothing")
    return None if roster is None else open_paper(Roster, roster, key), filed
