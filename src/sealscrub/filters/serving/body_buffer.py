"""One answer of the application, kept until all of it is there."""

from __future__ import annotations

from collections.abc import MutableMapping
from functools import cached_property
from typing import Any

from sealscrub.errors import Refused, UnreadableInput

from ..json_answers.json_text import Limits, read_json
from .bodies import is_event_stream, is_json, is_lines
from .decompression import Unpacker

__all__ = ["Collected"]


class Collected:
    """An answer as it came.

    Parameters
    ----------
    limits : Limits
        How large it may be.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self._pieces: list[bytes] = []
        self._size = 0
        self._is_complete = False

    async def take(self, message: MutableMapping[str, Any]) -> None:
        """Take a message of the application.

        Raises
        ------
        Refused
            When it is too large, or a stream.
        """
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = [(name.lower(), value) for name, value in message.get("headers", ())]
            if self.status < 300 and (is_event_stream(self.media) or is_lines(self.media)):
                raise Refused("a stream cannot be paged", where="answer", hint="answer in JSON.")
        elif message["type"] == "http.response.body":
            piece = message.get("body", b"")
            self._size += len(piece)
            if self._size > self._limits.bytes:
                raise Refused(f"the answer has more than {self._limits.bytes:,} bytes", where="answer")
            self._pieces.append(piece)
            self._is_complete = not message.get("more_body", False)
        else:
            raise Refused("the application responds in a way that the guard does not support", where="answer")

    @property
    def media(self) -> str:
        """Its media type."""
        return dict(self.headers).get(b"content-type", b"").decode("latin-1").partition(";")[0].strip().lower()

    @property
    def body(self) -> bytes:
        """Its body as it came.

        Raises
        ------
        UnreadableInput
            When there is not all of it.
        """
        if not self.status or not self._is_complete:
            raise UnreadableInput("the application's response ends early", where="answer")
        return b"".join(self._pieces)

    @cached_property
    def value(self) -> Any:
        """What its JSON says.

        Raises
        ------
        Refused, UnreadableInput
            When it is not JSON, or not within the limits.
        """
        if not is_json(self.media):
            raise Refused("this kind of response cannot be paged", where="answer", hint="answer in JSON.")
        codings = b",".join(value for name, value in self.headers if name == b"content-encoding").decode("latin-1")
        unpacker = Unpacker(codings, self._limits.bytes)
        return read_json(b"".join([*unpacker.feed(self.body), *unpacker.close()]), self._limits)
