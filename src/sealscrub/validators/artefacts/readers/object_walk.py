"""Walk what a file describes, and write its leaves: texts, numbers, and which objects store training rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..leaves import LeafWriter
from .array_leaves import write_array
from .arrays import ARRAYS, ObjectArray, array_of
from .call_semantics import STATE_IS_READ, contents, count_parts, is_known_import
from .encoded_texts import decoded, letters, spelled, texts_in
from .inert_objects import Damaged, Global, Inert, Table
from .pickles import pickle_in
from .row_stores import stores_rows
from .sparse_matrices import write_sparse
from .ubjson import is_ubjson, read_ubjson
from .walk_place import Here, safe_name

__all__ = ["walk"]

_NAMED_STEPS = frozenset({"steps", "transformers", "transformers_", "transformer_list", "estimators", "named_steps"})
_MOST_NESTED = 6
_DEEPEST = 10_000  # objects in objects; pickle itself doesn't write such
_LARGE = 64  # characters of a text from which on it is written once, however often it is named
_FEW_PARTS = 16
_SHARED = 4
_WalkedPart = tuple[object, Here]


def walk(root: object, leaves: LeafWriter, path: str = "", nested: int = 0, aside: list[object] | None = None) -> None:
    """Write the leaves of an object, each part of it once.

    Parameters
    ----------
    root : object
        From `read_pickle` or another reader of this room; it is kept alive meanwhile, so no identity is
        met twice by reuse.
    leaves : LeafWriter
    path : str
        Where the object is in its file.
    aside : list, optional
        What the pickle of the object holds next to it.
    """
    walker = _ObjectWalk(leaves)
    walker.walk(root, Here(path, None, "", nested))
    if aside:
        walker.walk(aside, Here(f"{path}(aside)", None, "", nested))


class _ObjectWalk:
    """What was met, and where."""

    def __init__(self, leaves: LeafWriter) -> None:
        self.leaves = leaves
        self.kept: dict[int, tuple[object, str]] = {}

    def walk(self, root: object, start: Here) -> None:
        waiting: list[_WalkedPart] = [(root, start)]
        while waiting:
            thing, here = waiting.pop()
            self.leaves.work(1)
            if isinstance(thing, list | tuple | Table | Inert | ObjectArray | np.ndarray) and self.met(thing, here):
                continue
            if here.depth > _DEEPEST:
                self.leaves.unchecked_once(here.path, "it is nested too deeply to read")
                continue
            waiting += reversed(list(self.parts(thing, here)))

    def met(self, thing: object, here: Here) -> bool:
        """Whether something was met before; it is kept alive, so its identity is never given to another."""
        seen = len(self.kept)
        first = self.kept.setdefault(id(thing), (thing, here.path))
        if len(self.kept) > seen:
            return False
        if here.stored and isinstance(thing, Inert | np.ndarray):
            self.leaves.again(here.path, first[1])
        return True

    def parts(self, thing: object, here: Here) -> Iterator[_WalkedPart]:
        if isinstance(thing, Global):
            self.named(thing, here)
        elif isinstance(thing, Inert):
            yield from self.made(thing, here)
        elif isinstance(thing, Table):
            yield from self.table(thing.pairs, here)
        elif isinstance(thing, list | tuple):
            yield from self.sequence(thing, here)
        elif isinstance(thing, ObjectArray):
            if len(thing.items) == 1 and _is_array(thing.items[0]):  # as joblib pickles arrays of objects
                yield thing.items[0], here
            else:
                yield from self.sequence(thing.items, here)
        elif isinstance(thing, np.ndarray):
            write_array(thing, here, self.leaves)
        elif isinstance(thing, str | bytes | bytearray | bool | int | float):
            yield from self.sequence([thing], here, single=True)

    def named(self, found: Global, here: Here) -> None:
        if not is_known_import(found):
            what = _callable_name(found)
            self.leaves.unchecked_once(here.path, f"it names {what}, which is kept outside the file and isn't known")

    def made(self, made: Inert, here: Here) -> Iterator[_WalkedPart]:
        count_parts(made, self.leaves.work)
        try:
            held = contents(made)
        except Damaged:
            self.leaves.unchecked_once(here.path, "an object contradicts itself")
            held = None
        if stores_rows(made.kind, ""):
            here = self.store(here, made.kind)
        if held is None:
            yield from self.unfollowed(made, here)
            return
        for at, part in enumerate(held):
            first = len(held) == 1 or (not at and isinstance(part, np.ndarray | ObjectArray))
            yield part, here if first else here.inner(f"({at})")
        if made.called not in STATE_IS_READ:
            yield from self.state(made, here)

    def unfollowed(self, made: Inert, here: Here) -> Iterator[_WalkedPart]:
        """Say that what is made here isn't known, and look at what it is made of all the same."""
        if made.called == _OUTSIDE:
            self.leaves.unchecked_once(here.path, "a part of it is kept outside the file")
        else:
            what = _callable_name(made.made_by)
            self.leaves.unchecked_once(here.path, f"it is made by {what}, a call that isn't followed")
        if not isinstance(made.made_by, Global):
            yield made.made_by, here.inner("(made by)")
        array = made.array if made.array is not None else _array(made)
        for at, part in enumerate([array, made.named, made.items or None, Table(made.pairs) if made.pairs else None]):
            if part is not None:
                yield part, here.inner(f"({at})")
        if len(made.args) > _FEW_PARTS:
            yield made.args, here
        else:
            for at, part in enumerate(made.args):
                yield part, here if len(made.args) == 1 else here.inner(f"({at})")
        yield from self.state(made, here)

    def state(self, made: Inert, here: Here) -> Iterator[_WalkedPart]:
        states = made.state if isinstance(made.state, tuple) and len(made.state) == 2 else (made.state,)
        for at, state in enumerate(states):
            inner = here.inner(f"({at})") if len(states) > 1 else here
            if isinstance(state, Table):
                if not self.met(state, inner.inner("")):
                    write_sparse(state, self.leaves, here.path, here.owner_name, here.name)
                    yield from self.attributes(state, made.kind, here)
            elif state is not None:
                yield state, Here(inner.path, made.kind, here.name, here.nested, here.depth + 1, stored=here.stored)

    def attributes(self, state: Table, kind: Global, here: Here) -> Iterator[_WalkedPart]:
        for at, (key, value) in enumerate(state.pairs):
            name = safe_name(key, f"[attribute {at}]")
            inner = here.attribute(kind, name)
            if not isinstance(key, str):
                yield key, inner
            elif name != key:
                self.leaves.texts(here.path, [key])
            if stores_rows(kind, name) and value is not None:
                inner = self.store(inner, kind)
            yield value, inner

    def store(self, here: Here, kind: Global) -> Here:
        self.leaves.rows(here.path, safe_name(kind.name, "an object"))
        return Here(here.path, here.owner, here.name, here.nested, here.depth, stored=True)

    def table(self, pairs: list[tuple[object, object]], here: Here) -> Iterator[_WalkedPart]:
        yield [key for key, _ in pairs], here.inner("[keys]")
        plain = [value for _, value in pairs if isinstance(value, int | float)]
        if plain:
            yield plain, here.inner("[values]")
        for at, (key, value) in enumerate(pairs):
            if isinstance(value, int | float):
                continue
            shown = key if isinstance(key, str) and key in _KNOWN_KEYS else f"key {at}"
            yield value, here.inner(f"[{shown}]")

    def sequence(
        self, items: list[Any] | tuple[Any, ...], here: Here, *, single: bool = False
    ) -> Iterator[_WalkedPart]:
        self.leaves.work(len(items))
        texts = [item for item in items if isinstance(item, str) and self.is_new(item)]
        if texts:
            self.leaves.texts(here.path, texts, owner=here.owner_name, name=here.name)
            self.leaves.texts(here.path, spelled(texts))
            for text in texts:
                for data in decoded(text):
                    yield from self.octets(data, here.inner("(decoded)"))
        numbers = [item for item in items if isinstance(item, int | float) and not isinstance(item, bool)]
        if numbers:
            _numbers(numbers, here, self.leaves)
            if len(numbers) == len(items) and all(isinstance(n, int) and 0 <= n < 256 for n in numbers):
                self.leaves.texts(here.path, letters(numbers))  # type: ignore[arg-type]  # all whole
        block = _block(items)
        if block is not None:
            self.leaves.numbers(here.path, block, owner=here.owner_name, name=here.name)
            return
        named = here.name in _NAMED_STEPS
        for at, item in enumerate(items):
            if isinstance(item, str | int | float | None):
                continue
            inner = here if single else here.inner(f"[{at}]")
            if isinstance(item, bytes | bytearray):
                if self.is_new(item):
                    yield from self.octets(bytes(item), inner)
            elif named and type(item) is tuple and item and isinstance(item[0], str):
                self.leaves.texts(here.path, [item[0]])
                for part in item[1:]:
                    yield part, inner
            else:
                yield item, inner

    def is_new(self, item: str | bytes | bytearray) -> bool:
        """Whether a text wasn't met before; a short one is written as often as it is there."""
        if len(item) <= _LARGE:
            return True
        seen = len(self.kept)
        self.kept.setdefault(id(item), (item, ""))
        return len(self.kept) > seen

    def octets(self, data: bytes, here: Here) -> Iterator[_WalkedPart]:
        self.leaves.work(len(data))
        if here.nested < _MOST_NESTED:
            aside: list[object] = []
            inner = pickle_in(data, aside, here.nested + 1)
            if inner is not None:
                yield inner, here.within("(pickle)")
                yield aside, here.within("(aside)")
                return
        if is_ubjson(data):
            try:
                yield read_ubjson(data), here.inner("(ubjson)")
            except Damaged:
                self.leaves.unchecked_once(here.path, "it is damaged, or not of the format that it claims")
            return
        if self.leaves.within(data, here.path):
            return
        try:
            text = data.decode()
        except UnicodeDecodeError:
            text = "\0"
        if "\0" in text:
            self.leaves.texts(here.path, texts_in(data))
            self.leaves.raw(here.path, data)
        else:
            self.leaves.texts(here.path, [text], owner=here.owner_name, name=here.name)
            for more in decoded(text) if here.nested < _MOST_NESTED else ():
                yield from self.octets(more, here.within("(decoded)"))


