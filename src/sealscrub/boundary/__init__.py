"""The edge of the library: what an error holds when it leaves a public function.

A traceback keeps the frames of the functions that an error passed, and a frame keeps their variables: tables, rows,
keys. A collector of errors sends these on. So every public function and method is wrapped once, at the foot of its
room's ``__init__`` (:func:`bound_room`) or where it is made (:func:`bound`), and what leaves it keeps files and lines,
and no variables.
"""

from .late_names import late_names
from .room_wrapper import bound, bound_room

__all__ = ["bound", "bound_room", "late_names"]
