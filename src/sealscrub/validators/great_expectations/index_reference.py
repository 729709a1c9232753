"""Which index expectations check against: by reference, and never from a suite."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from pathlib import Path

from great_expectations.data_context.data_context.context_factory import project_manager
from great_expectations.exceptions import DataContextError

from sealscrub.errors import ConfigError
from sealscrub.index import Index, open_index

__all__ = ["INDEX", "KEY_FILE", "index_in_force", "using"]

INDEX, KEY_FILE = "SEALSCRUB_INDEX", "SEALSCRUB_KEY_FILE"

_given: ContextVar[Index | None] = ContextVar("sealscrub_index", default=None)
_opened: dict[tuple[object, ...], Index] = {}
_MOST_OPEN = 4


@contextlib.contextmanager
def using(index: Index | str | Path | None, key: str | Path | None = None) -> Iterator[Index | None]:
    """Let expectations that run within a block check against this index; None: against what the environment names.

    Raises
    ------
    UsageError
        When the index may not be opened.
    """
    if isinstance(index, str | Path):
        place = key or _configured_names().get(KEY_FILE)
        if not place:
            raise _not_configured(KEY_FILE, "the key of the index")
        index = open_index(index, place)
    token = _given.set(index)
    try:
        yield index
    finally:
        _given.reset(token)


def index_in_force(use: str | None = None) -> Index:
    """Give the index that expectations check against.

    It is the one that :func:`~sealscrub.validators.great_expectations.run_suite` was given; else the one that
    ``SEALSCRUB_INDEX`` and ``SEALSCRUB_KEY_FILE`` name, in the environment or among the variables of the data context.

    Raises
    ------
    ConfigError
        When nothing names one.
    IndexRefused
        When it may not be used for this, or today.
    """
    index = _given.get()
    if index is None:
        named = _configured_names()
        for name, what in ((INDEX, "the index"), (KEY_FILE, "the key of the index")):
            if not named.get(name):
                raise _not_configured(name, what)
        index = _open(Path(named[INDEX]), Path(named[KEY_FILE]))
    if use is not None:
        index.require_use(use)
    return index


def _configured_names() -> Mapping[str, str]:
    found = {}
    with contextlib.suppress(DataContextError):  # there is no context
        found = {name: str(value) for name, value in project_manager.get_config_provider().get_values().items()}
    return {**found, **{name: os.environ[name] for name in (INDEX, KEY_FILE) if os.environ.get(name)}}


def _not_configured(name: str, what: str) -> ConfigError:
    return ConfigError(
        f"{what} is not named",
        hint=f"set {name} in the environment or in config_variables.yml, or give it to run_suite.",
    )


def _open(path: Path, key: Path) -> Index:
    """Open an index, or give it as it was opened before, as long as its files are the same."""
    try:
        state = tuple((path_.stat().st_ino, path_.stat().st_size, path_.stat().st_mtime_ns) for path_ in (path, key))
    except OSError:
        return open_index(path, key)  # which says what is wrong
    name = (path.absolute(), key.absolute(), *state)
    if name not in _opened:
        while len(_opened) >= _MOST_OPEN:
            _opened.pop(next(iter(_opened)))
        _opened[name] = open_index(path, key)
    return _opened[name]
