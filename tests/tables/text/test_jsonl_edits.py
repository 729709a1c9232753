"""JSON Lines: an edited line is written as the lines that had no record, or the edit counts as a mark."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sealscrub.errors import SealscrubError
from sealscrub.tables.changes import Patch, TableChange

PADS = st.sampled_from(["", " ", "  "])
WRITERS = st.fixed_dictionaries(
    {"separators": st.tuples(PADS, PADS, PADS).map(lambda p: (p[0] + "," + p[1], p[0] + ":" + p[2]))},
    optional={"ensure_ascii": st.booleans()},
)
SCALARS = st.one_of(
    st.sampled_from(["7", 7, "false", False, True, "é", "N/A", "", 'quo"te', "null", 7.5]),
    st.integers(-5, 5),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=4),
)
NAMES = st.sampled_from(["x", "é", "a b", 'q"', "b\\"])


@pytest.fixture(scope="session")
def lines_edited(edited, edit_rows):
    def run(data, *, null=(), texts=None, truths=(), block_size=8):
        done = edited(data, edit_rows(null, texts or {}, frozenset(truths)), "rows.jsonl", block_size=block_size)
        return done.out, done.marks

    return run


def text_of(value):
    return json.dumps(value) if isinstance(value, bool | int | float) else value


@settings(max_examples=150, deadline=None)
@given(st.data(), WRITERS, NAMES, SCALARS, st.booleans(), st.sampled_from([1, 64, 1 << 20]))
def test_an_edited_line_is_what_the_writer_of_the_others_would_write(
    lines_edited, data, writer, name, value, nested, block_size
):
    def row(key, *field):
        inner = {"a": key, **({name: field[0]} if field else {})}
        return {"id": key, "p": inner} if nested else {"id": key, "o": 0, **({name: field[0]} if field else {})}

    def lines(*rows):
        return "".join(json.dumps(row, **writer) + "\n" for row in rows).encode()

    others = [row(key) for key in range(2, 2 + data.draw(st.integers(0, 3)))]
    olds = [(), *((old,) for old in data.draw(st.lists(SCALARS, max_size=3)))]
    others = data.draw(st.permutations(others + [row(9, value)] * len(olds)))
    at = data.draw(st.integers(0, len(others)))
    before, after = others[:at], others[at:]
    matched = [row(1, *old) for old in olds]
    never = [row(1, value) for _ in olds]
    path = f"p.{name}" if nested else name

    out, marks = lines_edited(
        lines(*before, *matched, *after),
        texts={path: text_of(value)},
        truths={path} if isinstance(value, bool) else (),
        block_size=block_size,
    )

    assert out == lines(*before, *never, *after)
    assert marks == ()


KINDS = {
    "a string beside numbers": ("7", b"7", ()),
    "a number beside strings": ("7", b'"7"', ()),
    "a string that says false": ("false", b'"false"', ()),
    "false given, where others have a string": ("false", b'"false"', ("x",)),
    "an escaped letter": ("é", b'"\\u00e9"', ()),
    "a raw letter": ("é", '"é"'.encode(), ()),
    "an escaped slash": ("N/A", b'"N\\/A"', ()),
    "an empty text": ("", b'""', ()),
}


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize("old", [b"5", b'"5"', b"true", b"null", b"[1]", '"é"'.encode(), b'"\\/"'])
@pytest.mark.parametrize("case", KINDS)
def test_the_literal_is_the_one_that_other_lines_have(lines_edited, case, old):
    text, literal, truths = KINDS[case]
    other = b'{"id":2,"x":' + literal + b"}\n"
    out, marks = lines_edited(b'{"id":1,"x":' + old + b"}\n" + other, texts={"x": text}, truths=truths)
    assert out == b'{"id":1,"x":' + literal + b"}\n" + other
    assert marks == ()


@pytest.mark.parametrize(
    ("literals", "text", "truths", "plain"),
    [
        ([b"7", b'"7"'], "7", (), b"7"),
        ([b'"\\u00e9"', '"é"'.encode()], "é", (), '"é"'.encode()),
        ([b'"false"', b"false"], "false", ("x",), b'"false"'),
        ([b"8"], "7", (), b"7"),
        ([b"true"], "false", ("x",), b"false"),
        ([b"[]", b"{}", b"null"], "", (), b'""'),
    ],
)
def test_no_literal_or_several_are_a_mark(lines_edited, literals, text, truths, plain):
    others = b"".join(b'{"id":2,"x":' + literal + b"}\n" for literal in literals)
    data = b'{"id":1,"x":3}\n' + others
    out, marks = lines_edited(data, texts={"x": text}, truths=truths)
    assert out == b'{"id":1,"x":' + plain + b"}\n" + others
    assert marks == ("x",)


def test_what_only_matched_lines_have_is_a_mark(lines_edited):
    assert lines_edited(b'{"id":1,"x":7}\n{"id":2,"x":8}\n', texts={"x": "7"})[1] == ("x",)


@pytest.mark.parametrize("other", [b'"id":2', b'"id":2,"y":{"x":null}'])
def test_a_field_that_becomes_null_is_left_out_where_other_lines_lack_it(lines_edited, other):
    rest = b"{" + other + b"}\n"
    assert lines_edited(b'{"id":1,"x":"5"}\n' + rest, null=("x",)) == (b'{"id":1}\n' + rest, ())


@pytest.mark.parametrize("other", [b'"id":2,"x":""', b'"id":2,"x":"null"'])
def test_null_is_a_mark_where_no_other_line_has_it(lines_edited, other):
    out, marks = lines_edited(b'{"id":1,"x":"5"}\n{' + other + b"}\n", null=("x",))
    assert (out, marks) == (b'{"id":1,"x":null}\n{' + other + b"}\n", ("x",))
    assert lines_edited(b'{"id":1,"x":"5"}\n{' + other + b'}\n{"id":3,"x":null}\n', null=("x",))[1] == ()


@pytest.mark.parametrize(
    ("others", "added", "marked"),
    [
        ([b'{ "id" :2 ,"x" :7 }'], b'{"id":1 ,"x" :7}', ()),
        ([b'{"id":2,"x":7}', b'{"id": 3, "x": 7}'], b'{"id":1,"x":7}', ("x",)),
        ([b'{"x":7}'], b'{"id":1, "x": 7}', ("x",)),
    ],
)
def test_a_field_is_added_with_the_spacing_of_others_or_is_a_mark(lines_edited, others, added, marked):
    out, marks = lines_edited(b"\n".join([b'{"id":1}', *others]), texts={"x": "7"})
    assert out == b"\n".join([added, *others])
    assert marks == marked


@pytest.mark.parametrize("block_size", [1, 1 << 20])
def test_blank_lines_and_other_lines_stay_where_values_are_set(lines_edited, block_size):
    data = b'\n{"id":1,"x":7}\r\n \n\n{"id":2,"x":8}\n\n'
    out, _ = lines_edited(data, texts={"x": "8"}, block_size=block_size)
    assert out == data.replace(b"7", b"8")
    assert lines_edited(b"\n \n", texts={"x": "8"}, block_size=block_size)[0] == b"\n \n"


@pytest.fixture
def file_of(jsonl_file, tmp_path):
    def make(data, block_size):
        (tmp_path / "rows.jsonl").write_bytes(data)
        return jsonl_file(tmp_path / "rows.jsonl", block_size)

    return make


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.sampled_from("12?3"), SCALARS | st.none() | st.just(...)), max_size=8),
    SCALARS.filter(lambda value: not isinstance(value, bool)),
    st.booleans(),
    st.sampled_from([1, 40, 1 << 20]),
)
def test_an_edit_that_notices_while_it_finds_writes_what_a_third_reading_would(
    file_of, plain_matcher, edit_rows, tmp_path, rows, value, null, block_size
):
    objects = [{"id": key, **({} if held is ... else {"x": held})} for key, held in rows]
    data = "".join(json.dumps(each) + "\n" for each in objects).encode()
    edit = edit_rows(["x"], {}) if null else edit_rows([], {"x": text_of(value)})

    def outcome(way):
        matcher = plain_matcher(("id",), "1", edits=True)
        try:
            way(file_of(data, block_size), matcher)
        except SealscrubError as error:
            return type(error), str(error)
        return (tmp_path / "out").read_bytes()

    def by_itself(file, matcher):
        file.kept(file.find(matcher), edit, tmp_path / "out")

    assert outcome(lambda file, matcher: file.scrub(matcher, tmp_path / "out", edit=edit)) == outcome(by_itself)


@pytest.mark.parametrize(
    ("edit", "target", "readings"),
    [
        ((["x"], {}), "out", 2),  # to find and to notice how others write, and to write
        (([], {"x": "7"}), "out", 2),
        (([], {"x": "7"}), None, 1),
        (([], {"x": "true"}, ["x"]), "out", 4),  # which word is true shows in all lines, and before anything else
    ],
)
def test_how_often_an_edit_reads_the_file(file_of, plain_matcher, edit_rows, tmp_path, edit, target, readings):
    lines = [{"id": "1", "x": 8}, {"id": "2", "x": 7}, {"id": "3"}, {"id": "4", "x": True}]
    file = file_of("".join(json.dumps(each) + "\n" for each in lines).encode(), 16)
    out = tmp_path / target if target else None
    assert file.scrub(plain_matcher(("id",), "1", edits=True), out, edit=edit_rows(*edit)).rows == 4
    assert file.read == readings


@pytest.mark.parametrize(
    ("keep", "rows", "value", "readings"),
    [
        ([True] * 4, [0], "7", 2),
        ([True] * 4, [0, 2], "7", 3),
        ([True, True, False, True], [0], "7", 3),
        ([True] * 4, [0], "8", 3),
    ],
    ids=["the same", "of other rows", "less another row", "of another value"],
)
def test_what_was_noticed_for_a_change_holds_for_that_change_alone(file_of, tmp_path, keep, rows, value, readings):
    """A plan asks whether an edit marks its rows before it writes; the change that it writes is another object."""

    def change(keep, rows, value):
        values = pl.Series("x", [value] * len(rows), pl.String)
        return TableChange(np.array(keep), {"x": Patch(np.array(rows, dtype=np.int64), values, edited=True)})

    data = "".join(json.dumps({"id": at, "x": 7 if at == "2" else "8"}) + "\n" for at in "1234").encode()
    file, written = file_of(data, 16), change(keep, rows, value)
    list(file.batches(["id"]))
    assert file.others_with(change([True] * 4, [0], "7"), {}) == {"x": [1]}
    file.changed(written, tmp_path / "out")
    assert file.read == readings + 1
    again = file_of(data, 16)
    list(again.batches(["id"]))
    again.changed(written, tmp_path / "expected")
    assert (tmp_path / "out").read_bytes() == (tmp_path / "expected").read_bytes()
