"""JSON: any location, any nesting: the guarded answer is the answer of the world without the sealed records."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealscrub.datasets import example_index
from sealscrub.errors import ConfigError, LowCoverage, Refused, UncheckedKeys, UnreadableInput, UnsuitableIndex
from sealscrub.filters import (
    ABSENT,
    JsonGuard,
    Limits,
    MembershipOracleWarning,
    guard_json,
    guard_json_lines,
    guard_record_stream,
)
from sealscrub.index import Reason, open_index
from sealscrub.matching import Policy

from ..index.custodian import Custodian

IDS = [f"K14{number:06d}" for number in range(1, 13)]
SEALED = IDS[::3]
INDEX = example_index(SEALED)
SPELLED = {each: f"{each[0].lower()}{each[1:3]}-{each[3:]}" for each in IDS}


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Records, and those that are left without the sealed ones."""
    chosen = draw(st.lists(st.sampled_from(IDS), unique=True, max_size=8))
    records = [
        {
            "id": SPELLED[each] if draw(st.booleans()) else each,
            "uid": f"u{at}",
            "person": draw(st.integers(0, 3)),
            "part": draw(st.integers(0, 2)),
            "score": draw(st.floats(0, 1)),
        }
        for at, each in enumerate(chosen)
    ]
    sealed = {*SEALED, *(SPELLED[each] for each in SEALED)}
    return records, [record for record in records if record["id"] not in sealed]


NAMES = st.sampled_from(["a", "b c", "it's", "é", "arrest", "0"])
LEVELS = st.lists(st.one_of(NAMES, st.sampled_from(["array", "map"])), max_size=5)


def step_to(name: str) -> str:
    quoted = name.replace("'", "\\'")
    return f"['{quoted}']"


def built(levels: list[str], last: str, field: list[str], records: list[dict[str, Any]]) -> Any:
    """A value with the records some levels down; arrays and maps on the way stay, however empty."""
    if levels:
        level, rest = levels[0], levels[1:]
        if level in ("array", "map"):
            parts = [built(rest, last, field, [r for r in records if r["part"] == part]) for part in range(3)]
            return parts if level == "array" else {f"part {at}": part for at, part in enumerate(parts)}
        return {level: built(rest, last, field, records), "beside": [1, {"id": "no key"}]}
    if last == "keyed":
        return {r["id"]: {"score": r["score"]} for r in records}
    leaves = []
    for record in records:
        leaf: Any = record["id"]
        for name in reversed(field):
            leaf = {name: leaf, "score": record["score"]}
        leaves.append(leaf)
    return leaves if last == "array" else {r["uid"]: leaf for r, leaf in zip(records, leaves, strict=True)}


@given(worlds(), LEVELS, st.sampled_from(["array", "map", "keyed"]), st.lists(NAMES, max_size=3), st.booleans())
@settings(max_examples=60, deadline=None)
def test_any_location_in_any_nesting(world: Any, levels: list[str], last: str, field: list[str], as_text: bool) -> None:
    records, left = world
    way = "".join("[*]" if level in ("array", "map") else step_to(level) for level in levels)
    location = f"${way}[*]" + ("~" if last == "keyed" else "".join(map(step_to, field)))
    value, without = (built(levels, last, field, some) for some in (records, left))
    before = json.dumps(value)

    on = {"arrest_number": [location]}
    if as_text:
        guarded = guard_json(before, INDEX, on=on, complete=True, independent="$..beside")
        assert guarded == guard_json(json.dumps(without), INDEX, on=on, complete=True, independent="$..beside")
        assert json.loads(guarded) == without
    else:
        assert guard_json(value, INDEX, on=on, complete=True, independent="$..beside") == without
        assert json.dumps(value) == before


