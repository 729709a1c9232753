"""Data Docs of a real project: sentences in its pages, and nothing in them that counts or names a record."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import great_expectations as gx
import pandas as pd
import pytest

from sealscrub.index import Index

from .conftest import CLEAN, SEALED, WITHHELD

ON = {"arrest_number": "arrest_no"}
HOSTILE = "note $v__0 <b>"
_TIMES = re.compile(r"\d{4}-\d\d-\d\d[T ][\d:.+]+Z?|\d{8}T[\d.]+Z|[\d:.]+ UTC")


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.said.append(data)


def read(page: Path) -> str:
    reader = _Text()
    reader.feed(page.read_text("utf-8"))
    return re.sub(r"\s+", " ", " ".join(reader.said))


def suite() -> list[Any]:
    import sealscrub.gx as ours

    return [
        ours.ExpectIndexFresh(max_age_days=7, min_epoch=1),
        ours.ExpectKeysParsable(on=ON, min_share=0.5),
        ours.ExpectNoSealedRecords(on=ON, leave={HOSTILE: "read by hand"}, accept=["near"]),
        ours.ExpectNoSealedElements(column="seen", scheme="arrest_number", separator=";"),
        ours.ExpectNoSealedElements(column="seen", text=True),
        ours.ExpectDerivedColumnReproducible(plan="sealscrub.toml", table="people", column="arrests"),
    ]


def built(folder: Path, numbers: list[str]) -> dict[str, str]:
    """Run the suite over a table in a project of its own; give the texts of the pages of the suite and of the run."""
    folder.mkdir()
    data = pd.DataFrame({"arrest_no": numbers, "seen": numbers, HOSTILE: "none"})
    context = gx.get_context(mode="file", project_root_dir=folder)
    context.enable_analytics(False)
    context.variables.progress_bars = {"globally": False}
    batch = (
        context.data_sources.add_pandas("files")
        .add_dataframe_asset("arrests")
        .add_batch_definition_whole_dataframe("a")
    )
    named = context.suites.add(gx.ExpectationSuite(name="seals", expectations=suite()))
    check = context.validation_definitions.add(gx.ValidationDefinition(name="check", data=batch, suite=named))
    context.checkpoints.add(gx.Checkpoint(name="check", validation_definitions=[check])).run({"dataframe": data})
    context.build_data_docs()
    site = folder / "gx" / "uncommitted" / "data_docs" / "local_site"
    (asked,), (ended,) = ([*(site / part).rglob("*.html")] for part in ("expectations", "validations"))
    return {"asked": read(asked), "ended": read(ended)}


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory, folder: Path, index: Index) -> dict[str, dict[str, str]]:
    place = tmp_path_factory.mktemp("docs")
    worlds = {"one": [*CLEAN, SEALED], "many": [SEALED, *CLEAN, SEALED, WITHHELD]}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEALSCRUB_INDEX", str(folder / "example.sealindex"))
        patch.setenv("SEALSCRUB_KEY_FILE", str(folder / "example.key"))
        return {name: built(place / name, numbers) for name, numbers in worlds.items()}


@pytest.mark.parametrize("page", ["asked", "ended"])
@pytest.mark.parametrize(
    "sentence",
    [
        "No row names a sealed or withheld record, by the key columns arrest_no (arrest_number) .",
        "Nothing else in the table names one; not compared: note $v__0 ‹b› (read by hand) .",
        "The index must be for training . Accepted: near .",
        "No element of the lists in seen (arrest_number) names a sealed or withheld record.",
        "No text of seen mentions a sealed or withheld record. The index must be for output .",
        "Of the values in each of arrest_no (arrest_number) , at least 50% are keys of its scheme.",
        "The index may be used today for training . Its as-of date is at most 7 days ago. Its epoch is 1 or later.",
        "The recipe of people.arrests in the plan sealscrub.toml returns what is stored.",
    ],
)
def test_what_is_expected_is_said_in_sentences(page: str, sentence: str, pages: dict[str, dict[str, str]]) -> None:
    said = pages["one"][page].replace(" .", ".").replace(" ,", ",").replace("  ", " ")

    assert sentence.replace(" .", ".").replace(" ,", ",") in said
    assert "**{" not in said
    assert "batch_id" not in said


@pytest.mark.parametrize(
    "sentence",
    [
        "Holds. Index ",
        "Could not be checked: UnreadableInput. ",
        "Does not hold: sealed or withheld, not compared: note $v__0 ‹b›. Index ",
        "Does not hold: sealed or withheld. Index ",
    ],
)
def test_how_it_ended_is_said_in_sentences(sentence: str, pages: dict[str, dict[str, str]]) -> None:
    assert sentence in pages["one"]["ended"]


def test_pages_name_no_record_and_are_the_same_however_many_there_were(pages: dict[str, dict[str, str]]) -> None:
    for world in pages.values():
        for text in world.values():
            assert SEALED[1:] not in text
            assert WITHHELD[1:] not in text

    one, many = (_TIMES.sub("", pages[name]["ended"]) for name in ("one", "many"))
    assert one == many


def test_content_that_is_rendered_inline_says_the_same(index: Index) -> None:
    from sealscrub.gx import ExpectNoSealedElements

    expectation = ExpectNoSealedElements(column="seen", text=True)
    expectation.render()

    (content,) = expectation.rendered_content
    assert (
        content.value.template == "No text of $v__0 mentions a sealed or withheld record. The index must be for $v__1."
    )
    assert content.value.params["v__0"]["value"] == "seen"
