"""What a system under test answered to one request."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sealscrub.boundary import bound

__all__ = ["Response"]


@bound
@dataclass(frozen=True, slots=True)
class Response:
    """What came back: status, headers in their order, body.

    Examples
    --------
    >>> Response(404, (("content-type", "text/plain"),), b"not found").text
    'not found'
    """

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = field(default=b"", repr=False)

    @property
    def text(self) -> str | None:
        """The body as text; None if it is not text."""
        try:
            return self.body.decode()
        except UnicodeDecodeError:
            return None

    @classmethod
    def of(cls, value: Any) -> Response | None:
        """Read the responses of HTTP libraries (httpx, requests, Starlette); None for anything else."""
        if isinstance(value, Response):
            return value
        if not hasattr(value, "status_code") or not hasattr(value, "headers"):
            return None
        body = value.content if hasattr(value, "content") else getattr(value, "body", b"")
        headers = value.headers
        pairs = headers.multi_items() if hasattr(headers, "multi_items") else headers.items()
        return cls(int(value.status_code), tuple((str(name), str(said)) for name, said in pairs), bytes(body or b""))
