"""What models were made of, and what happens to them when a seal comes.

:func:`start_run` and :func:`log_dataset` log the clean data of a model in MLflow, :func:`run_graph` follows it to where
it is deployed, :func:`taint` says which models contain a record that has been sealed since, :func:`require_untainted`
refuses one of these, and :func:`refresh` trains it again. :func:`run_drill` does what a new index asks for.
:func:`survey` says about all that there is when it was last checked, and :func:`find_copies` lists superseded copies.
"""

from sealscrub.boundary import bound_room

from .coverage import Copies, Coverage, Inventory, find_copies, read_inventory, survey
from .data_logging import log_dataset
from .drill import run_drill
from .drill_report import Drill, DrillStep, Retrain
from .key_reach import StillOpened, still_opened
from .lineage_graph import RunGraph, VersionNode, run_graph
from .membership_keys import Rekeyed, rekey_memberships
from .model_state import model_digest
from .retraining import Refreshed, RefreshReport, refresh
from .run_certificate import log_certificate
from .taint_check import TaintedModel, require_untainted
from .taint_query import taint
from .taint_report import TaintReport
from .taint_values import ModelTaint, TaintReason, TaintState
from .tracked_run import log_run_page, start_run

__all__ = [
    "Copies",
    "Coverage",
    "Drill",
    "DrillStep",
    "Inventory",
    "ModelTaint",
    "RefreshReport",
    "Refreshed",
    "Rekeyed",
    "Retrain",
    "RunGraph",
    "StillOpened",
    "TaintReason",
    "TaintReport",
    "TaintState",
    "TaintedModel",
    "VersionNode",
    "find_copies",
    "log_certificate",
    "log_dataset",
    "log_run_page",
    "model_digest",
    "read_inventory",
    "refresh",
    "rekey_memberships",
    "require_untainted",
    "run_drill",
    "run_graph",
    "start_run",
    "still_opened",
    "survey",
    "taint",
]

bound_room(__name__)
