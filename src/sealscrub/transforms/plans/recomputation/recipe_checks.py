"""What ``plan check`` found of recipes, on record next to the plan: over the same files it need not be found again.

The record holds digests of plan and files, and for each recipe the positions of the stored values that it does not
return. It is for the operator (0600) and never holds a value.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sealscrub import __version__
from sealscrub.atomic_write import placed_file
from sealscrub.errors import WriteFailed
from sealscrub.file_system import sha256_of
from sealscrub.tables.files_table import FilesTable
from sealscrub.tables.table import Table

from ..plan_spec import PlanSpec

__all__ = ["CheckRecord", "Reproduced"]

Reproduced = Mapping[str, npt.NDArray[np.bool_]]
_LARGEST = 1 << 31
_DIGEST = 1 << 10


@dataclass(frozen=True, slots=True)
class CheckRecord:
    """The record of a plan's last check.

    Parameters
    ----------
    plan : Path
        The plan's file.
    """

    plan: Path

    @property
    def path(self) -> Path:
        """Where it is kept."""
        return self.plan.with_name(f".{self.plan.name[:100]}.checked")

    def write(self, spec: PlanSpec, tables: Mapping[str, Table], found: Reproduced) -> None:
        """Take down which stored values each recipe returns; if that cannot be written, it is left out."""
        files = _files(tables)
        if files is None or not found:
            return
        arrays: dict[str, Any] = {"about": _digest_of_plan(spec, files)}
        arrays |= {f"recipe {name}": np.packbits(same) for name, same in found.items()}
        arrays |= {f"rows {name}": np.array(len(same)) for name, same in found.items()}
        content = io.BytesIO()
        np.savez_compressed(content, **arrays)
        with contextlib.suppress(WriteFailed), placed_file(self.path, mode=0o600) as file:
            file.write(content.getvalue())

    def read(self, spec: PlanSpec, tables: Mapping[str, Table]) -> Reproduced:
        """Give what is on record of this plan over these very files; nothing if anything is another."""
        files = _files(tables)
        if files is None or not self.path.is_file() or self.path.stat().st_size > _LARGEST:
            return {}
        try:
            with np.load(self.path, allow_pickle=False) as record:
                if not _fits_memory(record.zip) or not np.array_equal(record["about"], _digest_of_plan(spec, files)):
                    return {}
                names = [name.removeprefix("recipe ") for name in record.files if name.startswith("recipe ")]
                return {
                    name: np.unpackbits(record[f"recipe {name}"], count=int(record[f"rows {name}"])).astype(bool)
                    for name in names
                }
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return {}


def _fits_memory(record: zipfile.ZipFile) -> bool:
    """Whether a record unpacks to no more than one would: a plan's folder may come from somebody else."""
    sizes = {entry.filename: entry.file_size for entry in record.infolist()}
    return sizes.pop("about.npy", _LARGEST) <= _DIGEST and sum(sizes.values()) <= _LARGEST


def _files(tables: Mapping[str, Table]) -> list[Path] | None:
    """The files of an estate; None if a table is something else, whose content has no digest."""
    if not all(isinstance(table, FilesTable) for table in tables.values()):
        return None
    return [path for table in tables.values() if isinstance(table, FilesTable) for path in table.files]


def _digest_of_plan(spec: PlanSpec, files: list[Path]) -> npt.NDArray[np.uint8]:
    """Digest the plan, the version, and every file with its name."""
    total = hashlib.sha256(f"{__version__}\n{spec.model_dump_json()}\n".encode())
    for path in files:
        total.update(f"{path}\n{sha256_of(path)}\n".encode())
    return np.frombuffer(total.digest(), np.uint8)
