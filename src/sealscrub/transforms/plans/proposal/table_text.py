"""What a proposal says about one table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import isnan

from sealscrub.reports import percent

from ..column_names import looks_derived, words_of
from .key_guesses import ColumnGuess, is_record_name
from .link_guesses import LinkGuess
from .recipes_text import proposed_recipes
from .table_profile import TableProfile
from .toml_text import DECIDE, Value, block, comment, entry, inline, quoted, word
from .types_text import proposed_types
from .undeclared_ids import LooksLikeIds
from .undeclared_text import keys_with, proposed_for_ids

__all__ = ["Reached", "table_text", "undeclared_names"]

_PATHS = frozenset({"path", "file", "filename", "filepath", "uri", "url"})
_MOST_COLUMNS = 40
_LITTLE = 0.5


@dataclass(slots=True)
class Reached:
    """How a table is reached.

    Attributes
    ----------
    hangs : bool
        Whether anything is sure to reach it.
    links : list of LinkGuess
        Links that are sure.
    maybe : list of LinkGuess
        Links that are to be decided.
    units : list of LinkGuess
        Tables of dockets whose rows an arrest may depend on.
    events : TableProfile, optional
        The table of arrests, for recipes.
    undeclared : list of LooksLikeIds
        Columns other than keys and links that look as if they held ids of the index.
    """

    hangs: bool = False
    links: list[LinkGuess] = field(default_factory=list)
    maybe: list[LinkGuess] = field(default_factory=list)
    units: list[LinkGuess] = field(default_factory=list)
    events: TableProfile | None = None
    undeclared: list[LooksLikeIds] = field(default_factory=list)


def undeclared_names(profile: TableProfile, reached: Reached) -> list[str]:
    """Name the columns of which the proposal does not say yet what happens to the ids in them."""
    spoken = {name for link in reached.links for name in (link.column, *link.also)}
    spoken |= set(profile.pair[:2]) if profile.paired and profile.pair is not None else set()
    asked = {guess.name for guess in profile.guesses.values() if guess.published and guess.share >= _LITTLE}
    return [
        name
        for name in profile.columns
        if name not in spoken | asked and not looks_derived(name) and not _spoken_for(profile, name)
    ]


def table_text(profile: TableProfile, reached: Reached) -> str:
    """Write a table of the plan."""
    derived = {name: why for name in profile.columns if (why := looks_derived(name)) and not _spoken_for(profile, name)}
    linked = {name for link in reached.links for name in (link.column, *link.also)}
    lines = [
        f"[tables.{profile.name}]",
        entry("source", quoted(profile.table.source)),
        *_facts(profile),
        *_keys(profile),
        *_links(reached.links),
        *proposed_types(profile, list(derived)),
        *_key_questions(profile, reached),
        *_link_questions(reached),
        *proposed_for_ids(reached.undeclared, None if profile.paired else _columns_of_keys(profile)),
        *_unreached_entries(profile, reached),
        *_other_questions(profile, linked),
        *_derived_entries(profile, reached, derived),
    ]
    return "\n".join([*lines, ""])


def _spoken_for(profile: TableProfile, name: str) -> bool:
    return name in profile.guesses and profile.guesses[name].sure


def _facts(profile: TableProfile) -> Iterator[str]:
    files = profile.table.files
    if len(files) > 1:
        yield comment(f"{DECIDE} {len(files)} files with the same columns are read as one table.")
    if profile.first.is_empty():
        yield comment(f"{DECIDE} the table has no rows: values show nothing.")
    elif not profile.all_first:
        yield comment("Shares are of the first rows only.")
    if profile.hidden:
        many = "columns have names" if profile.hidden > 1 else "column has a name"
        yield comment(f"{DECIDE} {profile.hidden} {many} that looks like a value, and is not written here.")
    if profile.shared:
        names = ", ".join(map(quoted, profile.shared))
        yield comment(
            f"{DECIDE} several columns are called {names}. Only independent can name them: rename them if one is a "
            "key, a link or computed from other records."
        )


def _keys(profile: TableProfile) -> Iterator[str]:
    if profile.paired and profile.pair is not None:
        person, date, share = profile.pair
        yield comment(
            f"{quoted(person)} and {quoted(date)}: the name matches, and {percent(share)} of the rows with an id "
            "name an "
            "arrest by both."
        )
        rows = [inline({"scheme": key.scheme, "column": key.name}) for key in profile.keys]
        pair = inline({"scheme": "person_arrest", "columns": {"nysid": person, "date": date}})
        yield "keys = ["
        yield from (f"    {row}," for row in [*rows, pair])
        yield "]"
    elif profile.keys:
        yield from (comment(_evidence(key)) for key in profile.keys)
        schemes = _columns_of_keys(profile)
        keys: dict[str, Value] = {scheme: names[0] if len(names) == 1 else names for scheme, names in schemes.items()}
        yield entry("keys", inline(keys))


def _columns_of_keys(profile: TableProfile) -> dict[str, list[str]]:
    schemes: dict[str, list[str]] = {}
    for key in profile.keys:
        schemes.setdefault(key.scheme, []).append(key.name)
    return schemes


def _evidence(key: ColumnGuess) -> str:
    near = f", {percent(key.near)} nearly" if key.near >= 0.001 else ""
    return f"{quoted(key.name)}: the name matches, and {percent(key.share)} of its values parse as {key.scheme}{near}."


def _links(links: list[LinkGuess]) -> Iterator[str]:
    for link in links:
        yield comment(_link_sentence(link))
        yield _link(link)


def _link_sentence(link: LinkGuess) -> str:
    other = f"{link.parent}.{link.parent_column}"
    if link.also:
        names = " and ".join(map(quoted, (link.column, *link.also)))
        return (
            f"{names}: {percent(link.share)} of the rows have values that are together in {quoted(link.parent)}, "
            f"where {percent(link.unique)} of the rows have values of their own."
        )
    if not link.orphan:
        return (
            f"{quoted(link.column)}: {percent(link.share)} of its values are in {quoted(other)}, of which "
            f"{percent(link.unique)} are unique."
        )
    return (
        f"{quoted(link.column)}: {percent(link.unique)} are unique here; {percent(link.back)} of the rows of "
        f"{quoted(other)} have an id of this table, and {percent(link.share)} of its ids are there. A row is "
        "removed when it had rows there and all were removed."
    )


def _link(link: LinkGuess) -> str:
    kind = "orphan_of" if link.orphan else "link"
    if not link.scheme and not link.also:
        return entry(kind, inline({link.column: f"{link.parent}.{link.parent_column}"}))
    columns = {link.column: link.parent_column, **dict(zip(link.also, link.also, strict=True))}
    scheme: dict[str, Value] = {"scheme": link.scheme} if link.scheme else {}
    return entry(kind, f"[{inline({'table': link.parent, 'columns': columns, **scheme})}]")


def _key_questions(profile: TableProfile, reached: Reached) -> Iterator[str]:
    for guess in profile.guesses.values():
        if guess.scheme and not guess.sure and not _needs_no_question(guess, profile, reached):
            yield comment(f"{DECIDE} {_half_evidence(guess)}")
            yield block(_half_proposal(guess, profile))
    if profile.keys and all(key.nulls >= 0.5 for key in profile.keys):
        yield from _without_arrest(profile)
    for scheme in dict.fromkeys(key.scheme for key in profile.keys):
        names = [quoted(key.name) for key in profile.keys if key.scheme == scheme]
        if len(names) > 1:
            yield comment(
                f"{DECIDE} a row is removed when {' or '.join(names)} is sealed. If a row stands on several "
                'records, see edges; if it stays, see on_match = "null" by key.'
            )
    if not reached.hangs:
        yield from _opaque_entries(profile)


def _needs_no_question(guess: ColumnGuess, profile: TableProfile, reached: Reached) -> bool:
    """Whether a column needs no question: it is a link, or an id next to the key that its name means."""
    linked = any(link.column == guess.name for link in reached.links)
    beside = any(key.scheme == guess.scheme for key in profile.keys) and guess.share < _LITTLE
    return linked or beside


def _without_arrest(profile: TableProfile) -> Iterator[str]:
    """Ask about a table most of whose rows have no arrest: a stop stays, without its arrest."""
    key = min(profile.keys, key=lambda key: key.nulls)
    about = [name for name in profile.columns if any(word.startswith(("arrest", "arst")) for word in words_of(name))]
    columns = ", ".join(quoted(name) for name in dict.fromkeys([*about, *(key.name for key in profile.keys)]))
    yield comment(
        f"{DECIDE} {percent(key.nulls)} of the rows have no {quoted(key.name)}. If a row stays when its arrest is "
        "sealed (a stop stays, without its arrest), name the columns that reveal the arrest, and by "
        "set = { COLUMN = … } those that say so without it:"
    )
    yield block(['on_match = "null"', f"null = [{columns}]", 'accept_null = "a row without an arrest"'])


def _half_evidence(guess: ColumnGuess) -> str:
    if isnan(guess.share):
        return f"{quoted(guess.name)} has the name of {guess.scheme}, but no values to check."
    share = percent(guess.share)
    if guess.named:
        return f"{quoted(guess.name)} has the name of {guess.scheme}, and {share} of its values parse as one."
    return f"{quoted(guess.name)} has another name, but {share} of its values parse as {guess.scheme}."


def _half_proposal(guess: ColumnGuess, profile: TableProfile) -> list[str]:
    if not guess.published:
        return ["(it names a person or an event: no key)"]
    scheme = "opaque:NAMESPACE" if guess.share < _LITTLE else guess.scheme
    return [keys_with(scheme, guess.name, None if profile.paired else _columns_of_keys(profile))]


def _opaque_entries(profile: TableProfile) -> Iterator[str]:
    ids = [
        name
        for name in profile.sketches
        if not profile.guesses[name].scheme and name not in profile.people and is_record_name(name)
    ]
    if ids:
        yield comment(f"{DECIDE} which of these are ids of arrests or cases of a system whose seals the index holds?")
        yield block([entry("keys", inline({"opaque:NAMESPACE": ids if len(ids) > 1 else ids[0]}))])


def _link_questions(reached: Reached) -> Iterator[str]:
    for link in reached.maybe:
        yield comment(f"{DECIDE} {_link_sentence(link)}{'' if link.named else ' The columns have different names.'}")
        yield block([_link(link)])
    for unit in reached.units:
        yield comment(
            f"{DECIDE} the law seals an action: an arrest is removed when all its dockets are sealed. If seals "
            f"name only dockets ({percent(unit.back)} of the rows of {quoted(unit.parent)} name an arrest of this "
            "table):"
        )
        yield block([_link(unit)])


def _unreached_entries(profile: TableProfile, reached: Reached) -> Iterator[str]:
    if reached.hangs:
        return
    events = [quoted(name) for name, guess in profile.guesses.items() if guess.sure and not guess.published]
    if events:
        yield comment(f"{', '.join(events)}: a person or an event, with other records next to the sealed one; no key.")
    yield comment(f"{DECIDE} nothing reaches this table. Name keys, links or a recipe, or why no seal affects it:")
    yield block(['independent = ""', 'derived_from = "select …"'])


def _other_questions(profile: TableProfile, linked: set[str]) -> Iterator[str]:
    paths = [name for name in profile.columns if _PATHS.intersection(words_of(name)) and _is_text(profile, name)]
    if paths and profile.keys:
        yield comment(f"{DECIDE} {quoted(paths[0])} may name files, which are removed with their rows:")
        yield block([entry("files", inline({"column": paths[0], "folder": "."}))])
    serial = [name for name in profile.sketches if name not in linked and profile.counts_up(name)]
    if serial:
        names = ", ".join(map(quoted, serial))
        yield comment(f"{DECIDE} {names} counts up: its gaps reveal removed rows. If the table leaves the host:")
        yield block([f"rekey = [{names}]"])


def _is_text(profile: TableProfile, name: str) -> bool:
    return profile.first.schema[name].to_python() is str


def _derived_entries(profile: TableProfile, reached: Reached, derived: dict[str, str]) -> Iterator[str]:
    if not derived:
        return
    yield ""
    names = ", ".join(f"{quoted(name)} ({why})" for name, why in derived.items())
    yield comment(
        f"{DECIDE} these have names of columns that are computed from other records: {names}. The check fails "
        "until each is "
        "recomputed by a recipe, made null, or said to be independent, with the reason. To make them null, or with "
        '"fail" to refuse a scrub that changes anything:'
    )
    yield block([f"[tables.{profile.name}.columns]", *(f'{word(name)} = "null"' for name in derived)])
    recipes = list(proposed_recipes(profile, reached.events, derived))
    if recipes:
        yield comment("Recipes to start from; the check says whether they reproduce the stored values:")
        yield block([f"[tables.{profile.name}.derived]", *recipes])
    if set(derived.values()) <= {"num"}:
        return
    yield comment("If one column is derived or independent, every other needs a declaration too, with the reason:")
    spoken = {*derived, *(link.column for link in reached.links)}
    rest = [
        name for name in (*profile.columns, *profile.shared) if name not in spoken and not _spoken_for(profile, name)
    ]
    yield block([f"[tables.{profile.name}.independent]", *(f'{word(name)} = ""' for name in rest[:_MOST_COLUMNS])])
    if len(rest) > _MOST_COLUMNS:
        yield comment(f"and {len(rest) - _MOST_COLUMNS} more.")
