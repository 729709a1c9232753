"""A model behind a guard: it answers as if the sealed records had never been asked about."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Any

import numpy as np

from sealscrub.boundary.array_types import Mask as RowMask
from sealscrub.errors import ConfigError, Refused
from sealscrub.index import Index
from sealscrub.matching import Policy
from sealscrub.tables.containers import kept_params
from sealscrub.tables.value_free_errors import unquoted

from .as_estimator import AsEstimator
from .barred_records import Judge
from .certificate_requirement import RequiredCertificate, require_certified
from .field_masks import Placeholder
from .known_ids import Known
from .live_index import LiveIndex
from .model_calls import ask, ask_later, is_async
from .oracle_warning import warn_of_oracle
from .request_records import Records, named_on, read_records
from .row_answers import nothing_about, placed

__all__ = ["Guarded", "GuardedAsync", "guard"]

_WAYS = ("drop", "nan", "mask", "refuse")
_ANSWERS = frozenset(
    {
        "apply",
        "decision_function",
        "decision_path",
        "inverse_transform",
        "kneighbors",
        "kneighbors_graph",
        "radius_neighbors",
        "radius_neighbors_graph",
        "score",
        "score_samples",
        "transform",
    }
)
_FACTS = frozenset({"classes_", "feature_names_in_", "n_classes_", "n_features_in_", "n_outputs_"})
"""What a fitted model says about itself and holds no rows."""


def answers(name: str) -> bool:
    """Whether a method of a model answers requests."""
    return name in _ANSWERS or name.startswith(("predict", "staged_"))


def guard(
    model: Any,
    index: Index | LiveIndex,
    on: Mapping[str, Any] | Iterable[Any],
    *,
    known: Known | None = None,
    on_match: str = "drop",
    policy: Policy | None = None,
    oracle_ok: bool = False,
    keep_keys: bool | None = None,
    methods: Collection[str] = (),
    mask: Placeholder | None = None,
    require_certificate: RequiredCertificate | None = None,
) -> Guarded:
    """Put a guard around a model.

    Parameters
    ----------
    model : estimator, pipeline, object with such methods, callable or async callable
        What answers. Of an object, its methods ``predict``, ``predict_proba`` and whatever else begins with
        ``predict`` or ``staged_``, ``decision_function``, ``transform``, ``score``, ``kneighbors`` and the like can
        be asked; the records come first among the arguments.
    index : Index or LiveIndex
        Published for the use ``output``.
    on : mapping, or iterable of str
        Which fields are keys, as in :func:`sealscrub.scrub`; columns of an array by position,
        ``{"arrest_number": 0}``.
    known : collection, Series, frame, mapping of these by scheme, or callable, optional
        The ids that the scrubbed system holds: with it an unknown id and a sealed one get the same answer.
    on_match : {"drop", "nan", "mask", "refuse"}
        What happens to a record that may not be returned. With ``drop`` the answer is that of the request without it,
        bit for bit; with ``nan`` nothing is in its place (``None`` for texts and for a single record); with
        ``mask`` the row stays, and is what `mask` says it is without its record; with ``refuse`` the whole request is
        refused.
    policy : Policy, optional
        What to do with near and unparsable keys; by default they are an error.
    oracle_ok : bool
        Whether it is wanted that `known` is not given: if no one chooses the ids that are asked for.
    keep_keys : bool, optional
        Whether the model sees the key fields. By default it does if its ``feature_names_in_`` lists them.
    methods : collection of str
        More methods of the model that answer about records.
    mask : Placeholder, optional
        For rows that would be there without the record: which of their fields take which value.
    require_certificate : RequiredCertificate, optional
        Nothing is answered without a certificate about the model that verifies and is not stale.

    Returns
    -------
    Guarded
        With the model's methods. Each takes ``keys=`` too, the keys of the records, if these do not hold them:
        an array of one for each, or a frame. Arguments with a value for each record are realigned.

    Warns
    -----
    MembershipOracleWarning
        If neither `known` nor `oracle_ok` is given.

    Raises
    ------
    UsageError, LowCoverage
        When the index is for another use, out of its dates, or cannot recognise these keys.
    ConfigError
        When `on_match` is nothing known, or does not fit `mask`.
    InvalidCertificate, StaleCertificate, IncompleteError
        When the model does not have the certificate that is required; an answer later raises the same.

    See Also
    --------
    explain_guard : For the custodian: why records were not returned.
    sealscrub.transforms.sklearn.SealedFit : Leaves sealed rows out of a fit.

    Notes
    -----
    What the model raises becomes a :class:`sealscrub.errors.ModelFailed` without its text, which may quote a row. A
    request of which nothing is left, which the model cannot answer, is :class:`sealscrub.errors.Refused`.

    Neighbours that ``kneighbors`` names are rows of the model's own training data: see that these are clean, with
    ``SealedFit``.

    Examples
    --------
    >>> import polars as pl
    >>> from sealscrub.datasets import example_index
    >>> def risk(rows):
    ...     return [age / 100 for age in rows["age"]]
    >>> safe = guard(risk, example_index(["K14612345"]), {"arrest_number": "id"}, known={"K14612345", "M14000017"})
    >>> safe(pl.DataFrame({"id": ["K14612345", "M14000017", "M14000018"], "age": [20, 30, 40]}))
    [0.3]
    """
    kind = GuardedAsync if is_async(model) else Guarded
    warn_of_oracle("guard", known, oracle_ok)
    return kind(
        model,
        index,
        on,
        known=known,
        on_match=on_match,
        policy=policy,
        oracle_ok=oracle_ok,
        keep_keys=keep_keys,
        methods=methods,
        mask=mask,
        require_certificate=require_certificate,
    )


@dataclass(eq=False, repr=False)
class Guarded(AsEstimator):
    """A model behind a guard. Made by :func:`guard`.

    It is a scikit-learn estimator if the model is one: it can be cloned, pickled (its index as a reference to the
    file), put at the end of a pipeline and asked for its parameters.

    Attributes
    ----------
    model : object
        What is guarded; asked directly, it answers about everything.

    Examples
    --------
    >>> from sealscrub.datasets import example_index
    >>> safe = guard(len, example_index(["K14612345"]), {"arrest_number": "id"}, oracle_ok=True)
    >>> safe(["K14612345", "M14000017"]), safe.model(["K14612345", "M14000017"])
    (1, 2)
    """

    model: Any
    index: Index | LiveIndex
    on: Mapping[str, Any] | Iterable[Any]
    _: KW_ONLY
    known: Known | None = None
    on_match: str = "drop"
    policy: Policy | None = None
    oracle_ok: bool = False
    keep_keys: bool | None = None
    methods: Collection[str] = ()
    mask: Placeholder | None = None
    require_certificate: RequiredCertificate | None = None

    def __post_init__(self) -> None:
        self._check()

    def _check(self) -> None:
        if self.on_match not in _WAYS:
            raise ConfigError(f"on_match cannot be {self.on_match!r}", hint=f"use one of {', '.join(_WAYS)}.")
        if (self.mask is None) == (self.on_match == "mask"):
            raise ConfigError(
                'on_match="mask" and mask= belong together', hint="mask=Placeholder({…}, independent=[…])"
            )
        self._judge = Judge(
            self.index, named_on(self.on), known=self.known, policy=self.policy, where=type(self.model).__name__
        )
        self._mask = None if self.mask is None else self.mask.with_keys(self._judge.columns)
        require_certified(self.require_certificate, self._judge.start().index)

    def __call__(self, records: Any, *args: Any, keys: Any = None, **params: Any) -> Any:
        """Ask a callable model about records."""
        return self._answer("", records, args, keys, params)

    def __getattr__(self, name: str) -> Any:
        model = vars(self).get("model")
        if model is not None and not name.startswith("_"):
            if name in _FACTS:
                return getattr(model, name)
            if answers(name) or name in vars(self)["methods"]:
                return self._method(name, getattr(model, name))
            if name in ("fit", "set_output", "get_feature_names_out") and hasattr(model, name):
                return getattr(self, f"_{name}")
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def _method(self, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        if is_async(method):

            async def asked_later(records: Any, *args: Any, keys: Any = None, **params: Any) -> Any:
                return await self._answer_later(name, records, args, keys, params)

            return asked_later

        def asked(records: Any, *args: Any, keys: Any = None, **params: Any) -> Any:
            return self._answer(name, records, args, keys, params)

        return asked

    def _answer(self, method: str, data: Any, args: Any, beside: Any, params: Mapping[str, Any]) -> Any:
        call, finish, empty, done = self._prepare_call(method, data, args, beside, params)
        if done is not None:
            return done[0]
        try:
            return ask(call, finish, self._call_name(method), empty=empty)
        except Refused:
            if empty and self.on_match == "nan" and (nothing := self._answer_about_nothing(method, data)) is not None:
                return nothing
            raise

    async def _answer_later(self, method: str, data: Any, args: Any, beside: Any, params: Mapping[str, Any]) -> Any:
        call, finish, empty, done = self._prepare_call(method, data, args, beside, params)
        if done is not None:
            return done[0]
        return await ask_later(call, finish, self._call_name(method), empty=empty)

    def _prepare_call(self, method: str, data: Any, args: Any, beside: Any, params: Mapping[str, Any]) -> Any:
        """Say what to ask the model, what to do with its answer, and whether nothing is left to be answered."""
        where = self._call_name(method)
        records, keep = self._judge_records(data, beside, where)
        if self._mask is not None:
            with unquoted(where):
                data = self._mask.applied(data, ~keep, where, self._taken_off(records))
                records, keep = read_records(data, beside, self._judge.columns, where), np.ones(len(keep), bool)
        if self.on_match == "refuse" and not keep.all():
            raise Refused("the request cannot be answered", where=where)
        target = getattr(self.model, method) if method else self.model
        with unquoted(where):
            if records.single:
                if not keep[0]:
                    if self.on_match == "nan":
                        return None, None, True, (None,)
                    raise Refused("the record does not exist", where=where)
                rows, more, named = records.kept(keep, self._taken_off(records)), list(args), dict(params)
            else:
                rows = records.kept(keep, self._taken_off(records))
                given = {f"argument {at}": value for at, value in enumerate(args, start=2)}
                more, named = list(kept_params(given, keep).values()), kept_params(params, keep)
        places = self.on_match == "nan" and not records.single and method != "score"
        labels = getattr(data, "index", None) if hasattr(data, "iloc") else None
        finish = (lambda answer: placed(answer, keep, labels)) if places else (lambda answer: answer)
        return (lambda: target(rows, *more, **named)), finish, not keep.any(), None

    def _judge_records(self, data: Any, beside: Any, where: str) -> tuple[Records, RowMask]:
        judgement = self._judge.start()
        require_certified(self.require_certificate, judgement.index)
        with unquoted(where):
            records = read_records(data, beside, self._judge.columns, where)
            keep = ~judgement.judged(records.keys())
            records.check(keep)
        return records, keep

    def _taken_off(self, records: Records) -> tuple[str, ...]:
        columns = self._judge.columns
        if self.keep_keys is not None:
            return () if self.keep_keys else columns
        names = getattr(self.model, "feature_names_in_", None)
        return columns if names is None else tuple(name for name in columns if name not in set(names))

    def _answer_about_nothing(self, method: str, data: Any) -> Any:
        records = read_records(data, np.empty(0), self._judge.columns, self._call_name(method))
        return nothing_about(method, records.rows, getattr(self.model, "classes_", None))

    def _call_name(self, method: str) -> str:
        name = type(self.model).__name__
        return f"{name}.{method}" if method else name

    def _fit(self, X: Any, y: Any = None, *, keys: Any = None, **params: Any) -> Guarded:  # noqa: N803 - as scikit-learn
        """Fit the model itself on the records that may be returned; the index must be for training as well."""
        where = self._call_name("fit")
        records, keep = self._judge_records(X, keys, where)
        self._judge.start().index.require_use("training")
        with unquoted(where):
            rows, given = records.kept(keep, self._judge.columns), kept_params({"y": y, **params}, keep)
        ask(lambda: self.model.fit(rows, given.pop("y"), **given), lambda answer: None, where, empty=not keep.any())
        return self

    def _set_output(self, *, transform: Any = None) -> Guarded:
        self.model.set_output(transform=transform)
        return self

    def _get_feature_names_out(self, input_features: Any = None) -> Any:
        if input_features is not None:
            taken = self._judge.columns if not self.keep_keys else ()
            input_features = np.asarray([name for name in input_features if name not in taken], dtype=object)
        return self.model.get_feature_names_out(input_features)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name not in ("_judge", "_mask")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._check()

    def __repr__(self) -> str:
        keys = ", ".join(key.label for key in self._judge.keys)
        return f"{type(self).__name__}({type(self.model).__name__}, on={keys!r}, on_match={self.on_match!r})"


class GuardedAsync(Guarded):
    """An async callable behind a guard: what it gives is awaited. Made by :func:`guard`.

    Examples
    --------
    >>> import asyncio
    >>> from sealscrub.datasets import example_index
    >>> async def count(ids):
    ...     return len(ids)
    >>> safe = guard(count, example_index(["K14612345"]), {"arrest_number": "id"}, oracle_ok=True)
    >>> asyncio.run(safe(["K14612345", "M14000017"]))
    1
    """

    async def __call__(self, records: Any, *args: Any, keys: Any = None, **params: Any) -> Any:
        """Ask an async callable about records."""
        return await self._answer_later("", records, args, keys, params)
