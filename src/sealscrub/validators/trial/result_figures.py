"""Figures of a result: what matplotlib drew, as data, in the coordinates of the data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

__all__ = ["drawn"]


def drawn(figure: Any) -> Iterator[tuple[str, Any]]:
    """Give what a figure shows, by name: texts, limits, lines, bars, areas, points and images.

    Parameters
    ----------
    figure : matplotlib.figure.Figure or matplotlib.axes.Axes

    Yields
    ------
    (str, object)
        Names such as ``axes[0].lines[1]``, and arrays or lists.
    """
    axes = figure.get_axes() if hasattr(figure, "get_axes") else [figure]
    yield "texts", _texts(figure)
    for at, each in enumerate(axes):
        path = f"axes[{at}]"
        yield f"{path}.texts", _texts(each)
        yield f"{path}.limits", np.array([*each.get_xlim(), *each.get_ylim()])
        for number, line in enumerate(each.get_lines()):
            yield f"{path}.lines[{number}]", np.asarray(line.get_xydata())
            look = [line.get_color(), line.get_linestyle(), line.get_linewidth(), line.get_marker()]
            yield f"{path}.lines[{number}].look", [*map(str, look), str(line.get_markersize())]
        for number, patch in enumerate(each.patches):
            corners = patch.get_patch_transform().transform(patch.get_path().vertices)
            yield f"{path}.patches[{number}]", np.asarray(corners)
            yield f"{path}.patches[{number}].look", np.array([*patch.get_facecolor(), *patch.get_edgecolor()])
        for number, collection in enumerate(each.collections):
            for name, value in _of_collection(collection):
                yield f"{path}.collections[{number}].{name}", value
        for number, image in enumerate(each.images):
            yield f"{path}.images[{number}]", np.ma.filled(image.get_array(), np.nan)
            yield f"{path}.images[{number}].extent", np.array(image.get_extent())


def _of_collection(collection: Any) -> Iterator[tuple[str, Any]]:
    yield "offsets", np.ma.filled(np.ma.asarray(collection.get_offsets(), dtype=float), np.nan)
    for number, path in enumerate(collection.get_paths()):
        yield f"paths[{number}]", np.asarray(path.vertices)
    colours = collection.get_array()
    if colours is not None:
        yield "values", np.ma.filled(np.ma.asarray(colours, dtype=float), np.nan)
    yield "look", np.vstack([np.atleast_2d(each) for each in _colours(collection)])
    if hasattr(collection, "get_sizes"):
        yield "sizes", np.asarray(collection.get_sizes())


def _colours(collection: Any) -> Iterator[Any]:
    for colours in (collection.get_facecolor(), collection.get_edgecolor()):
        yield colours if len(colours) else np.empty((0, 4))


def _texts(artist: Any) -> list[str]:
    """Titles, labels, legends and notes of a figure or of axes; ticks follow from the limits."""
    texts = [each.get_text() for each in artist.texts]
    for name in ("get_suptitle", "get_title", "get_xlabel", "get_ylabel"):
        if hasattr(artist, name):
            texts.append(str(getattr(artist, name)()))
    legend = artist.get_legend() if hasattr(artist, "get_legend") else None
    if legend is not None:
        texts += [each.get_text() for each in legend.get_texts()]
    if hasattr(artist, "get_xticklabels"):
        texts += [each.get_text() for each in (*artist.get_xticklabels(), *artist.get_yticklabels())]
    for table in getattr(artist, "tables", ()):
        texts += [cell.get_text().get_text() for _, cell in sorted(table.get_celld().items())]
    return texts
