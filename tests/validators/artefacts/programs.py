"""Pickles put together by hand, which no pickler would write: any callable, any arguments, nothing imported."""

from __future__ import annotations

import io
import pickle
from typing import Any

__all__ = ["call", "name", "program", "tuple_of", "value"]


def program(*parts: bytes) -> bytes:
    """A whole pickle."""
    return b"\x80\x05" + b"".join(parts) + b"."


def value(thing: Any) -> bytes:
    """Instructions that put a value on the stack, without a memo."""
    out = io.BytesIO()
    pickler = pickle.Pickler(out, 3)
    pickler.fast = True
    pickler.dump(thing)
    return out.getvalue()[2:-1]


def name(full: str) -> bytes:
    """A callable by ``module:name``."""
    module, _, attribute = full.partition(":")
    return value(module) + value(attribute) + b"\x93"


def tuple_of(*parts: bytes) -> bytes:
    """A tuple of parts."""
    return b"(" + b"".join(parts) + b"t"


def call(full: str, *parts: bytes, state: bytes = b"", how: bytes = b"R") -> bytes:
    """A call of ``module:name`` with parts, and the state that is set on what it gives."""
    return name(full) + tuple_of(*parts) + how + (state + b"b" if state else b"")
