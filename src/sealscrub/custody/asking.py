"""Who is asking: the account that the operating system runs this process under."""

from __future__ import annotations

import os
import pwd
import re

__all__ = ["account"]


def account() -> str:
    """Name the account of this process's real user, as the operating system has it; no variable changes that.

    Returns
    -------
    str
        Its name, or ``uid-`` and its number where it has none that a log can hold.

    Examples
    --------
    >>> account() == account()
    True
    """
    uid = os.getuid()
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError:
        name = ""
    return name if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._@\\-]{0,63}", name) else f"uid-{uid}"
