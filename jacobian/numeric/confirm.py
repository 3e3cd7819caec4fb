"""The slopes of all entries: the complex step where a real difference confirms it, else the real difference."""

from collections.abc import Sequence

import numpy as np

from jacobian.numeric.complexstep import complex_step
from jacobian.numeric.differences import Slopes, known
from jacobian.numeric.function import Function, Real
from jacobian.numeric.ladder import FIRST, Group, Mask, chunks, climb, least, sizes, start
from jacobian.numeric.noise import Noise

CONFIRMED = 1e-8    # a real difference this close, relative to the entry, shows that the code is analytic there
EXCLUDED = 10.0     # bounds of a real difference apart: it is not


def entries(function: Function, level: Noise, groups: Sequence[Group], suspicious: Mask,
            analytic: bool = True) -> tuple[list[Slopes], str]:
    """The slopes of all entries of the groups, and the method."""
    found: list[Slopes] = []
    for some in chunks(groups, function):
        start(function, [group for group in some if not group.h], FIRST)
        stepped = complex_step(function, level, some) if analytic and np.isfinite(function.x).all() else None
        analytic &= stepped is not None
        here = [group.slopes(function, level) for group in some]
        size = sizes(function, some, [value for value, _ in stepped] if stepped else [s.value for s in here])
        far = [k for k in range(len(some)) if not stepped or suspicious[some[k].rows].any()
               or far_off(here[k], *stepped[k], np.maximum(CONFIRMED * size[k], least(function, level, some[k]))).any()]
        climb(function, level, *([sequence[k] for k in far] for sequence in (some, here, size)), suspicious)
        if stepped and any(contradicts(real, *pair).any() for real, pair in zip(here, stepped, strict=True)):
            analytic, near = False, [k for k in range(len(some)) if k not in far]
            climb(function, level, *([sequence[k] for k in near] for sequence in (some, here, size)), suspicious)
        elif stepped:
            here = [merged(real, *pair, own) for real, pair, own in zip(here, stepped, size, strict=True)]
        found += here
    return found, "complex step" if analytic and groups else "central differences"


def beside(function: Function, level: Noise, groups: Sequence[Group], found: Sequence[Slopes]) -> Real:
    """How much further than the bounds allow Σⱼ Jᵢⱼ dⱼ is from the slope of yᵢ along the random direction d; (m,).

    That slope is one over a stretch of 10⁻⁸: it sees what the steps of single columns are too wide for.
    """
    slope, slack = level.slope, level.slack
    for group, s in zip(groups, found, strict=True):
        d = level.direction[group.columns][group.places]
        slope = slope - np.bincount(group.rows, s.value * d, slope.size)
        slack = slack + np.bincount(group.rows, s.bound * np.abs(d), slope.size)
    return np.nan_to_num(np.abs(slope) - slack, nan=0.0, posinf=0.0, neginf=0.0)


def gap(real: Slopes, value: Real) -> Real:
    return known(np.abs(value - real.value))


def contradicts(real: Slopes, value: Real, error: Real) -> Mask:
    """Where a real difference excludes the complex step, whatever its bound is worth: f is not analytic code there."""
    return gap(real, value) > EXCLUDED * real.bound + error


def far_off(real: Slopes, value: Real, error: Real, allowed: Real) -> Mask:
    """Where the real difference does not show the complex step."""
    return (gap(real, value) > real.bound + error) | (real.bound > allowed)


def merged(real: Slopes, value: Real, error: Real, size: Real) -> Slopes:
    """The complex step where it is shown, with the bound it deserves, and the real difference where that is the better.

    A value of 0 is shown by nothing: code may drop a change that is smaller than its rounding.
    """
    better = ~np.isnan(real.left) | (real.bound < error)
    doubtful = far_off(real, value, error, CONFIRMED * size) | (value == 0)
    error = np.where(doubtful, np.maximum(error, gap(real, value) + real.bound), error)
    return Slopes(np.where(better, real.value, value), np.where(better, real.bound, error), real.rounding, real.left,
                  real.right)
