"""Give up what root may do beyond files, if a process has no user namespace of its own.

A root that may trace performance reads the memory maps and environments of all processes, Landlock or not.

References
----------
``capabilities(7)``; ``may_access_mm`` in the kernel's ``kernel/fork.c``.
"""

from __future__ import annotations

import ctypes
import os
import struct

from .system_calls import library

__all__ = ["give_up"]

_KEPT_CAPABILITIES = 0b1111_1111  # owners and modes of files, signals, changes of user
_LAST = 63
_DROP_BOUNDING = 24
_VERSION = 0x20080522


def give_up() -> None:
    """Keep what root may do with files, and nothing else, for this process and all that it starts.

    Raises
    ------
    OSError
    """
    if os.geteuid():
        return
    lib = library()
    for each in range(_LAST + 1):
        if not _KEPT_CAPABILITIES >> each & 1:
            lib.prctl(_DROP_BOUNDING, each, 0, 0, 0)  # refused where this kernel has no such privilege
    header = ctypes.create_string_buffer(struct.pack("<Ii", _VERSION, 0), 8)
    now = ctypes.create_string_buffer(24)
    if lib.capget(header, now):
        raise OSError(ctypes.get_errno(), "capget")
    effective, permitted, _ = struct.unpack("<III", now.raw[:12])
    kept = struct.pack("<IIIIII", effective & _KEPT_CAPABILITIES, permitted & _KEPT_CAPABILITIES, 0, 0, 0, 0)
    if lib.capset(header, ctypes.create_string_buffer(kept, 24)):
        raise OSError(ctypes.get_errno(), "capset")
