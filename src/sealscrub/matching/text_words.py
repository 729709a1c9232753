"""The words of texts, and what is within a word, such as the end of an address."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from itertools import islice
from urllib.parse import unquote

import polars as pl

__all__ = [
    "IS_ONE_WORD",
    "IS_PROSE",
    "MAY_BE_ONE_KEY",
    "batches_of",
    "phrases_in",
    "run_words",
    "runs_in",
    "without_escapes",
    "words_and_parts",
    "words_in",
]

_AT_ONCE = 1 << 22  # characters of texts that are cut into words together
_LONGEST = 1 << 20  # characters of a text that is cut into words as it is
_MOST_PIECES = 8  # that one id may have
_WORD = r"[^\s,;|()\[\]{}<>=\"'`\u201c\u201d\u2018\u2019]"
_PIECE = r"[\p{L}\p{M}\p{N}]+[^\p{L}\p{M}\p{N}]*"
_INNER = r"[\p{L}\p{M}\p{N}][^\p{L}\p{M}\p{N}]+[\p{L}\p{M}\p{N}]"
_EDGES = r"^[^\p{L}\p{M}\p{N}]+|[^\p{L}\p{M}\p{N}]+$"
_PHRASE = r"[^,;|\t\r\n\[\](){}\"]*[^,;|\t\r\n\[\](){}\"\s]\s+[^,;|\t\r\n\[\](){}\"]+"
_LONGEST_PHRASE = 64
_HAS_PHRASES = pl.col("text").str.contains(r"[,;|\t\r\n\[\](){}\"]") | (
    pl.col("text").str.len_chars() > _LONGEST_PHRASE
)
_IN_PARTS = r"\S\s+\S"
_LONGEST_WORD = 1_024
_SIZE = pl.col("text").str.len_chars()
MAY_BE_ONE_KEY = {
    runs: _SIZE.le(short) | (_SIZE.le(_LONGEST_WORD) & ~pl.col("text").str.contains(_IN_PARTS))
    for runs, short in ((False, 64), (True, 192))
}
"""Says which texts may be one key, of words or of one long word; more of them if runs of words are read."""
_DAY_AND_TIME = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.+\-]*Z?$"
IS_PROSE = (pl.col("text").str.contains(r"\p{L}") & ~pl.col("text").str.contains(_DAY_AND_TIME)).alias("prose")
"""A number has no letter, nor has a date or a time."""
IS_ONE_WORD = pl.col("text").str.contains(r"^[0-9A-Za-z]*$").alias("one word")
_BARE = pl.col("part").str.replace_all(_EDGES, "")
_HAS_INNER = pl.col("part").str.contains(_INNER)
_HAS_DIGIT = pl.col("part").str.contains("[0-9]")
_STRIPPED = pl.col("word").str.strip_chars()
_IS_SHORT_PHRASE = pl.col("word").str.len_chars() <= _LONGEST_PHRASE
_RUN_PIECE = re.compile(r"[^\W_]+")
_RUNS_AT_ONCE = 200_000
_LONGEST_RUN = 48
_MOST_OF_RUN = 5
_WIDEST_GAP = 3
_ESCAPE = r"%[0-9A-Fa-f]{2}|&#?[0-9A-Za-z]{1,32};|\\[nrtbf]"


def batches_of(texts: pl.Series) -> Iterator[pl.DataFrame]:
    """Give texts with their numbers, ``row`` and ``text``, some at a time; a very long one is cut between words."""
    sizes = texts.str.len_bytes()
    frame = pl.DataFrame({"row": pl.int_range(len(texts), eager=True, dtype=pl.Int64), "text": texts})
    if (sizes > _LONGEST).any():
        for row, text in frame.filter(sizes > _LONGEST).iter_rows():
            for cut in _cut_long_text(text):
                yield pl.DataFrame({"row": [row], "text": [cut]}, schema=frame.schema)
        frame = frame.filter(sizes <= _LONGEST)
    numbers = frame["text"].str.len_bytes().cast(pl.Int64).cum_sum() // _AT_ONCE
    begin = 0
    for count in numbers.rle().struct.field("len") if len(frame) else ():
        yield frame.slice(begin, count)
        begin += count


def words_in(texts: pl.Series, fewest: int, *, short: bool = False) -> pl.DataFrame:
    """Give the words of each text as a list: whole, without marks around them, and what is between marks in them.

    Parameters
    ----------
    texts : polars.Series of String
    fewest : int
        Characters that a word has at the fewest.
    short : bool
        Whether words with fewer that have a digit are given too.

    Examples
    --------
    >>> frame = words_in(pl.Series(["see https://host/aB-77x9."]), 4)
    >>> sorted(frame["word"])[:4]
    ['77x9', 'aB-77x9', 'host', 'host/aB']
    """
    words, parts = words_and_parts(texts, fewest, short=short)
    return words.join(parts, on="word", how="inner").select("row", word="part")


def words_and_parts(texts: pl.Series, fewest: int, *, short: bool = False) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Give the ``row`` and ``word`` of each word, and of each that differs, every ``part``; as `words_in`.

    A ``word`` is its number among those that differ: one may be long, and has many parts.
    """
    fewest = max(1, fewest)
    rare = rf"|{_WORD}{{0,{fewest}}}[0-9]{_WORD}{{0,{fewest}}}" if short else ""
    raw = texts.str.extract_all(f"{_WORD}{{{fewest},}}{rare}")
    frame = pl.DataFrame({"row": pl.int_range(len(texts), eager=True, dtype=pl.Int64), "word": raw})
    frame = frame.explode("word").drop_nulls()
    different = frame.select(part="word").unique().with_row_index("word")
    bare = different.with_columns_seq(_BARE)
    told = pl.concat([different, bare, *_runs_within_words(bare.filter(_HAS_INNER))]).unique()
    long = pl.col("part").str.len_chars() >= fewest
    numbered = frame.join(different, left_on="word", right_on="part").select("row", word="word_right")
    return numbered, told.filter(long | _HAS_DIGIT if short else long)


