"""The calls that a file may make and that are followed: of each, what the object that it makes would hold.

Nothing is called. A callable is known when `CALLS` or `CLASSES` has it, and a call of it is followed when its arguments
are what that entry expects. Every other call may make anything of its arguments, such as an identifier of two halves:
what it makes is not checked, however harmless its name sounds.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator

import numpy as np

from .arrays import ARRAYS, ENCODE, array_of, beside_array, bytes_of, dtype_of, nested_in_dtype
from .arrow_objects import arrow_values
from .inert_objects import Global, Inert, Table
from .moments import moments

__all__ = ["CALLS", "CLASSES", "STATE_IS_READ", "contents", "count_parts", "is_known_import"]

Follow = Callable[[Inert], list[object] | None]
_LONGEST_RANGE = 1_000_000
_LOOKED_INTO = 4  # levels of what an object is made of that are read to follow its call
_HAS_PARTS = (str, bytes, bytearray, Table, Inert, list, tuple)
_LETTERS_A_STEP, _STEPS_A_PAIR = 16, 4
_TENSOR_ARGUMENTS = 4  # storage, offset, size, stride: read as its array


def count_parts(thing: object, work: Callable[[int], None], levels: int = _LOOKED_INTO) -> None:
    """Count what is read to follow a call: files name one thing in many calls, and of each all of it is read again.

    Parameters
    ----------
    thing : object
    work : callable
        Is told of so many parts, before they are looked at, and raises when they are too many.
    levels : int
    """
    if isinstance(thing, str | bytes | bytearray):
        work(len(thing) // _LETTERS_A_STEP)
    elif isinstance(thing, Table):
        work(_STEPS_A_PAIR * len(thing.pairs))
    elif isinstance(thing, Inert) and levels:
        work(1)
        for part in (thing.args, thing.state):
            count_parts(part, work, levels - 1)
    elif isinstance(thing, list | tuple) and levels:
        work(len(thing))
        for part in thing:
            if isinstance(part, _HAS_PARTS):
                count_parts(part, work, levels - 1)


def contents(made: Inert) -> list[object] | None:
    """What an object holds other than its state, as parts to read; None if the call that makes it isn't followed.

    Parameters
    ----------
    made : Inert

    Raises
    ------
    Damaged
        When its parts contradict each other.
    """
    call = made.called
    if call is None or made.strange:
        return None
    if call == _NEW_OBJECT and made.args and isinstance(made.args[0], Global):
        if made.args[0].canonical == _NEW_OBJECT:
            return None
        same = Inert(made.args[0], made.args[1:])
        same.state, same.items, same.pairs = made.state, made.items, made.pairs
        return contents(same)
    if made.array is not None and not isinstance(made.array, np.dtype):  # next to the program, and read from there
        return [made.array, *made.args[_TENSOR_ARGUMENTS:], *_added(made)]
    if _has_named_parts(made):
        return None
    if call in CALLS:
        return CALLS[call](made)
    if _is_class(call):
        return _bare_instance(made)
    return None


def is_known_import(named: Global) -> bool:
    """Whether a name that a file holds, and doesn't call, is of a library that holds nothing of the file."""
    root = named.canonical.module.partition(".")[0]
    return root in _LIBRARIES or (root in sys.stdlib_module_names and root != "__main__")


def _has_named_parts(made: Inert) -> bool:
    return made.named is not None and not (isinstance(made.named, Table) and not made.named.pairs)


def _added(made: Inert) -> list[object]:
    return [*([made.items] if made.items else []), *([Table(made.pairs)] if made.pairs else [])]


def _instance(made: Inert) -> list[object] | None:
    """An object with attributes, and nothing added to it."""
    return [] if not (made.items or made.pairs) else None


def _bare_instance(made: Inert) -> list[object] | None:
    return _instance(made) if not made.args else None


def _arguments(made: Inert) -> list[object] | None:
    """What keeps its arguments as they are."""
    return list(made.args) if not (made.items or made.pairs) else None


def _numbers(made: Inert) -> list[object] | None:
    """What keeps numbers and no texts."""
    plain = all(isinstance(each, int | float | None) for each in made.args)
    return _arguments(made) if plain else None


def _collection(made: Inert) -> list[object] | None:
    """A list or set of a list's items, which may be added to."""
    parts = [each for each in made.args if type(each) in (list, tuple)]
    others = [each for each in made.args if not isinstance(each, int | None) and type(each) not in (list, tuple)]
    return [*parts, *_added(made)] if not others and not made.pairs else None


def _mapping(made: Inert) -> list[object] | None:
    """A dictionary, perhaps with a factory, which may be added to."""
    parts: list[object] = []
    for given in made.args:
        if isinstance(given, Global) and is_known_import(given):
            continue
        if given is not None and not isinstance(given, Table) and type(given) is not list:
            return None
        parts += [] if given is None else [given]
    return [*parts, *_added(made)] if not made.items else None


def _range(made: Inert) -> list[object] | None:
    bounds = [each for each in made.args if type(each) is int]
    if not made.plain or len(bounds) != len(made.args) or not 1 <= len(bounds) <= 3 or 0 in bounds[2:]:
        return None
    return _range_numbers(range(*bounds))


