"""Running the tested function in fresh interpreters, one for each run."""

from __future__ import annotations

import json
import os
import pickle
import secrets
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import sealscrub

from ..landlock import landlock_abi
from .pieces import Piece

__all__ = ["Outcome", "Runner"]

_CHILD = Path(__file__).with_name("child.py")
_CODE = {".py", ".so", ".pyc", ".pyi", ".pyd", ".pth", ".toml", ".cfg"}
_MOST_FILES = 50_000
_SYSTEM = [
    "/usr", "/lib", "/lib64", "/bin", "/sbin", "/etc", "/proc", "/sys/devices/system", "/sys/fs/cgroup",
    "/dev/null", "/dev/zero", "/dev/urandom", "/dev/random", "/dev/tty",
]  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What came of one run.

    Parameters
    ----------
    status : str
        ``ok``, ``error``, ``incomparable``, ``timeout`` or ``killed``.
    pieces : tuple of Piece
        The result, taken apart.
    said : str
        Of an error: its type and line. Of a result that cannot be compared: why.
    denied : tuple of str
        Paths that the sandbox refused, as far as they became known.
    asked : int
        How often an index was asked.
    seconds : float
        How long the function took.
    weakenings : tuple of str
        What the sandbox left open.
    refused : tuple of str
        Files that the sandbox refused, which the function may have hidden.
    environment : tuple of str
        Environment variables that the function's own code read.
    state : mapping of str to str
        Digests of what the modules of the function held when it was loaded.
    """

    status: str
    pieces: tuple[Piece, ...] = ()
    said: str = ""
    denied: tuple[str, ...] = ()
    asked: int = 0
    seconds: float = 0.0
    weakenings: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    environment: tuple[str, ...] = ()
    state: Mapping[str, str] = field(default_factory=dict)


class Runner:
    """Runs one function over several worlds, each in an interpreter of its own.

    Parameters
    ----------
    function : callable
        Takes the data.
    probe : object
        What fitted estimators are asked about.
    seed : int
    inputs : sequence of path-like
        What the function may read beside its argument.
    sandbox : bool
        Whether runs are shut in, where they do not say otherwise.
    """

    def __init__(
        self, function: Callable[[Any], Any], probe: Any, *, seed: int, inputs: Sequence[Any] = (), sandbox: bool = True
    ) -> None:
        self._function, self._probe, self._seed = function, probe, seed
        self._inputs = [Path(each).absolute() for each in inputs]
        self.sandbox = sandbox and landlock_abi() > 0
        self.spent = 0.0

    def __enter__(self) -> Self:
        self.folder = Path(tempfile.mkdtemp(prefix="sealscrub-nullity-"))
        (self.folder / "shared").mkdir()
        self._function_file = self.folder / "shared" / "function.pkl"
        self._function_file.write_bytes(_pickled_function(self._function, self._probe))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def keep(self, data: Any) -> Path:
        """Write data for runs, once."""
        import cloudpickle

        place = self.folder / "shared" / f"{secrets.token_hex(6)}.pkl"
        with place.open("wb") as file:
            cloudpickle.dump(data, file)
        return place

    def run(
        self,
        data: Path,
        *,
        planted: Mapping[str, Sequence[str]],
        sandbox: bool | None = None,
        timeout: float | None = None,
        files: Iterable[Path] = (),
        without: Sequence[str] = (),
        session: Path | None = None,
    ) -> Outcome:
        """Run the function once.

        Parameters
        ----------
        data : Path
            From :meth:`keep`.
        planted : mapping of str to sequence of str
            Keys that every index holds for this run.
        sandbox : bool, optional
        timeout : float, optional
            Seconds.
        files : iterable of Path
            Files that the data names.
        without : sequence of str
            Environment variables that are taken away.
        session : Path, optional
            From :meth:`keep`: values that variables of modules get, by ``module:name``.
        """
        shut = self.sandbox if sandbox is None else sandbox and self.sandbox
        place = self.folder / f"run-{secrets.token_hex(6)}"
        (place / "tmp").mkdir(parents=True)
        job = self._job(place, data, planted, shut, files) | {"session": str(session) if session else ""}
        (place / "job.json").write_text(json.dumps(job))
        begun = time.monotonic()
        try:
            ended = subprocess.run(  # noqa: S603 - our own interpreter and script
                [sys.executable, str(_CHILD), str(place / "job.json")],
                env=self._environment(place, without),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=timeout,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Outcome("timeout", said="it did not end in the time that it had")
        finally:
            self.spent += time.monotonic() - begun
        if not (place / "done.json").exists():
            return Outcome("killed", said=f"its process ended without a result (code {ended.returncode})")
        outcome = _outcome(place)
        shutil.rmtree(place, ignore_errors=True)
        return outcome

    def _job(
        self, place: Path, data: Path, planted: Mapping[str, Sequence[str]], shut: bool, files: Iterable[Path]
    ) -> dict[str, Any]:
        code = _code_files() if shut else []
        readable = [*_interpreter(), *code, *self._inputs, *files, self.folder / "shared", place]
        return {
            "sandbox": shut,
            "readable": [str(path) for path in readable],
            "writable": [str(place), "/dev/shm", "/dev/null"],  # noqa: S108 - joblib's own place
            "listed": [str(path) for path in _code_roots()],
            "sys_path": [path or os.getcwd() for path in sys.path],
            "seed": self._seed,
            "function": str(self._function_file),
            "data": str(data),
            "planted": {scheme: list(values) for scheme, values in planted.items()},
            "pieces": str(place / "pieces.pkl"),
            "done": str(place / "done.json"),
        }

    def _environment(self, place: Path, without: Sequence[str]) -> dict[str, str]:
        paths = os.pathsep.join(path or os.getcwd() for path in sys.path)
        own = {"PYTHONHASHSEED": "0", "TMPDIR": str(place / "tmp"), "PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"}
        kept = {name: value for name, value in os.environ.items() if name not in without}
        return {**kept, **own, "MPLCONFIGDIR": str(place / "tmp"), "MPLBACKEND": "Agg"}


def _outcome(place: Path) -> Outcome:
    done = json.loads((place / "done.json").read_text())
    pieces: tuple[Piece, ...] = ()
    if done["status"] == "ok":
        with (place / "pieces.pkl").open("rb") as file:
            pieces = tuple(pickle.load(file))  # noqa: S301 - written by our own child
    said = done.get("why") or (f"{done['type']} at {done['where']}" if "type" in done else "")
    return Outcome(
        done["status"],
        pieces,
        said,
        tuple(dict.fromkeys(done.get("denied", ()))),
        int(done.get("asked", 0)),
        float(done.get("seconds", 0.0)),
        tuple(done.get("weakenings", ())),
        tuple(done.get("refused", ())),
        tuple(done.get("environment", ())),
        dict(done.get("state", {})),
    )


def _pickled_function(function: Callable[[Any], Any], probe: Any) -> bytes:
    """Pickle a function: by its module's name where a fresh interpreter finds it, else by what it is."""
    import cloudpickle

    module = sys.modules.get(getattr(function, "__module__", "") or "")
    by_value = _unknown_modules(module) if module is not None else []
    for each in by_value:
        cloudpickle.register_pickle_by_value(each)
    try:
        return bytes(cloudpickle.dumps((function, probe)))
    finally:
        for each in by_value:
            cloudpickle.unregister_pickle_by_value(each)