def without_escapes(texts: pl.Series) -> pl.DataFrame:
    r"""Give those texts that have escapes of addresses, mark-up or programs without them: ``row`` and ``text``.

    Examples
    --------
    >>> without_escapes(pl.Series(["plain", "a%2FQWERT&#89;U\\nb"])).rows()
    [(1, 'a/QWERTYU b')]
    """
    rows = texts.str.contains(_ESCAPE).arg_true()
    made = [unquote(html.unescape(re.sub(r"\\[nrtbf]", " ", text))) for text in texts[rows]]
    return pl.DataFrame({"row": rows.cast(pl.Int64), "text": pl.Series(made, dtype=pl.String)})


def phrases_in(texts: pl.Series, *, parts: bool = False) -> pl.DataFrame:
    """Give the short phrases of each text that are between commas, semicolons, bars, brackets or lines.

    Parameters
    ----------
    texts : polars.Series of String
    parts : bool
        Whether a short text that is one phrase is left out.
    """
    rows = pl.int_range(len(texts), eager=True, dtype=pl.Int64)
    if parts:
        rows = rows.filter(texts.alias("text").to_frame().select_seq(_HAS_PHRASES).to_series())
        texts = texts[rows]
    frame = pl.DataFrame({"row": rows, "word": texts.str.extract_all(_PHRASE)}).explode("word")
    return frame.drop_nulls().with_columns_seq(_STRIPPED).filter(_IS_SHORT_PHRASE)


def runs_in(texts: pl.Series) -> Iterator[pl.DataFrame]:
    """Give the runs of words in each text, ``row`` and ``word``, some at a time; see :func:`run_words`."""
    runs = ((row, run) for row, text in enumerate(texts) for run in run_words(text))
    while some := list(islice(runs, _RUNS_AT_ONCE)):
        yield pl.DataFrame(some, schema={"row": pl.Int64, "word": pl.String}, orient="row")


def run_words(text: str, *, words: bool = False) -> Iterator[str]:
    """Give runs of up to five words of a text with what is between them, if they hold a digit.

    Parameters
    ----------
    text : str
    words : bool
        Whether those without a digit are given too.

    Examples
    --------
    >>> sorted(run_words("arrest_no=K14-612345"))[:3]
    ['612345', 'K14', 'K14-612345']
    """
    if text.isalnum() and len(text) <= _LONGEST_RUN:
        return
    spans = [match.span() for match in _RUN_PIECE.finditer(text)]
    for at, (start, _) in enumerate(spans):
        last = start
        for begin, end in spans[at : at + _MOST_OF_RUN]:
            if end - start > _LONGEST_RUN or begin - last > (_WIDEST_GAP if begin != start else 0):
                break
            last = end
            part = text[start:end]
            if part != text and (words or any(map(str.isdigit, part))):
                yield part


def _runs_within_words(words: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Give the runs of pieces within words, by the numbers of these, without the marks behind them."""
    if not len(words):
        return
    frame = words.select("word", piece=pl.col("part").str.extract_all(_PIECE)).explode("piece")
    run = frame.with_columns(part=pl.col("piece"))
    for count in range(1, _MOST_PIECES + 1):
        yield run.select("word", pl.col("part").str.replace(_EDGES, "")).drop_nulls()
        following = pl.col("piece").shift(-count)
        same = pl.col("word").shift(-count) == pl.col("word")
        run = run.with_columns(part=pl.when(same).then(pl.col("part") + following))
        if run["part"].null_count() == len(run):
            break


def _cut_long_text(text: str) -> Iterator[str]:
    """Cut a text where white space is; if none is for long, anywhere, and the parts overlap."""
    start, overlap = 0, 4_096
    while start < len(text):
        end = start + _LONGEST
        if end >= len(text):
            yield text[start:]
            return
        gap = max(text.rfind(" ", start + _LONGEST // 2, end), text.rfind("\n", start + _LONGEST // 2, end))
        yield text[start : gap if gap > 0 else end]
        start = gap if gap > 0 else end - overlap
