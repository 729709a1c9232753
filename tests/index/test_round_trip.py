"""What is published is found, nothing else is, and the same facts make the same file."""

from __future__ import annotations

import stat
import threading
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sealscrub.errors import EmptyIndex, KeyFileError, SchemeError, UsageError, WriteFailed
from sealscrub.identifiers import MatchingKey, generate_keys, load_key, load_publisher
from sealscrub.index import Index, Reason, SchemeEntries, open_index, read_header, write_index

from .custodian import FACTS, VALUES, Custodian, facts

SEED = 20240613


def test_an_index_says_what_it_is(custodian: Custodian, tmp_path: Path) -> None:
    path = custodian.publish(tmp_path / "a.sealindex")
    index = open_index(path, custodian.key_file, use="training")
    assert (index.epoch, index.as_of, index.not_after) == (5, FACTS["as_of"], FACTS["not_after"])
    assert index.uses == ("output", "training")
    assert (index.audience, len(index), index.schemes) == ("police", 3, ("arrest_number", "docket"))
    assert index.header == read_header(path)
    assert str(index.as_of) in repr(index)
    assert "sealed" not in repr(index)


def test_scheme_by_scheme_and_reason_by_reason(custodian: Custodian, tmp_path: Path) -> None:
    index = open_index(custodian.publish(tmp_path / "a.sealindex"), custodian.key)
    assert custodian.reasons(index, "arrest_number", ["K14612345", "M15000001", "K14612346", "2014KN012345"]) == [
        1,
        2,
        0,
        0,
    ]
    assert custodian.reasons(index, "docket", ["2014KN012345", "K14612345"]) == [1, 0]
    assert index.lookup("docket", np.zeros((0, 2), np.uint64)).shape == (0,)
    crossed = custodian.digests("arrest_number", ["K14612345"])
    assert index.lookup("docket", crossed).tolist() == [0]


def test_an_alias_publishes_under_the_scheme_s_own_name(custodian: Custodian, tmp_path: Path) -> None:
    digests = custodian.digests("cjtn", ["64512345K"])
    custodian.write(tmp_path / "a.sealindex", [SchemeEntries("obts_number", digests, np.array([1], np.uint8))])
    index = open_index(tmp_path / "a.sealindex", custodian.key)
    assert index.schemes == ("cjtn",)
    assert index.lookup("ccn", digests).tolist() == [1]


