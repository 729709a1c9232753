"""The far end of forks: imports what every run imports, says what it is, and is forked for each run."""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import signal
import socket
import sys
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from ..sandbox.system_calls import library

__all__ = ["serve"]

_ROOM = __package__
#: What the child's script imports before it loads the function, in its order, and nothing else.
_IMPORTED = (
    "sealscrub.validators.sandbox.process_walls",
    "sealscrub.validators.landlock",
    "cloudpickle",
    "numpy.ma",
    "numpy.random",
    "sealscrub.transforms",
    "sealscrub.identifiers",
    "sealscrub.index.planted_keys",
    f"{_ROOM}.closure_data",
    f"{_ROOM}.pieces",
    f"{_ROOM}.result_pieces",
    f"{_ROOM}.watch",
)
_LONGEST_PATH = 1 << 14
_SUBREAPER = 36


def serve(line: int, run: Callable[[str], Any]) -> NoReturn:
    """Fork this process for each job, until no one asks any more.

    Parameters
    ----------
    line : int
        The socket at which jobs are named.
    run : callable
        Takes the name of a job's file, in a process of its own, and does not return.
    """
    for name in _IMPORTED:
        importlib.import_module(name)
    asked = socket.socket(fileno=line)
    asked.send(json.dumps(_found(line)).encode())
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # no one waits for those that keep a run
    while True:
        said, descriptors, _, _ = socket.recv_fds(asked, _LONGEST_PATH, 2)
        if len(descriptors) != 2:
            os._exit(0)
        if not _fork():
            asked.close()
            _keep(os.fsdecode(said), descriptors[0], descriptors[1], run)
        for each in descriptors:
            os.close(each)


def _found(line: int) -> dict[str, Any]:
    """Say what could make a fork differ from a fresh interpreter, or join two of them."""
    first = _fork()  # before which libraries that know of forks put their threads to rest
    if not first:
        os._exit(0)
    os.waitpid(first, 0)
    tasks = [each for each in Path("/proc/self/task").iterdir() if each.name != str(os.getpid())]
    files = (getattr(module, "__file__", None) for module in list(sys.modules.values()))
    kinds = [each.split()[1] for each in Path("/proc/self/maps").read_text().splitlines()]
    return {
        "threads": [each.joinpath("comm").read_text().strip() for each in tasks],
        "open": [each for each in _descriptors() if each > 2 and each != line],
        "shared": any("w" in kind and "s" in kind for kind in kinds),
        "folders": sorted({os.path.dirname(file) for file in files if file}),
        "names": sorted({name.partition(".")[0] for name in sys.modules}),
    }


def _descriptors() -> list[int]:
    found = []
    for name in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):  # the folder's own, which is closed by now
            os.fstat(int(name))
            found.append(int(name))
    return found


def _fork() -> int:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that there are threads, which is looked at by what they are
        return os.fork()


def _keep(job: str, hold: int, word: int, run: Callable[[str], Any]) -> NoReturn:
    """Fork a run's own process, inherit what it leaves, say how it ended, and stay until no one asks for it."""
    os.setsid()
    library().prctl(_SUBREAPER, 1, 0, 0, 0)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    run_process = _fork()
    if not run_process:
        os.close(hold)
        os.dup2(word, 0)
        os.close(word)
        _become(job)
        run(job)
        os._exit(1)
    os.close(word)
    os.write(hold, b"%d\n" % os.getpid())
    ended = status = 0
    while ended != run_process:
        ended, status = os.waitpid(-1, 0)
    with contextlib.suppress(OSError):
        os.write(hold, b"%d\n" % os.waitstatus_to_exitcode(status))
        os.read(hold, 1)
    os._exit(0)


def _become(job_file: str) -> None:
    """Take a run's environment and folder, as a fresh interpreter has them from its start."""
    job = json.loads(Path(job_file).read_text())
    for name, value in job["environment"].items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    os.chdir(job["folder"])
    sys.argv[1:] = [job_file]
    sys.modules.pop(__name__, None)
    sys.path_importer_cache.clear()
    importlib.invalidate_caches()
    tempfile.tempdir = None