def _unknown_modules(module: Any) -> list[Any]:
    """Modules of a function's package that a fresh interpreter does not find, as pytest loads them."""
    top = module.__name__.partition(".")[0]
    near = [
        each
        for name, each in list(sys.modules.items())
        if each is not None and name != "__main__" and name.partition(".")[0] == top and name == each.__name__
    ]
    return [each for each in near if not _importable(each.__name__, each)]


def _importable(name: str, module: Any) -> bool:
    """Whether a fresh interpreter, with the same path, imports just this module by its name.

    Found anew from the top: a package that is loaded here, as pytest does it, would vouch for its modules.
    """
    file = getattr(module, "__file__", None)
    parts = name.split(".")
    found, path = None, None
    for at in range(len(parts)):
        found = _spec(".".join(parts[: at + 1]), path)
        if found is None:
            return False
        path = found.submodule_search_locations
    return found is not None and (file is None or found.origin == file)


def _spec(name: str, path: Any) -> Any:
    for finder in sys.meta_path:
        try:
            found = finder.find_spec(name, path)
        except (ImportError, ValueError, AttributeError):
            continue
        if found is not None:
            return found
    return None


def _interpreter() -> list[Path]:
    """Where the interpreter, installed packages and system libraries are."""
    paths = {Path(sys.prefix), Path(sys.base_prefix), Path(sys.exec_prefix), Path(sealscrub.__file__).parent}
    paths |= {Path(path) for path in sysconfig.get_paths().values()}
    paths |= {Path(path) for path in sys.path if Path(path).name in ("site-packages", "dist-packages")}
    return [*sorted(paths), *map(Path, _SYSTEM)]


def _code_roots() -> list[Path]:
    """Folders on the path that are neither the interpreter's nor installed packages: the project's own."""
    known = [path.resolve() for path in _interpreter()]
    roots = []
    for path in dict.fromkeys(path or os.getcwd() for path in sys.path):
        place = Path(path).resolve()
        if place.is_dir() and not any(place.is_relative_to(other) for other in known):
            roots.append(place)
    return roots


def _code_files() -> list[Path]:
    """The project's own code: files by their suffix, and no others of its folders."""
    found: list[Path] = []
    for root in _code_roots():
        for folder, folders, names in os.walk(root):
            folders[:] = [name for name in folders if not name.startswith(".") and name != "node_modules"]
            found += [Path(folder, name) for name in names if Path(name).suffix in _CODE]
            if len(found) > _MOST_FILES:
                return found[:_MOST_FILES]
    return found
