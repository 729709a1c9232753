"""For whom an index is: a common audience, or one that a state's law declares; any other is refused."""

from __future__ import annotations

from typing import Any

import pytest

from sealscrub.errors import UnsuitableIndex
from sealscrub.index import Audience, open_index, read_header

from .custodian import Custodian, with_header

DECLARED = {"extensions": {"audience": ["us-zz"]}, "critical": ("audience",)}


@pytest.mark.parametrize("audience", list(Audience))
def test_a_common_audience_needs_no_declaration(custodian: Custodian, audience: str) -> None:
    path = custodian.publish(custodian.folder / "a.sealindex", audience=str(audience))

    assert open_index(path, custodian.key, remember=False).audience == audience
    assert read_header(path).facts.extensions == {}


def test_an_index_for_an_audience_that_a_law_declares_opens_under_its_key_alone(custodian: Custodian) -> None:
    path = custodian.publish(custodian.folder / "a.sealindex", audience="records_division_2", **DECLARED)
    index = open_index(path, custodian.key.for_audience("records_division_2"), remember=False)

    assert index.audience == "records_division_2"
    assert custodian.reasons(index, "arrest_number", ["K14612345", "K14612346"]) == [1, 0]
    with pytest.raises(UnsuitableIndex):
        custodian.publish(custodian.folder / "b.sealindex", audience="records_division_2")


@pytest.mark.parametrize(
    "change",
    [
        {"extensions": {}, "critical": []},
        {"extensions": {"audience": []}},
        {"extensions": {"audience": "us-zz"}},
        {"extensions": {"audience": [""]}},
        {"extensions": {"audience": [1]}},
        {"extensions": {"audience": None}},
        {"audience": "Records Division"},
        {"audience": ""},
        {"audience": 7},
        {"audience": ["police"]},
        {"audience": None},
    ],
    ids=str,
)
def test_an_audience_that_nothing_declares_is_refused(custodian: Custodian, change: dict[str, Any]) -> None:
    path = custodian.publish(custodian.folder / "a.sealindex", audience="archivist", **DECLARED)
    path.write_bytes(with_header(path.read_bytes(), change, lambda head: custodian.publisher.sign("index", head)))

    for read in (read_header, lambda path: open_index(path, custodian.key, remember=False)):
        with pytest.raises(UnsuitableIndex, match="audience"):
            read(path)
