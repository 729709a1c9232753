"""The process in which the tested function runs: started again, sandboxed, seeded, and ended after one call.

It is run as a module with the name of a JSON file, and imports nothing heavy before it is sandboxed; or it is forked
from one that has (`forked_child`), and is sandboxed before it reads anything of its own.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import socket
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import Any

from .error_place import error_place

__all__ = ["main"]

_DENIED = (1, 13, 30)  # EPERM, EACCES, EROFS
_NAMES = "names, links, sizes and times of files, and entries of users, can be seen"
# polars cuts a long one: ...end/of/it
_PATH = re.compile(r"(?:^|[\s'\"(:])((?:\.{3}[^\s'\":()/]*)?(?:/[^\s'\":()]+)+)")


def main(job_file: str) -> None:
    """Do one job."""
    job = json.loads(Path(job_file).read_text())
    sys.path[:] = job["sys_path"]
    done: dict[str, Any] = {"status": "error"}
    if job["sandbox"]:
        done |= _shut_in(job)
    process = os.getpid()
    _limit_memory(job["memory"])
    try:
        _run(job, done)
    except BaseException as error:
        done |= _error_outcome(error, None)
    if os.getpid() != process:  # the function forked, and the copy came back too
        os._exit(0)
    Path(job["done"]).write_text(json.dumps(done))
    sys.stdout.flush()
    os._exit(0)


def _shut_in(job: dict[str, Any]) -> dict[str, Any]:
    """Sandbox this process, as the system can, and continue in another that is; say what stays open."""
    from ..sandbox.process_walls import wall_in

    readable, writable, listed = (map(Path, job[name]) for name in ("readable", "writable", "listed"))
    landlock = int(job["landlock"])
    walled = wall_in(Path(job["done"]).parent, tcp=job["tcp"], landlock=landlock)
    apart = walled.network or walled.judged
    if landlock:
        from ..landlock import restrict

        said = list(restrict(readable, writable, apart or job["tcp"], listed=listed, execute=True).weakenings)
    else:
        from .refusals import refuse

        said = list(refuse(readable, writable, listed, network=apart))
    doors = [*said, *walled.open_doors(landlock, tcp=job["tcp"]), _NAMES]
    return {"doors": doors, "left": walled.left}


def _run(job: dict[str, Any], done: dict[str, Any]) -> None:
    import cloudpickle
    import numpy.ma
    import numpy.random  # noqa: F401 - polars loads ma and a seed random: before the run is forked

    import sealscrub.transforms  # noqa: F401 - most functions ask for it: loaded while they wait
    from sealscrub.identifiers import register_scheme
    from sealscrub.index.planted_keys import planted

    from .closure_data import fingerprints, session_state
    from .pieces import Incomparable
    from .result_pieces import take_apart
    from .watch import Watch

    _seed(job["seed"])
    word = {} if job["sandbox"] else _word()
    for name in word.get("without", ()):  # before the function's modules are loaded, which may read it
        os.environ.pop(name, None)
    process, watch = os.getpid(), Watch(done.pop("left", None))
    with open(job["schemes"], "rb") as file:
        for scheme in cloudpickle.load(file):
            register_scheme(scheme)
    try:
        with open(job["function"], "rb") as file, watch:
            function, probe = cloudpickle.load(file)
    except Exception as error:  # whatever the function's module raises when it is imported
        done |= _error_outcome(error, watch) | {"imported": _module_of(error)}
        return
    watch.imported()
    done["state"] = fingerprints(session_state(function))
    word = word or _word()
    if word["session"]:
        with open(word["session"], "rb") as file:
            _resume(cloudpickle.load(file))
    with open(word["data"], "rb") as file:
        data = cloudpickle.load(file)
    with planted(word["planted"]) as plant, watch:
        begun = time.monotonic()
        try:
            result = function(data)
        except Incomparable as error:
            done |= {"status": "incomparable", "why": str(error), "asked": plant.asked, "denied": watch.undeclared}
            return
        except BaseException as error:
            done |= _error_outcome(error, watch) | {"seconds": time.monotonic() - begun, "asked": plant.asked}
            return
        done |= {"seconds": time.monotonic() - begun, "asked": plant.asked}
    if os.getpid() != process:
        return
    done |= {"denied": watch.undeclared, "environment": watch.environment}
    done["refused"] = watch.refused(job["readable"]) if job["sandbox"] else []
    try:
        pieces = take_apart(result, probe)
    except Incomparable as error:
        done |= {"status": "incomparable", "why": str(error)}
        return
    with open(job["pieces"], "wb") as file:
        cloudpickle.dump(pieces, file)
    done["status"] = "ok"


def _resume(session: dict[str, Any]) -> None:
    """Give variables of modules the values that they have in the interpreter of the test."""
    for name, value in session.items():
        module, _, variable = name.partition(":")
        if module in sys.modules:
            setattr(sys.modules[module], variable, value)


def _word() -> dict[str, Any]:
    """Wait for the word which data to take; the function finds an empty standard input."""
    said = b""
    while not said.endswith(b"\n"):
        part = os.read(0, 1 << 20)
        if not part:  # no one waits for this process any more
            os._exit(1)
        said += part
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    return dict(json.loads(said))


def _limit_memory(memory: int) -> None:
    """Let a function that fills the memory fail on its own, before the machine does."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
        least = min(
            limit for limit in (memory or resource.RLIM_INFINITY, soft, hard) if limit != resource.RLIM_INFINITY
        )
        resource.setrlimit(resource.RLIMIT_DATA, (least, hard))


