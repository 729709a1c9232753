"""How a command ends badly: what is said on standard error, and the exit code."""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path

from sealscrub.errors import SealscrubError
from sealscrub.file_system import reason_of

__all__ = [
    "EXIT_INTERRUPTED",
    "EXIT_UNFINISHED",
    "own_stderr",
    "report_error",
    "report_interrupted",
    "report_refusal",
    "report_unforeseen",
]

EXIT_INTERRUPTED = 130
EXIT_UNFINISHED = 3


def report_error(error: SealscrubError) -> int:
    """Say an error of the library, and return its exit code."""
    message, _, hint = printable(error.in_shell()).partition("\n\nHint: ")
    sys.stderr.write(f"error: {message}\n" + (f"Hint: {hint}\n" if hint else ""))
    return error.exit_code


def report_unforeseen(error: BaseException) -> int:
    """Say that something went wrong that no one foresaw, without its text, which may hold values of a row."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "sealscrub" in Path(frame.filename).parts] or frames
    where = f"{Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else "an unknown place"
    sys.stderr.write(
        f"error: an unforeseen {type(error).__name__} at {where}; nothing was written\n"
        "Hint: this is a defect of sealscrub: report the type and the place, and no data.\n"
    )
    return EXIT_UNFINISHED


def report_refusal(error: OSError) -> int:
    """Say what the operating system refused, such as a standard output on a full disk."""
    sys.stderr.write(
        f"error: the operating system refused to continue ({reason_of(error)})\n"
        "Hint: see that disks have room and what reads the output is there, and run it again.\n"
    )
    return EXIT_UNFINISHED


def report_interrupted() -> int:
    """Say that Ctrl-C was heard."""
    sys.stderr.write("interrupted; nothing was written\n")
    return EXIT_INTERRUPTED


def own_stderr() -> None:
    """Keep standard error to what this process says in Python.

    A library in compiled code that panics prints the reason on its own, and that may hold a value of a row. Its
    error reaches us all the same, and is said without its text.
    """
    try:
        own = os.dup(2)
    except OSError:  # it is closed
        return
    encoding = sys.stderr.encoding if sys.stderr else "utf-8"
    sys.stderr = open(own, "w", encoding=encoding, errors="backslashreplace", buffering=1)  # noqa: SIM115 - for good
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 2)
    os.close(nothing)


def printable(text: str) -> str:
    """Take from a text what could steer a terminal: names of files and columns come from outside."""
    return "".join(
        char if char.isprintable() or char == "\n" else char.encode("unicode_escape").decode() for char in text
    )
