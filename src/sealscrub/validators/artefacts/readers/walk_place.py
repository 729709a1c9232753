"""Where a walk through a file's objects is."""

from __future__ import annotations

import re

from .inert_objects import Global

__all__ = ["Here", "safe_name"]

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,60}")
_LONGEST = 400


def safe_name(name: object, otherwise: str) -> str:
    """The name of an attribute, or its position if it may be a value."""
    plain = isinstance(name, str) and _NAME.fullmatch(name) and not re.search(r"\d{3}", name)
    return str(name) if plain else otherwise


class Here:
    """The path, the class and attribute that hold what is there, and how deep it is.

    Attributes
    ----------
    path, owner, name
        Where it is, the class of the object that holds it, and the attribute.
    nested : int
        In how many files or pickles it is.
    depth : int
        In how many objects it is.
    stored : bool
        Whether it is within an object that stores training rows.
    """

    __slots__ = ("depth", "name", "nested", "owner", "path", "stored")

    def __init__(
        self, path: str, owner: Global | None, name: str, nested: int, depth: int = 0, *, stored: bool = False
    ) -> None:
        self.path = path if len(path) <= _LONGEST else path[: _LONGEST - 1] + "…"
        self.owner, self.name, self.nested, self.depth, self.stored = owner, name, nested, depth, stored

    def inner(self, more: str) -> Here:
        """A place within this one."""
        return Here(self.path + more, self.owner, self.name, self.nested, self.depth + 1, stored=self.stored)

    def attribute(self, owner: Global, name: str) -> Here:
        """An attribute of the object here."""
        path = f"{self.path}.{name}" if self.path else name
        return Here(path, owner, name, self.nested, self.depth + 1, stored=self.stored)

    def within(self, more: str) -> Here:
        """A file or pickle within this place."""
        return Here(self.path + more, self.owner, self.name, self.nested + 1, self.depth + 1, stored=self.stored)

    @property
    def owner_name(self) -> str:
        """The class, if its name can be shown."""
        return safe_name(self.owner.name, "") if self.owner else ""
