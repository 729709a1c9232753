"""Where an error came from, as the one who wrote the tested function knows it: a line of their own file."""

from __future__ import annotations

import os
import traceback
from pathlib import Path

from sealscrub.boundary.error_tracebacks import PLACE

__all__ = ["error_place"]

_OURS = Path(__file__).parents[2]
_STANDARD = Path(os.__file__).parent


def error_place(error: BaseException) -> str:
    """Name the last line that is neither ours nor a library's; of an error that passed only those, the library's.

    Examples
    --------
    >>> try:
    ...     Path("absent.csv").read_text()
    ... except OSError as error:
    ...     error_place(error).startswith("pathlib")
    False
    """
    lines = [(frame.f_code.co_filename, line) for frame, line in traceback.walk_tb(error.__traceback__)]
    outside = [(file, line) for file, line in lines if file != PLACE and not Path(file).is_relative_to(_OURS)]
    own = [(file, line) for file, line in outside if not _is_library(file)]
    for file, line in (own or outside or lines)[-1:]:
        return f"{Path(file).name}:{line}"
    return ""


def _is_library(file: str) -> bool:
    path = Path(file)
    installed = not {"site-packages", "dist-packages"}.isdisjoint(path.parts)
    return installed or path.is_relative_to(_STANDARD) or file.startswith("<frozen ")
