"""What sandboxes a process of the nullity test other than its files: sockets, shared memory, other processes."""

from __future__ import annotations

__all__: list[str] = []
