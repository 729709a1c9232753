"""Indexes that may not be trusted here: each refused with words of its own, and nothing written."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from sealscrub.identifiers import generate_keys

verbs = pytest.mark.parametrize("verb", ["scan", "scrub"])


def today():
    return datetime.now(UTC).date()


@pytest.fixture
def using(bench, table):
    """Arguments of a run with another index, and maybe another key."""
    path = bench.file("x.csv", table())

    def args(verb, index, key=None, more=()):
        made = bench.args(verb, path, more=more)
        made[made.index("--index") + 1] = str(index)
        if key is not None:
            made[made.index("--key-file") + 1] = str(key)
        return made

    return args


@pytest.fixture
def key(bench):
    """A key of the test's own, whose record of epochs is its own too."""
    return generate_keys(bench.folder / "keys.d" / "seal.key")[0]


@pytest.fixture(autouse=True)
def folder_of_keys(bench):
    (bench.folder / "keys.d").mkdir()


@verbs
def test_an_expired_index_is_refused(bench, publish, using, verb):
    index = publish(
        bench.folder / "old.sealindex", as_of=today() - timedelta(40), not_after=today() - timedelta(2), epoch=9
    )

    bench.refused(using(verb, index), 2, "old.sealindex", "it expired on", "ask the custodian")


@verbs
def test_an_index_from_the_future_is_refused(bench, publish, using, verb):
    index = publish(bench.folder / "next.sealindex", as_of=today() + timedelta(3))

    bench.refused(using(verb, index), 2, "next.sealindex", "it is as of", "clock")


@verbs
def test_an_index_of_an_older_epoch_than_seen_is_refused(bench, publish, using, key, verb):
    newer = publish(bench.folder / "7.sealindex", key=key, epoch=7)
    older = publish(bench.folder / "6.sealindex", key=key, epoch=6)
    assert bench.run(*using("scan", newer, key)).code == 1

    bench.refused(using(verb, older, key), 2, "6.sealindex", "epoch 6", "one of epoch 7 as of")


@verbs
def test_an_index_below_the_least_epoch_is_refused(bench, publish, using, verb):
    args = using(verb, bench.index, more=["--min-epoch", "6"] + (["-o", "never.csv"] if verb == "scrub" else []))

    bench.refused(args, 2, "epoch 5", "least accepted, 6")


@verbs
@pytest.mark.parametrize("record", ["", "[]", "{", '{"seen": {"x": "y"}}'])
def test_a_damaged_record_of_epochs_is_refused(bench, publish, using, key, verb, record):
    index = publish(bench.folder / "7.sealindex", key=key, epoch=7)
    (key.parent / "seal.key.state").write_text(record)

    bench.refused(using(verb, index, key), 2, "seal.key.state", "states already seen", "restore it")


@verbs
def test_an_index_under_another_key_is_refused(bench, using, key, verb):
    bench.refused(using(verb, bench.index, key), 2, bench.index.name, "published under another key")


@verbs
def test_a_key_of_another_kind_is_refused(bench, using, key, verb):
    for kind in ("publisher", "annex"):
        bench.refused(
            using(verb, bench.index, f"{key}.{kind}"), 2, f"seal.key.{kind}", "not a sealscrub matching or audience key"
        )


@verbs
def test_a_key_that_others_can_read_is_refused(bench, using, key, verb):
    key.chmod(0o640)

    bench.refused(using(verb, bench.index, key), 2, "seal.key", "read by others", "chmod 600")


@verbs
def test_an_index_for_another_use_is_refused(bench, publish, using, key, verb):
    index = publish(bench.folder / "output.sealindex", key=key, uses=("output",))

    bench.refused(using(verb, index, key), 2, "published for output, not for training", "--use training")
    assert bench.run(*using("scan", index, key, more=["--use", "output"])).code == 1


@verbs
def test_an_empty_index_is_refused_unless_it_was_meant(bench, publish, using, key, verb):
    index = publish(bench.folder / "empty.sealindex", {"arrest_number": []}, key=key, allow_empty=True)

    ended = bench.run(*using("scan", index, key))

    assert ended.code == 0
    assert "no entries" in " ".join(ended.out.split())


@verbs
@pytest.mark.parametrize("share", [0.0, 0.01, 0.4, 0.9, 0.999])
def test_a_truncated_index_is_refused(bench, using, verb, share):
    whole = bench.index.read_bytes()
    index = bench.file("cut.sealindex", whole[: int(len(whole) * share)])

    bench.refused(using(verb, index), 2, "cut.sealindex", "get a new copy of the index")


@verbs
@pytest.mark.parametrize("seed", range(15))
def test_a_corrupted_index_is_refused(bench, using, verb, seed):
    whole = bytearray(bench.index.read_bytes())
    whole[random.Random(seed).randrange(len(whole))] ^= 1 << seed % 8
    index = bench.file("bad.sealindex", bytes(whole))

    bench.refused(using(verb, index), 2, "bad.sealindex")


@verbs
@pytest.mark.parametrize("content", ["csv", "parquet", "longer"])
def test_what_is_no_index_is_refused(bench, table, using, verb, content):
    contents = {"csv": table().encode(), "parquet": b"PAR1" + bytes(99), "longer": bench.index.read_bytes() + b"\0"}

    bench.refused(using(verb, bench.file("odd.sealindex", contents[content])), 2, "odd.sealindex")


def test_inspect_refuses_what_is_no_index(bench, table):
    for content in (b"", table().encode(), bench.index.read_bytes()[:50]):
        bench.refused(["inspect", bench.file("odd.sealindex", content)], 2, "odd.sealindex")


def test_inspect_shows_header_facts_and_no_entry(bench):
    ended = bench.run("inspect", bench.index)

    assert ended.code == 0
    assert "Epoch" in ended.out


def test_counts_beyond_32_bits_on_paper_fit_a_header(bench, publish, key):
    """A header may state more seals than 32 bits hold, where most of them have no key of this audience."""
    index = publish(bench.folder / "big.sealindex", key=key, epoch=3 << 32, coverage={("arrest_number",): 5 << 32})

    ended = bench.run("inspect", index)

    assert ended.code == 0
    assert str(3 << 32) in ended.out.replace(",", "")
    assert "100.0%" in ended.out


@verbs
def test_an_index_that_claims_more_entries_than_it_has_is_refused(bench, using, verb):
    whole = bench.index.read_bytes()
    assert whole.count(b'"entries":1') >= 1
    index = bench.file("claims.sealindex", whole.replace(b'"entries":1', b'"entries":5000000000'))

    bench.refused(using(verb, index), 2, "claims.sealindex")
