"""What the tracking store is given of a model: the tag ``sealscrub.taint``, and the block of a tainted version."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sealscrub.index import Index

from .taint_values import TAG, ModelTaint, TaintTag
from .tracked_models import TrackedModel

__all__ = ["BLOCKED", "block", "mark"]

BLOCKED = "sealscrub.blocked"
"""Tag of a blocked version: the aliases that it had, with commas."""


def mark(client: Any, models: Iterable[TrackedModel], found: Iterable[ModelTaint], index: Index) -> None:
    """Tag each model with its state, if its tag says anything else."""
    known = {model.uri: model.tag for model in models}
    for each in found:
        said = str(TaintTag.by(index, each.state, each.reason))
        if known.get(each.uri) != said:
            _set(client, each.uri, TAG, said)


def block(client: Any, found: Iterable[ModelTaint]) -> tuple[str, ...]:
    """Take the aliases from each tainted version, so nothing that is deployed by alias loads it again.

    The tag is set first: a crash in between leaves what is needed to restore them.

    Returns
    -------
    tuple of str
        The addresses that lead nowhere now, ``models:/NAME@ALIAS``.
    """
    taken = []
    for each in found:
        if each.state.is_tainted and each.aliases:
            name = each.uri.removeprefix("models:/").rpartition("/")[0]
            _set(client, each.uri, BLOCKED, ",".join(each.aliases))
            for alias in each.aliases:
                client.delete_registered_model_alias(name, alias)
                taken.append(f"models:/{name}@{alias}")
    return tuple(taken)


def _set(client: Any, uri: str, tag: str, value: str) -> None:
    name, _, version = uri.removeprefix("models:/").rpartition("/")
    if name:
        client.set_model_version_tag(name, version, tag, value)
    else:
        client.set_logged_model_tags(version, {tag: value})
