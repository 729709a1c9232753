"""The header grows: what a later version adds is ignored or refused, as the publisher says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealscrub.errors import CorruptIndex, UnsuitableIndex
from sealscrub.index import open_index, read_header

from .custodian import Custodian, facts, with_header

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
EXTENSIONS = st.dictionaries(st.text(min_size=1, max_size=8), VALUES, max_size=4)


@settings(deadline=None)
@given(extensions=EXTENSIONS)
def test_an_extension_that_is_not_known_is_ignored(custodian_of_session: Custodian, extensions: dict[str, Any]) -> None:
    custodian = custodian_of_session
    path = custodian.publish(custodian.folder / "e.sealindex", extensions=extensions)
    index = open_index(path, custodian.key, remember=False)

    assert index.header.facts.extensions == extensions
    assert custodian.reasons(index, "arrest_number", ["K14612345", "K14612346"]) == [1, 0]


@settings(deadline=None)
@given(extensions=EXTENSIONS.filter(bool), data=st.data())
def test_a_critical_one_that_is_not_known_is_refused(
    custodian_of_session: Custodian, extensions: dict[str, Any], data: st.DataObject
) -> None:
    custodian = custodian_of_session
    critical = data.draw(st.lists(st.sampled_from(sorted(extensions)), min_size=1, unique=True))
    path = custodian.publish(custodian.folder / "c.sealindex", extensions=extensions, critical=tuple(critical))

    for read in (read_header, lambda path: open_index(path, custodian.key, remember=False)):
        with pytest.raises(UnsuitableIndex, match="install a newer sealscrub"):
            read(path)


def test_a_critical_extension_has_to_be_there(custodian: Custodian) -> None:
    with pytest.raises(ValueError, match="later"):
        facts(critical=("later",))


@pytest.mark.parametrize(
    "change",
    [{"critical": ["later"]}, {"critical": "abc"}, {"extensions": []}, {"extensions": None}, {"critical": [1]}],
)
def test_what_is_no_list_of_extensions_is_a_damaged_header(custodian: Custodian, change: dict[str, Any]) -> None:
    path = custodian.publish(custodian.folder / "a.sealindex")
    path.write_bytes(with_header(path.read_bytes(), change, lambda head: custodian.publisher.sign("index", head)))

    with pytest.raises(CorruptIndex):
        open_index(path, custodian.key, remember=False)


def test_a_file_of_the_format_before_is_named(custodian: Custodian) -> None:
    path: Path = custodian.publish(custodian.folder / "a.sealindex")
    path.write_bytes(b"SEALIDX1" + path.read_bytes()[8:])

    with pytest.raises(CorruptIndex, match="publish it again"):
        open_index(path, custodian.key, remember=False)


FORM = {"form": "0" * 64, "on": "2026-11-25"}


@pytest.mark.parametrize(
    "held", [1, [], {"us-ny": 1}, {"us-ny": {"a": 1}}, {"us-ny": {"a": {"form": "0" * 64}}},
             {"us-ny": {"a": FORM | {"form": "X" * 64}}}, {"us-ny": {"a": FORM | {"on": "yesterday"}}}],
)  # fmt: skip
def test_reviews_that_are_none_are_a_damaged_header(custodian: Custodian, held: Any) -> None:
    whole = {"us-ny": {"a": FORM, "b": None}}
    path = custodian.publish(custodian.folder / "a.sealindex", extensions={"reviews": whole})
    assert open_index(path, custodian.key, remember=False).reviewed == {
        "us-ny": "1 of 2 regimes reviewed, the newest review of 2026-11-25"
    }
    change = {"extensions": {"reviews": held}}
    path.write_bytes(with_header(path.read_bytes(), change, lambda head: custodian.publisher.sign("index", head)))
    if held == []:
        assert open_index(path, custodian.key, remember=False).reviewed == {}
        return
    with pytest.raises(CorruptIndex):
        open_index(path, custodian.key, remember=False)
