"""What fails beside the guard itself, the source of a stream or a list of known ids, is said without its words."""

from __future__ import annotations

import asyncio
import json
import pickle
import traceback
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from sealscrub.datasets import example_index
from sealscrub.errors import ConfigError, SealscrubError, UnreadableInput
from sealscrub.filters import JsonGuard, guard_json, guard_json_lines, guard_ranking, guard_record_stream, guard_text

SEALED, CLEAR, HALF = "K14612345", "M14000017", "K14612345\ud800"
INDEX = example_index([SEALED])
ON = {"arrest_number": "$.arrest"}


def shown(error: BaseException) -> str:
    """Everything that an error takes with it."""
    links, said = [error], ""
    while links:
        link = links.pop()
        said += "".join([repr(link), repr(link.args), str(link), repr(vars(link))])
        said += repr(getattr(link, "object", "")) + "".join(traceback.format_exception(link))
        links += [each for each in (link.__cause__, link.__context__) if each is not None]
    return said + repr(pickle.dumps(error))


def now(error: BaseException) -> Iterator[dict[str, str]]:
    yield {"arrest": CLEAR}
    raise error


async def later(error: BaseException) -> AsyncIterator[dict[str, str]]:
    yield {"arrest": CLEAR}
    raise error


async def collected(records: Any) -> list[Any]:
    return [each async for each in guard_record_stream(records, INDEX, ON, complete=True)]


STREAMS: dict[str, Callable[[BaseException], Any]] = {
    "now": lambda error: list(guard_record_stream(now(error), INDEX, ON, complete=True)),
    "later": lambda error: asyncio.run(collected(later(error))),
    "records": lambda error: list(JsonGuard(INDEX, ON, complete=True, oracle_ok=True).start().records(now(error))),
    "lines": lambda error: list(
        guard_json_lines((f'{{"arrest": "{each["arrest"]}"}}' for each in now(error)), INDEX, ON, complete=True)
    ),
}
FAILURES = [
    ValueError(f"row {SEALED}"),
    KeyError(SEALED),
    UnicodeDecodeError("utf-8", SEALED.encode(), 0, 1, "x"),
    UnicodeEncodeError("utf-8", SEALED, 0, 1, "x"),
    ConnectionError(SEALED),
]


@pytest.mark.parametrize("how", STREAMS)
@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: type(failure).__name__)
def test_a_source_that_fails_is_named_by_the_kind_of_its_error(how: str, failure: Exception) -> None:
    with pytest.raises(UnreadableInput, match=type(failure).__name__) as caught:
        STREAMS[how](failure)
    assert SEALED not in shown(caught.value)


@pytest.mark.parametrize("how", STREAMS)
def test_an_error_of_the_library_in_a_source_is_itself(how: str) -> None:
    with pytest.raises(ConfigError, match="itself"):
        STREAMS[how](ConfigError("itself"))


async def _half_later() -> Any:
    async def each() -> AsyncIterator[dict[str, str]]:
        yield {"arrest": HALF}

    return await collected(each())


HALVES: dict[str, Callable[[], Any]] = {
    "guard_json": lambda: guard_json(
        {"hits": [{"arrest": HALF}, {"arrest": CLEAR}]}, INDEX, {"arrest_number": "$.hits[*].arrest"}, complete=True
    ),
    "guard_json of a text": lambda: guard_json(
        json.dumps({"hits": [{"arrest": HALF}]}), INDEX, {"arrest_number": "$.hits[*].arrest"}, complete=True
    ),
    "stream": lambda: list(guard_record_stream([{"arrest": HALF}], INDEX, ON, complete=True)),
    "stream later": lambda: asyncio.run(_half_later()),
    "known": lambda: JsonGuard(INDEX, ON, known=[HALF]),
    "known of a text": lambda: guard_text("x", INDEX, known={"arrest_number": [HALF]}),
    "ranking": lambda: guard_ranking([{"arrest": HALF, "score": 1}], INDEX, on={"arrest_number": "arrest"}, k=1),
    "index": lambda: example_index([HALF]),
}


@pytest.mark.parametrize("how", HALVES)
def test_half_of_a_surrogate_pair_is_an_error_of_the_library(how: str) -> None:
    with pytest.raises(SealscrubError) as caught:
        HALVES[how]()
    assert SEALED not in shown(caught.value)


PARTS = example_index({"person_arrest": ["01234567Q@2014-01-15"]})
MALFORMED: list[list[Any]] = [
    ["01234567Q@2014-01-15"],
    [("01234567Q",)],
    [("01234567Q", "2014-01-15", "x")],
    [("01234567Q", "2014-01-15"), "01234567Q"],
    [{"nysid": "01234567Q", "date": "2014-01-15"}],
    [None],
    [b"01234567Q"],
    [1234567],
    [(("01234567Q",), "2014-01-15")],
    [("01234567Q\ud800", "2014-01-15")],
    [(object(), "2014-01-15"), ("01234567Q", 3)],
]


@pytest.mark.parametrize("known", MALFORMED, ids=[f"malformed{place}" for place, _ in enumerate(MALFORMED)])
def test_known_ids_that_have_not_all_parts_are_refused(known: list[Any]) -> None:
    on = {"person_arrest": "$.hits[*].nysid+$.hits[*].date"}
    with pytest.raises(SealscrubError) as caught:
        JsonGuard(PARTS, on, complete=True, known={"person_arrest": known})
    assert "1234567" not in shown(caught.value)


@pytest.mark.parametrize(
    "known",
    [[object()], [SEALED, 3], [[SEALED]], [{SEALED: 1}], [2**80, SEALED]],
    ids=["object", "number", "list", "mapping", "large"],
)
def test_known_ids_of_several_kinds_are_refused(known: list[Any]) -> None:
    with pytest.raises(SealscrubError) as caught:
        JsonGuard(INDEX, ON, known=known)
    assert SEALED not in shown(caught.value)
