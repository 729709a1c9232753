"""``sealscrub law forecast``, ``reconcile`` and ``diff``: what comes, what does not meet, what changes."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer

from sealscrub.reports import Count, Listing

from . import options as opt
from .declarations import option
from .progress import phases
from .row_messages import CUSTODIANS_COPY

__all__ = ["day_of"]


def forecast(
    dispositions: opt.Dispositions,
    until: opt.Until,
    as_of: opt.Day = None,
    law: opt.Law = "us-ny",
    renamed: opt.Renamed = None,
    aliases: opt.Aliases = None,
    *,
    reporting: opt.Reporting,
) -> None:
    """List what will be sealed automatically, in the order of the days. No legal advice.

    Example: sealscrub law forecast dispositions.csv --until 2027-06-01
    """
    from sealscrub.custodian.law import forecast as look_ahead
    from sealscrub.custodian.law import read_charges
    from sealscrub.custodian.law.dispositions import read_map

    from .column_map import renamed_columns

    reporting.check(Listing)
    charges = read_charges(dispositions, renamed_columns(renamed or []), law=law)
    with phases() as tell:
        found = look_ahead(charges, until.date(), day_of(as_of), law=law, mapping=read_map(law, aliases), progress=tell)
    reporting.say(
        Listing(
            tool="law forecast",
            headline=f"{'No actions' if found.is_empty() else 'Actions'} will be sealed by {until:%Y-%m-%d}",
            kind="good" if found.is_empty() else "warn",
            facts={"Actions": Count(len(charges.actions)), "Will be sealed": Count(len(found))},
            rows=found.rows(named=True),
            title="In the order of the days",
            steps=() if found.is_empty() else ("Set these rows aside before you train.",),
            closing=("This is not legal advice; no lawyer has reviewed the rules.",),
            operators_copy=CUSTODIANS_COPY,
        )
    )


def reconcile(
    place: opt.RegistryPlace,
    as_of: opt.Day = None,
    grace: Annotated[int, option("Days after which a derived seal should have a notice.", min=0)] = 30,
    *,
    access: opt.RegistryReading,
    reporting: opt.Reporting,
) -> None:
    """List where notices and dispositions disagree; exits with 1 if they conflict.

    Example: sealscrub law reconcile seals.db
    """
    reporting.check(Listing, place)
    with access.open(place) as registry:
        found = registry.reconcile(day_of(as_of), grace=grace)
    counts = dict(sorted(found["kind"].value_counts().iter_rows()))
    verdict = "conflict" if "conflict" in counts else "do not meet" if counts else "meet"
    reporting.end(
        Listing(
            tool="law reconcile",
            headline=f"Notices and dispositions {verdict}",
            kind="bad" if "conflict" in counts else "warn" if counts else "good",
            facts={kind.capitalize(): Count(count) for kind, count in counts.items()},
            rows=found.rows(named=True),
            title="Where they differ",
            operators_copy=CUSTODIANS_COPY,
        ),
        1 if "conflict" in counts else 0,
    )


def diff(
    old: Annotated[Path, typer.Argument(help="Decisions, as registry derive --explain wrote them.")],
    new: Annotated[Path, typer.Argument(help="Decisions of changed rules or dispositions, of a dry run for one.")],
    *,
    reporting: opt.Reporting,
) -> None:
    """List what two files of decisions decide differently, and for how many actions an answer became which.

    Example: sealscrub law diff decisions.jsonl decisions-new.jsonl
    """
    from sealscrub.custodian.law import changed_lines

    reporting.check(Listing)
    found = list(changed_lines(old, new))
    turned = Counter(_turned(each["changed"]) for each in found)
    reporting.say(
        Listing(
            tool="law diff",
            headline=f"{'Actions' if found else 'No actions'} are decided differently",
            kind="warn" if found else "good",
            facts={"Decided differently": Count(len(found))}
            | {said: Count(number) for said, number in sorted(turned.items(), key=lambda each: (-each[1], each[0]))},
            rows=[{**each, "changed": _changes(each["changed"])} for each in found],
            values=found,
            title="Earlier and new answer",
            operators_copy=CUSTODIANS_COPY,
        )
    )


def day_of(moment: dt.datetime | None) -> dt.date:
    """The day of ``--as-of``; today by default (UTC)."""
    return moment.date() if moment else dt.datetime.now(dt.UTC).date()


def _turned(changed: dict[str, list[Any]]) -> str:
    """From which answer to which, with its regimes if it is sealed."""
    if "answer" not in changed and "regimes" not in changed:
        return "the same answer, for other reasons"
    if "answer" not in changed:
        was, now = (_regimes(changed["regimes"], side) or "none" for side in (0, 1))
        return f"the same answer, {was} → {now}"
    was, now = (
        " ".join(each for each in (_word(changed["answer"], side), _regimes(changed.get("regimes"), side)) if each)
        for side in (0, 1)
    )
    return f"{was} → {now}"


def _word(answers: list[Any], side: int) -> str:
    return str(answers[side] or "not in the file").replace("_", " ")


def _regimes(regimes: list[Any] | None, side: int) -> str:
    return "" if regimes is None else ", ".join(regimes[side] or ())


def _changes(changed: dict[str, list[Any]]) -> str:
    return "; ".join(f"{name.replace('_', ' ')}: {_said(was)} → {_said(now)}" for name, (was, now) in changed.items())


def _said(value: object) -> str:
    """What a field says, in words: a rule as RULE@VERSION."""
    if isinstance(value, list):
        return ", ".join("@".join(each) if isinstance(each, list) else str(each) for each in value) or "none"
    if value is None or value == "":
        return "none"
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value).replace("_", " ")
