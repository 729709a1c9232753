"""Text that leaves piece by piece, as a language model writes it."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from sealscrub.errors import Refused, UsageError
from sealscrub.index import Index, TextIndex

from ..live_index import LiveIndex
from .guarded_text import begin, refuse_old_name
from .unknown_mentions import KnownInTexts

__all__ = ["StreamGuard"]


class StreamGuard:
    """Guards a text of which pieces come and leave: together they are what :func:`guard_text` gives for the whole.

    No part of a mention leaves, however the text is cut into pieces. What has come is held until its unit (a
    sentence, a line of a list, at most 2,000 characters) is over and all that begins in it has been seen: usually
    some six words into the next, or the next that ends otherwise where its end could begin an identifier or a name;
    never more than 6,400 characters. Anyone who stops before :meth:`close`, and every error, loses what is held; it is
    never given out.

    Parameters
    ----------
    index, names, on_match, possible, ocr, known, policy
        As of :func:`guard_text`. One index judges the whole text.

    Raises
    ------
    UsageError
        When the index, or the names, may not be used for output today.

    Examples
    --------
    >>> from sealscrub.datasets import example_index
    >>> guard = StreamGuard(example_index(["K14612345"]))
    >>> pieces = ["Two hits. One is K14", "61", "2345. The oth", "er is M14000017."]
    >>> [guard.feed(piece) for piece in pieces] + [guard.close()]
    ['', '', '', 'Two hits.', ' The other is M14000017.']
    """

    def __init__(
        self,
        index: Index | LiveIndex,
        names: TextIndex | LiveIndex | None = None,
        on_match: str = "sentence",
        *,
        possible: str = "remove",
        ocr: bool = False,
        known: KnownInTexts | Mapping[str, Any] | None = None,
        policy: None = None,
    ) -> None:
        refuse_old_name(policy)
        self._flow, self.checked = begin(index, names, on_match, possible=possible, ocr=ocr, known=known)
        self._decoder = codecs.getincrementaldecoder("utf-8")("strict")
        self._open = True

    @property
    def held(self) -> int:
        """How many characters have come and were neither sent nor removed."""
        return self._flow.held

    def feed(self, chunk: str | bytes) -> str:
        """Take a piece, and give what may leave now.

        Parameters
        ----------
        chunk : str or bytes
            Bytes are UTF-8, and may end inside a character.

        Raises
        ------
        Refused
            With ``on_match="refuse"``, when there is a reason to; or when bytes are not UTF-8. The guard is closed.
        UsageError
            When the guard is closed.
        """
        self._check_open()
        try:
            text = chunk if isinstance(chunk, str) else self._decoder.decode(chunk)
            return self._flow.feed(text)
        except BaseException as error:
            self.drop()
            raise _text_free_error(error) from None

    def close(self) -> str:
        """End the text, and give what may leave of what was held.

        Raises
        ------
        Refused, UsageError
            As :meth:`feed`.
        """
        self._check_open()
        try:
            return self._flow.feed(self._decoder.decode(b"", final=True), final=True)
        except BaseException as error:
            raise _text_free_error(error) from None
        finally:
            self.drop()

    def drop(self) -> None:
        """Close without giving anything: what is held is forgotten."""
        self._flow.drop()
        self._decoder.reset()
        self._open = False

    def _check_open(self) -> None:
        if not self._open:
            raise UsageError("this guard is closed", where="StreamGuard", hint="a guard is for one text: make another.")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.drop()

    def __repr__(self) -> str:
        return f"StreamGuard({'open' if self._open else 'closed'})"

    def __reduce__(self) -> tuple[Any, ...]:
        raise UsageError("a StreamGuard holds a text and cannot be pickled", hint="make one where it is used.")


def _text_free_error(error: BaseException) -> BaseException:
    """The error without what it may say about the text."""
    if isinstance(error, UnicodeError):
        return Refused("the bytes are not UTF-8", hint="send the text in UTF-8, from its beginning.")
    return error
