"""Indexes are published again under a new key, and the old key does not open them."""

from __future__ import annotations

from pathlib import Path

import pytest

from sealscrub.custodian.registry import republish
from sealscrub.errors import UsageError, WrongKey
from sealscrub.identifiers import MatchingKey, generate_keys, load_key, load_publisher
from sealscrub.index import Index, open_index
from sealscrub.index.text_index import open_text_index

from .custodian import Custodian, notice, reason

NUMBER = "K14612345"


@pytest.fixture
def new(custodian: Custodian) -> MatchingKey:
    (custodian.folder / "rotated").mkdir()
    generate_keys(custodian.folder / "new.key")
    key = load_key(custodian.folder / "new.key")
    assert isinstance(key, MatchingKey)
    return key


def rotated(custodian: Custodian, index: Path, new: MatchingKey) -> tuple[tuple[Index, Index], ...]:
    publisher = load_publisher(custodian.folder / "new.key.publisher")
    return republish(
        custodian.registry, [index], custodian.folder / "rotated", old=custodian.key, new=new, publisher=publisher
    )


def test_an_index_is_published_again_and_the_old_key_does_not_open_it(custodian: Custodian, new: MatchingKey) -> None:
    custodian.add(notice(arrest_number=NUMBER))
    old = custodian.publish().path
    ((before, after),) = rotated(custodian, old, new)
    facts, theirs = before.header.facts, after.header.facts

    assert (facts.uses, facts.audience, facts.seals) == (theirs.uses, theirs.audience, theirs.seals)
    assert (facts.not_after - facts.as_of) == (theirs.not_after - theirs.as_of)
    assert reason(after, "arrest_number", NUMBER) == "sealed"
    with pytest.raises(WrongKey):
        open_index(after.path, custodian.key)
    with pytest.raises(WrongKey):
        open_index(old, new, outdated=True)
    with pytest.raises(UsageError, match="already"):
        rotated(custodian, old, new)
    with pytest.raises(UsageError, match="same name"):
        republish(
            custodian.registry,
            [old, custodian.folder / "rotated" / old.name],
            custodian.folder,
            old=custodian.key,
            new=new,
            publisher=custodian.publisher,
        )


def test_an_index_of_names_stays_one(custodian: Custodian, new: MatchingKey) -> None:
    custodian.add(notice(arrest_number=NUMBER, last_name="QUILLFEATHER", first_name="WILBUR"))
    place = custodian.folder / "names.sealtext"
    custodian.registry.publish_text(
        place, keys=custodian.key, publisher=custodian.publisher, uses=["output"], audience="police"
    )
    rotated(custodian, place, new)
    assert len(open_text_index(custodian.folder / "rotated" / place.name, new)) == 2
