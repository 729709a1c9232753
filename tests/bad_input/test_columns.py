"""Key columns that are not there, are there twice, or hold something else than they should."""

from __future__ import annotations

import json
import stat

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

verbs = pytest.mark.parametrize("verb", ["scan", "scrub"])


@verbs
@pytest.mark.parametrize("suffix", ["csv", "parquet", "jsonl"])
def test_an_absent_column_is_told_with_the_nearest_name(bench, arrests, verb, suffix):
    frame = pl.DataFrame({"ARREST_NO": arrests(5), "note": ["x"] * 5})
    path = bench.folder / f"x.{suffix}"
    {"csv": frame.write_csv, "parquet": frame.write_parquet, "jsonl": frame.write_ndjson}[suffix](path)

    bench.refused(bench.args(verb, path), 2, f"x.{suffix}", "no column 'arrest_no'", "did you mean 'ARREST_NO'?")


@verbs
@pytest.mark.parametrize("header", ["ï..INMATEID", "\ufeff\ufeffINMATEID", "INMATEID "])
def test_a_damaged_header_is_found_and_suggested(bench, table, verb, header):
    path = bench.file("x.csv", table(name=header))

    ended = bench.refused(bench.args(verb, path, on=["arrest_number=INMATEID"]), 2, "x.csv", "no column 'INMATEID'")

    assert "INMATEID" in ended.err.split("did you mean")[1]


def test_the_name_that_was_suggested_works(bench, table):
    path = bench.file("x.csv", table(name="ï..INMATEID"))

    assert bench.run(*bench.args("scan", path, on=["arrest_number=ï..INMATEID"])).code == 1


@verbs
def test_no_value_of_a_file_without_header_is_suggested(bench, canary, verb):
    path = bench.file("x.csv", f"{canary},{canary}x\nM13000001,y\n")

    bench.refused(bench.args(verb, path, on=["arrest_number=K14987652"]), 2, "x.csv", "column number 1")


@verbs
def test_duplicate_key_columns_are_refused(bench, verb):
    path = bench.file("x.csv", "arrest_no,note,arrest_no\nK14987651,zanzibar,7731\n")

    bench.refused(bench.args(verb, path), 2, "x.csv", "'arrest_no'")


@verbs
def test_duplicate_columns_that_are_no_key_stop_nothing(bench, verb):
    path = bench.file("x.csv", "arrest_no,note,note\nK14987651,zanzibar,7731\nM13000001,x,y\n")
    more = ["-o", str(bench.folder / "clean.csv")] if verb == "scrub" else []

    assert bench.run(*bench.args(verb, path, more=more)).code == (0 if verb == "scrub" else 1)
    if verb == "scrub":
        assert (bench.folder / "clean.csv").read_text() == "arrest_no,note,note\nM13000001,x,y\n"


@verbs
def test_duplicate_columns_of_a_file_without_header_are_told_by_position(bench, canary, verb):
    path = bench.file("x.csv", f"{canary},x,{canary}\nM13000001,y,M13000001\n")

    bench.refused(bench.args(verb, path), 2, "x.csv", "columns 1 and 3")


@verbs
def test_duplicate_columns_of_parquet_are_refused(bench, arrests, verb):
    column = pa.array(arrests(5))
    path = bench.folder / "x.parquet"
    pq.write_table(pa.Table.from_arrays([column, column], names=["arrest_no", "arrest_no"]), path)

    bench.refused(bench.args(verb, path), 2, "x.parquet", "'arrest_no'")


@verbs
@pytest.mark.parametrize("more", [(), ("--accept", "unparsable"), ("--accept", "near,unparsable")])
def test_a_column_that_mostly_does_not_parse_is_a_wrong_column(bench, table, verb, more):
    path = bench.file("x.csv", table(30))

    ended = bench.refused(bench.args(verb, path, on=["arrest_number=note"], more=more), 2, "x.csv", "'note'")

    assert "30 of 30" in ended.err


def test_a_wrong_column_is_one_with_a_quarantine_too(bench, table):
    more = ["--quarantine", str(bench.folder / "aside.csv")]

    bench.refused(bench.args("scrub", bench.file("x.csv", table(30)), on=["arrest_number=note"], more=more), 2)


