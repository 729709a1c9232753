"""One document for every report: a verdict, facts, tables, notes and what to do; one renderer a format.

A report is a value of its own room. It says what it holds as a :class:`Document`, and is rendered as text, HTML, JSON,
CSV, JUnit XML or SARIF here. A document that travels cannot hold a count of records.
"""

from sealscrub.boundary import bound_room

from .display_names import cells, printable, sentence, shortened
from .document import Bars, Column, Document, Drawing, Notes, Part, Table
from .formats import ReportFormat, format_named, format_of
from .listing import Listing
from .report_base import Reported
from .report_cells import Cell, Count, Kind, Link, Name, Number, Share, State, bare, counted, percent
from .report_files import replace_file
from .report_kinds import CsvReport, JunitReport, SarifReport
from .timeline import Event, timeline
from .travelling_verdicts import Case, Rule, Suite, Verdicts

__all__ = [
    "Bars",
    "Case",
    "Cell",
    "Column",
    "Count",
    "CsvReport",
    "Document",
    "Drawing",
    "Event",
    "JunitReport",
    "Kind",
    "Link",
    "Listing",
    "Name",
    "Notes",
    "Number",
    "Part",
    "ReportFormat",
    "Reported",
    "Rule",
    "SarifReport",
    "Share",
    "State",
    "Suite",
    "Table",
    "Verdicts",
    "bare",
    "cells",
    "counted",
    "format_named",
    "format_of",
    "percent",
    "printable",
    "replace_file",
    "sentence",
    "shortened",
    "timeline",
]

bound_room(__name__)
