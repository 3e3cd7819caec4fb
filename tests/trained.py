"""Trains on real data and prints how good that is: each seed has a split of its own, held back from training.

python tests/trained.py                 the digits with three seeds, and Fashion-MNIST where Debian's package is there
python tests/trained.py 20              the digits with twenty seeds
python tests/trained.py 3 FOLDER        Fashion-MNIST, or data like it, from that folder
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

import mlp
from mlp import idx
from mlp.cli.train import FASHION

DIGITS = {"hidden": "128", "epochs": 30, "batch": 16, "rate": 0.1, "optimiser": mlp.Nesterov(),
          "schedule": mlp.CosineAnnealing(30)}
CLOTHES = {"hidden": "256-128", "epochs": 5, "batch": 128}


def score(data: mlp.Data, settings: mlp.Settings) -> tuple[float, float]:
    """The share of the samples held back that is classified right after the last epoch, and the seconds it took."""
    network, clock = mlp.perceptron(data, settings), time.perf_counter()
    *_, run = mlp.learn(network, data, settings)
    return mlp.accuracy(network, run.best, data.x_test, data.t_test), time.perf_counter() - clock


def main(seeds: int = 3, folder: str = FASHION) -> None:
    table = Table("data", "network", "seed", "test accuracy", "seconds")
    found = [score(mlp.digits(seed), mlp.Settings(seed=seed, **DIGITS)) for seed in range(1, seeds + 1)]
    for seed, (right, seconds) in enumerate(found, 1):
        table.add_row("digits", "64-128-10, 30 epochs", str(seed), f"{right:.4f}", f"{seconds:.1f}")
    table.add_row("", "", "mean", f"{np.mean([right for right, _ in found]):.4f}", "")
    if Path(folder).is_dir():
        right, seconds = score(idx.folder(folder), mlp.Settings(seed=1, **CLOTHES))
        table.add_row("Fashion-MNIST", "784-256-128-10, 5 epochs", "1", f"{right:.4f}", f"{seconds:.1f}")
    Console().print(table)


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 3, *sys.argv[2:3])
