"""The nullity trial: worlds with and without the sealed records, runs in both, and the verdict.

What is under test is a :class:`.subject.Subject`: a function, a service, or anything else that can be run over data.
This package imports nothing: the process of what is tested is sandboxed before it loads anything heavy.
"""

from __future__ import annotations

__all__: list[str] = []
