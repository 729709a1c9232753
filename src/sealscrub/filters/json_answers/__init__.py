"""Answers in JSON: records vanish from arrays and maps, and what counts them counts what is left."""

from ..masking import ABSENT
from .guarding import JsonAnswer, JsonGuard, guard_json
from .lines import guard_json_lines, guard_record_stream
from .reading import Limits

__all__ = ["ABSENT", "JsonAnswer", "JsonGuard", "Limits", "guard_json", "guard_json_lines", "guard_record_stream"]
