"""At a kink every value between the slopes on both sides is a derivative; elsewhere both sides give the derivative."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from jacobian.numeric.function import Function, Real
from jacobian.numeric.noise import EPSILON, scales
from jacobian.verify.probe import call

Mask = np.ndarray[Any, np.dtype[np.bool_]]
STEPS = (2.0**-27, 2.0**-30)    # beside x, of its size: below any length of f, above its rounding
STEADY = 1e-3                   # how closely the slopes at both steps agree, and how well a value is known
COLUMNS = 64                    # columns that are looked at
DIRECTIONS = 4


@dataclass(frozen=True, eq=False)
class Sides:
    """Which entries of C both slopes allow, which they forbid, and which are at a kink; all (m, n)."""

    allows: Mask
    forbids: Mask
    kinked: Mask
    left: Real
    right: Real


def slopes(function: Function, v: Real) -> tuple[Real, Real]:
    """The derivatives of t ↦ f(x + t v) from the left and from the right, each (m,); nan where they do not settle."""
    sides = []
    for sign in (-1, 1):
        outer, inner = (sign * (np.ravel(call(function, function.x + sign * h * v)) - function.y) / h for h in STEPS)
        slack = STEADY * np.maximum(np.abs(outer), np.abs(inner)) + 2**4 * EPSILON * function.size / STEPS[1]
        sides.append(np.where(np.abs(outer - inner) <= slack, inner, np.nan))
    return sides[0], sides[1]


def sides(function: Function, claimed: Real, hidden: Mask, doubt: Real) -> Sides:
    """What the slopes on both sides say of the hidden entries: C v between them, for v = eⱼ and v of several eⱼ.

    Where f does not change at all beside x, an entry is 0 if a slope as large as what is in doubt would show.

    Clarke 1983, Optimization and Nonsmooth Analysis, section 2.1.
    """
    left, right = np.full(claimed.shape, np.nan), np.full(claimed.shape, np.nan)
    size = scales(function)
    for j in np.flatnonzero(hidden.any(axis=0))[:COLUMNS]:
        step = size[j] * np.eye(function.x.size)[j]
        left[:, j], right[:, j] = (side / size[j] for side in slopes(function, step))
    known = hidden & np.isfinite(left) & np.isfinite(right)
    slack = STEADY * np.fmax(np.abs(left), np.abs(right))
    low, high = np.fmin(left, right) - slack, np.fmax(left, right) + slack
    inside = (low <= claimed) & (claimed <= high)
    least = 2**8 * EPSILON * function.size[:, None] / STEPS[1] / size
    kinked = known & (np.abs(left - right) > 4 * slack + least)
    outside = across(function, claimed, kinked)[:, None] & kinked
    resolved = known & (slack + least <= 2**-7 * np.fmax(np.abs(left), np.abs(right)))
    far = 2 * (slack + least)
    forbids = kinked & ((claimed < low - far) | (claimed > high + far)) | outside
    largest = np.max(np.abs(left) + np.abs(right), axis=1, where=inside & (kinked | resolved), initial=0.0)[:, None]
    flat = (left == 0) & (right == 0) & (least <= STEADY * doubt)
    zero = known & (claimed == 0) & ((np.abs(left) + np.abs(right) <= least) & (least <= STEADY * largest) | flat)
    return Sides((inside & (kinked | resolved) | zero) & ~outside, forbids, kinked, left, right)


def across(function: Function, claimed: Real, kinked: Mask) -> Mask:
    """Where C v is not between the slopes along v, for v that move several entries at a kink at once, (m,)."""
    wrong = np.zeros(len(claimed), bool)
    columns = kinked.any(axis=0)
    if columns.sum() < 2:
        return wrong
    random, size = np.random.default_rng(17), scales(function)
    for k in range(DIRECTIONS):
        signs = random.choice([-1.0, 1.0], size.size) if k % 2 else 1.0
        v = columns * size * random.uniform(0.5, 1.0, size.size) * signs
        pair = slopes(function, v)
        low, high, found = np.fmin(*pair), np.fmax(*pair), claimed @ v
        slack = 4 * STEADY * np.fmax(np.abs(low), np.abs(high)) + 2**8 * EPSILON * function.size / STEPS[1]
        wrong |= (found < low - slack) | (found > high + slack)
    return wrong
