"""The scrubs that an audit log has, as a survey takes them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sealscrub.lineage.coverage import LoggedScrub

__all__ = ["logged_scrubs"]


def logged_scrubs(path: str | Path) -> tuple[LoggedScrub, ...]:
    """Read the scrubs that were done, and wrote a file.

    Parameters
    ----------
    path : str or Path
        The log. Whether it is what it was, ``audit verify`` says.

    Returns
    -------
    tuple of LoggedScrub
        In the log's order.

    Raises
    ------
    UnreadableInput
        When it is not an audit log.
    """
    from sealscrub.custodian.custody import AuditLog, Kind
    from sealscrub.lineage.coverage import LoggedScrub

    log = AuditLog.open(path)
    return tuple(
        LoggedScrub(
            written=outcome.digest,
            on=act.at.date(),
            epoch=act.epoch,
            index=act.digest,
            registry=act.registry,
            log=log.path.name,
            entry=act.number,
        )
        for act, outcome in log.done(Kind.SCRUB)
        if outcome.digest and act.epoch is not None and act.at is not None
    )
