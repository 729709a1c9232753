"""Pickles and joblib files, read without running them.

A pickle is a program. `pickletools.genops` of the standard library reads its instructions; the machine here follows
them with a stack, and where one would look up or call something, puts an `Inert` there. joblib writes the bytes of
an array behind the instruction that makes its wrapper; they are read there.
"""

from __future__ import annotations

import io
import pickletools
from collections.abc import Callable
from typing import Any, BinaryIO

import numpy as np

from .arrays import ObjectArray, array_kind, dtype_of, nested_in_dtype, raw_array, shape_of
from .inert_objects import LONGEST_NAME, Damaged, Global, Inert, Table, TooDeep

__all__ = ["WRAPPER", "pickle_in", "read_pickle"]

_DEEPEST = 8  # pickles inside object arrays inside pickles


def read_pickle(file: BinaryIO, aside: list[object], depth: int = 0) -> object:
    """Read one pickle from the position of a file, and leave it behind its end.

    Parameters
    ----------
    file : BinaryIO
    aside : list
        Gets what the program makes and its result does not hold: what it drops from its stack or sets twice, and the
        names that it looks up. A function's closure is set by such a call whose result is dropped.
    depth : int
        How deep in other pickles it is.

    Returns
    -------
    object
        Plain values, lists, tuples, `Table`, `Global`, `Inert` and arrays. Lists may contain themselves.

    Raises
    ------
    Damaged
        When the bytes are not pickle.
    """
    if depth > _DEEPEST:
        raise TooDeep
    try:
        return _Machine(file, aside, depth).run()
    except (MemoryError, Damaged):
        raise
    except Exception:  # whatever a program written in malice brings about
        raise Damaged from None


class _WithoutTell:
    """A file that isn't asked for its position at every instruction, which costs a system call each."""

    __slots__ = ("read", "readline")

    def __init__(self, file: BinaryIO) -> None:
        self.read, self.readline = file.read, file.readline


