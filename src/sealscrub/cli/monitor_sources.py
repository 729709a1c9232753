"""What ``audit report`` asks other than the log: the registry, the inventory, and the tracking store."""

from __future__ import annotations

import contextlib
import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from . import options as opt
from .audit_coverage import inventory_of, surveyed
from .survey_findings import findings_of

if TYPE_CHECKING:
    from sealscrub.custodian.custody import AuditLog, Finding

__all__ = ["Elsewhere", "elsewhere", "late"]


@dataclass(frozen=True)
class Elsewhere:
    """What was found next to the log, and what runs out."""

    findings: tuple[Finding, ...] = ()
    due: tuple[tuple[dt.date, str], ...] = ()


def late(
    log: AuditLog, registry: str, days: int, period: tuple[dt.date, dt.date], access: opt.RegistryReading
) -> tuple[Finding, ...]:
    """Ask the registry when its changes were recorded, and the log when they were applied."""
    from sealscrub.custodian.custody import late_seals

    with access.open(registry) as opened:
        epochs = opened.epochs()
    since, until = period
    return late_seals(log, epochs, days=days, since=since, until=min(until, _today()))


def _today() -> dt.date:
    """The day after which nothing is late: it may still be published."""
    return dt.datetime.now(dt.UTC).date()


def elsewhere(
    inventory: Path | None,
    index: opt.UsedIndex,
    certifiers: list[Path] | None,
    tracking_uri: str | None,
    members: Path | None,
    annex_key: Path | None,
    *,
    purpose: str | None,
    audit_log: Path,
) -> Elsewhere:
    """Survey the inventory, and ask the tracking store which of its models are tainted; it tags none."""
    from sealscrub.custodian.custody import annex_key as custodied
    from sealscrub.lineage import taint
    from sealscrub.lineage.coverage import due_of

    opt.quiet_mlflow()
    opened = index.open("training")
    coverage = surveyed(inventory_of(inventory, None), opened, certifiers, tracking_uri, audit_log, "training")
    asked = None
    if tracking_uri is not None:
        with contextlib.ExitStack() as stack:
            key = None
            if annex_key is not None:
                key = stack.enter_context(custodied(annex_key, purpose=purpose, what="audit report"))
            asked = taint(opened, members=members, annex_key=key, tracking_uri=tracking_uri, tag=False)
    return Elsewhere(findings_of(coverage, asked), due_of(coverage))
