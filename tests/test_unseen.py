"""Mistakes inside a function that shows no steps: other values of its inputs, and points chosen for what they tell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from jacobian.verify import Report, check
from jacobian.verify.slope import along

VECTOR = np.array([0.7, -1.3, 1.6])
SQUARE = np.array([[0.9, -0.4, 0.3], [0.2, 1.1, -0.7], [-0.5, 0.6, 0.8]])
WIDE = np.array([[0.5, -0.8, 0.3], [1.2, 0.4, -0.6]])
TALL = np.array([[0.7, -0.2], [0.9, 1.1], [-0.4, 0.6], [0.3, -1.0]])
SUMS = np.abs(WIDE)
SERIES = np.array([[0.4, -0.9], [0.8, 0.3], [-0.5, 1.1], [0.6, 0.2]])


def opaque(f: Callable[..., Any]) -> Callable[..., Any]:
    """f of the bytes in memory, as code in C reads them."""
    return lambda *x: f(*(np.frombuffer(a.tobytes(), a.dtype).reshape(a.shape) for a in x))


@dataclass(frozen=True, eq=False)
class Case:
    """f(x, rest), and what is claimed as its derivative by x; the cause, and a part of the sentence that says why."""

    cause: str
    why: str
    f: Callable[..., Any]
    x: Any
    rest: Any
    claimed: Callable[..., Any]

    @cached_property
    def report(self) -> Report:
        def vjp(g: Any, x: Any, rest: Any) -> Any:
            J = self.claimed(x, rest)
            return (g.ravel() @ J.reshape(g.size, -1)).reshape(x.shape), exact(self.f, (x, rest), g)

        return check(opaque(self.f), (self.x, self.rest), vjp=vjp)


def exact(f: Callable[..., Any], x: tuple[Any, Any], g: Any) -> Any:
    """The gradient of g · f by the second input, by complex steps."""
    units = np.eye(x[1].size).reshape(-1, *x[1].shape)
    return np.array([(g * f(x[0], x[1] + 1e-100j * unit).imag).sum() * 1e100 for unit in units]).reshape(x[1].shape)


def states(x: Any, W: Any) -> Any:
    """sₜ = tanh(W sₜ₋₁ + xₜ), all times after the first 0."""
    s = [np.zeros(len(W))]
    for row in x:
        s.append(np.tanh(W @ s[-1] + row))
    return s


def summed(x: Any, W: Any) -> Any:
    return np.sin(sum(states(x, W)))


def forgetful(x: Any, W: Any) -> Any:
    """∂y/∂x where every state forgets the one before."""
    s = states(x, W)
    return np.stack([diag(np.cos(sum(s)) * (1 - each**2)) for each in s[1:]], axis=1)


def diag(a: Any) -> Any:
    return np.diag(a)


CASES = (
    # another value of the other input in the whole derivative
    Case("transpose", "rest transposed", lambda x, A: np.sin(x * (A @ x)), VECTOR, SQUARE,
         lambda x, A: diag(np.cos(x * (A.T @ x))) @ (diag(A.T @ x) + diag(x) @ A.T)),
    Case("factor missing", "1 in place of rest", lambda x, c: np.sin(x * c.sum() + x**2), VECTOR, WIDE[0],
         lambda x, c: diag(np.cos(c.size * x + x**2) * (c.size + 2 * x))),
    Case("path dropped", "rest = 0", lambda x, b: np.tanh(TALL @ x + b) ** 2, VECTOR[:2], TALL[:, 1],
         lambda x, b: diag(2 * np.tanh(TALL @ x) * (1 - np.tanh(TALL @ x) ** 2)) @ TALL),
    Case("another quantity", "x in place of rest", lambda x, b: np.sin(x[::-1] * b + x), VECTOR, WIDE[0],
         lambda x, b: diag(np.cos(x[::-1] * x + x)) @ (diag(x)[:, ::-1] + np.eye(3))),
    Case("off by one", "rest in reverse", lambda x, K: np.tanh(x[:2] @ K + x), VECTOR, WIDE,
         lambda x, K: diag(1 - np.tanh(x[:2] @ K[::-1, ::-1] + x) ** 2)
         @ (np.hstack([K[::-1, ::-1].T, np.zeros((3, 1))]) + np.eye(3))),
    # points at which the fault is no error
    Case("transpose", "rest is symmetric", lambda x, A: np.sin(A @ np.cos(x)), VECTOR, SQUARE,
         lambda x, A: -diag(np.cos(A @ np.cos(x))) @ A.T @ diag(np.sin(x))),
    Case("factor missing", "rest is 1", lambda x, c: TALL @ np.sin(c * (WIDE @ x)), VECTOR, np.array([0.6, 1.7]),
         lambda x, c: TALL @ diag(np.cos(c * (WIDE @ x))) @ WIDE),
    Case("mask or branch", "all inputs are positive", lambda x, b: TALL @ np.where(SUMS @ x > 0, SUMS @ x, 0) + b,
         VECTOR, TALL[:, 0], lambda x, b: TALL @ SUMS),
    Case("derivative missing", "all inputs are close to 0", lambda x, b: TALL @ np.tanh(WIDE @ x + b), VECTOR,
         np.array([0.6, 1.7]), lambda x, b: TALL @ WIDE),
    Case("path dropped", "axis 0 of x has length 1", summed, SERIES, SQUARE[:2, :2], forgetful),
    # an error that is the same everywhere
    Case("path dropped", "the same at every x", lambda x, b: np.cos(WIDE @ x + b) - SQUARE[1:] @ x,
         VECTOR, WIDE[0, :2], lambda x, b: -diag(np.sin(WIDE @ x + b)) @ WIDE),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.cause}: {case.why}")
def test_a_mistake_is_named_though_no_step_is_seen(case: Case) -> None:
    found = case.report
    assert found.wrong == (0,)
    assert all("in the step" not in cause.sentence for cause in found.causes)
    sentences = [cause.sentence for cause in found.causes if cause.name == case.cause]
    assert found.causes[0].name == case.cause
    assert case.why in sentences[0].replace(found.names[1], "rest").replace(found.names[0], "x")


def test_where_nothing_arrives_no_error_is_gone() -> None:
    """Of positive numbers f has the derivative 0, whatever is wrong of it elsewhere."""
    def claimed(x: Any, b: Any) -> Any:
        z = np.minimum(SUMS @ x, 0)
        return (TALL @ diag(3 * z**2) @ SUMS) * np.cos(np.arange(12)).reshape(4, 3)

    found = Case("", "", lambda x, b: TALL @ np.where(SUMS @ x < 0, SUMS @ x, 0) ** 3 + b, VECTOR, TALL[:, 0], claimed)
    assert found.report.wrong == (0,)
    assert all("are positive" not in cause.sentence for cause in found.report.causes)


def test_other_values_of_the_inputs_cost_few_evaluations() -> None:
    """Four of three evaluations for each pair of 6 inputs, not one for each of 20 entries."""
    def f(*x: Any) -> Any:
        return np.sin(sum(a * b for a, b in pairwise(x))).sum()

    def vjp(g: Any, *x: Any) -> Any:
        slope = g * np.cos(sum(a * b for a, b in pairwise(x)))
        left, right = (0 * g, *x[:-1]), (*x[1:], 0 * g)
        first, *rest = (slope * (a + b) for a, b in zip(left, right, strict=True))
        return first * np.cos(7 * x[1]), *rest

    random = np.random.default_rng(3)
    found = check(opaque(f), tuple(random.normal(size=(4, 5)) for _ in range(6)), vjp=vjp)
    assert found.wrong == (0,)
    assert found.evaluations <= 1000


def test_the_slope_along_a_line_is_the_jacobian_times_it() -> None:
    """∂(A x²)/∂x v = 2 A (x ⊙ v), and of |x|, which no complex step goes through, sign(x) ⊙ v."""
    seen = []

    def f(A: Any, x: Any) -> Any:
        seen.append(x)
        return A @ x**2

    assert np.allclose(along(f, (SQUARE, VECTOR), 1, WIDE[0]), 2 * SQUARE @ (VECTOR * WIDE[0]), rtol=1e-12)
    assert len(seen) == 3
    assert np.allclose(along(np.abs, (VECTOR,), 0, WIDE[0]), np.sign(VECTOR) * WIDE[0], rtol=1e-8)
