"""Answers in JSON: records vanish from arrays and maps, and what counts them counts what is left."""

from sealscrub.boundary import bound_room

from ..field_masks import ABSENT
from .json_guard import JsonAnswer, JsonGuard, guard_json
from .json_records import guard_json_lines, guard_record_stream
from .json_text import Limits

__all__ = ["ABSENT", "JsonAnswer", "JsonGuard", "Limits", "guard_json", "guard_json_lines", "guard_record_stream"]

bound_room(__name__)
