"""Points where formulas break down: there values are those of the limit or of the definition, or NaN, never others."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import sympy as sp

import jacobian as jac

X, S = jac.symbols("X: n n, S: n n symmetric")
A, x, y, c = jac.symbols("A: m n, x: n, y: n, c:")
NAN, INF = np.nan, np.inf
ONE = np.eye(2)                              # its eigenvalues and singular values are equal
FLAT = np.outer([1.0, 2.0], [3.0, -1.0])     # of rank 1
DOWN = np.diag([1.0, -2.0])                  # its determinant is negative


def at(f: jac.Expr, value: Any) -> tuple[Any, Any]:
    """Value and derivative of f, whose only variable has this value."""
    variable, = jac.leaves(f)
    values = {variable.label: np.asarray(value, dtype=float)}
    derivative = jac.derive(f, variable)
    said = jac.Binding({variable: values[variable.label]})
    found = said.natural(derivative.value)
    try:
        generated = derivative.numpy()(**values)
    except np.linalg.LinAlgError:               # how NumPy refuses a singular matrix
        generated = np.full_like(found, NAN)
    np.testing.assert_allclose(np.ravel(generated), np.ravel(found), rtol=1e-12, atol=1e-12, err_msg="the source")
    return jac.evaluate(f, **values), found


# Function, point, value, derivative; NaN where there is none.
POINTS: list[tuple[str, jac.Expr, Any, Any, Any]] = [
    ("a determinant of rank n − 1", jac.det(X), FLAT, 0, np.array(sp.Matrix(FLAT).adjugate().T, dtype=float)),
    ("a determinant of rank 0", jac.det(X), np.zeros((3, 3)), 0, np.zeros((3, 3))),
    ("a determinant of rank 0, 2 × 2", jac.det(X), np.zeros((2, 2)), 0, np.zeros((2, 2))),
    ("a determinant of rank 0, 1 × 1", jac.det(X), [[0.0]], 0, [[1.0]]),
    ("a logarithm of a determinant 0", jac.logdet(X), [[1.0, 2.0], [2.0, 4.0]], -INF, NAN),
    ("a logarithm of a negative determinant", jac.logdet(X), DOWN, NAN, np.diag([1, -0.5])),
    ("a norm at 0", jac.norm(x), [0, 0], 0, NAN),
    ("a squared norm at 0", jac.square(x), [0, 0], 0, [0, 0]),
    ("a squared norm, by way of the norm, at 0", jac.norm(x) ** 2, [0, 0], 0, [0, 0]),
    ("a Frobenius norm at 0", jac.norm(A), np.zeros((2, 3)), 0, NAN),
    ("a 1-norm at an entry 0", jac.norm1(x), [0, 2, -3], 5, [0, 1, -1]),
    ("a largest entry that is there twice", jac.maximum(x), [1, 3, 3], 3, [0, 0.5, 0.5]),
    ("a largest entry of equal ones", jac.maximum(x), [2, 2, 2, 2], 2, [0.25] * 4),
    ("a smallest entry that is there twice", jac.minimum(A), [[1, 1], [2, 3]], 1, [[0.5, 0.5], [0, 0]]),
    ("max(x, x)", jac.total(jac.larger(x, x)), [1, 2], 3, [1, 1]),
    ("max(x, 0) at 0", jac.total(jac.larger(x, 0 * x)), [0, 2], 2, [0.5, 1]),
    ("relu at 0", jac.total(jac.relu(x)), [0, 2, -1], 2, [0, 1, 0]),
    ("leaky relu at 0", jac.total(jac.leaky_relu(x, 0.1)), [0, 2, -1], 1.9, [0.1, 1, 0.1]),
    ("elu at 0", jac.total(jac.elu(x)), [0, 2], 2, [1, 1]),
    ("abs at 0", jac.total(jac.absolute(x)), [0, -2], 2, [0, -1]),
    ("sign at 0", jac.total(jac.sign(x)), [0, -2], -1, [0, 0]),
    ("a logarithm of 0", jac.log(c), 0, -INF, INF),
    ("a logarithm of a negative number", jac.log(c), -1, NAN, -1),
    ("a square root of 0", jac.sqrt(c), 0, 0, INF),
    ("a square root of a negative number", jac.sqrt(c), -1, NAN, NAN),
    ("a reciprocal of 0", 1 / c, 0, INF, -INF),
    ("a square at 0", c**2, 0, 0, 0),
    ("an entry 0 of a power 3/2", jac.total(jac.power(x, 1.5)), [0, 4], 8, [0, 3]),
    ("arcsin at 1", jac.arcsin(c), 1, np.pi / 2, INF),
    ("artanh at 1", jac.arctanh(c), 1, INF, INF),
    ("tanh far away", jac.tanh(c), 1000, 1, 0),
    ("sigmoid far away", jac.sigmoid(c), -1000, 0, 0),
    ("softplus far away", jac.softplus(c), 1000, 1000, 1),
    ("softmax of far numbers", jac.softmax(x), [1000, 0], [1, 0], np.zeros((2, 2))),
    ("log-sum-exp of far numbers", jac.log_sum_exp(x), [1000, 1000], 1000 + np.log(2), [0.5, 0.5]),
    ("log-sum-exp of one number", jac.log_sum_exp(x), [3], 3, [1]),
    ("softmax of one number", jac.softmax(x), [3], [1], [[0]]),
    ("equal eigenvalues", jac.eigenvalues(S), ONE, [1, 1], NAN),
    ("the sum of equal eigenvalues", jac.total(jac.eigenvalues(S)), ONE, 2, ONE),
    ("equal eigenvalues of the zero matrix", jac.eigenvalues(S), np.zeros((2, 2)), [0, 0], NAN),
    ("a nuclear norm without full rank", jac.nuclear_norm(X), FLAT, np.sqrt(50), NAN),
    ("a spectral norm that two vectors attain", jac.spectral_norm(X), ONE, 1, NAN),
    ("a spectral norm of 0", jac.spectral_norm(X), np.zeros((2, 2)), 0, NAN),
    ("a trace of an inverse that is not there", jac.trace(jac.inverse(X)), np.zeros((2, 2)), NAN, NAN),
    ("a Cholesky factor that is not there", jac.total(jac.cholesky(X)), DOWN, NAN, NAN),
    ("a power 0 of a singular matrix", jac.trace(jac.matrix_power(X, 2)), FLAT, 1, 2 * FLAT.T),
    ("an exponential of 0", jac.trace(jac.expm(X)), np.zeros((2, 2)), 2, ONE),
]


@pytest.mark.parametrize(("f", "point", "value", "derivative"), [case[1:] for case in POINTS],
                         ids=[case[0] for case in POINTS])
def test_a_singular_point_has_the_value_of_the_limit_or_none(f: jac.Expr, point: Any, value: Any,
                                                             derivative: Any) -> None:
    found, slope = at(f, point)
    np.testing.assert_allclose(found, np.broadcast_to(value, found.shape), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(slope, np.broadcast_to(derivative, slope.shape), rtol=1e-12, atol=1e-12)


def test_an_adjugate_is_right_where_there_is_no_inverse() -> None:
    for value in (FLAT, np.zeros((2, 2)), np.arange(9.0).reshape(3, 3), np.diag([0.0, 1, 2, 3])):
        expected = np.array(sp.Matrix(value).applyfunc(sp.nsimplify).adjugate(), dtype=float)
        np.testing.assert_allclose(jac.evaluate(jac.adjugate(X), X=value), expected, atol=1e-12)


def test_an_inverse_and_a_solution_that_are_not_there_are_nan() -> None:
    assert np.isnan(jac.evaluate(jac.inverse(X), X=np.zeros((2, 2)))).all()
    assert np.isnan(jac.evaluate(jac.solve(X, x), X=np.zeros((2, 2)), x=np.ones(2))).all()


# ---- no entries ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("declared", ["x: 0", "A: n 0"])
def test_a_size_of_0_is_not_declared(declared: str) -> None:
    with pytest.raises(jac.InputError, match="positive whole number"):
        jac.symbols(declared)


# Of no rows: function, value.
EMPTY: list[tuple[Callable[[jac.Expr], jac.Expr], float]] = [
    (jac.total, 0), (jac.square, 0), (jac.half_square, 0), (jac.norm, 0), (jac.norm1, 0),
    (lambda a: jac.inner(a, a), 0), (lambda a: jac.total(jac.tanh(a)), 0), (lambda a: jac.total(a.T @ a), 0),
    (lambda a: jac.det(a @ a.T), 1),
]


@pytest.mark.parametrize(("f", "value"), EMPTY)
def test_a_sum_of_nothing_is_0_and_has_a_gradient_without_entries(f: Callable[..., jac.Expr], value: float) -> None:
    goal = f(A)
    nothing = np.zeros((0, 3))
    assert jac.evaluate(goal, A=nothing) == value
    assert jac.derive(goal, A).numpy()(A=nothing).shape == (0, 3)


@pytest.mark.parametrize("f", [jac.maximum, jac.minimum])
def test_nothing_has_no_largest_entry(f: Callable[..., jac.Expr]) -> None:
    with pytest.raises((ValueError, jac.InputError)):
        jac.evaluate(f(x), x=np.zeros(0))
