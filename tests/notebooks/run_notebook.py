"""Run a notebook as a script, and keep its figures: ``run_notebook.py NOTEBOOK FOLDER``."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt

if __name__ == "__main__":
    runpy.run_path(sys.argv[1], run_name="__main__")
    for number in plt.get_fignums():
        plt.figure(number).savefig(Path(sys.argv[2]) / f"{Path(sys.argv[1]).stem}-{number}.png", dpi=100)
