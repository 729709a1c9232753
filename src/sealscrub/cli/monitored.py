"""What ``audit report`` asks beside the log: the registry, the inventory, and the tracking store."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sealscrub.errors import ConfigError

from .audit_coverage import inventory_of, surveyed

if TYPE_CHECKING:
    from sealscrub.custody import AuditLog, Finding

__all__ = ["Elsewhere", "elsewhere", "late"]


@dataclass(frozen=True)
class Elsewhere:
    """What was found beside the log, and what runs out."""

    findings: tuple[Finding, ...] = ()
    due: tuple[tuple[dt.date, str], ...] = ()


def late(
    log: AuditLog,
    registry: str | None,
    days: int,
    period: tuple[dt.date, dt.date],
    *,
    purpose: str | None,
    encryption_key: str | None,
    grant: Path | None,
) -> tuple[Finding, ...]:
    """Ask the registry when its changes were recorded, and the log when they were applied."""
    if registry is None:
        return ()
    from sealscrub.custody import late_seals
    from sealscrub.registry import Registry

    with Registry.open(registry, purpose=purpose, encryption_key=encryption_key, grant=grant) as opened:
        epochs = opened.epochs()
    since, until = period
    return late_seals(log, epochs, days=days, since=since, until=until)


def elsewhere(
    inventory: Path | None,
    index: Path | None,
    key_file: Path | None,
    certifiers: list[Path] | None,
    tracking_uri: str | None,
    members: Path | None,
    annex_key: Path | None,
    *,
    purpose: str | None,
    audit_log: Path,
) -> Elsewhere:
    """Survey the inventory, and ask the tracking store which of its models are tainted; it tags none."""
    if index is None or key_file is None:
        raise ConfigError("--inventory and --members need the newest index", hint="--index FILE --key-file seal.key")
    from sealscrub.custody import annex_key as custodied
    from sealscrub.index import open_index
    from sealscrub.lineage import taint
    from sealscrub.lineage.coverage import due_of, findings_of

    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    opened = open_index(index, key_file, use="training")
    coverage = surveyed(inventory_of(inventory, None), opened, certifiers, tracking_uri, audit_log, None)
    asked = None
    if tracking_uri is not None:
        with contextlib.ExitStack() as stack:
            key = None
            if annex_key is not None:
                key = stack.enter_context(custodied(annex_key, purpose=purpose, what="audit report"))
            asked = taint(opened, members=members, annex_key=key, tracking_uri=tracking_uri, tag=False)
    return Elsewhere(findings_of(coverage, asked), due_of(coverage))
