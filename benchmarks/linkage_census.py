"""Censuses of pseudopeople's sample, for ``benchmarks.linkage --census``: ``benchmarks/linkage_census.py FOLDER``.

It needs pseudopeople alone, which wants older packages than sealscrub: run it in an environment of its own.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

import pseudopeople


def _times(factor: float) -> dict[str, object]:
    """The noise of cells that pseudopeople ships with, times a factor; nobody is left out or there twice."""
    config = pseudopeople.get_config()["decennial_census"]
    shipped = config["column_noise"]
    rows = {
        kind: {name: 0.0 for name, value in said.items() if "probability" in name and not isinstance(value, dict)}
        for kind, said in config["row_noise"].items()
    }
    cells = {
        column: {
            kind: {"cell_probability": min(1.0, said["cell_probability"] * factor)}
            for kind, said in kinds.items()
            if isinstance(said.get("cell_probability"), int | float)
        }
        for column, kinds in shipped.items()
    }
    return {"decennial_census": {"column_noise": cells, "row_noise": rows}}


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    warnings.simplefilter("ignore")
    for name, seed, config in (("clean", 1, pseudopeople.NO_NOISE), ("shipped", 2, _times(1)), ("five", 3, _times(5))):
        made = pseudopeople.generate_decennial_census(seed=seed, config=config, verbose=False)
        made.to_csv(folder / f"{name}.csv", index=False)


if __name__ == "__main__":
    main()
