"""The outside end of a filter of system calls: what is asked, and the answer.

References
----------
``seccomp_unotify(2)``.
"""

from __future__ import annotations

import contextlib
import errno
import os
import struct
from dataclasses import dataclass

__all__ = ["Asked", "Listener"]

_RECEIVE, _ANSWER, _STILL_THERE = 0xC0502100, 0xC0182101, 0x40082102
_GO_ON = 1
_NOTICE = struct.Struct("<QIIiIQ6Q")
_REPLY = struct.Struct("<QqiI")


@dataclass(frozen=True, slots=True)
class Asked:
    """A system call that waits for its answer.

    Attributes
    ----------
    id : int
        Of the question.
    process : int
        The thread that makes the call.
    number : int
        Of the call.
    arguments : tuple of int
    """

    id: int
    process: int
    number: int
    arguments: tuple[int, ...]

    def memory(self, address: int, length: int) -> bytes:
        """Read the caller's memory.

        Raises
        ------
        OSError
            When it can't be read.
        """
        place = os.open(f"/proc/{self.process}/mem", os.O_RDONLY | os.O_CLOEXEC)
        try:
            return os.pread(place, length, address)
        finally:
            os.close(place)


class Listener:
    """Receives questions at a descriptor, and answers them."""

    def __init__(self, descriptor: int) -> None:
        self._at = descriptor

    def fileno(self) -> int:
        """Give the descriptor, to wait at."""
        return self._at

    def _control(self, what: int, notice: bytes | bytearray) -> None:
        import fcntl  # not on Windows, where this module is imported as well

        fcntl.ioctl(self._at, what, notice)

    def receive(self) -> Asked | None:
        """Take the next question; None if the caller has ended."""
        notice = bytearray(_NOTICE.size)
        try:
            self._control(_RECEIVE, notice)
        except OSError as error:
            if error.errno in (errno.ENOENT, errno.EINTR):
                return None
            raise
        number, process, _, call, _, _, *arguments = _NOTICE.unpack(notice)
        return Asked(number, process, call, tuple(arguments))

    def waits(self, asked: Asked) -> bool:
        """Whether the caller is still there: else what was read was another's."""
        try:
            self._control(_STILL_THERE, struct.pack("<Q", asked.id))
        except OSError:
            return False
        return True

    def answer(self, asked: Asked, refusal: int) -> None:
        """Let the kernel continue with a call, or refuse it with an error's number."""
        reply = _REPLY.pack(asked.id, 0, -refusal, 0 if refusal else _GO_ON)
        with contextlib.suppress(FileNotFoundError):  # the caller is gone
            self._control(_ANSWER, reply)
