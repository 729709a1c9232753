"""Digests of a short list of identifiers, all of which have their canonical shape already: no column is made for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .digest import Digests, OneDigest, digest_rows
from .fixed_shape import read_shape, shaped_rows
from .known_schemes import get_scheme

__all__ = ["plain_digests"]


def plain_digests(values: Sequence[Any], scheme: str, key: bytes | OneDigest) -> Digests | None:
    """Digest identifiers that are canonical as they are.

    Parameters
    ----------
    values : sequence of object
        Raw identifiers.
    scheme : str
        What they are.
    key : bytes, or OneDigest
        32 bytes, the key of the scheme; or what digests with it already.

    Returns
    -------
    numpy.ndarray of uint64, shape (len(values), 2), or None
        As :func:`digest_column` gives them; None if a value is not canonical, or the scheme has no shape that decides.

    Raises
    ------
    SchemeError
        When the scheme is unknown.

    Examples
    --------
    >>> plain_digests(["K14612345", "M14000017"], "arrest_number", bytes(32)).shape
    (2, 2)
    >>> plain_digests(["K14-612345"], "arrest_number", bytes(32)) is None
    True
    """
    definition = get_scheme(scheme)
    if definition.shape is None or definition.parts:
        return None
    positions, _ = read_shape(definition.shape)
    width = len(positions)
    try:
        text = "\0".join([*values, ""]).encode("ascii")
    except (TypeError, UnicodeError):
        return None
    if any(allowed[0] for allowed in positions) or not values or len(text) != (width + 1) * len(values):
        return None
    parted = np.frombuffer(text, np.uint8).reshape(-1, width + 1)
    if parted[:, width].any():
        return None
    matrix = parted[:, :width]
    good, none = shaped_rows(matrix, definition)
    return digest_rows(matrix, key) if good.all() and not none.any() else None
