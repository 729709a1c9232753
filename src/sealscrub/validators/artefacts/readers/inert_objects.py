"""What represents an object of a file: what made it and of what, and nothing that could run."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["LONGEST_NAME", "Damaged", "Global", "Inert", "Table", "TooDeep"]


LONGEST_NAME = 1_000
"""Characters of the name of a class or function, its module's included; no program has a longer one."""


class Damaged(Exception):
    """A file that contradicts itself, or isn't of the format that it claims. Holds no text of the file."""


class TooDeep(Damaged):
    """Files in files, or pickles in pickles, deeper than anything made in earnest."""


class Global(NamedTuple):
    """A class or function that a file names. It is never looked up."""

    module: str
    name: str

    @property
    def canonical(self) -> Global:
        """The same under the name that it has today: modules of Python 2 and of numpy have moved."""
        module = self.module.replace("numpy._core", "numpy.core", 1) if self.module[:6] == "numpy." else self.module
        found = Global(_MOVED_MODULES.get(module, module), self.name)
        return _RENAMED_GLOBALS.get(found, found)


_GETATTR = Global("builtins", "getattr")
_MOVED_MODULES = {"__builtin__": "builtins", "copy_reg": "copyreg", "UserDict": "collections"}
_RENAMED_GLOBALS = {
    Global("builtins", "xrange"): Global("builtins", "range"),
    Global("builtins", "long"): Global("builtins", "int"),
    Global("builtins", "unicode"): Global("builtins", "str"),
}


class Inert:
    """An object that a file describes: which callable would make it, from what, and what would be set on it.

    Attributes
    ----------
    made_by : object
        A `Global`; something else if the callable is itself made by the file.
    args, named : tuple and object
        What it is called with.
    state : object
        What is set on it.
    items, pairs : list
        What is added to it, as to a list or a dictionary.
    array : object
        The array that it represents, where its numbers are not in the program itself.
    strange : bool
        Whether the program does more with it than that.
    """

    __slots__ = ("args", "array", "items", "made_by", "named", "pairs", "state", "strange")

    def __init__(self, made_by: object, args: tuple[object, ...] = (), named: object = None) -> None:
        self.made_by = made_by
        self.args = args
        self.named = named
        self.strange = False
        self.state: object = None
        self.array: object = None
        self.items: list[object] = []
        self.pairs: list[tuple[object, object]] = []

    @property
    def called(self) -> Global | None:
        """The callable under the name that it has today, also where protocol 2 takes it from its class; else None."""
        maker = self.made_by
        if isinstance(maker, Inert) and isinstance(maker.made_by, Global) and maker.plain and len(maker.args) == 2:
            holder, name = maker.args
            if maker.made_by.canonical == _GETATTR and isinstance(holder, Global) and isinstance(name, str):
                return Global(holder.module, f"{holder.name}.{name[:LONGEST_NAME]}").canonical
        return maker.canonical if isinstance(maker, Global) else None

    @property
    def plain(self) -> bool:
        """Whether nothing is done with it but the call."""
        return not (self.strange or self.named or self.items or self.pairs or self.state is not None)

    @property
    def kind(self) -> Global:
        """The class that it is of, as far as the file says."""
        if isinstance(self.made_by, Global):
            if self.made_by.name in _MAKERS and self.args and isinstance(self.args[0], Global):
                return self.args[0]
            return self.made_by
        return Global("", "")


class Table:
    """A dictionary, as pairs: nothing is hashed, so keys may be anything."""

    __slots__ = ("pairs",)

    def __init__(self, pairs: list[tuple[object, object]] | None = None) -> None:
        self.pairs = pairs if pairs is not None else []


# callables whose first argument is the class of what they make
_MAKERS = frozenset({"newObj", "_reconstructor", "__newobj__", "_new_Index", "_reconstruct", "__pyx_unpickle"})
