"""Slopes of noisy functions by least squares: the bound covers the error, and is far below that of two points."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from jacobian.numeric.fit import fitted
from jacobian.numeric.function import Function, quiet
from jacobian.numeric.measure import measure
from jacobian.verify import check

NOISY = {
    "noise": lambda y, x, size: y + size * np.sin(1e17 * x),
    "rounded": lambda y, x, size: np.round(y / size) * size,
}
A = np.random.default_rng(1).normal(size=(4, 3))
X = np.array([0.7, 0.04, -1.3])


def shaken(kind: str, size: float) -> Any:
    return lambda x: NOISY[kind](np.sin(A @ x), (A @ x), size)


def true(x: Any) -> Any:
    return np.cos(A @ x)[:, None] * A


@pytest.mark.parametrize("count", [64, 512])
@pytest.mark.parametrize("kind", NOISY)
@pytest.mark.parametrize("size", [1e-8, 1e-6, 1e-4])
def test_the_bound_covers_the_error_and_is_below_that_of_differences_in_most_entries(kind: str, size: float,
                                                                                      count: int) -> None:
    function = Function(shaken(kind, size), X)
    with quiet():
        before = measure(function)
        after = fitted(function, before, range(function.x.size), count)
    narrower = after.error < before.error
    assert (np.abs(after.value - true(X)) <= after.error)[narrower].all()
    assert narrower.mean() > 0.5


@pytest.mark.parametrize("count", [64, 512])
def test_a_kink_and_an_oscillation_are_not_smoothed_away(count: int) -> None:
    for f in (lambda x: np.abs(x - 0.3), lambda x: x + np.sin(200 * x) / 10):
        function = Function(f, np.array([0.31]))
        with quiet():
            before = measure(function)
            after = fitted(function, before, range(function.x.size), count)
        assert after.error <= before.error
        assert np.abs(after.value - before.value) <= before.error


@pytest.mark.parametrize("factor", [1.1, 0.5, 0.0, -1.0])
def test_a_wrong_entry_of_a_noisy_function_is_not_right(factor: float) -> None:
    f = shaken("noise", 1e-4)
    assert check(f, X, jacobian=true(X)).verdict == "right"
    bad = true(X)
    bad[2, 1] *= factor
    assert check(f, X, jacobian=bad).verdict != "right"


def test_small_entries_of_a_noisy_function_are_known_beside_the_largest() -> None:
    """An entry a thousandth of the largest is not known to 9 % of itself: it is right, and the report says so."""
    rows, pair = np.array([[2.0, 0.002]]), np.array([0.7, -0.6])
    true = np.cos(rows @ pair)[:, None] * rows
    f = lambda x, size=1e-4: NOISY["noise"](np.sin(rows @ x), rows @ x, size)       # noqa: E731 (with another size)
    report = check(f, pair, jacobian=true)
    assert report.verdict == "right"
    assert "the other 1 is small and known to ±" in report.sentence
    assert check(f, pair, jacobian=true * [[1, 30]]).verdict != "right"
    assert check(lambda x: f(x, 1e-3), pair, jacobian=true).verdict == "undecided"