def _seed(seed: int) -> None:
    """Give every source of chance that can be reached a fixed start."""
    import random

    import numpy as np
    import polars as pl

    random.seed(seed)
    np.random.seed(seed)
    pl.set_random_seed(seed)
    names: Any = tempfile._get_candidate_names()  # type: ignore[attr-defined]
    names._rng, names._rng_pid = random.Random(seed), os.getpid()  # noqa: S311 - names of temporary files
    fresh = np.random.default_rng

    def default_rng(given: Any = None) -> Any:
        return fresh(seed if given is None else given)

    np.random.default_rng = default_rng  # type: ignore[assignment]
    with contextlib.suppress(Exception):
        torch = sys.modules.get("torch")
        if torch is not None:
            torch.manual_seed(seed)


def _module_of(error: BaseException) -> str:
    """Name the module whose own code was running, as it is imported, when an error came."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__) if frame.f_code.co_name == "<module>"]
    own = [frame for frame in frames if "sealscrub" not in Path(frame.f_code.co_filename).parts]
    return str(own[-1].f_globals.get("__name__", "")) if own else ""


def _error_outcome(error: BaseException, watch: Any) -> dict[str, Any]:
    """What may be said about an exception: its type, the line, and what was refused by its name; never its text."""
    if isinstance(error, MemoryError):
        return {"status": "killed", "why": "it filled the memory that there is"}
    where = error_place(error)
    denied, seen, chain = [], set(), [error]
    while chain:
        at = chain.pop()
        if id(at) in seen:
            continue
        seen.add(id(at))
        chain += [other for other in (at.__cause__, at.__context__) if other is not None]
        named = at.filename if isinstance(at, OSError) else None
        without = isinstance(at, OSError) and at.errno == errno.ENOTSUP and named is not None  # extended attributes
        refused = isinstance(at, OSError) and (without or at.errno in _DENIED)
        if refused and named:
            denied.append(os.fsdecode(named) if isinstance(named, str | bytes) else "")
        elif refused or "ermission denied" in str(at) or "os error 13" in str(at):
            denied += _PATH.findall(str(at)) or ["(a file or socket that the error does not name)"]
        elif watch is not None:
            denied += watch.hosts if isinstance(at, socket.gaierror) else watch.left_by_others(str(at))
    denied += watch.undeclared if watch is not None else []
    return {"status": "error", "type": type(error).__name__, "where": where, "denied": [d for d in denied if d]}


if __name__ == "__main__":
    if sys.argv[1] == "fork":
        from .forked_child import serve

        serve(int(sys.argv[2]), main)
    main(sys.argv[1])
