"""f′(x) = Im f(x + ih) / h, exact to rounding where f is analytic code, and worth nothing elsewhere."""

import warnings
from collections.abc import Sequence
from itertools import chain

import numpy as np

from jacobian.numeric.function import TINY, Function, Real
from jacobian.numeric.ladder import Group, powers, sizes
from jacobian.numeric.noise import Noise, scales

STEP = 2.0**-100        # of the size of the input
ASIDE = 2.0**-46        # far enough for a logarithm or a power inside f to be rounded anew


Pairs = list[tuple[Real, Real]]


def complex_step(function: Function, noise: Noise, groups: Sequence[Group]) -> Pairs | None:
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
        images = chain(function.at_complex(points[:1]), function.at_complex(points[1:]))
        found = []
        for group in groups:
            pair = []
            for y in (next(images), next(images)):
                if y is None:
                    return None
                pair.append(y.imag[group.rows] / (STEP * s[group.columns][group.places]))
            found.append((pair[0], scatter(function, group, ASIDE * s, *pair)))
    values = [value for value, _ in found]
    return list(zip(values, bounds(function, noise, groups, values, [moved for _, moved in found]), strict=True))


def scatter(function: Function, group: Group, step: Real, value: Real, aside: Real) -> Real:
    """|J(x + step) − J(x)| less what the curvature of f accounts for, (E,)."""
    curvature = (group.ahead[-1] - 2 * function.y[group.rows] + group.behind[-1]) / group.h[-1] ** 2
    return np.abs(aside - value - np.nan_to_num(step[group.columns][group.places] * curvature))


def bounds(function: Function, noise: Noise, groups: Sequence[Group], values: Sequence[Real],
           scatters: Sequence[Real]) -> list[Real]:
    """What rounding may have done to each value: its scatter, that of its output, and a few units in the last place.

    The scatter of an output is that of its largest entries, relative to these: they share what they are computed from.
    """
    size = np.maximum(np.abs(function.y), TINY)
    share = 0.5 * noise.epsilon + 2 * np.minimum(1.0, noise.sigma / size)
    floor = (noise.epsilon * size + 4 * noise.sigma) / 8
    s = powers(scales(function))
    terms, moved = sizes(function, groups, values, 1.0), sizes(function, groups, scatters, 1.0)
    result = []
    for group, value, own, term, shared in zip(groups, values, scatters, terms, moved, strict=True):
        x = np.maximum(1.0, s[group.columns])[group.places]
        common = np.divide(shared, term, out=np.zeros_like(term), where=term > 0)
        result.append(3 * own + (share[group.rows] + 1.5 * common) * np.abs(value)
                      + noise.epsilon[group.rows] * term + floor[group.rows] / x)
    return result
