"""What one function asks of its arguments, and what happens to an error that leaves it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any

from sealscrub.errors import SealscrubError, UnreadableInput

from .arguments import Arguments
from .error_tracebacks import strip
from .extras import missing_extra

__all__ = ["Asked", "Edge"]


class Asked(Enum):
    """When the types of a call's arguments are looked at."""

    BEFORE = "before"
    AFTER = "after it has failed"
    NEVER = "never"


class Edge:
    """The edge that calls of one function cross.

    Parameters
    ----------
    function : callable
    when : Asked

    Attributes
    ----------
    asked : list
        Empty if nothing is asked before a call, which is known after the first one.
    check : callable
        Takes positional and named arguments, and refuses what is given where an object of the library's own is meant.
    """

    def __init__(self, function: Callable[..., Any], when: Asked = Asked.BEFORE) -> None:
        self.function, self._when, self._arguments = function, when, Arguments(function)
        self.asked = self._arguments.asked if when is Asked.BEFORE else []
        self.check = self._arguments.check_own

    def leaving(self, error: BaseException, given: tuple[Any, ...], named: Mapping[str, Any]) -> SealscrubError | None:
        """Make an error ready to leave, or give the one that leaves instead of it.

        To be called by the function that the caller has called, from its ``except`` block.
        """
        if isinstance(error, GeneratorExit):  # thrown in by the caller, whose frames it holds
            return None
        instead: SealscrubError | None = None
        if isinstance(error, Exception) and not isinstance(error, SealscrubError):
            instead = missing_extra(error)
            if instead is None and self._when is not Asked.NEVER:
                instead = self._arguments.wrong(given, named)
            if instead is None and isinstance(error, UnicodeEncodeError):
                instead = UnreadableInput(
                    "a text holds half of a surrogate pair, which UTF-8 cannot write",
                    hint="text.encode(errors='replace').decode() replaces such halves.",
                )
        strip(error)
        return instead
