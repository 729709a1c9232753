"""Text of every kind: JSON and notebooks, CSV, HTML, model dumps, and what is only text."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from typing import Any

import numpy as np

from ..leaves import LeafWriter
from .columnar_files import write_columns
from .file_source import Source
from .inert_objects import Damaged, Table
from .object_walk import walk

__all__ = ["is_text", "read_text"]

_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_MARKS = {b"\xff\xfe\0\0": "utf-32", b"\0\0\xfe\xff": "utf-32", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_DELIMITED = frozenset({".csv", ".tsv", ".tab"})
_IMAGES = re.compile(r"data:(?:image|application|audio|video)/|image/(?:png|jpeg|gif|webp)")


def is_text(source: Source) -> bool:
    """Whether it is text in UTF-8, or in UTF-16 or UTF-32 that says so."""
    if source.head.startswith(tuple(_MARKS)):
        return True
    source.file.seek(0)
    start = source.file.read(1 << 16)
    if _BINARY.search(start):
        return False
    try:
        start.decode()
    except UnicodeDecodeError as error:
        return error.start >= len(start) - 4  # a letter that the cut went through
    return True


def read_text(source: Source, leaves: LeafWriter) -> None:
    """Write the leaves of a text.

    Raises
    ------
    Damaged
        When it isn't text to its end.
    """
    data = source.content()
    try:
        text = data.decode(next((name for mark, name in _MARKS.items() if data.startswith(mark)), "utf-8-sig"))
    except UnicodeDecodeError:
        raise Damaged from None
    if source.suffix in _DELIMITED:
        _delimited(text, source, leaves)
    elif not _json(text, source, leaves):
        _text_leaves(text, source, leaves)


def _json(text: str, source: Source, leaves: LeafWriter) -> bool:
    """Whether it is JSON, or a JSON document on each line; its leaves are written then."""
    if text.lstrip()[:1] not in ("{", "[") and source.suffix not in (".json", ".jsonl", ".ndjson", ".ipynb"):
        return False
    documents = _documents(text)
    if documents is None:
        if source.suffix in (".json", ".jsonl", ".ndjson", ".ipynb"):
            raise Damaged
        return False
    if "input_example" in source.name:
        leaves.rows(source.path, "an input example")
    if source.suffix == ".ipynb" and _IMAGES.search(text):
        leaves.unchecked(source.path, "an output is an image, which isn't read")
    walk(documents[0] if len(documents) == 1 else documents, leaves, source.path)
    return True


def _documents(text: str) -> list[object] | None:
    def read(part: str) -> object:
        return json.loads(part, object_pairs_hook=lambda pairs: Table(list(pairs)))

    try:
        return [read(text)]
    except ValueError:
        pass
    try:
        return [read(line) for line in text.split("\n") if line.strip()]
    except ValueError:
        return None


def _delimited(text: str, source: Source, leaves: LeafWriter) -> None:
    first = text[: text.find("\n")] if "\n" in text else text
    delimiter = max(",;\t|", key=first.count)
    csv.field_size_limit(1 << 30)
    try:
        head, *rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)) or [[]]
    except csv.Error:
        raise Damaged from None
    columns: dict[str, Any] = {}
    for at, name in enumerate(head):
        cells = [row[at] for row in rows if at < len(row)]
        columns[name if name not in columns else f"{name}.{at}"] = _numbers(cells, len(rows))
    leaves.texts(source.path, head)
    write_columns(columns, leaves, source.path)
    # a file without a header, ragged rows and short numbers: every cell is also looked at as it is written
    leaves.texts(source.path, [cell for row in rows for cell in row])


def _numbers(cells: list[str], rows: int) -> list[str] | np.ndarray[Any, Any]:
    truths = {"true": "1", "false": "0", "": "nan"}
    try:
        array = np.array([float(truths.get(cell.strip().lower(), cell)) for cell in cells])
    except ValueError:
        return cells
    return array if len(array) == rows and not np.isnan(array).all() else cells


def _text_leaves(text: str, source: Source, leaves: LeafWriter) -> None:
    leaves.texts(source.path, [text])
    if "<" in text and (source.suffix in (".html", ".htm", ".xhtml", ".svg", ".xml") or "<html" in text[:2000].lower()):
        if _IMAGES.search(text):
            leaves.unchecked(source.path, "an image is in it, which isn't read")
        bare = html.unescape(re.sub(r"<[^<>]*>", " ", text))
        leaves.texts(source.path, [bare, html.unescape(re.sub(r"<[^<>]*>", "", text))])
    counts = [int(n) for line in re.findall(r"(?m)^leaf_count=([\d ]+)$", text) for n in line.split()]
    if single := counts.count(1):
        leaves.note(source.path, "leaves of a tree that a single training row has made", single)
