"""What models were made of, and what becomes of them when a seal comes: :func:`refresh` trains one anew."""

from .model_state import model_digest
from .refreshing import Refreshed, RefreshReport, refresh

__all__ = ["RefreshReport", "Refreshed", "model_digest", "refresh"]