def people(records: list[dict[str, Any]]) -> dict[str, Any]:
    """A search answer with everything that counts, ranks, runs beside or depends on its records."""
    ranked = sorted(records, key=lambda record: (-record["score"], record["uid"]))
    persons = sorted({record["person"] for record in records})
    return {
        "total": len(records),
        "hits": [{"arrest": r["id"], "rank": at, "more": {"x": [r["score"]]}} for at, r in enumerate(ranked, start=1)],
        "ids": [r["id"] for r in ranked],
        "scores": tuple(r["score"] for r in ranked),
        "best": max((r["score"] for r in records), default=None),
        "people": [
            {
                "person": person,
                "arrests": [{"id": r["id"], "of": person} for r in records if r["person"] == person],
                "count": sum(r["person"] == person for r in records),
            }
            for person in persons
        ],
        "by_arrest": {r["id"]: r["score"] for r in records},
        "persons": len(persons),
        "note": None,
    }


PEOPLE = JsonGuard(
    INDEX,
    {
        "arrest_number": [
            "$.hits[*].arrest",
            "$.ids[*]",
            "$.people[*].arrests[*].id",
            "$.by_arrest.*~",
        ]
    },
    totals={
        "$.total": "$.hits[*]",
        "$.people[*].count": "$.people[*].arrests[*]",
        "$.persons": "$.people[*]",
        "$.best": lambda answer: max(answer["scores"], default=None),
    },
    ranks=["$.hits[*].rank"],
    support=["$.people[*].arrests"],
    parallel={"$.ids": ["$.scores"]},
    complete=True,
    independent=["$.people[*].person", "$.people[*].arrests[*].of"],
)


@given(worlds())
@settings(max_examples=60, deadline=None)
def test_counts_ranks_holders_and_parallel_arrays(world: Any) -> None:
    records, left = world

    assert PEOPLE(people(records)) == people(left)
    assert PEOPLE(json.dumps(people(records))) == PEOPLE(json.dumps(people(left)))


@given(worlds(), st.integers(0, 3))
@settings(max_examples=40, deadline=None)
def test_a_name_anywhere(world: Any, deep: int) -> None:
    def answer(some: list[dict[str, Any]]) -> Any:
        value: Any = {"items": [{"inner": {"arrest": r["id"]}, "n": r["score"]} for r in some]}
        for level in range(deep):
            value = {"level": level, "below": value, "also": [{"arrest": r["id"]} for r in some]}
        return value

    records, left = world

    assert guard_json(
        answer(records), INDEX, on={"arrest_number": "$..arrest"}, complete=True, independent="$..level"
    ) == answer(left)


@given(worlds())
@settings(max_examples=30, deadline=None)
def test_slots_take_what_stands_there_without_a_record(world: Any) -> None:
    def answer(some: list[dict[str, Any]]) -> Any:
        lasts = {person: [r["id"] for r in some if r["person"] == person] for person in range(4)}
        return {
            "people": [
                {"last": {"no": ids[0]} if ids else None} | ({"first": {"no": ids[0]}} if ids else {})
                for ids in lasts.values()
            ]
        }

    records = list({record["person"]: record for record in world[0]}.values())
    left = [record for record in records if record in world[1]]
    guard = JsonGuard(
        INDEX,
        {"arrest_number": ["$.people[*].last.no", "$.people[*].first.no"]},
        empty={"$.people[*].last": None, "$.people[*].first": ABSENT},
        allow_absent=True,
        complete=True,
    )

    assert guard(answer(records)) == answer(left)


@given(worlds())
@settings(max_examples=30, deadline=None)
def test_with_known_an_unknown_id_and_a_sealed_one_give_the_same(world: Any) -> None:
    records, left = world
    known = [each for each in IDS if each not in SEALED][:5]
    spelled = {*known, *(SPELLED[each] for each in known)}
    guard = JsonGuard(INDEX, {"arrest_number": "$[*]"}, known=known, complete=True)

    assert guard([r["id"] for r in records]) == [r["id"] for r in left if r["id"] in spelled]


