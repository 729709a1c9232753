"""Outputs: what a model, a search or a service answers, as it would be had the sealed records never existed."""

from .explaining_guard import GuardExplanation, explain_guard
from .guarding import Guarded, GuardedAsync, guard
from .judging import Judge, Judgement
from .live_index import Health, LiveIndex
from .oracle import MembershipOracleWarning
from .ranking import RankingPage, guard_ranking, guard_ranking_page

__all__ = [
    "GuardExplanation",
    "Guarded",
    "GuardedAsync",
    "Health",
    "Judge",
    "Judgement",
    "LiveIndex",
    "MembershipOracleWarning",
    "RankingPage",
    "explain_guard",
    "guard",
    "guard_ranking",
    "guard_ranking_page",
]
