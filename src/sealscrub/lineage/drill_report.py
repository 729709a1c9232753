"""What a daily drill found, as values, JSON and a page. Operator's copy: it counts seals."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from os import PathLike
from pathlib import Path

from sealscrub import __version__
from sealscrub.errors import ConfigError
from sealscrub.placing import placed_file

from .run_page import page_head, table

__all__ = ["Drill", "DrillStep", "Retrain"]


@dataclass(frozen=True, slots=True)
class DrillStep:
    """A step: its name, how long it took in seconds, and what came of it."""

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
        Where it is deployed.
    newest : bool
        Whether it is the last version of its name.
    runs : tuple of str
    plans : mapping of str to str
        Digest of the plan's file by dataset.
    plan_files : tuple of str
        Those of the given plans that have these digests.
    code, seeds : mapping of str to str
        As its runs' tags have them.
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
class Drill:
    """What a daily drill came to.

    Attributes
    ----------
    epoch, as_of, index
        Of the new index.
    since : int or None
        Epoch of the index of before.
    begun : datetime.datetime
    steps : tuple of DrillStep
    retrains : tuple of Retrain
        Deployed ones first.
    still_there : int
        Identifiers sealed since that are still in the certified data.
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

    def to_json(self) -> str:
        """Render as JSON."""
        document = {
            "sealscrub": "drill",
            "version": 1,
            "copy": "operator",
            "tool": __version__,
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
        return json.dumps(document, indent=1, ensure_ascii=False) + "\n"

    def to_text(self) -> str:
        """Render for a terminal."""
        lines = [f"{each.name:<14}{each.seconds:>9.2f} s  {each.said}".rstrip() for each in self.steps]
        for each in self.retrains:
            places = [*each.aliases, *(f"served as {name}" for name in each.endpoints)]
            named = f" ({', '.join(places)})" if places else ""
            plan = ", ".join(each.plan_files) or ("a plan that was not given" if each.plans else "no plan")
            lines.append(f"train again: {each.uri}{named}: {each.state}; by {plan}")
        if self.still_there:
            lines.append(f"{self.still_there:,} identifiers are sealed and still in the certified data")
        return "\n".join(lines) + "\n"

    def to_html(self) -> str:
        """Render as one page that fetches and runs nothing."""
        whole = sum(each.seconds for each in self.steps) or 1.0
        steps = [
            [
                escape(each.name),
                f'<meter min="0" max="{whole:.3f}" value="{each.seconds:.3f}"></meter> {each.seconds:.2f} s',
                escape(each.said),
            ]
            for each in self.steps
        ]
        retrains = [
            [
                f"<code>{escape(each.uri)}</code>",
                escape(each.state),
                escape(", ".join([*each.aliases, *each.endpoints])) or "–",
                escape(", ".join(each.plan_files)) or ("not given" if each.plans else "none"),
                f"<code>{escape(each.code.get('gitCommit', '–')[:12])}</code>",
                "<br>".join(f"<code>{escape(run[:12])}</code>" for run in each.runs) or "–",
            ]
            for each in self.retrains
        ]
        listed = (
            table(["model", "state", "deployed as", "plan", "code", "runs"], retrains)
            if retrains
            else '<p class="pass">No model has to be trained again.</p>'
        )
        bad = (
            f'<p class="bad">{self.still_there:,} identifiers are sealed and still in the certified data.</p>'
            if self.still_there
            else ""
        )
        span = f", since epoch {self.since}" if self.since is not None else ""
        return f"""{page_head("Daily drill")}
<h1>Daily drill</h1>
<p>{escape(self.begun.isoformat(sep=" ", timespec="minutes"))}: index of epoch {self.epoch} as of {self.as_of}{span}</p>
<p class="copy">Operator's copy: it counts seals, and stays on the trusted host.</p>{bad}
<h2>Steps</h2>
{table(["step", "time", "what came of it"], steps)}
<h2>To be trained again</h2>
{listed}
<footer>Made by sealscrub {escape(__version__)}. Index <code>{escape(self.index)}</code></footer>
</body>
</html>
"""

    def save(self, path: str | PathLike[str]) -> None:
        """Write to a .json, .html or .txt file, 0600.

        Raises
        ------
        ConfigError
            When the suffix names none of these.
        """
        path = Path(path)
        ways = {".json": self.to_json, ".html": self.to_html, ".txt": self.to_text}
        if path.suffix.lower() not in ways:
            raise ConfigError("the suffix names no format", where=str(path), hint=".json, .html or .txt.")
        with placed_file(path, mode=0o600) as file:
            file.write(ways[path.suffix.lower()]().encode())
