"""Searching a gallery of vectors: faces, prints, patterns, nearest cases."""

from __future__ import annotations

from sealscrub.boundary import bound_room

from .null_gallery import NullGallery

__all__ = ["NullGallery"]

bound_room(__name__)
