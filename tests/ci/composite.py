"""Runs the steps of ``action.yml`` as a runner of GitHub's does, as far as that file goes."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
_EXPRESSION = re.compile(r"\$\{\{ *(.*?) *\}\}")
_IF = re.compile(r"!cancelled\(\) && steps\.(\w+)\.outcome == 'success' && inputs\.([\w-]+) != ''")


@dataclass
class Ran:
    """A run of the action: exit codes by the steps' names, and what they said."""

    codes: dict[str, int] = field(default_factory=dict)
    said: str = ""


class Runner:
    """A runner for one job.

    Parameters
    ----------
    folder : Path
        The checkout.
    path : Path
        A folder of commands that comes first.
    """

    def __init__(self, folder: Path, path: Path, *, leave_out: tuple[str, ...] = ()) -> None:
        self.folder, self.path, self.leave_out = folder, path, leave_out
        self.outputs: dict[str, dict[str, str]] = {}
        self.ended: dict[str, int] = {}

    def run(self, **given: str) -> Ran:
        named = {name.replace("_", "-"): value for name, value in given.items()}
        assert named.keys() <= ACTION["inputs"].keys()
        inputs = {name: named.get(name, said["default"]) for name, said in ACTION["inputs"].items()}
        ran = Ran()
        for step in ACTION["runs"]["steps"]:
            if not self._wanted(step, inputs, ran):
                continue
            assert step["shell"] == "bash"
            done = self._step(step, inputs)
            ran.codes[step["name"]], ran.said = done.returncode, ran.said + done.stdout + done.stderr
            self.ended[step.get("id", "")] = done.returncode
        return ran

    def _wanted(self, step: Mapping[str, Any], inputs: Mapping[str, str], ran: Ran) -> bool:
        if step.get("id") in self.leave_out:
            return False
        if "if" not in step:
            return not any(ran.codes.values())
        before, wanted = _IF.fullmatch(self._inner(step["if"])).groups()
        return self.ended[before] == 0 and inputs[wanted] != ""

    @staticmethod
    def _inner(text: str) -> str:
        return _EXPRESSION.fullmatch(text)[1]

    def _step(self, step: Mapping[str, Any], inputs: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        output = self.folder / ".output"
        output.write_text("")
        own = {name: _EXPRESSION.sub(lambda found: self._value(found[1], inputs), v) for name, v in step["env"].items()}
        assert not _EXPRESSION.search(step["run"]), "values reach a script by its environment alone"
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            cwd=self.folder,
            env={**os.environ, **own, "GITHUB_OUTPUT": str(output), "PATH": f"{self.path}:{os.environ['PATH']}"},
            capture_output=True,
            text=True,
            check=False,
        )
        said: list[tuple[str, str]] = [line.partition("=")[::2] for line in output.read_text().splitlines()]
        self.outputs[step.get("id", "")] = dict(said)
        return done

    def _value(self, expression: str, inputs: Mapping[str, str]) -> str:
        for part in expression.split(" || "):
            match part.split("."):
                case ["inputs", name]:
                    value = inputs[name]
                case ["steps", step, "outputs", name]:
                    value = self.outputs[step][name]
                case ["github", "action_path"]:
                    value = str(ROOT)
                case _:
                    raise AssertionError(expression)
            if value:
                return value
        return ""
