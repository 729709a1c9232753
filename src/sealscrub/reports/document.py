"""What a report says, whatever the format: a verdict, facts, tables, notes, what to do, and what the words mean.

A document either holds counts of records, and says why it stays with the operator, or it travels. One that travels
cannot be built with a count in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from numbers import Number as AnyNumber

from sealscrub.errors import Spelled, UsageError

from .report_cells import Cell, Count, Kind, Number, State
from .travelling_verdicts import Verdicts

__all__ = ["Bars", "Column", "Document", "Drawing", "Notes", "Part", "Table"]

_DATE_OR_EPOCH = re.compile(r"\b[0-9]{4}-[0-9]{2}-[0-9]{2}\b|\bepoch [0-9]+\b")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Parameters
    ----------
    name : str
    number : bool
        Whether its cells are set to the right.
    word : str
        The glossary's word for it.

    Examples
    --------
    >>> Column("rows", number=True)
    Column(name='rows', number=True, word='')
    """

    name: str
    number: bool = False
    word: str = ""


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table.

    Parameters
    ----------
    title : str
        What it is of: may be somebody else's name.
    columns : tuple of Column
    rows : tuple of tuple of Cell
    state : State, optional
        How what it is of stands. Several tables that have one are listed before the first.
    facts : tuple of Cell
        What is said about it as a whole, such as its rows; a text is a sentence or a part of one.
    notes : tuple of str
        Sentences that are below.
    folded : bool
        Whether a page shows it only if it is opened, and text leaves it out.

    Examples
    --------
    >>> columns = (Column("file"), Column("rows", number=True))
    >>> table = Table(title="Files", columns=columns, rows=(("train.csv", Count(9)),))
    >>> len(table.rows)
    1
    """

    title: str
    columns: tuple[Column, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    state: State | None = None
    facts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    folded: bool = False


@dataclass(frozen=True, kw_only=True)
class Notes:
    """Sentences under a title; a part without any is left out.

    Parameters
    ----------
    title : str
    items : tuple of str
    kind : {"note", "warn"}
    links : mapping of str to str
        Addresses (``https://…``) of words that are in the sentences; in text they are below.

    Raises
    ------
    UsageError
        If an address is not that of a public page.

    Examples
    --------
    >>> Notes(title="What to read", items=("See the manual.",), links={"manual": "https://example.org/manual"}).kind
    'note'
    """

    title: str
    items: tuple[str, ...]
    kind: str = "note"
    links: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not all(address.startswith("https://") for address in self.links.values()):
            raise UsageError("a link does not lead to a public page", hint="give addresses that begin with https://.")


@dataclass(frozen=True, kw_only=True)
class Bars:
    """A chart of bars in parts, on a page only: what it shows is in a table or in words as well.

    Parameters
    ----------
    title : str
    series : mapping of str to str
        What the parts are, and the style sheet's colour of each.
    bars : mapping of str to tuple of int, Number or Count
        The parts of each bar, as many as there are series.

    Examples
    --------
    >>> Bars(title="Rows", series={"kept": "good", "removed": "bad"}, bars={"train.csv": (Count(9), Count(2))}).title
    'Rows'
    """

    title: str
    series: Mapping[str, str]
    bars: Mapping[str, tuple[int | Count, ...]]


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """A picture on a page.

    Parameters
    ----------
    title : str
    svg : str
        SVG, in which every name was escaped.
    words : tuple of str
        The same in words: folded on a page, and in the picture's place in text.
    wide : bool
        Whether it is wider than a phone, where it can be swiped.

    Examples
    --------
    >>> Drawing(title="Runs", svg="<svg></svg>", words=("The run has one model.",)).words
    ('The run has one model.',)
    """

    title: str
    svg: str
    words: tuple[str, ...] = ()
    wide: bool = True


Part = Table | Notes | Bars | Drawing


@dataclass(frozen=True, kw_only=True)
class Document:
    """What a report says.

    Parameters
    ----------
    tool : str
        What made it, such as ``scan``.
    kind : {"good", "warn", "bad"}
        How the verdict is to be taken.
    headline : str
        The verdict in a few words, without a full stop.
    of : str
        What it is about, if one thing has a name.
    lede : str
        What the verdict means, in a sentence or two.
    facts : mapping of str to Cell
    parts : tuple of Part
        In their order.
    steps : tuple of str
        What to do; :class:`~sealscrub.errors.Spelled` if it differs in a shell.
    glossary : mapping of str to str
        What the words mean.
    closing : tuple of str
        What holds of every such report, last.
    operators_copy : str
        Why it stays on the trusted host. Empty: it travels.
    verdicts : Verdicts, optional
        The same for programs, as JUnit and SARIF give it: only of a document that travels.

    Raises
    ------
    UsageError
        If it travels and holds a count, a number that is not a :class:`Number`, or a sentence with a number that is
        neither a date nor an epoch; or if it does not travel and has verdicts for formats that do.

    Examples
    --------
    >>> from sealscrub.reports import Count, Number
    >>> Document(tool="scan", kind="good", headline="No sealed records found", facts={"Epoch": Number(4)}).travelling
    True
    >>> Document(tool="scan", kind="bad", headline="Sealed records found", facts={"Sealed": Count(2)})
    Traceback (most recent call last):
        ...
    sealscrub.errors.UsageError: a document that travels cannot hold a count of records
    <BLANKLINE>
    Hint: say why it stays with the operator (operators_copy), or leave the count out; a number ...
    """

    tool: str
    kind: Kind
    headline: str
    of: str = ""
    lede: str = ""
    facts: Mapping[str, Cell] = field(default_factory=dict)
    parts: tuple[Part, ...] = ()
    steps: tuple[str, ...] = ()
    glossary: Mapping[str, str] = field(default_factory=dict)
    closing: tuple[str, ...] = ()
    operators_copy: str = ""
    verdicts: Verdicts | None = None

    def __post_init__(self) -> None:
        if not self.travelling:
            if self.verdicts is not None:
                raise UsageError("an operator's copy has no verdicts that travel", hint="give them to its brief.")
            return
        values = [*self.facts.values(), *(value for part in self.parts for value in _values(part))]
        if any(map(_may_count, values)) or any(map(_has_number, _sentences(self))):
            raise UsageError(
                "a document that travels cannot hold a count of records",
                hint="say why it stays with the operator (operators_copy), or leave the count out; "
                "a number that says nothing about records is a Number.",
            )

    def in_shell(self) -> Document:
        """Give the same, with steps that are said as to somebody at a shell."""
        return replace(self, steps=tuple(map(Spelled.in_shell, self.steps)))

    @property
    def travelling(self) -> bool:
        """Whether it may leave the trusted host: it holds no count of records."""
        return not self.operators_copy


def _values(part: Part) -> Iterator[Cell]:
    if isinstance(part, Table):
        yield from (cell for row in part.rows for cell in row)
    elif isinstance(part, Bars):
        yield from (value for bar in part.bars.values() for value in bar)


def _may_count(value: Cell) -> bool:
    return isinstance(value, Count | AnyNumber) and not isinstance(value, Number)


def _sentences(document: Document) -> Iterator[str]:
    yield from (document.headline, document.lede, *document.steps, *document.closing, *document.glossary.values())
    for part in document.parts:
        if isinstance(part, Table):
            yield from (*part.facts, *part.notes)
        elif isinstance(part, Notes):
            yield from part.items
        elif isinstance(part, Drawing):
            yield from part.words


def _has_number(sentence: str) -> bool:
    return any(char.isnumeric() for char in _DATE_OR_EPOCH.sub("", sentence))
