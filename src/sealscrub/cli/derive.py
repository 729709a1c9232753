"""``sealscrub registry derive``: seals that follow from dispositions."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from sealscrub.reports import counted

from . import options as opt
from .declarations import option
from .law_sign import Reviews
from .progress import phases
from .remarks import remark
from .row_messages import contradicted, left_out, odd

if TYPE_CHECKING:
    from sealscrub.custodian.registry import Derived

__all__ = ["derive"]

_SHOWN_TEXTS, _LONGEST = 20, 100


def derive(
    place: opt.RegistryPlace,
    dispositions: opt.Dispositions,
    *,
    as_of: Annotated[dt.datetime, option("The day to decide for.")],
    law: opt.Law = "us-ny",
    known_at: opt.KnownAt = None,
    renamed: opt.Renamed = None,
    aliases: opt.Aliases = None,
    explain: Annotated[Path | None, option("File for the decisions with their reasons (JSON Lines).")] = None,
    reject_file: opt.RejectFile = None,
    dry_run: opt.DryRun = False,
    require_reviewed: Annotated[bool, option("Refuse decisions based on a rule that was not reviewed.")] = False,
    reviews: Reviews,
    own: opt.Schemes,
    access: opt.RegistryWriting,
) -> None:
    """Derive seals from dispositions, and append what is new; the same file again changes nothing. No legal advice.

    Example: sealscrub registry derive seals.db dispositions.csv --law us-ny --as-of 2026-11-25
    """
    from .column_map import renamed_columns

    with access.open(place) as registry, phases() as tell:
        result = registry.derive(
            dispositions,
            as_of=as_of.date(),
            known_at=known_at.date() if known_at else None,
            law=law,
            map=renamed_columns(renamed or []),
            aliases=aliases,
            explain=explain,
            reject_file=reject_file,
            dry_run=dry_run,
            reviewed=[*reviews.rules()] if require_reviewed else None,
            progress=tell,
        )
    remark(*_result_sentences(result, reject_file))


def _names(columns: tuple[str, ...]) -> list[str]:
    """Names of columns; a number if the name may be a value, as in a file without a header."""
    plain = [name for name in columns if len(name) <= 60 and not re.search(r"\d{3}", name)]
    return plain + ([counted(len(columns) - len(plain), "other")] if len(plain) < len(columns) else [])


def _shortened_text(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} …"


def _result_sentences(result: Derived, reject_file: Path | None) -> list[str]:
    said = [
        f"{counted(result.actions, 'action')} of {counted(result.rows, 'row')}: {result.sealed:,} sealed, "
        f"{result.withheld:,} withheld, {result.open:,} open."
    ]
    if result.dry_run:
        said.append(
            f"{counted(result.appended, 'event')} would be appended; the registry stays at epoch {result.epoch}."
        )
    elif result.appended:
        said.append(
            f"{counted(result.appended, 'event', 'is', 'are')} appended; the registry is at epoch {result.epoch}."
        )
    else:
        said.append(f"Nothing is new; the registry stays at epoch {result.epoch}.")
    if result.confirmed:
        said.append(f"Notices confirm {result.confirmed:,} of the seals.")
    if result.part_sealed:
        said.append(
            f"Open dockets with charges that are sealed automatically: {result.part_sealed:,}. The registry publishes "
            "no charges. --explain shows which; remove them by a notice of the docket or a plan over charges."
        )
    if result.part_unknown:
        said.append(
            f"Open dockets with charges of which it is unknown whether they are sealed: {result.part_unknown:,}. "
            "--explain shows which, and why."
        )
    said += contradicted(result.contradictions)
    said += odd(result.oddities)
    if result.unread:
        unread = counted(len(result.unread), "column")
        said.append(f"Not read: {unread} of the file: {', '.join(_names(result.unread))}.")
    if result.unmapped:
        total = sum(count for _, count in result.unmapped)
        said.append(f"{counted(total, 'disposition')} not understood, and so unknown; map them with --aliases:")
        said += [f"  {count:>7,}  {_shortened_text(text)}" for text, count in result.unmapped[:_SHOWN_TEXTS]]
        if len(result.unmapped) > _SHOWN_TEXTS:
            said.append(f"  … and {counted(len(result.unmapped) - _SHOWN_TEXTS, 'more text')}")
    return said + left_out(result.rejected, result.problems, reject_file)