@given(
    published=st.dictionaries(
        st.tuples(st.sampled_from(["docket", "opaque:a"]), st.integers(0, 60)), st.sampled_from(Reason)
    ),
    asked=st.lists(st.tuples(st.sampled_from(["docket", "opaque:a"]), st.integers(0, 60))),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_published_comes_back(
    custodian: Custodian,
    tmp_path: Path,
    published: dict[tuple[str, int], Reason],
    asked: list[tuple[str, int]],
) -> None:
    values = {
        scheme: {f"{scheme}{n}": reason for (of, n), reason in published.items() if of == scheme}
        for scheme in ("docket", "opaque:a")
    }
    path = custodian.publish(tmp_path / "a.sealindex", values, allow_empty=True)
    index = open_index(path, custodian.key)
    for scheme in values:
        wanted = [n for of, n in asked if of == scheme]
        found = custodian.reasons(index, scheme, [f"{scheme}{n}" for n in wanted])
        assert found == [published.get((scheme, n), 0) for n in wanted]


def test_sealed_wins_over_withheld_in_any_order(custodian: Custodian, tmp_path: Path) -> None:
    digests = custodian.digests("docket", ["2014KN012345"] * 3)
    for reasons in ([1, 2, 2], [2, 1, 2], [2, 2, 1]):
        parts = [SchemeEntries("docket", digests, np.array(reasons, np.uint8))]
        custodian.write(tmp_path / "a.sealindex", parts)
        index = open_index(tmp_path / "a.sealindex", custodian.key)
        assert len(index) == 1
        assert index.lookup("docket", digests).tolist() == [1, 1, 1]
    apart = [SchemeEntries("docket", digests[:1], np.array([reason], np.uint8)) for reason in (2, 1)]
    custodian.write(tmp_path / "a.sealindex", apart)
    assert open_index(tmp_path / "a.sealindex", custodian.key).lookup("docket", digests).tolist() == [1, 1, 1]


def crowded(rng: np.random.Generator, count: int) -> np.ndarray:
    """Digests of which many share their first half, or all but its last bits, with some others."""
    digests = rng.integers(0, 1 << 64, (count, 2), np.uint64, endpoint=False)
    some = count // 8
    digests[:some, 0] = digests[some : 2 * some, 0]
    crowds = digests[: -(-some // 30), 0].repeat(30)[:some]
    digests[2 * some : 3 * some, 0] = (crowds & ~np.uint64(63)) + rng.integers(0, 64, some, np.uint64)
    digests[-4:] = [[0, 0], [0, 2**64 - 1], [2**64 - 1, 0], [2**64 - 1, 2**64 - 1]]
    return digests


def rows(digests: np.ndarray) -> list[bytes]:
    content = digests.tobytes()
    return [content[at : at + 16] for at in range(0, len(content), 16)]


@pytest.mark.parametrize("scale", [1_000, pytest.param(100_000, marks=pytest.mark.long)])
def test_no_false_match_and_no_false_miss(scale: int, custodian: Custodian, tmp_path: Path) -> None:
    rng = np.random.default_rng(SEED)
    digests = crowded(rng, 7 * scale)
    reasons = rng.integers(1, 3, len(digests)).astype(np.uint8)
    custodian.write(tmp_path / "a.sealindex", [SchemeEntries("docket", digests, reasons)])
    index = open_index(tmp_path / "a.sealindex", custodian.key)
    half = 4 * scale
    neighbours = digests[rng.integers(0, len(digests), 2 * half)]
    neighbours[:half, 1] ^= np.uint64(1) << rng.integers(0, 64, half, np.uint64)
    neighbours[half:, 0] ^= np.uint64(1) << rng.integers(0, 64, half, np.uint64)
    asked = rng.permutation(np.concatenate([digests, neighbours, crowded(rng, 6 * scale)]))
    sealed = set(rows(digests[reasons == 1]))
    withheld = set(rows(digests[reasons == 2])) - sealed
    expected = [1 if row in sealed else 2 if row in withheld else 0 for row in rows(asked)]
    assert np.array_equal(index.lookup("docket", asked), np.array(expected, np.uint8))


def test_keys_that_all_begin_alike_are_told_apart(custodian: Custodian, tmp_path: Path) -> None:
    rng = np.random.default_rng(SEED)
    digests = np.stack([np.full(500, 2**63 + 5, np.uint64), rng.permutation(1000)[:500].astype(np.uint64)], axis=1)
    custodian.write(tmp_path / "a.sealindex", [SchemeEntries("docket", digests, np.ones(500, np.uint8))])
    index = open_index(tmp_path / "a.sealindex", custodian.key)
    asked = np.stack([np.full(1000, 2**63 + 5, np.uint64), np.arange(1000, dtype=np.uint64)], axis=1)
    assert np.array_equal(index.lookup("docket", asked) == 1, np.isin(asked[:, 1], digests[:, 1]))


def test_the_same_facts_in_any_order_make_the_same_bytes(custodian: Custodian, tmp_path: Path) -> None:
    rng = np.random.default_rng(SEED)
    digests, reasons = crowded(rng, 4000), rng.integers(1, 3, 4000).astype(np.uint8)
    parts = [SchemeEntries("docket", digests, reasons), *custodian.entries({"cjtn": {"64512345K": Reason.SEALED}})]
    custodian.write(tmp_path / "a.sealindex", parts)
    order = rng.permutation(4000)
    shuffled = [
        parts[1],
        SchemeEntries("docket", digests[order[:1000]], reasons[order[:1000]]),
        SchemeEntries("docket", digests[order[500:]], reasons[order[500:]]),
    ]
    custodian.write(
        tmp_path / "b.sealindex",
        shuffled,
        uses=FACTS["uses"][::-1],
        coverage=dict(reversed(FACTS["coverage"].items())),
    )
    assert (tmp_path / "a.sealindex").read_bytes() == (tmp_path / "b.sealindex").read_bytes()
    for changed in ({"epoch": 6}, {"as_of": FACTS["not_after"]}, {"seals": 4}, {"registry": "other"}):
        custodian.write(tmp_path / "b.sealindex", parts, **changed)
        assert (tmp_path / "a.sealindex").read_bytes() != (tmp_path / "b.sealindex").read_bytes()


def test_the_file_is_the_group_s_to_read_whatever_the_mask(custodian: Custodian, tmp_path: Path) -> None:
    path = custodian.publish(tmp_path / "a.sealindex")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_readers_keep_the_file_that_they_opened(custodian: Custodian, tmp_path: Path) -> None:
    path = custodian.publish(tmp_path / "a.sealindex")
    old = open_index(path, custodian.key, remember=False)
    custodian.publish(path, {"docket": {"2015KN000001": Reason.SEALED}}, epoch=6)
    assert custodian.reasons(old, "arrest_number", ["K14612345"]) == [1]
    old.verify()
    new = open_index(path, custodian.key)
    assert (old.epoch, new.epoch) == (5, 6)
    assert custodian.reasons(new, "docket", ["2014KN012345", "2015KN000001"]) == [0, 1]
    assert old.id != new.id


def test_coverage_alone_and_together(custodian: Custodian, tmp_path: Path) -> None:
    counts = {("arrest_number",): 5, ("arrest_number", "docket"): 2, ("docket",): 2}
    index = open_index(custodian.publish(tmp_path / "a.sealindex", seals=10, coverage=counts), custodian.key)
    assert index.coverage(["arrest_number"]) == 0.7
    assert index.coverage(["docket"]) == 0.4
    assert index.coverage(["docket", "arrest_number"]) == 0.9
    assert index.coverage(["cjtn"]) == index.coverage([]) == 0


def test_an_empty_index_only_on_purpose(custodian: Custodian, tmp_path: Path) -> None:
    path = tmp_path / "a.sealindex"
    for values in ({}, {"docket": {}}):
        with pytest.raises(EmptyIndex):
            custodian.publish(path, values)
        assert not path.exists()
    custodian.publish(path, {"docket": {}}, allow_empty=True, seals=0, coverage={})
    index = open_index(path, custodian.key)
    assert (len(index), index.schemes, index.coverage(["docket"])) == (0, ("docket",), 1.0)
    assert read_header(path).facts.allow_empty
    assert custodian.reasons(index, "docket", ["2014KN012345"]) == [0]
    index.verify()


@pytest.mark.parametrize("scheme", ["nysid", "complaint", "indictment_case", "no_such_scheme"])
def test_what_names_no_single_record_is_not_published(custodian: Custodian, tmp_path: Path, scheme: str) -> None:
    entries = [SchemeEntries(scheme, np.ones((1, 2), np.uint64), np.ones(1, np.uint8))]
    with pytest.raises(SchemeError):
        custodian.write(tmp_path / "a.sealindex", entries)
    assert not (tmp_path / "a.sealindex").exists()


@pytest.mark.parametrize("reason", [0, 3, 4, 255])
def test_an_entry_without_a_reason_is_not_published(custodian: Custodian, tmp_path: Path, reason: int) -> None:
    entries = [SchemeEntries("docket", np.ones((2, 2), np.uint64), np.array([1, reason], np.uint8))]
    with pytest.raises(UsageError, match="reason"):
        custodian.write(tmp_path / "a.sealindex", entries)


def test_sixty_four_schemes_and_no_more(custodian: Custodian, tmp_path: Path) -> None:
    values = {f"opaque:n{n}": {str(n): Reason(1 + n % 2)} for n in range(64)}
    index = open_index(custodian.publish(tmp_path / "a.sealindex", values), custodian.key)
    for n in range(64):
        assert custodian.reasons(index, f"opaque:n{n}", [str(n), str(n + 1)]) == [1 + n % 2, 0]
    with pytest.raises(SchemeError, match="64"):
        custodian.publish(tmp_path / "b.sealindex", values | {"docket": VALUES["docket"]})


def test_keys_that_no_reader_could_open_it_with_are_refused(custodian: Custodian, tmp_path: Path) -> None:
    entries = custodian.entries(VALUES)
    other = generate_keys(tmp_path / "other.key")
    path = tmp_path / "a.sealindex"
    with pytest.raises(KeyFileError):
        write_index(path, entries, facts(), load_publisher(other[1]), audience_key=custodian.key.for_audience("police"))
    with pytest.raises(KeyFileError):
        write_index(path, entries, facts(), custodian.publisher, audience_key=custodian.key.for_audience("vendor"))
    with pytest.raises(UsageError):
        custodian.write(path, entries, uses=())
    assert not path.exists()
    assert isinstance(load_key(other[0]), MatchingKey)


def test_an_index_that_cannot_be_placed_leaves_nothing(custodian: Custodian, tmp_path: Path) -> None:
    with pytest.raises(WriteFailed):
        custodian.publish(tmp_path / "absent" / "a.sealindex")
    (tmp_path / "folder").mkdir()
    before = sorted(tmp_path.iterdir())
    with pytest.raises(WriteFailed):
        custodian.publish(tmp_path / "folder")
    assert sorted(tmp_path.iterdir()) == before


def test_many_threads_look_up_while_chunks_are_verified(custodian: Custodian, tmp_path: Path) -> None:
    rng = np.random.default_rng(SEED)
    digests = crowded(rng, 300_000)
    custodian.write(tmp_path / "a.sealindex", [SchemeEntries("docket", digests, np.ones(300_000, np.uint8))])
    asked = rng.permutation(np.concatenate([digests, crowded(rng, 100_000)]))
    expected = open_index(tmp_path / "a.sealindex", custodian.key).lookup("docket", asked)
    index = open_index(tmp_path / "a.sealindex", custodian.key)
    assert len(index.header.chunks) > 1
    answers: dict[int, np.ndarray] = {}

    def look(index: Index, number: int, start: int, end: int) -> None:
        answers[number] = index.lookup("docket", asked[start:end])

    borders = np.linspace(0, len(asked), 9, dtype=int)
    threads = [
        threading.Thread(target=look, args=(index, number, start, end))
        for number, (start, end) in enumerate(pairwise(borders))
    ]
    for thread in threads:
        thread.start()
    index.verify()
    for thread in threads:
        thread.join()
    assert np.array_equal(np.concatenate([answers[number] for number in range(8)]), expected)
