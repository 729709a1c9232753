"""Names for texts: a signed file of keyed digests of names, or, only for a trusted host, of the names themselves.

The digests are in an index file like any other, under schemes of their own. Each word of a name is digested to
eight bytes; a name is the digest of its words' digests, so a text is looked up by digesting each of its
different words once::

    word   first 8 bytes of CMAC(key of "opaque:sealtext2.word", the word)
    name   CMAC(key of "opaque:sealtext2.name", the digests of its words)
    begin  the same under "opaque:sealtext2.begin" for the first two words of a name of more
    date   CMAC(key of "opaque:sealtext2.date", "WORD WORD@2014-01-15"): a name and a date of birth or arrest
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.errors import CorruptIndex, Spelled, UnreadableInput, UnsuitableIndex, UsageError
from sealscrub.identifiers import AudienceKey, MatchingKey, OneDigest, Publisher, digest_column, load_key
from sealscrub.identifiers.digest import digest_rows
from sealscrub.identifiers.person_names import MOST_WORDS

from .header import MAGIC, IndexFacts
from .index_lookup import Index
from .index_trust import open_index, reopened
from .index_writer import SchemeEntries, write_index
from .plain_names import PLAIN_MAGIC, old_names, open_plain, write_plain
from .uses import Reason

__all__ = ["TextIndex", "open_text_index", "write_text_index"]

_FORM = "opaque:sealtext2"  # the number is of how names are made words: those of another would not be found
WORD, NAME, BEGIN, DATE = (f"{_FORM}.{part}" for part in ("word", "name", "begin", "date"))
_PUBLISH = Spelled("publish some: Registry.publish_text(…).", "publish some: sealscrub publish … --text.")

Digests = npt.NDArray[np.uint64]
Words = tuple[str, ...]


@dataclass(frozen=True, eq=False)
class TextIndex:
    """Names that may not be shown, open for texts. Made by :func:`open_text_index`; shows no name.

    A pickle holds no names: it says which file to open again, and fails if that is another one by then.

    Attributes
    ----------
    index : Index or None
        The digests.
    plain : polars.Series of String, or None
        The names themselves, words divided by spaces; only of a file for a trusted host.
    dates : polars.Series of String
        With `plain`, names with their dates.
    facts : IndexFacts
        What the publisher states.
    path : Path
    id : str
        Names the content.
    key_path : Path or None
        Where its key is, if that came from a file.

    Examples
    --------
    >>> from sealscrub.datasets import example_names
    >>> example_names([("QUILLFEATHER", "WILBUR")])
    TextIndex(digests, epoch=1, entries=2)
    """

    facts: IndexFacts
    path: Path
    id: str
    key_path: Path | None = None
    index: Index | None = None
    plain: pl.Series | None = None
    dates: pl.Series | None = None

    @property
    def epoch(self) -> int:
        """Number of the registry's last committed change."""
        return self.facts.epoch

    @classmethod
    def of(cls, index: Index) -> TextIndex:
        """Take an open index as one of names.

        Raises
        ------
        UnsuitableIndex
            When it holds no names, or names of another version of sealscrub.
        """
        if any(scheme.startswith("opaque:sealtext.") for scheme in index.schemes):
            raise old_names(index.path)
        if NAME not in index.schemes:
            raise UnsuitableIndex(
                "it holds no names",
                where=str(index.path),
                hint=_PUBLISH,
            )
        return cls(index.header.facts, index.path, index.id, next(iter(index.files[1:]), None), index)

    def __len__(self) -> int:
        if self.index is not None:
            return self.index.header.schemes[NAME].entries
        return 0 if self.plain is None else len(self.plain)

    def __copy__(self) -> TextIndex:
        return self

    def __deepcopy__(self, memo: object) -> TextIndex:
        return self

    def __reduce__(self) -> tuple[object, ...]:
        return _reopen, (str(self.path.absolute()), self.key_path, self.id, self.epoch)

    def __repr__(self) -> str:
        kind = "digests" if self.index is not None else "plain names"
        return f"TextIndex({kind}, epoch={self.epoch}, entries={len(self)})"


def open_text_index(
    path: str | Path,
    key: str | Path | MatchingKey | AudienceKey,
    *,
    use: str | None = "output",
    min_epoch: int | None = None,
    today: date | None = None,
    remember: bool = True,
) -> TextIndex:
    """Open a published file of names, or refuse it.

    Parameters
    ----------
    path, key, use, min_epoch, today, remember
        As of :func:`sealscrub.index.open_index`.

    Returns
    -------
    TextIndex

    Raises
    ------
    UsageError
        As :func:`sealscrub.index.open_index`; and when the index holds no names.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from sealscrub.datasets import example_names
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> _ = example_names([("QUILLFEATHER", "WILBUR")], folder=folder)
    >>> open_text_index(folder / "example.sealtext", folder / "example.key")
    TextIndex(digests, epoch=1, entries=2)
    """
    path = Path(path)
    beginning = _beginning(path)
    if beginning[:7] == PLAIN_MAGIC[:7]:
        key = key if isinstance(key, MatchingKey | AudienceKey) else load_key(key)
        held = open_plain(path, key, use=use, min_epoch=min_epoch, today=today, remember=remember)
        facts, digest, plain, dates = held
        return TextIndex(facts, path, digest, key.path, plain=plain, dates=dates)
    if beginning[:7] != MAGIC[:7]:
        raise CorruptIndex("these are not names that a registry published", where=str(path), hint=_PUBLISH)
    return TextIndex.of(open_index(path, key, use=use, min_epoch=min_epoch, today=today, remember=remember))


