"""``sealscrub audit who``: who asked about one record."""

from __future__ import annotations

import sys
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
    scheme: Annotated[str, typer.Argument(help="A scheme, such as docket.")],
    value: Annotated[
        str | None, typer.Argument(help="Read from stdin if left out, and so not in the shell's history.")
    ] = None,
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

    reporting.check(Listing, log, reference_key)
    if value is None:
        value = typer.prompt(scheme, err=True) if sys.stdin.isatty() else sys.stdin.readline().strip()
    found = accesses_to(AuditLog.open(log), ReferenceKey.load(reference_key).refer(scheme, value))
    rows = [_row(entry, outcome) for entry, outcome in found.entries]
    reporting.say(
        Listing(
            tool="audit who",
            headline="The entries about this record" if rows else "The log has no entry about this record",
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
