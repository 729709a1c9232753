"""What a data's host hands to the custodian for linkage: the columns named, encrypted to the custodian.

:func:`extract` takes them out of a table of any kind; :meth:`Extract.write` encrypts them to ``seal.key.pub``, and
:func:`open_extract` opens them with ``seal.key.annex``, on the custodian's host.
"""

from sealscrub.boundary import bound_room
from sealscrub.identifiers.linkage_fields import FIELDS

from .extract import Extract, extract, open_extract
from .extract_file import extract_day, is_extract
from .row_marks import row_marks, share_marked

__all__ = ["FIELDS", "Extract", "extract", "extract_day", "is_extract", "open_extract", "row_marks", "share_marked"]

bound_room(__name__)
