"""Tables that a service answers with are guarded row by row: they are those of the world without, byte for byte."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.staticfiles import StaticFiles

from sealscrub.datasets import example_index
from sealscrub.errors import ConfigError
from sealscrub.filters import GuardedRoute, GuardMiddleware
from sealscrub.matching import Policy

from .police_service import KEY, ask

IDS = [f"K14{number:06d}" for number in range(1, 21)]
SEALED = IDS[::3]
INDEX = example_index({KEY: SEALED, "person_arrest": ["12345678A@2014-01-05"]})
NOTES = st.sampled_from(
    ["", "plain", 'said "no"', "two\nlines", "two\r\nlines", "a;b", "a\tb", "é", f"as {IDS[1]}", "7"]
)
rows = st.lists(st.tuples(st.sampled_from(IDS), NOTES, st.integers(0, 9)), min_size=1, max_size=9).filter(
    lambda drawn: any(row[0] in SEALED for row in drawn) and any(row[0] not in SEALED for row in drawn)
)
CSV, TSV = "text/csv; charset=utf-8", "text/tab-separated-values"


def written(
    table: list[Any], delimiter: str = ",", end: str = "\r\n", names: Any = ("NOTE", "ARREST_NO", "N")
) -> bytes:
    file = io.StringIO()
    writer = csv.writer(file, delimiter=delimiter, lineterminator=end)
    writer.writerow(names)
    writer.writerows([(note, arrest, number) for arrest, note, number in table])
    return file.getvalue().encode()


def service(body: bytes, media: str = CSV, pieces: int = 0, **more: Any) -> Any:
    """Answers with a table: whole, or in pieces and without a length."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        length = [] if pieces else [(b"content-length", str(len(body)).encode())]
        headers = [(b"content-type", media.encode()), *length]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        size = pieces or len(body) or 1
        for at in range(0, len(body), size):
            await send({"type": "http.response.body", "body": body[at : at + size], "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    options: dict[str, Any] = {"columns": {KEY: "ARREST_NO"}, "complete": True, "policy": Policy(min_coverage=0)} | more
    if options["columns"]:
        options["independent"] = ["N", "NOTE"]
    route = GuardedRoute("/export.csv", **options)
    return GuardMiddleware(app, index=INDEX, routes=[route], known=None, oracle_ok=True)


@given(rows, st.sampled_from(["\r\n", "\n"]), st.sampled_from([(",", CSV), (";", CSV), ("\t", TSV)]), st.integers(0, 9))
@settings(max_examples=100, deadline=None)
def test_a_table_is_that_of_the_world_without(drawn: Any, end: str, kind: tuple[str, str], pieces: int) -> None:
    numbered = [(*row[:2], at) for at, row in enumerate(drawn)]
    left = written([row for row in numbered if row[0] not in SEALED], kind[0], end)
    got = ask(service(written(numbered, kind[0], end), kind[1], pieces), "/export.csv")

    assert (got.status, got.body, got.error) == (200, left, None)


@pytest.mark.parametrize("last", [b"", b"\n"])
def test_other_spellings_of_names_ends_and_keys(last: bytes) -> None:
    table = b"\xef\xbb\xbfARREST_NO,N\nk14-000001,1\n" + b"K14000002,2" + last
    assert ask(service(table), "/export.csv").body == b"\xef\xbb\xbfARREST_NO,N\nK14000002,2" + last
    empty = b"ARREST_NO,N\n"
    assert ask(service(empty), "/export.csv").body == empty


def test_a_key_of_two_columns() -> None:
    table = b"NYSID,DATE\n12345678A,2014-01-05\n12345678A,2014-01-06\n"
    app = service(table, columns={"person_arrest": "NYSID+DATE"})
    assert ask(app, "/export.csv").body == b"NYSID,DATE\n12345678A,2014-01-06\n"


REFUSED = {
    "no such column": b"NOTE,N\nx,1\n",
    "a key that is near": b"ARREST_NO,N\nK14OOOOO1,1\nK14000002,2\n",
    "a line of totals": b"ARREST_NO,N\nK14000002,2\nTOTAL,2\n",
    "a row that is short": b"ARREST_NO,N\nK14000002\n",
    "no key": b"ARREST_NO,N\n,2\n",
    "groups with blank lines between": b"ARREST_NO,N\nK14000002,2\n\nK14000001,1\n\nK14000003,1\n",
    "counted in each row": b"ARREST_NO,OF\nK14000002,3\nK14000003,3\nK14000005,3\n",
    "old ends of lines": b"ARREST_NO,N\rK14000002,2\r",
    "a stray quote": b'ARREST_NO,N\nK14000002,5" gun\nK14000001,5" gun\n',
    "an open quote": b'ARREST_NO,N\nK14000002,"x\n',
    "another charset": "ARREST_NO,N\nK14000002,é\n".encode("latin-1"),
    "the column twice": b"ARREST_NO,ARREST_NO\nK14000002,K14000001\n",
}


@pytest.mark.parametrize("how", REFUSED)
def test_a_table_that_cannot_be_read_is_refused(how: str, caplog: pytest.LogCaptureFixture) -> None:
    got = ask(service(REFUSED[how]), "/export.csv")

    assert (got.status, got.body) == (500, b'{"detail":"Internal Server Error"}')
    assert not any(each in caplog.text for each in (*IDS, "gun", "K14OOOOO1"))
    assert ask(service(b"ARREST_NO\nK14000002\n", "text/csv; charset=utf-16"), "/export.csv").status == 500


@pytest.mark.parametrize("pieces", [0, 5])
def test_a_table_that_calls_itself_plain_text_is_one_where_its_columns_are_declared(pieces: int) -> None:
    table = b"ARREST_NO\tN\nK14000001\t1\nK14000002\t2\n"
    got = ask(service(table, "text/plain; charset=utf-8", pieces), "/export.csv")
    assert (got.status, got.body) == (200, b"ARREST_NO\tN\nK14000002\t2\n")


@pytest.mark.parametrize("kind", ["text/plain", "text/html"])
def test_a_text_of_which_nothing_is_left_is_not_found_as_an_answer_in_json_is(kind: str) -> None:
    """An empty text with status 200 would show that it was about a sealed record."""
    empty = {"columns": None, "text": True, "on": {KEY: "$.arrest"}}
    got = ask(service(b"ARREST_NO,N\nK14000002,2\nK14000001,1\n", kind, **empty), "/export.csv")
    there = ask(service(b'{"arrest": "K14000001"}', "application/json", **empty), "/export.csv")
    assert got.whole == there.whole
    assert got.status == 404
    for body in (b"", b"\n"):
        assert ask(service(body, kind, **empty), "/export.csv").body == body


@pytest.mark.parametrize("media", [CSV, TSV, "application/csv", "text/x-csv"])
@pytest.mark.parametrize("arrest", [SEALED[0], IDS[1]])
def test_no_table_passes_as_text_whatever_is_in_it(media: str, arrest: str) -> None:
    body = b"ARREST_NO,N\n" + arrest.encode() + b",1\n"
    for pieces in (0, 4):
        got = ask(service(body, media, pieces, columns=None, text=True), "/export.csv")
        assert (got.status, got.body) == (500, b'{"detail":"Internal Server Error"}')


@pytest.mark.parametrize("name", ["export.csv", "notes.txt"])
def test_a_file_is_answered_whole_whatever_is_asked_of_it(name: str, tmp_path: Path) -> None:
    """Of its parts each would pass that holds half of an identifier; of its age the answer would be of another file."""
    text = f"ARREST_NO\n{IDS[1]}\n{SEALED[1]}\n" if name.endswith("csv") else f"One is {SEALED[1]}. All is well.\n"
    (tmp_path / name).write_text(text)
    files = StaticFiles(directory=tmp_path)
    options: dict[str, Any] = {"complete": True, "text": True, "policy": Policy(min_coverage=0)}
    route = GuardedRoute(f"/{name}", columns={KEY: "ARREST_NO"}, **options)
    app = GuardMiddleware(files, index=INDEX, routes=[route], known=None, oracle_ok=True)
    whole, there = ask(app, f"/{name}"), ask(files, f"/{name}")
    assert (whole.status, SEALED[1] in whole.body.decode()) == (200, False)

    asked: list[dict[str, str]] = [{"Range": f"bytes={at}-{at + 4}"} for at in range(0, len(text), 5)]
    asked += [{"If-Modified-Since": there.headers["last-modified"]}, {"If-None-Match": there.headers["etag"]}]
    assert {ask(files, f"/{name}", headers=each).status for each in asked} == {206, 304}
    assert {ask(app, f"/{name}", headers=each).body for each in asked} == {whole.body}


def test_a_filter_of_ones_own_gets_tables_too() -> None:
    app = service(b"ARREST_NO\nK14000001\n", columns=None, text=lambda text, index: text.replace("K14000001\n", ""))
    assert ask(app, "/export.csv").body == b"ARREST_NO\n"


@pytest.mark.parametrize(
    "more",
    [
        {"columns": {KEY: "ARREST_NO"}},
        {"columns": {KEY: "ARREST_NO"}, "complete": ["$.hits[*]"]},
        {"columns": {"person_arrest": "NYSID"}, "complete": True},
        {"columns": {"nysid": "NYSID"}, "complete": True},
        {"columns": [KEY], "complete": True},
        {"columns": {KEY: 3}, "complete": True},
    ],
)
def test_a_table_that_is_not_declared_as_one_is_refused_where_it_is_declared(more: dict[str, Any]) -> None:
    with pytest.raises((ConfigError, ValueError)):
        GuardedRoute("/export.csv", **more)
