"""Names: what notices name is found in texts, by digests as by plain names."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sealscrub.custodian.registry import Registry
from sealscrub.datasets import example_index, example_names
from sealscrub.errors import ConfigError, CorruptIndex, IndexRefused, UnsuitableIndex, UsageError, WrongKey
from sealscrub.filters import LiveIndex, StreamGuard, explain_text, guard_text
from sealscrub.identifiers import generate_keys, load_key, load_publisher
from sealscrub.identifiers.person_names import APOSTROPHES, MOST_WORDS
from sealscrub.index import SchemeEntries, TextIndex, open_text_index, write_index, write_text_index

PEOPLE = [
    ("QUILL-FEATHER", "ANN MARIE", "1990-02-03", "2014-05-06"),
    ("O'BRIST", "JOS\u00c9"),
    ("DE LA WOBBE", "JUAN CARLOS"),
    ("MCBRIST JR", "DA'VID"),
]
INDEX = example_index(["K14612345"])
KEYED = example_names(PEOPLE)
PLAIN = example_names(PEOPLE, plain=True)
BOTH = pytest.mark.parametrize("names", [KEYED, PLAIN], ids=["keyed", "plain"])


@BOTH
@pytest.mark.parametrize(
    "name",
    [
        "Ann Quill-Feather",
        "QUILLFEATHER, ANN",
        "Quill Feather, Ann Marie",
        "ann  marie\nquillfeather",
        "Jose O\u2019Brist",
        "jos\u00e9 obrist",
        "Jose Q. O'Brist",
        "\uff2aose O'Brist",
        "J\u200bose O'Br<b>ist</b>",
        "Jo-\nse OBrist",
        "\u0410nn Quillfeather",
        "Ann%20Quillfeather",
        "Juan de la Wobbe",
        "De La Wobbe, Juan Carlos",
        *(f"Ann Quillfeather{sign}s coat" for sign in "'\u2019\u2018`\u00b4\u02bc\u2032\uff07"),
        "ANN QUILLFEATHER'S",
        "Ann Quillfeather&#39;s coat",
        "'Ann Quillfeather's' coat",
        *(f"Jose O{sign}Brist" for sign in "'\u2019\u2018`\u00b4\u02bc\u2032\uff07 "),
        "O\u2019 Brist, Jose\u2019s coat",
        *(f"Quillfeather{sign}, Ann" for sign in (" Jr", " Jr.", ", Jr.", " Sr", " III", " III.", " IV", ", II")),
        "Quillfeather, Mr. Ann Marie",
        "De La Wobbe Jr, Juan Carlos",
        "Mc Brist, David",
        "McBrist, Da Vid",
        "David Mc Brist Jr.'s coat",
        r"Jose O\'Brist",
        r"Jose O\'Brist\'s coat",
        "Ann\\\nQuillfeather",
        "Ann\\\r\nQuillfeather",
        "Ann=20\nQuill=\nfeather",
        "Ann=20Quillfeather",
        r"Jos\u{e9}\u{20}O'Brist",
        "Ann\n(2) Quillfeather",
        "Ann\n1| Quillfeather",
        "Jos=C3=A9 O'Brist",
        r"Jos\'e9 O\'92Brist",
        r"Jos\u233? O'Brist",
        r"Ann\par Quillfeather",
    ],
)
def test_a_name_goes_however_it_is_written(names: TextIndex, name: str) -> None:
    assert guard_text(f"One was met. It was {name} then. So.", INDEX, names) == "One was met. So."


LONG = [
    ("DE LA CRUZ LOPEZ", "MARIA DEL CARMEN"),
    ("VAN DER WOBBE Y DE LA WEXELTON", "JUAN CARLOS MARIA DE LOS QUILLS"),
    ("A B C D E F G", "H I J K L M N O"),
    ("SMITH WEX", "ANN"),
    ("DE LA O WEX", "ANN Q"),
]
KEYED_LONG, PLAIN_LONG = example_names(LONG), example_names(LONG, plain=True)


@given(
    st.sampled_from(LONG),
    st.booleans(),
    st.booleans(),
    st.lists(st.tuples(st.integers(0, 20), st.sampled_from(["B", "C."])), max_size=2),
    st.sampled_from([KEYED_LONG, PLAIN_LONG]),
)
@settings(max_examples=60, deadline=None)
@example(LONG[0], False, False, [], PLAIN_LONG)
@example(LONG[4], True, True, [(1, "B"), (1, "C.")], KEYED_LONG)
def test_a_name_of_many_words_goes_with_initials_between_them(
    person: tuple[str, str], first: bool, all_given: bool, initials: list[tuple[int, str]], names: TextIndex
) -> None:
    last, given_names = (part.split() for part in person)
    if not all_given:
        given_names = given_names[:1]
    words = [*given_names, *last] if first else [*last, *given_names]
    for at, initial in initials:
        words.insert(1 + at % (len(words) - 1), initial)

    assert guard_text(f"It was so. He met {' '.join(words)} there. So.", INDEX, names) == "It was so. So."


WAYS = {
    ("VAN DER WOBBE", "PIETER"): [
        "Wobbe, Pieter van der",
        "Pieter Vander Wobbe",
        "Pieter van derWobbe",
        "Vanderwobbe, Pieter",
        "wobbe, pieter vander",
    ],
    ("DE LA CRUZ", "JUAN CARLOS"): ["Juan dela Cruz", "Cruz, Juan Carlos de la", "Juan de Lacruz", "Delacruz, Juan"],
    ("DELA CRUZ", "JUAN"): ["Juan de la Cruz", "Juan DelaCruz", "Cruz, Juan dela"],
    ("DELACRUZ", "JUAN"): ["Juan de la Cruz", "Juan dela Cruz", "Cruz, Juan de la"],
    ("VANDENWOBBE", "ANN"): ["Ann van den Wobbe", "Ann Vanden Wobbe", "Wobbe, Ann van den"],
    ("ST. WOBBE", "ANN"): ["Ann Saint Wobbe", "Saint-Wobbe, Ann", "Ann St. Wobbe"],
    ("SAINTE WOBBE", "ANN"): ["Ann Ste Wobbe", "Ste-Wobbe, Ann"],
    ("WOBBE (NEE QUILL)", "ANN"): [
        "Ann Wobbe",
        "Ann Quill",
        "Quill, Ann",
        "Ann Wobbe, nee Quill",
        "Ann Wobbe (nee Quill)",
    ],
    ("WOBBE N\u00c9E QUILL", "ANN"): ["Ann Wobbe", "Ann Quill"],
    ("WOBBE [AKA QUILL", "ANN"): ["Ann Wobbe", "Ann Quill"],
    ("WOBBE, M.", "ANN"): ["Ann Wobbe", "Wobbe, Ann M."],
    ("WOBBE, ESQ", "ANN (MINOR)"): ["Ann Wobbe"],
    ("WOBBE, ANN", ""): ["Ann Wobbe", "Wobbe, Ann"],
    ("", "WOBBE, ANN M."): ["Ann Wobbe", "Ann M. Wobbe"],
    ("WOBBE", 'WILBUR "BILL"'): ["Wilbur Wobbe", "Wilbur Bill Wobbe"],
    ("WOBBE", "JAN"): ["Jan [1] Wobbe", "Jan[12] Wobbe", "Jan [1][2]\nWobbe", "Jan [^1] Wobbe"],
    ("QUILL", "JAN"): [
        *(f"Jan\n{sign}Quill" for sign in ("> ", ">", ">> ", "> > ", "| ", "# ", "% ", "\u2022 ", "> - ")),
        *(f"Jan\n{number} Quill" for number in ("14", " 14", "14.", "2)", "00:01:02", "[00:01:02]", "[14]", "> 14")),
        "Jan\r\n14 Quill",
        "Jan\n2\n00:00:01,000 --> 00:00:02,000\nQuill",
        "Jan\r\n\r\n2\r\n00:00:01.000 --> 00:00:02.000\r\nQuill",
        *(f"Jan,\n> {number} Quill" for number in ("14.", "14:", "00:01:02", "12345.")),
        "Jan,\r\n\r\n2\r\n00:00:01.000 --> 00:00:02.000\r\nQuill",
        "| Jan | Quill |",
        "Jan,\n> =E2=80=94 Quill",
    ],
}


@pytest.mark.parametrize("plain", [False, True], ids=["keyed", "plain"])
@pytest.mark.parametrize("notice", WAYS, ids=" ".join)
def test_a_name_goes_in_other_ways_than_that_of_the_notice(notice: tuple[str, str], plain: bool) -> None:
    names = example_names([notice], plain=plain)
    for name in WAYS[notice]:
        text = f"So it was. He met {name} there. So it is."
        guard = StreamGuard(INDEX, names)

        left = guard_text(text, INDEX, names)
        words = re.sub(r"(?m)^[>|#%\u2022 -]+", "", left).split()  # what begins a line stays with "So it is."
        assert words == ["So", "it", "was.", "So", "it", "is."]
        assert "".join(map(guard.feed, text)) + guard.close() == left


@pytest.mark.parametrize(
    ("notice", "text"),
    [
        (("WOBBE-QUILL", "ANN"), "Ann Wobbe"),
        (("WOBBE", ""), "Wobbe met Ann"),
        (("NEE WOBBE", "ANN"), "Ann Wobbe"),
        (("WOBBE (DECEASED)", "ANN"), "Ann, deceased"),
        (("WOBBE, M.", "ANN"), "Ann M. Quill"),
        (("VAN DER WOBBE", "PIETER"), "Pieter Wobbe"),
        (("VAN DER WOBBE", "PIETER"), "Pieter van der Quill"),
        (("LADE", "ANN"), "Ann la de"),
        (("DELANEY", "ANN"), "Ann de la Ney"),
        (("ST WOBBE", "ANN"), "Ann Wobbe"),
        (("WOBBE", "JAN"), "Jan [a] Wobbe"),
        (("WOBBE", "JAN"), "Jan 14 Wobbe"),
        (("WOBBE", "JAN"), "Jan\n14\nWobbe"),
        (("WOBBE", "JAN"), "Jan\n14th Wobbe"),
    ],
)
def test_another_name_stays(notice: tuple[str, str], text: str) -> None:
    assert guard_text(f"So. It was {text} there.", INDEX, example_names([notice])) == f"So. It was {text} there."


SCRIPTS = {
    "Devanagari": ("\u0936\u0930\u094d\u092e\u093e", "\u0930\u093e\u092e"),
    "Bengali": ("\u09b0\u09b9\u09ae\u09be\u09a8", "\u09ae\u09c1\u099c\u09bf\u09ac\u09c1\u09b0"),
    "Tamil": ("\u0b95\u0bc1\u0bae\u0bbe\u0bb0\u0bcd", "\u0bb0\u0bbe\u0b9c\u0bbe"),
    "Sinhala": ("\u0db4\u0dd9\u0dbb\u0dda\u0dbb\u0dcf", "\u0db1\u0dd2\u0db8\u0dbd\u0dca"),
    "Burmese": ("\u1021\u1031\u102c\u1004\u103a", "\u1019\u1004\u103a\u1038"),
    "Tibetan": ("\u0f56\u0f66\u0f7c\u0f51\u0f0b\u0f53\u0f58\u0f66", "\u0f56\u0f66\u0f9f\u0f53"),
    "Amharic": ("\u1260\u1240\u1208", "\u12a0\u1260\u1260"),
    "Arabic": ("\u0645\u062d\u0645\u0648\u062f", "\u0623\u062d\u0645\u062f"),
    "Hebrew": ("\u05db\u05d4\u05df", "\u05de\u05e9\u05d4"),
    "Korean": ("\uae40", "\ubbfc\uc900"),
    "Georgian": ("\u10d2\u10d4\u10da\u10d0", "\u10d2\u10d8\u10dd\u10e0\u10d2\u10d8"),
}


@pytest.mark.parametrize("plain", [False, True], ids=["keyed", "plain"])
@pytest.mark.parametrize("script", SCRIPTS)
def test_a_name_goes_in_every_script_that_divides_words(script: str, plain: bool) -> None:
    """Vowels that are written next to a letter are no letters to a pattern, and are a part of the word."""
    last, first = SCRIPTS[script]
    names = example_names([(last, first)], plain=plain)
    divided = {"Tibetan": "\u0f0b", "Amharic": "\u1361", "Arabic": "\u0640 "}.get(script, "\u00a0")
    letter = max(at for at, sign in enumerate(first) if sign.isalpha())
    begin, end = first[:letter], first[letter:]
    for name in (f"{first} {last}", f"{last}, {first}", f"{first}{divided}{last}", f"{begin}-\n{end} {last}"):
        assert guard_text(f"So. It is {name} there. So.", INDEX, names) == "So. So."
    assert guard_text(f"It is {begin} {last} there.", INDEX, names) == f"It is {begin} {last} there."


OTHER_LETTERS = {
    "LUKASZ": ["\u0141ukasz", "\u0142UKASZ", "Lukasz"],
    "SOREN": ["S\u00f8ren", "S\u00d8REN", "S\u00f6ren"],
    "DORDE": ["\u0110or\u0111e", "\u00d0orde", "Dor\u0257e"],
    "AEGIR": ["\u00c6gir", "\u00e6gir", "\u01fdgir"],
    "GROSS": ["Gro\u00df", "GRO\u1e9e", "gro\u017f\u017f"],
    "ISIL": ["I\u015f\u0131l", "\u0130\u015f\u0131l", "ISIL", "i\u015fil"],
    "THOR": ["\u00deor", "\u00feor"],
    "OEUVRE": ["\u0152uvre", "\u0153uvre"],
    "HAKEEM": ["\u0126akeem", "\u0127akeem"],
    "BJORK": ["Bj\u00f6r\u0138", "Bj\u00d8rk"],
}


@pytest.mark.parametrize("letters", OTHER_LETTERS)
def test_a_name_goes_with_plain_letters_or_the_others_whichever_the_notice_has(letters: str) -> None:
    spellings = [letters, *OTHER_LETTERS[letters]]
    for written in spellings:
        names = example_names([("WOBBE", written)])
        text = " ".join(f"It is {other} Wobbe." for other in spellings)
        assert guard_text(f"So. {text}", INDEX, names) == "So."


@pytest.mark.parametrize("sign", APOSTROPHES)
def test_any_apostrophe_may_be_in_a_name(sign: str) -> None:
    for last in ("OBRIST", "O'BRIST", f"O{sign}BRIST"):
        names = example_names([(last, "ANN")])
        for text in ("Ann OBrist", "Ann O'Brist", f"Ann O{sign}Brist", f"O{sign}Brist{sign}s, Ann"):
            assert guard_text(f"So. It is {text} there.", INDEX, names) == "So."


@BOTH
@pytest.mark.parametrize(
    "text",
    [
        "Ann Quill Jones",
        "Jose. O'Brist",
        "Annie Quillfeather",
        "Jose; O'Brist",
        "Feather, Ann",
        "Jose O'Brists",
        "D Obrist",
        "Da Brist",
    ],
)
def test_what_is_no_name_stays(names: TextIndex, text: str) -> None:
    assert guard_text(f"It was {text}.", INDEX, names) == f"It was {text}."


@BOTH
def test_a_name_is_certain_beside_a_date_of_its_own_in_one_sentence(names: TextIndex) -> None:
    text = (
        "Ann Quillfeather. Ann Quillfeather, born 02/03/1990. Ann Quillfeather on May 6, 2014. "
        "Ann Quillfeather 1990-02-04."
    )

    assert [m.certain for m in explain_text(text, INDEX, names).mentions] == [False, True, True, False]
    assert guard_text(text, INDEX, names, possible="keep") == "Ann Quillfeather. Ann Quillfeather 1990-02-04."
    assert guard_text(text, INDEX, names) == ""


def test_without_names_the_result_says_that_none_were_looked_for() -> None:
    assert guard_text("Ann Quillfeather.", INDEX).checked == ("arrest_number",)
    assert guard_text("No one.", INDEX, KEYED).checked == ("arrest_number", "names")


WORDS = st.sampled_from(
    "Ann Marie Quill Feather Quillfeather Jose O'Brist de la Wobbe Juan x Q Jr II Mc s 's".split()  # noqa: SIM905
)
SIGNS = st.sampled_from(
    [
        *(" ", " [1] ", "\n[2", "]", "-", "'", ", ", ". ", "\n", "\n\n", "; ", "<b>", "\u200b", " 02/03/1990 ", "%20"),
        *("\n> ", "\n14 ", "\n2\n0:01:02 --> 0:01:03\n", "\n[0:01:02] "),
    ]
)
TEXTS = st.lists(st.tuples(WORDS, SIGNS).map("".join), max_size=50).map("".join)


@given(TEXTS, st.integers(1, 30), st.sampled_from(["keep", "remove"]))
@settings(max_examples=50, deadline=None)
def test_digests_and_plain_names_and_streams_find_the_same(text: str, size: int, possible: str) -> None:
    whole = guard_text(text, INDEX, KEYED, possible=possible)
    guard = StreamGuard(INDEX, KEYED, possible=possible)
    out = "".join(guard.feed(text[at : at + size]) for at in range(0, len(text), size))

    assert guard_text(text, INDEX, PLAIN, possible=possible) == whole
    assert out + guard.close() == whole


@pytest.fixture
def custody(tmp_path: Path) -> Path:
    generate_keys(tmp_path / "seal.key")
    today = dt.date.today()
    (tmp_path / "notices.csv").write_text(
        "seal_id,event,regime,effective_from,notified_on,arrest_number,last_name,first_name,aliases,birth_date\n"
        f'S1,sealed,us-ny/cpl-160.50,2020-01-01,{today},K14612345,QUILLFEATHER,WILBUR,"WOBBE, BILL",1990-02-03\n'
        f"S2,open,,2020-01-01,{today},K14612346,STAYS,HERE,,\n"
        f"S3,sealed,us-ny/cpl-160.50,2020-01-01,{today},K14612347,,,,\n"
    )
    with Registry.create(tmp_path / "seals.db") as registry:
        registry.add(tmp_path / "notices.csv")
    return tmp_path


def publish(folder: Path, name: str, *, plain: bool = False, uses: tuple[str, ...] = ("output",)) -> Path:
    with Registry.open(folder / "seals.db") as registry:
        done = registry.publish_text(
            folder / name,
            keys=load_key(folder / "seal.key"),
            publisher=load_publisher(folder / "seal.key.publisher"),
            uses=uses,
            audience="police",
            plain=plain,
        )
    assert (done.seals, done.names, done.nameless, done.plain) == (2, 4, 1, plain)
    return done.path


@pytest.mark.parametrize("plain", [False, True])
def test_the_registry_publishes_the_names_of_what_is_barred(custody: Path, plain: bool) -> None:
    path = publish(custody, "names.sealtext", plain=plain)
    names = open_text_index(path, custody / "seal.key")
    text = "Wilbur Quillfeather. Bill Wobbe. Here Stays. K14612345."

    assert guard_text(text, INDEX, names) == "Here Stays."
    assert (b"QUILLFEATHER" in path.read_bytes()) is False
    assert "QUILL" not in repr(names)


def test_a_file_of_digests_is_an_index_that_is_followed(custody: Path) -> None:
    names = LiveIndex(publish(custody, "names.sealtext"), custody / "seal.key")

    assert guard_text("Wilbur Quillfeather.", INDEX, names) == ""


@pytest.mark.parametrize("plain", [False, True])
def test_names_for_another_use_or_of_another_key_or_damaged_are_refused(custody: Path, plain: bool) -> None:
    path = publish(custody, "names.sealtext", plain=plain, uses=("training",))
    with pytest.raises(UnsuitableIndex):
        open_text_index(path, custody / "seal.key")
    with pytest.raises(UnsuitableIndex):
        guard_text("x", INDEX, open_text_index(path, custody / "seal.key", use="training"))
    path = publish(custody, "more.sealtext", plain=plain)
    generate_keys(custody / "other.key")
    with pytest.raises(WrongKey):
        open_text_index(path, custody / "other.key")
    with pytest.raises(IndexRefused):
        open_text_index(path, custody / "seal.key", today=dt.date.today() + dt.timedelta(days=99))
    content = path.read_bytes()
    path.write_bytes(content[:-9] + bytes([content[-9] ^ 1]) + content[-8:])
    with pytest.raises(CorruptIndex):
        guard_text("Wilbur Quillfeather.", INDEX, open_text_index(path, custody / "seal.key"))


@pytest.mark.parametrize("plain", [False, True])
def test_names_of_another_version_are_refused(plain: bool, tmp_path: Path) -> None:
    names = example_names(PEOPLE, folder=tmp_path, plain=plain)
    publisher, key = load_publisher(tmp_path / "example.key.publisher"), load_key(tmp_path / "example.key")
    if plain:
        content = names.path.read_bytes()
        assert content.startswith(b"SEALTXT3")
        names.path.write_bytes(b"SEALTXT2" + content[8:])
    else:
        digests = np.zeros((1, 2), np.uint64)
        entries = SchemeEntries("opaque:sealtext.name", digests, np.array([1], np.uint8))
        write_index(names.path, [entries], names.facts, publisher, audience_key=key.for_audience("police"))
    with pytest.raises(UnsuitableIndex, match="another version of sealscrub"):
        open_text_index(names.path, key)


def test_a_name_of_more_words_than_are_compared_is_refused_in_a_file(tmp_path: Path) -> None:
    facts = example_names(PEOPLE, folder=tmp_path).facts
    publisher, key = load_publisher(tmp_path / "example.key.publisher"), load_key(tmp_path / "example.key")
    for count in (MOST_WORDS, MOST_WORDS + 1):
        name = tuple("WOBBE" for _ in range(count))
        if count == MOST_WORDS:
            write_text_index(tmp_path / "a", [name], [], facts, publisher, audience_key=key.for_audience("police"))
            continue
        with pytest.raises(UsageError, match="more than 12 words"):
            write_text_index(tmp_path / "a", [name], [], facts, publisher, audience_key=key.for_audience("police"))


def test_what_holds_no_names_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        guard_text("x", INDEX, INDEX)
    with pytest.raises(UsageError):
        guard_text("x", INDEX, "names.sealtext")
    with pytest.raises(ConfigError):
        guard_text("x", INDEX, KEYED, possible="perhaps")
    with pytest.raises(UsageError):
        open_text_index(tmp_path / "none.sealtext", tmp_path / "none.key")
