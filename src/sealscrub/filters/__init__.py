"""Outputs: what a model, a search or a service answers, as it would be had the sealed records never existed."""

from .aggregates import Counts, guard_counts, guard_grid
from .certified import RequiredCertificate
from .explaining_guard import GuardExplanation, explain_guard
from .explanations import check_background, guard_explanation
from .forecasts import GuardedForecast, guard_forecast
from .gallery import NullGallery
from .graphs import guard_edges, guard_graph
from .guarding import Guarded, GuardedAsync, guard
from .json_answers import ABSENT, JsonAnswer, JsonGuard, Limits, guard_json, guard_json_lines, guard_record_stream
from .judging import Judge, Judgement
from .live_index import Health, LiveIndex
from .masking import Mask
from .oracle import MembershipOracleWarning
from .ranking import RankingPage, guard_ranking, guard_ranking_page
from .serving import GuardedRoute, GuardMiddleware, NotFound, OpenRoute, RoundedCounters
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
    "Mask",
    "MembershipOracleWarning",
    "Mention",
    "NotFound",
    "NullGallery",
    "OpenRoute",
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
