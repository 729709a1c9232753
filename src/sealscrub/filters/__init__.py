"""Outputs: what a model, a search or a service answers, as it would be had the sealed records never existed."""

from typing import TYPE_CHECKING, Any

from sealscrub.boundary import bound_room

from .barred_records import Judge, Judgement
from .certificate_requirement import RequiredCertificate
from .counts import Counts, guard_counts, guard_grid
from .field_masks import Placeholder
from .forecasts import GuardedForecast, guard_forecast
from .gallery import NullGallery
from .graphs import guard_edges, guard_graph
from .guard_explanations import GuardExplanation, explain_guard
from .guarded_model import Guarded, GuardedAsync, guard
from .json_answers import ABSENT, JsonAnswer, JsonGuard, Limits, guard_json, guard_json_lines, guard_record_stream
from .live_index import Health, LiveIndex
from .model_explanations import check_background, guard_explanation
from .oracle_warning import MembershipOracleWarning
from .ranking_guard import RankingPage, guard_ranking, guard_ranking_page
from .serving import GuardedRoute, GuardMiddleware, NotFound, OpenRoute, Page, Paging, RoundedCounters
from .text import (
    GuardedText,
    Mention,
    StreamGuard,
    TextExplanation,
    explain_text,
    guard_deltas,
    guard_events,
    guard_stream,
    guard_stream_async,
    guard_text,
)

__all__ = [
    "ABSENT",
    "Counts",
    "GuardExplanation",
    "GuardMiddleware",
    "Guarded",
    "GuardedAsync",
    "GuardedForecast",
    "GuardedRoute",
    "GuardedText",
    "Health",
    "JsonAnswer",
    "JsonGuard",
    "Judge",
    "Judgement",
    "Limits",
    "LiveIndex",
    "MembershipOracleWarning",
    "Mention",
    "NotFound",
    "NullGallery",
    "OpenRoute",
    "Page",
    "Paging",
    "Placeholder",
    "RankingPage",
    "RequiredCertificate",
    "RoundedCounters",
    "StreamGuard",
    "TextExplanation",
    "check_background",
    "explain_guard",
    "explain_text",
    "guard",
    "guard_counts",
    "guard_deltas",
    "guard_edges",
    "guard_events",
    "guard_explanation",
    "guard_forecast",
    "guard_graph",
    "guard_grid",
    "guard_json",
    "guard_json_lines",
    "guard_ranking",
    "guard_ranking_page",
    "guard_record_stream",
    "guard_stream",
    "guard_stream_async",
    "guard_text",
]

if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        if name == "Mask":
            raise ImportError("Mask is now Placeholder", name=__name__)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


bound_room(__name__)
