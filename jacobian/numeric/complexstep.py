"""f′(x) = Im f(x + ih) / h, exact to rounding where f is analytic code, and worth nothing elsewhere."""

import warnings
from collections.abc import Sequence
from itertools import chain

import numpy as np

from jacobian.numeric.function import TINY, Function, Real
from jacobian.numeric.ladder import Group, powers
from jacobian.numeric.noise import Noise, scales

STEP = 2.0**-100        # of the size of the input
ASIDE = 2.0**-46        # far enough for a logarithm or a power inside f to be rounded anew


def complex_step(function: Function, noise: Noise, groups: Sequence[Group]) -> list[tuple[Real, Real]] | None:
    """J[i, j] = Im yᵢ(x + ih eⱼ) / h, and a bound on its rounding, (E,) for each group; None if f refuses complex
    numbers or returns them.

    The bound comes from a second value a little aside, less what the curvature of f accounts for, and from what that
    cannot show. It says nothing about truncation, which is h², nor about f not being analytic: that takes a real
    difference. Source: Squire and Trapp 1998, SIAM Review 40, 110–112.
    """
    if function.dtype.kind == "c":
        return None         # its values have no imaginary part to spare
    s = powers(scales(function))
    points = []
    for group in groups:
        for aside in (0.0, ASIDE):
            z = function.x.astype(np.complex128)
            z[group.columns] += s[group.columns] * (aside + 1j * STEP)
            points.append(z)
    with warnings.catch_warnings():
        warnings.simplefilter("error", np.exceptions.ComplexWarning)
        values = chain(function.at_complex(points[:1]), function.at_complex(points[1:]))
        found = []
        for group in groups:
            pair = []
            for y in (next(values), next(values)):
                if y is None:
                    return None
                pair.append(y.imag[group.rows] / (STEP * s[group.columns][group.places]))
            found.append((pair[0], bound(function, noise, group, s, *pair)))
    return found


def bound(function: Function, noise: Noise, group: Group, s: Real, value: Real, aside: Real) -> Real:
    """What rounding may have done to the value."""
    y, size = function.y[group.rows], np.maximum(np.abs(function.y), TINY)
    curvature = (group.ahead[-1] - 2 * y + group.behind[-1]) / group.h[-1] ** 2
    scatter = aside - value - np.nan_to_num(ASIDE * s[group.columns][group.places] * curvature)
    share = (2 * noise.epsilon + 2 * np.minimum(1.0, noise.sigma / size))[group.rows]
    floor = ((noise.epsilon * size + 4 * noise.sigma) / 8)[group.rows]
    x = np.abs(function.x[group.columns])[group.places]
    return 2 * np.abs(scatter) + share * np.abs(value) + floor / np.maximum(1.0, x)
