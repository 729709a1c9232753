"""What a daily drill found, as values, JSON and a page. Operator's copy: it counts seals."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sealscrub.reports import Column, Count, Document, Kind, Notes, Reported, Table, counted

__all__ = ["Drill", "DrillStep", "Retrain"]


@dataclass(frozen=True, slots=True)
class DrillStep:
    """A step: its name, how long it took in seconds, and result.

    Examples
    --------
    >>> DrillStep("publish", 0.25, "one index")
    DrillStep(name='publish', seconds=0.25, said='one index')
    """

    name: str
    seconds: float
    said: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrain:
    """A model that must be trained again, and what it was made by.

    Attributes
    ----------
    uri, state : str
    aliases, endpoints : tuple of str
        If it is deployed.
    newest : bool
        Whether it is the last version of its name.
    runs : tuple of str
    plans : mapping of str to str
        Digest of the plan's file by dataset.
    plan_files : tuple of str
        Those of the given plans that have these digests.
    code, seeds : mapping of str to str
        As its runs' tags have them.

    Examples
    --------
    >>> Retrain(uri="models:/risk/3", state="tainted", aliases=("champion",)).deployed
    True
    """

    uri: str
    state: str
    aliases: tuple[str, ...] = ()
    endpoints: tuple[str, ...] = ()
    newest: bool = False
    runs: tuple[str, ...] = ()
    plans: Mapping[str, str] = field(default_factory=dict, hash=False)
    plan_files: tuple[str, ...] = ()
    code: Mapping[str, str] = field(default_factory=dict, hash=False)
    seeds: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def deployed(self) -> bool:
        """Whether an alias or an endpoint leads to it."""
        return bool(self.aliases or self.endpoints)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drill(Reported):
    """What a daily drill came to.

    Attributes
    ----------
    epoch, as_of, index
        Of the new index.
    since : int or None
        Epoch of the previous index.
    begun : datetime.datetime
    steps : tuple of DrillStep
    retrains : tuple of Retrain
        Deployed ones first.
    still_there : int
        Identifiers sealed since that are still in the certified data.

    Examples
    --------
    >>> drill = Drill(epoch=4, as_of=dt.date(2026, 11, 25), index="7c1e", since=3, begun=dt.datetime(2026, 11, 25, 6),
    ...               steps=(), retrains=(), still_there=1)
    >>> drill.exit_code
    1
    """

    epoch: int
    as_of: dt.date
    index: str
    since: int | None
    begun: dt.datetime
    steps: tuple[DrillStep, ...]
    retrains: tuple[Retrain, ...]
    still_there: int = 0

    @property
    def exit_code(self) -> int:
        """0 done · 1 an identifier that is sealed is still in the data that was certified after retraining."""
        return 1 if self.still_there else 0

    def _facts(self) -> Mapping[str, Any]:
        return {
            "epoch": self.epoch,
            "as_of": self.as_of.isoformat(),
            "index": self.index,
            "since": self.since,
            "begun": self.begun.isoformat(timespec="seconds"),
            "still_there": self.still_there,
            "steps": [{"name": each.name, "seconds": round(each.seconds, 3), "said": each.said} for each in self.steps],
            "retrains": [
                {
                    "uri": each.uri,
                    "state": each.state,
                    "aliases": list(each.aliases),
                    "endpoints": list(each.endpoints),
                    "newest": each.newest,
                    "runs": list(each.runs),
                    "plans": dict(each.plans),
                    "plan_files": list(each.plan_files),
                    "code": dict(each.code),
                    "seeds": dict(each.seeds),
                }
                for each in self.retrains
            ],
        }

    def _document(self) -> Document:
        steps = tuple((each.name, f"{each.seconds:.2f} s", each.said) for each in self.steps)
        left = f"{counted(self.still_there, 'identifier', 'is', 'are')} sealed and still in the certified data."
        columns = (Column("step"), Column("time", number=True), Column("result"))
        return replace(
            self._brief(),
            facts={**self._brief().facts, "Sealed identifiers still there": Count(self.still_there, "bad")},
            parts=(
                Notes(title="Still there", items=(left,) if self.still_there else (), kind="warn"),
                Notes(title="To be trained again", items=tuple(map(_retrained, self.retrains))),
                Table(title="Steps", columns=columns, rows=steps),
            ),
            closing=(f"Index {self.index}.",),
            operators_copy="It counts seals, and stays on the trusted host.",
        )

    def _brief(self) -> Document:
        since = {} if self.since is None else {"Since": f"epoch {self.since}"}
        kind: Kind = "bad" if self.still_there else "warn" if self.retrains else "good"
        said = "Models have to be trained again" if self.retrains else "No model has to be trained again"
        steps = ["Train again the models that are named, deployed ones first."] if self.retrains else []
        steps += ["Scrub the certified data again: a sealed identifier is still in it."] if self.still_there else []
        return Document(
            tool="refresh-report",
            kind=kind,
            headline="A sealed identifier is still in the certified data" if self.still_there else said,
            facts={
                "Begun": self.begun.isoformat(sep=" ", timespec="minutes"),
                "Seals as of": f"{self.as_of.isoformat()}, epoch {self.epoch}",
                **since,
            },
            steps=tuple(steps),
        )


def _retrained(each: Retrain) -> str:
    places = [*each.aliases, *(f"served as {name}" for name in each.endpoints)]
    named = f" ({', '.join(places)})" if places else ""
    plan = ", ".join(each.plan_files) or ("a plan that was not given" if each.plans else "no plan")
    code = f"; code {each.code['gitCommit'][:12]}" if "gitCommit" in each.code else ""
    runs = f"; runs {', '.join(run[:12] for run in each.runs)}" if each.runs else ""
    return f"train again: {each.uri}{named}: {each.state}; by {plan}{code}{runs}"
