"""A phrase is only tried where its fixed words are: what it matches is what its pattern matches."""

from __future__ import annotations

import random
import tomllib

import pytest

from sealscrub.custodian.law import JURISDICTIONS
from sealscrub.custodian.law.dispositions import read_map
from sealscrub.custodian.law.dispositions.phrases import compile_phrase
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
        compile_phrase(text, given.get("slots", {}), given.get("words", {}), given.get("patterns")) for text in phrases
    ]
    matched = 0
    for plain in map(mapping.plain, texts(phrases, seed=1, times=300)):
        found = [phrase for phrase in compiled if phrase.pattern.fullmatch(f" {plain}")]
        assert [phrase for phrase in compiled if phrase.match(plain)] == found
        matched += bool(found)

    assert matched > 20, "some texts are phrases"


def test_a_choice_of_words_that_are_left_out_is_one() -> None:
    """A phrase is asked for with the choices that the text's words allow: none of them is the one without words."""
    phrase = compile_phrase("CLASS {letter} FELONY", {"letter": ["A", "B"]}, {"A": ""})

    assert [bool(phrase.match(text)) for text in ("CLASS FELONY", "CLASS B FELONY", "CLASS C FELONY")] == [
        True,
        True,
        False,
    ]
