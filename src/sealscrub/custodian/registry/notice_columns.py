"""What the columns of a file of notices are: fields of a notice, or record keys of a scheme."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sealscrub.custodian.sheets.headers import folded_name, showable_names, shown_name, two_columns
from sealscrub.errors import ColumnError, ConfigError, SchemeError, Spelled
from sealscrub.identifiers import Scheme, get_scheme, scheme_names

__all__ = ["FIELDS", "PERSON_FIELDS", "REQUIRED"]

FIELDS = (
    "seal_id",
    "event",
    "regime",
    "effective_from",
    "notified_on",
    "basis",
    "rule_version",
    "source_document",
)
_NAMES = ", ".join(FIELDS[:6])
PERSON_FIELDS = ("last_name", "first_name", "aliases", "birth_date", "arrest_date", "charge")

REQUIRED = {
    "event": "sealed, or another event, in each row",
    "effective_from": "the day from which each event holds",
    "seal_id": "an id of its own for each record that begins a seal",
}


@dataclass(frozen=True)
class Columns:
    """Positions of the columns that are read.

    Attributes
    ----------
    names : tuple of str
        The file's own names, by position.
    fields : mapping of str to int
        Field of a notice or a person → position.
    schemes : tuple of (int, Scheme)
        Position and scheme of each column of keys; one scheme may have several.
    """

    names: tuple[str, ...]
    fields: Mapping[str, int]
    schemes: tuple[tuple[int, Scheme], ...]

    def name(self, field: str) -> str:
        """What the file calls a field; the field's own name if the file has none."""
        at = self.fields.get(field)
        return field if at is None else self.names[at]


def resolve(names: Sequence[str], renamed: Mapping[str, str], where: str) -> Columns:
    """Say what each column is.

    Parameters
    ----------
    names : sequence of str
        The file's columns.
    renamed : mapping of str to str
        Their name → ours; an empty name of ours leaves the column unread.
    where : str
        The file, for errors.

    Raises
    ------
    ColumnError
        When a column is unknown, absent, or there twice.
    ConfigError
        When a column is renamed to what is not a field and no scheme.
    """
    _check_header(names, renamed, where)
    fields: dict[str, int] = {}
    schemes: list[tuple[int, Scheme]] = []
    for at, name in enumerate(names):
        ours = renamed.get(name, name)
        if name in renamed and not ours:
            continue
        field = folded_name(ours)
        if field in FIELDS or field in PERSON_FIELDS:
            if field in fields:
                raise two_columns(field, where)
            fields[field] = at
            continue
        schemes.append((at, _scheme(name, ours, at, renamed, where)))
    if not schemes and "seal_id" not in fields:
        raise ColumnError(
            "no column holds record keys or names seals",
            where=where,
            hint=f"use one of {', '.join(scheme_names())}, or opaque:NAMESPACE.",
        )
    return Columns(tuple(names), fields, tuple(schemes))


def _check_header(names: Sequence[str], renamed: Mapping[str, str], where: str) -> None:
    for theirs, ours in renamed.items():
        if theirs not in names and ours in names:
            raise ColumnError(
                f"the file has no column {theirs!r}, but it has a column {ours!r}",
                where=where,
                hint=Spelled(
                    "give the column's name in the file first: map={THEIRS: OURS}.",
                    "give the column's name in the file first: --map THEIRS=OURS.",
                ),
            )
    called = [renamed.get(name, name) for name in names]
    unknown = [at for at, ours in enumerate(called) if not _is_known(ours) and not (names[at] in renamed and not ours)]
    missing = [field for field in REQUIRED if field not in map(folded_name, called)]
    if missing == ["seal_id"]:  # rows that begin no seal need none
        missing = []
    if len(unknown) == len(names):
        raise ColumnError(
            "no column is a field of a notice",
            where=where,
            hint=Spelled(
                f"the first line names the columns: {_NAMES}, and one for each scheme; map={{THEIRS: OURS}} renames.",
                f"the first line names the columns: {_NAMES}, and one for each scheme; --map THEIRS=OURS renames.",
            ),
        )
    for theirs in renamed:
        if theirs not in names:
            raise ColumnError.absent(theirs, showable_names(names), where=where)
    if missing and not any(called[at] != names[at] for at in unknown):
        _refuse_missing(names, missing, unknown, where)
    twice = sorted({shown_name(name, at) for at, name in enumerate(names) if names.index(name) != at})
    if twice:
        raise ColumnError(f"the column {twice[0]} appears twice", where=where, hint="rename one of them.")


def _refuse_missing(names: Sequence[str], missing: Sequence[str], unknown: Sequence[int], where: str) -> None:
    """Say everything that is wrong with the columns at once; but one that is misspelt alone is said so."""
    if len(unknown) == 1 and _nearest(names[unknown[0]]).removeprefix("did you mean ") in (
        f"{field!r}?" for field in missing
    ):
        return
    shown = ", ".join(shown_name(names[at], at) for at in unknown)
    adding = f"add {'; '.join(f'{field}: {REQUIRED[field]}' for field in missing)}."
    raise ColumnError(
        ColumnError.absent(missing).message
        + (f", and there are columns that are not fields of a notice: {shown}" if unknown else ""),
        where=where,
        hint=Spelled(
            f"{adding} map={{THEIRS: OURS}} renames a column; an empty name of ours leaves it unread.",
            f"{adding} --map THEIRS=OURS renames a column; --map THEIRS= leaves it unread.",
        ),
    )


def _nearest(ours: str) -> str:
    """Give the question whether a field or scheme is meant; nothing if none is near."""
    hint = ColumnError.absent(folded_name(ours), [*FIELDS, *PERSON_FIELDS, *scheme_names()]).hint
    return hint if hint.startswith("did you") else ""


def _is_known(ours: str) -> bool:
    """Whether it is a field of a notice or of a person, or a scheme."""
    if folded_name(ours) in FIELDS or folded_name(ours) in PERSON_FIELDS:
        return True
    with contextlib.suppress(SchemeError):
        get_scheme(ours if ours.lower().startswith("opaque:") else folded_name(ours))
        return True
    return False


def _scheme(name: str, ours: str, at: int, renamed: Mapping[str, str], where: str) -> Scheme:
    try:
        scheme = get_scheme(ours if ours.lower().startswith("opaque:") else folded_name(ours))
    except SchemeError:
        known = [*FIELDS, *PERSON_FIELDS, *scheme_names()]
        if name in renamed:
            raise ConfigError(
                f"{ours!r} is not a field of a notice and no scheme", hint=f"use one of {', '.join(known)}."
            ) from None
        what = f"{near} " if (near := _nearest(ours)) else ""
        raise ColumnError(
            f"the column {shown_name(name, at)} is not a field of a notice and no scheme",
            where=where,
            hint=Spelled(
                f"{what}Name it with map={{'THEIRS': 'OURS'}}; an empty name leaves it unread.",
                f"{what}Name it with --map THEIRS=OURS; --map THEIRS= leaves it unread.",
            ),
        ) from None
    if scheme.parts:
        raise ColumnError(
            f"the column {shown_name(name, at)} needs several columns",
            where=where,
            hint="give a column for each part: "
            f"{' and '.join('arrest_date' if part == 'date' else part for part in scheme.parts)}.",
        )
    return scheme
