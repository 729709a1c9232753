"""Which values, of whatever meaning, are record keys that an index holds."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.boundary.array_types import Mask
from sealscrub.errors import ColumnError
from sealscrub.identifiers import Status, canonicalise, digest_column, get_scheme
from sealscrub.index import Index, Reason

from .chance import Chance, SeenNumbers, is_short, moved
from .composite_text import keys_within
from .hits import Hit, Likeness
from .number_sample import NumberSample
from .other_digits import printed_numbers, repaired, stands_alone
from .policy import Policy
from .struct_keys import keys_in_structs, untried_structs
from .text_words import (
    IS_ONE_WORD,
    IS_PROSE,
    MAY_BE_ONE_KEY,
    batches_of,
    phrases_in,
    runs_in,
    without_escapes,
    words_and_parts,
    words_in,
)
from .texts.grammar import digits_of_numbers
from .texts.shapes import BESIDE_DIGIT, Shapes, labels_of, shape_of, shapes_of_parts
from .texts.text_reading import TextReading
from .value_gates import ValueGates
from .whole_numbers import may_have_digits

__all__ = ["Hit", "Likeness", "ValueSearch"]

Flags = npt.NDArray[np.uint8]
Rows = npt.NDArray[np.int64]

_FEW = 150  # values that are read as quickly as they are told from others


class ValueSearch:
    """Compares values with an index, under every scheme that it holds.

    A whole value is read as a key column's would be, each word of a text, and what is within a word, as an id of
    one system, a text as the text guard reads it, and parts of a key of several columns where they are in one short
    text, one sentence or one struct.

    Parameters
    ----------
    index : Index
        An open index.
    policy : Policy, optional
        Whether withheld records, and near values, are let pass.
    schemes : collection of str, optional
        Of the index; by default all of them.
    runs : bool
        Whether runs of words with a digit are read as keys of every scheme, which is slow.

    Attributes
    ----------
    numeric, composite, opaque : bool
        Whether a number may be a key of the index, and whether it holds keys of several columns, and ids of one system.
    may_be_chance : bool
        Whether values of it may be met by chance.

    Examples
    --------
    >>> from sealscrub.datasets import example_index
    >>> search = ValueSearch(example_index(["K14612345"]))
    >>> search.texts(pl.Series(["k14-612345", "M14000017", "See arrest K14612345, dismissed."])).tolist()
    [4, 0, 4]
    """

    def __init__(
        self,
        index: Index,
        policy: Policy | None = None,
        *,
        schemes: Collection[str] | None = None,
        runs: bool = False,
    ) -> None:
        policy = policy or Policy()
        self._index, self._runs = index, runs
        chosen = [scheme for scheme in index.schemes if schemes is None or scheme in schemes]
        self._schemes = tuple(scheme for scheme in chosen if not get_scheme(scheme).parts)
        self._composite = tuple(scheme for scheme in chosen if get_scheme(scheme).parts)
        self._keys = {scheme: index.scheme_key(scheme) for scheme in chosen}
        self._chances = {scheme: Chance(index, scheme) for scheme in chosen}
        self._barred = [Reason.SEALED] if "withheld" in policy.allow else [Reason.SEALED, Reason.WITHHELD]
        self._near = "near" not in policy.accept
        digits = {scheme: digits_of_numbers(get_scheme(scheme)) for scheme in self._schemes}
        self._of_numbers = {scheme: bounds for scheme, bounds in digits.items() if bounds is not None}
        self.numeric = bool(self._of_numbers)
        self.composite = bool(self._composite)
        self.opaque = any(get_scheme(scheme).opaque for scheme in self._schemes)
        self.may_be_chance = self.numeric or self.opaque
        self._prepare(index)
        index.verify()

    def _prepare(self, index: Index) -> None:
        """Set up what shows cheaply which texts are read, and how."""
        spelled = [get_scheme(scheme) for scheme in self._schemes if not get_scheme(scheme).opaque]
        labels = {each.name: labels_of(each) for each in spelled}
        self._by_word = [each for each in self._schemes if get_scheme(each).opaque or labels[each] is not None]
        several = [shapes_of_parts(get_scheme(scheme)) for scheme in self._composite]
        self._any = not all(several)  # there are keys of several words, which any may be
        reading = TextReading(index, (), several=True, barred=self._barred)
        self._readings = [("", Likeness.HELD, Shapes(several), reading)]
        for each in spelled:
            said = [label for label in (labels[each.name],) if label is not None]
            for near in (False, True) if self._near else (False,):
                shapes = Shapes([[*([BESIDE_DIGIT] if near else []), *said, shape_of(each, near=near)]])
                reading = TextReading(index, [each.name], near=near, barred=self._barred)
                self._readings.append((each.name, Likeness.NEAR if near else Likeness.HELD, shapes, reading))
        self._shapes = Shapes([*([shape_of(each, near=self._near)] for each in spelled), *several])
        self._fewest = min((self._chances[each].fewest for each in self._by_word), default=0)
        self._readable = Shapes([each for _, _, shapes, _ in self._readings for each in shapes.patterns])
        by_word = [each for each in spelled if each.name in self._by_word]
        self._spelled = frozenset(each.name for each in spelled)
        self._gates = ValueGates(spelled, by_word, self._readable, near=self._near)

    def may_hold(self, texts: pl.Series) -> Mask:
        """Say cheaply of which texts nothing can be said before they are read."""
        if self.opaque or self._any:
            return np.ones(len(texts), bool)
        found = self._gates.texts(texts)
        rows = np.flatnonzero(found)
        if len(rows):
            found[rows] = self._shapes.fit(texts[rows])
        return found

    def may_hold_numbers(self, values: pl.Series, scheme: str | None = None) -> bool:
        """Say cheaply whether one of some numbers, of any type, may be a value of a scheme, or of any."""
        bounds = [each for name, each in self._of_numbers.items() if scheme in (None, name)]
        return bool(bounds) and may_have_digits(values, bounds)

    def numbers(self, values: pl.Series, seen: list[SeenNumbers] | None = None) -> Flags:
        """Compare numbers.

        Parameters
        ----------
        values : polars.Series of String
            Whole numbers, as their digits.
        seen : list of SeenNumbers, optional
            Gets the numbers among them that may be met by chance.

        Returns
        -------
        ndarray of uint8
            A :class:`Likeness` for each.
        """
        flags = np.zeros(len(values), np.uint8)
        for hit in self.number_hits(values, seen):
            flags[hit.row] = max(flags[hit.row], hit.likeness)
        return flags

    def number_hits(self, values: pl.Series, seen: list[SeenNumbers] | None = None) -> Iterator[Hit]:
        """Give what :meth:`numbers` compares."""
        for scheme in self._of_numbers:
            width = get_scheme(scheme).number_width
            yield from self._match(scheme, values.str.zfill(width) if width else values, seen=seen)

    def texts(self, values: pl.Series, seen: list[SeenNumbers] | None = None) -> Flags:
        """Compare texts: each whole, and what is in it.

        Parameters
        ----------
        values : polars.Series of String
            Without nulls.
        seen : list of SeenNumbers, optional
            Gets the texts that are numbers which may be met by chance.

        Returns
        -------
        ndarray of uint8
            A :class:`Likeness` for each.
        """
        flags = np.zeros(len(values), np.uint8)
        for hit in self._hits(values, flags, seen):
            flags[hit.row] = max(flags[hit.row], hit.likeness)
        return flags

    def hits(self, values: pl.Series) -> Iterator[Hit]:
        """Give every key in texts, also what may be chance within a text.

        Parameters
        ----------
        values : polars.Series of String
            Without nulls.

        Yields
        ------
        Hit
            One may be given more than once, and a key that is held as a near one as well.

        Examples
        --------
        >>> from sealscrub.datasets import example_index
        >>> search = ValueSearch(example_index(["K14612345", "M14000017"]))
        >>> sorted({(hit.row, hit.value) for hit in search.hits(pl.Series(["theft", "K14612345, m14-000017"]))})
        [(1, 'K14612345'), (1, 'M14000017')]
        """
        yield from self._hits(values, None)

    def _hits(self, values: pl.Series, flags: Flags | None, seen: list[SeenNumbers] | None = None) -> Iterator[Hit]:
        """Give every key; with `flags`, only what raises these, to which the caller adds what it is given."""
        if not len(values):
            return
        whole = {scheme: np.zeros(len(values), bool) for scheme in ("", *self._schemes)}
        for rows, written in self._written(values):
            for scheme in self._schemes:
                keys = np.zeros(len(rows), bool)
                some: list[SeenNumbers] | None = None if seen is None else []
                yield from _hits_at_rows(self._match(scheme, written, keys=keys, seen=some), rows)
                if seen is not None:
                    seen += moved(some or (), rows)
                whole[scheme][rows[keys]] = True
        prose: Mask | None = None
        for hit in self._words(values, every=flags is None):
            if flags is None or hit.likeness > Likeness.CHANCE:
                yield hit
                continue
            prose = _are(IS_PROSE, values) if prose is None else prose
            if prose[hit.row] and not flags[hit.row] and stands_alone(hit.written, values[hit.row]):
                yield hit._replace(likeness=Likeness.CHANCE_IN_TEXT)
        for scheme in self._composite:
            rows, within = keys_within(values, scheme)
            held = self._is_held(scheme, within)
            for row, key in zip(rows[held].tolist(), within.filter(pl.Series(held)), strict=True):
                yield Hit(row, Likeness.HELD, scheme, key, key, whole=False)
        readable = np.flatnonzero(self._readable.fit(values))
        one_word = _are(IS_ONE_WORD, values[readable]) if len(readable) else np.zeros(0, bool)
        for of, likeness, shapes, reading in self._readings if len(readable) else ():
            left = readable[~(whole[of][readable] & one_word)]  # a word that is a key as a whole has no other within
            left = left if flags is None else left[flags[left] < likeness]
            left = left[shapes.fit(values[left])] if len(left) else left
            if not len(left):
                continue
            for number, scheme, text, value in reading.found(values[left]):
                if scheme in self._keys:
                    sure = scheme in self._composite or not (self._chances[scheme].of(value) or is_short(text, scheme))
                    hit = Hit(int(left[number]), likeness, scheme, value, text, whole=False)
                    if sure:
                        yield hit
                    elif likeness is Likeness.HELD and (flags is None or self._chances[scheme].in_text(value, text)):
                        yield hit._replace(likeness=Likeness.CHANCE if flags is None else Likeness.CHANCE_IN_TEXT)

    def any_key(self, texts: pl.Series) -> bool:
        """Say whether a text is a key of the index as a whole."""
        written = [texts for _, texts in self._written(texts)]
        return any(True for each in written for scheme in self._schemes for _ in self._match(scheme, each, near=False))

    def structs(self, values: pl.Series) -> Mask:
        """Say which structs hold the parts of a key of several columns."""
        found = np.zeros(len(values), bool)
        for scheme in self._composite if len(values) else ():
            for rows, keys in keys_in_structs(values, scheme):
                found[rows[self._is_held(scheme, keys)]] = True
        return found

    def untried(self, values: pl.Series) -> Mask:
        """Say which structs hold so many parts of a key that they are not put together."""
        many = [untried_structs(values, scheme) for scheme in self._composite]
        return np.asarray(sum(many, np.zeros(len(values), bool)), bool)

    def chance_explains(self, scheme: str, numbers: NumberSample) -> bool:
        """Say whether chance explains how many of some numbers the index holds, by their neighbours."""
        return self._chances[scheme].explains(numbers, lambda values: self._is_held(scheme, values))

    def _written(self, values: pl.Series) -> Iterator[tuple[Rows, pl.Series]]:
        """Give the texts that may be one key, and the digits of those that are a number printed as a float is."""
        rows = np.arange(len(values)) if self.opaque else self._gates.whole(values)
        short = values if self.opaque else values[rows]
        one = np.flatnonzero(_are(MAY_BE_ONE_KEY[self._runs], short))
        rows, short = rows[one], short[one]
        yield rows, short
        printed, digits = printed_numbers(short)
        if len(printed):
            yield rows[printed], digits

    def _is_held(self, scheme: str, values: pl.Series) -> Mask:
        if not len(values):
            return np.zeros(0, bool)
        return np.isin(self._index.lookup(scheme, digest_column(values, self._keys[scheme])), self._barred)

    def _match(
        self,
        scheme: str,
        values: pl.Series,
        *,
        near: bool = True,
        keys: Mask | None = None,
        seen: list[SeenNumbers] | None = None,
    ) -> Iterator[Hit]:
        """Read values as a key column's would be read, unless their shape tells that they are none; mark the `keys`."""
        rows = np.arange(len(values))
        if scheme in self._spelled and len(values) > _FEW:
            rows = self._gates.whole(values, scheme)
        if not len(rows):
            return
        values = values[rows]
        try:
            read = canonicalise(values.alias("values"), scheme)
        except ColumnError:
            return
        good = np.flatnonzero(read.status == Status.OK)
        if keys is not None:
            keys[rows[good]] = True
        held = self._is_held(scheme, read.values[good])
        if seen is not None:
            seen.append(self._chances[scheme].seen(rows[good], read.values[good], held))
        good = good[held]
        for at, value, written in zip(rows[good].tolist(), read.values[good], values[good], strict=True):
            chance = self._chances[scheme].of(value) or is_short(written, scheme)
            yield Hit(at, Likeness.CHANCE if chance else Likeness.HELD, scheme, value, written, whole=True)
        if self._near and near:
            alike = np.flatnonzero(read.status == Status.NEAR)
            yield from _hits_at_rows(self._near_ones(scheme, values[alike]), rows[alike])

    def _near_ones(self, scheme: str, values: pl.Series) -> Iterator[Hit]:
        rows, made = repaired(values)
        read = canonicalise(made, scheme)
        good = np.flatnonzero(read.status == Status.OK)
        good = good[self._is_held(scheme, read.values[good])]
        for at, row, value in zip(good.tolist(), rows[good].tolist(), read.values[good], strict=True):
            if not is_short(made[at], scheme):
                yield Hit(row, Likeness.NEAR, scheme, value, values[row], whole=True)

    def _words(self, values: pl.Series, *, every: bool) -> Iterator[Hit]:
        """Look each word up, and each short phrase of a list, if a scheme's values may be any."""
        if not (self._by_word or self._runs):
            return
        rows = np.arange(len(values)) if self.opaque or self._runs else self._gates.words(values, short=every)
        yield from _hits_at_rows(self._words_of(values[rows], every=every), rows)

    def _words_of(self, values: pl.Series, *, every: bool) -> Iterator[Hit]:
        for batch in batches_of(values):
            for runs in runs_in(batch["text"]) if self._runs else ():
                yield from _hits_at_rows(self._looked_up(runs, self._schemes, near=False), batch["row"])
            if not self._by_word:
                continue
            plain = without_escapes(batch["text"])
            behind = words_in(plain["text"], self._fewest, short=self.opaque)
            behind = behind.with_columns(row=plain["row"][behind["row"]])
            others = pl.concat([phrases_in(batch["text"], parts=not every), behind])
            words = words_and_parts(batch["text"], self._fewest, short=self.opaque)
            found = self._looked_up(others, self._by_word, words, near=True, every=every)
            yield from _hits_at_rows(found, batch["row"])

    def _looked_up(
        self,
        texts: pl.DataFrame,
        schemes: Collection[str],
        words: tuple[pl.DataFrame, pl.DataFrame] | None = None,
        *,
        near: bool,
        every: bool = True,
    ) -> Iterator[Hit]:
        """Look up texts by their rows, and the parts of words, of which only those that are found get rows."""
        distinct = texts["word"] if words is None else pl.concat([texts["word"], words[1]["part"]])
        distinct = distinct.unique()
        found = [
            hit
            for rows, written in self._written(distinct)
            for scheme in schemes
            for hit in _hits_at_rows(self._match(scheme, written, near=near), rows)
            if every or hit.likeness > Likeness.CHANCE or self._chances[scheme].in_text(hit.value, hit.written)
        ]
        if found:
            told = pl.DataFrame({"word": distinct[[hit.row for hit in found]], "hit": range(len(found))})
            places = [texts.join(told, on="word").select("row", "hit")]
            if words is not None:
                parts = words[1].join(told, left_on="part", right_on="word").select("word", "hit")
                places.append(words[0].join(parts, on="word").select("row", "hit"))
            for row, at in pl.concat(places).iter_rows():
                yield found[at]._replace(row=row, whole=False)

    def __repr__(self) -> str:
        return f"ValueSearch({len(self._keys)} schemes)"


def _are(kind: pl.Expr, texts: pl.Series) -> Mask:
    """Say which texts are of a kind."""
    if not len(texts):
        return np.zeros(0, bool)
    found: Mask = texts.alias("text").to_frame().select_seq(kind).to_series().to_numpy()
    return found


def _hits_at_rows(hits: Iterable[Hit], rows: Rows | pl.Series) -> Iterator[Hit]:
    """Give hits in values that were chosen from others with the rows of these."""
    for hit in hits:
        yield hit._replace(row=int(rows[hit.row]))
