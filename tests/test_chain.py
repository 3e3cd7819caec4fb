"""Long chains stay in hand, and are bracketed in the cheapest way."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

import jacobian as jac
from jacobian.algebra import law
from jacobian.algebra.chain import cheapest, estimates

rng = np.random.default_rng(0)


def matrix(m, n):
    return np.round(rng.uniform(-2, 2, size=(m, n)), 2)


# ---- long chains and the cheapest bracketing -----------------------------------------------------------------------


def plain(*sizes):
    return tuple(jac.Dense(np.ones(shape)) for shape in pairwise(sizes))


def brute_force(maps):
    """The least cost over all bracketings, one by one."""
    stored, rows, columns = estimates(maps)

    def least(i, j):
        if i == j:
            return 0
        return min(least(i, k) + least(k + 1, j) + min(stored[i, k] * columns[k + 1, j], rows[i, k] * stored[k + 1, j])
                   for k in range(i, j))

    return least(0, len(maps) - 1)


@pytest.mark.parametrize("seed", range(12))
def test_the_bracketing_is_the_cheapest_of_all(seed):
    draw = np.random.default_rng(seed)
    sizes = draw.integers(1, 9, size=7)
    maps = list(plain(*sizes))
    for k, J in enumerate(maps):
        choice = draw.integers(4)
        if choice == 0:
            maps[k] = jac.LowRank(np.ones((J.shape[0], 2)), np.ones((J.shape[1], 2)))
        if choice == 1 and J.shape[0] == J.shape[1]:
            maps[k] = jac.Diagonal(np.ones(J.shape[0]))
    assert cheapest(tuple(maps))[0][0, -1] == brute_force(tuple(maps))


def test_the_cost_of_matrices_is_that_of_the_textbook():
    """Cormen, Leiserson, Rivest and Stein, 15.2: sizes 30, 35, 15, 5, 10, 20, 25 take 15125 multiplications."""
    cost, split = cheapest(plain(30, 35, 15, 5, 10, 20, 25))
    assert cost[0, -1] == 15125
    assert split[0, -1] == 2


def test_a_chain_is_divided_at_its_bottleneck():
    cost, split = cheapest(plain(64, 64, 8, 64, 64))
    assert split[0, 3] == 1
    assert cost[0, 3] == 64 * 64 * 8 * 3


def test_a_gradient_goes_from_the_left_and_a_sensitivity_from_the_right():
    maps = plain(50, 50, 50, 50)
    assert cheapest((jac.Row(np.ones(50)), *maps))[0][0, -1] == 3 * 2500
    assert cheapest((*maps, jac.Column(np.ones(50))))[0][0, -1] == 3 * 2500


def test_a_diagonal_costs_what_it_scales():
    assert cheapest((jac.Diagonal(np.ones(50)), *plain(50, 40)))[0][0, 1] == 50 * 40
    assert cheapest((jac.Diagonal(np.ones(50)), jac.Diagonal(np.ones(50))))[0][0, 1] == 50
    assert cheapest((jac.Permutation(np.arange(50)), *plain(50, 40)))[0][0, 1] == 0


def test_a_low_rank_costs_its_columns():
    low = jac.LowRank(np.ones((50, 2)), np.ones((60, 2)))
    assert cheapest((low, *plain(60, 40)))[0][0, 1] == 2 * 60 * 40
    assert cheapest((*plain(40, 50), low))[0][0, 1] == 40 * 50 * 2


def test_a_chain_of_symbolic_sizes_goes_from_left_to_right():
    A, B, C = jac.symbols("A: m n, B: n p, C: p q")
    assert jac.chain(*map(jac.Dense, (A, B, C))).a is A @ B @ C


def test_long_products_and_sums_stay_in_hand(monkeypatch):
    """The number of pairs looked at grows with the length, also where nothing composes."""
    looked = []
    cite = law.cite
    monkeypatch.setattr(law, "cite", lambda *pair: looked.append(1) or cite(*pair))
    maps = [J for _ in range(100) for J in (jac.Dense(matrix(6, 6)), jac.Kronecker(jac.Dense(matrix(2, 2)),
                                                                                 jac.Dense(matrix(3, 3))))]
    left, right = maps[0], maps[-1]
    for J in maps[1:]:
        left = left @ J
    for J in reversed(maps[:-1]):
        right = J @ right
    assert len(left.factors) == len(right.factors) == 200
    assert len(looked) < 200 * 2 * 8
