"""The clerk's desk: what decided an answer, its days, what would change it, and what is to be asked at the courts."""

from sealscrub.boundary import bound_room

from .deciding_facts import Deciding, deciding_facts, in_words, public_texts
from .docket_days import DocketDay, days_drawn, docket_days
from .missing_facts import FilledFacts, fill_facts, write_facts
from .open_questions import OpenQuestion, open_questions
from .review_queue import QueueAnswers, read_queue, write_queue
from .rule_forms import Reviewed, regime_form, regimes_reviewed, rule_form, rule_named, rules_reviewed
from .told_facts import said_fact, said_sources
from .vocabulary_files import extend_vocabulary
from .what_if import supposable, suppose

__all__ = [
    "Deciding",
    "DocketDay",
    "FilledFacts",
    "OpenQuestion",
    "QueueAnswers",
    "Reviewed",
    "days_drawn",
    "deciding_facts",
    "docket_days",
    "extend_vocabulary",
    "fill_facts",
    "in_words",
    "open_questions",
    "public_texts",
    "read_queue",
    "regime_form",
    "regimes_reviewed",
    "rule_form",
    "rule_named",
    "rules_reviewed",
    "said_fact",
    "said_sources",
    "supposable",
    "suppose",
    "write_facts",
    "write_queue",
]

bound_room(__name__)
