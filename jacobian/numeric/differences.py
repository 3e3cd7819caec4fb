"""Differences at falling steps, extrapolated to step 0, with what is left of the error; an entry of J is a column here.

Steps h (K, E) fall along the first axis, for each of E entries in its own way; what stands beside them has their shape.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from jacobian.numeric.function import Real

DEPTH = {2: 5, 1: 3}        # nodes in one extrapolation; to one side a term such as h^1.5 must stay below the bound
SAFETY = 3.0        # on the sum of truncation and the propagated rounding
GROWTH = 1.1        # of the slope to one side, at every step down to the finest: no derivative
CHUNK = 2**16       # entries at a time, for the memory


@dataclass(frozen=True, eq=False)
class Values:
    """f at x ± h, (K, E), and of each entry, (E,): y = f(x), and what its output has for σ, finest σ, ε and size."""

    h: Real
    ahead: Real
    behind: Real
    y: Real
    sigma: Real
    finest: Real
    epsilon: Real
    size: Real

    def part(self, entries: Any) -> "Values":
        return Values(*(getattr(self, field.name)[..., entries] for field in fields(self)))


@dataclass(frozen=True, eq=False)
class Slopes:
    """value ± bound, the share of rounding in it, and the slopes to both sides where they differ, else nan; (E,)."""

    value: Real
    bound: Real
    rounding: Real
    left: Real
    right: Real

    def part(self, entries: Any) -> "Slopes":
        return Slopes(*(getattr(self, field.name)[entries] for field in fields(self)))

    def put(self, entries: Any, other: "Slopes") -> None:
        for field in fields(self):
            getattr(self, field.name)[entries] = getattr(other, field.name)


def joined(parts: Sequence[Slopes]) -> Slopes:
    """The slopes one after the other."""
    return Slopes(*(np.concatenate([np.zeros(0), *(getattr(part, f.name) for part in parts)]) for f in fields(Slopes)))


def slopes(values: Values) -> Slopes:
    """∂y/∂x ≈ lim (f(x + h) − f(x − h)) / 2h, at a domain's edge lim ±(f(x ± h) − f(x)) / h, with bounds."""
    found = Slopes(*np.zeros((len(fields(Slopes)), values.y.size)))
    for start in range(0, values.y.size, CHUNK):
        entries = slice(start, start + CHUNK)
        found.put(entries, measured(falling(values.part(entries))))
    return found


def falling(values: Values) -> Values:
    """The same with the steps in falling order."""
    order = np.argsort(-values.h, axis=0)
    h, ahead, behind = (np.take_along_axis(a, order, axis=0) for a in (values.h, values.ahead, values.behind))
    return Values(h, ahead, behind, values.y, values.sigma, values.finest, values.epsilon, values.size)


def measured(values: Values) -> Slopes:
    """The slopes for steps that fall."""
    h, ahead, behind, y = values.h, values.ahead, values.behind, values.y
    size = np.fmax(np.fmax(np.abs(ahead), np.abs(behind)), np.abs(y))
    still = (ahead == y) & (behind == y)        # not a zero derivative: a change below the rounding
    largest = np.max(np.where(np.isfinite(size), size, 0.0), axis=0, initial=0.0)
    size = np.where(still, np.maximum(largest, values.size), size)
    rounding, finest = ((3 * sigma + values.epsilon * size) / h for sigma in (values.sigma, values.finest))
    central = (ahead - behind) / (2 * h)
    value, bound, share = extrapolate(h, central, rounding, 2)
    unlike = np.abs(central[-1] - value)        # a turn beside x passes for noise at all spacings but the finest
    decline = SAFETY * np.fmax.reduce((h[-1] / h[:-1]) ** 2 * np.abs(central[:-1] - value))
    bound = np.where(unlike > bound + decline + SAFETY * 3 * finest[-1], 2 * unlike, bound)
    upright = steep(ahead - y, y - behind, h, values.epsilon * size)
    right, left = (ahead - y) / h, (y - behind) / h
    gap = kink(right - left, rounding)
    nowhere = np.full((2, y.size), np.nan)
    found = Slopes(value, np.where(upright, np.inf, bound + gap), share, *nowhere)
    beside = ~upright & ((gap > 0) | np.isinf(bound))
    if beside.any():
        to_left, to_right = (
            extrapolate(h[:, beside], side[:, beside], 2 * rounding[:, beside], 1) for side in (left, right))
        found.put(beside, sided(to_left, to_right, found.part(beside), gap[beside]))
    return found


Sided = tuple[Real, Real, Real]


def sided(left: Sided, right: Sided, both: Slopes, gap: Real) -> Slopes:
    """What the two sides say of the entries that have a kink, or a value on one side alone.

    Between the two slopes every value is a derivative in Clarke's sense (Clarke 1983, section 2.1).
    """
    (a, off_a, share_a), (b, off_b, share_b) = left, right
    known_a, known_b = np.isfinite(off_a), np.isfinite(off_b)
    apart = (gap > 0) & known_a & known_b & (np.abs(b - a) > off_a + off_b)
    value = np.where(apart, (a + b) / 2, both.value)
    bound = np.where(apart, np.abs(b - a) / 2 + np.maximum(off_a, off_b), both.bound)
    share = np.where(apart, np.maximum(share_a, share_b), both.rounding)
    for alone, slope, off, part in ((known_a & ~known_b, *left), (known_b & ~known_a, *right)):
        alone &= np.isinf(both.bound)
        value, bound, share = (np.where(alone, p, q) for p, q in ((slope, value), (off, bound), (part, share)))
    return Slopes(value, bound, share, np.where(apart, a, np.nan), np.where(apart, b, np.nan))


