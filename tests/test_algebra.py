"""How maps act, what they keep, what they refuse."""

from __future__ import annotations

import dataclasses
from functools import cache

import market
import numpy as np
import pytest
import sympy as sp

import jacobian as jac
from jacobian.algebra import add, compose, simplify
from jacobian.algebra.jacobian import Structure

by_kind = pytest.mark.parametrize("kind", market.MARKET, ids=lambda kind: kind.__name__)
by_type = pytest.mark.parametrize("dtype", market.TYPES)
rng = np.random.default_rng(0)


@cache
def stall(kind, dtype):
    """Some samples of one kind with values."""
    maps = [J for J in market.stall() if type(J) is kind]
    return [market.bound((J,), dtype, k)[0] for k, J in enumerate(maps[::max(1, len(maps) // 12)])]


def vector(n, dtype, *more):
    return market.value(rng, (n, *more), dtype)


def matrix(m, n):
    return np.round(rng.uniform(-2, 2, size=(m, n)), 2)


# ---- action --------------------------------------------------------------------------------------------------------


@by_type
@by_kind
def test_the_explicit_matrix_is_the_definition(kind, dtype):
    for J in stall(kind, dtype):
        assert J.dense().shape == J.shape
        assert market.close(J.dense(), market.by_definition(J))


@by_type
@by_kind
def test_a_map_applied_to_a_vector_is_the_matrix_times_the_vector(kind, dtype):
    for J in stall(kind, dtype):
        v, g = vector(J.shape[1], dtype), vector(J.shape[0], dtype)
        assert market.close(J @ v, market.by_definition(J) @ v)
        assert market.close(J.T @ g, market.by_definition(J).T @ g)
        assert market.close(g @ J, market.by_definition(J).T @ g)


@by_type
@by_kind
def test_a_map_acts_on_each_column_and_on_each_row(kind, dtype):
    for J in stall(kind, dtype):
        A, x = market.by_definition(J), vector(J.shape[1], dtype, 3)
        assert market.close(J @ x, A @ x)
        assert market.close(J.left(x), A @ x)
        assert market.close(J.right(x.T), x.T @ A.T)
        y = vector(2, dtype, J.shape[0])
        assert market.close(y @ J, y @ A)


@by_type
@by_kind
def test_axes_in_front_are_a_batch(kind, dtype):
    for J in stall(kind, dtype):
        x = vector(5, dtype, J.shape[1], 3)
        assert market.close(J.left(x), np.stack([market.by_definition(J) @ each for each in x]))
        rows = np.ascontiguousarray(x.swapaxes(1, 2))
        assert market.close(J.right(rows), np.stack([each @ market.by_definition(J).T for each in rows]))


@by_type
@by_kind
def test_the_transpose_is_the_adjoint(kind, dtype):
    for J in stall(kind, dtype):
        v, u = vector(J.shape[1], dtype), vector(J.shape[0], dtype)
        assert market.close(np.reshape((J @ v) @ u, 1), np.reshape(v @ (J.T @ u), 1))


@by_kind
def test_the_transpose_of_the_transpose_is_the_map(kind):
    for J in market.stall():
        if type(J) is kind:
            assert J.T.T.equals(J)


@pytest.mark.parametrize("dtype", ["float32", "float64", "complex128"])
@by_kind
def test_the_type_of_the_entries_is_kept(kind, dtype):
    for J in stall(kind, dtype):
        v = vector(J.shape[1], dtype)
        assert (J @ v).dtype == dtype
        assert J.left(v[:, None]).dtype == dtype
        assert J.dense().dtype == (dtype if any(np.ndim(e) or type(e) is np.ndarray for e in J.entries()) else float)


def test_a_python_number_has_no_type_of_its_own():
    half = vector(3, "float32")
    assert (jac.Scalar(2, 3) @ half).dtype == np.float32
    assert (jac.Scalar(0.5, 3) @ jac.Diagonal(half)).dense().dtype == np.float32
    assert ((jac.Identity(3) + jac.Identity(3)) @ jac.Diagonal(half)).dense().dtype == np.float32
    assert jac.Scalar(2, 3).dense().dtype == float
    assert jac.Scalar(np.float32(2), 3).dense().dtype == np.float32


def test_many_equal_neutral_maps_do_not_overflow():
    P = jac.Permutation([1, 2, 0])
    assert jac.Sum((P,) * 200).dense().max() == 200
    K = jac.Sum((jac.Commutation(2, 3), jac.Identity(6)))
    assert jac.Product((K,) * 12).dense().sum() == 6 * 2 ** 12


def test_neutral_maps_of_sympy_entries_are_exact():
    whole = jac.Sum((jac.Identity(2), jac.Diagonal(np.array([sp.Rational(1, 3), sp.Symbol("a")])))).dense()
    assert list(whole.flat) == [sp.Rational(4, 3), 0, 0, sp.Symbol("a") + 1]


def test_entries_of_scalars_are_single_rows_and_columns():
    assert jac.Row(2.0).shape == jac.Column(np.float32(3)).shape == (1, 1)
    assert jac.Column(np.float32(3)).dense().dtype == np.float32
    assert (jac.Row(2.0) @ jac.Column(3.0)).dense() == 6


# ---- NaN and infinity ----------------------------------------------------------------------------------------------


@by_kind
def test_nan_in_a_vector_reaches_what_it_touches_and_nothing_else(kind):
    for J in stall(kind, "float64"):
        touched = market.by_definition(J.map(np.abs)) != 0
        for k in range(J.shape[1]):
            v = vector(J.shape[1], "float64")
            v[k] = np.nan
            assert np.array_equal(np.isnan(J @ v), touched[:, k])


@by_kind
def test_nan_in_an_entry_is_not_hidden(kind):
    for J in stall(kind, "float64"):
        sick = J.map(lambda a: np.full(np.shape(a), np.nan))
        touched = market.by_definition(J.map(np.abs)).any(axis=1)
        if sick.entries() and not isinstance(simplify(J), jac.Zero):
            assert np.array_equal(np.isnan(sick @ vector(J.shape[1], "float64")), touched)


def test_infinity_passes_through():
    assert np.array_equal(jac.Diagonal([1.0, np.inf]) @ [2.0, 3.0], [2, np.inf])
    assert np.array_equal(jac.Embedding(2) @ [np.inf, 1.0], [np.inf, 0, 0, 1])
    assert np.array_equal(jac.Zero(2, 1) @ [np.inf], [0, 0])
    assert np.array_equal(jac.Product((jac.Diagonal([1.0, np.inf]), jac.Dense([[1], [1]]))).dense(), [[1], [np.inf]])


def test_equal_maps_may_hold_nan():
    assert jac.Diagonal([1.0, np.nan]).equals(jac.Diagonal([1.0, np.nan]))
    assert not jac.Diagonal([1.0, np.nan]).equals(jac.Diagonal([np.nan, 1.0]))
    assert not jac.Diagonal([1.0, np.nan]).equals(jac.Row([1.0, np.nan]))


# ---- what does not change ------------------------------------------------------------------------------------------


@by_kind
def test_a_map_does_not_change(kind):
    for J in stall(kind, "float64"):
        for field, _, _ in J.parts():
            with pytest.raises(dataclasses.FrozenInstanceError):
                setattr(J, field, None)
        for array in J.entries():
            if isinstance(array, np.ndarray):
                with pytest.raises(ValueError, match="read-only"):
                    array[...] = 0
        J.dense()[...] = 7
        assert market.close(J.dense(), market.by_definition(J))


def test_constructors_state_and_operators_simplify():
    A, B = jac.Dense(matrix(2, 2)), jac.Dense(matrix(2, 2))
    assert isinstance(jac.Product((A, B)), jac.Product)
    assert isinstance(A @ B, jac.Dense)
    assert isinstance(jac.Product((A, B)) @ jac.Identity(2), jac.Dense)
    assert isinstance(jac.Kronecker(jac.Identity(2), jac.Identity(3)), jac.Kronecker)
    assert isinstance(simplify(jac.Kronecker(jac.Identity(2), jac.Identity(3))), jac.Identity)


# ---- errors --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("join", [compose, lambda J, K: jac.Product((J, K)), jac.chain, lambda J, K: J @ K])
def test_maps_that_do_not_fit_are_both_named(join):
    with pytest.raises(jac.ShapeError, match=r"Dense 2×3 @ Diagonal 4×4: the left map takes 3 entries.* gives 4"):
        join(jac.Dense(matrix(2, 3)), jac.Diagonal(np.ones(4)))


@pytest.mark.parametrize("join", [add, lambda J, K: jac.Sum((J, K)), lambda J, K: J + K])
def test_maps_of_two_shapes_are_both_named(join):
    with pytest.raises(jac.ShapeError, match=r"Dense 2×3 \+ Kronecker 6×6 \(Identity 2×2, Diagonal 3×3\)"):
        join(jac.Dense(matrix(2, 3)), jac.Kronecker(jac.Identity(2), jac.Diagonal(np.ones(3))))


def test_an_array_that_does_not_fit_is_named_with_its_shape():
    with pytest.raises(jac.ShapeError, match=r"Dense 2×3 takes a vector of 3 entries.*\(2, 2\).*reshape"):
        jac.Dense(matrix(2, 3)) @ matrix(2, 2)
    with pytest.raises(jac.ShapeError, match="takes 3 entries, but x has 4"):
        jac.Dense(matrix(2, 3)) @ jac.symbol("x: 4")


@pytest.mark.parametrize(("wrong", "sentence"), [
    (lambda: jac.Diagonal("abc"), "numbers or SymPy"),
    (lambda: jac.Diagonal([["a"]]), "numbers or SymPy"),
    (lambda: jac.Dense([[1, 2], [3]]), "rows of equal length"),
    (lambda: jac.Dense(np.zeros((2, 2, 2))), r"a matrix \(out, in\).*\(2, 2, 2\)"),
    (lambda: jac.Dense([1.0, 2.0]), "a Row, a Column or a Diagonal"),
    (lambda: jac.LowRank(np.zeros((2, 2, 2)), [[1.0, 2.0]]), r"u has shape \(2, 2, 2\)"),
    (lambda: jac.LowRank([[1.0]], [[1.0, 2.0]]), "equally many columns"),
    (lambda: jac.Scalar([1.0, 2.0], 2), "one number.*use Diagonal"),
    (lambda: jac.Scalar("2", 2), "numbers or SymPy"),
    (lambda: jac.Row(None), "numbers or SymPy"),
    (lambda: jac.Permutation([0, 0, 1]), "once each"),
    (lambda: jac.Permutation([[1], [0, 2]]), "once each"),
    (lambda: jac.Permutation([0.0, 1.0]), "once each"),
    (lambda: jac.Gather([0, 3], 3), "−1 … n−1"),
    (lambda: jac.Gather([0.5], 3), "−1 … n−1"),
    (lambda: jac.Scatter([[1], [0, 2]], 3), "−1 … n−1"),
    (lambda: jac.Identity("3"), "size n of Identity is a whole number"),
    (lambda: jac.Zero(2.5, 1), "size m of Zero is a whole number"),
    (lambda: jac.Commutation(-1, 2), "size m of Commutation is a whole number"),
    (lambda: jac.Product(()), "Product takes a tuple of at least one Jacobian"),
    (lambda: jac.Sum([]), "Sum takes a tuple of at least one Jacobian"),
    (lambda: jac.chain(), "Product takes a tuple of at least one Jacobian"),
    (lambda: jac.BlockDiagonal(5), "BlockDiagonal takes a tuple"),
    (lambda: jac.BlockDiagonal((matrix(2, 2),)), r"(?s)BlockDiagonal is made of Jacobians.*jac\.Dense"),
    (lambda: jac.Kronecker(matrix(2, 2), jac.Identity(2)), "A ⊗ B is made of Jacobians"),
    (lambda: jac.Identity(2) @ "ab", "applied to must hold numbers"),
    (lambda: jac.Identity(2) @ None, "applied to must hold numbers"),
    (lambda: "ab" @ jac.Identity(2), "to the left of Identity 2×2 must hold numbers"),
    (lambda: jac.Identity(2) + 3, r"added to a Jacobian, but 3 was given.*jac\.Dense"),
    (lambda: np.eye(2) + jac.Identity(2), "added to a Jacobian"),
])
def test_what_is_no_map_is_refused_in_a_sentence(wrong, sentence):
    with pytest.raises(jac.InputError, match=sentence):
        wrong()


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Stranger(jac.Jacobian):
    """A kind that no law knows."""

    a: Entry  # noqa: F821

    @property
    def shape(self):
        return self.a.shape

    def matrix(self, s):
        return self.a


def test_a_new_kind_needs_no_law_but_its_transpose_is_named_when_missing():
    J = Stranger(matrix(2, 3))
    A = jac.Commutation(2, 1)
    assert isinstance(jac.Selection(2).T @ J, jac.Product)
    assert market.close(J @ np.ones(3), J.a @ np.ones(3))
    assert A.T.shape == (2, 2)
    with pytest.raises(jac.InputError, match=r"Stranger 2×3: write the row 'T' of Stranger in .*transposes"):
        J.T  # noqa: B018


def test_a_field_of_a_kind_says_what_it_holds():
    with pytest.raises(TypeError, match=r"Odd\.a is annotated 'float', but a field of a kind is one of Entry"):
        type("Odd", (Structure,), {"__annotations__": {"a": "float"}})
