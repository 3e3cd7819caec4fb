"""How far rounding inside f moves its values: measured, because no one can know it from outside."""

import numpy as np

from jacobian.numeric.function import NARROW, Function, Real

SPACINGS = (2.0**-44, 2.0**-26, 2.0**-16, 2.0**-7)
POINTS = np.arange(-3, 4)
EPSILON = float(np.finfo(np.float64).eps)


def scales(function: Function) -> Real:
    """sⱼ = |xⱼ|, or the root mean square of its input where xⱼ = 0, or 1 where that is 0 too; shape (n,)."""
    sizes = [np.full(part.size, np.sqrt(np.mean(part**2)) if part.size else 1.0) for part in function.split(function.x)]
    typical = np.concatenate(sizes) if sizes else np.zeros(0)
    s = np.where(function.x == 0, typical, np.abs(function.x))
    return np.where(np.isfinite(s) & (s > 0), s, 1.0)


def noise(function: Function) -> tuple[Real, Real]:
    """σᵢ² = γₖ mean (Δᵏyᵢ)², γₖ = (k!)² / (2k)!, and εᵢ, the spacing of yᵢ's number type at 1; both (m,).

    Differences of order 3, 4, 5 along one random line leave only the noise (Moré and Wild 2011, ECnoise, eq. 3.1).
    The spacing starts far below any length f may have and widens where fewer than five distinct values appear, as on
    the staircase of a function computed in float32.
    """
    size = function.y.size
    direction = np.random.default_rng(0).uniform(0.5, 1.0, function.x.size) * scales(function)
    direction *= np.where(np.arange(function.x.size) % 3 == 1, -1.0, 1.0)
    sigma, settled, seen = np.zeros(size), np.zeros(size, bool), [function.y]
    for spacing in SPACINGS:
        values = np.array([function.at(function.x + t * spacing * direction) if t else function.y for t in POINTS])
        seen.extend(values)
        distinct = 1 + np.count_nonzero(np.diff(np.sort(values, axis=0), axis=0), axis=0)
        sigma = np.where(settled | (distinct < 2), sigma, deviation(values))
        settled |= distinct >= 5
        if settled.all():
            break
    return np.where(np.isfinite(sigma), sigma, 0.0), epsilon(np.array(seen), function)


def deviation(values: Real) -> Real:
    """The largest of √(γₖ mean (Δᵏy)²) over k = 3, 4, 5; values (7, m), result (m,)."""
    gammas = {3: 1 / 20, 4: 1 / 70, 5: 1 / 252}
    return np.max([np.sqrt(g * np.mean(np.diff(values, k, axis=0) ** 2, axis=0)) for k, g in gammas.items()], axis=0)


def epsilon(values: Real, function: Function) -> Real:
    """εᵢ of the narrowest type that holds every value yᵢ took: a float32 function may well return float64; (m,)."""
    own = float(np.finfo(function.dtype).eps) if function.dtype.kind == "f" else EPSILON
    result = np.full(values.shape[1], max(own, EPSILON))
    changes = 1 + np.count_nonzero(np.diff(np.sort(values, axis=0), axis=0), axis=0) >= 3
    for narrow in reversed(NARROW):
        held = np.all((values.astype(narrow) == values) | ~np.isfinite(values), axis=0)
        result = np.where(held & changes, np.maximum(result, float(np.finfo(narrow).eps)), result)
    return result
