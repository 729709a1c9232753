"""What a clerk reads and answers: pairs of a seal and a row, and samples of seals for a bound on recall.

They are lists of names: 0600, on the custodian's host, and deleted after a number of days (:func:`held_files`).
"""

from sealscrub.boundary import bound_room

from .file_retention import HeldFile, held_files, left_spills
from .review_answers import STATED, Answers, check_unanswered, read_answers
from .review_files import OTHER_SEALS, write_review, write_sample

__all__ = [
    "OTHER_SEALS",
    "STATED",
    "Answers",
    "HeldFile",
    "check_unanswered",
    "held_files",
    "left_spills",
    "read_answers",
    "write_review",
    "write_sample",
]

bound_room(__name__)
