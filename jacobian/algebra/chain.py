"""The cheapest bracketing of a chain of maps."""

from __future__ import annotations

from functools import reduce
from typing import Any

import numpy as np

from jacobian.algebra.entries import axes, count, extent
from jacobian.algebra.jacobian import Jacobian, Product, compose
from jacobian.algebra.kinds import LowRank


def chain(*maps: Jacobian) -> Jacobian:
    """J₁ J₂ ⋯, composed by the laws in the order that takes the fewest multiplications.

    Where a size is symbolic, from left to right. Raises ShapeError where two neighbours do not fit.
    Source: Aho, Hopcroft and Ullman (1974), 2.8; for Jacobians Naumann (2012), 3.3.
    """
    maps = Product(maps).factors
    if not all(isinstance(n, int) for J in maps for n in (*J.shape, *map(extent, J.entries()))):
        return reduce(compose, maps)
    split = cheapest(maps)[1]

    def composed(i: int, j: int) -> Jacobian:
        k = split[i, j]
        return maps[i] if i == j else compose(composed(i, k), composed(k + 1, j))

    return composed(0, len(maps) - 1)


def cheapest(maps: tuple[Jacobian, ...]) -> tuple[Any, Any]:
    """(cost, split): the least multiplications for each Jᵢ ⋯ Jⱼ, and the place after which it is divided."""
    return bracketing(*estimates(maps))


def bracketing(stored: Any, rows: Any, columns: Any) -> tuple[Any, Any]:
    """The same, from the entries, rows and columns that each Jᵢ ⋯ Jⱼ has."""
    cost, split = np.zeros(stored.shape), np.zeros(stored.shape, int)
    for j in range(len(stored)):
        for i in reversed(range(j)):
            left, right = np.s_[i, i:j], np.s_[i + 1:j + 1, j]
            work = np.minimum(stored[left] * columns[right], rows[left] * stored[right])
            costs = cost[left] + cost[right] + work
            split[i, j], cost[i, j] = i + np.argmin(costs), costs.min()
    return cost, split


def estimates(maps: tuple[Jacobian, ...]) -> tuple[Any, Any, Any]:
    """For each Jᵢ ⋯ Jⱼ: its entries when composed, and the rows and columns of them that a composition works on.

    A low rank stays low, a diagonal stays a diagonal (one row, one column), everything else becomes dense.
    """
    found = np.zeros((3, len(maps), len(maps)))
    ranks = [count(axes(J.u)[1]) if isinstance(J, LowRank) else None for J in maps]
    known = [(sum(map(extent, J.entries())), *J.shape, rank) for J, rank in zip(maps, ranks, strict=True)]
    for i, (_, m, _, _) in enumerate(known):
        most, thin, rank = 0, True, None
        for j, (entries, k, n, r) in enumerate(known[i:], i):
            most, thin, rank = max(most, entries), thin and k == n and entries <= n, rank or r
            whole = entries if i == j else most if thin or most == 0 else rank * (m + n) if rank else m * n
            found[:, i, j] = whole, *((rank, rank) if rank else (most > 0, most > 0) if thin else (m, n))
    return found[0], found[1], found[2]
