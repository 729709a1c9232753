"""A phrase is only tried where its fixed words are: what it matches is what its pattern matches."""

from __future__ import annotations

import random
import re
import tomllib

import pytest

from sealscrub.custodian.law import JURISDICTIONS
from sealscrub.custodian.law.dispositions import read_map
from sealscrub.custodian.law.dispositions.phrases import PhraseGrammar
from sealscrub.custodian.law.jurisdiction_packages import room_file

WRITTEN = {"{law}": "PL 120.00", "{docket}": "2014KN012346", "{count}": "2", "{number}": "3"}


def texts(phrases: list[str], seed: int, times: int) -> list[str]:
    """Texts of phrases, whole or in part, with words of others among them."""
    draw = random.Random(seed)
    words = sorted({word.strip("[]{}+") for text in phrases for word in text.split()} | {"PL", "120.00", "1", "CT"})
    found = []
    for _ in range(times):
        chosen = [word.strip("[]") for word in draw.choice(phrases).split() if draw.random() < 0.95]
        chosen[draw.randint(0, len(chosen)) :] += draw.sample(words, draw.choice([0, 0, 1, 2]))
        found.append(" ".join(WRITTEN.get(word, word) for word in chosen))
    return found


@pytest.mark.parametrize("place", JURISDICTIONS)
def test_a_phrase_matches_what_its_pattern_does(place: str) -> None:
    given = tomllib.loads(room_file(place, "dispositions.toml").read_text("utf-8"))
    mapping = read_map(place)
    phrases = [text for text, _ in mapping.phrases()]
    random.Random(2).shuffle(phrases)
    phrases = phrases[:120]  # whole patterns take long
    compiled = [
        PhraseGrammar(given.get("slots", {}), given.get("words", {}), given.get("patterns", {})).compile(text)
        for text in phrases
    ]
    matched = 0
    for plain in map(mapping.plain, texts(phrases, seed=1, times=300)):
        found = [phrase for phrase in compiled if phrase.pattern.fullmatch(f" {plain}")]
        assert [phrase for phrase in compiled if phrase.match(plain)] == found
        matched += bool(found)

    assert matched > 20, "some texts are phrases"


def one_of(text: str, slots: dict[str, list[str]], draw: random.Random) -> str:
    """One text that a phrase stands for."""
    words = []
    for part in re.findall(r"\[[^\]]*\]|\S+", text):
        if part[0] == "[" and draw.random() < 0.5:
            continue
        for word in part.strip("[]").split():
            choices = slots.get(word.strip("{}+")) if word[0] == "{" else None
            words.append(one_of(draw.choice(choices), slots, draw) if choices else WRITTEN.get(word, word))
    return " ".join(words)


@pytest.mark.parametrize("place", JURISDICTIONS)
def test_a_phrase_matches_what_it_stands_for_whatever_it_was_asked_before(place: str) -> None:
    given = tomllib.loads(room_file(place, "dispositions.toml").read_text("utf-8"))
    slots, mapping, draw = given.get("slots", {}), read_map(place), random.Random(3)
    often, *once = (PhraseGrammar(slots, given.get("words", {}), given.get("patterns", {})) for _ in range(4))
    phrases = sorted({text for text, _ in mapping.phrases()})
    chosen, matched = draw.sample(phrases, min(60, len(phrases))), 0
    for text in chosen:
        phrase = often.compile(text)
        for grammar in once:
            plain = mapping.plain(one_of(text, slots, draw))
            within = grammar.pattern_within(grammar.compile(text), plain, frozenset(plain.split(" ")))
            assert bool(phrase.match(plain)) == bool(within.fullmatch(f" {plain}")), text
            matched += phrase.match(plain) is not None

    assert 2 * matched > len(chosen) * len(once), "most are what they stand for"


@pytest.mark.parametrize("slot", ["BUT", "{but}", "{buts}"])
def test_words_that_may_be_left_out_are_matched_with_and_without_them(slot: str) -> None:
    phrase = PhraseGrammar({"but": ["BUT [NOW]"], "buts": ["{but}"]}, {}, {}).compile(f"GUILTY [{slot}] ILL")

    texts = ("GUILTY ILL", "GUILTY BUT ILL", "GUILTY ILL", "GUILTY AND ILL", "GUILTY BUT BUT ILL", "BUT GUILTY ILL")
    assert [bool(phrase.match(text)) for text in texts] == [True, True, True, False, False, False]
    assert bool(phrase.match("GUILTY BUT NOW ILL")) is (slot != "BUT")


@pytest.mark.parametrize("text", ["CLASS {law}", "{law} CLASS", "[{law}] CLASS [{law}]", "{laws}+ CLASS"])
def test_a_text_begins_and_ends_with_what_a_regular_expression_matches(text: str) -> None:
    phrase = PhraseGrammar({"laws": ["{law}", "PL {law}"]}, {}, {"law": "[0-9]{3}(?: [A-Z])?"}).compile(text)
    texts = ["CLASS 120", "120 CLASS", "CLASS", "120 CLASS 120 B", "120 B 130 CLASS", "12 CLASS", "CLASS 1200"]

    for plain in texts:
        assert bool(phrase.match(plain)) == bool(phrase.pattern.fullmatch(f" {plain}")), plain


def test_a_text_without_a_number_does_not_decide_for_one_that_has_it() -> None:
    phrase = PhraseGrammar({}, {}, {"law": "[0-9]{3}"}).compile("CLASS {law} DONE")

    assert [bool(phrase.match(f"CLASS {number} DONE")) for number in ("12", "120", "12")] == [False, True, False]


def test_a_choice_of_words_that_are_left_out_is_one() -> None:
    """A phrase is asked for with the choices that the text's words allow: none of them is the one without words."""
    phrase = PhraseGrammar({"letter": ["A", "B"]}, {"A": ""}, {}).compile("CLASS {letter} FELONY")

    assert [bool(phrase.match(text)) for text in ("CLASS FELONY", "CLASS B FELONY", "CLASS C FELONY")] == [
        True,
        True,
        False,
    ]
