"""``sealscrub audit who``: who asked about one record."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sealscrub.reports import Count, Listing, Name

from . import options as opt

if TYPE_CHECKING:
    from sealscrub.custodian.custody import Entry

__all__ = ["who"]


def who(
    log: Annotated[Path, typer.Argument(metavar="LOG", help="The audit log.")],
    scheme: opt.RecordScheme,
    value: opt.RecordValue = None,
    *,
    reference_key: opt.ReferenceKeyFile,
    reporting: opt.Reporting,
    own: opt.Schemes,
) -> None:
    """Show who asked about one record, when, for which purpose, and how it ended.

    The log names records by keyed references: the key is the one that audit init made. Accesses to the whole registry
    name no record; they are counted. Verify the log first.

    Example: sealscrub audit who audit.log arrest_number --reference-key audit.log.key
    """
    from sealscrub.custodian.custody import AuditLog, ReferenceKey, accesses_to

    reporting.check(Listing)
    record = ReferenceKey.load(reference_key).refer(scheme, opt.asked_value(scheme, value))
    found = accesses_to(AuditLog.open(log), record)
    rows = [_row(entry, outcome) for entry, outcome in found.entries]
    reporting.say(
        Listing(
            tool="audit who",
            headline="The entries that name this key" if rows else "No entry names this key",
            rows=rows,
            facts={"Entries": Count(len(rows)), "Accesses to the whole registry": Count(found.wide)},
            operators_copy="It names staff, but not the record.",
        )
    )


def _row(entry: Entry, outcome: Entry | None) -> dict[str, object]:
    ended = "refused" if entry.kind == "denial" else "no outcome" if outcome is None else outcome.result
    return {
        "entry": entry.number,
        "at": f"{entry.at:%Y-%m-%d %H:%M}Z",
        "account": Name(entry.who),
        "purpose": entry.purpose,
        "what": entry.what,
        "ended": ended,
    }
