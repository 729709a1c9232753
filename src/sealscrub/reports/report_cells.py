"""What is in a fact or in a cell of a table, and how it is said in words."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from typing import Literal

from sealscrub.errors import UsageError

from .display_names import printable

__all__ = ["Cell", "Count", "Kind", "Link", "Name", "Number", "Share", "State", "bare", "counted", "percent", "plain"]

Kind = Literal["good", "warn", "bad"]


@dataclass(frozen=True, slots=True)
class Count:
    """A number of records, or one that depends on how many are sealed. A document that travels cannot hold it.

    Parameters
    ----------
    number : int
    tone : str
        How it is to look if it is not 0: ``bad``, ``warn`` or ``met``.

    Examples
    --------
    >>> plain(Count(12_000, tone="bad"))
    '12,000'
    """

    number: int
    tone: str = ""


class Number(int):
    """A number that says nothing about records, such as a version or the days allowed: the only one that may travel.

    Examples
    --------
    >>> Number(7) + 1, plain(Number(12_000))
    (8, '12,000')
    """

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Share:
    """A share of the seals, 0 to 1, and whether it is too low.

    Examples
    --------
    >>> plain(Share(0.9499, low=True))
    '94.9%'
    """

    share: float
    low: bool = False


@dataclass(frozen=True, slots=True)
class Name:
    """Somebody else's name of a thing: it may break after a dot, a slash or an underscore, and holds no sentence.

    Examples
    --------
    >>> plain(Name("arrests_2014.csv"))
    'arrests_2014.csv'
    """

    text: str


@dataclass(frozen=True, slots=True)
class Link:
    """A file next to the page, or in a folder there, which a page leads to.

    Raises
    ------
    UsageError
        If the place is anywhere else.

    Examples
    --------
    >>> plain(Link("the plan", "plan.html"))
    'the plan'
    """

    text: str
    to: str

    def __post_init__(self) -> None:
        parts = self.to.split("/")
        if not set(parts).isdisjoint({"", ".", ".."}) or ":" in parts[0] or "\\" in self.to:
            raise UsageError(
                "a link does not lead to a file next to the page", hint="give a path such as model/page.html."
            )


@dataclass(frozen=True, slots=True)
class State:
    """How something stands, in a word or two.

    Examples
    --------
    >>> plain(State("good", "complete"))
    'complete'
    """

    kind: Kind
    text: str


Cell = str | int | None | date | Count | Share | Name | Link | State
"""A text, a day, or one of the kinds above; a plain number on the operator's copy alone; None is an empty cell."""


def plain(cell: Cell) -> str:
    """Say a cell in printable text.

    Examples
    --------
    >>> plain(Count(12_000)), plain(Share(0.9499)), plain(None)
    ('12,000', '94.9%', '')
    """
    match cell:
        case None | "":
            return ""
        case Count(number=number):
            return f"{number:,}"
        case Share(share=share):
            return percent(share)
        case Name(text=text) | Link(text=text) | State(text=text):
            return printable(text)
        case _:
            return printable(f"{cell:,}" if isinstance(cell, int) else str(cell))


def bare(cell: object) -> object:
    """Give what a program reads of a cell: the number or the text alone.

    Parameters
    ----------
    cell : object

    Examples
    --------
    >>> bare(Share(0.9499)), bare(Count(12)), bare("kept")
    (0.9499, 12, 'kept')
    """
    match cell:
        case Count(number=number):
            return number
        case Share(share=share):
            return share
        case Name(text=text) | State(text=text):
            return text
        case _:
            return cell


def counted(number: int, noun: str, verb: str = "", verbs: str = "") -> str:
    """Say a number with its noun.

    Parameters
    ----------
    number : int
    noun : str
        In the singular; its plural ends in s, or of a consonant and y in ies.
    verb, verbs : str
        What one does, and what several do.

    Examples
    --------
    >>> counted(2, "key"), counted(12_000, "entry"), counted(1, "row", "has", "have")
    ('2 keys', '12,000 entries', '1 row has')
    """
    several = f"{noun[:-1]}ies" if noun.endswith("y") and noun[-2] not in "aeiou" else f"{noun}s"
    said, does = (noun, verb) if number == 1 else (several, verbs)
    return f"{number:,} {said} {does}".rstrip()


def percent(share: float) -> str:
    """Say a share, rounded down: what is below a threshold never reads as if it reached it.

    Parameters
    ----------
    share : float
        0 to 1.

    Examples
    --------
    >>> percent(0.9499), percent(1.0)
    ('94.9%', '100%')
    """
    tenths = math.floor(share * 1000 + 1e-9)
    return f"{tenths // 10}%" if tenths % 10 == 0 else f"{tenths / 10:.1f}%"
