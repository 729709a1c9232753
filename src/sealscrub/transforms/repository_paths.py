"""Where a table is, as a code-scanning service names it: below the repository, and by no id."""

from __future__ import annotations

import os
from pathlib import Path

from sealscrub.index import Index
from sealscrub.matching import Policy
from sealscrub.matching.name_search import search_names
from sealscrub.matching.value_search import Likeness

__all__ = ["repository_path"]


def repository_path(place: Path | None, index: Index, policy: Policy) -> str:
    """Give the path of a file or folder below the repository that is worked in, or below the working folder.

    Parameters
    ----------
    place : Path or None
        None of what is in no file.
    index : Index
    policy : Policy

    Returns
    -------
    str
        With slashes, as in a URI. Empty if it is elsewhere, or where the name of a folder or file is an id of the
        index.
    """
    if place is None:
        return ""
    here = Path.cwd()
    root = next((folder for folder in (here, *here.parents) if (folder / ".git").exists()), here)
    try:
        below = Path(os.path.abspath(place)).relative_to(root)
    except ValueError:
        return ""
    names = [part.replace(".", " ").encode(errors="replace").decode() for part in below.parts]
    found = search_names(index, policy, names)
    return "" if not names or (found == Likeness.HELD).any() else below.as_posix()
