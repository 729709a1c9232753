"""What a command writes into an audit log that it is given: an entry before the act, what it overrides, its outcome."""

from __future__ import annotations

import contextlib
import dataclasses
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sealscrub.custodian.custody import Act, Entry
    from sealscrub.index import Index
    from sealscrub.matching import Policy

__all__ = ["made", "overridden", "recorded", "used"]

_NAME = re.compile(r"[0-9a-f]{16}")


@contextlib.contextmanager
def recorded(log: Path | None, entry: Entry, overrides: Sequence[str] = ()) -> Iterator[Act | None]:
    """Do something under an entry, if there is a log for it."""
    if log is None:
        yield None
        return
    from sealscrub.custodian.custody import AuditLog, account

    with AuditLog.open(log).act(dataclasses.replace(entry, who=account()), overrides=overrides) as act:
        yield act


@contextlib.contextmanager
def used(log: Path | None, kind: str, what: str, index: Index, policy: Policy) -> Iterator[Act | None]:
    """Use an index under an entry that names its registry, its epoch and itself."""
    if log is None:
        yield None
        return
    from sealscrub.custodian.custody import Entry, Kind

    name = index.header.facts.registry
    registry = name if _NAME.fullmatch(name) else None  # that of an index for tests is a word
    entry = Entry(kind=Kind(kind), what=what, registry=registry, epoch=index.epoch, digest=index.id)
    with recorded(log, entry, overridden(policy)) as act:
        yield act


def overridden(policy: Policy) -> list[str]:
    """Say in which ways a policy is less strict than the usual one."""
    from sealscrub.matching import Policy

    usual = Policy()
    less = [*(f"accept {each}" for each in sorted(policy.accept)), *(f"allow {each}" for each in sorted(policy.allow))]
    if policy.min_coverage < usual.min_coverage:
        less.append(f"min-coverage {policy.min_coverage:g}")
    if policy.max_unparsable > usual.max_unparsable:
        less.append(f"max-unparsable {policy.max_unparsable:g}")
    if policy.recall_alpha > usual.recall_alpha:
        less.append(f"recall-alpha {policy.recall_alpha:g}")
    return less


def made(act: Act | None, path: Path | None) -> None:
    """Say in the outcome which file the act made: nothing of a folder, or of a run that wrote nothing."""
    if act is not None and path is not None and path.is_file():
        from sealscrub.certificates import sha256_of

        act.digest = sha256_of(path)
