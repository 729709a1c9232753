"""A guard for answers in JSON: elements vanish, and what counts them counts what is left."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from sealscrub.errors import ConfigError, Refused, Spelled
from sealscrub.index import Index
from sealscrub.matching import Policy
from sealscrub.matching.texts.mentions import IdentifierFinder

from ..barred_records import Judgement
from ..caller_code import read_source
from ..field_masks import Placeholder
from ..known_ids import Known
from ..live_index import LiveIndex
from ..oracle_warning import warn_of_oracle
from ..text import guard_text
from ..text.unknown_mentions import KnownInTexts
from .answer_shape import JsonOn, Totals, read_shape
from .json_text import Limits, check_size, read_json, write_json
from .list_counters import StreamCounters, check_beside
from .pruned_answer import check_counts, guard_texts, masked, prune, recount, remake
from .record_verdicts import RecordJudge, spread_to_holders
from .undeclared_strings import Undeclared, search_strings

__all__ = ["JsonAnswer", "JsonGuard", "guard_json"]

_REFUSE: Any = object()


class JsonGuard:
    """Guards answers of one shape. Read once, used for every answer, and from several threads.

    Parameters
    ----------
    index : Index or LiveIndex
        Published for the use ``output``.
    on : mapping
        Where keys are: for each scheme, a location or several. ``$.hits[*].arrest``, ``$['a name'][0]``,
        ``$..arrest`` for a name anywhere, ``$.by_arrest.*~`` for the keys of a map; of a composite key, locations
        with plus signs between them: ``$.hits[*].nysid+$.hits[*].date``. The record that a key belongs to is the
        innermost element or entry (``[*]``) that it is in, and that vanishes; with ``..``, the innermost element
        of an array; if there is none, the whole answer.
    complete : bool, str or iterable of str
        Whether the lists of the answer hold all that was found: True of each, or the locations of the elements of those
        that do, ``["$.hits[*]"]``. A list that was cut, to a page or to the best k, was cut with the sealed records in
        it and cannot be guarded afterwards. So a guard of a list that is not said to be whole is not made.
    known : optional
        The ids that the scrubbed system holds, as everywhere in :mod:`sealscrub.filters`.
    totals : mapping, optional
        Counts in the answer: ``{"$.total": "$.hits[*]"}``. Of ``"$.groups[*].size": "$.groups[*].hits[*]"`` each
        counts within its own group. Instead of what is counted, give a function that gets the guarded answer
        and gives the field's value.
    independent : str or iterable of str
        Locations of what is the same without the sealed records, with all that is in it: ``["$.version"]``. A number,
        a text that is one, a truth value or an array next to a list may count the list, and so may a whole number in
        its elements. It is declared here, in `totals`, `ranks` or `parallel`, or the answer is refused, whatever its
        value is. ``["$.hits[*]"]`` says it of all that is in the elements. Only what stays of an answer is looked at.
    ranks : mapping or iterable, optional
        Ranks of elements, ``{"$.hits[*].rank": 1}`` with the first rank, 1 if none is given.
    support : iterable of str, optional
        Arrays or maps whose holder exists only by what is in them, ``["$.people[*].arrests"]``: if nothing is
        left, the holder vanishes too.
    parallel : mapping, optional
        Arrays that run side by side, ``{"$.ids": ["$.scores"]}``: what vanishes from the first vanishes from all.
    empty : mapping, optional
        Slots for one record, ``{"$.people[*].last_arrest": None}``, with what an empty slot holds, or
        :data:`ABSENT`. Only if the system without the record would put that there.
    mask : mapping of str to Placeholder, optional
        Objects that stay without it: ``{"$.people[*]": Placeholder({"last": None}, independent=["name"])}``:
        rows that would be there had it never been. What their keys name may then be null or left out.
    texts : str or iterable of str
        Strings in which identifiers may be mentioned, ``["$.hits[*].summary"]``: cleaned as :func:`guard_text` does.
    text_options : mapping, optional
        `names`, `policy`, `possible` and `ocr` of :func:`guard_text`.
    undeclared : {"pass", "drop", "refuse"}
        Whether all other strings and names are looked through for identifiers of the index, by all spellings of their
        schemes. By default they pass: a record is known by what is declared. With ``drop`` the innermost element of an
        array that mentions one is removed, with ``refuse`` the whole answer is refused, as it is with ``drop`` if
        no array's element holds it.
    not_found : optional
        What is returned if the whole answer is one record that may not be returned. By default, a refusal.
    policy : Policy, optional
        What to do with near and unparsable keys; by default they are an error.
    limits : Limits, optional
        A larger or deeper answer is refused.
    allow_absent : bool
        Whether an answer may hold none of the declared locations, or records without a place for a key. By default
        it is refused: it has another shape than was declared, and would not be checked. A key that is null says that
        a record has none, and is not a reason; but if every key is, the answer is refused too.
    oracle_ok : bool
        Whether an answer may be one record as a whole without `known` being given; else a warning says that anyone who
        can ask for any id learns which are sealed.
    where : str
        What the answer is called in errors.

    Raises
    ------
    ConfigError
        When a location is invalid, cannot be used for what it is given for, or is a list's and nothing says that it
        is whole.
    UsageError, LowCoverage
        As :class:`Judge` raises them.

    Examples
    --------
    >>> from sealscrub.datasets import example_index
    >>> index = example_index(["K14612345"])
    >>> on = {"arrest_number": "$.hits[*].arrest"}
    >>> guard = JsonGuard(index, on, complete=True, totals={"$.n": "$.hits[*]"})
    >>> guard({"n": 2, "hits": [{"arrest": "K14-612345"}, {"arrest": "M14000017"}]})
    {'n': 1, 'hits': [{'arrest': 'M14000017'}]}
    """

    def __init__(
        self,
        index: Index | LiveIndex,
        on: JsonOn,
        *,
        complete: bool | str | Iterable[str] = False,
        known: Known | None = None,
        totals: Totals | None = None,
        independent: str | Iterable[str] = (),
        ranks: Mapping[str, int] | Iterable[str] = (),
        support: Iterable[str] = (),
        parallel: Mapping[str, str | Sequence[str]] | None = None,
        empty: Mapping[str, Any] | None = None,
        mask: Mapping[str, Placeholder] | None = None,
        texts: str | Iterable[str] = (),
        text_options: Mapping[str, Any] | None = None,
        undeclared: str = "pass",
        not_found: Any = _REFUSE,
        policy: Policy | None = None,
        limits: Limits | None = None,
        allow_absent: bool = False,
        oracle_ok: bool = False,
        where: str = "answer",
    ) -> None:
        self.shape = read_shape(
            on,
            totals=totals,
            ranks=ranks,
            support=support,
            parallel=parallel,
            empty=empty,
            texts=texts,
            mask=mask,
            complete=complete,
            independent=independent,
        )
        self.limits = limits or Limits()
        self.where = where
        self.text_options = dict(text_options or {})
        self.undeclared = Undeclared.of(undeclared)
        self.shape.require_complete(anywhere=self.undeclared is Undeclared.DROP)
        self._not_found = not_found
        alone = any(group.record is not None and not group.record.steps for group in self.shape.groups)
        warn_of_oracle("JsonGuard", known, oracle_ok or not alone)
        self._judge = RecordJudge(index, self.shape, known=known, policy=policy, where=where, allow_absent=allow_absent)
        lists = self._judge.lists
        searches = bool(self.shape.texts) or self.undeclared is not Undeclared.PASS
        self.known_in_texts = KnownInTexts(lists) if lists and searches else None
        if self.shape.texts and self.known_in_texts is not None:
            self.text_options.setdefault("known", self.known_in_texts)

    @property
    def knows(self) -> bool:
        """Whether it was said which ids the system holds."""
        return self._judge.knows

    def start(self, index: Index | None = None) -> JsonAnswer:
        """Begin an answer: everything in it is judged by one index.

        Parameters
        ----------
        index : Index, optional
            By which another part of the answer is judged already; by default the index as it is now.

        Raises
        ------
        UsageError, LowCoverage
            When there is no index that may be trusted now.
        """
        return JsonAnswer(self, self._judge.start(index))

    def judged(self, value: Any) -> list[tuple[Judgement, pl.DataFrame, list[str]]]:
        """For :func:`explain_guard`: the records of an answer, a value or a JSON text, before they are guarded."""
        if isinstance(value, str | bytes | bytearray):
            text = value.encode("utf-8", "surrogatepass") if isinstance(value, str) else bytes(value)
            value = read_json(text, self.limits)
        check_size(value, self.limits)
        return self._judge.judged(value)

    def __call__(self, value: Any) -> Any:
        """Guard one answer; see :func:`guard_json`."""
        return self.start().guard(value)

    def __repr__(self) -> str:
        return f"JsonGuard({', '.join(key for keys in self.shape.on.values() for key in keys)})"


class JsonAnswer:
    """One answer, or a stream of records that is one, all by one index. Made by :meth:`JsonGuard.start`.

    Examples
    --------
    >>> from sealscrub.datasets import example_index
    >>> guard = JsonGuard(example_index(["K14612345"]), {"arrest_number": "$.id"}, oracle_ok=True, complete=True)
    >>> list(guard.start().records([{"id": "K14612345"}, {"id": "M14000017"}]))
    [{'id': 'M14000017'}]
    """

    def __init__(self, guard: JsonGuard, judgements: list[Judgement]) -> None:
        self._guard = guard
        self._judgements = judgements
        self._counters = StreamCounters(guard.shape, guard.where)

    @property
    def index(self) -> Index:
        """By which it is judged."""
        return self._judgements[0].index

    @property
    def limits(self) -> Limits:
        """How large it may be."""
        return self._guard.limits

    def guard(self, value: Any) -> Any:
        """Guard a value, or a JSON text as str or bytes; what comes back is of the same kind.

        Raises
        ------
        Refused
            When the answer is one record that may not be returned, is too large, or not of the declared shape.
        UncheckedKeys, UnreadableInput
            When a key, or the text, cannot be read.
        """
        if isinstance(value, str):
            return self.guard(value.encode("utf-8", "surrogatepass")).decode()
        if isinstance(value, bytes | bytearray):
            found = self.found(read_json(bytes(value), self._guard.limits))
            return write_json(self._missing() if found is MISSING else found)
        check_size(value, self._guard.limits)
        found = self.found(value)
        return self._missing() if found is MISSING else found

    def found(self, value: Any, *, is_part: bool = False) -> Any:
        """Guard a value that is within the limits; :data:`MISSING` if it is one record that may not be returned.

        Parameters
        ----------
        value : object
        is_part : bool
            Whether more of it is kept than returned, as of a list that is cut into pages afterwards: then it is for the
            caller to check what may count.
        """
        guard, shape = self._guard, self._guard.shape
        gone = guard._judge.gone(value, self._judgements)
        value, gone = masked(value, gone.masked, gone, guard.where)
        if guard.undeclared is not Undeclared.PASS:
            finder = IdentifierFinder(self.index, ocr=guard.text_options.get("ocr", False), known=guard.known_in_texts)
            texts = {place for text in shape.texts for place, _, _ in text.places(value)}
            search_strings(value, gone, finder, texts, guard.undeclared, guard.where)
        spread_to_holders(gone, value, shape)
        if () in gone.places:
            return MISSING
        check_counts(value, gone, shape, guard.where)
        if gone.places:  # else the counts are those that were checked
            value = recount(prune(value, gone, shape), shape)
        if not is_part:
            check_beside(value, shape, guard.where)
        if shape.texts:
            value = guard_texts(
                value, shape.texts, lambda text: str(guard_text(text, self.index, **guard.text_options))
            )
        return remake(value, shape, guard.where)

    def found_in_stream(self, value: Any) -> Any:
        """Guard a record of a stream; :data:`MISSING` if it may not be returned.

        Raises
        ------
        Refused
            When something in what stays may count the stream.
        """
        found = self.found(value)
        if found is not MISSING:
            self._counters.check(found)
        return found

    def end_stream(self) -> None:
        """Refuse a stream of which a number, the same in all its records, may count them.

        Raises
        ------
        Refused
        """
        self._counters.close()

    def require_stream(self) -> None:
        """Refuse to leave records out of a stream of which it is not said that it is whole.

        Raises
        ------
        Refused
        """
        if not self._guard.shape.is_complete:
            raise Refused(
                "this stream is not declared complete",
                where=self._guard.where,
                hint=Spelled(
                    "complete=True if it has every record found. A shorter stream was cut with its sealed records.",
                    "--complete if it has every record found. A shorter stream was cut with its sealed records.",
                ),
            )

    def records(self, records: Iterable[Any]) -> Iterator[Any]:
        """Guard a stream, each record of which is a value on its own: those that may not be returned are left out.

        Raises
        ------
        Refused, UncheckedKeys, UnreadableInput
            As :meth:`guard`; the stream ends there.
        """
        self.require_stream()
        for record in read_source(records):
            check_size(record, self._guard.limits)
            found = self.found_in_stream(record)
            if found is not MISSING:
                yield found
        self.end_stream()

    def _missing(self) -> Any:
        if self._guard._not_found is _REFUSE:
            raise Refused("the record does not exist", where=self._guard.where)
        return self._guard._not_found

    def __repr__(self) -> str:
        return f"JsonAnswer(epoch={self.index.epoch})"


MISSING: Any = object()


def guard_json(value: Any, index: Index | LiveIndex, on: JsonOn, **options: Any) -> Any:
    """Give a JSON answer as it would be had the sealed records never existed.

    Parameters
    ----------
    value : dict, list, str or bytes
        The answer: values as :func:`json.loads` gives them, or a JSON text.
    index, on, **options
        As :class:`JsonGuard` takes them, which is the thing to use for more than one answer.

    Returns
    -------
    of the same kind
        A text is written again whether or not anything was removed, without spaces, so its form reveals nothing.

    Raises
    ------
    ConfigError
        When it is not said whether a list is whole, or the guard cannot be made as it is declared.
    Refused
        When the answer is one record that may not be returned and no `not_found` is given; when it is too large, too
        deep, or not of the declared shape; or when something in it counts records that are not in it, or may.
    UncheckedKeys
        When a key is near a valid one or does not parse, and the policy says nothing else.
    UnreadableInput
        When the text is not JSON.

    Examples
    --------
    >>> from sealscrub.datasets import example_index
    >>> index = example_index(["K14612345"])
    >>> answer = b'{"by_arrest": {"K14612345": 0.9, "M14000017": 0.2}}'
    >>> guard_json(answer, index, on={"arrest_number": "$.by_arrest.*~"}, complete=True)
    b'{"by_arrest":{"M14000017":0.2}}'
    """
    if not isinstance(options.get("where", ""), str):
        raise ConfigError("the name of the response in errors must be a string")
    return JsonGuard(index, on, **options)(value)
