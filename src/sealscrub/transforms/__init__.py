"""Inputs: find sealed records in frames and files, and return what would be there without them."""

from sealscrub.boundary import bound_room
from sealscrub.tables import RowEdit
from sealscrub.tables.reading_options import ReadAs

from .options import Options
from .scrub_engine import Scrubbed
from .scrub_report import Report
from .scrub_report_values import ColumnReport, KeyReport, NarrativeReport, TableReport, Verdict
from .text_scrub import scrub_text
from .verbs import scan, scrub

__all__ = [
    "ColumnReport",
    "KeyReport",
    "NarrativeReport",
    "Options",
    "ReadAs",
    "Report",
    "RowEdit",
    "Scrubbed",
    "TableReport",
    "Verdict",
    "scan",
    "scrub",
    "scrub_text",
]

bound_room(__name__)
