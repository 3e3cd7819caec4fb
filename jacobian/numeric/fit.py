"""Slopes of a noisy f: a polynomial fitted to many points far apart tells more than the differences of two points."""

from dataclasses import replace

import numpy as np
from numpy.polynomial import chebyshev

from jacobian.numeric.function import Function, Real
from jacobian.numeric.measure import Estimate
from jacobian.numeric.noise import noise

DEGREES = (3, 5, 7, 9)
WIDTHS = (2.0, 1.0, 0.25)      # of the points, beside the size of the input
LEFT = 8.0                  # standard deviations: what a fit leaves beyond is no noise, but a turn or a kink of f
NODES = np.cos(np.pi * (np.arange(32) + 0.5) / 32)


def fitted(function: Function, found: Estimate) -> Estimate:
    """J[i, j] = p′(0) for the polynomial p that fits yᵢ(x + t eⱼ) best, where its bound is below that of what is found.

    Where nothing is found there may be no derivative, and nothing is fitted; nor is it where the fit leaves more than
    noise. The slope is linear in the values, w·y: its error is at most ‖w‖₁ times what the fit leaves of a value.
    """
    value, error = found.value.copy(), found.error.copy()
    level = noise(function)
    known = np.isfinite(level.sigma)
    left = np.where(known, LEFT * np.maximum(level.sigma, level.epsilon * function.size), 0.0)
    parts = function.split(function.x)
    sizes = np.concatenate([np.full(part.size, np.sqrt(np.mean(part**2)) or 1.0) for part in parts])
    for j, size in enumerate(sizes):
        for h in size * np.array(WIDTHS):
            y = np.array(list(function.at([function.x + h * t * np.eye(len(sizes))[j] for t in NODES])))
            for degree in DEGREES:
                slope, weight, rest = at_zero(y, degree)
                bound = weight * rest / h
                better = (rest <= left) & np.isfinite(error[:, j]) & (bound < error[:, j])
                value[:, j] = np.where(better, slope / h, value[:, j])
                error[:, j] = np.where(better, bound, error[:, j])
    return replace(found, value=value, error=error)


def at_zero(y: Real, degree: int) -> tuple[Real, float, Real]:
    """p′(0) = w·y of the best polynomial for the values y (K, m) at the nodes, ‖w‖₁, and what it leaves of y, (m,)."""
    basis = chebyshev.chebvander(NODES, degree)
    inverse = np.linalg.pinv(basis)
    w = chebyshev.chebval(0.0, chebyshev.chebder(np.eye(degree + 1))) @ inverse
    return w @ y, float(np.abs(w).sum()), np.abs(y - basis @ (inverse @ y)).max(axis=0)
