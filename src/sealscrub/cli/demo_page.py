"""The demo's last page: its steps, what leaked, and everything that is there to open."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from sealscrub.reports import Column, Document, Drawing, Link, Name, Notes, Reported, State, Table

from .demo_compare import Comparison
from .demo_map import hot_spots
from .demo_picture import picture
from .demo_story import Story

__all__ = ["DemoPage"]

_HEADLINE = "A generated city without its sealed arrests"


@dataclass(frozen=True)
class DemoPage(Reported):
    """What happened, and the way to each page. The operator's copy: it counts what is sealed.

    Parameters
    ----------
    story : Story
        Told to its end.
    found : Comparison
    cells : (polars.DataFrame, polars.DataFrame)
        The hot spots as stored, and after the plan.
    """

    story: Story
    found: Comparison
    cells: tuple[pl.DataFrame, pl.DataFrame]

    @classmethod
    def write(cls, story: Story) -> None:
        """Write the page that leads to all others."""
        cells = story.tables["hotspots"], story.clean("hotspots")
        cls(story, story.compared, cells).save(story.folder / "index.html")

    def _facts(self) -> dict[str, str]:
        return dict(self.story.files())

    def _brief(self) -> Document:
        return Document(tool="demo", kind="good", headline=_HEADLINE, parts=(_files(self.story),))

    def _document(self) -> Document:
        before, after = self.cells
        maps = {"before": before, "after a row drop": before, "after the plan": after}
        return Document(
            tool="demo",
            kind="good",
            headline=_HEADLINE,
            of=f"{self.story.arrests:,} arrests, seed {self.story.seed}",
            lede="No one in this city exists. Dropping the sealed rows leaves what was computed when they were there; "
            "the plan computes it again. Every page below was made by the run.",
            facts={
                "Columns wrong": _change(self.found.contaminated, f" of {self.found.columns}"),
                "Labels wrong": _change(self.found.labels),
                "People identified": _change(self.found.identified),
            },
            parts=(
                Drawing(title="What leaked, by column", svg=picture(self.found), words=_in_words(self.found)),
                Drawing(
                    title="The hot-spot map: a row drop changes no cell",
                    svg=hot_spots(maps),
                    words=(
                        "The table of hot spots has no record keys, so a row drop leaves it as it was.",
                        f"{before.height - after.height:,} of {before.height:,} cells had sealed arrests alone.",
                    ),
                ),
                _steps(self.story),
                _files(self.story),
                Table(
                    title="To try, from where the demo was run",
                    columns=(Column("command"),),
                    rows=tuple((Name(command),) for command in self.story.commands),
                ),
                Notes(
                    title="Where to go next",
                    items=(
                        "Data scientists, custodians and auditors each have a path through the documentation.",
                        "This is not legal advice.",
                    ),
                    links={"documentation": "https://github.com/sealscrub/sealscrub/tree/main/docs"},
                ),
            ),
            operators_copy="It counts sealed arrests, here of people who do not exist. Of real data such a page stays "
            "on the trusted host.",
        )


def _change(counts: tuple[int, int], of: str = "") -> str:
    return f"{counts[0]:,}{of} after a row drop, {counts[1]:,} after the plan"


def _in_words(found: Comparison) -> tuple[str, ...]:
    return tuple(
        f"{name}: {dropped:,} of {found.rows:,} values are wrong after a row drop, {planned:,} after the plan."
        for name, (dropped, planned) in found.wrong.items()
    )


def _steps(story: Story) -> Table:
    is_there = dict(story.files())
    rows: list[tuple[Name, str, Link | None]] = []
    for number, (title, text, pages) in enumerate(story.told, 1):
        step, (first, *more) = Name(f"{number}. {title}"), [page for page in pages if page in is_there] or [""]
        rows.append((step, text, Link(_page_title(first), first) if first else None))
        rows += [(Name(f"{number}. continued"), is_there[page], Link(_page_title(page), page)) for page in more]
    columns = (Column("step"), Column("what happened"), Column("to open"))
    return Table(title="The story", columns=columns, rows=tuple(rows))


def _page_title(page: str) -> str:
    return page.rpartition("/")[2].partition(".")[0].replace("-", " ")


def _files(story: Story) -> Table:
    rows = [(Link(name, name), what, _seen_by(name)) for name, what in story.files()]
    columns = (Column("file"), Column("what it is"), Column("who may see it"))
    return Table(title="Everything that is here", columns=columns, rows=tuple(rows))


_CUSTODIANS = ("notices.csv", "seals.db", "seals.members")
_TRAVEL = (
    "pipeline.py", "suites", "plan.html", "taint.html", "run.html", "model-2", "model-1/certificate.html",
    "model-2/certificate.html",
)  # fmt: skip


def _seen_by(name: str) -> State:
    if name in _CUSTODIANS:
        return State("bad", "custodian alone")
    return State("good", "may travel") if name in _TRAVEL else State("warn", "trusted host")