def test_the_limit_of_a_wrong_column_is_five_percent_of_its_values(bench):
    nulls, good = [""] * 100, [f"M13{number:06d}" for number in range(1, 96)]
    for bad, code in ((5, 3), (6, 2)):
        rows = [f"{value},x" for value in [*nulls, *good, *(["what?"] * bad)]]
        path = bench.file("x.csv", "\n".join(["arrest_no,note", *rows, ""]))

        assert bench.run(*bench.args("scan", path, more=["--accept", "null"])).code == code


@verbs
def test_ids_that_went_through_a_float_are_told_so(bench, verb):
    path = bench.folder / "x.parquet"
    pl.DataFrame({"arrest_no": [14987651.0, 1.0, 2.0], "note": ["a"] * 3}).write_parquet(path)

    ended = bench.run(*bench.args(verb, path, on=["arrest_number=arrest_no"]))

    assert ended.code == 2
    assert "floating-point" in ended.err


@verbs
@pytest.mark.parametrize("column", [[True, False], [[1], [2]], [{"a": "K14987651"}, {"a": "x"}]])
def test_a_type_that_can_hold_no_ids_is_refused(bench, verb, column):
    path = bench.folder / "x.parquet"
    pl.DataFrame({"arrest_no": column}).write_parquet(path)

    bench.refused(bench.args(verb, path), 2, "x.parquet", "arrest_no")


@verbs
@pytest.mark.parametrize("scheme", ["docket", "opaque:compas", "voucher"])
def test_a_scheme_that_the_index_does_not_hold_is_refused(bench, table, verb, scheme):
    path = bench.file("x.csv", table())

    bench.refused(bench.args(verb, path, on=[f"{scheme}=arrest_no"]), 2, scheme, "nothing would be checked")


@verbs
@pytest.mark.parametrize("scheme", ["nysid", "complaint"])
def test_a_scheme_that_names_a_person_or_an_event_is_refused(bench, table, verb, scheme):
    bench.refused(bench.args(verb, bench.file("x.csv", table()), on=[f"{scheme}=arrest_no"]), 2, scheme)


@verbs
@pytest.mark.parametrize(
    ("on", "words"),
    [
        ("arrest_nmber=arrest_no", "arrest_number"),
        ("arrest_no", "SCHEME=COLUMN"),
        ("=arrest_no", "SCHEME=COLUMN"),
        ("arrest_number=", "SCHEME=COLUMN"),
        ("person_arrest=arrest_no", "2 columns"),
        ("person_arrest=arrest_no+", "2 columns"),
        ("opaque:=arrest_no", "opaque"),
    ],
)
def test_a_key_column_that_is_named_wrongly_is_refused(bench, table, verb, on, words):
    bench.refused(bench.args(verb, bench.file("x.csv", table()), on=[on]), 2, words)


@verbs
def test_without_a_key_column_nothing_is_done(bench, table, verb):
    ended = bench.run(*bench.args(verb, bench.file("x.csv", table()), on=[]))

    assert ended.code == 2
    assert "--on" in ended.err


DIRTY = "arrest_no,note\n" + "".join(f"M13{number:06d},x\n" for number in range(1, 201)) + "K14987651,zanzibar-7731\n"
NEAR, UNPARSABLE = "M13OO0001,near\n", "what?,odd\n"


def rows(text):
    return text.splitlines(keepends=True)


@pytest.mark.thinned(together=2)
@verbs
@pytest.mark.parametrize("odd", [NEAR, UNPARSABLE, NEAR + UNPARSABLE])
@pytest.mark.parametrize("accept", [None, "near", "unparsable"])
def test_keys_that_could_not_be_checked_are_neither_clean_nor_written(bench, verb, odd, accept):
    text = DIRTY.replace("K14987651,zanzibar-7731\n", "") + odd
    named = {"near": NEAR, "unparsable": UNPARSABLE}.get(accept)
    if named == odd:
        return
    path = bench.file("x.csv", text)
    before = bench.state()

    ended = bench.run(*bench.args(verb, path, more=["--accept", accept] if accept else []))

    assert ended.code == 3
    assert bench.state() == before


