"""A first ``sealscrub.toml`` for a folder of data files: what is likely, with its evidence, and what is to be decided.

What name and values agree on is proposed; what only one of them says is behind ``# DECIDE:``, switched off. No
value of any row is in the text: shares, names of columns and names of files are.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from sealscrub.errors import UnreadableInput, UsageError
from sealscrub.index import Index

from .proposal.folder_tables import Looked, look_into
from .proposal.link_guesses import LinkGuess, guess_events, guess_links, guess_orphans, guess_units
from .proposal.shared_keys import guess_shared
from .proposal.table_profile import TableProfile, profile_table
from .proposal.table_text import Reached, table_text, undeclared_names
from .proposal.toml_text import DECIDE, comment, entry, quoted
from .proposal.undeclared_ids import UndeclaredIds

__all__ = ["propose"]

_ROWS = 1_000_000


def propose(
    folder: str | Path, *, rows: int = _ROWS, index: Index | None = None, opened_from: tuple[Path, Path] | None = None
) -> str:
    """Propose a plan for the data files in and below a folder.

    Parameters
    ----------
    folder : str or Path
        The folder, in which the plan is to be.
    rows : int
        The most rows of each table that are read. What columns hold is known from the first 20,000.
    index : Index, optional
        With one, other columns than keys that look as if they held ids of its schemes are proposed as narratives, or
        to be decided. Only its schemes count: whichever records are sealed, the text is the same.
    opened_from : tuple of Path, optional
        The file of the index and the file of its key, which the plan then names.

    Returns
    -------
    str
        The text of a ``sealscrub.toml`` with comments. It reads as a plan; what is marked ``# DECIDE:`` a person has
        to decide. The same folder gives the same text.

    Raises
    ------
    UsageError
        When it is not a folder, or holds no data file of which a table can be made.
    UnreadableInput
        When the folder cannot be listed.

    Examples
    --------
    >>> import tempfile
    >>> from sealscrub.datasets import write_city
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = write_city(folder, arrests=1_000, seed=0)
    ...     text = propose(folder)
    >>> [line for line in text.splitlines() if line.startswith(("[tables.photos", "keys = { photo "))]
    ['[tables.photos]', 'keys = { photo = "photo_id", arrest_number = "arrest_number" }']
    """
    if rows < 1:
        raise UsageError("at least one row must be read", where="rows")
    looked = look_into(Path(folder))
    profiles = list(_profiles(looked, rows))
    if not profiles:
        raise UsageError(
            "the folder holds no data file that can be a table",
            where=str(folder),
            hint="name a folder of Parquet, CSV or JSON Lines files.",
        )
    reached = _find_reach(profiles)
    units, events = guess_units(profiles), guess_events(profiles)
    ids = None if index is None else UndeclaredIds(index)
    parts = [_head(Path(folder), opened_from), *_left_out(looked)]
    for profile in profiles:
        found = reached[profile.name]
        found.units = [unit for unit in units if unit.table == profile.name]
        found.events = events
        if ids is not None:
            looked_at = [ids.look(profile.first[name]) for name in undeclared_names(profile, found)]
            found.undeclared = [each for each in looked_at if each is not None]
        parts.append(table_text(profile, found))
    return "\n".join(parts)


def _profiles(looked: Looked, rows: int) -> Iterator[TableProfile]:
    for table in looked.tables:
        try:
            yield profile_table(table, rows)
        except UnreadableInput as error:
            looked.unread.append((table.source, error.message))


def _find_reach(profiles: list[TableProfile]) -> dict[str, Reached]:
    """How each table is reached: by keys, by links to tables that are, and tables of people as orphans of these."""
    found = {profile.name: Reached() for profile in profiles}
    reached = [profile for profile in profiles if profile.keys or profile.paired]
    for guessing in (_guess_parents, guess_orphans):
        while True:
            more = [profile for profile in profiles if profile not in reached]
            news = [(profile, _sure(guessing(profile, reached))) for profile in more]
            linked = [(profile, links) for profile, links in news if links]
            for profile, links in linked:
                found[profile.name].links = links
            if not linked:
                break
            reached += [profile for profile, _ in linked]
    for profile in profiles:
        found[profile.name].hangs = profile in reached
        above = [other for other in reached if profile.name not in _tables_above(other.name, found)]
        _add_maybes(profile, above, found[profile.name])
    return found


def _guess_parents(profile: TableProfile, reached: list[TableProfile]) -> list[LinkGuess]:
    return [*guess_links(profile, reached), *guess_shared(profile, reached)]


def _tables_above(name: str, found: dict[str, Reached]) -> set[str]:
    """What a table depends on, through any number of sure links."""
    above = {name}
    while more := {link.parent for each in above for link in found[each].links} - above:
        above |= more
    return above


def _sure(links: list[LinkGuess]) -> list[LinkGuess]:
    """The one link that is sure and best: a row that depends on two tables is for a person to judge."""
    return [link for link in links if link.sure][:1]


def _add_maybes(profile: TableProfile, reached: list[TableProfile], found: Reached) -> None:
    """Add links that are to be decided: where keys name some rows' arrests only, or if nothing is sure."""
    if profile.strong:
        return
    taken = {link.column for link in found.links}
    maybe = [*_guess_parents(profile, reached), *([] if found.hangs else guess_orphans(profile, reached))]
    found.maybe = [link for link in maybe if link.column not in taken]


def _head(folder: Path, opened_from: tuple[Path, Path] | None) -> str:
    lines = [
        "A proposal: every line that is switched on has its evidence next to it, as shares of the rows that were read.",
        f'What a person must decide is marked "{DECIDE}". Settle it, delete the mark, then run: sealscrub plan check',
        "A scheme that the index does not hold is refused by the check; remove such keys.",
    ]
    if opened_from is None:
        named = [
            comment(f'{DECIDE} index = "training.sealindex"    or name it in each run'),
            comment(f'{DECIDE} key_file = "seal.key"           or name it in each run'),
        ]
    else:
        index, key = (quoted(Path(os.path.relpath(file, folder)).as_posix()) for file in opened_from)
        named = [entry("index", index), entry("key_file", key)]
    return "\n".join([*(comment(line) for line in lines), "version = 1", *named, ""])


def _left_out(looked: Looked) -> Iterator[str]:
    """Say what of the folder is in no table."""
    lines = [
        f"{DECIDE} {quoted(name)} is in no table: {why}. Fix it, or do not train on it." for name, why in looked.unread
    ]
    lines += [
        f'{DECIDE} {quoted(name)} is a database: add its tables, with source = "FILE#TABLE" for each.'
        for name in looked.databases
    ]
    if looked.others:
        kinds = ", ".join(f"{count} {suffix}" for suffix, count in sorted(looked.others.items()))
        lines.append(f"{DECIDE} files of other formats are in no table ({kinds}): export them as Parquet or CSV.")
    if lines:
        yield "\n".join([*(comment(line) for line in lines), ""])
