"""Files of phrases, of a state and of a custodian: only a version is needed; what is wrong is named by its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from sealscrub.custodian.law.dispositions import DispositionMap, disposition_phrases, read_map
from sealscrub.errors import ConfigError

VERSION = 'version = "us-or/dispositions-9"\n'
WRONG = {
    "version = 1 =": ("line 1", "is not valid TOML"),
    VERSION + "\n[words]\nSECRET = \n": ("line 4", "is not valid TOML"),
    "[words]\n": ("dispositions.toml", "has no version"),
    "version = 7\n": ("[version]", "is not what"),
    VERSION + "[words]\nSECRET = 3\n": ("[words]", "is not what"),
    VERSION + 'words = "SECRET"\n': ("[words]", "is not what"),
    VERSION + '[slots]\nsecret = "SECRET"\n': ("[slots]", "is not what"),
    VERSION + "[patterns]\nsecret = '(SECRET'\n": ("[patterns]", "is not what"),
    VERSION + 'notes = ["(SECRET"]\n': ("[notes]", "is not what"),
    VERSION + 'juvenile_court = "SECRET"\n': ("[juvenile_court]", "is not what"),
    VERSION + '[[rule]]\nphrases = ["SECRET"]\n': ("[rule]", "is not what"),
    VERSION + '[[rule]]\ndisposition = "PENDING"\nphrase = ["SECRET"]\n': ("[rule]", "is not what"),
    VERSION + '[[rule]]\ndisposition = "PENDING"\nphrases = "SECRET"\n': ("[rule]", "is not what"),
    VERSION + '[rule]\ndisposition = "PENDING"\nphrases = ["SECRET"]\n': ("[rule]", "is not what"),
    VERSION + '[secrets]\nSECRET = "SECRET"\n': ("dispositions.toml", "has a table that no file"),
    VERSION + '[unnamed]\nSECRET = "SECRET"\n': ("[unnamed]", "is not what"),
    VERSION + '[[rule]]\ndisposition = "PENDING"\nphrases = ["A"]\n'
    '[[rule]]\ndisposition = "SECRET"\nphrases = ["B"]\n': ("[[rule]] 2", "phrase 1 names a disposition"),
    VERSION + '[[rule]]\ndisposition = "PENDING"\nphrases = ["A", "{secret}"]\n': ("[[rule]] 1", "phrase 2 has a slot"),
    VERSION + '[slots]\na = ["{a} SECRET"]\n[[rule]]\ndisposition = "PENDING"\nphrases = ["{a}"]\n': (
        "[[rule]] 1",
        "holds itself",
    ),
    VERSION + '[adjourned]\n"" = "SECRET"\n': ("[adjourned]", "names a disposition"),
}  # fmt: skip


def of_a_state(file: Path, monkeypatch: pytest.MonkeyPatch) -> DispositionMap:
    """Read a file as if it were that of Oregon's folder."""
    monkeypatch.setattr(disposition_phrases, "room_file", lambda place, name: file)
    return read_map.__wrapped__("us-or")


@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong_is_named_by_line_or_table(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "dispositions.toml").write_text(text)

    with pytest.raises(ConfigError) as caught:
        of_a_state(tmp_path / "dispositions.toml", monkeypatch)
    assert all(part in str(caught.value) for part in WRONG[text])
    assert "SECRET" not in f"{caught.value} {caught.value.hint}"
    assert caught.value.hint


def test_a_version_is_all_that_a_state_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "dispositions.toml").write_text(
        VERSION
        + '[texts]\n"Let go" = "DISMISSED_ENTIRE"\n[[rule]]\ndisposition = "CONVICTED"\nphrases = ["HELD [{law}]"]\n'
    )
    mapping = of_a_state(tmp_path / "dispositions.toml", monkeypatch)

    found = [mapping.meaning(text).disposition for text in ("let go", "HELD", "HELD ORS 164.045", "LETGO", None)]
    assert found == ["DISMISSED_ENTIRE", "CONVICTED", "CONVICTED", "UNMAPPED", "NO_DISPOSITION"]
    (tmp_path / "shorter.toml").write_text(VERSION)
    assert of_a_state(tmp_path / "shorter.toml", monkeypatch).meaning("LET GO").disposition == "UNMAPPED"


def test_a_table_that_a_custodians_own_file_cannot_have_is_refused(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('version = "1"\n[words]\nDISM = "DISMISSED"\n')

    with pytest.raises(ConfigError, match=r"own\.toml: has a table that no file of phrases has"):
        read_map("us-or", own)
