"""Who is asking: the account that the operating system runs this process under."""

from __future__ import annotations

import os
import pwd
import re
from pathlib import Path

__all__ = ["account"]

_OWN_NUMBERS = Path("/proc/self/uid_map")
_ALL = ["0", "0", "4294967295"]


def account() -> str:
    """Name the account of this process's real user, as the operating system has it; no variable changes that.

    In a user namespace whoever started it chooses the numbers of accounts, and can mount another list of their names.
    Such an account is called ``userns-`` and its number, whatever its name is there; a roster that means it lists that.

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
    if _renumbered():
        return f"userns-{uid}"
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError:
        name = ""
    is_plain = re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._@\\-]{0,63}", name) and not name.startswith(("uid-", "userns-"))
    return name if is_plain else f"uid-{uid}"


def _renumbered() -> bool:
    try:
        return _OWN_NUMBERS.read_text().split() != _ALL
    except OSError:  # no system with such namespaces
        return False
