"""What models were made of, and what becomes of them when a seal comes.

:func:`log_dataset` logs the clean data of a model in MLflow, :func:`taint` says which models contain a record that has
been sealed since, :func:`require_untainted` refuses one of these, and :func:`refresh` trains it anew.
"""

from .logging_data import log_dataset
from .model_state import model_digest
from .refreshing import Refreshed, RefreshReport, refresh
from .taint_report import ModelTaint, TaintReport, TaintState
from .tainting import taint
from .untainted import TaintedModel, require_untainted

__all__ = [
    "ModelTaint",
    "RefreshReport",
    "Refreshed",
    "TaintReport",
    "TaintState",
    "TaintedModel",
    "log_dataset",
    "model_digest",
    "refresh",
    "require_untainted",
    "taint",
]
