"""One training step beside torch, JAX and scikit-learn, where they can be imported, in one process and one thread.

Of the other layers, convolution, pooling, normalisation and attention, beside torch. The table is printed by
python -m pytest tests/speed --override-ini addopts= --benchmark-only -k mlp
"""

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

import pytest
from peers import ONE_THREAD
from rich.console import Console
from rich.table import Table

# ours, theirs, and how many times as long theirs takes at least
WANTED = {
    "784-256-128-10, batch 1": (("mlp", "torch eager", 5.0), ("mlp", "scikit-learn", 1.0)),
    "784-256-128-10, batch 32": (("mlp", "torch eager", 1.2), ("mlp", "scikit-learn", 1.0)),
    "784-256-128-10, batch 128": (("mlp", "torch eager", 1.0), ("mlp", "scikit-learn", 1.0)),
    "2-3-4-1, batch 1": (("mlp, plain Python", "torch eager", 10.0), ("mlp, numba", "JAX scan", 5.0)),
}


def ratio(rounds: dict[str, list[float]], one: str, other: str) -> float:
    """The median of other / one over pairs of the same round."""
    return statistics.median(b / a for a, b in zip(rounds[one], rounds[other], strict=True))


def test_a_training_step_of_mlp_beside_other_libraries(benchmark, capsys: pytest.CaptureFixture[str]) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OPENBLAS_")} | ONE_THREAD
    command = [sys.executable, str(Path(__file__).with_name("peers.py"))]
    run = benchmark.pedantic(lambda: subprocess.run(command, env=environment, check=True, capture_output=True,
                                                    text=True), rounds=1)
    said = next(line for line in run.stdout.splitlines() if line.startswith("times "))
    found: dict[str, dict[str, list[float]]] = json.loads(said.removeprefix("times "))
    table = Table("network", "library", "µs a step, median", "times as long as ours, median of pairs")
    for network, rounds in found.items():
        first = next(iter(rounds))
        for name, seconds in rounds.items():
            table.add_row(network, name, f"{1e6 * statistics.median(seconds):.4g}", f"{ratio(rounds, first, name):.3g}")
    with capsys.disabled():
        Console(width=110).print(table)
    for network, goals in WANTED.items():
        for one, other, least in goals:
            if other in found[network] and one in found[network]:
                assert ratio(found[network], one, other) >= least, f"{network}: {one} beside {other}"