class _Machine:
    """The stack, the marks and the memo."""

    def __init__(self, file: BinaryIO, aside: list[object], depth: int) -> None:
        self.file, self.aside, self.depth = file, aside, depth
        self.stack: list[Any] = []
        self.marks: list[list[Any]] = []
        self.memo: dict[int, Any] = {}

    def run(self) -> object:
        stream: Any = _WithoutTell(self.file)
        for opcode, argument, _ in pickletools.genops(stream):
            name = opcode.name
            if name == "STOP":
                made = self.stack.pop()
                self.drop([left for stack in (*self.marks, self.stack) for left in stack])
                return made
            _ACTS[name](self, argument)
        raise Damaged

    def drop(self, things: list[Any]) -> None:
        self.aside += [thing for thing in things if thing is not None]

    def since_mark(self) -> list[Any]:
        items, self.stack = self.stack, self.marks.pop()
        return items

    def build(self, _: object) -> None:
        state = self.stack.pop()
        made = self.stack[-1]
        if not isinstance(made, Inert):  # a class, a module, a list: none of these keeps a state of its own
            self.drop([Inert(_CHANGE, (made, state))])
            return
        made.strange |= made.state is not None
        self.drop([made.state])
        made.state = state
        if made.made_by == WRAPPER:
            made.array = _array_behind(self.file, made, self.aside, self.depth)

    def named(self, found: Global) -> Global | Inert:
        """Note a name in which a value may hide; one that is longer than names are is made by an unknown call."""
        if len(found.module) + len(found.name) > LONGEST_NAME:  # it would be looked at again wherever it is named
            return Inert(_COMPUTED_NAME, (found.module, found.name))
        if any(map(str.isdigit, found.module + found.name)):
            self.aside.append(f"{found.module} {found.name}")
        return found

    def reduce(self, _: object) -> None:
        self.called(self.stack.pop(), None)

    def newobj_ex(self, _: object) -> None:
        named, args = self.stack.pop(), self.stack.pop()
        self.called(args, named)

    def called(self, args: object, named: object) -> None:
        plain = isinstance(args, tuple) and not isinstance(args, Global)
        made = Inert(self.stack[-1], args if isinstance(args, tuple) and plain else (args,), named)
        made.strange = not plain
        self.stack[-1] = made

    def obj(self, _: object) -> None:
        made_by, *args = self.since_mark()
        self.stack.append(Inert(made_by, tuple(args)))

    def inst(self, name: str) -> None:
        args = tuple(self.since_mark())
        self.stack.append(Inert(self.named(_global_of(name)), args))

    def stack_global(self, _: object) -> None:
        name, module = self.stack.pop(), self.stack.pop()
        if isinstance(name, str) and isinstance(module, str):
            self.stack.append(self.named(Global(module, name)))
        else:
            self.stack.append(Inert(_COMPUTED_NAME, (module, name)))

    def setitems(self, items: list[Any]) -> None:
        pairs = list(zip(items[::2], items[1::2], strict=True))
        target = self.stack[-1]
        if not isinstance(target, Table | Inert):
            raise Damaged
        target.pairs += pairs

    def extend(self, items: list[Any]) -> None:
        target = self.stack[-1]
        if isinstance(target, Inert):
            target.items += items
        elif isinstance(target, list):
            target += items
        else:
            raise Damaged

    def from_memo(self, key: int) -> None:
        self.stack.append(self.memo[int(key)])

    def to_memo(self, key: int) -> None:
        self.memo[int(key)] = self.stack[-1]

    def mark(self, _: object) -> None:
        self.marks.append(self.stack)
        self.stack = []

    def pop(self, _: object) -> None:
        if self.stack:
            self.drop([self.stack.pop()])
        else:
            self.stack = self.marks.pop()

    def pop_mark(self, _: object) -> None:
        self.drop(self.since_mark())

    def dict_of(self, _: object) -> None:
        items = self.since_mark()
        self.stack.append(Table())
        self.setitems(items)

    def outside(self, argument: object) -> None:
        """Something that only the program which wrote it has: a persistent id, a buffer next to the pickle."""
        self.stack.append(Inert(Global("", "outside"), (argument,)))

    def persistent(self, _: object) -> None:
        self.stack[-1] = Inert(Global("", "outside"), (self.stack[-1],))

    def list_of(self, _: object) -> None:
        items = self.since_mark()
        self.stack.append(items)

    def tuple_since_mark(self, _: object) -> None:
        items = self.since_mark()
        self.stack.append(tuple(items))

    def tuple_of(self, count: int) -> None:
        taken = tuple(self.stack[len(self.stack) - count :])
        if len(taken) < count:
            raise Damaged
        del self.stack[len(self.stack) - count :]
        self.stack.append(taken)


def _global_of(argument: str) -> Global:
    module, _, name = argument.partition(" ")
    return Global(module, name)


WRAPPER = Global("joblib.numpy_pickle", "NumpyArrayWrapper")
_CHANGE = Global("", "a change of what is not an object")
_COMPUTED_NAME = Global("", "a name that is made by a call")
_MOST_FACTS = 32  # of a wrapper


def _array_behind(file: BinaryIO, wrapper: Inert, aside: list[object], depth: int) -> object:
    """The array that joblib has written behind its wrapper."""
    if not isinstance(wrapper.state, Table) or len(wrapper.state.pairs) > _MOST_FACTS:
        raise Damaged
    facts = {key: value for key, value in wrapper.state.pairs if isinstance(key, str)}
    dtype, shape = dtype_of(facts.get("dtype")), shape_of(facts.get("shape"))
    wrapper.strange |= not array_kind(facts.get("subclass"))
    aside += [value for key, value in facts.items() if key not in _WRAPPER_FACTS]
    aside += nested_in_dtype(facts.get("dtype"))
    if dtype.hasobject:
        return ObjectArray(shape, [read_pickle(file, aside, depth + 1)])
    if isinstance(facts.get("numpy_array_alignment_bytes"), int):
        file.read(file.read(1)[0])
    count = int(np.prod(shape, dtype=object)) * dtype.itemsize
    return raw_array(_exactly(file, count), dtype, shape, fortran=facts.get("order") == "F")


