"""Files that courts and agencies send, as they are: their columns as text, and the line on which each row begins.

What cannot be read of them is kept, so it can be said by line and written to a file to be fixed.
"""

from sealscrub.boundary import bound_room

from .headers import folded_name, shown_name
from .rejects import Problem, check_reject_file, problem_lines, refuse_rows, reject_rows, write_rejects
from .sheet_rows import Sheet, read_sheet

__all__ = [
    "Problem",
    "Sheet",
    "check_reject_file",
    "folded_name",
    "problem_lines",
    "read_sheet",
    "refuse_rows",
    "reject_rows",
    "shown_name",
    "write_rejects",
]

bound_room(__name__)
