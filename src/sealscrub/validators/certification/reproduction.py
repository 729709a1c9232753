"""Levels 3 and 4: the code that made data and models is run again, and must give the same bits."""

from __future__ import annotations

import hashlib
import pickle
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from sealscrub.certificates import Level, Receipts, State, Statement, content_digest, sha256_of
from sealscrub.certificates.structure import form_of, structure_digest
from sealscrub.errors import ConfigError, SealscrubError
from sealscrub.index import Index
from sealscrub.matching import Policy

from .planted_verdict import planted_nullity
from .receipt_trees import trees_fault

__all__ = ["built_again", "keys_of", "policy_of", "tested_again"]


def keys_of(statement: Statement) -> dict[str, list[str]]:
    """Give the key columns of the certified dataset, as ``on`` takes them."""
    on: dict[str, list[str]] = {}
    for key in statement.predicate.keys:
        on.setdefault(key.scheme, []).append("+".join(key.columns))
    return on


def policy_of(statement: Statement) -> Policy:
    """Give the policy by which it was certified."""
    predicate = statement.predicate
    accepted = frozenset(predicate.accepted)
    policy = Policy(accept=accepted - {"withheld"}, allow=accepted & {"withheld"})
    return policy if predicate.min_coverage is None else replace(policy, min_coverage=float(predicate.min_coverage))


def not_given(wanted: Mapping[str, object]) -> str:
    """Name what a level needs and did not get."""
    absent = [name for name, given in wanted.items() if given is None]
    *first, last = absent
    names = f"{', '.join(first)} and {last}" if first else last
    return f"{names} {'were' if first or last == 'data' else 'was'} not given"


def tested_again(statement: Statement, rerun: Callable[..., Any] | None, raw: Any, index: Index | None) -> Level:
    """Level 3: the code that made the data passes a nullity test with planted records."""
    title = "the code that made the data passes a nullity test"
    if rerun is None or raw is None or index is None:
        wanted = {"a transform to run again": rerun, "the raw data": raw, "an index": index}
        return Level(3, title, State.NOT_ASKED, not_given(wanted))
    use = next((each for each in statement.predicate.index.uses if each in index.uses), "training")
    try:
        report = planted_nullity(rerun, raw, index, keys_of(statement), use=use, policy=policy_of(statement))
    except SealscrubError as error:
        return Level(3, title, State.FAILED, error.message)
    why = "; open: ".join([str(report.verdict), *([", ".join(report.open_doors)] if report.passed else [])])
    why = why if report.passed or not report.reason else f"{why}: {report.reason}"
    return Level(3, title, State.REACHED if report.passed else State.FAILED, why)


def built_again(
    statement: Statement,
    rerun: Callable[..., Any] | None,
    raw: Any,
    retrain: Callable[..., Any] | None,
    data: Any,
    receipts: Receipts | None = None,
    schema: Mapping[str, pl.DataType] | None = None,
) -> Level:
    """Level 4: built again, data, model files and the trees of receipts are the certified ones."""
    title = "built again, data and models are the certified ones, bit for bit"
    trees = [_TREES] if statement.predicate.receipts else []
    certified = dict.fromkeys(([_DATA] if statement.content() else []) + list(statement.files()) + trees)
    faults: list[str] = []
    built: set[str] = set()
    try:
        if rerun is not None and raw is not None:
            built.add(_DATA)
            made = _call_function(rerun, raw)
            if content_digest(made).value != statement.content():
                faults.append("the data differ")
            elif _same_structure(made, statement) is False:
                faults.append("names, types, levels or metadata of the data differ")
        if retrain is not None and data is not None:
            for name, digest in _model_digests(_call_function(retrain, data), statement).items():
                built.add(name)
                if digest != statement.files()[name]:
                    faults.append(f"{name} differs")
        if receipts is not None and data is not None:
            built.add(_TREES)
            fault = trees_fault(statement, receipts, data, keys_of(statement), schema)
            faults += [fault] if fault else []
    except SealscrubError as error:
        return Level(4, title, State.FAILED, error.message)
    if not built:
        return Level(
            4,
            title,
            State.NOT_ASKED,
            "nothing to build again was given: rerun and raw, or retrain or receipts with data",
        )
    if faults:
        return Level(4, title, State.FAILED, "; ".join(faults))
    left = [name for name in certified if name not in built]
    return Level(4, title, State.PARTLY if left else State.REACHED, f"not built: {', '.join(left)}" if left else "")


def _same_structure(made: Any, statement: Statement) -> bool | None:
    """Whether data have the certified structure; None if it is of another form, and cannot be compared."""
    certified = statement.structures().get(form_of(made))
    return None if certified is None else structure_digest(made).value == certified


_DATA, _TREES = "the data", "the trees of receipts"


class _FunctionRaised(SealscrubError):
    """The function that was to build something raised; its text is not shown, since it may hold values."""


def _call_function(function: Callable[..., Any], argument: Any) -> Any:
    try:
        return function(argument)
    except Exception as error:  # whatever it raises
        raise _FunctionRaised(f"the function raised {type(error).__name__}") from None


def _model_digests(made: Any, statement: Statement) -> dict[str, str]:
    """Give the SHA-256 of each model file that a function made."""
    names = list(statement.files())
    if not names:
        raise ConfigError("the certificate is about no model")
    if not (isinstance(made, Mapping) and set(made) and set(made) <= set(names)):
        if len(names) > 1:
            raise ConfigError("several models, and no names for them", hint=f"return a dict by {', '.join(names)}.")
        made = {names[0]: made}
    return {name: _sha256_as(name, model) for name, model in made.items()}


def _sha256_as(name: str, model: Any) -> str:
    """SHA-256 of a model's file: what is given, or the model written as its suffix says."""
    if isinstance(model, bytes | bytearray):
        return hashlib.sha256(model).hexdigest()
    if isinstance(model, str | Path):
        return sha256_of(model)
    suffix = Path(name).suffix
    if suffix in (".pkl", ".pickle"):
        return hashlib.sha256(pickle.dumps(model)).hexdigest()
    if suffix == ".joblib":
        import joblib

        with tempfile.TemporaryDirectory(prefix="sealscrub-") as folder:
            joblib.dump(model, Path(folder) / "model.joblib")
            return sha256_of(Path(folder) / "model.joblib")
    raise ConfigError(f"cannot write {name}", hint="return its bytes, or the path of the file.")