def test_found_and_incomplete_is_found(bench):
    ended = bench.run(*bench.args("scan", bench.file("x.csv", DIRTY + UNPARSABLE), more=["--format", "json"]))

    assert ended.code == 1
    assert json.loads(ended.out)["complete"] is False


def test_a_quarantine_takes_what_could_not_be_checked(bench):
    path, clean = bench.file("x.csv", DIRTY + NEAR + UNPARSABLE), bench.folder / "clean.csv"
    aside = bench.folder / "aside.csv"

    ended = bench.run(*bench.args("scrub", path, more=["-o", str(clean), "--quarantine", str(aside)]))

    assert ended.code == 0
    assert clean.read_text() == "".join(rows(DIRTY)[:-1])
    assert aside.read_text() == "arrest_no,note\n" + NEAR + UNPARSABLE
    assert stat.S_IMODE(aside.stat().st_mode) == 0o600


def test_a_quarantine_of_many_files_is_closed_to_others_file_by_file(bench):
    bench.file("data/a.csv", DIRTY + NEAR)
    bench.file("data/b/c.csv", DIRTY)
    aside = bench.folder / "aside"

    ended = bench.run(
        *bench.args("scrub", bench.folder / "data", more=["-o", str(bench.folder / "out"), "--quarantine", str(aside)])
    )

    assert ended.code == 0
    assert [path.name for path in aside.rglob("*.csv")] == ["a.csv"]
    assert stat.S_IMODE((aside / "a.csv").stat().st_mode) == 0o600
    assert stat.S_IMODE(aside.stat().st_mode) == 0o700


def test_what_was_accepted_passes_and_is_said(bench):
    path, clean = bench.file("x.csv", DIRTY + NEAR + UNPARSABLE), bench.folder / "clean.csv"

    ended = bench.run(*bench.args("scrub", path, more=["-o", str(clean), "--accept", "near,unparsable"]))

    assert ended.code == 0
    assert clean.read_text() == "".join(rows(DIRTY)[:-1]) + NEAR + UNPARSABLE
    assert "Accepted by the operator" in ended.out


@verbs
@pytest.mark.parametrize(
    "more", [("--accept", "everything"), ("--allow", "sealed"), ("--min-coverage", "2"), ("--max-unparsable", "-1")]
)
def test_a_policy_that_cannot_be_is_refused(bench, table, verb, more):
    ended = bench.run(*bench.args(verb, bench.file("x.csv", table()), more=more))

    assert ended.code == 2
    assert not (bench.folder / "clean.out").exists()


@verbs
def test_too_low_a_coverage_is_incomplete(bench, publish, table, canary, verb):
    index = publish(
        bench.folder / "narrow.sealindex",
        {"arrest_number": [canary], "docket": []},
        coverage={("arrest_number",): 9, ("docket",): 1},
        registry="narrow",
    )
    path = bench.file("x.csv", table().replace(canary, "M13000009").replace("zanzibar-7731", "x"))
    args = bench.args(verb, path)
    args[args.index("--index") + 1] = str(index)
    bench.run(*args)  # notes the epoch beside the key
    before = bench.state()

    ended = bench.run(*args)

    assert ended.code == 3
    assert "90" in ended.out
    assert bench.state() == before
    assert bench.run(*args, "--min-coverage", "0.9").code == 0


@pytest.fixture(params=["csv", "parquet"])
def keyless(bench, request):
    """Write a table whose rows have these keys, and tell where its copy goes."""

    def write(values):
        frame = pl.DataFrame({"arrest_no": values, "n": list(range(len(values)))}, schema={"arrest_no": str, "n": int})
        path, clean = bench.folder / f"x.{request.param}", bench.folder / f"clean.{request.param}"
        frame.write_csv(path) if request.param == "csv" else frame.write_parquet(path)
        return path, clean

    return write


WITHOUT_KEYS = pytest.mark.parametrize("values", [[None] * 4, ["(null)", "NONE", "", "00000000"]])


