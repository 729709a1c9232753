"""Running the tested function in processes of their own, one for each run."""

from __future__ import annotations

import contextlib
import inspect
import json
import os
import pickle
import secrets
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sealscrub.identifiers.known_schemes import own_schemes

from ..landlock import landlock_abi
from ..sandbox.namespaces import SHARED
from ..sandbox.process_walls import REFUSED_FILE
from .interpreter import Interpreter, memory_limit
from .outcome import Outcome
from .pickled_functions import pickled, pickled_function
from .pieces import Piece
from .readable_paths import code_files, code_roots, interpreter_paths
from .zygote import Forked, zygote_for

__all__ = ["Runner"]

_RUNS_AHEAD = 2
_BY_VALUE = "<dynamic-code>"
"""What cloudpickle calls the file of a function that it takes apart."""


class Runner:
    """Runs one function over several worlds, each in an interpreter of its own.

    Interpreters of later runs are started ahead: they are sandboxed, import what the function needs, and wait for their
    data. The first two runs decide most tests that fail, so those after them are not started before. Sandboxed ones are
    forked from a process that has imported what each of them imports, if it can be (`zygote`); the others are fresh.

    Parameters
    ----------
    function : callable
        Takes the data.
    probe : object
        What fitted estimators are asked about.
    seed : int
    inputs : sequence of path-like
        What the function may read other than its argument.
    sandbox : bool
        Whether runs are sandboxed unless they say otherwise: by Landlock, or if the system has none by Python's
        audit hooks.
    expected : sequence of bool
        Of the runs to come, in order: whether they are sandboxed.
    """

    def __init__(
        self,
        function: Callable[[Any], Any],
        probe: Any,
        *,
        seed: int,
        inputs: Sequence[Any] = (),
        sandbox: bool = True,
        expected: Sequence[bool] = (),
    ) -> None:
        self._function, self._probe, self._seed = function, probe, seed
        self._inputs = [Path(each).absolute() for each in inputs]
        self.sandbox = sandbox
        self._landlock = landlock_abi()
        self._expected = [refused and self.sandbox for refused in expected]
        code = getattr(inspect.unwrap(function), "__code__", None)
        self._source = Path(code.co_filename).name if code is not None else ""
        self._waiting: list[Interpreter | Forked] = []
        self._runs = 0
        self._code: list[Path] | None = None

    def __enter__(self) -> Self:
        self.folder = Path(tempfile.mkdtemp(prefix="sealscrub-nullity-"))
        try:
            (self.folder / "shared").mkdir()
            self._function_file = self.folder / "shared" / "function.pkl"
            self._function_file.write_bytes(pickled_function(self._function, self._probe))
            (self.folder / "shared" / "schemes.pkl").write_bytes(pickle.dumps(own_schemes()))
            self._start_ahead()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for each in self._waiting:
            each.end()
        shutil.rmtree(self.folder, ignore_errors=True)

    def keep(self, data: Any) -> Path:
        """Write data for runs, once.

        Raises
        ------
        UsageError
            When it cannot be pickled.
        """
        place = self.folder / "shared" / f"{secrets.token_hex(6)}.pkl"
        place.write_bytes(pickled(data, "the data"))
        return place

    def run(
        self,
        data: Path,
        *,
        planted: Mapping[str, Sequence[str]],
        sandbox: bool | None = None,
        timeout: float | None = None,
        without: Sequence[str] = (),
        session: Path | None = None,
        fresh: bool = False,
    ) -> Outcome:
        """Run the function once; see :meth:`.subject.Runs.run`."""
        shut = self.sandbox if sandbox is None else sandbox and self.sandbox
        self._runs += 1
        if self._runs > _RUNS_AHEAD:
            self._start_ahead()
        interpreter = None if fresh else next((each for each in self._waiting if each.shut is shut), None)
        if interpreter is None:
            interpreter = self._start_interpreter(shut, fresh)
        else:
            self._waiting.remove(interpreter)
        try:
            word: dict[str, Any] = {"data": str(data), "session": str(session or ""), "without": list(without)}
            interpreter.go(word | {"planted": {scheme: list(keys) for scheme, keys in planted.items()}})
            if self._runs > _RUNS_AHEAD:
                self._start_ahead()
            code = interpreter.wait(timeout)
        finally:
            interpreter.end()
        place = interpreter.place
        try:
            if code is None:
                return Outcome("timeout", said="it did not end in the time that it had")
            if not (place / "done.json").exists():
                said = f"its process ended without a result (code {code})"
                if shut and place.resolve().is_relative_to(SHARED):
                    said += f": files in {SHARED}, as temporary ones are now, do not exist for it; set TMPDIR elsewhere"
                return Outcome("killed", said=said)
            return _outcome(place, self._source)
        finally:
            shutil.rmtree(place, ignore_errors=True)

    def _start_ahead(self) -> None:
        while self._expected and len(self._waiting) < _RUNS_AHEAD:
            self._waiting.append(self._start_interpreter(self._expected.pop(0)))

    def _start_interpreter(self, shut: bool, fresh: bool = False) -> Interpreter | Forked:
        place = self.folder / f"run-{secrets.token_hex(6)}"
        (place / "tmp").mkdir(parents=True)
        job, environment = self._job(place, shut), self._environment(place)
        if shut and self._landlock and not fresh:
            with contextlib.suppress(OSError):  # this process' own folder is gone, or it has no /proc
                folder = os.getcwd()
                zygote = zygote_for(environment)
                if zygote is not None:
                    return Forked(zygote, place, job, environment, folder)
        (place / "job.json").write_text(json.dumps(job))
        return Interpreter(place, shut, environment)

    def _job(self, place: Path, shut: bool) -> dict[str, Any]:
        if self._code is None:
            self._code = code_files() if self.sandbox else []
        readable = [*interpreter_paths(), *self._code, *self._inputs, self.folder / "shared", place]
        return {
            "sandbox": shut,
            "landlock": self._landlock,
            "tcp": bool(getattr(self._function, "needs_tcp", False)),
            "readable": [str(path) for path in readable],
            "writable": [str(place), "/dev/shm", "/dev/null"],  # noqa: S108 - joblib's own place
            "listed": [str(path) for path in code_roots()],
            "sys_path": [path or os.getcwd() for path in sys.path],
            "seed": self._seed,
            "memory": memory_limit(),
            "function": str(self._function_file),
            "schemes": str(self.folder / "shared" / "schemes.pkl"),
            "pieces": str(place / "pieces.pkl"),
            "done": str(place / "done.json"),
        }

    def _environment(self, place: Path) -> dict[str, str]:
        paths = os.pathsep.join(path or os.getcwd() for path in sys.path)
        own = {"PYTHONHASHSEED": "0", "TMPDIR": str(place / "tmp"), "PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"}
        own["JOBLIB_TEMP_FOLDER"] = own["TMPDIR"]  # else it leaves rows in shared memory if a run is ended
        return {**os.environ, **own, "MPLCONFIGDIR": str(place / "tmp"), "MPLBACKEND": "Agg"}


def _outcome(place: Path, source: str) -> Outcome:
    done = json.loads((place / "done.json").read_text())
    pieces: tuple[Piece, ...] = ()
    if done["status"] == "ok":
        with (place / "pieces.pkl").open("rb") as file:
            pieces = tuple(pickle.load(file))  # noqa: S301 - written by our own child
    said = done.get("why") or (f"{done['type']} at {done['where']}" if "type" in done else "")
    said = said.replace(_BY_VALUE, source) if source else said
    judged = json.loads((place / REFUSED_FILE).read_text()) if (place / REFUSED_FILE).exists() else []
    denied = [*done.get("denied", ())]
    if judged and done["status"] == "error":
        denied = [*(each for each in denied if not each.startswith("(")), *judged]
    return Outcome(
        done["status"],
        pieces,
        said,
        tuple(dict.fromkeys(denied)),
        int(done.get("asked", 0)),
        float(done.get("seconds", 0.0)),
        tuple(done.get("doors", ())),
        tuple(dict.fromkeys((*done.get("refused", ()), *judged))),
        tuple(done.get("environment", ())),
        dict(done.get("state", {})),
        done.get("imported", ""),
    )