def _range_numbers(numbers: range) -> list[object] | None:
    """The numbers of a range; those that count rows from naught hold nothing."""
    if numbers.start == 0 and numbers.step == 1:
        return []
    if max(map(abs, (numbers.start, numbers.stop, numbers.step))) >= 1 << 62 or len(numbers) > _LONGEST_RANGE:
        return None
    return [np.arange(numbers.start, numbers.stop, numbers.step)]


def _bytes(made: Inert) -> list[object] | None:
    return [bytes(bytes_of(made))] if made.plain else None


def _array(made: Inert) -> list[object] | None:
    """An array of numpy: its numbers, and what is depended on it."""
    found = array_of(made)
    return None if found is None or made.items or made.pairs else [found, *beside_array(made)]


def _dtype(made: Inert) -> list[object] | None:
    """A type of numpy, with its fields and metadata."""
    if made.items or made.pairs or any(not isinstance(each, int) for each in made.args[1:]):
        return None
    dtype_of(made)
    return nested_in_dtype(made)


def _reconstructor(made: Inert) -> list[object] | None:
    """An object of protocols 0 and 1: its class, what it is built on, and its value as that."""
    if len(made.args) != 3 or not isinstance(made.args[0], Global) or not isinstance(made.args[1], Global):
        return None
    kind, base, value = made.args[0].canonical, made.args[1].canonical, made.args[2]
    if not (_is_class(kind) or kind in _MAPPINGS) or made.items:
        return None
    if base == Global("builtins", "object") and value is None:
        return _instance(made)
    fits = base == Global("builtins", "dict") and isinstance(value, Table)
    return [value, *_added(made)] if fits else None


def _getattr(made: Inert) -> list[object] | None:
    """A name of a class; a method of an object may be called, and is not followed."""
    fits = len(made.args) == 2 and isinstance(made.args[0], Global) and type(made.args[1]) is str and made.plain
    return [made.args[1]] if fits and is_known_import(made.args[0]) else None  # type: ignore[arg-type]  # see `fits`


def _of_class(made: Inert) -> list[object] | None:
    """What makes an object of the class that it is given, and keeps the rest."""
    if not made.args or not isinstance(made.args[0], Global) or not is_known_import(made.args[0]):
        return None
    return list(made.args[1:]) if not (made.items or made.pairs) else None


def _index(made: Inert) -> list[object] | None:
    """An index of pandas, of the words of its constructor."""
    if len(made.args) != 2 or not isinstance(made.args[0], Global) or not isinstance(made.args[1], Table):
        return None
    kind, words = made.args[0].canonical, made.args[1]
    if kind.module.partition(".")[0] != "pandas" or kind.name not in _INDEXES or not made.plain:
        return None
    if kind.name == "RangeIndex":
        facts = {key: value for key, value in words.pairs if isinstance(key, str)}
        bounds = [facts.get(name) for name in ("start", "stop", "step")]
        if not all(type(each) is int for each in bounds) or bounds[2] == 0:
            return None
        counted = _range_numbers(range(*(each for each in bounds if isinstance(each, int))))
        return None if counted is None else [*counted, facts.get("name")]
    return [words]


def _ufunc(made: Inert) -> list[object] | None:
    """A function of numpy or scipy by its two names, of which nothing is kept."""
    if len(made.args) == 2 and all(type(each) is str for each in made.args) and made.plain:
        module, name = map(str, made.args)
        return [] if is_known_import(Global(module, name)) else None
    return None


def _tensor(made: Inert) -> list[object] | None:
    """A parameter of torch, around its tensor; tensors themselves have their array next to the program."""
    return [each for each in made.args if not isinstance(each, bool)] if made.plain else None


def _moments(made: Inert) -> list[object] | None:
    return moments(made) if not (made.items or made.pairs) else None


def _arrow(made: Inert) -> list[object] | None:
    return arrow_values(made) if made.plain else None


def _follows_of(module: str, names: str, follow: Follow) -> Iterator[tuple[Global, Follow]]:
    for name in names.split():
        yield Global(module, name), follow


STATE_IS_READ = frozenset({*ARRAYS, Global("numpy", "dtype"), Global("joblib.numpy_pickle", "NumpyArrayWrapper")})
"""Callables whose state is part of what `contents` gives."""
_NEW_OBJECT = Global("copyreg", "__newobj__")
_MAPPINGS = frozenset(
    {
        *(Global("collections", name) for name in ("OrderedDict", "defaultdict", "Counter")),
        *(Global("sklearn.utils._bunch", "Bunch"), Global("sklearn.utils", "Bunch"), Global("builtins", "dict")),
    }
)
_INDEXES = frozenset({"Index", "RangeIndex", "MultiIndex", "DatetimeIndex", "CategoricalIndex", "IntervalIndex"})
_LOSSES = (
    "CyHalfTweedieLoss CyHalfTweedieLossIdentity CyPinballLoss CyHuberLoss CyAbsoluteError CyExponentialLoss "
    "CyHalfSquaredError CyHalfPoissonLoss CyHalfGammaLoss CyHalfBinomialLoss CyHalfMultinomialLoss"
)