def _reopen(path: str, key_path: Path | None, wanted: str, epoch: int) -> TextIndex:
    """Open the file that a pickle refers to; ``SEALSCRUB_INDEX`` names another one."""
    return reopened(open_text_index, path, key_path, wanted, epoch)


def _beginning(path: Path) -> bytes:
    try:
        if path.exists() and not path.is_file():  # opening a FIFO would wait for ever
            return b""
        with path.open("rb") as file:
            return file.read(len(MAGIC))
    except FileNotFoundError:
        raise UsageError("the file of names does not exist", where=str(path), hint=_PUBLISH) from None
    except OSError as error:
        raise UnreadableInput(f"the file of names cannot be read ({error.strerror})", where=str(path)) from None


def write_text_index(
    path: str | Path,
    names: Iterable[Words],
    dates: Iterable[tuple[Words, str]],
    facts: IndexFacts,
    publisher: Publisher,
    *,
    audience_key: AudienceKey,
    plain: bool = False,
) -> int:
    """Write a signed file of names, and put it in place of what was there, in one step.

    Parameters
    ----------
    path : str or Path
    names : iterable of tuple of str
        Names as words (:func:`sealscrub.identifiers.person_names.names_of`).
    dates : iterable of (tuple of str, str)
        Names with a date of birth or arrest, ISO 8601.
    facts, publisher, audience_key
        As of :func:`sealscrub.index.write_index`.
    plain : bool
        Whether the names themselves are written: for a host that may hold them, and no other.

    Returns
    -------
    int
        How many different names it holds.

    Raises
    ------
    UsageError, WriteFailed
        As :func:`sealscrub.index.write_index`; UsageError also when a name has more words than are compared.

    Examples
    --------
    >>> from sealscrub.identifiers import generate_keys, load_key, load_publisher
    >>> matching, publisher, *_ = generate_keys("seal.key")
    >>> signer, police = load_publisher(publisher), load_key(matching).for_audience("police")
    >>> facts = IndexFacts(uses=("training",), audience="police", epoch=1, as_of=date(2026, 11, 25),
    ...                    known_at="2026-11-25T00:00:00Z", not_after=date(2026, 12, 25), seals=1)
    >>> write_text_index("today.sealtext", [("WILBUR", "QUILLFEATHER")], [], facts, signer, audience_key=police)
    1
    """
    given = pl.Series([" ".join(words) for words in names], dtype=pl.String).unique().sort()
    if (given.str.count_matches(" ") >= MOST_WORDS).any():
        raise UsageError(
            f"a name has more than {MOST_WORDS} words",
            where=str(path),
            hint="give a longer one by its first words, as sealscrub.identifiers.person_names.names_of does.",
        )
    dated = pl.Series([f"{' '.join(words)}@{day}" for words, day in dates], dtype=pl.String).unique().sort()
    if plain:
        write_plain(path, given, dated, facts, publisher, audience_key=audience_key)
        return len(given)
    header = write_index(path, list(_entries(given, dated, audience_key)), facts, publisher, audience_key=audience_key)
    return header.schemes[NAME].entries


def _entries(names: pl.Series, dates: pl.Series, key: AudienceKey) -> Iterable[SchemeEntries]:
    keys = {scheme: key.scheme_key(scheme) for scheme in (WORD, NAME, BEGIN, DATE)}
    words = names.str.split(" ")
    counts = words.list.len()
    different = words.explode().unique()
    digests = dict(zip(different.to_list(), digest_words(different, keys[WORD]).tolist(), strict=True))
    whole, begins = [np.zeros((0, 2), np.uint64)], [np.zeros((0, 2), np.uint64)]
    for count in sorted(set(counts.to_list())):
        some = words.filter(counts == count).explode().replace_strict(digests, return_dtype=pl.UInt64)
        rows = some.to_numpy().reshape(-1, count)
        whole.append(digest_names(rows, keys[NAME]))
        if count > 2:
            begins.append(digest_names(np.unique(rows[:, :2], axis=0), keys[BEGIN]))
    for scheme, parts in ((NAME, whole), (BEGIN, begins), (DATE, [digest_column(dates, keys[DATE])])):
        found = np.concatenate(parts)
        yield SchemeEntries(scheme, found, np.full(len(found), Reason.SEALED, np.uint8))


def digest_words(words: pl.Series, key: bytes) -> npt.NDArray[np.uint64]:
    """Eight bytes for each word."""
    return digest_column(words, key)[:, 0]


def digest_names(words: npt.NDArray[np.uint64], key: bytes | OneDigest) -> Digests:
    """Digest names, of which each row holds the digests of the words."""
    rows = np.ascontiguousarray(words.astype(">u8", copy=False)).view(np.uint8).reshape(len(words), 8 * words.shape[1])
    return digest_rows(rows, key)


def name_keys(index: Index) -> Mapping[str, bytes]:
    """Keys by scheme under which an index of names holds them."""
    return {scheme: index.scheme_key(scheme) for scheme in (WORD, NAME, BEGIN, DATE)}
