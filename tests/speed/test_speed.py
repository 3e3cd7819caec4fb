"""How fast, as ratios against a peer in the same run where there is one. On demand only:

python -m pytest tests/speed --override-ini addopts= --benchmark-only
"""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import jacobian as jac
import mlp

RNG = np.random.default_rng(0)


def seconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def ratio(one: Callable[[], object], other: Callable[[], object], rounds: int) -> float:
    """The median of one / other, each pair run one right after the other."""
    one(), other()
    return statistics.median(seconds(one) / seconds(other) for _ in range(rounds))


def python(code: str, cache: Path) -> Callable[[], object]:
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(cache)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return lambda: subprocess.run([sys.executable, "-c", code], check=True, env=environment, capture_output=True)


def test_import_takes_little_more_than_that_of_sympy(benchmark, tmp_path: Path) -> None:
    ours, sympys = python("import jacobian", tmp_path), python("import sympy", tmp_path)
    found = ratio(ours, sympys, 15)
    benchmark.extra_info["ratio to import sympy"] = found
    uses = {
        "import sympy and numpy": "import sympy, numpy",
        "with the first symbol, which loads both": "import jacobian; jacobian.symbols('x: n')",
        "with the first derivation": "import jacobian as jac; (x,) = jac.symbols('x: n'); jac.derive(x @ x, x)",
    }
    for use, code in uses.items():
        benchmark.extra_info[use] = ratio(python(code, tmp_path), sympys, 15)
    benchmark.pedantic(ours, rounds=3)
    assert found <= 1.3


def notes_network() -> tuple[jac.Expr, tuple[jac.Expr, ...]]:
    x, t, W1, b1, W2, b2, W3, b3 = jac.symbols("x: n0, t: n3, W1: n1 n0, b1: n1, W2: n2 n1, b2: n2, W3: n3 n2, b3: n3")
    a1 = jac.name("a1", jac.relu(jac.name("z1", W1 @ x + b1)))
    a2 = jac.name("a2", jac.relu(jac.name("z2", W2 @ a1 + b2)))
    return jac.name("J", jac.half_square(jac.name("h", W3 @ a2 + b3) - t)), (W1, b1, W2, b2, W3, b3)


def test_all_gradients_of_the_notes_network_are_derived_in_half_a_second(benchmark) -> None:
    J, parameters = notes_network()
    found = benchmark.pedantic(lambda: jac.derive(J, parameters).check().ok, rounds=3)
    assert found
    assert benchmark.stats["median"] <= 0.5


def test_the_worksheet_command_takes_at_most_five_seconds(benchmark, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "jacobian", "worksheet", "backprop", "--out", str(tmp_path)]
    benchmark.pedantic(lambda: subprocess.run(command, check=True, capture_output=True), rounds=3)
    assert benchmark.stats["median"] <= 5


@pytest.mark.parametrize("wrt", ["W", "x", "b"])
def test_a_backward_step_of_an_affine_layer_costs_what_the_product_costs(benchmark, wrt: str) -> None:
    x, W, b = RNG.normal(size=(64, 784)), RNG.normal(size=(128, 784)), RNG.normal(size=128)
    g = RNG.normal(size=(64, 128))
    layer = mlp.Affine()
    J = layer.jacobian(wrt, x=x, W=W, b=b)
    flat = g.reshape(-1)
    by_hand = {"W": lambda: g.T @ x, "x": lambda: g @ W, "b": lambda: g.sum(axis=0)}[wrt]
    np.testing.assert_allclose((J.T @ flat).reshape(np.shape(by_hand())), by_hand())
    found = ratio(lambda: J.T @ flat, by_hand, 400)
    benchmark.extra_info["ratio to the product by hand"] = found
    benchmark(lambda: J.T @ flat)
    if wrt == "W":
        assert found <= 1.2