CALLS: dict[Global, Follow] = dict(
    [
        *_follows_of("builtins", "set frozenset list tuple", _collection),
        *_follows_of("builtins", "dict", _mapping),
        *_follows_of("builtins", "bytes bytearray", _bytes),
        *_follows_of("builtins", "complex slice", _numbers),
        *_follows_of("builtins", "range", _range),
        *_follows_of("builtins", "getattr", _getattr),
        *_follows_of("builtins", "object", _bare_instance),
        *_follows_of("copyreg", "_reconstructor", _reconstructor),
        *_follows_of("collections", "deque", _collection),
        *_follows_of("pickle", "PickleBuffer", _bytes),
        *((each, _mapping) for each in sorted(_MAPPINGS)),
        (ENCODE, _bytes),
        *_follows_of("datetime", "date datetime time timedelta timezone", _moments),
        *_follows_of("decimal", "Decimal", _moments),
        *_follows_of("zoneinfo", "ZoneInfo._unpickle", _arguments),
        *((each, _array) for each in sorted(ARRAYS)),
        *_follows_of("numpy", "dtype", _dtype),
        *_follows_of("numpy.core", "_ufunc_reconstruct", _ufunc),
        *_follows_of("numpy.random._pickle", "__bit_generator_ctor __randomstate_ctor __generator_ctor", _arguments),
        *_follows_of("numpy.random.bit_generator", "__pyx_unpickle_SeedSequence", _of_class),
        *_follows_of("sklearn.neighbors._kd_tree", "newObj", _of_class),
        *_follows_of("sklearn.neighbors._ball_tree", "newObj", _of_class),
        *_follows_of("sklearn.metrics._dist_metrics", "newObj", _of_class),
        *_follows_of("sklearn.tree._tree", "Tree", _arguments),
        *_follows_of(
            "sklearn.linear_model._sgd_fast", "Hinge SquaredHinge Log SquaredLoss Huber ModifiedHuber", _numbers
        ),
        *_follows_of("sklearn.linear_model._sgd_fast", "EpsilonInsensitive SquaredEpsilonInsensitive", _numbers),
        *_follows_of("sklearn._loss._loss", _LOSSES, _numbers),
        *_follows_of("sklearn._loss._loss", " ".join(f"__pyx_unpickle_{name}" for name in _LOSSES.split()), _of_class),
        *_follows_of("pandas.core.indexes.base", "_new_Index", _index),
        *_follows_of("pandas.core.indexes.interval", "_new_IntervalIndex", _index),
        *_follows_of("pandas._libs.internals", "_unpickle_block", _arguments),
        *_follows_of("pandas.core.internals.managers", "BlockManager SingleBlockManager", _arguments),
        *_follows_of("pandas._libs.arrays", "__pyx_unpickle_NDArrayBacked", _of_class),
        *_follows_of("pandas._libs.tslibs.timestamps", "_unpickle_timestamp", _moments),
        *_follows_of("pandas._libs.tslibs.timedeltas", "_timedelta_unpickle", _numbers),
        *_follows_of("pandas._libs.tslibs.nattype", "_nat_unpickle", _numbers),
        *_follows_of("pandas", "StringDtype", _arguments),
        *_follows_of("pyarrow.lib", "_restore_array", _arrow),
        *_follows_of("pyarrow.lib", "type_for_alias", _arguments),
        *_follows_of("pyarrow.lib", "py_buffer", _bytes),
        *_follows_of("torch._utils", "_rebuild_parameter", _tensor),
    ]
)
"""Callables that are followed, each with the function that says what it makes of its arguments."""

CLASSES = (
    *(("sklearn", r"_?[A-Z]\w*"), ("imblearn", r"_?[A-Z]\w*"), ("sealscrub", r"_?[A-Z]\w*")),
    *(("xgboost", r"_?[A-Z]\w*"), ("lightgbm", r"_?[A-Z]\w*"), ("torch.nn", r"_?[A-Z]\w*")),
    *(("pandas", r"(?!Period)[A-Z]\w*"), ("scipy.sparse", r"(csr|csc|coo|bsr|dia|dok|lil)_(matrix|array)")),
    *(("scipy.spatial", "c?KDTree"), ("scipy.interpolate", "BSpline|interp1d"), ("joblib", "NumpyArrayWrapper")),
)
"""Libraries and their classes whose objects, made without arguments, hold the attributes that are set on them."""
_PATTERNS = [(package, re.compile(pattern)) for package, pattern in CLASSES]
_LIBRARIES = frozenset({package.partition(".")[0] for package, _ in CLASSES} | {"numpy", "pyarrow", "torch"})


def _is_class(named: Global) -> bool:
    parts = named.module.split(".")
    return any(
        named.module == package or (parts[: package.count(".") + 1] == package.split(".") and "externals" not in parts)
        for package, pattern in _PATTERNS
        if pattern.fullmatch(named.name)
    )
