"""Generators, events and the arguments of tool calls."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealscrub.datasets import example_index
from sealscrub.errors import ConfigError, Refused
from sealscrub.filters import StreamGuard, guard_deltas, guard_events, guard_stream, guard_stream_async, guard_text

INDEX = example_index(["K14612345"])
TEXT = "Two hits. One is K14-612345, it says. The other is M14000017.\n\n- a\n- K14612345\n- b"
LEFT = "Two hits. The other is M14000017.\n\n- a\n- b"
TWO = ("Hits: K14612345.", "Nothing.")


def make() -> StreamGuard:
    return StreamGuard(INDEX)


def pieces(size: int, text: str = TEXT) -> list[str]:
    return [text[at : at + size] for at in range(0, len(text), size)]


@pytest.mark.parametrize("size", [1, 7, 1_000])
def test_generators_give_what_the_whole_gives(size: int) -> None:
    async def written() -> AsyncIterator[str]:
        for piece in pieces(size):
            yield piece

    async def read() -> str:
        return "".join([text async for text in guard_stream_async(written(), make())])

    assert guard_text(TEXT, INDEX) == LEFT
    assert "".join(guard_stream(pieces(size), make())) == LEFT
    assert asyncio.run(read()) == LEFT


def breaking() -> Iterator[str]:
    yield "All is well. And one is K14"
    raise ValueError("K14612345")


def test_a_stream_that_breaks_off_gives_nothing_more_and_says_nothing() -> None:
    guard, got = make(), []
    with pytest.raises(Refused) as refused:
        got.extend(guard_stream(breaking(), guard))

    assert got == ["All is well."]
    assert guard.held == 0
    assert "612345" not in f"{refused.value!r}{refused.value}"
    assert refused.value.__suppress_context__


def test_a_stream_that_is_cancelled_drops_what_is_held() -> None:
    async def written() -> AsyncIterator[str]:
        yield "All is well. And one is K14"
        await asyncio.sleep(3_600)

    async def read(guard: StreamGuard) -> None:
        async with asyncio.timeout(0.01):
            async for _ in guard_stream_async(written(), guard):
                pass

    guard = make()
    with pytest.raises(TimeoutError):
        asyncio.run(read(guard))
    assert guard.held == 0


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(1, 9)), max_size=40))
@settings(max_examples=40, deadline=None)
def test_texts_of_several_channels_stay_apart(turns: list[tuple[int, int]]) -> None:
    texts = [TEXT, "Fine. K14612345 it is. And M14000017 too, they say, and more."]
    at, deltas, sent = [0, 0], [], ["", ""]
    for number, size in turns:
        piece = texts[number][at[number] : at[number] + size]
        at[number] += size
        sent[number] += piece
        deltas.append({"index": number, "text": piece})
    got = ["", ""]
    for delta in guard_deltas(deltas, make, channel="index"):
        got[delta["index"]] += delta["text"]

    assert got == [guard_text(each, INDEX) for each in sent]


def test_arguments_of_a_tool_call_are_refused_before_their_document_leaves() -> None:
    document = json.dumps({"query": "arrest\nK14612345"})
    deltas = [{"index": 0, "arguments": piece} for piece in pieces(3, document)]
    got: list[dict[str, object]] = []
    guarded = guard_deltas(deltas, lambda: StreamGuard(INDEX, on_match="refuse"), text="arguments", channel="index")
    with pytest.raises(Refused):
        got.extend(guarded)
    assert {delta["arguments"] for delta in got} <= {""}


@pytest.mark.parametrize("size", [1, 5, 64, 10_000])
def test_events_of_plain_text_are_one_text(size: int) -> None:
    body = "".join(f"id: 7\ndata: {piece}\n\n" for piece in pieces(4, "Two hits. One is K14-612345. Bye now.")).encode()
    out = b"".join(guard_events([body[at : at + size] for at in range(0, len(body), size)], make)).decode()

    assert "".join(line.removeprefix("data: ") for line in out.split("\n")) == "Two hits. Bye now."
    assert "K14" not in out


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_events_of_documents_keep_their_fields_and_their_end(end: str) -> None:
    documents = [{"n": 1, "text": piece} for piece in pieces(4, "Two hits. One is K14-612345. Bye now.")]
    body = "".join(f"event: delta{end}data: {json.dumps(document)}{end}{end}" for document in documents)
    out = b"".join(guard_events([f"{body}data: [DONE]{end}{end}".encode()], make, text="text")).decode()
    datas = [line.removeprefix("data: ") for line in out.split("\n") if line.startswith("data: ")]

    assert datas[-1] == "[DONE]"
    assert "".join(json.loads(data)["text"] for data in datas[:-1]) == "Two hits. Bye now."
    assert {json.loads(data)["n"] for data in datas[:-1]} == {1}


@pytest.mark.parametrize(
    "body", [b"data: K14612345\n\n", b"data: [1]\n\n", b"data: \xff\n\n", b"data: " + b"x" * (1 << 21)]
)
def test_events_that_cannot_be_read_are_refused(body: bytes) -> None:
    with pytest.raises(Refused) as refused:
        list(guard_events([body], make, text="text"))
    assert "612345" not in f"{refused.value}"


def test_a_channel_needs_a_field() -> None:
    with pytest.raises(ConfigError):
        list(guard_events([], make, channel="index"))


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n"])
@pytest.mark.parametrize("size", [1, 3, 1_000])
def test_events_end_their_lines_in_each_way_that_readers_know(end: bytes, size: int) -> None:
    stream = end.join(
        [b"event: said", b"data: Two hits. One is K14", b"data: -612345. Bye.", b"", b"data:  So.", b"", b""]
    )
    got = b"".join(guard_events([stream[at : at + size] for at in range(0, len(stream), size)], make))
    assert b"612345" not in got
    assert [said for said in (b"Two hits.", b"Bye.", b"So.") if said in got] == [b"Two hits.", b"Bye.", b"So."]
    assert b"\r" not in got


def test_an_events_name_may_hold_no_identifier() -> None:
    with pytest.raises(Refused) as refused:
        list(guard_events([b"event: K14612345\ndata: a\n\n"], make))
    assert "612345" not in str(refused.value)
