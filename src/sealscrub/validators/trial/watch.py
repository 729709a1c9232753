"""What a function reads other than its argument, watched from inside of its process: the environment, and files."""

from __future__ import annotations

import os
import re
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path
from typing import Any

__all__ = ["Watch"]

_MOST = 2000
_ON_IMPORT = ", which its module reads when it is imported"
_SHARED = Path("/dev/shm")  # noqa: S108 - joblib's and multiprocessing's own place
_ENVIRONMENT = re.compile(r"/proc/[^/]+/environ")
_NAMES = {"socket.getaddrinfo", "socket.gethostbyname"}
_STARTS = {"os.system", "os.exec", "os.posix_spawn", "subprocess.Popen"}
#: Variables that say how programs are found and run, and hold no data.
_STRUCTURE = (
    "PATH", "HOME", "USER", "LOGNAME", "SHELL", "TERM", "LANG", "LC_", "TZ", "PWD", "TMP", "TEMP", "XDG_",
    "PYTHON", "LD_", "DYLD_", "VIRTUAL_ENV", "CONDA", "OMP_", "MKL_", "OPENBLAS_", "NUMEXPR_", "KMP_",
    "POLARS_", "JOBLIB_", "LOKY_", "CUDA", "NVIDIA_", "JAVA_", "SPARK_", "HADOOP_", "PYSPARK_", "MPL",
    "SEALSCRUB_", "SYSTEMROOT", "PYTEST_",
)  # fmt: skip
#: Libraries that read the environment on behalf of the code that calls them.
_READERS = ("pydantic_settings", "environs", "decouple", "dotenv")


class Watch:
    """Notes, while a function runs, which environment variables its own code reads and which files Python opens.

    Files that are opened by other means than Python's (polars, DuckDB, Arrow) are not seen here: the sandbox refuses
    them all the same.
    """

    def __init__(self, left: Iterable[str] | None = None) -> None:
        self.environment: list[str] = []
        self.hosts: list[str] = []
        self.on_import: set[str] = set()
        self._opened: dict[str, None] = {}
        self._libraries = tuple(str(sysconfig.get_path(name)) for name in ("stdlib", "purelib", "platlib"))
        self._watching = self._hooked = False
        if left is None:
            left = (str(path) for path in _SHARED.rglob("*")) if _SHARED.is_dir() else ()
        self._left = set(left)

    def __enter__(self) -> Watch:
        read = type(os.environ).__getitem__
        watch = self

        def watched(environment: Any, name: str) -> str:
            found = read(environment, name)
            said = os.fsdecode(name)
            if watch._watching and said not in watch.environment and watch._is_own(sys._getframe(1)):
                watch.environment.append(said)
            return found

        type(os.environ).__getitem__ = watched  # type: ignore[method-assign]
        self._unwatched = read
        if not self._hooked:
            sys.addaudithook(self._note)
        self._hooked = self._watching = True
        return self

    def __exit__(self, *_: object) -> None:
        self._watching = False
        type(os.environ).__getitem__ = self._unwatched  # type: ignore[method-assign]

    def imported(self) -> None:
        """Note that what was opened until now was opened as modules were imported."""
        self.on_import = set(self._opened)

    @property
    def undeclared(self) -> list[str]:
        """Name what was opened that no sandbox can refuse: files of others in shared memory, the first environment."""
        return [name for name in self._opened if name in self._left or _ENVIRONMENT.fullmatch(name)]

    def left_by_others(self, text: str) -> list[str]:
        """Name files of others in shared memory that an error's text names: they do not exist any more."""
        return sorted(name for name in self._left if name in text)

    def refused(self, readable: Iterable[str]) -> list[str]:
        """Name files that were opened, and that the sandbox refuses; a function may have hidden that."""
        known = {Path(path) for path in readable}  # as many as a project has files
        found = []
        for name in self._opened:
            path = Path(name).absolute()
            if known.isdisjoint((path, *path.parents)):
                try:
                    os.close(os.open(path, os.O_RDONLY))
                except PermissionError:
                    found.append(f"{path}{_ON_IMPORT if name in self.on_import else ''}")
                except OSError:
                    continue
        return found

    def _note(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self._watching and event in ("open", "sqlite3.connect") and len(self._opened) < _MOST:
            name = arguments[0]
            if isinstance(name, str | bytes | os.PathLike):
                self._opened.setdefault(os.path.abspath(os.fsdecode(name)))
        elif self._watching and event in _NAMES and isinstance(arguments[0], str) and len(self.hosts) < _MOST:
            self.hosts += [arguments[0]] if arguments[0] not in self.hosts else []
        elif self._watching and event in _STARTS:  # a program gets the whole environment, and may read any of it
            kept = (name for name in os.environ if not name.startswith(_STRUCTURE))
            self.environment += [name for name in kept if name not in self.environment]

    def _is_own(self, frame: Any) -> bool:
        """Whether the project's own code asked, through os and nothing else."""
        while frame is not None and frame.f_globals.get("__name__") in ("os", "_collections_abc", "collections.abc"):
            frame = frame.f_back
        if frame is None:
            return False
        file = frame.f_code.co_filename
        if frame.f_globals.get("__name__", "").partition(".")[0] in _READERS:
            return True
        frozen = file.startswith("<frozen")
        return not frozen and "site-packages" not in file and not file.startswith(self._libraries)
