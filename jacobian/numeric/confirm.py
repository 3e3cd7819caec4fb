"""The slopes of all entries: the complex step where a real difference confirms it, else the real difference."""

from collections.abc import Sequence

import numpy as np

from jacobian.numeric.complexstep import Pairs, complex_step
from jacobian.numeric.differences import Slopes, known
from jacobian.numeric.function import Function, Real
from jacobian.numeric.ladder import FIRST, Group, Mask, chunks, climb, least, sizes, start
from jacobian.numeric.noise import RARE, Noise

CONFIRMED = 1e-8    # a real difference this close, relative to the entry, shows that the code is analytic there
EXCLUDED = 10.0     # bounds of a real difference apart: it is not
FEW = 2.0**-10      # of very many entries: so few are taken for bounds that are off


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
        if stepped is None:
            climb(function, level, some, here, size, suspicious)
            found += here
            continue
        allowed = [np.maximum(CONFIRMED * own, least(function, level, group)) for group, own in zip(some, size, strict=True)]
        far = [far_off(real, *pair, own) | suspicious[group.rows]
               for group, real, pair, own in zip(some, here, stepped, allowed, strict=True)]
        k = [k for k, mask in enumerate(far) if np.count_nonzero(mask) > RARE * mask.size]
        climb(function, level, *([sequence[i] for i in k] for sequence in (some, here, size)), suspicious, CONFIRMED, CONFIRMED)
        if refuted(some, here, stepped):
            analytic = False
            climb(function, level, some, here, size, suspicious)
        else:
            here = [merged(real, *pair, own) for real, pair, own in zip(here, stepped, size, strict=True)]
        found += here
    return found, "complex step" if analytic and groups else "central differences"


def gap(real: Slopes, value: Real) -> Real:
    return known(np.abs(value - real.value))


def contradicts(real: Slopes, value: Real, error: Real) -> Mask:
    """Where a real difference excludes the complex step, whatever its bound is worth."""
    return gap(real, value) > EXCLUDED * real.bound + error


def refuted(groups: Sequence[Group], found: Sequence[Slopes], stepped: Pairs) -> bool:
    """Whether f is not analytic code: one entry tells, but of very many a few may have a bound that is off."""
    counts = [np.count_nonzero(contradicts(real, *pair)) for real, pair in zip(found, stepped, strict=True)]
    return sum(counts) > FEW * sum(group.rows.size for group in groups)


def far_off(real: Slopes, value: Real, error: Real, allowed: Real) -> Mask:
    """Where the real difference does not show the complex step."""
    return (gap(real, value) > real.bound + error) | (real.bound > allowed)


def merged(real: Slopes, value: Real, error: Real, size: Real) -> Slopes:
    """The complex step where it is shown, with the bound it deserves, and the real difference where that is the better.

    A value of 0 is shown by nothing: code may drop a change that is smaller than its rounding.
    """
    excluded, doubtful = contradicts(real, value, error), far_off(real, value, error, CONFIRMED * size) | (value == 0)
    apart = np.maximum(error, gap(real, value) + real.bound)
    better = ~np.isnan(real.left) | (real.bound < error) | excluded
    bound = np.where(better & ~excluded, real.bound, np.where(doubtful, apart, error))
    return Slopes(np.where(better, real.value, value), bound, real.rounding, real.left, real.right)
