"""Text: a document on a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from io import StringIO
from typing import Literal

from sealscrub import __version__

from .display_names import cells, printable, sentence, shortened
from .document import Bars, Column, Document, Drawing, Notes, Table
from .report_cells import Cell, Kind, Name, plain

__all__ = ["to_text"]

_COLOURS: dict[Kind, int] = {"good": 32, "warn": 33, "bad": 31}
_WIDTH = 100
_WIDEST = 140
_LONGEST_NAME = 34


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
    widths = _widths(document)
    for part in document.parts:
        match part:
            case Table(folded=True) | Bars():
                pass
            case Table(columns=columns, rows=rows):
                lines = [_title(part)]
                if rows:
                    lines += _laid_out(part, widths[columns])
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


def _widths(document: Document) -> dict[tuple[Column, ...], list[int]]:
    """Widths of columns: tables with the same ones are in line."""
    found: dict[tuple[Column, ...], list[int]] = {}
    for part in document.parts:
        if isinstance(part, Table) and part.rows and not part.folded:
            known = found.setdefault(part.columns, [cells(_head_of(column)) for column in part.columns])
            for row in part.rows:
                known[:] = [max(width, cells(_cell_text(cell))) for width, cell in zip(known, row, strict=True)]
    return found


def _laid_out(part: Table, widths: Sequence[int]) -> Iterator[str]:
    fits = sum(widths) + 2 * len(widths) <= _WIDEST - 2
    for line in _lines(part, widths) if fits else _folded_table(part):
        yield f"  {line}".rstrip()


def _lines(part: Table, widths: Sequence[int]) -> Iterator[str]:
    """Give a line a row, each cell as wide as its column."""
    heads = tuple(map(_head_of, part.columns))
    for texts in (heads, tuple("─" * width for width in widths), *(tuple(map(_cell_text, row)) for row in part.rows)):
        padded = (
            " " * (width - cells(text)) + text if column.number else text + " " * (width - cells(text))
            for text, width, column in zip(texts, widths, part.columns, strict=True)
        )
        yield "  ".join(padded)


def _folded_table(part: Table) -> Iterator[str]:
    """Give several lines a row, if it is wider than a terminal."""
    from rich.box import Box
    from rich.console import Console
    from rich.table import Table as Grid
    from rich.text import Text

    console = Console(
        file=StringIO(), width=_WIDEST - 2, color_system=None, force_terminal=False, legacy_windows=False, markup=False,
        emoji=False, highlight=False,
    )  # fmt: skip
    ruled = Box("    \n    \n ─  \n    \n    \n    \n    \n    \n", ascii=False)
    grid = Grid(box=ruled, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    for column in part.columns:
        justify: Literal["left", "right"] = "right" if column.number else "left"
        grid.add_column(Text(_head_of(column)), justify=justify, no_wrap=column.number, overflow="fold")
    for row in part.rows:
        grid.add_row(*(Text(_cell_text(cell)) for cell in row))
    with console.capture() as captured:
        console.print(grid)
    # a rule is as long as its column, without the space next to it
    yield from (line.replace("─ ", "  ") for line in captured.get().splitlines())


def _head_of(column: Column) -> str:
    return sentence(column.name) if column.name else ""


def _cell_text(cell: Cell) -> str:
    return shortened(plain(cell), _LONGEST_NAME) if isinstance(cell, Name) else plain(cell)


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
