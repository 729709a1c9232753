"""Explanations: what a model says about its reasons, without the records that may not be returned.

An explanation names records in three places: the one explained, the examples that explain it (nearest cases,
prototypes, counterfactuals), and the background against which it is computed.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from sealscrub.errors import ConfigError, Refused, UncheckedKeys, UsageError
from sealscrub.index import Index
from sealscrub.matching import Policy
from sealscrub.matching.key_columns import On
from sealscrub.reports import counted
from sealscrub.tables import frame_adapter
from sealscrub.tables.levels import LevelRules

from .barred_records import Judge
from .graphs.supports import Left, Supports, shown_name
from .known_ids import Known
from .live_index import LiveIndex

__all__ = ["check_background", "guard_explanation"]

_WHERE = "explanation"


def guard_explanation(
    explanation: Any,
    index: Index | LiveIndex,
    on: On,
    *,
    keys: Any = None,
    examples: Iterable[str] = (),
    complete: Iterable[str] = (),
    known: Known | None = None,
    policy: Policy | None = None,
) -> Any:
    """Give explanations as they would be had the sealed records never existed.

    Parameters
    ----------
    explanation : shap.Explanation, numpy.ndarray, table, dict or list of dict
        One row or dict for each record that is explained.
    index : Index or LiveIndex
        Published for the use ``output``.
    on : mapping, or iterable of str
        Which columns or fields are keys; in dicts, also in the examples that they hold.
    keys : table, optional
        For an ``Explanation`` or array: a table with a row for each explained record, in which `on` finds the keys.
    examples : iterable of str
        Fields of the dicts that hold other records: a key, a dict with key fields, a tuple that begins with a key, or
        a list of these. If one of them may not be returned, the whole answer is refused: a list with one case less
        would reveal it. A :class:`NullGallery` finds the nearest cases that there would be.
    complete : iterable of str
        Fields with lists of examples that hold every case that a rule of their own lets in, such as all within a
        distance, and nothing that they share, such as ranks or weights of sum 1. From these single cases are removed.
    known : collection, mapping or callable, optional
        The ids that the scrubbed system holds.
    policy : Policy, optional
        What to do with near and unparsable keys; by default they are an error.

    Returns
    -------
    object
        Of the same kind, without the explanations of records that may not be returned.

    Raises
    ------
    Refused
        When a single explanation is of such a record, or an example is one.
    ConfigError
        When a field holds records and is undeclared.
    UncheckedKeys
        When a key is missing or could not be checked, and the policy says nothing else.

    Notes
    -----
    Values that were computed against a background, or by a model, that held sealed records stay what they are: see
    :func:`check_background`, and train the model without them.

    Examples
    --------
    >>> from sealscrub.datasets import example_index
    >>> said = [{"id": "K14612345", "age": 0.2}, {"id": "M14000017", "age": 0.1}]
    >>> guard_explanation(said, example_index(["K14612345"]), {"arrest_number": "id"})
    [{'id': 'M14000017', 'age': 0.1}]
    """
    judge = Judge(index, on, known=known, policy=policy, where=_WHERE)
    if isinstance(explanation, Mapping) or _is_list_of_dicts(explanation):
        if keys is not None:
            raise ConfigError("keys= is for explanations without key fields", hint="name the fields in on=.")
        named = _NamingDicts(judge, _names(examples), _names(complete))
        alone = isinstance(explanation, Mapping)
        left = named.left([explanation] if alone else explanation)
        if not alone:
            return type(explanation)(left)
        if not left:
            raise _cannot_explain()
        return left[0]
    if _names(examples) or _names(complete):
        raise ConfigError("examples= needs a list of dicts", hint="give a list of dicts.")
    if keys is None:
        if _is_unkeyed(explanation):
            raise ConfigError("no keys given for the explained records", hint="keys=table, with a row for each.")
        adapter = frame_adapter(explanation).knowing(LevelRules(frozenset(judge.columns)))
        return adapter.keep(~judge.start().gone(adapter.key_batch(judge.columns)))
    return _kept_rows(explanation, ~_barred_examples(judge, keys))


def check_background(
    background: Any,
    index: Index | LiveIndex,
    on: On,
    *,
    keys: Any = None,
    known: Known | None = None,
    policy: Policy | None = None,
) -> Any:
    """Refuse a background set that holds sealed records; return it if it holds none.

    Every value that SHAP gives is a difference to what the model says about the background, and LIME draws from its
    distribution: a sealed row in it is in every explanation.

    Parameters
    ----------
    background : table or numpy.ndarray
        Rows as they are, before they are summarised: no one can say who is in a centre of ``shap.kmeans``.
    index : Index or LiveIndex
        Published for the use ``output``.
    on : mapping, or iterable of str
        Which columns are keys.
    keys : table, optional
        With the key columns, a row for each row of `background`, if this has none itself.
    known, policy
        As for :func:`guard_explanation`.

    Returns
    -------
    object
        `background` itself.

    Raises
    ------
    Refused
        When it holds records that may not be returned.
    UncheckedKeys
        When a key could not be checked.

    Examples
    --------
    >>> import polars as pl
    >>> from sealscrub.datasets import example_index
    >>> rows = pl.DataFrame({"id": ["M14000017", "M14000022"], "age": [20, 30]})
    >>> check_background(rows, example_index(["K14612345"]), {"arrest_number": "id"}) is rows
    True
    """
    judge = Judge(index, on, known=known, policy=policy, where="background")
    gone = _barred_examples(judge, background if keys is None else keys)
    if keys is not None and np.shape(background)[:1] != gone.shape:
        raise UsageError(
            f"{counted(len(gone), 'key', 'does', 'do')} not fit the background", hint="give one for each row."
        )
    if gone.any():
        raise Refused(
            "the background holds records that may not be in it",
            where="background",
            hint="take it from scrubbed data: ss.scrub(rows, index, on, use='output').",
        )
    return background


def _barred_examples(judge: Judge, keys: Any) -> npt.NDArray[np.bool_]:
    batch = frame_adapter(keys).key_batch(judge.columns)
    nameless = np.ones(batch.height, bool)
    for column in batch.iter_columns():
        nameless &= column.is_null().to_numpy()
    if nameless.any() and not judge.policy.quarantine:
        raise UncheckedKeys(
            f"{int(nameless.sum())} of {batch.height} records have no key",
            where=judge.where,
            hint="Policy(quarantine=True) leaves such records out.",
        )
    gone: npt.NDArray[np.bool_] = judge.start().gone(batch) | nameless
    return gone


class _NamingDicts:
    """Dicts whose fields name records."""

    def __init__(self, judge: Judge, examples: tuple[str, ...], complete: tuple[str, ...]) -> None:
        if set(examples) & (set(complete) | set(judge.columns)) or set(complete) & set(judge.columns):
            raise ConfigError("a field is named twice", hint="name each once: as a key, in examples= or in complete=.")
        self._judge, self._examples, self._complete = judge, examples, complete

    def left(self, records: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Give the records that stay, with the examples that stay."""
        supports = Supports(self._judge.start())
        fields = (*self._examples, *self._complete)
        for record in records:
            self._check_named(record)
            supports.add(self._own_keys(record))
            for name in fields:
                for each in _as_examples(record.get(name)):
                    supports.add(self._keys(each))
        verdicts = iter(supports.left())
        kept = []
        for record in records:
            gone = next(verdicts).gone
            mine = {name: [next(verdicts) for _ in _as_examples(record.get(name))] for name in fields}
            if not gone:
                kept.append(self._pruned_record(record, mine))
        return kept

    def _own_keys(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """Give a record's own keys; one that explains a question from outside may have none if it has examples."""
        own = {name: _key_value(record[name]) for name in self._judge.columns if name in record}
        if not own and not any(name in record for name in (*self._examples, *self._complete)):
            raise UncheckedKeys("a record has no key field, so nothing would be checked", where=_WHERE)
        if own and all(value is None for value in own.values()):
            return {name: [None] for name in own}
        return own

    def _keys(self, example: Any) -> dict[str, Any]:
        columns = self._judge.columns
        if isinstance(example, Mapping):
            keys = {name: _key_value(example[name]) for name in columns if example.get(name) is not None}
        else:
            first = example[0] if isinstance(example, tuple) and example else example
            if len(columns) > 1:
                raise ConfigError("an example that is not a dict has one key, and on= names several fields")
            keys = {} if first is None else {columns[0]: _key_value(first)}
        return keys or {columns[0]: [None]}

    def _check_named(self, record: Mapping[str, Any]) -> None:
        named = {*self._judge.columns, *self._examples, *self._complete}
        for name, value in record.items():
            if name not in named and _holds_keys(value, self._judge.columns):
                raise ConfigError(f"{shown_name(name)} holds records and is undeclared", hint="add it to examples=[…].")

    def _pruned_record(self, record: Mapping[str, Any], mine: Mapping[str, list[Left]]) -> dict[str, Any]:
        told = dict(record)
        for name, verdicts in mine.items():
            if not any(each.gone for each in verdicts):
                continue
            value = record[name]
            if name in self._examples or not isinstance(value, list | tuple):
                raise _cannot_explain()
            told[name] = type(value)(each for each, said in zip(value, verdicts, strict=True) if not said.gone)
        return told


def _key_value(value: Any) -> Any:
    if isinstance(value, str | int | np.integer) or value is None:
        return value
    raise UsageError("a key field of an explanation holds no key", where=_WHERE, hint="fix the field.")


def _as_examples(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | np.ndarray) or _is_tuple_of_examples(value) else [value]


def _is_tuple_of_examples(value: Any) -> bool:
    """Whether a tuple holds several examples, and is not one of a key and a score."""
    return isinstance(value, tuple) and all(isinstance(each, Mapping | tuple) for each in value)


def _holds_keys(value: Any, columns: tuple[str, ...], depth: int = 0) -> bool:
    if depth > 20:
        raise UsageError("an explanation is nested too deep to be looked through", where=_WHERE)
    if isinstance(value, Mapping):
        return any(name in value for name in columns) or any(
            _holds_keys(each, columns, depth + 1) for each in value.values()
        )
    if isinstance(value, list | tuple):
        return any(_holds_keys(each, columns, depth + 1) for each in value)
    return False


def _is_list_of_dicts(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(each, Mapping) for each in value)


def _is_unkeyed(value: Any) -> bool:
    return isinstance(value, np.ndarray) or _is_shap(value)


def _is_shap(value: Any) -> bool:
    shap = sys.modules.get("shap")
    return shap is not None and isinstance(value, shap.Explanation)


def _kept_rows(explanation: Any, stays: npt.NDArray[np.bool_]) -> Any:
    if not _is_unkeyed(explanation):
        raise UsageError(
            f"no explanation known here is of the type {type(explanation).__qualname__}",
            where=_WHERE,
            hint="give a shap.Explanation, an array, a table or a list of dicts.",
        )
    shape = explanation.shape
    if len(shape) == 1 and len(stays) == 1:  # of one record
        if not stays[0]:
            raise _cannot_explain()
        return explanation
    if shape[:1] != stays.shape:
        raise UsageError(
            f"{counted(len(stays), 'key', 'does', 'do')} not fit the explanation",
            where=_WHERE,
            hint="give one for each row.",
        )
    try:
        return explanation[np.flatnonzero(stays)]
    except Exception as error:
        raise UsageError(
            f"rows of the explanation cannot be taken ({type(error).__name__})", where=_WHERE, hint="give its values."
        ) from None


def _names(names: Iterable[str]) -> tuple[str, ...]:
    if isinstance(names, str):
        raise ConfigError(
            "examples= and complete= are lists of names, and a text was given", hint="put it in brackets."
        )
    return tuple(names)


def _cannot_explain() -> Refused:
    return Refused("this explanation cannot be given", where=_WHERE)
