"""Text: a document on a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from sealscrub import __version__

from .display_names import cells, printable, sentence, shortened
from .document import Bars, Column, Document, Drawing, Notes, Table
from .report_cells import Cell, Kind, Name, plain

__all__ = ["to_text"]

_COLOURS: dict[Kind, int] = {"good": 32, "warn": 33, "bad": 31}
_WIDTH = 100
_LONGEST_NAMES = (34, 26)
_NARROWEST = 36


def to_text(document: Document, *, colour: bool = False) -> str:
    """Render a document for a terminal: the verdict, facts, tables and notes, and what to do.

    Parameters
    ----------
    document : Document
    colour : bool
        Whether the verdict has the colour of its kind.
    """
    blocks = [list(_head(document, colour=colour)), *_parts(document)]
    one = len(document.steps) == 1
    blocks.append(
        _wrapped(f"What to do: {document.steps[0]}") if one else list(_titled_list("What to do", document.steps))
    )
    copy = (f"Operator's copy. {document.operators_copy}",) if document.operators_copy else ()
    blocks.append([*(line for text in (*document.closing, *copy) for line in _wrapped(text)), _made_by()])
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _made_by() -> str:
    return f"sealscrub {__version__}"


def _head(document: Document, *, colour: bool) -> Iterator[str]:
    said = f"{sentence(document.of)}: {document.headline}" if document.of else document.headline
    head = "\n".join(_wrapped(f"{said}. {document.lede}" if document.lede else said))
    if colour:  # wrapped, the verdict is as long as before
        head = f"\x1b[1;{_COLOURS[document.kind]}m{head[: len(said)]}\x1b[0m{head[len(said) :]}"
    yield head
    facts = {sentence(name): plain(value) for name, value in document.facts.items()}
    if facts:
        yield ""
    width = max(map(len, facts), default=0)
    for name, value in facts.items():
        yield from _wrapped(value or "none", f"{name:<{width}}  ", " " * (width + 2))


def _parts(document: Document) -> Iterator[list[str]]:
    layouts = _layouts(document)
    for part in document.parts:
        match part:
            case Table(folded=True) | Bars():
                pass
            case Table(columns=columns, rows=rows):
                lines = [_title(part)]
                if rows:
                    lines += _laid_out(part, layouts[columns])
                lines += [line for note in part.notes for line in _wrapped(note, "  · ", "    ")]
                yield lines
            case Notes(title=title, items=items, links=links):
                addresses = (f"{name}: {address}" for name, address in links.items())
                yield [*_titled_list(title, items), *(f"    {line}" for each in addresses for line in _wrapped(each))]
            case Drawing(title=title, words=words):
                yield list(_titled_list(title, words))


def _title(table: Table) -> str:
    title, facts = sentence(table.title), ", ".join(map(sentence, table.facts))
    if table.state is not None:
        return f"{title}: {plain(table.state)}" + (f" ({facts})" if facts else "")
    return f"{title}: {facts}" if facts else title


@dataclass(frozen=True)
class _Layout:
    """Which columns of a table are next to each other, how wide each is, and how long a name may be."""

    widths: dict[int, int]
    beneath: tuple[int, ...]
    longest_name: int

    def below(self, texts: Sequence[str]) -> tuple[int, ...]:
        """Which texts of a row are below it: of the last column those alone that have no room in it."""
        last = len(texts) - 1
        narrow = last in self.widths and _longest_word(texts[last]) > self.widths[last]
        return (*self.beneath, last) if narrow else self.beneath

    def line(self, texts: Sequence[str], columns: Sequence[Column]) -> Iterator[str]:
        """Give the lines of a row: a text that is longer than its column has several."""
        low = self.below(texts)
        folded = ((at, _folded("" if at in low else texts[at], width)) for at, width in self.widths.items())
        sides = [[_padded(each, self.widths[at], columns[at]) for each in lines] for at, lines in folded]
        blank = [" " * width for width in self.widths.values()]
        for line in zip_longest(*sides):
            yield "  ".join(text if text is not None else empty for text, empty in zip(line, blank, strict=True))


def _layouts(document: Document) -> dict[tuple[Column, ...], _Layout]:
    """Lay out tables: those with the same columns are in line."""
    alike: dict[tuple[Column, ...], list[tuple[Cell, ...]]] = {}
    for part in document.parts:
        if isinstance(part, Table) and part.rows and not part.folded:
            alike.setdefault(part.columns, []).extend(part.rows)
    return {columns: _layout(columns, rows) for columns, rows in alike.items()}


def _layout(columns: Sequence[Column], rows: Sequence[tuple[Cell, ...]]) -> _Layout:
    """Shorten names further only if all columns are next to each other then."""
    tried = (_with_names(columns, rows, longest) for longest in _LONGEST_NAMES)
    return next((each for each in tried if not each.beneath), _with_names(columns, rows, _LONGEST_NAMES[0]))


def _with_names(columns: Sequence[Column], rows: Sequence[tuple[Cell, ...]], longest_name: int) -> _Layout:
    """Fold a column that stays wide enough for sentences; else put the widest beneath, and never the first."""
    widths, narrowest = {}, {}
    for at, (column, *values) in enumerate(zip(columns, *rows, strict=True)):
        texts = [_head_of(column), *(_cell_text(value, longest_name) for value in values)]
        widths[at] = max(map(cells, texts))
        longest_word = max(map(_longest_word, texts))
        narrowest[at] = widths[at] if column.number else min(widths[at], max(_NARROWEST, longest_word))
    while True:
        widest = max(widths, key=lambda at: (widths[at] - narrowest[at], widths[at]))
        room = _WIDTH - sum(2 + width for at, width in widths.items() if at != widest) - 2
        if room >= narrowest[widest] or len(widths) == 1:
            widths[widest] = min(widths[widest], room)
            return _Layout(widths, tuple(at for at in range(len(columns)) if at not in widths), longest_name)
        dropped = max(list(widths)[1:], key=widths.__getitem__)
        room = _WIDTH - sum(2 + width for at, width in widths.items() if at != dropped) - 2
        if dropped == len(columns) - 1 and room >= _NARROWEST:
            return _Layout(
                widths | {dropped: room}, tuple(at for at in range(len(columns)) if at not in widths), longest_name
            )
        del widths[dropped]


def _laid_out(part: Table, layout: _Layout) -> Iterator[str]:
    heads = [_head_of(column) for column in part.columns]
    rules = ["─" * layout.widths.get(at, 0) for at in range(len(heads))]
    for texts in (heads, rules):
        yield from _indented(layout.line(texts, part.columns))
    for row in part.rows:
        texts = [_cell_text(cell, layout.longest_name) for cell in row]
        yield from _indented(layout.line(texts, part.columns))
        for at in layout.below(texts):
            if said := plain(row[at]):
                yield from _wrapped(f"{heads[at]}: {said}" if heads[at] else said, " " * 6, " " * 8)


def _indented(lines: Iterator[str]) -> Iterator[str]:
    return (f"  {line}".rstrip() for line in lines)


def _padded(text: str, width: int, column: Column) -> str:
    blank = " " * (width - cells(text))
    return blank + text if column.number else text + blank


def _longest_word(text: str) -> int:
    return max(map(cells, text.split(" ")))


def _folded(text: str, width: int) -> list[str]:
    if cells(text) <= width:
        return [text]
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False) or [""]


def _head_of(column: Column) -> str:
    return sentence(column.name) if column.name else ""


def _cell_text(cell: Cell, longest_name: int) -> str:
    return shortened(plain(cell), longest_name) if isinstance(cell, Name) else plain(cell)


def _titled_list(title: str, items: Sequence[str]) -> Iterator[str]:
    if items:
        yield sentence(title)
    for item in items:
        yield from _wrapped(item, "  · ", "    ")


def _wrapped(text: str, first: str = "", later: str = "") -> list[str]:
    return textwrap.wrap(
        printable(" ".join(line.strip() for line in text.splitlines())),  # spaces may be all of a name
        _WIDTH,
        initial_indent=first,
        subsequent_indent=later,
        break_long_words=False,
        break_on_hyphens=False,
    )
