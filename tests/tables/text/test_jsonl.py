"""JSON Lines: which lines go, how keys are read, and what is refused."""

from __future__ import annotations

import io
import json
import traceback
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealscrub.errors import ColumnError, ConfigError, UnreadableInput
from sealscrub.tables.jsonl.jsonl_source import JsonlSource, scrub_jsonl

CANARY = "K98765432"
Run = Callable[..., Any]


@pytest.fixture(scope="session")
def scrub_lines(tmp_path_factory, plain_matcher) -> Run:
    path = tmp_path_factory.mktemp("jsonl") / "rows.jsonl"

    def run(data, key="id", sealed=(), *, quarantine=False, block_size=16, **options):
        path.write_bytes(data)
        out, aside = io.BytesIO(), io.BytesIO()
        matcher = plain_matcher((key,) if isinstance(key, str) else key, sealed)
        with JsonlSource(path, block_size=block_size, **options) as source:
            counts = scrub_jsonl(source, matcher, out, aside if quarantine else None)
        values = [row for batch in matcher.batches for row in batch.iter_rows()]
        return out.getvalue(), aside.getvalue(), counts, values

    return run


TEXTS = st.one_of(
    st.sampled_from(
        ["id", "1", "null", '"id": 2', "{[", "}", "\\", '"', "a|b", "NaN", "Inf", "\n", "é", "\ud83d\ude00"]
    ),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
KEYS = st.one_of(
    st.sampled_from([None, "", "1", "K12345678", "a longer identifier", "é", 'quo"te', "back\\slash"]),
    st.integers(-(10**30), 10**30),
    st.integers(1, 3),
)
LINES = st.lists(
    st.tuples(KEYS, st.dictionaries(TEXTS.filter(lambda name: name != "id"), VALUES, max_size=4), st.booleans()),
    min_size=1,
    max_size=8,
)
STYLES = st.sampled_from(
    [
        {},
        {"separators": (",", ":")},
        {"ensure_ascii": False},
        {"separators": (" , ", " : ")},
        {"separators": (",", ":  ")},
    ]
)
PROPERTY = settings(max_examples=100, deadline=None)


def as_text(key):
    return None if key is None or key == "" else str(key)


def written(line, style):
    key, others, absent = line
    members = list(others.items())
    if not (absent and key is None):
        members.insert(len(members) // 2, ("id", key))
    try:
        return json.dumps(dict(members), **style).encode()
    except UnicodeEncodeError:
        return json.dumps(dict(members)).encode()


@PROPERTY
@given(
    LINES,
    STYLES,
    st.sampled_from(["\n", "\r\n", "\n\n", "\n \n"]),
    st.booleans(),
    st.sampled_from([1, 64, 1 << 20]),
)
def test_lines_that_stay_are_as_they_were_and_keys_as_json_reads_them(
    scrub_lines, lines, style, newline, final, block_size
):
    sealed = {"1", "K12345678", "é", 'quo"te', "2"}
    texts = [written(line, style) for line in [("?", {}, False), *lines]]
    keys = ["?", *(as_text(key) for key, _, _ in lines)]

    def joined(rows):
        return newline.encode().join(rows) + (newline.encode() if final else b"")

    out, _, counts, values = scrub_lines(joined(texts), sealed=sealed, block_size=block_size)

    assert sorted(map(str, (value for (value,) in values))) == sorted(map(str, keys))
    assert counts.removed == sum(key in sealed for key in keys)
    if len(newline.strip(" ")) == 1 or newline == "\r\n":
        assert out == joined([text for text, key in zip(texts, keys, strict=True) if key not in sealed])
    assert scrub_lines(out, sealed=sealed)[0] == out


@PROPERTY
@given(LINES, st.data())
def test_a_damaged_line_is_refused_alone_and_among_others_alike(scrub_lines, lines, data):
    texts = [written(line, {}) for line in lines]
    row = data.draw(st.integers(0, len(texts) - 1))
    at = data.draw(st.integers(0, len(texts[row]) - 1))
    byte = data.draw(st.sampled_from(b'{}[]",:019.-+eENIatfn \\|'))
    texts[row] = texts[row][:at] + bytes([byte]) + texts[row][at + data.draw(st.integers(0, 1)) :]

    def read(block_size):
        try:
            return sorted(map(str, scrub_lines(b"\n".join([b'{"id":0}', *texts]), block_size=block_size)[3]))
        except UnreadableInput as error:
            return str(error)

    def python():
        values = [("0",)]
        for text in texts:

            def once(pairs):
                names = [name for name, _ in pairs]
                return dict(pairs) | {"\0": names.count("id")}

            node = json.loads(text, object_pairs_hook=once, parse_int=str, parse_float=str, parse_constant=refuse)
            value = node.get("id")
            if node["\0"] > 1 or not isinstance(value, str | None):
                raise ValueError
            (value or "").encode()
            values.append((value or None,))
        return sorted(map(str, values))

    def refuse(_):
        raise ValueError

    try:
        expected = python()
    except (ValueError, AttributeError, TypeError):
        expected = None
    together, apart = read(1 << 20), read(1)
    assert together == apart
    assert (together == expected) if expected is not None else isinstance(together, str)


def test_ids_keep_their_digits(scrub_lines):
    literals = ["12345678901234567890123456789", "007", "1.23E+08", "123456.0", "-0", "1e5", "0"]
    rows = [f'{{"id": {literal}}}' if literal != "007" else '{"id": "007"}' for literal in literals]
    rows.append('{"id": %s}' % ("9" * 5000))

    values = scrub_lines("\n".join([*rows, ""]).encode(), block_size=1 << 20)[3]

    assert [value for (value,) in values] == [*literals, "9" * 5000]


def test_fields_inside_of_objects_and_names_with_dots(scrub_lines):
    data = (
        b'{"person": {"arrest_no": "1", "x": [{}]}, "a": 1}\n'
        b'{"person": {"arrest_no": 2}}\n{"person": null}\n{"person": {}}\n{}\n{"person.arrest_no": "1"}\n'
        b'{"a.b": 1, "person": {"c": {"d": 4}}}\n'
    )
    out, _, _, values = scrub_lines(data, "person.arrest_no", {"1"}, block_size=1 << 20)

    assert [value for (value,) in values] == ["1", "2", None, None, None, "1", None]
    assert out == b"".join(data.splitlines(keepends=True)[1:5]) + data.splitlines(keepends=True)[6]
    assert scrub_lines(data, "person.c.d", {"4"})[2].removed == 1


FAULTS = {
    "no JSON": (b'{"id": 1}\n{"id": "K98765432"\n', 2, "not JSON"),
    "two objects on a line": (b'{"id": 1}{"id": "K98765432"}\n', 1, "not JSON"),
    "an object over two lines": (b'{"id": "K98765432",\n"x": 1}\n', 1, "not JSON"),
    "a line with not an object": (b'{"id": 1}\n\n["K98765432"]\n', 3, "not a JSON object"),
    "a constant that JSON has not": (b'{"id": "K98765432", "x": NaN}\n', 1, "not JSON"),
    "a constant that Arrow has": (b'{"id": "K98765432", "x": Inf}\n', 1, "not JSON"),
    "a key that is true": (b'{"id": 1}\n{"id": true, "x": "K98765432"}\n', 2, "true or false"),
    "a key that is an array": (b'{"id": ["K98765432"]}\n', 1, "array"),
    "a key that is an object": (b'{"id": {"K98765432": 1}}\n', 1, "object"),
    "a key that appears twice": (b'{"id": "K98765432", "id": 2}\n', 1, "twice"),
    "a key that stands twice, once escaped": (b'{"id": "K98765432", "\\u0069d": 2}\n', 1, "twice"),
    "JSON that is too deep": (
        b'{"id": "K98765432", "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}\n",
        1,
        "deep",
    ),
    "a byte that is not UTF-8": (b'{"id": 1}\n{"id": "K98765432\xff"}\n', 2, "UTF-8"),
    "half of a surrogate pair": (b'{"id": "K98765432\\ud800"}\n', 1, "surrogate"),
    "a byte-order mark in the middle": (b'{"id": 1}\n\xef\xbb\xbf{"id": "K98765432"}\n', 2, "not JSON"),
}


@pytest.mark.parametrize("block_size", [1, 1 << 20])
@pytest.mark.parametrize("case", FAULTS)
def test_a_fault_is_refused_with_its_line(scrub_lines, case, block_size):
    data, line, words = FAULTS[case]

    with pytest.raises(UnreadableInput) as caught:
        scrub_lines(data, block_size=block_size)

    assert caught.value.where.endswith(f"line {line}")
    assert words in str(caught.value)
    assert CANARY not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b'{"a": {"b": 1, "b": 2}}', "twice"),
        (b'{"a": {"b": 1}, "a": {}}', "twice"),
        (b'{"a": {"b": 1}, "a.b": 2}', "twice"),
        (b'{"a": [{"b": "K98765432"}]}', "not an object"),
        (b'{"a": "K98765432"}', "not an object"),
    ],
)
def test_a_path_that_is_not_clear_is_refused(scrub_lines, data, words):
    with pytest.raises(UnreadableInput, match=words) as caught:
        scrub_lines(data, "a.b")
    assert CANARY not in str(caught.value)


