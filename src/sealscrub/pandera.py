"""pandera: checks and column types by which a frame with sealed records fails, without showing what is in it."""

from __future__ import annotations

from sealscrub.validators.pandera import MaskedSchemaError, no_sealed_records, not_sealed, record_key, validate

__all__ = ["MaskedSchemaError", "no_sealed_records", "not_sealed", "record_key", "validate"]
