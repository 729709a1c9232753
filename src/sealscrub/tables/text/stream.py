"""A text file as a stream of the bytes that are worked on, and the way back to the file's own encoding."""

from __future__ import annotations

import codecs
import os

from sealscrub.errors import UnreadableInput

from .compression import ByteSink, Closing, Compression, open_text_input
from .encoding import TextEncoding, recognise_encoding

__all__ = ["TextStream", "encoded"]

_HEAD = 1 << 16


class TextStream(Closing):
    """An open text file: decompressed, without its byte-order mark, UTF-16 and UTF-32 turned into UTF-8.

    Parameters
    ----------
    path : str or path-like
        The file: plain, gzip or zstd.
    encoding : str, optional
        Its encoding; by default what its byte-order mark says, else UTF-8.
    may_be_empty : bool
        Whether a file that holds nothing is a file without rows.

    Raises
    ------
    UsageError
        If the file does not exist, or the encoding is unknown.
    UnreadableInput
        If the file cannot be read or holds nothing.
    """

    def __init__(
        self, path: str | os.PathLike[str], encoding: str | None = None, *, may_be_empty: bool = False
    ) -> None:
        self._input = open_text_input(path)
        try:
            self._head = self._input.read(_HEAD)
            self.encoding: TextEncoding = recognise_encoding(self._head, encoding)
            self._head = self._head[len(self.encoding.bom) :]
            if not self._head and not may_be_empty:
                raise UnreadableInput(
                    "the file is empty",
                    where=self.name,
                    hint="export it again; a table without rows has a header still.",
                )
        except BaseException:
            self.close()
            raise
        self._decoder = codecs.getincrementaldecoder(self.encoding.codec)() if self.encoding.wide else None

    @property
    def name(self) -> str:
        """The file's name in messages."""
        return self._input.name

    @property
    def compression(self) -> Compression:
        """How the file is compressed."""
        return self._input.compression

    def read(self, size: int) -> bytes:
        """Read about ``size`` bytes, none only at the end of the file.

        Raises
        ------
        UnreadableInput
            If the file is damaged, or a UTF-16 or UTF-32 file does not decode.
        """
        while True:
            data = self._head[:size]
            self._head = self._head[size:]
            if len(data) < size:
                data += self._input.read(size - len(data))
            if self._decoder is None:
                return data
            text = self._decoded(data)
            if text or not data:
                return text

    def _decoded(self, data: bytes) -> bytes:
        assert self._decoder is not None  # noqa: S101 - narrows the type
        try:
            return self._decoder.decode(data, final=not data).encode("utf-8")
        except UnicodeError:
            pass
        raise UnreadableInput(f"not valid {self.encoding.codec}", where=self.name, hint="name its encoding.")

    def position(self) -> int:
        """Count the bytes read from the disk so far."""
        return self._input.position()

    def close(self) -> None:
        """Close the file."""
        self._input.close()


def encoded(sink: ByteSink, encoding: TextEncoding) -> ByteSink:
    """Put in front of a sink what gives the bytes that are worked on their file's encoding and mark back."""
    sink.write(encoding.bom)
    return _WideningSink(sink, encoding.codec) if encoding.wide else sink


class _WideningSink:
    def __init__(self, sink: ByteSink, codec: str) -> None:
        self._sink = sink
        self._codec = codec

    def write(self, data: bytes) -> None:
        # every piece is whole records, so no character is ever cut
        self._sink.write(bytes(data).decode("utf-8").encode(self._codec))
