"""``sealscrub demo``: the whole story on a generated city."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from sealscrub.errors import UsageError

from . import options as opt
from .declarations import option

if TYPE_CHECKING:
    from .demo_story import Story

__all__ = ["demo"]


def demo(
    folder: Annotated[Path, option("Output folder; new or empty.")] = Path("sealscrub-demo"),
    arrests: Annotated[int, option("How many arrests the city has.", min=100)] = 10_000,
    seed: opt.Seed = 0,
    make_index: Annotated[
        bool, option("Make key, index and training file of a synthetic city, and stop there.", "--make-index")
    ] = False,
) -> None:
    """Tell the whole story on a generated city: seal notices in, a whole clean data estate out.

    No one in the city exists. Everything stays in the folder. Hosted CI runs on what --make-index makes, never on a
    real index.

    Example: sealscrub demo --folder try-it
    """
    from .demo_page import DemoPage
    from .demo_story import Story, require_extras

    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError("the demo needs a new or empty folder", where=str(folder), hint="--folder other-name")
    require_extras(plans=not make_index)
    folder.mkdir(parents=True, exist_ok=True)
    story = Story(folder, arrests, seed)
    story.make_city()
    if make_index:
        story.make_training()
        story.publish()
        story.list_files()
        return
    story.make_estate()
    story.publish()
    story.check_plan()
    story.scrub()
    story.show_tables()
    story.compare_with_a_row_drop()
    _model_story(story)
    DemoPage.write(story)
    story.list_files()
    story.list_commands()


def _model_story(story: Story) -> None:
    """A model, its evidence, and a seal that comes after it was made."""
    from .demo_evidence import Evidence
    from .demo_mlflow import Tracking
    from .demo_model import Vendor

    vendor = Vendor(story)
    evidence, tracking = Evidence(vendor), Tracking(vendor)
    vendor.test_nullity()
    first = vendor.train()
    vendor.tell_of_training(first)
    evidence.expectations(first)
    tracking.log(first, vendor.guard(first))
    evidence.certify(first)
    tracking.add_certificate(first)
    evidence.seal_another(first)
    tracking.tell_of_taint()
    second = vendor.train(version=2)
    evidence.scrub_again(second)
    tracking.log_again(second, vendor.guarded(second))
    evidence.verify(first, second)
