"""Record numbers are given once and kept, whatever crashes; a file that lost some is found out."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealscrub.errors import ConfigError, UnreadableInput, WriteFailed
from sealscrub.lineage.members import Space, add_members, read_members

ARRESTS = Space("0" * 16, "arrest_number", "f1")
DOCKETS = Space("0" * 16, "docket", "f2")
batches = st.lists(
    st.dictionaries(st.sampled_from([ARRESTS, DOCKETS]), st.lists(st.integers(0, 30), max_size=12), max_size=2),
    max_size=6,
)


def ids(numbers: list[int]) -> np.ndarray:
    return np.array([(n * 7919 + 1, n) for n in numbers], np.uint64).reshape(-1, 2)


def place(folder: Path) -> Path:
    return folder / f"{os.urandom(4).hex()}.members"


@given(batches)
@settings(max_examples=40, deadline=None)
def test_each_id_has_one_number_for_good(tmp_path_factory: pytest.TempPathFactory, given_ids: list) -> None:
    path = place(tmp_path_factory.getbasetemp())
    seen: dict[tuple[Space, int], int] = {}
    for batch in given_ids:
        numbers, stamp = add_members(path, {space: ids(each) for space, each in batch.items()})
        members = read_members(path)
        assert members.holds(stamp)
        expected = set()
        for space, each in batch.items():
            for one in set(each):
                (number,) = members.numbers_of(space, ids([one])).tolist()
                assert seen.setdefault((space, one), number) == number
                expected.add(number)
        assert sorted(numbers.tolist()) == sorted(expected)
    assert len(set(seen.values())) == len(seen)
    if path.exists():
        assert read_members(path).count == len(seen)


def test_ids_of_another_key_or_scheme_have_numbers_of_their_own(tmp_path: Path) -> None:
    first, _ = add_members(tmp_path / "m", {ARRESTS: ids([1])})
    second, _ = add_members(tmp_path / "m", {DOCKETS: ids([1])})

    assert first.tolist() == [0]
    assert second.tolist() == [1]
    assert read_members(tmp_path / "m").numbers_of(DOCKETS, ids([1, 2])).tolist() == [1]


def test_the_order_of_rows_does_not_count(tmp_path: Path) -> None:
    for name, order in (("a", [3, 1, 2]), ("b", [2, 3, 1])):
        add_members(tmp_path / name, {ARRESTS: ids(order)})

    one, other = (read_members(tmp_path / name).table(ARRESTS) for name in ("a", "b"))
    assert one.equals(other)


def test_a_block_cut_short_anywhere_is_as_if_it_had_not_been_begun(tmp_path: Path) -> None:
    path = tmp_path / "m"
    add_members(path, {ARRESTS: ids([1, 2])})
    whole = path.read_bytes()
    _, stamp = add_members(path, {DOCKETS: ids([7, 8, 9])})
    longer = path.read_bytes()
    for size in range(len(whole), len(longer)):
        path.write_bytes(longer[:size])
        members = read_members(path)
        assert members.count == 2
        assert not members.holds(stamp)
    numbers, other = add_members(path, {ARRESTS: ids([5])})
    assert numbers.tolist() == [2]
    assert not read_members(path).holds(stamp)
    assert read_members(path).holds(other)
    path.write_bytes(whole + bytes(500))  # space that a crash left unwritten
    assert add_members(path, {ARRESTS: ids([1, 6])})[0].tolist() == [0, 2]


def test_every_changed_byte_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "m"
    add_members(path, {ARRESTS: ids([1, 2])})
    add_members(path, {DOCKETS: ids(list(range(300)))})
    _, stamp = add_members(path, {DOCKETS: ids([777])})
    whole = path.read_bytes()
    for at in [*range(300), *range(len(whole) - 300, len(whole))]:
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        try:
            trusted = read_members(path).holds(stamp)
        except UnreadableInput:
            continue
        assert not trusted
        assert at >= len(whole) - 200  # else the next writer would cut off what is whole


def test_an_older_copy_that_went_on_is_not_trusted(tmp_path: Path) -> None:
    path = tmp_path / "m"
    add_members(path, {ARRESTS: ids([1])})
    copy = path.read_bytes()
    _, stamp = add_members(path, {ARRESTS: ids([2])})
    path.write_bytes(copy)
    _, other = add_members(path, {ARRESTS: ids([3])})

    assert not read_members(path).holds(stamp)
    assert read_members(path).holds(other)


def test_it_is_the_custodians_alone(tmp_path: Path) -> None:
    path = tmp_path / "m"
    add_members(path, {ARRESTS: ids([1])})
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o640)
    with pytest.raises(UnreadableInput, match="read by others"):
        read_members(path)
    with pytest.raises(UnreadableInput, match="read by others"):
        add_members(path, {ARRESTS: ids([1])})


def test_what_is_no_members_file_is_left_alone(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_bytes(b"something else, and long enough to be a header")
    other.chmod(0o600)
    os.mkfifo(tmp_path / "pipe", 0o600)
    with pytest.raises(UnreadableInput):
        add_members(other, {ARRESTS: ids([1])})
    assert other.read_bytes().startswith(b"something else")
    with pytest.raises(ConfigError):
        add_members(tmp_path / "pipe", {ARRESTS: ids([1])})
    with pytest.raises(UnreadableInput):
        read_members(tmp_path / "absent")
    with pytest.raises(WriteFailed):
        add_members(tmp_path, {ARRESTS: ids([1])})


def test_a_maker_that_died_within_the_header_is_followed(tmp_path: Path) -> None:
    path = tmp_path / "m"
    path.write_bytes(b"sealscrub mem")
    path.chmod(0o600)

    assert add_members(path, {ARRESTS: ids([4])})[0].tolist() == [0]
    assert read_members(path).count == 1


WRITER = """
import sys
import numpy as np
from sealscrub.lineage.members import Space, add_members
for at in range(8):
    numbers = [(int(sys.argv[2]) * 4 + at * 3 + each, 1) for each in range(6)]
    add_members(sys.argv[1], {Space("0" * 16, "arrest_number", "f1"): np.array(numbers, np.uint64)})
"""


@pytest.mark.long
def test_writers_wait_for_each_other(tmp_path: Path) -> None:
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, tmp_path / "m", str(each)]) for each in range(2)]
    assert [writer.wait(60) for writer in writers] == [0, 0]

    table = read_members(tmp_path / "m").table(ARRESTS)
    wanted = {each * 4 + at * 3 + one for each in range(2) for at in range(8) for one in range(6)}
    assert set(table["high"].to_list()) == wanted
    assert sorted(table["number"].to_list()) == list(range(len(wanted)))
