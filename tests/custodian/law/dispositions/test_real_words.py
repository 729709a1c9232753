"""What is one letter from a word of a phrase is written as that word, unless it is a word of its own."""

from __future__ import annotations

import importlib
from collections.abc import Set

import pytest

from sealscrub.custodian.law import JURISDICTIONS
from sealscrub.custodian.law.dispositions import Disposition, map_disposition, read_map
from sealscrub.custodian.law.dispositions.phrases import PhraseGrammar
from sealscrub.custodian.law.dispositions.real_words import REAL_WORDS
from sealscrub.custodian.law.dispositions.repaired_texts import corrected

#: These mean what the word of the phrase means: they are read as it.
SPELLED_OTHERWISE = {
    *("DEPENDANT", "DEPENDANTS", "IGNITRON", "JUDGEMENT", "KIDNAPING", "PERVIOUS", "PROSECTOR", "SERJEANT", "SHOPLIFT"),
}


def english() -> frozenset[str]:
    """The words of the dictionary of pyspellchecker 0.9, of eight letters or more; skip if it is not installed."""
    checker = pytest.importorskip("spellchecker", reason="pip install pyspellchecker")
    return frozenset(word.upper() for word in checker.SpellChecker().word_frequency.words() if len(word) > 7)


def written_otherwise(words: Set[str], law: str) -> set[str]:
    """Those of some words that a state's phrases take for slips."""
    vocabulary = read_map(law).tables.vocabulary
    return {word for word in words if word.isascii() and word.isalpha() and corrected(word, vocabulary) != word}


@pytest.mark.long
@pytest.mark.parametrize("law", JURISDICTIONS)
def test_no_word_of_a_dictionary_is_a_slip_of_a_phrases_word(law: str) -> None:
    """A new phrase brings a new word: what of English is one letter from it is listed, or means the same."""
    assert written_otherwise(english(), law) - SPELLED_OTHERWISE == set()


@pytest.mark.parametrize("law", JURISDICTIONS)
def test_a_real_word_is_left_as_it_is(law: str) -> None:
    assert written_otherwise(REAL_WORDS, law) == set()


def test_each_real_word_would_be_taken_for_a_slip_of_some_state(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that no phrase's word is near is not needed."""
    repairs = importlib.import_module(corrected.__module__)
    monkeypatch.setattr(repairs, "REAL_WORDS", frozenset())

    assert REAL_WORDS - set[str]().union(*(written_otherwise(REAL_WORDS, law) for law in JURISDICTIONS)) == set()


@pytest.mark.parametrize(
    ("text", "slip"),
    [
        ("INDUCTED", "INDITCED"),
        ("ABASEMENT BY DEATH", "ABATEMNT BY DEATH"),
        ("DEFENDANT DECREASED", "DEFENDANT DECEASSED"),
    ],
)
def test_a_text_with_a_real_word_is_not_read_as_one_with_a_slip(text: str, slip: str) -> None:
    assert map_disposition(text) is Disposition.UNMAPPED
    assert map_disposition(slip) is not Disposition.UNMAPPED


@pytest.mark.parametrize("choices", [["{code}", "A B"], ["A B", "{code}"]])
def test_of_several_readings_the_choice_of_most_words_is_first(choices: list[str]) -> None:
    """In whichever order a file has them, and however long their patterns are."""
    slots = {"sentence": choices, "rest": ["B"]}
    phrase = PhraseGrammar(slots, {}, {"code": "[A-Z](?:[A-Z][0-9.A-Z]{1,40})?"}).compile("PG {sentence} [{rest}]")

    found = phrase.match("PG A B")
    assert found is not None
    assert found["sentence"].strip() == "A B"