def test_a_field_that_no_line_has_is_refused_with_the_nearest(scrub_lines):
    with pytest.raises(ColumnError) as caught:
        scrub_lines(b'{"person": {"arrest_no": 1}}\n{"x": 2}\n{"person": {"arrest_no": 2}}\n', "arrest_no")
    assert caught.value.hint == "did you mean 'person.arrest_no'?"


def test_an_id_that_is_a_field_is_never_suggested(scrub_lines):
    rows = b"".join(b'{"x": {"K%d": {"arrest_no": 1}}}\n' % (98765432 + row) for row in range(30))
    with pytest.raises(ColumnError) as caught:
        scrub_lines(rows, "arrest_no", block_size=1 << 20)
    assert "K987" not in str(caught.value)


@pytest.mark.parametrize("data", [b"", b"\n", b" \n\r\n", b"\xef\xbb\xbf", "\n".encode("utf-16")])
def test_a_file_without_lines_has_no_rows(scrub_lines, data):
    out, _, counts, _ = scrub_lines(data)
    assert (out, counts.rows) == (data, 0)


def test_other_encodings_of_unicode_come_out_as_they_were(scrub_lines):
    for codec in ("utf-8-sig", "utf-16", "utf-32"):
        data = '{"id": 1}\n{"id": "é"}\n{"id": "x"}'
        out = scrub_lines(data.encode(codec), sealed={"é", "x"})[0]
        assert out == '{"id": 1}'.encode(codec)
    with pytest.raises(ConfigError):
        scrub_lines(b"{}", encoding="latin-1")


