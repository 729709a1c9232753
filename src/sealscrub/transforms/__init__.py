"""Inputs: find sealed records in frames and files, and give back what would be there without them."""

from sealscrub.frames import RowEdit

from .options import Options, ReadAs
from .report import ColumnReport, KeyReport, Report, TableReport, Verdict
from .scrubbing import Scrubbed
from .verbs import scan, scrub

__all__ = [
    "ColumnReport",
    "KeyReport",
    "Options",
    "ReadAs",
    "Report",
    "RowEdit",
    "Scrubbed",
    "TableReport",
    "Verdict",
    "scan",
    "scrub",
]
