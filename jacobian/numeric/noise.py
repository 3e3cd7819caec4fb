"""How far rounding inside f moves its values: measured, because no one can know it from outside."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from jacobian.numeric.function import NARROW, Function, Real

SPACINGS = (6e-14, 1.5e-8, 1.7e-5, 7e-3)     # no simple ratios: a spacing may fall in step with the rounding of f
FINE, COARSE = SPACINGS[:2]
POINTS = np.arange(-3, 4)
EPSILON = float(np.finfo(np.float64).eps)
ORDINARY = 2.0**6       # units in the last place that the values of usual code are off by


@dataclass(frozen=True, eq=False)
class Noise:
    """What is uncertain in yᵢ, each (m,).

    sigma      the standard deviation of its rounding; inf where f oscillates so fast that nothing can be said
    epsilon    the spacing at 1 of the numbers it is computed in
    finest     sigma as it shows at the finest spacing alone, inf where that shows nothing
    direction  a random one (n,), and values, f at x + t COARSE direction for the t of POINTS, (7, m)
    """

    sigma: Real
    epsilon: Real
    finest: Real
    direction: Real
    values: Real

    @cached_property
    def slope(self) -> tuple[Real, Real]:
        """The derivative along the direction by least squares, and its error, curvature included; both (m,)."""
        weights = POINTS / (POINTS @ POINTS) / COARSE
        spread = 4 * np.maximum(self.sigma, self.epsilon * np.max(np.abs(self.values), axis=0))
        slope, inner = weights @ self.values, (self.values[4] - self.values[2]) / (2 * COARSE)
        return slope, spread * np.sqrt(weights @ weights) + 2 * np.abs(inner - slope)


def scales(function: Function) -> Real:
    """sⱼ = |xⱼ|, or the root mean square of its input where xⱼ = 0, or 1 where that is 0 too; shape (n,)."""
    sizes = [np.full(part.size, np.sqrt(np.mean(part**2)) if part.size else 1.0) for part in function.split(function.x)]
    typical = np.concatenate(sizes) if sizes else np.zeros(0)
    s = np.where(function.x == 0, typical, np.abs(function.x))
    return np.where(np.isfinite(s) & (s > 0), s, 1.0)


def noise(function: Function) -> Noise:
    """σᵢ² = γₖ mean (Δᵏyᵢ)², γₖ = (k!)² / (2k)!, and εᵢ, the spacing of yᵢ's number type at 1.

    Differences of order 3, 4, 5 along one random line leave only the noise (Moré and Wild 2011, ECnoise, eq. 3.1).
    One spacing, far below any length f may have, is enough where it shows ordinary rounding. Elsewhere a finer one,
    which does not show the rounding of a large input added to a small one, tells rounding from a turn of f, and wider
    ones follow while fewer than five distinct values appear, as on the staircase of a function in float32.
    """
    random, size = np.random.default_rng(0), function.x.size
    direction = random.uniform(0.5, 1.0, size) * random.choice([-1.0, 1.0], size) * scales(function)
    coarse = line(function, direction, COARSE)
    found, largest = deviation(coarse), np.max(np.abs(coarse), axis=0)
    if (distinct(coarse) >= 5).all() and (found <= ORDINARY * EPSILON * largest).all():
        return Noise(found, epsilon(coarse, function), found, direction, coarse)
    sigma, finest, seen = found, np.full(found.size, np.inf), [coarse]
    if ((distinct(coarse) >= 5) & (found > ORDINARY * EPSILON * largest)).any():
        fine = line(function, direction, FINE)
        sigma, finest = deviation(fine), np.where(distinct(fine) >= 5, deviation(fine), np.inf)
        # random here and smooth at the finer spacing, yet no kink: that has one shape at every spacing
        span, straight = np.ptp(coarse, axis=0), np.ptp(coarse, axis=0) > 0.1 * COARSE / FINE * np.ptp(fine, axis=0)
        rapid = (distinct(fine) >= 5) & (found > 0.05 * span) & (found > 1e3 * sigma) & ~straight
        sigma, seen = np.fmax(sigma, np.where(rapid, np.inf, found)), [fine, coarse]
    settled = distinct(coarse) >= 5
    for spacing in SPACINGS[2:]:
        if settled.all():
            break
        seen.append(line(function, direction, spacing))
        sigma = np.where(settled, sigma, np.fmax(sigma, deviation(seen[-1])))
        settled |= distinct(seen[-1]) >= 5
    return Noise(sigma, epsilon(np.concatenate(seen), function), finest, direction, coarse)


def line(function: Function, direction: Real, spacing: float) -> Real:
    """f at x + t spacing direction for the t of POINTS, (7, m)."""
    values = list(function.at([function.x + t * spacing * direction for t in POINTS if t]))
    return np.array([*values[:3], function.y, *values[3:]])


def distinct(values: Real) -> Real:
    """How many different values stand in each column; values (K, m), result (m,)."""
    return 1 + np.count_nonzero(np.diff(np.sort(values, axis=0), axis=0), axis=0)


def deviation(values: Real) -> Real:
    """The smallest of √(γₖ mean (Δᵏy)²) over k = 3, 4, 5: what is left of f itself falls with k; (7, m) to (m,).

    At a domain's edge the differences without nan count.
    """
    found = []
    for k, gamma in {3: 1 / 20, 4: 1 / 70, 5: 1 / 252}.items():
        squares = np.diff(values, k, axis=0) ** 2
        there = ~np.isnan(squares)
        found.append(np.sqrt(gamma * np.sum(squares, axis=0, where=there) / there.sum(axis=0)))
    return np.nan_to_num(np.fmin.reduce(found), nan=0.0, posinf=np.inf)


def epsilon(values: Real, function: Function) -> Real:
    """εᵢ of the narrowest type that holds every value yᵢ took: a float32 function may well return float64; (m,)."""
    own = float(np.finfo(function.dtype).eps) if function.dtype.kind in "fc" else EPSILON
    result = np.full(values.shape[1], max(own, EPSILON))
    for narrow in reversed(NARROW):
        held = np.all((values.astype(narrow) == values) | ~np.isfinite(values), axis=0)
        result = np.where(held & (distinct(values) >= 3), np.maximum(result, float(np.finfo(narrow).eps)), result)
    return result
