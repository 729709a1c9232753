"""What models were made of, and what becomes of them when a seal comes.

:func:`log_dataset` logs the clean data of a model in MLflow, :func:`refresh` trains a model anew.
"""

from .logging_data import log_dataset
from .model_state import model_digest
from .refreshing import Refreshed, RefreshReport, refresh

__all__ = ["RefreshReport", "Refreshed", "log_dataset", "model_digest", "refresh"]