@verbs
def test_a_file_without_rows_is_clean(bench, keyless, verb):
    path, clean = keyless([])

    ended = bench.run(*bench.args(verb, path, more=["-o", str(clean)] if verb == "scrub" else []))

    assert ended.code == 0
    assert verb == "scan" or clean.read_bytes() == path.read_bytes() or pl.read_parquet(clean).is_empty()


@verbs
@WITHOUT_KEYS
def test_a_file_without_keys_is_not_checked(bench, keyless, verb, values):
    path, clean = keyless(values)
    before = bench.state()

    ended = bench.run(*bench.args(verb, path, more=["-o", str(clean)] if verb == "scrub" else []))

    assert ended.code == 3
    assert "4 of 4 rows have no key" in " ".join((ended.out + ended.err).split())
    assert bench.state() == before


@verbs
@WITHOUT_KEYS
def test_a_file_without_keys_passes_where_null_is_accepted_and_says_so(bench, keyless, verb, values):
    path, clean = keyless(values)
    more = ["--accept", "null", "--format", "json", *(["-o", str(clean)] if verb == "scrub" else [])]

    ended = bench.run(*bench.args(verb, path, more=more))

    assert ended.code == 0
    said = json.loads(ended.out)
    assert (said["tables"][0]["reach"], said["tables"][0]["without_key"]) == (0.0, 0)
    assert said["tables"][0]["keys"][0]["null"] == 4
    assert said["warnings"]
    if verb == "scrub" and path.suffix == ".csv":
        assert clean.read_bytes() == path.read_bytes()
    elif verb == "scrub":
        assert pl.read_parquet(clean).equals(pl.read_parquet(path))


@verbs
def test_rows_without_a_key_are_incomplete(bench, verb):
    path = bench.file("x.csv", "arrest_no,note\n,a\n(null),b\n")
    before = bench.state()

    ended = bench.run(*bench.args(verb, path))

    assert ended.code == 3
    assert "2 of 2 rows have no key" in ended.out + ended.err
    assert bench.state() == before


def test_a_file_scrubbed_of_everything_passes_the_scan(bench, canary):
    clean = bench.folder / "clean.csv"
    path = bench.file("x.csv", f"arrest_no,note\n{canary},zanzibar-7731\n")

    assert bench.run(*bench.args("scrub", path, more=["-o", str(clean)])).code == 0
    assert clean.read_text() == "arrest_no,note\n"
    assert bench.run(*bench.args("scan", clean)).code == 0


@pytest.mark.parametrize("prefix", ["=", "+", "-", "@", "'="])
def test_a_formula_in_a_cell_stays_as_it_was_and_is_no_key(bench, prefix):
    formula = f"{prefix}HYPERLINK(1)"
    text = DIRTY + f"M13000001,{formula}\n"
    clean = bench.folder / "clean.csv"

    assert bench.run(*bench.args("scrub", bench.file("x.csv", text), more=["-o", str(clean)])).code == 0
    assert clean.read_text() == text.replace("K14987651,zanzibar-7731\n", "")

    keyed = bench.file("y.csv", DIRTY + f"{formula},x\n")
    assert bench.run(*bench.args("scrub", keyed)).code == 3


def test_a_formula_as_the_name_of_a_column_does_not_run_in_a_report(bench, canary):
    name = '=HYPERLINK("http://x.example";1)<script>alert(1)</script>'
    path = bench.file("x.csv", '"' + name.replace('"', '""') + f'",note\n{canary},zanzibar-7731\n')
    report = bench.folder / "report.html"

    ended = bench.run(*bench.args("scan", path, on=[f"arrest_number={name}"], more=["--report", str(report)]))

    assert ended.code == 1
    assert "<script>" not in report.read_text()


@verbs
def test_what_could_steer_a_terminal_is_shown_as_text(bench, table, verb):
    path = bench.file("x.csv", table(name="arrest\x1b[2Jno"))

    ended = bench.run(*bench.args(verb, path, on=["arrest_number=arrest_no"]))

    assert ended.code == 2
    assert "\x1b" not in ended.err
