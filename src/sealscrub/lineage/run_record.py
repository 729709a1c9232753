"""What a run's tags say about the data that it was logged with, and the way to the tracking store."""

from __future__ import annotations

import contextlib
import json
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sealscrub.errors import ConfigError, IncompleteError, Spelled, UnreadableInput
from sealscrub.index import Index

__all__ = [
    "RunRecord",
    "accepted_tag",
    "artifact_path",
    "checked_name",
    "client_of",
    "dataset_tags",
    "endpoints_of",
    "index_tags",
    "logged_record",
    "mlflow_module",
    "plan_of",
    "tracked",
]

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
_INDEX_TAGS = ("index", "epoch", "as_of", "registry", "audience", "uses")
_DATASET, _MEMBERSHIP = "sealscrub.dataset.", "sealscrub.membership."
_ENDPOINT, _PLAN, _ACCEPTED = "sealscrub.endpoint.", "sealscrub.plan.", "sealscrub.accepted."
_UNREAD = frozenset({"near", "unparsable"})


@dataclass(frozen=True, kw_only=True)
class RunRecord:
    """What the tags of a run say.

    Attributes
    ----------
    index : str
        Id of the index against which its data was checked.
    registry, epoch, as_of, audience, uses
        What that index said about itself.
    datasets : tuple of str
        Names of its datasets.
    memberships : tuple of str
        Those of them that have a membership.
    unread : tuple of str
        Those of them in which keys that cannot be read were accepted.
    """

    index: str
    registry: str
    epoch: int
    as_of: date
    audience: str
    uses: tuple[str, ...]
    datasets: tuple[str, ...]
    memberships: tuple[str, ...]
    unread: tuple[str, ...] = ()

    @classmethod
    def of(cls, tags: Mapping[str, str]) -> RunRecord | None:
        """Read the tags of a run; None if they say nothing, or nothing that can be read."""
        try:
            return cls(
                index=tags["sealscrub.index"],
                registry=tags["sealscrub.registry"],
                epoch=int(tags["sealscrub.epoch"]),
                as_of=date.fromisoformat(tags["sealscrub.as_of"]),
                audience=tags["sealscrub.audience"],
                uses=tuple(tags["sealscrub.uses"].split(",")),
                datasets=_tag_names(tags, _DATASET),
                memberships=_tag_names(tags, _MEMBERSHIP),
                unread=tuple(
                    name for name in _tag_names(tags, _ACCEPTED) if _UNREAD & {*tags[_ACCEPTED + name].split(",")}
                ),
            )
        except (KeyError, ValueError):
            return None

    def is_covered_by(self, index: Index) -> bool:
        """Whether this very state of this registry, for this audience and these uses or more, is what was checked."""
        facts = index.header.facts
        return (
            facts.registry == self.registry
            and facts.audience == self.audience
            and set(facts.uses) <= set(self.uses)
            and (facts.epoch, facts.as_of) == (self.epoch, self.as_of)
        )


def index_tags(index: Index) -> dict[str, str]:
    """Give the tags that say which index a run's data was checked against."""
    facts = index.header.facts
    values = (index.id, facts.epoch, facts.as_of.isoformat(), facts.registry, facts.audience)
    return {
        f"sealscrub.{name}": str(value)
        for name, value in zip(_INDEX_TAGS, (*values, ",".join(facts.uses)), strict=True)
    }


def dataset_tags(name: str, digest: str, *, membership: bool) -> dict[str, str]:
    """Give the tags of one dataset."""
    held = {f"{_MEMBERSHIP}{name}": artifact_path(name, "members")} if membership else {}
    return {f"{_DATASET}{name}": digest} | held


def accepted_tag(name: str, accepted: Iterable[str]) -> dict[str, str]:
    """Give the tag that says what the policy of a dataset accepted or allowed."""
    return {f"{_ACCEPTED}{name}": ",".join(accepted)}


def artifact_path(name: str, kind: str) -> str:
    """Where in a run's artifacts something of a dataset is."""
    return f"sealscrub/{name}.{kind}"


def logged_record(client: Any, run_id: str, name: str) -> dict[str, Any]:
    """Read what a run's artifact says about one of its datasets.

    Raises
    ------
    IncompleteError
        When it is away, or cannot be read.
    """
    with tempfile.TemporaryDirectory(prefix="sealscrub-") as folder, tracked("give what it has of the dataset"):
        place = client.download_artifacts(run_id, artifact_path(name, "json"), folder)
        try:
            found = json.loads(Path(place).read_bytes())
        except (ValueError, RecursionError):
            found = None
    if not isinstance(found, dict):
        raise IncompleteError("the run's record of the dataset cannot be read", where=name, hint="log it in a new run.")
    return found


def endpoints_of(tags: Mapping[str, str]) -> tuple[str, ...]:
    """Where a model version is served: the names in its tags ``sealscrub.endpoint.NAME``, which a deployment sets."""
    return _tag_names(tags, _ENDPOINT)


def plan_of(tags: Mapping[str, str]) -> dict[str, str]:
    """Give the digest of the plan's file, 64 hex digits, by dataset."""
    return {name: tags[f"{_PLAN}{name}"].removeprefix("sha256:") for name in _tag_names(tags, _PLAN)}


def checked_name(name: str) -> str:
    """Refuse a name that cannot be part of a tag's and a file's."""
    if not _NAME.fullmatch(name):
        raise ConfigError(
            "invalid name of a dataset", hint="use letters, digits, - and _, at most 64, beginning with a letter."
        )
    return name


def mlflow_module() -> Any:
    """Load MLflow, with its telemetry off.

    Raises
    ------
    MissingExtra
        When it is not installed.
    """
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("DO_NOT_TRACK", "true")
    import mlflow

    return mlflow


def client_of(tracking_uri: str | None) -> Any:
    """Open a tracking store that is there.

    Raises
    ------
    UnreadableInput
        When it is a file of SQLite that does not exist: MLflow would make it, and no model would be in it.
    MissingExtra
        When mlflow is not installed.
    """
    mlflow = mlflow_module()
    uri = tracking_uri or str(mlflow.get_tracking_uri())
    kind, _, place = uri.partition(":///")
    if kind.partition("+")[0] == "sqlite" and not Path(place.partition("?")[0]).is_file():
        raise UnreadableInput(
            "the tracking store does not exist",
            hint=Spelled('tracking_uri="sqlite:///mlflow.db"', "--tracking-uri sqlite:///mlflow.db"),
        )
    with tracked("open"):
        return mlflow.MlflowClient(tracking_uri, tracking_uri)


@contextlib.contextmanager
def tracked(what: str) -> Iterator[None]:
    """Say that the tracking store refused something, without its text, which may hold addresses and passwords."""
    from mlflow.exceptions import MlflowException

    try:
        yield
    except MlflowException as error:
        raise IncompleteError(
            f"the tracking store did not {what} ({error.error_code})",
            hint="check that it exists, and that you may do this.",
        ) from None
    except OSError as error:
        raise IncompleteError(f"the tracking store did not {what} ({type(error).__name__})") from None


def _tag_names(tags: Mapping[str, str], prefix: str) -> tuple[str, ...]:
    return tuple(sorted(name.removeprefix(prefix) for name in tags if name.startswith(prefix)))
