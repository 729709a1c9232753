"""What came of one run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .pieces import Piece

__all__ = ["Outcome"]


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
        Paths and addresses that the sandbox refused, as far as they became known.
    asked : int
        How often an index was asked.
    seconds : float
        How long the function took.
    open_doors : tuple of str
        What the sandbox left open.
    refused : tuple of str
        Files and addresses that the sandbox refused, which the function may have hidden.
    environment : tuple of str
        Environment variables that the function's own code read.
    state : mapping of str to str
        Digests of what the modules of the function held when it was loaded.
    imported : str
        The module that was refused something when it was imported.
    answers : object
        What a subject made of the result, if it compares other things than pieces.
    """

    status: str
    pieces: tuple[Piece, ...] = ()
    said: str = ""
    denied: tuple[str, ...] = ()
    asked: int = 0
    seconds: float = 0.0
    open_doors: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    environment: tuple[str, ...] = ()
    state: Mapping[str, str] = field(default_factory=dict)
    imported: str = ""
    answers: Any = None
