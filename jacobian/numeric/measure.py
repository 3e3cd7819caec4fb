"""jac.numeric: a Jacobian by evaluating f, with a bound on the error of every entry."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from jacobian.numeric.complexstep import complex_step
from jacobian.numeric.differences import Slopes, known
from jacobian.numeric.function import TINY, ComplexFunction, Function, Real, quiet
from jacobian.numeric.ladder import FIRST, Group, Mask, chunks, climb, least, single, sizes, start
from jacobian.numeric.noise import Noise, noise

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
    function = ComplexFunction(f, x)
    with quiet():
        found = measure(function)
    value, error = (function.one(function.blocks(matrix)) for matrix in (found.value, found.error))
    return Numeric(value, error, function.evaluations, found.method)


def measure(function: Function) -> Estimate:
    """J of a function of flat vectors."""
    groups = [g for g in single(function) if np.isfinite(function.x[g.columns]).all()]
    level = noise(function)
    found, method = entries(function, level, groups, np.zeros(function.y.size, bool))
    excess = beside(function, level, groups, found)
    if (excess > 0).any():
        found, method = entries(function, level, groups, excess > 0, method == "complex step")
        excess = beside(function, level, groups, found)
    value, error = np.zeros((2, function.y.size, function.x.size))
    for group, s in zip(groups, found, strict=True):
        j = group.columns[0]
        value[:, j] = s.value
        error[:, j] = s.bound + np.maximum(excess, 0) / np.abs(level.direction[j])
    lost = ~np.isfinite(function.y)[:, None] | ~np.isfinite(function.x) | ~np.isfinite(value) | ~np.isfinite(error)
    return Estimate(np.where(lost, np.nan, value), np.where(lost, np.inf, error), level.epsilon, method)


def entries(function: Function, level: Noise, groups: Sequence[Group], suspicious: Mask,
            analytic: bool = True) -> tuple[list[Slopes], str]:
    """The slopes of all entries of the groups, and the method."""
    found: list[Slopes] = []
    for some in chunks(groups, function):
        start(function, [group for group in some if not group.h], FIRST)
        stepped = complex_step(function, level, some) if analytic and np.isfinite(function.x).all() else None
        analytic &= stepped is not None
        here = [group.slopes(function, level) for group in some]
        if stepped and any(contradicts(real, *pair).any() for real, pair in zip(here, stepped, strict=True)):
            return entries(function, level, groups, suspicious, analytic=False)
        size = sizes(function, some, [value for value, _ in stepped] if stepped else [s.value for s in here])
        far = [k for k in range(len(some)) if not stepped or suspicious[some[k].rows].any()
               or far_off(here[k], *stepped[k], np.maximum(CONFIRMED * size[k], least(function, level, some[k]))).any()]
        climb(function, level, *([sequence[k] for k in far] for sequence in (some, here, size)), suspicious)
        if stepped:
            if any(contradicts(real, *pair).any() for real, pair in zip(here, stepped, strict=True)):
                return entries(function, level, groups, suspicious, analytic=False)
            here = [merged(*row) for row in zip(here, stepped, size, strict=True)]
        found += here
    return found, "complex step" if analytic and groups else "central differences"


def beside(function: Function, level: Noise, groups: Sequence[Group], found: Sequence[Slopes]) -> Real:
    """How much further than the bounds allow Σⱼ Jᵢⱼ dⱼ is from the slope of yᵢ along the random direction d; (m,).

    That slope is one over a stretch of 10⁻⁸: it sees what the steps of single columns are too wide for.
    """
    slope, slack = level.slope
    for group, s in zip(groups, found, strict=True):
        d = level.direction[group.columns][group.places]
        slope = slope - np.bincount(group.rows, s.value * d, slope.size)
        slack = slack + np.bincount(group.rows, s.bound * np.abs(d), slope.size)
    return np.nan_to_num(np.abs(slope) - slack, nan=0.0, posinf=0.0, neginf=0.0)


def gap(real: Slopes, value: Real) -> Real:
    return known(np.abs(value - real.value))


def contradicts(real: Slopes, value: Real, error: Real) -> Mask:
    """Where a real difference excludes the complex step: f is not analytic code there."""
    return gap(real, value) > real.bound + error


def far_off(real: Slopes, value: Real, error: Real, allowed: Real) -> Mask:
    """Where the real difference does not show the complex step."""
    return contradicts(real, value, error) | (real.bound > allowed)


def merged(real: Slopes, stepped: tuple[Real, Real], size: Real) -> Slopes:
    """The complex step where it is shown, with the bound it deserves, and the real difference where that is the better.

    A value of 0 is shown by nothing: code may drop a change that is smaller than its rounding.
    """
    value, error = stepped
    better = ~np.isnan(real.left) | (real.bound < error)
    doubtful = far_off(real, value, error, CONFIRMED * size) | (value == 0)
    error = np.where(doubtful, np.maximum(error, gap(real, value) + real.bound), error)
    return Slopes(np.where(better, real.value, value), np.where(better, real.bound, error), real.rounding, real.left,
                  real.right)
