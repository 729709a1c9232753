"""Maps and forecasts that a fitted model makes: their answers name no record, so the model itself is checked."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from sealscrub.errors import ConfigError
from sealscrub.index import Index

from .certificate_requirement import RequiredCertificate, require_certified
from .guarded_model import answers
from .live_index import LiveIndex, current
from .model_calls import ask, is_async

__all__ = ["GuardedForecast", "guard_forecast"]


def guard_forecast(
    model: Any, index: Index | LiveIndex, require_certificate: RequiredCertificate, *, methods: Collection[str] = ()
) -> GuardedForecast:
    """Put a guard around a model whose answers name no record: a map of hot spots, a forecast by cell and week.

    What such a model was fitted on cannot be removed from its answers: a map is built again from what is left, never
    corrected. So it answers while it has a certificate that verifies, and as long as nothing in it has been sealed
    since; else it does not.

    Parameters
    ----------
    model : estimator, object with methods that answer, callable or async callable
    index : Index or LiveIndex
        Published for the use ``output``. A :class:`LiveIndex` notices a newer one, by which a certificate is stale.
    require_certificate : RequiredCertificate
        With the model's files, and with `untainted` if the model is asked about in its lineage.
    methods : collection of str
        More methods of the model that answer; by default those that :func:`guard` knows.

    Returns
    -------
    GuardedForecast
        With the model's methods. What they answer is not looked at.

    Raises
    ------
    InvalidCertificate, StaleCertificate, IncompleteError, UsageError
        When the model does not have the certificate, or there is no index that may be trusted; an answer later raises
        the same.
    sealscrub.lineage.TaintedModel
        When its lineage says that it holds a record that is sealed now.
    ModelFailed
        When the model raises; its text is left out.

    See Also
    --------
    guard_grid : A map that is counted from events, and needs no model.

    Examples
    --------
    >>> from sealscrub.datasets import example_index
    >>> required = RequiredCertificate("map.certificate.json", "team.key.pub", model="sha256:" + 64 * "0")
    >>> guard_forecast(len, example_index(["K14612345"]), required)
    Traceback (most recent call last):
    ...
    sealscrub.errors.KeyFileError: team.key.pub: cannot be read (No such file or directory)
    """
    return GuardedForecast(model, index, require_certificate, methods)


class GuardedForecast:
    """A model whose answers name no record, behind a guard. Made by :func:`guard_forecast`.

    Attributes
    ----------
    model : object
        What is guarded; asked directly, it answers whatever it holds.

    Examples
    --------
    >>> from sealscrub.datasets import example_index
    >>> required = RequiredCertificate("map.certificate.json", "team.key.pub", model="sha256:" + 64 * "0")
    >>> GuardedForecast(len, example_index(["K14612345"]), required)
    Traceback (most recent call last):
    ...
    sealscrub.errors.KeyFileError: team.key.pub: cannot be read (No such file or directory)
    """

    def __init__(
        self,
        model: Any,
        index: Index | LiveIndex,
        require_certificate: RequiredCertificate,
        methods: Collection[str] = (),
    ) -> None:
        if require_certificate is None:
            raise ConfigError(
                "nothing would be checked without a certificate", hint="require_certificate=RequiredCertificate(…)"
            )
        self.model, self.index, self.methods = model, index, frozenset(methods)
        self.require_certificate = require_certificate
        self._require()

    def __call__(self, *args: Any, **params: Any) -> Any:
        """Ask a callable model; an async one is awaited."""
        return self._guarded_method("", self.model)(*args, **params)

    def __getattr__(self, name: str) -> Any:
        own = vars(self)
        if "model" in own and not name.startswith("_") and (answers(name) or name in own["methods"]):
            return self._guarded_method(name, getattr(own["model"], name))
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def _guarded_method(self, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        where = f"{type(self.model).__name__}.{name}" if name else type(self.model).__name__

        def asked(*args: Any, **params: Any) -> Any:
            self._require()
            return ask(lambda: method(*args, **params), lambda answer: answer, where, empty=False)

        async def asked_later(*args: Any, **params: Any) -> Any:
            return await asked(*args, **params)

        return asked_later if is_async(method) else asked

    def _require(self) -> None:
        require_certified(self.require_certificate, current(self.index, "output"))

    def __repr__(self) -> str:
        return f"GuardedForecast({type(self.model).__name__})"
