"""Whether names may be looked for in texts, for a use today."""

from __future__ import annotations

from sealscrub.errors import ConfigError
from sealscrub.index import Index, TextIndex
from sealscrub.index.fitness import check_dates, check_use, the_day

__all__ = ["fit_names"]


def fit_names(names: object, use: str) -> TextIndex:
    """Give names, or an index that holds some, once they are fit for a use today.

    Raises
    ------
    UnsuitableIndex, ExpiredIndex, FutureIndex
        When they are not.
    ConfigError
        When it is something else.
    """
    if isinstance(names, Index):
        names = TextIndex.of(names)
    if not isinstance(names, TextIndex):
        raise ConfigError(
            "the names are not a text index", hint="open one: sealscrub.index.open_text_index(path, key)."
        )
    if names.index is not None:
        names.index.require_use(use)
        return names
    check_use(names.path, names, use)
    check_dates(names.path, names, the_day())
    return names
