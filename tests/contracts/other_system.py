"""A process on a system that is not Linux, as far as this one can play it: no Landlock, no ``fcntl``, no ``os.pread``.

What Windows lacks is hidden, ``msvcrt`` locks by the locks of this system, and the system's name is that of macOS, as
which the libraries that are installed here still run. File names, modes and renames stay those of this system.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

MODULES = ("fcntl", "grp", "pwd", "resource", "termios")
"""Modules of Python that Windows lacks, and the library could ask for."""

NAMES = (
    "O_CLOEXEC", "O_DIRECTORY", "O_NOFOLLOW", "O_NONBLOCK", "O_PATH", "ST_RDONLY", "fchmod", "fchown", "fork",
    "fstatvfs", "getegid", "geteuid", "getgid", "getuid", "killpg", "pread", "pwrite", "sched_getaffinity", "setsid",
    "statvfs", "sysconf", "uname",
)  # fmt: skip
"""Names of ``os`` that Windows lacks."""

_HIDING = """
import ctypes, errno, fcntl, os, shutil, subprocess, sys, sysconfig, tempfile, time, types

PLACE = 1 << 40


def locking(handle, what, size):
    assert (os.lseek(handle, 0, os.SEEK_CUR), size) == (PLACE, 1), "it would lock what others read"
    try:
        fcntl.flock(handle, fcntl.LOCK_UN if what == "unlock" else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        time.sleep(0.01)  # Windows waits ten seconds
        raise OSError(errno.EDEADLK, "it is locked") from None


sys.modules["msvcrt"] = types.ModuleType("msvcrt")
vars(sys.modules["msvcrt"]).update(locking=locking, LK_LOCK="lock", LK_UNLCK="unlock")
sysconfig.get_config_vars()
sys.platform = "darwin"
os.environ["POLARS_SKIP_CPU_CHECK"] = "1"  # it asks the processor by Linux's names
shutil._use_fd_functions = False
for module in {modules!r}:
    sys.modules[module] = None
for name in {names!r}:
    if hasattr(os, name):
        delattr(os, name)
"""


def environment(folder: Path) -> dict[str, str]:
    """Give the environment of such a process, and of all that it starts; what hides the rest is put into a folder."""
    (folder / "sitecustomize.py").write_text(_HIDING.format(modules=MODULES, names=NAMES))
    path = os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])
    return {**os.environ, "PYTHONPATH": path}


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python there."""
    return subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment(folder), capture_output=True, text=True, check=False
    )
