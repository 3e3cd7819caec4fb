"""Cheap looks at f: its derivative along one line, its Jacobian by one complex step per entry."""

from typing import Any

import numpy as np

from jacobian.numeric.function import Function, Real
from jacobian.numeric.measure import Estimate, measure
from jacobian.numeric.noise import EPSILON, scales

STEP = 2.0**-100


def direction(function: Function, seed: int) -> Real:
    """v, as long in each entry as x is, of random sign; (n,)."""
    random = np.random.default_rng(seed)
    size = function.x.size
    return random.uniform(0.5, 1.0, size) * random.choice([-1.0, 1.0], size) * scales(function)


def call(function: Function, z: np.ndarray[Any, Any]) -> Any:
    """f(z) for flat z, real or complex, in the types that f takes; nan where f has no value there."""
    function.evaluations += 1
    types = (np.result_type(t, np.complex64) if np.iscomplexobj(z) else t for t in function.types)
    try:
        return function.f(*(np.array(part, t) for part, t in zip(function.split(z), types, strict=True)))
    except (ArithmeticError, ValueError):
        return np.full(function.shape, np.nan)


def along(function: Function, v: Real) -> Estimate:
    """J v ± error as (m, 1): the derivative of t ↦ f(x + t v) at t = 0."""
    return measure(Function(lambda t: call(function, function.x + t * v), 0.0))


def stepped(function: Function, v: Real, line: Estimate) -> Estimate | None:
    """J by J[:, j] = Im f(x + ih eⱼ) / h, or None where J v is not what real differences along v confirmed.

    Source: Squire and Trapp 1998, SIAM Review 40, 110–112.
    """
    if line.method != "complex step":
        return None
    steps = np.maximum(STEP * scales(function), 1e-250)
    units = 1j * np.diag(steps)
    value = np.array([np.imag(call(function, function.x + unit)).ravel() for unit in units]).T / steps
    rounding = EPSILON * np.abs(function.y)[:, None] / np.maximum(1.0, np.abs(function.x))
    error = 2**6 * (EPSILON * np.abs(value) + rounding)
    agrees = np.abs(value @ v - line.value[:, 0]) <= 4 * line.error[:, 0] + error @ np.abs(v)
    return Estimate(value, error, line.epsilon, line.method) if agrees.all() else None
