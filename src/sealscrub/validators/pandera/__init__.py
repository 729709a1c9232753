"""Checks and column types for pandera, whose errors show nothing of the data."""

from sealscrub.boundary import bound_room

from . import pandera_import  # noqa: F401 - before pandera is imported by what follows
from .checks import no_sealed_records, not_sealed
from .container_check import MaskedSchemaError
from .masked_validation import validate
from .types import record_key

__all__ = ["MaskedSchemaError", "no_sealed_records", "not_sealed", "record_key", "validate"]

bound_room(__name__)
