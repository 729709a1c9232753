"""Words are digested once and remembered: with any memory, and in any order, the digests are those of the words."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sealscrub.identifiers.letters import fold_letters
from sealscrub.index.text_index import digest_words
from sealscrub.matching.texts import word_digests as module
from sealscrub.matching.texts.name_words import Words
from sealscrub.matching.texts.word_digests import WordDigests

KEY = bytes(range(32))
SHARED = "abcdefghijklmnop"  # sixteen letters
TEXTS = st.lists(
    st.one_of(
        st.sampled_from(
            [
                *(
                    "Wilbur",
                    "Quillfeather's",
                    "O'Brien",
                    "McAllister",
                    "Jr.",
                    "Mr",
                    "III",
                    "is",
                    "K14612345",
                    "Jos\u00e9",
                ),
                *("\u0414\u043c\u0438\u0442\u0440\u0438\u0439", "\u05d0\u05d1\u05d2", "Wob-\nbe", "a", SHARED[:8]),
                *(SHARED[:15], SHARED, SHARED + "q", SHARED + "r", SHARED * 3, "<b>Bill</b>"),
            ]
        ),
        st.text("abcXYZ '.-\n", max_size=20),
    ),
    max_size=30,
).map(" ".join)


@pytest.mark.parametrize("bits", [1, 4, 16])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(TEXTS, min_size=1, max_size=4))
@example(texts=[SHARED + "q", SHARED, SHARED + "r"])
@example(texts=[SHARED[:size] for size in range(8, 17)])
@example(texts=["to be or not to be", "to be"])
def test_a_digest_does_not_depend_on_what_was_read_before(
    bits: int, texts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_BITS", bits)
    monkeypatch.setattr(module, "_AT_ONCE", 8)
    digests = WordDigests(KEY)
    for text in [*texts, *texts]:
        words = Words(fold_letters(text))
        said = pl.Series(words.chosen(np.arange(len(words))), dtype=pl.String)
        assert digests.of(words).tolist() == digest_words(said, KEY).tolist()


def test_a_word_that_was_met_is_not_digested_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    digest_rows = module.digest_rows

    def counted(*given: Any) -> Any:
        asked.append(len(given[0]))
        return digest_rows(*given)

    monkeypatch.setattr(module, "digest_rows", counted)
    digests, words = WordDigests(KEY), Words(fold_letters("The officer saw the officer of Mr. Wobbe's sister."))
    digests.of(words)
    assert asked == [len(words)]
    digests.of(words)
    assert asked == [len(words)]
