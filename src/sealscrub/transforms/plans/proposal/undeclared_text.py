"""What a proposal says about columns other than the keys that look as if they held ids."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sealscrub.reports import percent

from .toml_text import DECIDE, block, comment, entry, inline, quoted, word
from .undeclared_ids import Form, LooksLikeIds

__all__ = ["keys_with", "proposed_for_ids"]


def proposed_for_ids(columns: Sequence[LooksLikeIds], keys: Mapping[str, Sequence[str]] | None) -> Iterator[str]:
    """Propose what happens to the ids, in addition to `keys`: narratives are switched on, all else is to be decided."""
    for each in columns:
        name, share, schemes = quoted(each.name), percent(each.share), ", ".join(each.schemes)
        if each.form is Form.SENTENCES:
            yield comment(f"{name}: {share} of its different texts mention ids of {schemes}, in sentences.")
            yield _entry_line("narrative", each.name, "sentence")
        elif each.form is Form.KEYS:
            what = "elements" if each.listed else "values"
            yield comment(f"{DECIDE} {name} has another name, but {share} of its {what} parse as {schemes}.")
            yield block([_key(each, keys)])
        elif each.form is Form.PARTS:
            yield comment(
                f"{DECIDE} {share} of the different values of {name} are ids of {schemes}, or have some in them. Let "
                "those that name a sealed record become null or remove their rows, or say why none can:"
            )
            yield block(_alternative_entries(each.name))
    yield from _question_about_alike([each for each in columns if each.form is Form.ALIKE])


def _question_about_alike(columns: Sequence[LooksLikeIds]) -> Iterator[str]:
    """Ask once about all columns whose values are like ids, and like much else."""
    if columns:
        names = ", ".join(quoted(each.name) for each in columns)
        schemes = ", ".join(dict.fromkeys(scheme for each in columns for scheme in each.schemes))
        yield comment(
            f"{DECIDE} {names}: by their form, values may be ids of {schemes}. If they are, declare keys, or let "
            "those that name a sealed record become null. If they cannot be, say what they are:"
        )
        yield block([line for each in columns for line in _alternative_entries(each.name)])


def _key(column: LooksLikeIds, keys: Mapping[str, Sequence[str]] | None) -> str:
    if column.listed:
        return entry("elements", inline({"column": column.name, "scheme": column.schemes[0]}))
    return keys_with(column.schemes[0], column.name, keys)


def keys_with(scheme: str, column: str, keys: Mapping[str, Sequence[str]] | None) -> str:
    """Write the keys of a table with one more, in the place of those that it has; None if these are a list."""
    if keys is None:
        return f"{inline({'scheme': scheme, 'column': column})}, # one more line of the keys above"
    together = {**keys, scheme: [*keys.get(scheme, ()), column]}
    said = inline({each: names[0] if len(names) == 1 else [*names] for each, names in together.items()})
    return entry("keys", said) + (" # in the place of the keys above" if keys else "")


def _alternative_entries(column: str) -> list[str]:
    return [
        _entry_line("narrative", column, "null"),
        _entry_line("narrative", column, "drop"),
        _entry_line("leave", column, ""),
    ]


def _entry_line(what: str, column: str, said: str) -> str:
    """Write an entry on a line of its own, so one of another column can be next to it."""
    return f"{what}.{word(column)} = {quoted(said)}"
