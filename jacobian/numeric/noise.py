"""How far rounding inside f moves its values: measured, because no one can know it from outside."""

from dataclasses import dataclass

import numpy as np

from jacobian.numeric.function import NARROW, Function, Mask, Real

FINE, COARSE = 6e-14, 1.5e-8
BETWEEN = 3.7e-10       # no simple ratios: a spacing may fall in step with the rounding of f
WIDER = (1.7e-5, 3.3e-4, 7e-3)
MANY, FEW = 2**10, 2.0**-4     # of so many outputs or entries, so few are not worth further evaluations
POINTS = np.arange(-3, 4)
EPSILON = float(np.finfo(np.float64).eps)
ALIKE = 0.1             # two slopes that are one
CURVED = 0.05           # of a slope along a stretch of 10⁻⁸
LOUD = 2.0**-6          # of the size of y: more is hardly noise
DROWNING = 2.0**-2      # of the size of y: it is not known from an oscillation that no spacing follows
STAYS = 2.0**4          # times smaller at a finer spacing, and it is no noise
ORDINARY = 2.0**6       # units in the last place that the values of usual code are off by


@dataclass(frozen=True, eq=False)
class Noise:
    """What is uncertain in yᵢ, each (m,).

    sigma      the standard deviation of its rounding; inf where f oscillates so fast that nothing can be said
    epsilon    the spacing at 1 of the numbers it is computed in
    finest     sigma as it shows at the finest spacing alone, inf where that shows nothing
    direction  a random one (n,); slope, that of y along it over a stretch of 10⁻⁸, and slack, the error of that
    """

    sigma: Real
    epsilon: Real
    finest: Real
    direction: Real
    slope: Real
    slack: Real


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
    which does not show the rounding of a large input added to a small one, tells rounding from a turn of f; one between
    these guards against a spacing that is in step with the rounding; and wider ones follow while fewer than five
    distinct values appear, as on the staircase of a function in float32.
    """
    generator, size = np.random.default_rng(0), function.x.size
    direction = generator.uniform(0.5, 1.0, size) * generator.choice([-1.0, 1.0], size) * scales(function)
    coarse = line(function, direction, COARSE)
    found, largest = deviation(coarse), np.fmax.reduce(np.abs(coarse))
    odd = (distinct(coarse) < 5) | (found > ORDINARY * EPSILON * largest)
    if few(odd):
        return Noise(found, epsilon(coarse, function), found, direction, *slope(coarse, found, function))
    fine = line(function, direction, FINE)
    sigma, finest = deviation(fine), np.where(distinct(fine) >= 5, deviation(fine), np.inf)
    # random here and smooth at the finer spacing, yet no kink: that has one shape at every spacing
    span, short = np.ptp(coarse, axis=0) * FINE / COARSE, np.ptp(fine, axis=0)
    rapid = (found > 0.05 * span * COARSE / FINE) & (found > 1e3 * sigma) & (span <= 0.1 * short)
    # or large beside f itself, and far smaller at the finer spacing, where noise would stay; or as large as f
    between = line(function, direction, BETWEEN)
    loudest = np.fmax(found, deviation(between))
    rapid |= (loudest > LOUD * function.size) & (loudest > STAYS * sigma)
    rapid |= loudest > DROWNING * np.maximum(function.size, np.median(function.size))
    rapid &= distinct(fine) >= 5
    alike = (np.abs(span - short) <= ALIKE * short) & (short > 0)
    cut = np.isnan(coarse).any(axis=0) & (distinct(fine) >= 5)      # by the edge of a domain, where f may be steep
    seen = [fine, coarse, between]
    inner = np.fmax(found, np.where(distinct(coarse) >= 5, deviation(between), 0.0))
    sigma = np.where(alike | cut, sigma, np.fmax(sigma, np.where(rapid, np.inf, inner)))
    settled = alike | cut | (distinct(coarse) >= 5)
    for spacing in WIDER:
        if settled.all():
            break
        seen.append(line(function, direction, spacing))
        sigma = np.where(settled, sigma, np.fmax(sigma, deviation(seen[-1])))
        settled |= distinct(seen[-1]) >= 5
    narrow = epsilon(np.concatenate(seen), function)
    return Noise(sigma, narrow, finest, direction, *slope(coarse, np.maximum(sigma, narrow * function.size), function))


def few(mask: Mask) -> bool:
    """Whether none is set, or of very many so few that their sake is not worth further evaluations of f."""
    return bool(np.count_nonzero(mask) <= (FEW * mask.size if mask.size >= MANY else 0))


def line(function: Function, direction: Real, spacing: float) -> Real:
    """f at x + t spacing direction for the t of POINTS, (7, m)."""
    values = list(function.at([function.x + t * spacing * direction for t in POINTS if t]))
    return np.array([*values[:3], function.y, *values[3:]])


def slope(values: Real, sigma: Real, function: Function) -> tuple[Real, Real]:
    """The derivative along a line of COARSE spacing by least squares, and its error; both (m,).

    A little curvature is included in the error; much of it is a turn, which is not to be excused.
    """
    weights = POINTS / (POINTS @ POINTS) / COARSE
    spread = 4 * np.maximum(sigma, EPSILON * function.size) * np.sqrt(weights @ weights)
    found, inner = weights @ values, (values[4] - values[2]) / (2 * COARSE)
    return found, spread + np.minimum(2 * np.abs(inner - found), CURVED * np.abs(found))


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
