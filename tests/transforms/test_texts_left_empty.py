"""A text of which nothing is left would mark its row, unless at least as many other rows are so anyway."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import sealscrub as ss
from sealscrub.errors import UsageError
from sealscrub.transforms import scrub_text

from .arrests import CLEAR, ON, SEALED, index
from .test_narratives_of_tables import scrubbed_as

ID = SEALED[0]
LEFT: dict[str | None, str] = {  # what is left of texts that mention a sealed record
    f"{ID} was held.": "",
    f"See {ID}.  ": "",
    f"See {ID}.\n": "\n",
    f"Two men. See {ID}.": "Two men.",
    f"```\n{ID} ran.\n```": "```",
    f"---\n\n{ID} ran.\n\n---": "---\n\n---",
}
SAID = [None, "", "\n", "Two men.", "```", "---\n\n---"]
TEXTS = st.lists(st.sampled_from([*LEFT, *SAID, *SAID]), max_size=8)
GONE = st.lists(st.sampled_from([*LEFT, *SAID]), max_size=4)


def marks(texts: list[str | None], handling: str, *, csv: bool = False) -> bool:
    """Whether more texts were left so than would be so anyway, of anything that says nothing."""
    made = Counter(None if handling == "null" else LEFT[text] for text in texts if text in LEFT)
    others = Counter(text for text in texts if text not in LEFT)
    if csv:  # one of the two is written as the other, if no other row has it
        others[""], others[None] = others[""] or others[None], others[None] or others[""]
    return any(made[said] > others[said] for said in made if not said or not any(map(str.isalnum, said)))


def frame(texts: Sequence[str | None], gone: Sequence[str | None] = ()) -> pl.DataFrame:
    """Make a table of texts, and of others whose rows are removed by their key."""
    keys = [*CLEAR[:1] * len(texts), *SEALED[:1] * len(gone)]
    return pl.DataFrame(
        {"arrest_no": keys, "note": [*texts, *gone]}, schema=dict.fromkeys(["arrest_no", "note"], pl.String)
    )


@pytest.mark.parametrize("handling", ["sentence", "null"])
@pytest.mark.parametrize("kind", ["polars", "pandas", "categorical", "arrow", "parquet", "csv", "jsonl", "plan"])
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(texts=TEXTS, gone=GONE)
def test_it_is_refused_if_most_texts_that_are_so_were_left_so(
    kind: str, handling: str, texts: list[str | None], gone: list[str | None], tmp_path: Path
) -> None:
    if kind in ("csv", "jsonl", "parquet") and not texts:
        return
    data = frame(texts, gone)
    if marks(texts, handling, csv=kind == "csv"):
        with pytest.raises(UsageError, match="would mark the rows whose text mentions") as refused:
            scrubbed_as(kind, data, handling, tmp_path, {})
        assert ID not in str(refused.value)
    else:
        made = scrubbed_as(kind, data, handling, tmp_path, {})["note"].to_list()
        wanted = [text if text not in LEFT else None if handling == "null" else LEFT[text] for text in texts]
        blank = {"": None} if kind == "csv" else {}
        assert [blank.get(text, text) for text in made] == [blank.get(text, text) for text in wanted]


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
@pytest.mark.parametrize(("others", "refused"), [([0, 0], True), ([2, 0], True), ([1, 2], False), ([0, 3], False)])
def test_the_texts_of_all_files_of_a_folder_count_together(
    kind: str, others: list[int], refused: bool, tmp_path: Path
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for part, (sealed, count) in enumerate(zip((1, 2), others, strict=True)):
        texts = [*[f"{ID} was held."] * sealed, "So.", *[""] * count, "So."]
        getattr(frame(texts), {"jsonl": "write_ndjson"}.get(kind, f"write_{kind}"))(folder / f"{part}.{kind}")

    table = {
        "source": f"in/*.{kind}",
        "keys": ON,
        "independent": "the arrest itself",
        "narrative": {"note": "sentence"},
    }
    plan = ss.Plan.from_dict({"version": 1, "tables": {"a": table}}, root=tmp_path)

    def scrub() -> None:
        plan.scrub(index=index(), output=tmp_path / "out")

    if refused:
        with pytest.raises(UsageError, match="in fewer other rows" if any(others) else "in no other row"):
            scrub()
        assert not (tmp_path / "out").exists()
    else:
        scrub()


BARE: dict[str, str] = {
    "a fence": f"```\n{ID} ran.\n```",
    "a fence of a language": f"``` python\n{ID} ran.\n```",
    "rules": f"---\n\n{ID} ran.\n\n***",
    "signs": f"!!! {ID} !!!",
    "an emoji": f"{ID} ran.\n\n\U0001f600",
    "a turn of a chat": f"<|im_start|>user\n{ID} ran.<|im_end|>",
    "turns of a chat": f"<start_of_turn>user\n{ID}.<end_of_turn>\n<start_of_turn>model\n{ID}.<end_of_turn>",
    "an instruction": f"<s>[INST] {ID} ran. [/INST]</s>",
    "a tag": f"<p>One is {ID}. </p>",
    "tags with attributes": f'<p class="so"> See {ID}. <br/> So {ID}. </p>',
    "an entity": f"{ID} ran.\n\n&nbsp;",
    "a bullet": f"{ID} ran.\n- ",
    "white space that is not seen": f"{ID} ran.\n\n\u200b",
}


@pytest.mark.parametrize("case", BARE)
def test_a_text_of_signs_that_is_left_marks_its_row(case: str) -> None:
    text = BARE[case]
    (rest,) = scrub_text(pl.DataFrame({"t": [text]}), "t", index(), accept_marks=["t"])["t"].to_list()
    for others in ([], ["So."], [f"{rest}x"], [""], [None]):
        with pytest.raises(UsageError, match="in no other row: the edit would mark"):
            scrub_text(pl.DataFrame({"t": [text, *others]}, schema={"t": pl.String}), "t", index())
    assert scrub_text(pl.DataFrame({"t": [text, rest]}), "t", index())["t"].to_list() == [rest, rest]


@pytest.mark.parametrize(
    "rest", ["A.", "7", "\u0438", "<b>A</b>", "```\na\n```", "<|im_start|>user\nA<|im_end|>", "< a >"]
)
def test_a_text_of_which_a_word_is_left_is_not_refused(rest: str) -> None:
    made: Any = scrub_text(pl.DataFrame({"t": [f"{ID} ran.\n\n{rest}", "So."]}), "t", index())
    assert made["t"].to_list() == [rest, "So."]


@pytest.mark.parametrize("texts", [("{}",), ("[]", "{}"), ("7", "[]")])
def test_a_string_of_json_among_json_without_letters_is_refused_as_before(texts: tuple[str, ...]) -> None:
    with pytest.raises(UsageError, match="are JSON, and would be none"):
        scrub_text(pl.DataFrame({"t": [f'"{ID} was held. So."', *texts]}), "t", index())
