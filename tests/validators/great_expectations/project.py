"""A project of Great Expectations in files: makes one, or runs its checkpoint, in a process of its own."""

from __future__ import annotations

import sys
from pathlib import Path

import great_expectations as gx
import pandas as pd


def make(folder: Path, *, with_action: bool, result_format: str = "SUMMARY", numbers: list[str]) -> None:
    import sealscrub.gx as ours
    from sealscrub.validators.expectation_suites import ready_suites

    context = gx.get_context(mode="file", project_root_dir=folder)
    context.enable_analytics(False)
    pd.DataFrame({"arrest_no": numbers, "notes": [f"of {each}" for each in numbers]}).to_parquet(
        folder / "arrests.parquet"
    )
    asset = context.data_sources.add_pandas("files").add_parquet_asset("arrests", path=folder / "arrests.parquet")
    batch = asset.add_batch_definition_whole_dataframe("all")
    said = ready_suites()["training_table"]
    suite = gx.ExpectationSuite(name=said["name"], expectations=said["expectations"], meta=said["meta"])
    suite.add_expectation(ours.ExpectNoSealedElements(column="notes", text=True))
    suite = context.suites.add(suite)
    definition = context.validation_definitions.add(gx.ValidationDefinition(name="check", data=batch, suite=suite))
    actions = [ours.RequireEveryExpectation(report=str(folder / "reports"))] if with_action else []
    context.checkpoints.add(
        gx.Checkpoint(
            name="check",
            validation_definitions=[definition],
            actions=[*actions, gx.checkpoint.UpdateDataDocsAction(name="docs")],
            result_format=result_format,
        )
    )


def run(folder: Path) -> str:
    """Run a project's checkpoint; say whether it passed, and how many expectations it evaluated."""
    try:
        context = gx.get_context(mode="file", project_root_dir=folder)
        context.variables.progress_bars = {"globally": False}
        result = context.checkpoints.get("check").run()
    except Exception as error:
        return type(error).__name__
    evaluated = sum(each.statistics["evaluated_expectations"] for each in result.run_results.values())
    return f"{'passed' if result.success else 'failed'} {evaluated}"


def save_emptied(folder: Path) -> None:
    """Save a project's suite as this process loads it."""
    (suite,) = gx.get_context(mode="file", project_root_dir=folder).suites.all()
    suite.save()


if __name__ == "__main__":  # a process that has not imported what is ours
    print([run(Path(folder)) for folder in sys.argv[1:]])
    save_emptied(Path(sys.argv[1]))
