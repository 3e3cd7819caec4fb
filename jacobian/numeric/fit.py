"""Slopes of a noisy f: a polynomial through many points far apart tells more than the differences of two points."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from jacobian.numeric.function import Function, Real
from jacobian.numeric.measure import Estimate
from jacobian.numeric.noise import noise

WIDTHS = (2.0, 1.0, 0.5, 0.25)      # of the points, beside the size of the input
LARGEST = 15                        # degree of a polynomial
SEEN, SURE = 4.5, 3.0               # deviations of a term that is more than noise; and in the bound
LOUDER = 4.0                        # than the noise at x it is not noise but a turn or a kink of f


def fitted(function: Function, found: Estimate, columns: Iterable[int], count: int) -> Estimate:
    """J[i, j] = Σ cₖ Tₖ′(0)/h of the Chebyshev series of yᵢ(x + t h eⱼ), where it is known better than what is found.

    So in some columns, from so many values each. Noise is as large in all terms, and the later half tells its deviation
    s; what f itself has falls. The sum ends where all that follows is noise, and the bound allows for SURE s in each
    term and in one more. Where nothing is found there may be no derivative, and nothing is fitted; nor is it where s is
    more than the noise at x, or where the slope contradicts what was found.
    Source: Trefethen (2013), Approximation Theory and Approximation Practice, chapters 3 and 8.
    """
    value, error = found.value.copy(), found.error.copy()
    level = noise(function)
    sigma = np.where(np.isfinite(level.sigma), np.maximum(level.sigma, level.epsilon * function.size), 0.0)
    parts = function.split(function.x)
    sizes = np.concatenate([np.full(part.size, np.sqrt(np.mean(part**2)) or 1.0) for part in parts])
    nodes = np.cos(np.pi * (np.arange(count) + 0.5) / count)
    for j in columns:
        for h in sizes[j] * np.array(WIDTHS):
            points = np.repeat(function.x[None], count, axis=0)
            points[:, j] += h * nodes
            slope, bound, s = at_zero(np.array(list(function.at(list(points)))))
            slope, bound = slope / h, bound / h
            agrees = np.abs(slope - found.value[:, j]) <= bound + found.error[:, j]
            better = (s <= LOUDER * sigma) & np.isfinite(error[:, j]) & (bound < error[:, j]) & agrees
            value[:, j] = np.where(better, slope, value[:, j])
            error[:, j] = np.where(better, bound, error[:, j])
    return replace(found, value=value, error=error)


def at_zero(y: Real) -> tuple[Real, Real, Real]:
    """The slope at 0 of y (K, m) at the nodes, its bound, inf where f does not fall into noise, and s; each (m,)."""
    K = len(y)
    terms = np.arange(K)[:, None]
    series = 2 / K * np.cos(terms * np.pi * (terms.T + 0.5) / K) @ y
    slopes = terms * np.sin(terms * np.pi / 2).round()                 # Tₖ′(0): 0, 1, 0, −3, 0, 5, …
    each = np.sqrt(np.mean(series[K // 2:] ** 2, axis=0))              # the deviation of a term: s √(2/K)
    seen = np.abs(series) > SEEN * each
    degree = np.maximum(1, np.max(np.where(seen, terms, 0), axis=0))
    noise = SURE * np.sqrt(np.sum(np.where(terms <= degree, slopes**2, 0.0), axis=0))
    hidden = SEEN * (degree + 1 + degree % 2)                          # of the next term that counts
    bound = np.where(degree <= LARGEST, each * (noise + hidden), np.inf)
    return np.sum(np.where(terms <= degree, slopes * series, 0.0), axis=0), bound, each * np.sqrt(K / 2)
