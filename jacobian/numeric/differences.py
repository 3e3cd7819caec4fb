"""Central differences on a ladder of steps, extrapolated to step 0, with what is left of the error."""

from typing import Any

import numpy as np

from jacobian.numeric.function import Function, Real
from jacobian.numeric.noise import Noise

DEPTH = 5           # nodes in one extrapolation
SAFETY = 4.0        # on the sum of truncation and three times the propagated rounding

GROWTH = 1.1        # of the slope to one side, at every step down to the finest: no derivative


def ladder(x: float, scale: float) -> Real:
    """hₖ = s 4⁻ᵏ for s = 1 and s = the scale of x, and three steps far inside; powers of two, so x ± h is exact."""
    outer, inner = (2.0 ** np.floor(np.log2(s)) for s in (max(scale, 1.0), min(scale, 1.0)))
    k = np.arange(1, 9)
    near, far = (outer, outer) if outer <= 16 * inner else (inner, outer)
    steps = np.concatenate([far * 4.0**-k, near * 4.0 ** -k[:6], near * 4.0 ** -np.array([11, 13, 20])])
    return np.unique(steps[steps >= 2.0**-44 * abs(x)])[::-1]


def column(function: Function, j: int, h: Real, noise: Noise) -> tuple[Real, Real]:
    """∂y/∂xⱼ ≈ lim (f(x + h eⱼ) − f(x − h eⱼ)) / 2h and a bound on its error per entry; both (m,)."""
    ahead, behind = np.empty((2, h.size, function.y.size))
    width = np.empty((h.size, 1))
    for k, step in enumerate(h):
        right, left = function.x.copy(), function.x.copy()
        right[j] += step
        left[j] -= step
        ahead[k], behind[k], width[k] = function.at(right), function.at(left), right[j] - left[j]
    slopes = (ahead - behind) / width
    size = np.maximum(np.maximum(np.abs(ahead), np.abs(behind)), np.abs(function.y))
    still = (ahead == function.y) & (behind == function.y)     # not a zero derivative: a change below the rounding
    largest = np.max(np.where(np.isfinite(size), size, 0.0), axis=0, initial=0.0)
    size = np.where(still, np.maximum(largest, function.size), size)
    rounding, finest = (2 * (3 * sigma + noise.epsilon * size) / width for sigma in (noise.sigma, noise.finest))
    value, bound = extrapolate(h, slopes, rounding)
    unlike = np.abs(slopes[-1] - value)     # a turn beside x passes for noise at all spacings but the finest
    falling = SAFETY * (h[-1] / h[0]) ** 2 * np.abs(slopes[0] - value)
    bound = np.where(unlike > bound + falling + SAFETY * 3 * finest[-1], 2 * unlike, bound)
    bound = np.where(steep(ahead - function.y, function.y - behind, width, noise.epsilon * size), np.inf, bound)
    return value, bound + kink(2 * (ahead - 2 * function.y + behind) / width, rounding)


def steep(ahead: Real, behind: Real, width: Real, rounding: Real) -> Any:
    """Whether Δy / h keeps growing down to the finest step on one side: a jump, a cusp, an upright tangent; (m,).

    The changes themselves fall in order, as those of noise do not.
    """
    changes = np.abs([ahead, behind])
    slopes, least = changes / width, SAFETY * 6 * rounding / width
    grows = slopes[:, 1:] > GROWTH * slopes[:, :-1] + least[1:]
    return ((changes[:, 1:] <= changes[:, :-1]) & grows).all(axis=1).any(axis=0)


def extrapolate(h: Real, slopes: Real, rounding: Real) -> tuple[Real, Real]:
    """D(h) = f′ + c₂h² + c₄h⁴ + …, so D(h₂) + (D(h₂) − D(h₁)) / ((h₁/h₂)² − 1) is free of h²; and so on.

    h (K,) falling; slopes and their rounding (K, m); the value and its bound (m,), nan and inf where nothing is known.
    Of the windows of neighbouring nodes the one with the smallest bound is taken that contradicts no window of smaller
    steps. A node more than half off its neighbour is wider than the function's own length: no window may use it.
    Source: Richardson 1911; Ridders 1982, Advances in Engineering Software 4, 75–76.
    """
    gaps = np.abs(np.diff(slopes, axis=0))
    gaps = np.concatenate([gaps, gaps[-1:]])
    near = np.concatenate([slopes[1:], slopes[-1:]])
    steady = gaps <= 0.5 * np.abs(near) + 3 * (rounding + np.concatenate([rounding[1:], rounding[-1:]]))
    values, bounds = slopes, known(SAFETY * (gaps + 3 * rounding))
    table, carried, credit = slopes, rounding, steady
    for level in range(1, min(DEPTH, h.size)):
        q = ((h[:-level] / h[level:]) ** 2 - 1)[:, None]
        change = (table[1:] - table[:-1]) / q
        carried = carried[1:] + (carried[1:] + carried[:-1]) / q
        table, credit = table[1:] + change, credit[1:] & credit[:-1]
        bound = np.where(credit, known(SAFETY * (np.abs(change) + 3 * carried)), np.inf)
        better = bound < bounds[:-level]
        values = np.concatenate([np.where(better, table, values[:-level]), values[-level:]])
        bounds = np.concatenate([np.where(better, bound, bounds[:-level]), bounds[-level:]])
    return narrowest(h, values, bounds, slopes, SAFETY * 3 * rounding)


def known(bound: Real) -> Real:
    """inf in place of nan."""
    return np.where(np.isnan(bound), np.inf, bound)


def narrowest(h: Real, values: Real, bounds: Real, slopes: Real, rounding: Real) -> tuple[Real, Real]:
    """The value with the smallest bound among those that no smaller step contradicts; all (K, m), result (m,).

    A smaller step contradicts by its value and bound, and by its slope, whose truncation must have fallen with h².
    """
    centre = np.where(np.isfinite(bounds), values, 0.0)
    off = np.abs(centre[:, None] - centre[None]) > bounds[:, None] + bounds[None]
    truncation = SAFETY * (h[None] / h[:, None])[:, :, None] ** 2 * np.abs(slopes - centre)[:, None]
    off |= np.abs(centre[:, None] - slopes[None]) > bounds[:, None] + truncation + rounding[None]
    later = np.triu(np.ones((len(values), len(values)), bool), 1)[:, :, None]
    allowed = np.where((off & later).any(axis=1), np.inf, bounds)
    best = np.argmin(allowed, axis=0)
    column = np.arange(values.shape[1])
    bound = allowed[best, column]
    return np.where(np.isfinite(bound), values[best, column], np.nan), bound


def kink(gaps: Real, rounding: Real) -> Real:
    """Half of |f′(x+) − f′(x−)| where that gap stays as the step falls, else 0; gaps (K, m), result (m,).

    Between the two slopes every value is a derivative in Clarke's sense (Clarke 1983, section 2.1).
    """
    most, least = known(np.abs(gaps) + 4 * rounding), np.nan_to_num(np.abs(gaps) - 4 * rounding, nan=0.0)
    k, column = np.maximum(np.argmin(most, axis=0), 1), np.arange(gaps.shape[1])
    gap, outer = most[k, column], most[k - 1, column]
    inner = np.where(np.arange(len(gaps))[:, None] > k, least, 0.0).max(axis=0)
    stays = (least[k, column] > 0.5 * outer) & (inner <= 2 * gap)
    return np.where(stays, 0.5 * gap + np.abs(outer - gap), 0.0)