_WRAPPER_FACTS = frozenset({"subclass", "shape", "order", "dtype", "allow_mmap", "numpy_array_alignment_bytes"})


def _exactly(file: BinaryIO, count: int) -> bytearray:
    data = bytearray()
    while len(data) < count:
        more = file.read(min(count - len(data), 1 << 24))
        if not more:
            raise Damaged
        data += more
    return data


def _push(machine: _Machine, argument: object) -> None:
    machine.stack.append(argument)


def _ignore(machine: _Machine, argument: object) -> None:
    return


def _constant(make: Callable[[], object]) -> Callable[[_Machine, Any], None]:
    return lambda machine, argument: machine.stack.append(make())


_ACTS: dict[str, Callable[[_Machine, Any], None]] = {
    **dict.fromkeys(["INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT"], _push),
    **dict.fromkeys(["STRING", "BINSTRING", "SHORT_BINSTRING", "BINBYTES", "SHORT_BINBYTES", "BINBYTES8"], _push),
    **dict.fromkeys(["BYTEARRAY8", "UNICODE", "SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8"], _push),
    **dict.fromkeys(["PROTO", "FRAME", "READONLY_BUFFER"], _ignore),
    "NONE": _constant(lambda: None),
    "NEWTRUE": _constant(lambda: True),
    "NEWFALSE": _constant(lambda: False),
    "EMPTY_LIST": _constant(list),
    "EMPTY_TUPLE": _constant(tuple),
    "EMPTY_DICT": _constant(Table),
    "EMPTY_SET": _constant(list),
    "NEXT_BUFFER": _Machine.outside,
    "PERSID": _Machine.outside,
    "BINPERSID": _Machine.persistent,
    **dict.fromkeys(["EXT1", "EXT2", "EXT4"], _Machine.outside),
    "MARK": _Machine.mark,
    "POP": _Machine.pop,
    "POP_MARK": _Machine.pop_mark,
    "DUP": lambda machine, _: machine.stack.append(machine.stack[-1]),
    "MEMOIZE": lambda machine, _: machine.to_memo(len(machine.memo)),
    **dict.fromkeys(["PUT", "BINPUT", "LONG_BINPUT"], _Machine.to_memo),
    **dict.fromkeys(["GET", "BINGET", "LONG_BINGET"], _Machine.from_memo),
    "GLOBAL": lambda machine, name: machine.stack.append(machine.named(_global_of(name))),
    "STACK_GLOBAL": _Machine.stack_global,
    "REDUCE": _Machine.reduce,
    "NEWOBJ": _Machine.reduce,
    "NEWOBJ_EX": _Machine.newobj_ex,
    "OBJ": _Machine.obj,
    "INST": _Machine.inst,
    "BUILD": _Machine.build,
    "APPEND": lambda machine, _: machine.extend([machine.stack.pop()]),
    "APPENDS": lambda machine, _: machine.extend(machine.since_mark()),
    "ADDITEMS": lambda machine, _: machine.extend(machine.since_mark()),
    "SETITEM": lambda machine, _: machine.setitems([machine.stack.pop(), machine.stack.pop()][::-1]),
    "SETITEMS": lambda machine, _: machine.setitems(machine.since_mark()),
    "LIST": _Machine.list_of,
    "FROZENSET": _Machine.list_of,
    "TUPLE": _Machine.tuple_since_mark,
    "TUPLE1": lambda machine, _: machine.tuple_of(1),
    "TUPLE2": lambda machine, _: machine.tuple_of(2),
    "TUPLE3": lambda machine, _: machine.tuple_of(3),
    "DICT": _Machine.dict_of,
}


def pickle_in(data: bytes, aside: list[object], depth: int) -> object | None:
    """What a byte string holds if it is a pickle; None if it isn't. What is behind its end is set aside."""
    if len(data) < 4 or data[0] != 0x80 or data[1] not in (2, 3, 4, 5) or data[-1:] != b".":
        return None
    try:
        file = io.BytesIO(data)
        made = read_pickle(file, aside, depth)
        aside += [rest] if (rest := file.read()) else []
        return made
    except TooDeep:
        raise
    except Damaged:
        return None