WHOLE: dict[str, Any] = {"complete": True, "independent": ["$.person", "$.part"]}


@given(worlds(), st.booleans())
@settings(max_examples=30, deadline=None)
def test_streams_leave_records_out(world: Any, binary: bool) -> None:
    records, left = world
    on = {"arrest_number": "$.id"}
    text, without = ("".join(json.dumps(r) + "\n" for r in some) for some in world)
    if binary:
        assert guard_json_lines(text.encode(), INDEX, on, **WHOLE) == guard_json_lines(
            without.encode(), INDEX, on, **WHOLE
        )
    lines = list(guard_json_lines(text.splitlines(), INDEX, on, **WHOLE))

    assert [json.loads(line) for line in lines] == left
    assert guard_json_lines(text, INDEX, on, **WHOLE) == "".join(lines)
    assert list(guard_record_stream(iter(records), INDEX, on, **WHOLE)) == left
    assert asyncio.run(_collected(records, on)) == left


async def _collected(records: list[Any], on: Any) -> list[Any]:
    async def later() -> AsyncIterator[Any]:
        for record in records:
            yield record

    return [record async for record in guard_record_stream(later(), INDEX, on, **WHOLE)]


def test_a_composite_key_and_one_of_numbers(tmp_path: Path) -> None:
    custodian = Custodian(tmp_path)
    values = {"person_arrest": {"12345678A@2014-01-05": Reason.SEALED}, "opaque:case": {"7": Reason.WITHHELD}}
    coverage = {("person_arrest", "opaque:case"): 3}
    path = custodian.publish(tmp_path / "a.sealindex", values, coverage=coverage)
    index = open_index(path, custodian.key)
    rows = [
        {"of": {"nysid": "12345678A"}, "date": "01/05/2014", "case": 1},
        {"of": {"nysid": "12345678A"}, "date": "01/06/2014", "case": 2},
        {"of": {"nysid": "12345678B"}, "date": "2014-01-05", "case": 7},
        {"of": {}, "date": "2014-01-05", "case": 8},
    ]
    on = {"person_arrest": "$[*].of.nysid + $[*].date", "opaque:case": "$[*].case"}

    assert guard_json(rows, index, on, complete=True) == [rows[1], rows[3]]


def test_several_keys_of_one_record() -> None:
    index = example_index({"arrest_number": ["K14000001"], "docket": ["2014KN000007"]})
    hits = [
        {"arrest": "K14000001", "docket": "2014KN000001"},
        {"arrest": "K14000002", "docket": "2014KN000007"},
        {"arrest": "K14000003", "docket": None},
        {"arrest": "K14000004", "docket": "2014KN000002"},
    ]
    on = {"arrest_number": "$[*].arrest", "docket": "$[*].docket"}

    assert guard_json(hits, index, on, complete=True) == hits[2:]
    with pytest.raises(LowCoverage):
        guard_json(hits, index, {"docket": "$[*].docket"}, complete=True)


def test_an_answer_that_is_the_record_is_refused_or_not_found() -> None:
    answer, on = {"arrest": SEALED[0], "score": 0.5}, {"arrest_number": "$.arrest"}
    missing = {"detail": "Not Found"}

    with pytest.raises(Refused, match="record does not exist"):
        guard_json(answer, INDEX, on, known=IDS, complete=True)
    assert guard_json(answer, INDEX, on, not_found=missing, known=IDS, complete=True) == missing
    assert guard_json(json.dumps(answer), INDEX, on, not_found=None, oracle_ok=True, complete=True) == "null"
    with pytest.warns(MembershipOracleWarning) as told:
        assert guard_json({"arrest": IDS[1]}, INDEX, on, complete=True) == {"arrest": IDS[1]}
    assert [each.filename for each in told] == [__file__]


