"""Who is asking: the operating system's account, the database's user, or the holder of a signed grant."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from sealscrub.errors import ConfigError, Spelled

__all__ = ["Asker", "account"]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@\\-]{0,63}")
_LONGEST = 80


@dataclass(frozen=True, kw_only=True)
class Asker:
    """Who asks. Each is known by what vouches for it; without any, the operating system vouches for the account.

    Attributes
    ----------
    user : str or None
        The user that a database server let in.
    grant : Path or None
        A signed :class:`Grant`; the key of its holder is next to it, with ``.key`` at the end of its name.

    Examples
    --------
    >>> Asker().name == account()
    True
    >>> Asker(user="custodian").name
    'custodian'
    """

    user: str | None = None
    grant: Path | None = None

    @property
    def name(self) -> str:
        """The account that a roster lists, if no grant says another."""
        if self.user is None:
            return account()
        return self.user if _is_plain(self.user) else "unnamed-user"

    def refuse_idle_grant(self, where: str) -> None:
        """Refuse a grant for what is under no custody; one that the environment names may be for something else.

        Raises
        ------
        ConfigError
        """
        if self.grant is not None and str(self.grant) != os.environ.get("SEALSCRUB_GRANT"):
            raise ConfigError(
                "a grant is given, and this is not under custody",
                where=where,
                hint=Spelled("leave grant= out.", "leave --grant out."),
            )


_OWN_NUMBERS = Path("/proc/self/uid_map")
_ALL = ["0", "0", "4294967295"]


def account() -> str:
    """Name the account of this process's real user, as the operating system has it; no variable changes that.

    In a user namespace anyone who started it chooses the numbers of accounts, and can mount another list of their
    names. Such an account is called ``userns-`` and its number, whatever its name is there; a roster that means it
    lists that.

    Returns
    -------
    str
        Its name, or ``uid-`` and its number if it has none that a log can hold.

    Examples
    --------
    >>> account() == account()
    True
    """
    if not hasattr(os, "getuid"):
        return _logged_in()
    import pwd

    uid = os.getuid()
    if _renumbered():
        return f"userns-{uid}"
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError:
        name = ""
    return name if _is_plain(name) else f"uid-{uid}"


def _logged_in() -> str:
    """Name the account on Windows, which has no numbers for them and asks no variable either."""
    try:
        name = os.getlogin()
    except OSError:
        name = ""
    return name if _is_plain(name) else "unnamed-user"


def _is_plain(name: str) -> bool:
    """Whether a log can hold a name, and does not mean a number."""
    return _NAME.fullmatch(name) is not None and not name.startswith(("uid-", "userns-"))


def _renumbered() -> bool:
    try:
        return _OWN_NUMBERS.read_text().split() != _ALL
    except OSError:  # no system with such namespaces
        return False


def logged(name: str) -> str:
    """Say who asks as the log has it: with the account that runs the process, if that is another."""
    own = account()
    both = f"{name} by {own}"
    return name if name == own or len(both) > _LONGEST else both
