"""``sealscrub link status``: which lists of names are overdue for deletion."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sealscrub.reports import Listing

from . import options as opt
from .declarations import option

__all__ = ["link_status"]

_PRIVATE = "Keep lists of names private: chmod go-rwx for files that are exposed, and for their folders."
_UNREAD = "Workbooks that could not be read may be reviews: install sealscrub[excel], or open them."


def link_status(
    places: Annotated[list[Path], typer.Argument(help="Files and folders that hold extracts, reviews and samples.")],
    *,
    days: Annotated[int, option("Days after which they must be deleted.")] = 30,
    reporting: opt.Reporting,
) -> None:
    """List the extracts, reviews and samples that still exist, all lists of names; exits with 1 if one is overdue.

    Workbooks are read if sealscrub[excel] is installed, and listed without it. Files that other accounts may read, or
    replace in their folder, are shown as exposed. How old a file is, it says itself: saving or copying it makes it no
    younger. What a training that was killed has left in the temporary folder is listed as well.

    Example: sealscrub link status /srv/linkage --days 30
    """
    from sealscrub.custodian.reviews import held_files, left_spills

    reporting.check(Listing)
    found = [*held_files(places, days=days), *left_spills(days=days)]
    overdue = [each for each in found if each.overdue]
    reporting.end(
        Listing(
            tool="link status",
            headline="Files are overdue for deletion" if overdue else "No file is overdue for deletion",
            kind="bad" if overdue else "good",
            rows=[
                {
                    "path": str(each.path),
                    "kind": each.kind,
                    "since": each.since,
                    "overdue": each.overdue,
                    "exposed": each.exposed,
                }
                for each in found
            ],
            title="Lists of names",
            steps=(
                *(["Delete those that are overdue."] if overdue else []),
                *([_PRIVATE] if any(each.exposed for each in found) else []),
                *([_UNREAD] if any(each.kind == "workbook" for each in found) else []),
            ),
        ),
        1 if overdue else 0,
    )