def test_a_doubtful_key_within_a_sealed_record_says_nothing() -> None:
    on = {"arrest_number": ["$[*].id", "$[*].co[*]"]}
    kept = {"id": IDS[1], "co": [IDS[2]]}

    assert guard_json([{"id": SEALED[0], "co": ["K146I2345"]}, kept], INDEX, on, complete=True) == [kept]
    with pytest.raises(UncheckedKeys):
        guard_json([{"id": IDS[1], "co": ["K146I2345"]}, kept], INDEX, on, complete=True)
    assert guard_json(
        [{"id": IDS[1], "co": ["K146I2345"]}], INDEX, on, policy=Policy(quarantine=True), complete=True
    ) == [{"id": IDS[1], "co": []}]


HITS = {"arrest_number": "$.hits[*].arrest"}


@pytest.mark.parametrize(
    "value",
    [
        {"results": [{"arrest": IDS[1]}]},
        {"hits": [{"arrest_no": SEALED[0]}]},
        {"hits": [SEALED[0]]},
        {"hits": SEALED[0]},
        {"hits": [{"arrest": object()}]},
        {"hits": [{"arrest": IDS[1], "more": {1, 2}}]},
        SEALED[0].encode() * 0 + b'{"hits": [1]}',
    ],
)
def test_an_answer_of_another_shape_is_refused(value: Any) -> None:
    with pytest.raises(Refused):
        guard_json(value, INDEX, HITS, complete=True)


@pytest.mark.parametrize("key", [{"no": SEALED[0]}, [SEALED[0]], True, 1.5, "K146I2345"])
def test_what_is_no_identifier_is_not_passed(key: Any) -> None:
    with pytest.raises(UncheckedKeys):
        guard_json({"hits": [{"arrest": key}, {"arrest": IDS[1]}]}, INDEX, HITS, complete=True)


@pytest.mark.parametrize(
    "record",
    [
        [{"arrest": SEALED[0]}],  # an array where an object should be
        [SEALED[0]],
        {"hit": {"arrest": SEALED[0]}},
        {"Arrest": SEALED[0]},
        {},
    ],
)
def test_a_record_that_has_its_key_elsewhere_is_refused_though_others_have_it(record: Any) -> None:
    on = {"arrest_number": "$.hits[*].arrest"}
    with pytest.raises(Refused) as refused:
        guard_json({"hits": [{"arrest": IDS[1]}, record]}, INDEX, on, complete=True)
    assert SEALED[0] not in f"{refused.value}{refused.value!r}"


def test_a_record_without_a_key_passes_where_it_says_so() -> None:
    answer = {"hits": [{"arrest": IDS[1]}, {"arrest": None}, None]}
    assert guard_json(answer, INDEX, {"arrest_number": "$.hits[*].arrest"}, complete=True) == answer
    people = {"people": [{"last": {"arrest": IDS[1]}}, {"last": None}]}
    assert guard_json(people, INDEX, {"arrest_number": "$.people[*].last.arrest"}, complete=True) == people
    other = {"hits": [{"arrest": IDS[1]}, {"name": "a"}]}
    assert guard_json(other, INDEX, {"arrest_number": "$.hits[*].arrest"}, allow_absent=True, complete=True) == other
    with pytest.raises(Refused):
        guard_json(
            {"hits": [{"arrest": IDS[1]}, [SEALED[0]]]},
            INDEX,
            {"arrest_number": "$.hits[*].arrest"},
            allow_absent=True,
            complete=True,
        )


def test_too_deep_or_too_large_is_refused() -> None:
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    text = "[" * 100_000 + "]" * 100_000
    around: list[Any] = []
    around.append(around)

    for value in (deep, text, text.encode(), '{"a":' * 70 + "1" + "}" * 70, around):
        with pytest.raises(Refused, match="levels"):
            guard_json(value, INDEX, {"arrest_number": "$..arrest"}, complete=True)
    with pytest.raises(Refused, match="bytes"):
        guard_json("[" + " " * 100 + "]", INDEX, {"arrest_number": "$[*]"}, limits=Limits(bytes=50), complete=True)
    with pytest.raises(Refused, match="values"):
        guard_json([None] * 11, INDEX, {"arrest_number": "$[*]"}, limits=Limits(values=10), complete=True)


