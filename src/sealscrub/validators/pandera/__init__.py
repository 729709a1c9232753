"""Checks and column types for pandera, whose errors show nothing of the data."""

from . import starting  # noqa: F401 - before pandera is imported by what follows
from .checks import no_sealed_records, not_sealed
from .judging import MaskedSchemaError
from .types import record_key
from .validating import validate

__all__ = ["MaskedSchemaError", "no_sealed_records", "not_sealed", "record_key", "validate"]
