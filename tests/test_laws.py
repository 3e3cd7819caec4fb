"""Every law, on samples of every kind and entries of every type."""

from __future__ import annotations

from functools import reduce
from itertools import pairwise, permutations
from typing import Any

import formula
import hypothesis
import hypothesis.strategies as st
import market
import numpy as np
import pytest

import jacobian as jac
from jacobian.algebra import LAWS, Law, add, cite, compose, simplify

by_type = pytest.mark.parametrize("dtype", market.TYPES)
exact_or_not = pytest.mark.parametrize("dtype", ["float64", "object"])


def expected(law: Law, maps: tuple[jac.Jacobian, ...]) -> Any:
    """What the law must give, by NumPy."""
    matrices = [market.by_definition(J) for J in maps]
    return {"@": lambda a, b: a @ b, "+": lambda a, b: a + b, "T": lambda a: a.T, "=": lambda a: a}[law.op](*matrices)


def by_operator(law: Law, maps: tuple[jac.Jacobian, ...]) -> jac.Jacobian:
    """The same by the public operators."""
    return {"@": lambda J, K: J @ K, "+": lambda J, K: J + K, "T": lambda J: J.T, "=": simplify}[law.op](*maps)


# ---- each law ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("law", market.rows())
def test_every_law_has_a_sample(law):
    assert market.applicable(law), f"no sample in tests/market.py for which {market.title(law)} holds"


@by_type
@pytest.mark.parametrize("law", market.rows())
def test_a_law_gives_the_product_sum_or_transpose_of_the_matrices(law, dtype):
    for maps in market.applicable(law):
        maps = market.bound(maps, dtype)
        assert market.close(law.apply(*maps).dense(), expected(law, maps)), maps


@exact_or_not
@pytest.mark.parametrize("law", market.rows())
def test_operators_agree_with_numpy_whichever_law_they_choose(law, dtype):
    for maps in market.applicable(law, most=4):
        maps = market.bound(maps, dtype)
        assert market.close(by_operator(law, maps).dense(), expected(law, maps)), maps


@pytest.mark.parametrize("dtype", ["float32", "complex128"])
@pytest.mark.parametrize("law", market.rows())
def test_a_law_keeps_the_type_of_the_entries(law, dtype):
    for maps in market.applicable(law):
        maps = market.bound(maps, dtype)
        result = by_operator(law, maps)
        entries = [e for J in maps for e in J.entries() if type(e) is np.ndarray]
        if entries and result.entries():
            assert result.dense().dtype == np.result_type(*entries), maps


@exact_or_not
@pytest.mark.parametrize("law", market.rows())
def test_a_law_holds_for_abstract_entries_as_for_their_values(law, dtype):
    for maps in market.applicable(law):
        bind = market.values(maps, dtype)
        at = [J.map(bind, bind.size) for J in maps]
        late, early = by_operator(law, maps).map(bind, bind.size), by_operator(law, tuple(at))
        assert market.close(late.dense(), early.dense()), maps
        if type(late) is not type(early):        # a law that splits numbers leaves abstract entries lazy
            assert isinstance(late, jac.Product | jac.Sum), maps
            parts = late.factors if isinstance(late, jac.Product) else late.terms
            late = reduce(compose if isinstance(late, jac.Product) else add, parts)
        assert type(late) is type(early), maps


@pytest.mark.parametrize("law", market.rows())
def test_a_law_holds_at_symbolic_sizes(law):
    for maps in market.applicable(law, market.SYMBOLIC, most=6):
        bind = market.values(maps, "float64")
        result = law.apply(*maps)
        if result is None:
            continue
        explicit = bind(result.dense())
        at = tuple(J.map(bind, bind.size) for J in maps)
        assert market.close(result.map(bind, bind.size).dense(), expected(law, at)), maps
        assert market.close(explicit.reshape(expected(law, at).shape), expected(law, at)), maps


@pytest.mark.parametrize("law", market.rows())
def test_both_sides_of_the_printed_formula_are_the_matrix(law):
    for maps in market.applicable(law):
        bind = market.values(maps, "float64")
        want = expected(law, tuple(J.map(bind, bind.size) for J in maps))
        left, right = formula.sides(law, maps, bind)
        assert formula.equal(left, want), (law.formula, maps)
        assert formula.equal(right, want), (law.formula, maps)


def test_no_law_is_stated_twice():
    keys = [(law.op, law.left, law.right, law.formula) for law in LAWS]
    assert len(keys) == len(set(keys))


# ---- normal form ---------------------------------------------------------------------------------------------------


def is_normal(J: jac.Jacobian) -> bool:
    """Whether no law holds for two neighbours or two terms."""
    if isinstance(J, jac.Product):
        return not any(isinstance(A, jac.Product) for A in J.factors) and \
            not any(cite("@", A, B) or cite("@", A, simplify(B)) for A, B in pairwise(J.factors))
    if isinstance(J, jac.Sum):
        return not any(cite("+", A, B) for A, B in permutations(J.terms, 2))
    return True


@pytest.mark.parametrize("law", market.rows("@") + market.rows("+"))
def test_no_law_is_left_to_use_in_a_result(law):
    for maps in market.applicable(law, most=3):
        for result in (by_operator(law, market.bound(maps, "float64")), by_operator(law, maps)):
            assert (isinstance(result, jac.Product) and law.op == "+") or is_normal(result), maps


CHAIN_SPACES = ((2, 3), (3, 2), (2, 2), (4, None), (6, None))


@st.composite
def chains(draw: Any) -> tuple[jac.Jacobian, ...]:
    """Up to six maps that fit, of any kinds."""
    spaces = draw(st.lists(st.sampled_from(CHAIN_SPACES), min_size=3, max_size=7))
    maps = [draw(st.sampled_from(market.samples(jac.Jacobian, out, in_))) for out, in_ in pairwise(spaces)]
    return market.bound(tuple(maps), draw(st.sampled_from(market.TYPES)), draw(st.integers(0, 99)))


@hypothesis.settings(max_examples=150, deadline=None, derandomize=True)
@hypothesis.given(chains())
def test_a_chain_is_the_product_of_its_matrices_however_it_is_bracketed(maps):
    want = reduce(np.matmul, map(market.by_definition, maps))
    left = reduce(compose, maps)
    right = reduce(lambda K, J: J @ K, reversed(maps))
    for J in (left, right, jac.chain(*maps), jac.Product(maps)):
        assert market.close(J.dense(), want)
    assert market.close(left.T.dense(), want.T)
    for J in (left, right):
        assert is_normal(J)


@hypothesis.settings(max_examples=100, deadline=None, derandomize=True)
@hypothesis.given(st.data())
def test_a_sum_is_the_sum_of_its_matrices(data):
    out, in_ = data.draw(st.sampled_from(CHAIN_SPACES)), data.draw(st.sampled_from(CHAIN_SPACES))
    terms = data.draw(st.lists(st.sampled_from(market.samples(jac.Jacobian, out, in_)), min_size=2, max_size=6))
    maps = market.bound(tuple(terms), data.draw(st.sampled_from(market.TYPES)))
    want = reduce(np.add, map(market.by_definition, maps))
    for J in (reduce(add, maps), reduce(lambda K, J: J + K, reversed(maps)), jac.Sum(maps)):
        assert market.close(J.dense(), want)
        assert market.close(J.T.dense(), want.T)
    assert is_normal(reduce(add, maps))
