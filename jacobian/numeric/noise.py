"""How far rounding inside f moves its values: measured, because no one can know it from outside."""

from dataclasses import dataclass

import numpy as np

from jacobian.numeric.function import NARROW, Function, Real

SPACINGS = (6e-14, 1.5e-8, 1.7e-5, 7e-3)     # no simple ratios: a spacing may fall in step with the rounding of f
POINTS = np.arange(-3, 4)
EPSILON = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, eq=False)
class Noise:
    """What is uncertain in yᵢ, each (m,).

    sigma      the standard deviation of its rounding; inf where f oscillates so fast that nothing can be said
    epsilon    the spacing at 1 of the numbers it is computed in
    finest     sigma as it shows at the finest spacing alone, inf where that shows nothing
    """

    sigma: Real
    epsilon: Real
    finest: Real


def scales(function: Function) -> Real:
    """sⱼ = |xⱼ|, or the root mean square of its input where xⱼ = 0, or 1 where that is 0 too; shape (n,)."""
    sizes = [np.full(part.size, np.sqrt(np.mean(part**2)) if part.size else 1.0) for part in function.split(function.x)]
    typical = np.concatenate(sizes) if sizes else np.zeros(0)
    s = np.where(function.x == 0, typical, np.abs(function.x))
    return np.where(np.isfinite(s) & (s > 0), s, 1.0)


def noise(function: Function) -> Noise:
    """σᵢ² = γₖ mean (Δᵏyᵢ)², γₖ = (k!)² / (2k)!, and εᵢ, the spacing of yᵢ's number type at 1.

    Differences of order 3, 4, 5 along one random line leave only the noise (Moré and Wild 2011, ECnoise, eq. 3.1).
    Two spacings, far below any length f may have, as a fine one does not show the rounding of a large input added to a
    small one; wider where fewer than five distinct values appear, as on the staircase of a function in float32.
    """
    random, size = np.random.default_rng(0), function.x.size
    direction = random.uniform(0.5, 1.0, size) * random.choice([-1.0, 1.0], size) * scales(function)
    sigma, settled, seen = np.zeros(function.y.size), np.zeros(function.y.size, bool), [function.y]
    fine, last = settled, sigma
    for k, spacing in enumerate(SPACINGS):
        values = np.array([function.at(function.x + t * spacing * direction) if t else function.y for t in POINTS])
        seen.extend(values)
        found, many, span = deviation(values), distinct(values) >= 5, np.ptp(values, axis=0)
        if k == 0:
            finest = np.where(many, found, np.inf)
        if k == 1:      # random here and smooth at the finer spacing, yet no kink: that has one shape at every spacing
            straight = span > 0.1 * SPACINGS[1] / SPACINGS[0] * last
            rapid = fine & (found > 0.05 * span) & (found > 1e3 * sigma) & ~straight
            found = np.where(rapid, np.inf, found)
        sigma, fine, last = np.where(settled, sigma, np.fmax(sigma, found)), many, span
        settled |= (k > 0) & many
        if settled.all():
            break
    return Noise(sigma, epsilon(np.array(seen), function), finest)


def distinct(values: Real) -> Real:
    """How many different values stand in each column; values (K, m), result (m,)."""
    return 1 + np.count_nonzero(np.diff(np.sort(values, axis=0), axis=0), axis=0)


def deviation(values: Real) -> Real:
    """The smallest of √(γₖ mean (Δᵏy)²) over k = 3, 4, 5: what is left of f itself falls with k; (7, m) to (m,)."""
    gammas = {3: 1 / 20, 4: 1 / 70, 5: 1 / 252}
    return np.min([np.sqrt(g * np.mean(np.diff(values, k, axis=0) ** 2, axis=0)) for k, g in gammas.items()], axis=0)


def epsilon(values: Real, function: Function) -> Real:
    """εᵢ of the narrowest type that holds every value yᵢ took: a float32 function may well return float64; (m,)."""
    own = float(np.finfo(function.dtype).eps) if function.dtype.kind == "f" else EPSILON
    result = np.full(values.shape[1], max(own, EPSILON))
    for narrow in reversed(NARROW):
        held = np.all((values.astype(narrow) == values) | ~np.isfinite(values), axis=0)
        result = np.where(held & (distinct(values) >= 3), np.maximum(result, float(np.finfo(narrow).eps)), result)
    return result
