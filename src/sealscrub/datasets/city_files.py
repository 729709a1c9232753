"""A city on disk, made and written piece by piece."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Literal, Protocol

import polars as pl
import pyarrow.parquet as pq

from sealscrub.atomic_write import refuse_address
from sealscrub.errors import UsageError, WriteFailed

from .assembly import Part, parts
from .mess import Mess

__all__ = ["write_city"]


def write_city(
    folder: str | Path,
    arrests: int = 10_000,
    *,
    seed: int = 0,
    mess: float | Mess = 0.02,
    sealed_share: float = 0.45,
    names_noise: float = 0.0,
    chunk: int = 500_000,
    format: Literal["parquet", "csv"] = "parquet",
    progress: Callable[[int, int], None] | None = None,
) -> list[Path]:
    """Write the city that :func:`make_city` makes, without ever holding it.

    Parameters
    ----------
    folder : path
        Where to write; made if absent. ``arrests.parquet`` and so on, the truth in ``truth/``, whose each row
        is in ``truth/rows/``. Files of these names are replaced when the whole city is written, not before.
    arrests, seed, mess, sealed_share, names_noise
        As for :func:`make_city`.
    chunk : int
        How many arrests are held at a time, in whole blocks of 20,000. It decides memory (about 2 GB for
        500,000) and the size of row groups, never the content.
    format : {"parquet", "csv"}
        What to write. Dates in CSV are ISO 8601, a null is an empty field.
    progress : callable, optional
        Called with the number of arrests done and of all.

    Returns
    -------
    list of Path
        The files, tables first.

    Raises
    ------
    UsageError
        When an argument makes no sense.
    WriteFailed
        When the folder cannot be written; files that were there are as they were.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     paths = write_city(folder, arrests=1_000, seed=0, format="csv")
    >>> paths[0].name, len(paths)
    ('people.csv', 27)
    """
    if chunk < 1:
        raise UsageError("a chunk must have at least one arrest", where="chunk")
    if format not in _WRITERS:
        raise UsageError("the format of a city must be parquet or csv", where="format")
    refuse_address(folder)
    root = Path(folder)
    made = parts(arrests, seed, mess, sealed_share, names_noise)
    try:
        return _write(root, _chunks(made, chunk), arrests, format, progress)
    except OSError as error:
        raise WriteFailed(
            f"the city could not be written ({error.strerror})",
            where=str(root),
            hint="check disk space and permissions.",
        ) from None


def _write(
    root: Path,
    pieces: Iterator[tuple[int, Part]],
    arrests: int,
    format: str,
    progress: Callable[[int, int], None] | None,
) -> list[Path]:
    writers: dict[str, _Writer] = {}
    partial: dict[Path, Path] = {}
    with ExitStack() as stack:
        stack.callback(_remove, partial)
        for done, piece in pieces:
            for name, frame in piece.items():
                if name not in writers:
                    target = root / f"{name}.{format}"
                    target.parent.mkdir(parents=True, exist_ok=True)
                    path = target.with_name(f".{target.name}.partial")
                    partial[path] = target
                    writers[name] = _WRITERS[format](path, frame)
                    stack.callback(writers[name].close)
                writers[name].write(frame)
            if progress:
                progress(done, arrests)
        for writer in writers.values():
            writer.close()
        for path, target in partial.items():
            path.replace(target)
    targets = list(partial.values())
    return sorted(targets, key=lambda path: len(path.relative_to(root).parts) > 1)


def _remove(paths: Iterable[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)


def _chunks(made: Iterator[tuple[int, Part]], chunk: int) -> Iterator[tuple[int, Part]]:
    """Blocks together until they come to a chunk."""
    held: list[Part] = []
    before = done = 0
    for done, part in made:
        held.append(part)
        if done - before >= chunk:
            yield done, _concatenate_parts(held)
            held, before = [], done
    if held:
        yield done, _concatenate_parts(held)


def _concatenate_parts(held: list[Part]) -> Part:
    return {name: pl.concat([part[name] for part in held]) for name in held[0]}


class _Writer(Protocol):
    def write(self, frame: pl.DataFrame) -> None: ...

    def close(self) -> None: ...


class _Parquet:
    def __init__(self, path: Path, first: pl.DataFrame) -> None:
        schema = first.head(0).to_arrow(compat_level=pl.CompatLevel.oldest()).schema
        self._writer = pq.ParquetWriter(path, schema, compression="zstd")

    def write(self, frame: pl.DataFrame) -> None:
        self._writer.write_table(frame.to_arrow(compat_level=pl.CompatLevel.oldest()))

    def close(self) -> None:
        self._writer.close()


class _Csv:
    def __init__(self, path: Path, first: pl.DataFrame) -> None:
        self._file = path.open("wb")
        first.head(0).write_csv(self._file)

    def write(self, frame: pl.DataFrame) -> None:
        frame.write_csv(self._file, include_header=False)

    def close(self) -> None:
        self._file.close()


_WRITERS: dict[str, Callable[[Path, pl.DataFrame], _Writer]] = {"parquet": _Parquet, "csv": _Csv}
