"""Texts in columns, without what they mention of sealed records: for language models, text features and retrieval."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, Literal, TypedDict, Unpack, overload

from sealscrub.errors import ConfigError, Spelled
from sealscrub.index import Index, TextIndex
from sealscrub.matching import Policy
from sealscrub.tables.containers import FrameT
from sealscrub.tables.opener import DataSource, names_of
from sealscrub.tables.reading_options import ReadAs

from .narrative_columns import Given, NarrativeColumns
from .options import Options, Progress
from .scrub_engine import Scrubbed, scrub_frame

__all__ = ["scrub_text"]


class _TextOptions(TypedDict, total=False):
    use: str
    policy: Policy | None
    possible: str
    accept_marks: Iterable[str]
    keep_levels: Collection[str]
    keep_metadata: Collection[str]
    keep_index: bool
    workers: int | None
    progress: Progress | None


@overload
def scrub_text(
    frame: FrameT,
    columns: Given,
    index: Index,
    names: TextIndex | None = ...,
    *,
    detail: Literal[False] = ...,
    **options: Unpack[_TextOptions],
) -> FrameT: ...
@overload
def scrub_text(
    frame: Any,
    columns: Given,
    index: Index,
    names: TextIndex | None = ...,
    *,
    detail: Literal[True],
    **options: Unpack[_TextOptions],
) -> Scrubbed: ...
@overload
def scrub_text(
    frame: FrameT,
    columns: Given,
    index: Index,
    names: TextIndex | None = ...,
    *,
    detail: bool,
    **options: Unpack[_TextOptions],
) -> FrameT | Scrubbed: ...
def scrub_text(
    frame: Any,
    columns: Given,
    index: Index,
    names: TextIndex | None = None,
    *,
    use: str = "training",
    policy: Policy | None = None,
    possible: str = "remove",
    accept_marks: Iterable[str] = (),
    keep_levels: Collection[str] = (),
    keep_metadata: Collection[str] = (),
    keep_index: bool = False,
    workers: int | None = None,
    detail: bool = False,
    progress: Progress | None = None,
) -> Any:
    """Return a frame whose texts are as they would be had what they mention of sealed records never been written.

    Sentences that mention a sealed record, or with `names` a sealed person's name, are removed as
    :func:`sealscrub.filters.guard_text` removes them, and leave no gap. Other texts, other columns and the order of
    rows stay as they are; ids in other columns are not looked for. Of files, the same is done by
    :func:`sealscrub.scrub` with ``narrative=``.

    Parameters
    ----------
    frame : frame
        A pandas, polars or pyarrow table, a polars LazyFrame, a DuckDB relation.
    columns : str, iterable of str, or mapping of str to str
        Columns of texts; with a mapping also what happens to a text that mentions something: ``sentence`` (by
        default): the sentences are removed. ``null``: the text becomes null. ``drop``: the row is.
    index : Index
        From :func:`sealscrub.open_index`.
    names : TextIndex, optional
        Names on notices (:func:`sealscrub.index.open_text_index`). Without it only identifiers are looked for.
    use : str
        What the texts are for; index and names must have been published for it.
    policy : Policy, optional
        Whether withheld records may be mentioned.
    possible : str
        What happens to a name that no second fact (a date of birth or arrest) is next to: ``remove`` treats it as
        any other mention, ``keep`` leaves it.
    accept_marks : iterable of str
        Columns in which a null, or a text without a letter or digit, may be left in more rows than are so otherwise.
        It would mark these rows, and is refused in other columns.
    keep_levels, keep_metadata, keep_index
        As in :func:`sealscrub.scrub`.
    workers : int, optional
        How many processes read large columns; by default as many as there are cores. The result is the same.
    detail : bool
        Return a :class:`Scrubbed` with report and mask.
    progress : callable, optional
        Called with the table's name, the rows done so far and the share that is done.

    Returns
    -------
    frame or Scrubbed
        The container that came in.

    Raises
    ------
    ConfigError
        When no column is named, it is not known what is to happen to one, `accept_marks` names another column, or
        `workers` are not a number of at least 1.
    ColumnError
        When a column does not exist, or is not of text.
    UsageError
        When a null or an empty text would mark the rows, or `frame` is not a frame.
    UncheckedKeys
        When values of these columns would name a sealed record if letters that look like digits were digits.
    UnsuitableIndex, ExpiredIndex
        When index or names are not for this use, are past their last day, or the index holds keys of no scheme that
        can be found in a text.

    Examples
    --------
    >>> import polars as pl
    >>> from sealscrub.datasets import example_index
    >>> reports = pl.DataFrame({"text": ["Two hits. One is K14-612345. No force used.", "No hits."]})
    >>> scrub_text(reports, "text", example_index(["K14612345"]))["text"].to_list()
    ['Two hits. No force used.', 'No hits.']
    """
    texts = NarrativeColumns.of(columns, names, possible=possible, accept_marks=accept_marks, workers=workers)
    if not texts.columns:
        raise ConfigError("no text column given", hint=Spelled("such as columns='narrative'.", "--narrative narrative"))
    for column in texts.accept_marks:
        if column not in texts.columns:
            raise ConfigError(
                f"accept_marks names {column!r}, which is not one of the columns of texts",
                hint="name a column of texts in which a null or an empty text may mark its row.",
            )
    if names_of(frame) is not None:
        raise ConfigError(
            "this needs a frame, not files",
            hint=Spelled("ss.scrub(FILE, index, on={}, narrative=…, output=…).", "--narrative narrative"),
        )
    options = Options(
        use=use,
        policy=policy or Policy(),
        keep_levels=tuple(keep_levels),
        keep_metadata=tuple(keep_metadata),
        keep_index=keep_index,
        read_as=ReadAs(),
        narrative=texts,
        only=tuple(texts.columns),
    )
    with DataSource(frame, options.opening, name="data") as source:
        scrubbed = scrub_frame(source, index, (), options, progress)
    return scrubbed if detail else scrubbed.data