@pytest.mark.parametrize("text", ["", "{", "[1,", '"\\ud8', b"\xff\xfe\x00", "9" * 5000, '{"hits": [1] x}'])
def test_a_broken_text_is_refused(text: Any) -> None:
    with pytest.raises(UnreadableInput) as caught:
        guard_json(text, INDEX, HITS, complete=True)

    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    ("answer", "more"),
    [
        ({"hits": [{"arrest": IDS[1]}], "total": 7}, {"totals": {"$.total": "$.hits[*]"}}),
        ({"hits": [{"arrest": IDS[1]}], "total": True}, {"totals": {"$.total": "$.hits[*]"}}),
        ({"hits": [{"arrest": IDS[1], "rank": 11}]}, {"ranks": ["$.hits[*].rank"]}),
        ({"hits": [{"arrest": IDS[1]}], "scores": [1, 2]}, {"parallel": {"$.hits": "$.scores"}}),
        ({"hits": [{"arrest": IDS[1]}], "n": 0}, {"totals": {"$.n": lambda answer: answer["absent"]}}),
    ],
)
def test_counts_that_do_not_fit_are_refused(answer: Any, more: Any) -> None:
    with pytest.raises(Refused):
        guard_json(answer, INDEX, HITS, **more, complete=True)


@pytest.mark.parametrize(
    "on",
    [
        {},
        {"arrest_number": []},
        {"arrest_number": "hits"},
        {"arrest_number": "$..a..b"},
        {"arrest_number": "$.a~"},
        {"arrest_number": "$.a+$.b"},
        {"person_arrest": "$.hits[*].nysid"},
        {"person_arrest": "$.hits[*].nysid+$.other[*].date"},
        ["arrest_number"],
    ],
)
def test_a_wrong_declaration_is_refused(on: Any) -> None:
    with pytest.raises(ConfigError):
        guard_json({}, INDEX, on, complete=True)


def test_an_index_without_the_scheme_is_refused() -> None:
    with pytest.raises(UnsuitableIndex):
        guard_json({"hits": []}, INDEX, {"docket": "$.hits[*].docket"}, policy=Policy(min_coverage=0), complete=True)


def test_texts_lose_the_sentences_that_mention_what_is_sealed() -> None:
    hits = [
        {"arrest": IDS[1], "note": f"A hit. See {SPELLED[SEALED[0]]} too. No more."},
        {"arrest": IDS[2], "note": None},
    ]

    assert (
        guard_json({"hits": hits}, INDEX, HITS, texts="$.hits[*].note", complete=True)["hits"][0]["note"]
        == "A hit. No more."
    )
    with pytest.raises(Refused):
        guard_json(
            {"hits": hits}, INDEX, HITS, texts="$.hits[*].note", text_options={"on_match": "refuse"}, complete=True
        )


@pytest.mark.long
@given(worlds(), LEVELS, st.sampled_from(["array", "map", "keyed"]), st.lists(NAMES, max_size=3), st.booleans())
@settings(max_examples=600, deadline=None)
def test_any_location_in_any_nesting_at_length(
    world: Any, levels: list[str], last: str, field: list[str], as_text: bool
) -> None:
    test_any_location_in_any_nesting.hypothesis.inner_test(world, levels, last, field, as_text)


def test_words_that_repeat_an_id_tell_nothing_where_ids_are_known() -> None:
    guard = JsonGuard(INDEX, HITS, known=[IDS[1]], texts="$.said", complete=True)
    said = [guard({"hits": [], "said": f"None for {each}. So."})["said"] for each in (SEALED[0], "Q14000777", IDS[1])]
    assert said == ["So.", "So.", f"None for {IDS[1]}. So."]
