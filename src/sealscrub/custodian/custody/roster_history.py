"""Which rosters were in force, as the audit log has it: an older one that is put back does not count."""

from __future__ import annotations

from .audit_log import AuditLog
from .entries import Kind, Result, read_entry

__all__ = ["newest_roster"]

_ROSTER_MARKS = (b'"kind":"roster"', b'"result":"failed"')


def newest_roster(log: AuditLog) -> tuple[int, str] | None:
    """Find the roster of the highest version that came into force.

    Parameters
    ----------
    log : AuditLog

    Returns
    -------
    tuple of int and str, or None
        Its version and its digest; the later one of two of the same version. One whose filing failed never was in
        force; one whose filing did not end may have been, and counts.

    Raises
    ------
    UnreadableInput
        When the log cannot be read, or a line of it is not an entry.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> log = AuditLog.create(pathlib.Path(tempfile.mkdtemp()) / "audit.log", who="r.alvarez")
    >>> newest_roster(log) is None
    True
    """
    came: dict[int, tuple[int, str]] = {}
    for line in log.lines():
        if not any(text in line for text in _ROSTER_MARKS):
            continue
        entry = read_entry(line)
        if entry.kind is Kind.ROSTER and entry.version is not None:
            came[entry.number] = (entry.version, entry.digest or "")
        elif entry.result is Result.FAILED and entry.of is not None:
            came.pop(entry.of, None)
    return max(reversed(came.values()), key=lambda each: each[0], default=None)
