"""The slopes of all entries: the complex step where a real difference confirms it, else the real difference."""

from collections.abc import Sequence

import numpy as np

from jacobian.numeric.complexstep import Pairs, complex_step
from jacobian.numeric.differences import Slopes, known
from jacobian.numeric.function import Function, Mask, Real
from jacobian.numeric.ladder import FIRST, Group, chunks, climb, least, sizes, start
from jacobian.numeric.noise import Noise, few

CONFIRMED = 1e-8    # a real difference this close, relative to the entry, shows that the code is analytic there
EXCLUDED = 10.0     # bounds of a real difference apart: it is not
STRAY = 2.0**-10      # of very many entries: so few are taken for bounds that are off


def entries(function: Function, level: Noise, groups: Sequence[Group], suspicious: Mask,
            analytic: bool = True) -> tuple[list[Slopes], str]:
    """The slopes of all entries of the groups, and the method.

    The complex step is tried if f may be analytic code and, where a difference refutes that, no more from there on.
    """
    found: list[Slopes] = []
    for some in chunks(groups, function):
        start(function, [group for group in some if not group.h], FIRST)
        stepped = complex_step(function, level, some) if analytic and np.isfinite(function.x).all() else None
        here = [group.slopes(function, level) for group in some]
        if stepped is None or dropped(here, stepped):
            analytic = False
            climb(function, level, some, here, sizes(function, some, [real.value for real in here]), suspicious)
            found += here
            continue
        size = sizes(function, some, [value for value, _ in stepped])
        far = []
        for k, (group, real, pair) in enumerate(zip(some, here, stepped, strict=True)):
            allowed = np.maximum(CONFIRMED * size[k], least(function, level, group))
            if not few(far_off(real, *pair, allowed) | suspicious[group.rows]):
                far.append(k)
        climb(function, level, [some[k] for k in far], [here[k] for k in far], [size[k] for k in far], suspicious,
              (CONFIRMED, CONFIRMED))
        if refuted(some, here, stepped):
            analytic = False
            climb(function, level, some, here, size, suspicious)
        else:
            here = [merged(real, *pair, own) for real, pair, own in zip(here, stepped, size, strict=True)]
        found += here
    return found, "complex step" if analytic and groups else "central differences"


def gap(real: Slopes, value: Real) -> Real:
    """How far the complex step and the real difference are apart."""
    return known(np.abs(value - real.value))


def contradicts(real: Slopes, value: Real, error: Real) -> Mask:
    """Where a real difference excludes the complex step, whatever its bound is worth."""
    return gap(real, value) > EXCLUDED * real.bound + error


def dropped(found: Sequence[Slopes], stepped: Pairs) -> bool:
    """Whether code such as abs has dropped an imaginary part: the complex step is 0 where a real difference is not."""
    return any((contradicts(real, *pair) & (pair[0] == 0)).any() for real, pair in zip(found, stepped, strict=True))


def refuted(groups: Sequence[Group], found: Sequence[Slopes], stepped: Pairs) -> bool:
    """Whether f is not analytic code: one entry tells, but of very many a few may have a bound that is off."""
    counts = [np.count_nonzero(contradicts(real, *pair)) for real, pair in zip(found, stepped, strict=True)]
    return bool(sum(counts) > STRAY * sum(group.rows.size for group in groups))


def far_off(real: Slopes, value: Real, error: Real, allowed: Real) -> Mask:
    """Where the real difference does not show the complex step."""
    return (gap(real, value) > real.bound + error) | (real.bound > allowed)


def merged(real: Slopes, value: Real, error: Real, size: Real) -> Slopes:
    """The complex step where it is shown, with the bound it deserves, and the real difference where that is the better.

    A value of 0 is shown by nothing: code may drop a change that is smaller than its rounding.
    """
    excluded = contradicts(real, value, error)
    doubtful = far_off(real, value, error, CONFIRMED * size) | (value == 0)
    apart = np.maximum(error, gap(real, value) + real.bound)
    better = ~np.isnan(real.left) | (real.bound < error) | excluded
    bound = np.where(better & ~excluded, real.bound, np.where(doubtful, apart, error))
    return Slopes(np.where(better, real.value, value), bound, real.rounding, real.left, real.right)
