"""What an edit makes of the keys of rows that stay."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from sealscrub.errors import ColumnError, ConfigError, Spelled
from sealscrub.identifiers import Status, get_scheme
from sealscrub.identifiers.canonical import canonicalise_part
from sealscrub.matching import KeyColumn, Policy
from sealscrub.tables import RowEdit

__all__ = ["edited_status", "refuse_edited"]

_ACCEPTED_STATUS = {
    Status.NULL: "null",
    Status.NEAR: "near",
    Status.UNPARSABLE: "unparsable",
    Status.DAMAGED: "unparsable",
}


def edited_status(key: KeyColumn, edit: RowEdit) -> Status | None:
    """Say what a key of a row is after an edit; None if it is what it was.

    Parameters
    ----------
    key : KeyColumn
    edit : RowEdit

    Examples
    --------
    >>> edited_status(KeyColumn("arrest_number", ("no",)), RowEdit(null=("no",))).name
    'NULL'
    >>> edited_status(KeyColumn("person_arrest", ("nysid", "day")), RowEdit(null=("day",))).name
    'UNPARSABLE'
    >>> edited_status(KeyColumn("arrest_number", ("no",)), RowEdit(null=("offense",)))
    """
    parts = get_scheme(key.scheme).parts or (key.scheme,)
    after = [_part_after(part, column, edit) for part, column in zip(parts, key.columns, strict=True)]
    if after[key.leading] is Status.NULL or all(status is None for status in after):
        return after[key.leading]
    worst = max((status for status in after if status is not None), default=Status.OK)
    if worst is Status.NULL:
        return Status.UNPARSABLE
    return None if worst is Status.OK and len(parts) > 1 else worst


def _part_after(part: str, column: str, edit: RowEdit) -> Status | None:
    if column in edit.null:
        return Status.NULL
    if column not in edit.set:
        return None
    try:
        return Status(canonicalise_part(pl.Series([edit.set[column]]), part).status[0])
    except ColumnError:
        return Status.UNPARSABLE


def refuse_edited(keys: Iterable[KeyColumn], edit: RowEdit, policy: Policy, where: str = "") -> None:
    """Refuse an edit after which a key could not be checked, unless that is accepted by name.

    The same options are used again on what was written: rows that the first run left without a key would not be
    checked by the next.

    Raises
    ------
    ConfigError
        When a key is null, near or does not parse after the edit, and the policy does not accept it.
    """
    for key in keys:
        word = _ACCEPTED_STATUS.get(edited_status(key, edit) or Status.OK)
        if word is not None and word not in policy.accept:
            raise ConfigError(
                f"the edit changes the key column {key.label!r}, and rows that it changes could not be checked again",
                where=where,
                hint=Spelled(
                    f"accept the remaining keys: Policy(accept={{{word!r}}}); or edit another column.",
                    f"accept the remaining keys: --accept {word}; or edit another column.",
                ),
            )
