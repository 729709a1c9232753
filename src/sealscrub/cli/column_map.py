"""What a file's columns are called here: ``--map THEIRS=OURS``."""

from __future__ import annotations

from sealscrub.errors import ConfigError

__all__ = ["renamed_columns"]


def renamed_columns(pairs: list[str]) -> dict[str, str]:
    """What each of the file's columns is called here."""
    renamed: dict[str, str] = {}
    for pair in pairs:
        theirs, equals, ours = pair.rpartition("=")
        if not equals or not theirs:
            raise ConfigError("--map must be THEIRS=OURS", hint='such as --map "Arrest No"=arrest_number.')
        if theirs in renamed:
            raise ConfigError(f"--map names the column {theirs!r} twice")
        renamed[theirs] = ours
    return renamed
