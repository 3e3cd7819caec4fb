"""The Jacobian of any function of arrays by evaluating it, with a bound on the error of every entry."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from jacobian.numeric.complexstep import complex_step
from jacobian.numeric.differences import column, known, ladder
from jacobian.numeric.function import TINY, Function, Real, quiet
from jacobian.numeric.noise import Noise, noise, scales

CONFIRMED = 1e-8    # a real difference this close, relative to the entry, shows that the code is analytic there


@dataclass(frozen=True, eq=False)
class Numeric:
    """value[i, j] = ∂yᵢ/∂xⱼ ± error[i, j], shape f(x).shape + x.shape; tuples of these where x is a tuple."""

    value: Any
    error: Any
    evaluations: int
    method: str


@dataclass(frozen=True, eq=False)
class Estimate:
    """J (m, n) ± error (m, n), and εᵢ, the spacing at 1 of the numbers that yᵢ was computed in, (m,)."""

    value: Real
    error: Real
    epsilon: Real
    method: str


def numeric(f: Callable[..., Any], x: Any) -> Numeric:
    """J[i, j] = ∂yᵢ/∂xⱼ, y = f(x), by the complex step or by central differences; .error bounds the error per entry.

    x is an array, a number, or a tuple of arrays, for which f is called as f(*x). `.value` and `.error` have the shape
    f(x).shape + x.shape. The complex step is used where real differences confirm it entry by entry. Where f(x) or
    every difference is nan or infinite, `.value` is nan and `.error` is inf. At a kink the bound reaches from the left
    slope to the right one. Arithmetic in float32 is noticed, and the bound widened.

    Raises InputError if f is not callable, raises at x, or returns no array of real numbers; ShapeError if the shape
    of f(x) changes. Sources: Squire and Trapp 1998 (complex step); Ridders 1982 (extrapolated differences); Moré and
    Wild 2011 (noise).
    """
    function = Function(f, x)
    with quiet():
        found = measure(function)
    value, error = (function.one(function.blocks(matrix)) for matrix in (found.value, found.error))
    return Numeric(value, error, function.evaluations, found.method)


def measure(function: Function) -> Estimate:
    """J of a function of flat vectors."""
    level = noise(function)
    steps = [ladder(x, s) for x, s in zip(function.x, scales(function), strict=True)]
    stepped = complex_step(function, level) if np.isfinite(function.x).all() else None
    confirmed = stepped and confirm(function, *stepped, steps, level)
    if confirmed:
        value, error, method = *confirmed, "complex step"
    else:
        value, error = np.zeros((2, function.y.size, function.x.size))
        for j in np.flatnonzero(np.isfinite(function.x)):
            value[:, j], error[:, j] = column(function, int(j), steps[j], level)
        method = "central differences"
    lost = ~np.isfinite(function.y)[:, None] | ~np.isfinite(function.x) | ~np.isfinite(value) | ~np.isfinite(error)
    return Estimate(np.where(lost, np.nan, value), np.where(lost, np.inf, error), level.epsilon, method)


def confirm(
    function: Function, value: Real, error: Real, steps: list[Real], noise: Noise
) -> tuple[Real, Real] | None:
    """The complex step with the bounds it deserves, or None if a real difference contradicts or beats an entry.

    Four nodes of the ladder first, all of it where they leave an entry open; what stays open keeps the real bound.
    """
    error = error.copy()
    for j, h in enumerate(steps):
        for nodes in (h[1:5], h):
            real, bound = column(function, j, nodes, noise)
            gap = known(np.abs(value[:, j] - real))
            agrees = ~((gap > bound + error[:, j]) | (error[:, j] > 4 * bound + TINY))
            still = (value[:, j] == 0) & (real == 0)
            shown = agrees & ((bound <= CONFIRMED * np.abs(value[:, j])) | still)
            if shown.all():
                break
        if not agrees.all():
            return None
        error[:, j] = np.where(shown & ~still, error[:, j], np.maximum(error[:, j], gap + bound))
    return value, error
