"""What shuts a process of the nullity test in beside its files: sockets, shared memory, other processes."""

from __future__ import annotations

__all__: list[str] = []