def steep(ahead: Real, behind: Real, h: Real, rounding: Real) -> Any:
    """Whether Δy / h keeps growing down to the finest step on one side: a jump, a cusp, an upright tangent; (E,).

    The changes themselves fall in order, as those of noise do not.
    """
    changes = np.abs([ahead, behind])
    slopes, least = changes / h, SAFETY * 6 * rounding / h
    grows = slopes[:, 1:] > GROWTH * slopes[:, :-1] + least[1:]
    return ((changes[:, 1:] <= changes[:, :-1]) & grows).all(axis=1).any(axis=0)


def extrapolate(h: Real, slopes: Real, rounding: Real, order: int) -> Sided:
    """D(h) = f′ + c h^p + d h^2p + …, so D(h₂) + (D(h₂) − D(h₁)) / ((h₁/h₂)^p − 1) is free of h^p; and so on.

    p is 2 for central differences and 1 for those to one side. The value, its bound and the part of it that is
    rounding; nan and inf where nothing is known. Of the windows of neighbouring nodes the one with the smallest bound
    is taken that contradicts no window of smaller steps. A node more than half off its neighbour is wider than the
    function's own length, and one whose differences do not fall as h^p stands for no such series: no window may use it.
    Source: Richardson 1911; Ridders 1982, Advances in Engineering Software 4, 75–76.
    """
    gaps = np.abs(np.diff(slopes, axis=0))
    doubt = SAFETY * (rounding[:-1] + rounding[1:])
    steady = np.ones(slopes.shape, bool)
    steady[:-1] = gaps <= 0.5 * np.abs(slopes[1:]) + doubt
    if order == 2 and len(h) > 2:
        plain, squared = (np.abs(np.diff(h**p, axis=0)) for p in (1, 2))
        fall = (plain[1:] / plain[:-1]) ** 0.25 * (squared[1:] / squared[:-1]) ** 0.75
        slow = gaps[1:] - doubt[1:] > fall * gaps[:-1]
        steady[:-2] &= ~slow
        steady[1:-1] &= ~slow
    gaps = np.concatenate([gaps, gaps[-1:]])
    values, shares = slopes, SAFETY * rounding
    bounds = known(SAFETY * gaps + shares)
    table, carried, credit = slopes, rounding, steady
    for level in range(1, min(DEPTH[order], len(h))):
        q = (h[:-level] / h[level:]) ** order - 1
        change = (table[1:] - table[:-1]) / q
        carried = carried[1:] + (carried[1:] + carried[:-1]) / q
        table, credit = table[1:] + change, credit[1:] & credit[:-1]
        bound = np.where(credit, known(SAFETY * (np.abs(change) + carried)), np.inf)
        better = bound < bounds[:-level]
        values, bounds, shares = (
            np.concatenate([np.where(better, new, old[:-level]), old[-level:]])
            for new, old in ((table, values), (bound, bounds), (SAFETY * carried, shares)))
    return narrowest(h, values, bounds, shares, slopes, SAFETY * 3 * rounding, order)


def known(bound: Real) -> Real:
    """inf in place of nan."""
    return np.where(np.isnan(bound), np.inf, bound)


def narrowest(h: Real, values: Real, bounds: Real, shares: Real, slopes: Real, rounding: Real, order: int) -> Sided:
    """The value with the smallest bound among those that no smaller step contradicts; all (K, E), results (E,).

    A smaller step contradicts by its value and bound, and by its slope, whose truncation must have fallen with h^order.
    """
    centre = np.where(np.isfinite(bounds), values, 0.0)
    allowed = bounds.copy()
    for k in range(len(h)):
        later = slice(k + 1, None)
        off = np.abs(centre[k] - centre[later]) > bounds[k] + bounds[later]
        truncation = SAFETY * (h[later] / h[k]) ** order * np.abs(slopes[k] - centre[k])
        off |= np.abs(centre[k] - slopes[later]) > bounds[k] + truncation + rounding[later]
        allowed[k] = np.where(off.any(axis=0), np.inf, bounds[k])
    best = np.argmin(allowed, axis=0)[None]
    bound, value, share = (np.take_along_axis(a, best, axis=0)[0] for a in (allowed, values, shares))
    return np.where(np.isfinite(bound), value, np.nan), bound, share


def kink(gaps: Real, rounding: Real) -> Real:
    """Half of |f′(x+) − f′(x−)| where that gap stays as the step falls, else 0; gaps (K, E), result (E,)."""
    most, least = known(np.abs(gaps) + 4 * rounding), np.nan_to_num(np.abs(gaps) - 4 * rounding, nan=0.0)
    k, column = np.maximum(np.argmin(most, axis=0), 1), np.arange(gaps.shape[1])
    gap, outer = most[k, column], most[k - 1, column]
    inner = np.where(np.arange(len(gaps))[:, None] > k, least, 0.0).max(axis=0)
    stays = (least[k, column] > 0.5 * outer) & (inner <= 2 * gap)
    return np.where(stays, 0.5 * gap + np.abs(outer - gap), 0.0)
