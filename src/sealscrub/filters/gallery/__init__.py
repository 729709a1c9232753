"""Searching a gallery of vectors: faces, prints, patterns, nearest cases."""

from __future__ import annotations

from .null_gallery import NullGallery

__all__ = ["NullGallery"]
