"""The question of guards and deployments: whether a model may still be used."""

from __future__ import annotations

import re
from typing import Any

from sealscrub.errors import ConfigError, IncompleteError, SealscrubError, Spelled
from sealscrub.index import Index

from .run_record import client_of, tracked
from .taint_values import TAG, TaintState, TaintTag

__all__ = ["TaintedModel", "require_untainted"]

_VERSION = re.compile(r"models:/([^/@]+)/([0-9]+)")
_ALIAS = re.compile(r"models:/([^/@]+)@([^/@]+)")
_LOGGED_MODEL = re.compile(r"models:/(m-[^/@]+)")


class TaintedModel(SealscrubError):
    """A model contains a record that is sealed now."""

    exit_code = 1


def require_untainted(model_uri: str, *, index: Index | None = None, tracking_uri: str | None = None) -> TaintState:
    """Refuse a model that ``sealscrub taint`` has tagged as tainted, or not as untainted.

    Call it where a model is loaded. It reads only the tag, and needs neither members file nor annex key.

    Parameters
    ----------
    model_uri : str
        ``models:/NAME/VERSION``, ``models:/NAME@ALIAS``, or ``models:/m-…``.
    index : Index, optional
        The tag must have been set by this index or by a later one of its registry.
    tracking_uri : str, optional
        Of the tracking store; by default MLflow's own.

    Returns
    -------
    TaintState
        ``untainted``.

    Raises
    ------
    TaintedModel
        When it is tainted; exit code 1.
    IncompleteError
        When it is not known, has not been asked about, or not by an index as new as this one.
    ConfigError
        When this is not an address of a model.

    Examples
    --------
    >>> require_untainted("risk.joblib")
    Traceback (most recent call last):
    ...
    sealscrub.errors.ConfigError: this is not an address of a model in MLflow
    ...
    """
    tag = TaintTag.read(_tags(model_uri, tracking_uri).get(TAG))
    if tag is None:
        raise IncompleteError(
            "this model was never checked for taint",
            where=model_uri,
            hint=Spelled("call taint.", "run sealscrub taint."),
        )
    if tag.state.is_tainted:
        raise TaintedModel(
            f"the model is {tag.state}: it contains a record that is sealed now",
            where=model_uri,
            hint="train it again: sealscrub.refresh.",
        )
    if tag.state is not TaintState.UNTAINTED:
        raise IncompleteError(
            f"the taint of this model is unknown ({tag.state})",
            where=model_uri,
            hint="log its data with a membership, or train it again.",
        )
    if index is not None and not tag.is_no_older_than(index):
        raise IncompleteError(
            "this model was last checked for taint with an older index",
            where=model_uri,
            hint=Spelled("call taint with the newest.", "run sealscrub taint with the newest."),
        )
    return tag.state


def _tags(uri: str, tracking_uri: str | None) -> Any:
    version, alias, logged = (pattern.fullmatch(uri) for pattern in (_VERSION, _ALIAS, _LOGGED_MODEL))
    if not (version or alias or logged):
        raise ConfigError(
            "this is not an address of a model in MLflow",
            hint="models:/NAME/VERSION, models:/NAME@ALIAS or models:/m-…",
        )
    client = client_of(tracking_uri)
    with tracked("say what it knows of the model"):
        if version:
            return client.get_model_version(version[1], version[2]).tags
        if alias:
            return client.get_model_version_by_alias(alias[1], alias[2]).tags
        return client.get_logged_model(uri.removeprefix("models:/")).tags