def test_what_cannot_be_checked_goes_to_quarantine(scrub_lines):
    data = b'{"id": "?1"}\n{"id": 2}\n{"id": 3}\n'
    out, aside, counts, _ = scrub_lines(data, sealed={"3"}, quarantine=True)
    assert (out, aside) == (b'{"id": 2}\n', b'{"id": "?1"}\n')
    assert (counts.removed, counts.quarantined) == (1, 1)


def test_an_edit_changes_the_named_values_and_no_other_byte(edited, edit_rows):
    other = b'{"id":2,"x":null,"flag":false,"n":0}\n'
    data = b'{ "x" :[1, "\\u00e9"] ,"id":1,"flag": true , "n": 5,"p":{"q" : "a"}}\r\n' + other
    edit = edit_rows(("x", "p.q"), {"flag": "false", "n": "0"})

    done = edited(data, edit, "rows.jsonl")

    assert done.out == b'{ "x" :null ,"id":1,"flag": false , "n": 0}\r\n' + other
    assert done.marks == ()


def test_an_edit_sets_what_is_absent_and_nulls_it_not(edited, edit_rows):
    data = b'{"id":1}\n{"id":2,"x":"5","y":null}\n'
    done = edited(data, edit_rows(("y",), {"x": "5"}), "rows.jsonl")
    assert done.out == b'{"id":1,"x":"5"}\n{"id":2,"x":"5","y":null}\n'
    assert done.marks == ()
    assert edited(b'{"id":1,"x":1}\n{}\n', edit_rows((), {"x": 'é"'}), "rows.jsonl").out == (
        b'{"id":1,"x":"\\u00e9\\""}\n{}\n'
    )


@pytest.mark.parametrize("depth", [*range(60, 70), *range(900, 1100, 3)])
def test_nesting_is_read_or_refused_and_nothing_else(edited, scrub_lines, edit_rows, depth):
    data = b'{"id": "K98765432", "x": ' + b'{"x":' * depth + b"1" + b"}" * depth + b"}\n"
    try:
        out = edited(data, edit_rows(("x",)), "rows.jsonl", {CANARY}).out
    except UnreadableInput as error:
        out, words = None, str(error)
    if out is None:
        assert depth > 900
        assert "deep" in words
        assert CANARY not in words
    else:
        assert out == b'{"id": "K98765432", "x": null}\n'
        assert scrub_lines(data)[0] == data
