"""An index that is followed: the newest in its place, or an error."""

from __future__ import annotations

import pickle
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sealscrub.errors import SealscrubError, UnsuitableIndex
from sealscrub.index import open_index
from sealscrub.index.followed_index import FollowedIndex

from ..today import today
from .custodian import Custodian

BEFORE = today() - timedelta(days=9)


@pytest.fixture
def place(custodian: Custodian) -> Path:
    return custodian.publish(custodian.folder / "training.sealindex")


@pytest.mark.parametrize("opened", [False, True])
def test_the_newest_is_given_also_where_it_is_sent(custodian: Custodian, place: Path, opened: bool) -> None:
    followed = pickle.loads(pickle.dumps(FollowedIndex(open_index(place, custodian.key_file), "training")))
    if opened:
        assert followed.newest() is followed.newest()
    custodian.publish(place, epoch=6)
    assert followed.newest().epoch == 6
    assert pickle.loads(pickle.dumps(followed)).newest().epoch == 6


def _forget(custodian: Custodian) -> None:
    for path in custodian.folder.glob("*.state"):  # as on a worker whose key is in a read-only mount
        path.unlink()


@pytest.mark.parametrize(
    "changes",
    [
        {"epoch": 4},
        {"as_of": BEFORE},
        {"registry": "another"},
        {"audience": "vendor"},
        {"uses": ("output",)},
        {"epoch": 6, "as_of": BEFORE, "not_after": BEFORE},
    ],
    ids=["older", "as-of", "registry", "audience", "use", "expired"],
)
@pytest.mark.parametrize("opened", [False, True])
def test_what_may_not_be_followed_is_refused(
    custodian: Custodian, place: Path, changes: dict[str, Any], opened: bool
) -> None:
    followed = FollowedIndex(open_index(place, custodian.key_file), "training")
    if opened:
        followed.newest()
    _forget(custodian)
    custodian.publish(place, **changes)
    for _ in range(2):
        _forget(custodian)
        with pytest.raises(SealscrubError):
            followed.newest()


def test_a_place_without_an_index_or_with_that_of_another_key_is_refused(
    custodian: Custodian, place: Path, tmp_path: Path
) -> None:
    followed = FollowedIndex(open_index(place, custodian.key_file), "training")
    followed.newest()
    content = place.read_bytes()
    place.unlink()
    with pytest.raises(SealscrubError):
        followed.newest()
    (tmp_path / "other").mkdir()
    Custodian(tmp_path / "other").publish(place, epoch=6)
    with pytest.raises(SealscrubError):
        followed.newest()
    place.write_bytes(content)
    assert followed.newest().epoch == 5


def test_an_epoch_that_was_seen_is_not_gone_back_from(custodian: Custodian, place: Path) -> None:
    followed = FollowedIndex(open_index(place, custodian.key_file), "training")
    custodian.publish(place, epoch=7)
    assert followed.newest().epoch == 7
    custodian.publish(place, epoch=6)
    _forget(custodian)
    with pytest.raises(UnsuitableIndex, match="older"):
        followed.newest()
