"""Texts and names of which one would not think: sentences that mention a sealed record go, and nothing else does."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import sealscrub as ss
from sealscrub.datasets import example_index, example_names
from sealscrub.errors import ColumnError, ConfigError, UsageError
from sealscrub.filters import guard_text
from sealscrub.index import TextIndex
from sealscrub.matching import narrative_batches
from sealscrub.matching.texts import many_texts
from sealscrub.transforms import scrub_text

INDEX = example_index(["K14612345"])
PEOPLE = [("QUILLFEATHER", "WILBUR"), ("LI", "BO"), ("NG", "AN"), ("GRANT", "WILL", "1990-02-03")]
NAMES = example_names(PEOPLE)
PLAIN_NAMES = example_names(PEOPLE, plain=True)


def left(*texts: str, names: TextIndex | None = NAMES, possible: str = "remove") -> list[str]:
    column = scrub_text(pl.DataFrame({"t": texts}), "t", INDEX, names, possible=possible)["t"]
    return [str(text) for text in column]


CASES = {
    "within an embedding from right to left": ("See \u202eK14612345\u202c there. So.", "So."),
    "with a mark of direction inside": ("See K14\u200f612345 there. So.", "So."),
    "in Hebrew": (
        "\u05d4\u05d5\u05d0 \u05e0\u05e2\u05e6\u05e8 K14612345. \u05d0\u05d7\u05e8\u05d9 \u05db\u05df.",
        "\u05d0\u05d7\u05e8\u05d9 \u05db\u05df.",
    ),
    "in Arabic digits": ("K\u0661\u0664\u0666\u0661\u0662\u0663\u0664\u0665 \u0643\u0627\u0646. So.", "So."),
    "with combining marks in an id": ("It is K1\u03014612\u20e3345. So.", "So."),
    "with combining marks in a name": ("Wi\u0301lbur Quillfe\u0301ather ran. So.", "So."),
    "in HTML": ("<p>One is <b>K14</b>-<i>612345</i>. </p><p>So.</p>", "</p><p>So.</p>"),
    "in an HTML name": ("<b>Wilbur</b>&nbsp;<i>Quillfeather</i> ran. So.", "So."),
    "in a Markdown list": ("# Seen\n\n- K14-612345\n- So\n", "# Seen\n\n- So\n"),
    "in Markdown's marks": ("One is **K14**-*612345*. **Wilbur** _Quillfeather_ ran. So.", "So."),
    "in a Markdown link": ("[It](https://host/K14612345) is so. So.", "So."),
    "in a numbered list": ("Seen:\n1. K14612345\n2. So\n3. Wilbur Quillfeather", "Seen:\n2. So"),
    "in a numbered line": ("1. K14612345 was held. 2. So.", "2. So."),
    "below the number of an item": ("Seen:\n1.\nK14612345\n2.\nSo.", "Seen:\n2.\nSo."),
    "behind the number of a part": ("1.1. So. 1.2. K14612345. IV. Wilbur Quillfeather.", "1.1. So."),
    "behind a number in bold": ("**1.** K14612345\n**2.** So", "**2.** So"),
    "behind a number in brackets": ("(1). K14612345 was held. [2]. So.", "[2]. So."),
    "behind a time and a date": ("10:30. K14612345 was held. 01/02/2014. So.", "01/02/2014. So."),
    "behind the number of a house": ("He lives at No. 12. K14612345 was held.", "He lives at No. 12."),
    **{
        f"behind a word that is an abbreviation too, {word}": (f"So {word}. K14612345. So.", f"So {word}. So.")
        for word in ("art", "ex", "fig", "mar", "off", "sat", "sec", "sun", "(off", "wed", "a perp", "a rep", "a vic")
    },
    **{
        f"behind an abbreviation, {word}": (f"So. Seen at {word}. 400, K14612345. So.", "So. So.")
        for word in ("Ste", "Apt", "Hwy", "Prof", "REV", "Maj", "Ptl", "Dets", "Tpr", "Atty", "Vic", "_Det", "...Lt")
    },
    **{
        f"behind a word with an apostrophe, {word!a}": (f"So {word}. K14612345 was held. So.", f"So {word}. So.")
        for word in ("McDonald's", "it wasn't", "Wood\u2019s", "he\u2019d", "o\u02bcc")
    },
    "in a row of a table": ("| a |\n|---|\n| So. |\n| K14612345 ran. |\n| So. |", "| a |\n|---|\n| So. |\n| So. |"),
    "in the first row of a table": ("| K14612345 ran. |  \n| So. |", "| So. |"),
    "in the last row of a table": ("| So. |\r\n| x | K14612345 ran. |", "| So. |"),
    "in one of two cells with stops": ("| So. | K14612345 ran. |\n| So. | So. |", "| So. | |\n| So. | So. |"),
    **{
        f"over lines that begin with {mark}, in {name}": (
            text.replace("\n", f"{line}{mark} ").replace("#", mark),
            rest.replace("\n", f"{line}{mark} ").replace("#", mark),
        )
        for mark in (">", ">>", "> >", "#", "##")
        for name, line in (("Unix", "\n"), ("Windows", "\r\n"))
        for text, rest in (
            ("# He left. Then K14612345\nwas held by the\nofficers.\nAll well.", "# He left.\nAll well."),
            ("# He left. At the corner\nthey held K14612345\nAll well.", "# He left.\nAll well."),
        )
    },
    **{
        f"first of a line that begins with {lead!r}": (
            text.replace("#", lead),
            rest.replace("#", lead),
        )
        for lead in (
            "- ",
            "* ",
            "> ",
            "> > ",
            "### ",
            "\u2022 ",
            "- [x] ",
            "[10:31] ",
            "[2014-01-02 10:31] ",
            "[2014-01-02T10:31:05Z] ",
            "[1/5/14, 10:31 AM] ",
            "(10:31) ",
            "| ",
            "> - ",
            "> - [10:31] ",
            "\u25cf ",
            "\u2610 ",
            "\u2192 ",
            "// ",
            "[x] ",
        )
        for text, rest in (
            ("So.\n\n#K14612345 ran. He left.\n\n#So.", "So.\n\n#He left.\n\n#So."),
            ("#K14612345 ran. He left.\n\n#So.", "#He left.\n\n#So."),
            ("#So.\n\n#K14612345 ran. K14612345 sat. He left.", "#So.\n\n#He left."),
            ("#So.\n\n#K14612345 ran.\n\n#K14612345 sat. He left.", "#So.\n\n#He left."),
            ("#K14612345 ran.\n\nHe left.", "He left."),
            ("#So. K14612345 ran.\n\n#K14612345 sat. He left.\n\n#So.", "#So.\n\n#He left.\n\n#So."),
            ("#So.\n\n#K14612345 ran. / He left.\n\n#So.", "#So.\n\n#He left.\n\n#So."),
        )
    },
    "what is indented": ("- So.\n  - K14612345 ran.\n- So.", "- So.\n- So."),
    "what is indented in a list with numbers": ("1. So.\n   - K14612345 ran.\n2. So.", "1. So.\n2. So."),
    "what is indented stays so": ("- So.\n- K14612345 ran.\n    - He left.", "- So.\n    - He left."),
    "an indented paragraph": ("So.\n\n    - K14612345 ran.\n\nSo.", "So.\n\nSo."),
    "a line that is indented, and its first sentence": ("So.\r\n  - K14612345 ran. He left.", "So.\r\n  - He left."),
    "the row of a table": ("| So. | So. |\n| K14612345 ran. | He left. |", "| So. | So. |\n| He left. |"),
    "an id over two lines that are quoted": ("> So. See K14\n> 612345. He left.\n> So.", "> So.\n> He left.\n> So."),
    "an id where a time stands": ("So.\n[K14612345] He ran. He left.", "So.\nHe left."),
    "half an id where a time stands": ("So.\nArrest K\n[14-612345] ran. He left.\nSo.", "So.\nHe left.\nSo."),
    "a time of day that begins": ("So. At 1704 hrs. Officer Li arrested K14612345. So.", "So. So."),
    "a day and a time that begin": ("On 1/5/14 at approx. 17:04 hrs. K14612345 ran. So.", "So."),
    "a time of day that ends": ("He left at 1704 hrs. K14612345 ran. So.", "He left at 1704 hrs. So."),
    "in braces": ("{So.} {K14612345 ran.} {So.}", "{So.} {So.}"),
    "behind abbreviations that are words too": ("So. Off. Li, mar. 3, sat. 5, see K14612345. So.", "So. So."),
    "across a line": ("One is K14\n612345 it seems. So.", "So."),
    "across a line of Windows": ("One is K14-\r\n612345 it seems. So.", "So."),
    "across the number of a line": ("13 One is K14\n14 612345 it seems. So.", "So."),
    "a name across a line": ("It was Wilbur\nQuillfeather there. So.", "So."),
    **{
        f"behind a full stop {stop!a}": (f"So{stop} It is K14612345{stop} So{stop}", f"So{stop} So{stop}")
        for stop in "\u203c\u203d\u2049\u0589\u061f\u06d4\u0964\u0965\u104b\u1362\u17d4"
    },
    **{
        f"behind a quotation that ends with {end!a}": (f"So{end} It is K14612345. So.", f"So{end} So.")
        for end in (
            ".\u201c",
            ".\u00ab",
            "!\u203a",
            ". \u00bb",
            ".\u00a0\u00bb",
            ".\U0001f642",
            ".[12]",
            ".\u00b9",
            ".\u200b",
            ".\u202c",
            ".\u061c",
            ".&quot;",
            "!&#8221;",
            ".&rsquo;&#34;",
        )
    },
    **{
        f"between the signs {sign!a}, at the {place}": (
            text.replace(" # ", f" {sign} "),
            rest.replace(" # ", f" {sign} "),
        )
        for sign in ("/", "|", "-", "\u2013", "\u2022", "\U0001f600", "- -")
        for place, text, rest in (
            ("beginning", "K14612345 ran. # A man ran. # So.", "A man ran. # So."),
            ("beginning of a line", "So.\n\nK14612345 ran. # A man ran.", "So.\n\nA man ran."),
            ("middle", "A man ran. # K14612345 ran. # So.", "A man ran. # So."),
            ("middle of a pair", "A man ran. # K14612345 ran. He left. # So.", "A man ran. # He left. # So."),
            ("end of a pair", "A man ran. K14612345 ran. # So.", "A man ran. # So."),
            ("end", "A man ran. # K14612345 ran.", "A man ran."),
        )
    },
    "in a line that is a list": ("- K14612345 ran. - A man ran. - So.", "- A man ran. - So."),
    "at the first of a list": ("- K14612345 ran.\n- A man ran.", "- A man ran."),
    "in a line of its own, before a space that closes": ("A man ran.\nK14612345. ", "A man ran. "),
    **{
        f"in tags, behind {stop}": (
            text.replace("#", stop),
            rest.replace("#", stop),
        )
        for stop in ("\u3002", "\uff01", "\uff1f", "\uff61", "\u3002&quot;", "\u3002\u300d")
        for text, rest in (
            ("<p>\u8d70#</p><p>K14612345#</p>", "<p>\u8d70#</p>"),
            ("<p>\u8d70#K14612345#</p>", "<p>\u8d70#</p>"),
            ('<li class="a"><b>K14612345#</b></li><li>\u8d70#</li>', "<li>\u8d70#</li>"),
            ("<B>K14612345#</b>\u8d70#", "\u8d70#"),
        )
    },
    **{
        f"behind a bracket {closer}": (
            f"\u8d70\u3002{closer}K14612345\u3002\u7d42\uff61",
            f"\u8d70\u3002{closer}\u7d42\uff61",
        )
        for closer in "\u300d\uff09\u3011\u300b"
    },
    **{
        f"in a line that ends with {line!a}": (f"So{line}It is K14612345{line}So", f"So{line}So")
        for line in ("\r\r", "\f\f", "\u2029", "\u2028\n", "\n\u00a0\n", "\n\v", "\r \r")
    },
    **{
        f"in a list of {mark}": (f"{mark} so\n{other} K14612345\n{mark} so", f"{mark} so\n{mark} so")
        for mark, other in (
            ("i.", "ii."),
            ("IV)", "V)"),
            ("A)", "B)"),
            *((2 * bullet) for bullet in "\u2013\u00b7\u25e6\u2610"),
        )
    },
    "in a list of full-width numbers": (
        "\uff11\uff0eso\n\uff12\uff0eK14612345\n\uff13\uff0eso",
        "\uff11\uff0eso\n\uff13\uff0eso",
    ),
    "in a list of numbers in circles": ("\u2460so\n\u2461 K14612345\n\u2462so", "\u2460so\n\u2462so"),
    "behind a line that ends with a space": ("e.g. \n- K14612345", "e.g."),
    "behind a line that looks like an initial": ("He met\nA. So, see K14612345. So.", "So."),
    "behind the sign of a phrase in Tibetan": ("\u0f56\u0f66\u0f0d K14612345\n\nSo.", "So."),
    "a name with the number of a note": ("It was Wilbur [1]\n[23] Quillfeather[4]. So.", "So."),
    "a name that is words": ("It was Will Grant. So. The will: grant none.", "So. The will: grant none."),
    "a name of two letters": ("He met Bo Li there. Bo met no one. So.", "Bo met no one. So."),
    "a shorter name, in capitals": ("AN NG ran. AN ran. So.", "AN ran. So."),
}


@pytest.mark.parametrize("names", [NAMES, PLAIN_NAMES], ids=["keyed", "plain"])
@pytest.mark.parametrize("case", CASES)
def test_a_sentence_is_removed_and_no_other(case: str, names: TextIndex) -> None:
    text, rest = CASES[case]

    assert left(text, names=names) == [rest] == left(rest, names=names)


@pytest.mark.parametrize("said", ["THE MAN RAN OFF. ", "It was no. 3 Elm St. "])
def test_a_long_text_of_abbreviations_is_cut_behind_one(said: str) -> None:
    rest, _ = left(f"{said * 400}K14612345 was held. {said * 400}So.", "")

    assert said * 300 in rest
    assert rest.replace(said, "") == "So."


HYPHENS = ["-", "\u00ad", "&shy;", "\u2010", "\u2011", "\u058a", "\u1806", "\ufe63", "\uff0d", "\u2e17"]


@pytest.mark.parametrize("names", [NAMES, PLAIN_NAMES], ids=["keyed", "plain"])
@pytest.mark.parametrize("hyphen", HYPHENS)
def test_a_word_that_is_broken_at_the_end_of_a_line_is_read(hyphen: str, names: TextIndex) -> None:
    for text in ("Saw Wilbur Quill{}feather there.", "Saw Wil{}bur Quillfeather.", "It is K14{}612345."):
        for end in ("\n", " \r\n  "):
            assert left(f"So. {text.format(hyphen + end)} So.", names=names) == ["So. So."]


def test_a_name_that_is_also_words_may_be_asked_to_have_a_date() -> None:
    text = "They will grant it. Will Grant, born 02/03/1990, ran. So."

    assert left(text) == ["So."]
    assert left(text, possible="keep") == ["They will grant it. So."]


NESTED = {
    "list": lambda text: [text],
    "list of several": lambda text: ["x", text],
    "words": lambda text: (text or "").split(" "),
    "struct": lambda text: {"no": 1, "said": text},
    "last and first": lambda text: dict(zip(("first", "last"), (text or " ").split(" ")[:2], strict=False)),
    "list of structs": lambda text: [{"by": "x", "said": None}, {"by": "y", "said": text}],
    "bytes": lambda text: None if text is None else text.encode(),
    "bytes of another encoding": lambda text: None if text is None else text.encode("utf-16"),
}


@pytest.mark.parametrize("handling", ["null", "drop"])
@pytest.mark.parametrize("kind", NESTED)
def test_names_are_found_in_columns_of_any_type(kind: str, handling: str) -> None:
    texts = ["Wilbur Quillfeather ran.", "Will ran.", None, "K14612345", "So it was."]
    values = [NESTED[kind](text) for text in texts]
    frame = pl.DataFrame({"t": [*values, None, None]}, strict=False)
    made = scrub_text(frame, {"t": handling}, INDEX, NAMES, detail=True)

    nulls = [None] * (handling == "null")
    assert made.data["t"].to_list() == [*nulls, *frame["t"].to_list()[1:3], *nulls, *frame["t"].to_list()[4:]]
    assert made.report.tables[0].narratives[0].mentions == 2
    assert scrub_text(made.data, {"t": handling}, INDEX, NAMES).equals(made.data)


@pytest.mark.parametrize(
    "encoding", ["latin-1", "cp1250", "utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"]
)
@pytest.mark.parametrize("handling", ["null", "drop"])
def test_names_are_found_in_bytes_of_any_encoding(encoding: str, handling: str) -> None:
    names = example_names([("M\u00dcLLER", "JOS\u00c9")])
    some = [text.encode(encoding) for text in ("M\u00fcller, Jos\u00e9 ran.", "Jos\u00e9. M\u00fcller. So.")]
    for values in ([*some, None], [[b"x"], [*some]][::-1], [{"said": some[0]}, {"said": some[1]}]):
        frame = pl.DataFrame({"t": values})
        made = scrub_text(frame, {"t": handling}, INDEX, names, accept_marks=["t"])["t"].to_list()
        rest = frame["t"].to_list()[1:]
        assert made == (rest if handling == "drop" else [None, *rest])


DICTS: dict[str, Any] = {
    "dict": lambda key, value: [{key: value}, {"grant": "Will"}, None],
    "within another": lambda key, value: [{"a": {key: value}}, {"a": {"b": 1}}, None],
    "in a list": lambda key, value: [[{"x": "y", key: value}], [{"x": "y"}], None],
    "alone": lambda key, value: [{key: value}, None],
}


@pytest.mark.parametrize("value", [1, "z", None, math.nan, [], {}, [None]], ids=repr)
@pytest.mark.parametrize("key", ["Wilbur Quillfeather", "Quillfeather, Wilbur", "K14-612345"])
@pytest.mark.parametrize("kind", DICTS)
@pytest.mark.parametrize("handling", ["null", "drop"])
@pytest.mark.thinned(together=2)
def test_what_the_key_of_a_dict_says_is_found_whatever_its_value(
    handling: str, kind: str, key: str, value: object
) -> None:
    rows = DICTS[kind](key, value)
    made = scrub_text(pd.DataFrame({"t": pd.Series(rows, dtype=object)}), {"t": handling}, INDEX, NAMES)
    assert made["t"].tolist() == [None, *rows[1:]][handling == "drop" :]


OBJECTS: dict[str, Any] = {
    "mixed list": lambda text: [1, text],
    "tuple": lambda text: (1, text),
    "set": lambda text: {text},
    "frozen set": lambda text: frozenset({text, 1}),
    "dict with numbers as keys": lambda text: {1: text},
    "dict with tuples as keys": lambda text: {(1, text): 2},
    "text": lambda text: text,
    "bytearray": lambda text: bytearray(text.encode()),
    "view": lambda text: memoryview(text.encode()),
    "list of views": lambda text: [memoryview(text.encode())],
}


@pytest.mark.parametrize("text", ["Wilbur Quillfeather", "K14-612345"])
@pytest.mark.parametrize("kind", OBJECTS)
@pytest.mark.parametrize("handling", ["null", "drop"])
@pytest.mark.thinned(together=2)
def test_objects_of_pandas_of_any_type_are_read(handling: str, kind: str, text: str) -> None:
    rows = [OBJECTS[kind](text), OBJECTS[kind]("x"), ["y"], None]
    data = pd.DataFrame({"a": [f"M1400001{at}" for at in range(4)], "t": pd.Series(rows, dtype=object)})
    made = ss.scrub(data, INDEX, {"arrest_number": "a"}, narrative={"t": handling}, names=NAMES)
    assert made["t"].tolist() == [None, *rows[1:]][handling == "drop" :]
    going = pd.DataFrame({"a": ["K14612345"], "t": pd.Series([object()], dtype=object)})
    more = pd.concat([data, going], ignore_index=True)
    assert ss.scrub(more, INDEX, {"arrest_number": "a"}, narrative={"t": handling}, names=NAMES).equals(made)


MANY = [*map(str, range(90)), "K14612345", *map(str, range(90))]  # of which pandas shows the ends
UNREAD = [object(), iter(["K14612345"]), {"K14612345": 1}.keys(), pd.Series(MANY), pd.DataFrame({"a": MANY})]


@pytest.mark.parametrize("handling", ["null", "drop"])
def test_objects_that_cannot_be_read_are_said_to_be_that(handling: str) -> None:
    for data in (
        *(pd.DataFrame({"t": pd.Series([unread, None], dtype=object)}) for unread in UNREAD),
        pl.DataFrame({"t": pl.Series([object(), None], dtype=pl.Object)}),
    ):
        with pytest.raises(ColumnError, match="objects that cannot be read"):
            scrub_text(data, {"t": handling}, INDEX, NAMES)


@pytest.mark.parametrize("rows", [[], [None], [None, None]])
def test_a_column_of_pandas_without_a_text_is_read(rows: list[None]) -> None:
    for data in (pd.DataFrame({"t": rows}, dtype=float), pd.DataFrame({"t": rows}, dtype=object)):
        assert scrub_text(data, "t", INDEX, NAMES).equals(data)
    with pytest.raises(ColumnError):
        scrub_text(pd.DataFrame({"t": [*rows, 1.5]}), "t", INDEX, NAMES)


def test_marks_are_accepted_in_columns_of_texts_alone() -> None:
    data = pl.DataFrame({"text": ["K14612345", "So."], "other": ["a", "b"]})
    for wrong in ("absent", ["other"], ["text", "absent"]):
        with pytest.raises(ConfigError, match="accept_marks names"):
            scrub_text(data, "text", INDEX, accept_marks=wrong)
    assert scrub_text(data, "text", INDEX, accept_marks="text")["text"].to_list() == ["", "So."]


def test_half_of_a_surrogate_pair_is_said_to_be_what_is_wrong() -> None:
    data = pd.DataFrame({"t": pd.Series(["So \ud800", "x"], dtype=object)})
    with pytest.raises(ColumnError, match="half of a surrogate pair"):
        scrub_text(data, "t", INDEX)


def test_a_long_text_is_read_as_if_it_were_the_only_one() -> None:
    index = example_index({"arrest_number": ["K14612345"], "voucher": ["1234567"]})
    long = "It was so. " * 500
    texts = [
        f"{long}Kept 7 as voucher",
        f"1,234,567 {long}",
        f"So. See voucher 1,234,567 then. {long}",
        f"{long}K14612345.",
    ]
    made = scrub_text(pl.DataFrame({"t": texts}), "t", index)["t"].to_list()

    assert made == [guard_text(text, index) for text in texts]
    assert made[:2] == texts[:2]
    assert made[2:] == [f"So. {long}", long.strip()]


@pytest.mark.parametrize("plain", [False, True])
def test_texts_next_to_each_other_make_no_name(plain: bool) -> None:
    sizes = range(1, 200)
    names = example_names([("X" * size, "BILL") for size in sizes], plain=plain)
    texts = [f"Case {at}. He met Bill" for at in range(4)]

    assert left(*texts, names=names) == texts


@pytest.mark.parametrize("names", [None, NAMES], ids=["ids", "names"])
def test_what_happens_to_a_possible_name_is_one_of_two_also_without_names(names: TextIndex | None) -> None:
    for texts in (["So."], []):
        with pytest.raises(ConfigError, match="possible mentions"):
            scrub_text(pl.DataFrame({"t": texts}, schema={"t": pl.String}), "t", INDEX, names, possible="wipe")


@pytest.mark.parametrize("workers", ["2", 2.0, True, 0, -1])
def test_workers_are_a_number_of_at_least_one(workers: Any) -> None:
    with pytest.raises(ConfigError, match="workers must be"):
        scrub_text(pl.DataFrame({"t": ["So."]}), "t", INDEX, workers=workers)


@pytest.mark.parametrize("text", ['{"a": "One is K14612345. So."}', '{"a": "So."}'])
def test_a_column_of_json_loses_no_sentence_and_may_become_null(text: str, tmp_path: Path) -> None:
    table = pa.table({"t": pa.array([text, "null", None], pa.json_())})
    pq.write_table(table, tmp_path / "a.parquet")
    with pytest.raises(ColumnError, match="JSON"):
        scrub_text(table, "t", INDEX)
    with pytest.raises(ColumnError, match="JSON"):
        ss.scrub(tmp_path / "a.parquet", INDEX, on={}, narrative="t", output=tmp_path / "b.parquet")

    made = scrub_text(table, {"t": "null"}, INDEX)
    assert made.schema == table.schema
    assert made["t"].to_pylist() == [None if "K14612345" in text else text, "null", None]


@pytest.mark.parametrize("text", ["So. One is K14612345.", "So."])
def test_a_column_of_pandas_of_several_types_is_asked_to_be_text(text: str) -> None:
    """Whether or not a text mentions something: an error for such a text alone would tell that there is one."""
    data = pd.DataFrame({"t": [text, 3, None]}, dtype=object)
    with pytest.raises(ColumnError, match="values that are not plain texts"):
        scrub_text(data, "t", INDEX)

    assert scrub_text(data, {"t": "drop"}, INDEX)["t"].tolist()[-2:] == [3, None]


class Said(str):
    """A text of a class of its own."""


@pytest.mark.parametrize("barred", ["One is K14612345. So.", "So."])
@pytest.mark.parametrize("kind", [np.str_, Said])
def test_texts_of_another_class_are_refused_whatever_they_mention(kind: type[str], barred: str) -> None:
    data = pd.DataFrame({"t": pd.Series([kind(barred), "x", None], dtype=object)})
    with pytest.raises(ColumnError, match="holds values that are not plain texts"):
        scrub_text(data, "t", INDEX)
    assert scrub_text(data, {"t": "drop"}, INDEX)["t"].tolist()[-2:] == ["x", None]


@pytest.mark.parametrize("texts", [["One is K14612345. So.", "x"], ["So.", "x"], ["x", "a"]])
def test_levels_in_an_order_are_refused_whatever_they_mention(texts: list[str]) -> None:
    for levels in (texts, texts[::-1]):
        data = pd.DataFrame({"t": pd.Categorical(texts, levels, ordered=True)})
        with pytest.raises(ColumnError, match="orders them"):
            scrub_text(data, "t", INDEX)
        scrub_text(data, {"t": "drop"}, INDEX)


@pytest.mark.parametrize(
    ("text", "other", "said"),
    [
        ("K14612345.", "\n", "an empty text in no"),
        ("K14612345.\n", "", "just this white space in no"),
        ("K14612345.\n", "\n", ""),
    ],
)
def test_what_is_left_as_white_space_is_told_from_an_empty_text(text: str, other: str, said: str) -> None:
    data = pl.DataFrame({"t": [text, other, "x"]})
    if said:
        with pytest.raises(UsageError, match=said):
            scrub_text(data, "t", INDEX)
    left_over = "\n" if text.endswith("\n") else ""
    assert scrub_text(data, "t", INDEX, accept_marks=["t"] if said else ())["t"].to_list() == [left_over, other, "x"]


def test_a_value_of_another_type_in_a_row_that_goes_is_nobody_s_business() -> None:
    data = pd.DataFrame({"a": ["K14612345", "M14000017"], "t": [3, "So. One is K14612345."]}, dtype=object)

    made = ss.scrub(data, INDEX, {"arrest_number": "a"}, narrative="t")

    assert made["t"].tolist() == ["So."]


@pytest.mark.parametrize("plain", [False, True])
def test_an_empty_list_of_names_is_as_none(plain: bool) -> None:
    texts = ("Wilbur Quillfeather ran. One is K14612345. So.", "", "K14612345")

    assert left(*texts, names=example_names([], plain=plain)) == left(*texts, names=None)


@pytest.mark.parametrize("sign", [".", ". ", ".!", "\u2026", "%41", "\\u0041", "&#65;", "<b>", "K14612346", "K1461234"])
def test_a_row_of_one_sign_is_read_however_long_it_is(sign: str) -> None:
    row = (sign * 20_000)[:20_000].strip()
    (rest,) = left(f"So. K14612345 is there.\n\nBut:\n\n{row}")

    assert rest == f"So.\n\nBut:\n\n{row}".rstrip()


@pytest.mark.parametrize("times", [2, 50, 60, 113, 120, 200])
def test_an_id_that_is_glued_to_itself_is_found_however_often(times: int) -> None:
    for before, behind in (("", ""), ("X", ""), ("", "y"), ("", "K14612346"), ("M14000017", "")):
        assert left(f"So. {before}{'K14612345' * times}{behind} there. So.", names=None) == ["So. So."]


@pytest.mark.parametrize("break_", [" ", "\n"])
def test_of_a_text_without_the_end_of_a_sentence_two_thousand_characters_go(break_: str) -> None:
    words = break_.join(["word"] * 700)
    (rest,) = left(f"{words} K14612345 {words}")

    assert "K14612345" not in rest
    assert 2 * len(words) - 2_001 <= len(rest) < 2 * len(words)
    assert left(rest) == [rest]


def test_many_different_sentences_are_read_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(narrative_batches, "_ROWS", 100)
    monkeypatch.setattr(many_texts, "_AT_ONCE", 500)
    texts = [f"Report {at} of many. {'It is K14612345. ' if at % 97 == 0 else ''}So." for at in range(1_000)]

    assert left(*texts) == [f"Report {at} of many. So." for at in range(1_000)]


@pytest.mark.long
def test_a_text_of_a_hundred_megabytes_is_read() -> None:
    part = "The officer went home at 10:30 and wrote of it at length. " * 36_000
    text = f"{part}See K14612345. " * 48
    assert len(text) > 100_000_000

    assert left(text, names=None) == [part * 48]


def test_a_null_is_the_one_of_the_rows_that_stay() -> None:
    """A column of objects has None, NaN or NA; which of them is new is no matter of a row that goes."""
    rows = [("K14612345", None), ("M14000017", "One is K14612345."), ("M14000018", "So."), ("M14000019", math.nan)]
    data = pd.DataFrame({"a": [key for key, _ in rows], "t": pd.Series([text for _, text in rows], dtype=object)})

    made = ss.scrub(data, INDEX, {"arrest_number": "a"}, narrative={"t": "null"})
    without = ss.scrub(data.iloc[1:].reset_index(drop=True), INDEX, {"arrest_number": "a"}, narrative={"t": "null"})

    assert [type(value) for value in made["t"]] == [float, str, float]
    pd.testing.assert_frame_equal(made, without)


def test_progress_is_told_while_a_column_is_read_and_its_errors_are_the_callers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(narrative_batches, "_AT_ONCE", 40)
    data, told = pl.DataFrame({"t": ["See K14612345. So."] * 9, "u": ["So."] * 9}), list[tuple[int, float]]()
    scrub_text(data, ["t", "u"], INDEX, progress=lambda name, rows, share: told.append((rows, share)))
    assert told == sorted(set(told))
    assert told[-1] == (9, 1.0)
    assert len({rows for rows, _ in told}) > 3

    monkeypatch.setattr(many_texts, "_ALONE", 1_000)
    shares = list[float]()
    scrub_text(
        pl.DataFrame({"t": ["So it was at 10. " * 600]}),
        "t",
        INDEX,
        progress=lambda name, rows, share: shares.append(share),
    )
    assert shares == sorted(set(shares))
    assert len(shares) > 9

    def fails(name: str, rows: int, share: float) -> None:
        raise ValueError("mine")

    with pytest.raises(ValueError, match=r"^mine$"):
        scrub_text(data, ["t", "u"], INDEX, progress=fails)
