"""The custodian's own file, what no phrase matches, and what holds for any text."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealscrub.custodian.law.dispositions import Disposition, map_disposition, read_map, unmapped
from sealscrub.errors import ConfigError

FAVOURABLE = {
    name for name in Disposition if name.startswith(("DISMISSED_E", "ACQUITTED_C", "NO_TRUE", "DECLINED", "ACD_D"))
}
WORDS = ["NOT", "DENIED", "COVERED", "RESTORED", "VACATED", "REVERSED", "EXCEPT", "COUNT", "PARTLY", "LATER"]


def write(folder: Path, text: str) -> Path:
    path = folder / "own.toml"
    path.write_text(text)
    return path


@pytest.mark.parametrize("text", ["DISMISSED", "ACQUITTED", "NOT GUILTY", "NO TRUE BILL", "DP", "DISM 30.30"])
@given(word=st.sampled_from(WORDS), before=st.booleans())
def test_a_word_too_many_is_never_favourable(text: str, word: str, before: bool) -> None:
    assert map_disposition(f"{word} {text}" if before else f"{text} {word}") not in FAVOURABLE


@given(st.text(max_size=40))
def test_any_text_has_a_meaning_that_signs_and_case_do_not_change(text: str) -> None:
    assert map_disposition(text) is map_disposition(f" {text.strip()} ")


def test_what_the_custodian_says_wins_and_is_versioned(tmp_path: Path) -> None:
    own = write(tmp_path, 'version = "mine-2"\n[texts]\n"Stet" = "PENDING"\n"DP" = "UNMAPPED"\n')
    mapping = read_map("us-ny", own)

    assert mapping.version == "us-ny/dispositions-12+mine-2"
    assert mapping.meaning("STET").disposition is Disposition.PENDING
    assert mapping.meaning("DP").disposition is Disposition.UNMAPPED
    assert mapping.meaning("DISM 30.30").disposition is Disposition.DISMISSED_ENTIRE


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("version = 1 =", "is not valid TOML"),
        ("[texts]\n", "has no version"),
        ('version = "1"\n[texts]\n"SECRET" = "GONE"\n', "phrase 1 names a disposition that does not exist"),
        ('version = "1"\n[texts]\n"{SECRET}" = "PENDING"\n', "phrase 1 has a slot that is not listed"),
    ],
)
def test_a_wrong_file_is_refused_without_its_texts(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        read_map("us-ny", write(tmp_path, text))

    assert "SECRET" not in str(caught.value)


def test_a_misspelt_disposition_is_told_with_the_three_nearest(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        read_map("us-or", write(tmp_path, 'version = "1"\n[texts]\n"GONE" = "DIVERTD"\n'))

    assert caught.value.hint is not None
    assert "DIVERTED" in caught.value.hint
    assert caught.value.hint.count(",") == 2


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        read_map("us-ny", tmp_path / "none.toml")


def test_another_jurisdiction_is_refused() -> None:
    with pytest.raises(ConfigError, match="the phrases of 'us-xx'"):
        read_map("us-xx")


def test_unmapped_texts_are_listed_by_frequency_without_numbers() -> None:
    texts = ["STET", "Merged with 2014KN012345", "stet.", "DISMISSED", None, "MERGED WITH CR-012345-21KN"]

    assert unmapped(texts, read_map("us-ny")) == [("STET", 2), ("MERGED WITH #", 1), ("MERGED WITH CR # #", 1)]
