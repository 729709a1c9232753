"""Who asked about one record: the log names it by a keyed reference."""

from __future__ import annotations

from dataclasses import dataclass

from .audit_log import AuditLog
from .entries import Entry, Kind

__all__ = ["RecordAccesses", "accesses_to"]


@dataclass(frozen=True, kw_only=True)
class RecordAccesses:
    """What a log says about one record.

    Attributes
    ----------
    entries : tuple of (Entry, Entry or None)
        What was done, tried or refused about this record, each with its outcome.
    wide : int
        Accesses to the whole registry, which name no record: each may have shown this one too.

    Examples
    --------
    >>> RecordAccesses(entries=(), wide=2)
    RecordAccesses(entries=(), wide=2)
    """

    entries: tuple[tuple[Entry, Entry | None], ...]
    wide: int


def accesses_to(log: AuditLog, reference: str) -> RecordAccesses:
    """Find the entries of a log that are about one record.

    Parameters
    ----------
    log : AuditLog
    reference : str
        From :meth:`ReferenceKey.refer`, by the key with which the log was begun.

    Returns
    -------
    RecordAccesses

    Raises
    ------
    UnreadableInput
        When a line is not an entry: verify the log first.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from sealscrub.custodian.custody import AuditLog, ReferenceKey
    >>> folder = Path(tempfile.mkdtemp())
    >>> log, key = AuditLog.create(folder / "audit.log", who="r.alvarez"), ReferenceKey.create(folder / "audit.log.key")
    >>> accesses_to(log, key.refer("arrest_number", "K14612345"))
    RecordAccesses(entries=(), wide=0)
    """
    about: dict[int, tuple[Entry, Entry | None]] = {}
    wide = 0
    for entry in log:
        if entry.kind is Kind.OUTCOME:
            act = about.get(-1 if entry.of is None else entry.of)
            if act is not None:
                about[act[0].number] = act[0], entry
        elif reference in entry.references:
            about[entry.number] = entry, None
        elif entry.kind is Kind.ACCESS and not entry.references:
            wide += 1
    return RecordAccesses(entries=tuple(about.values()), wide=wide)
