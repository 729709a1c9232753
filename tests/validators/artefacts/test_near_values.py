"""An audit compares texts as the sweep of a scan does: what one finds or cannot tell, the other does not call clean."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import sealscrub as ss
from sealscrub.datasets import example_index
from sealscrub.errors import ConfigError
from sealscrub.index import Index
from sealscrub.validators.artefacts import audit_model

ONE, NEAR, OTHER_NEAR = "K14600000", "K146O0000", "K149O0000"
FORMS: dict[str, tuple[str, Callable[[str], bytes]]] = {
    "a pickle": ("pkl", lambda text: pickle.dumps({"a": [text, "theft"]})),
    "a text": ("txt", str.encode),
    "a table": ("csv", lambda text: f"n,a\n1,{text}\n".encode()),
    "JSON": ("json", lambda text: json.dumps({"a": text}).encode()),
    "bytes": ("bin", lambda text: b"\0\xff " + text.encode() + b" \0\xfe"),
}
WRITTEN = [
    *("{}", "k14-600000", "K14|6O0000", "see arrest {}, dismissed.", "x0_{}", '{{"case": ["{}"]}}', "{}; M14000017"),
    *("K14-6\\u00300000", "arrest{}", "{}{}", "https://host/{}/x", "{},theft", "a\t{}", "[1, 2, \"{}\"]", "theft", ""),
    *("2014-600000", "K 14 600000", "K1460000O", "Kl4600000", "K14600000000", "id=K14%2D600000"),
]  # fmt: skip


@pytest.fixture(scope="module")
def index() -> Index:
    return example_index([ONE])


def audited(index: Index, file: Path, data: bytes, **options: Any) -> Any:
    file.write_bytes(data)
    return audit_model(file, index, **options)


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("text", ["{}", "See arrest {}, dismissed."])
def test_a_near_value_is_not_checked_unless_it_is_accepted(form: str, text: str, index: Index, tmp_path: Path) -> None:
    suffix, make = FORMS[form]
    file = tmp_path / f"a.{suffix}"
    unread = bool(audited(index, file, make("theft")).not_checked)
    other = audited(index, file, make(text.format(OTHER_NEAR)))
    near = audited(index, file, make(text.format(NEAR)))
    accepted = audit_model(file, index, accept={"near"})

    assert (near.exit_code, near.findings) == (3, ())
    assert [each.reason for each in near.not_checked if "look like digits" in each.reason]
    assert NEAR not in near.to_text() + near.to_json() + repr(near)
    assert accepted.exit_code == other.exit_code == (3 if unread else 0)
    assert "near values are accepted" in accepted.to_text()


def test_a_near_value_in_the_name_of_a_file_is_not_shown(index: Index, tmp_path: Path) -> None:
    near = audited(index, tmp_path / f"{NEAR}.txt", b"nothing")

    assert (near.exit_code, near.findings) == (3, ())
    assert NEAR not in near.to_json().replace(str(tmp_path / f"{NEAR}.txt"), "")


def test_what_is_held_is_not_near_as_well(index: Index, tmp_path: Path) -> None:
    done = audited(index, tmp_path / "a.txt", f"See arrest {ONE}.".encode())

    assert (done.exit_code, done.not_checked) == (1, ())


def test_only_what_is_known_is_accepted(index: Index, tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        audited(index, tmp_path / "a.txt", b"nothing", accept={"all"})


@pytest.mark.parametrize("of", [{"arrest_number": [ONE]}, {"opaque:rms": [ONE, "QWERTYUI"]}])
def test_an_audit_finds_what_a_scan_finds(of: dict[str, list[str]], tmp_path: Path) -> None:
    index = example_index(of)
    texts = [text.format(*[one] * text.count("{}")) for text in WRITTEN for one in (ONE, NEAR, "QWERTYUI")]
    for at, text in enumerate(texts):
        (tmp_path / f"a{at:03}.pkl").write_bytes(pickle.dumps({"a": [text, "theft"]}))
    done = audit_model(tmp_path, index)
    found = {each.file for each in done.findings}
    unchecked = {each.file for each in done.not_checked}
    (scheme,) = of
    for at, text in enumerate(texts):
        frame = pl.DataFrame({"key": ["X", "Y"], "note": [text, "theft"]})
        place = ss.scan(frame, index, {scheme: "key"}, policy=ss.Policy(max_unparsable=1)).tables[0].elsewhere
        file = f"a{at:03}.pkl"
        if any(each.found for each in place):
            assert file in found, text
        elif any(each.unchecked for each in place):
            assert file in found | unchecked, text


@pytest.mark.parametrize("kind", ["uint64", "object"])
def test_numbers_over_those_of_64_bits_with_a_sign_are_compared(kind: str, tmp_path: Path) -> None:
    large = 17_293_822_569_102_704_640
    data = pickle.dumps({"ids": np.array([large, 5], dtype=kind)})
    assert audited(example_index({"opaque:s": [str(large)]}), tmp_path / "a.pkl", data).exit_code == 1
    assert audited(example_index({"opaque:s": [str(large - 1)]}), tmp_path / "b.pkl", data).exit_code == 0
