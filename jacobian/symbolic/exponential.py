"""The matrix exponential and its Fréchet derivative as numbers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

DEGREE = 13
LARGEST = 5.371920351148152     # of the 1-norm for which the approximant of this degree keeps every digit of a double


def exponential(x: Any) -> Any:
    """exp(X) by scaling and squaring of the [13/13] Padé approximant.

    Source: Higham (2005), The scaling and squaring method for the matrix exponential revisited, algorithm 2.3.
    """
    size = float(np.abs(x).sum(axis=0).max(initial=0))
    if not math.isfinite(size):
        return np.full_like(x, np.nan)
    squarings = max(0, math.ceil(math.log2(size / LARGEST))) if size > LARGEST else 0
    scaled, one = x / 2.0**squarings, np.eye(len(x), dtype=x.dtype)
    term, above, below = one, np.zeros_like(x), np.zeros_like(x)
    for k in range(DEGREE + 1):
        c = math.comb(DEGREE, k) * math.factorial(2 * DEGREE - k) / math.factorial(2 * DEGREE)
        above, below = above + c * term, below + (-1) ** k * c * term
        term = term @ scaled
    y = np.linalg.solve(below, above)
    for _ in range(squarings):
        y = y @ y
    return y.astype(x.dtype)


def frechet(x: Any, e: Any) -> Any:
    """L(X, E), the derivative of exp at X in the direction E: the upper right block of exp([X, E; 0, X]).

    Source: Higham, Functions of Matrices (2008), eq. 3.16.
    """
    n = len(x)
    return exponential(np.block([[x, e], [np.zeros_like(x), x]]))[:n, n:]
