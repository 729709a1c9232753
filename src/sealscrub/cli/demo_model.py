"""The demo's model: a feature job that lets sealed arrests through and one that does not, a training, and a guard."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from sealscrub.datasets import derive_features
from sealscrub.errors import UsageError

from .demo_story import INDEX

if TYPE_CHECKING:
    from sealscrub.index import Index
    from sealscrub.testing import NullityReport
    from sealscrub.validators.great_expectations import SuiteOutcome

    from .demo_story import Story

__all__ = ["Trained", "Vendor"]


@dataclass(frozen=True, eq=False)
class Trained:
    """Clean data, and the model that was made of it.

    Parameters
    ----------
    index : Index
        What the data is clean of.
    data : Path
        A Parquet file.
    model : Path or None
        None if scikit-learn is not installed.
    fitted : object or None
    expectations : list of SuiteOutcome
        Of the data; empty if Great Expectations is not installed.
    """

    index: Index
    data: Path
    model: Path | None = None
    fitted: Any = None
    expectations: list[SuiteOutcome] = field(default_factory=list)


class Vendor:
    """Anyone who trains a model on the city's arrests."""

    def __init__(self, story: Story) -> None:
        self.story, self.folder = story, story.folder
        self.nullity: NullityReport | None = None
        self.arrests: pl.DataFrame = story.city.tables["arrests"].unique("arrest_id", maintain_order=True)
        self.pipeline = self._written()

    def _written(self) -> Any:
        """Write the vendor's code and their raw extract, and load the code from where it is."""
        self.arrests.write_parquet(self.folder / "arrests.parquet")
        code = self.folder / "pipeline.py"
        code.write_text(Path(__file__).with_name("demo_pipeline.py").read_text("utf-8"), "utf-8")
        spec = importlib.util.spec_from_file_location("pipeline", code)
        if spec is None or spec.loader is None:
            raise UsageError("the demo's code cannot be loaded", where=str(code))
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    def test_nullity(self) -> None:
        """Test both feature jobs, with planted records, so the verdicts may travel."""
        dropped, built = (self._nullity_report(job) for job in (self.pipeline.row_drop, self.pipeline.build))
        dropped.save(self.folder / "nullity-row-drop.html")
        built.save(self.folder / "nullity.html")
        if dropped.passed or not built.passed:
            raise UsageError("the nullity tests do not have the expected verdicts", where=str(self.folder))
        self.nullity = built
        self.story.say(
            "A feature job fails the nullity test, and another passes",
            "A vendor computes features from arrests.parquet (pipeline.py), with and without planted sealed records. "
            f"row_drop computes first and drops afterwards: {dropped.verdict.value}, in "
            f"{', '.join(sorted(dropped.contaminated))}. build removes them at the source: {built.verdict.value}, "
            "every bit is what it would be.",
            "nullity-row-drop.html",
            "nullity.html",
        )
        on = f"--index {INDEX} --key-file seal.key --on arrest_number=arrest_number"
        self.story.try_out(f"check-nullity pipeline:build --data arrests.parquet {on}", inside=True)

    def _nullity_report(self, job: Any) -> NullityReport:
        from sealscrub.testing import check_nullity

        on = {"arrest_number": "arrest_number"}
        some = self.arrests.head(2_000)
        return check_nullity(job, some, self.index(), on, key="arrest_no", plant=True)

    def index(self) -> Index:
        """Open the index that is current."""
        from sealscrub.index import open_index

        return open_index(self.folder / INDEX, self.folder / "seal.key")

    def train(self, version: int = 1) -> Trained:
        """Build clean data by the current index, and train on it: twice, bit for bit the same."""
        opened = self.index()
        place = self.folder / f"model-{version}"
        place.mkdir()
        data = place / "training.parquet"
        self.pipeline.build(self.arrests).write_parquet(data)
        if self.story.missing("sklearn"):
            return Trained(opened, data)
        import joblib

        from sealscrub.lineage import refresh

        refreshed = refresh(self.pipeline.train, pl.read_parquet(data), opened, on=self.pipeline.KEYS)
        joblib.dump(refreshed.model, place / "model.joblib")
        return Trained(opened, data, place / "model.joblib", refreshed.model)

    def tell_of_training(self, trained: Trained) -> None:
        """Say what was trained."""
        title = "A model is trained on the clean data"
        if trained.model is None:
            self.story.skip(title, "scikit-learn", "sklearn")
            return
        self.story.say(
            title,
            "It says who is arrested again within a year (model-1/). It was trained twice, and both are the same to "
            "the bit: so it can be trained again when a seal comes, and be shown to be right.",
        )

    def guard(self, trained: Trained) -> Any:
        """Put a guard around the model, and ask it about an open, a sealed and an unknown arrest."""
        title = "A guard is around the model"
        if trained.fitted is None:
            self.story.skip(title, "scikit-learn", "sklearn")
            return None
        guarded, asked = self.guarded(trained), self._probe_arrests(trained)
        answers = guarded(asked)
        if answers != guarded(asked.head(1)) or len(guarded.model(asked)) != 3:
            raise UsageError("the guard does not answer as it must")
        self.story.say(
            title,
            f"Asked about three arrests, an open one, a sealed one and one that does not exist, the model gives three "
            f"answers. The guarded one gives {len(answers)}: that of the open arrest, the same as if only it had been "
            "asked about. A sealed arrest and an unknown one look the same.",
        )
        return guarded

    def guarded(self, trained: Trained) -> Any:
        """Give the model with a guard around it; None if there is no model."""
        from sealscrub.filters import guard

        if trained.fitted is None:
            return None
        known = pl.read_parquet(trained.data)["arrest_no"].drop_nulls().to_list()
        score = partial(self.pipeline.score, trained.fitted)
        return guard(score, trained.index, self.pipeline.KEYS, known=known)

    def _probe_arrests(self, trained: Trained) -> pl.DataFrame:
        """Give an open arrest, a sealed one, and one that is unknown."""
        from sealscrub.transforms import scrub

        rows = derive_features(self.arrests).filter(pl.col("arrest_no").str.contains(r"^[A-Z]\d{8}$"))
        kept = scrub(rows, trained.index, self.pipeline.KEYS, policy=self.pipeline.ASIDE, detail=True).mask
        opened = rows.filter(pl.Series(kept)).head(1)
        unknown = opened.with_columns(arrest_no=pl.lit("M14999999"))
        return pl.concat([opened, rows.filter(~pl.Series(kept)).head(1), unknown])
