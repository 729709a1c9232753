"""The command line: one file a command, each of which parses, calls the library, formats, and exits with a code.

Exit codes are part of the interface: 0 clean and complete (for scrub: the target is written), 1 sealed or withheld
records found, 2 wrong use or configuration, 3 could not finish or could not check.
"""

from __future__ import annotations

import functools
import os
import re
import sys
from collections.abc import Sequence
from typing import Any

from sealscrub import __version__
from sealscrub.boundary import bound

from .exit_codes import (
    EXIT_INTERRUPTED,
    EXIT_UNFINISHED,
    own_stderr,
    report_error,
    report_interrupted,
    report_refusal,
    report_unforeseen,
)

__all__ = ["main", "run"]

_TYPED_VALUE = re.compile(r"'.*'(?= (?:is|does) not )", re.DOTALL)


@bound
def main(argv: Sequence[str] | None = None) -> None:
    """Run the command line and exit.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments after the program's name; by default those of the process.

    Examples
    --------
    >>> main(["--version"])
    Traceback (most recent call last):
    ...
    SystemExit: 0
    """
    if argv is None:
        own_stderr()
        argv = sys.argv[1:]
    sys.exit(run(list(argv)))


def run(argv: list[str]) -> int:
    """Run a command and return its exit code.

    Parameters
    ----------
    argv : list of str
        What is behind ``sealscrub`` in a shell.

    Examples
    --------
    >>> run(["--version"])  # doctest: +ELLIPSIS
    sealscrub ...
    0
    """
    if argv == ["--version"]:  # scripts ask it often: nothing is imported to answer it
        sys.stdout.write(f"sealscrub {__version__}\n")
        return 0
    import typer

    from sealscrub.boundary.extras import missing_extra
    from sealscrub.errors import SealscrubError

    completing = "_SEALSCRUB_COMPLETE" in os.environ  # a shell asks about words that are not in argv
    lists = argv in ([], ["--help"]) and not completing
    command = _listing() if lists else _command(argv[0] if argv else None)
    try:
        code = command.main(args=argv, prog_name="sealscrub", standalone_mode=False)
    except SealscrubError as error:
        return report_error(error)
    except (typer.Abort, KeyboardInterrupt):
        return report_interrupted()
    except (
        SystemExit
    ) as ended:  # a shell was answered, or what reads is closed: code 1 would mean that records were found
        return EXIT_UNFINISHED if ended.code else 0
    except OSError as error:
        return report_refusal(error)
    except BaseException as error:  # a panic in compiled code is not an Exception
        if (missing := missing_extra(error)) is not None:
            return report_error(missing)
        from .declarations import renamed

        if (former := renamed(error)) is not None:
            return report_error(former)
        shown = _shown_usage_error(error)
        return shown if shown is not None else report_unforeseen(error)
    if code == EXIT_INTERRUPTED:  # typer has caught it, and says nothing
        return report_interrupted()
    return code if isinstance(code, int) else 0


@functools.cache
def _listing() -> Any:
    """Build the parser that lists the commands, and knows none of their options."""
    import typer

    from .application import listing

    return typer.main.get_command(listing())


@functools.cache
def _command(name: str | None) -> Any:
    """Build the parser for arguments that begin with a name: of that command only, if there is one."""
    import typer
    from typer.completion import completion_init  # type: ignore[attr-defined]  # what an app calls when run on its own

    from .application import build

    completion_init()
    return typer.main.get_command(build(name))


def _shown_usage_error(error: BaseException) -> int | None:
    """Let the parser's own errors (unknown option, missing argument) say themselves, less what was typed as a value."""
    show = getattr(error, "show", None)
    if show is None:
        return None
    message = str(getattr(error, "message", ""))
    if "unexpected extra argument" in message:
        error.message = "There are more arguments than the command takes."  # type: ignore[attr-defined]  # the parser's own error
    else:  # such as 'abc' is not a valid integer
        error.message = _TYPED_VALUE.sub("the value", message)  # type: ignore[attr-defined]  # the parser's own error
    show()
    return int(getattr(error, "exit_code", 2))
