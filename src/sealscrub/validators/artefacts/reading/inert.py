"""What stands for an object of a file: what made it and of what, and nothing that could run."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Damaged", "Global", "Inert", "Table", "TooDeep"]


class Damaged(Exception):
    """A file that contradicts itself, or isn't of the format that it claims. Holds no text of the file."""


class TooDeep(Damaged):
    """Files in files, or pickles in pickles, deeper than anything made in earnest."""


class Global(NamedTuple):
    """A class or function that a file names. It is never looked up."""

    module: str
    name: str


class Inert:
    """An object that a file describes: which callable would make it, from what, and what would be set on it."""

    __slots__ = ("args", "array", "items", "made_by", "pairs", "state")

    def __init__(self, made_by: object, args: tuple[object, ...] = ()) -> None:
        self.made_by = made_by
        self.args = args
        self.state: object = None
        self.array: object = None
        self.items: list[object] = []
        self.pairs: list[tuple[object, object]] = []

    @property
    def kind(self) -> Global:
        """The class that it is of, as far as the file says."""
        if isinstance(self.made_by, Global):
            if self.made_by.name in _MAKERS and self.args and isinstance(self.args[0], Global):
                return self.args[0]
            return self.made_by
        return Global("", "")


class Table:
    """A dictionary, as pairs: nothing is hashed, so that keys may be anything."""

    __slots__ = ("pairs",)

    def __init__(self, pairs: list[tuple[object, object]] | None = None) -> None:
        self.pairs = pairs if pairs is not None else []


# callables whose first argument is the class of what they make
_MAKERS = frozenset({"newObj", "_reconstructor", "__newobj__", "_new_Index", "_reconstruct", "__pyx_unpickle"})