_OUTSIDE = Global("", "outside")
_KNOWN_KEYS = frozenset(
    {
        *("learner", "gradient_booster", "model", "feature_names", "feature_types", "attributes", "objective"),
        *("data", "columns", "index", "rows", "cells", "outputs", "source", "text", "metadata", "categories"),
        *("signature", "inputs", "input_example", "instances", "records", "state_dict"),
    }
)


def _callable_name(called: object) -> str:
    """The name of a callable, as far as it can't be a value."""
    if not isinstance(called, Global):
        return "what another call gives"
    if not called.module:
        return safe_name(called.name.replace(" ", "_"), "a call").replace("_", " ")
    parts = [safe_name(part, "") for part in (*called.module.split("."), *called.name.split("."))]
    return ".".join(parts) if all(parts) and len(parts) <= _FEW_PARTS else "a function or class"


def _is_array(thing: object) -> bool:
    return isinstance(thing, Inert) and thing.called in ARRAYS


def _array(made: Inert) -> object:
    try:
        return array_of(made)
    except Damaged:
        return None


def _numbers(numbers: list[int | float], here: Here, leaves: LeafWriter) -> None:
    whole = [number for number in numbers if isinstance(number, int)]
    if whole and len(whole) < len(numbers):
        fits = [number for number in numbers if not isinstance(number, int) or number.bit_length() < 1000]
        leaves.numbers(here.path, np.array(fits, np.float64), owner=here.owner_name, name=here.name)
    large = [number for number in whole if not -(1 << 63) <= number < 1 << 63]
    leaves.texts(here.path, [str(number) for number in large if number.bit_length() < 4096])
    if any(number.bit_length() >= 4096 for number in large):
        leaves.unchecked_once(here.path, "a number is too long to read")
    array = np.array([n for n in whole if -(1 << 63) <= n < 1 << 63] if large else whole, np.int64)
    if not whole:
        array = np.array(numbers, np.float64)
    leaves.numbers(here.path, array, owner=here.owner_name, name=here.name)


def _block(items: list[Any] | tuple[Any, ...]) -> np.ndarray[Any, Any] | None:
    """Rows of numbers, all of one length, as one array."""
    if len(items) < 2 or not all(type(item) in (list, tuple) for item in items):
        return None
    width = len(items[0])
    if width < 2 or any(len(item) != width for item in items) or len({*map(id, items)}) * _SHARED < len(items):
        return None  # few rows that are there many times are read one by one, each of them once
    if not all(isinstance(n, int | float) for item in items for n in item):
        return None
    try:
        return np.array(items, np.float64)
    except (OverflowError, ValueError):
        return None
