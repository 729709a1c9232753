"""Walk what a file describes, and write its leaves: texts, numbers, and which objects store training rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..leaves import LeafWriter
from .arrays import ObjectArray, array_of
from .arrow_objects import texts_of_arrow
from .encoded import decoded, letters, texts_in
from .inert import Damaged, Global, Inert, Table
from .pickles import pickle_in
from .row_stores import CELLS_WITH_COUNTS, stores_rows
from .sparse import write_sparse
from .ubjson import is_ubjson, read_ubjson

__all__ = ["safe_name", "walk"]

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,60}")
_NAMED_STEPS = frozenset({"steps", "transformers", "transformers_", "transformer_list", "estimators", "named_steps"})
_MOST_NESTED = 6
_LONGEST_PATH = 400
_MOST_DAYS = 5_000_000


def safe_name(name: object, otherwise: str) -> str:
    """The name of an attribute, or its position where it may be a value."""
    plain = isinstance(name, str) and _NAME.fullmatch(name) and not re.search(r"\d{3}", name)
    return str(name) if plain else otherwise


class _Here:
    """Where the walk is: the path, and the class and attribute that hold what is there."""

    __slots__ = ("name", "nested", "owner", "path")

    def __init__(self, path: str, owner: Global | None, name: str, nested: int) -> None:
        self.path, self.owner, self.name, self.nested = path, owner, name, nested

    def inner(self, more: str) -> _Here:
        return _Here(self.path + more, self.owner, self.name, self.nested)

    def attribute(self, owner: Global, name: str) -> _Here:
        return _Here(f"{self.path}.{name}" if self.path else name, owner, name, self.nested)

    @property
    def owner_name(self) -> str:
        return safe_name(self.owner.name, "") if self.owner else ""


def walk(root: object, leaves: LeafWriter, path: str = "", nested: int = 0, aside: list[object] | None = None) -> None:
    """Write the leaves of an object, each part of it once.

    Parameters
    ----------
    root : object
        From `read_pickle` or another reader of this room; it is kept alive meanwhile, so that no identity is
        met twice by reuse.
    leaves : LeafWriter
    path : str
        Where the object stands in its file.
    aside : list, optional
        What the pickle of the object holds beside it.
    """
    kept: dict[int, tuple[object, str]] = {}
    open_: list[tuple[object, _Here]] = [(root, _Here(path, None, "", nested))]
    if aside:
        open_.insert(0, (aside, _Here(f"{path}(aside)", None, "", nested)))
    while open_:
        thing, here = open_.pop()
        if isinstance(thing, list | tuple | Table | Inert | ObjectArray | np.ndarray):
            if id(thing) in kept:
                if isinstance(thing, Inert | np.ndarray):
                    leaves.again(here.path, kept[id(thing)][1])
                continue
            kept[id(thing)] = thing, here.path  # what is made on the way stays alive: its id is never given to another
        if len(here.path) > _LONGEST_PATH:
            here = _Here(here.path[: _LONGEST_PATH - 1] + "…", here.owner, here.name, here.nested)
        open_ += reversed(list(_parts(thing, here, leaves)))


def _parts(thing: object, here: _Here, leaves: LeafWriter) -> Iterator[tuple[object, _Here]]:
    if isinstance(thing, Global):
        return
    if isinstance(thing, Inert):
        yield from _object(thing, here, leaves)
    elif isinstance(thing, Table):
        yield from _table(thing.pairs, here, leaves)
    elif isinstance(thing, list | tuple):
        yield from _sequence(thing, here, leaves)
    elif isinstance(thing, ObjectArray):
        yield from _sequence(thing.items, here, leaves)
    elif isinstance(thing, np.ndarray):
        _array(thing, here, leaves)
    elif isinstance(thing, str | bytes | bytearray | bool | int | float):
        yield from _sequence([thing], here, leaves, single=True)


def _object(made: Inert, here: _Here, leaves: LeafWriter) -> Iterator[tuple[object, _Here]]:
    try:
        array = array_of(made)
        texts = texts_of_arrow(made)
    except Damaged:
        leaves.unchecked(here.path, "an array contradicts itself")
        return
    if array is not None:
        yield array, here
        return
    if texts is not None:
        leaves.texts(here.path, texts, owner=here.owner_name, name=here.name)
        return
    kind = made.kind
    if kind.name == "outside":
        leaves.unchecked(here.path, "a part of it is kept outside the file")
    if stores_rows(kind, ""):
        leaves.rows(here.path, safe_name(kind.name, "an object"))
    if isinstance(made.made_by, Inert | list | tuple | Table):  # a class that the file itself defines
        yield made.made_by, here.inner("(made by)")
    for at, given in enumerate(made.args):
        if not isinstance(given, Global):
            yield given, here if len(made.args) == 1 else here.inner(f"({at})")
    states = made.state if isinstance(made.state, tuple) and len(made.state) == 2 else (made.state,)
    for at, state in enumerate(states):
        if isinstance(state, Table):
            write_sparse(state, leaves, here.path, here.owner_name, here.name)
            yield from _attributes(state, kind, here, leaves)
        elif state is not None:
            yield state, _Here(here.path + (f"({at})" if len(states) > 1 else ""), kind, here.name, here.nested)
    if made.items:
        yield made.items, here
    if made.pairs:
        yield Table(made.pairs), here


def _attributes(state: Table, kind: Global, here: _Here, leaves: LeafWriter) -> Iterator[tuple[object, _Here]]:
    for at, (key, value) in enumerate(state.pairs):
        name = safe_name(key, f"[attribute {at}]")
        inner = here.attribute(kind, name)
        if isinstance(key, str) and name != key:
            leaves.texts(here.path, [key])
        if stores_rows(kind, name) and value is not None:
            leaves.rows(inner.path, safe_name(kind.name, "an object"))
        yield value, inner


def _table(pairs: list[tuple[object, object]], here: _Here, leaves: LeafWriter) -> Iterator[tuple[object, _Here]]:
    yield [key for key, _ in pairs], here.inner("[keys]")
    plain = [value for _, value in pairs if isinstance(value, int | float)]
    if plain:
        yield plain, here.inner("[values]")
    for at, (key, value) in enumerate(pairs):
        if isinstance(value, int | float):
            continue
        shown = key if isinstance(key, str) and key in _KNOWN_KEYS else f"key {at}"
        yield value, here.inner(f"[{shown}]")


_KNOWN_KEYS = frozenset(
    {
        *("learner", "gradient_booster", "model", "feature_names", "feature_types", "attributes", "objective"),
        *("data", "columns", "index", "rows", "cells", "outputs", "source", "text", "metadata", "categories"),
        *("signature", "inputs", "input_example", "instances", "records", "state_dict"),
    }
)


def _sequence(
    items: list[Any] | tuple[Any, ...], here: _Here, leaves: LeafWriter, *, single: bool = False
) -> Iterator[tuple[object, _Here]]:
    texts = [item for item in items if isinstance(item, str)]
    if texts:
        leaves.texts(here.path, texts, owner=here.owner_name, name=here.name)
        for text in texts:
            for data in decoded(text):
                yield from _bytes(data, here.inner("(decoded)"), leaves)
    numbers = [item for item in items if isinstance(item, int | float) and not isinstance(item, bool)]
    if numbers:
        _numbers(numbers, here, leaves)
        if len(numbers) == len(items) and all(isinstance(n, int) and 0 <= n < 256 for n in numbers):
            leaves.texts(here.path, letters(numbers))  # type: ignore[arg-type]  # all whole
    block = _block(items)
    if block is not None:
        leaves.numbers(here.path, block, owner=here.owner_name, name=here.name)
        return
    named = here.name in _NAMED_STEPS
    for at, item in enumerate(items):
        inner = here if single else here.inner(f"[{at}]")
        if isinstance(item, bytes | bytearray):
            yield from _bytes(bytes(item), inner, leaves)
        elif named and isinstance(item, tuple) and item and isinstance(item[0], str):
            leaves.texts(here.path, [item[0]])
            for part in item[1:]:
                yield part, inner
        elif isinstance(item, list | tuple | Table | Inert | ObjectArray | np.ndarray) and not isinstance(item, Global):
            yield item, inner


def _numbers(numbers: list[int | float], here: _Here, leaves: LeafWriter) -> None:
    whole = [number for number in numbers if isinstance(number, int)]
    if whole and len(whole) < len(numbers):
        leaves.numbers(here.path, np.array(numbers, np.float64), owner=here.owner_name, name=here.name)
    large = [number for number in whole if not -(1 << 63) <= number < 1 << 63]
    leaves.texts(here.path, [str(number) for number in large if number.bit_length() < 4096])
    array = np.array([n for n in whole if n not in large] if large else whole, np.int64)
    if not whole:
        array = np.array(numbers, np.float64)
    leaves.numbers(here.path, array, owner=here.owner_name, name=here.name)


def _block(items: list[Any] | tuple[Any, ...]) -> np.ndarray[Any, Any] | None:
    """Rows of numbers, all of one length, as one array."""
    if len(items) < 2 or not all(isinstance(item, list | tuple) for item in items):
        return None
    width = len(items[0])
    rows_of_numbers = width > 1 and all(
        len(item) == width and all(isinstance(n, int | float) for n in item) for item in items
    )
    if not rows_of_numbers:
        return None
    try:
        return np.array(items, np.float64)
    except (OverflowError, ValueError):
        return None


def _bytes(data: bytes, here: _Here, leaves: LeafWriter) -> Iterator[tuple[object, _Here]]:
    if here.nested < _MOST_NESTED:
        aside: list[object] = []
        inner = pickle_in(data, aside, here.nested + 1)
        if inner is not None:
            yield inner, _Here(here.path + "(pickle)", here.owner, here.name, here.nested + 1)
            yield aside, _Here(here.path + "(aside)", here.owner, here.name, here.nested + 1)
            return
    if is_ubjson(data):
        try:
            yield read_ubjson(data), here.inner("(ubjson)")
        except Damaged:
            leaves.unchecked(here.path, "it is damaged, or not of the format that it claims")
        return
    if leaves.within(data, here.path):
        return
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        leaves.texts(here.path, texts_in(data))
        leaves.raw(here.path, data)
    else:
        leaves.texts(here.path, [text], owner=here.owner_name, name=here.name)
        for more in decoded(text) if here.nested < _MOST_NESTED else ():
            yield from _bytes(more, _Here(here.path + "(decoded)", here.owner, here.name, here.nested + 1), leaves)


def _array(array: np.ndarray[Any, Any], here: _Here, leaves: LeafWriter) -> None:
    if array.dtype.names:
        _structured(array, here, leaves)
    elif array.dtype.subdtype is not None or array.dtype.kind in "V":
        data = array.tobytes()
        leaves.texts(here.path, texts_in(data))
        leaves.raw(here.path, data)
    elif array.dtype.kind in "US":
        flat = np.char.decode(array, "utf-8", "replace") if array.dtype.kind == "S" else array
        texts = [str(text) for text in flat.ravel()]
        texts += ["".join(texts)] if array.dtype.itemsize in (1, 4) and max(map(len, texts), default=0) == 1 else []
        leaves.texts(here.path, texts, owner=here.owner_name, name=here.name)
        for text in texts:
            for encoded in decoded(text):
                leaves.texts(f"{here.path}(decoded)", texts_in(encoded))
    elif array.dtype.kind == "c":
        leaves.numbers(here.path, array.real, owner=here.owner_name, name=here.name)
        leaves.numbers(here.path, array.imag, owner=here.owner_name, name=here.name)
    elif array.dtype.kind in "mM":
        leaves.numbers(here.path, array.astype(np.int64), owner=here.owner_name, name=here.name)
        if array.dtype.kind == "M" and array.size <= _MOST_DAYS:
            days = np.datetime_as_string(array.astype("datetime64[D]").ravel())
            leaves.texts(here.path, days.tolist(), owner=here.owner_name, name=here.name)
    else:
        if here.name in CELLS_WITH_COUNTS and array.size and (ones := int(np.count_nonzero(array == 1))):
            leaves.note(here.path, "cells that one training row alone has filled", ones)
        leaves.numbers(here.path, array, owner=here.owner_name, name=here.name)
        leaves.texts(here.path, letters(array))


def _structured(array: np.ndarray[Any, Any], here: _Here, leaves: LeafWriter) -> None:
    names = array.dtype.names or ()
    if {"left_child", "n_node_samples"} <= set(names):
        single = (array["left_child"] == -1) & (array["n_node_samples"] == 1)
        if single.any():
            leaves.note(
                here.path, "leaves of a tree that a single training row has made", int(np.count_nonzero(single))
            )
    leaves.texts(f"{here.path}(fields)", list(names))
    for at, name in enumerate(names):
        shown = safe_name(name, f"[field {at}]")
        _array(np.ascontiguousarray(array[name]), _Here(f"{here.path}.{shown}", here.owner, shown, here.nested), leaves)
