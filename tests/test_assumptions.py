"""Structured variables: drawn, tested, and differentiated along the changes that keep their structure."""

import numpy as np
import pytest
import sympy as sp

import jacobian as jac
from jacobian.derivation.measure import complex_step
from jacobian.symbolic import sample
from jacobian.symbolic.assumptions import ASSUMPTIONS, projection
from jacobian.symbolic.evaluate import Binding

B = jac.symbol("B: n n")
SQUARE = [word for word, row in ASSUMPTIONS.items() if row.square]
STRUCTURED = [word for word, row in ASSUMPTIONS.items() if row.projection]


def declared(word: str) -> jac.Expr:
    return jac.symbol(f"X: n n {word}")


def goal(X: jac.Expr) -> jac.Expr:
    return jac.trace(B @ X @ B @ X) + jac.half_square(X - B)


def curve(word: str, X: np.ndarray, E: np.ndarray, h: complex) -> np.ndarray:
    """A curve of matrices of the kind with a derivative at X: X + hS, X + hΛ, or X exp(h A) with A skew."""
    if word == "orthogonal":
        skew = h * (E - E.T)
        return X @ (np.eye(len(X)) + skew + skew @ skew / 2)
    if word in ("symmetric", "posdef"):
        return X + h * (E + E.T)
    return X + h * E * {"diagonal": np.eye(len(X)), "lower": np.tri(len(X)), "upper": np.tri(len(X)).T}[word]


@pytest.mark.parametrize("word", ASSUMPTIONS)
@pytest.mark.parametrize("n", [1, 2, 5])
def test_what_is_drawn_is_what_was_declared(word: str, n: int) -> None:
    X = declared(word)
    value = sample.value(np.random.default_rng(n), X, X, Binding({}, {"n": n}))
    assert ASSUMPTIONS[word].holds(value)
    assert Binding({X: value})(X).shape == (n, n)


@pytest.mark.parametrize("word", [word for word in ASSUMPTIONS if word not in ("invertible", "constant")])
def test_numbers_of_another_kind_are_refused(word: str) -> None:
    wrong = np.array([[1.0, -2.5], [3.0, 4.0]])
    with pytest.raises(jac.InputError, match=ASSUMPTIONS[word].words.split(",")[0]):
        Binding({declared(word): wrong})


def test_a_singular_matrix_is_not_invertible() -> None:
    with pytest.raises(jac.InputError, match="invertible"):
        Binding({declared("invertible"): np.ones((2, 2))})


@pytest.mark.parametrize("word", STRUCTURED)
@pytest.mark.parametrize("n", [2, 3, 4])
def test_the_gradient_gives_the_slope_along_every_curve_of_the_kind(word: str, n: int) -> None:
    X, rng = declared(word), np.random.default_rng(n)
    d = jac.derive(goal(X), X)
    assert d.check().ok
    values = {X: sample.value(rng, X, X, Binding({}, {"n": n})), B: rng.normal(size=(n, n)).round(2)}
    gradient = Binding(values).natural(d.value)
    for _ in range(3):
        E = rng.normal(size=(n, n))
        moved = Binding({B: values[B].astype(complex)}).replaced(X, curve(word, values[X], E, 1e-30j))
        slope = np.imag(moved(goal(X)).item()) / 1e-30
        direction = np.imag(curve(word, values[X], E, 1e-30j)) / 1e-30
        assert slope == pytest.approx(np.sum(gradient * direction), rel=1e-10)


@pytest.mark.parametrize("word", STRUCTURED)
def test_the_gradient_is_of_the_kind_itself(word: str) -> None:
    X, rng = declared(word), np.random.default_rng(7)
    P = projection(X).map(bind := Binding({X: sample.value(rng, X, X, Binding({}, {"n": 4}))}), bind.size).dense()
    np.testing.assert_allclose(P @ P, P, atol=1e-14)
    np.testing.assert_allclose(P, P.T, atol=1e-14)


@pytest.mark.parametrize("n", [2, 3])
def test_by_free_entries_a_symmetric_gradient_is_sympys(n: int) -> None:
    X = declared("symmetric")
    value = Binding({B: (b := np.arange(1.0, 1 + n * n).reshape(n, n) / 4),
                     X: (x := b + b.T)}).natural(jac.derive(goal(X), X, convention="free").value)
    free = sp.Matrix(n, n, lambda i, j: sp.Symbol(f"x{min(i, j)}{max(i, j)}"))
    said = (sp.Matrix(b) * free * sp.Matrix(b) * free).trace() + sum(e**2 for e in free - sp.Matrix(b)) / 2
    point = {free[i, j]: x[i, j] for i in range(n) for j in range(n)}
    expected = [[float(sp.diff(said, free[i, j]).subs(point)) for j in range(n)] for i in range(n)]
    np.testing.assert_allclose(value, expected, rtol=1e-12)


def test_second_derivatives_keep_the_structure() -> None:
    X = declared("symmetric")
    d = jac.derive(jac.logdet(X), X, X)
    assert d.check().ok
    x = np.array([[2.0, 0.5], [0.5, 1.5]])
    bind = Binding({X: x})
    P = projection(X).map(bind, bind.size).dense()
    gradient = jac.derive(jac.logdet(X), X).value
    expected = complex_step(lambda at: bind.replaced(X, at)(gradient), x) @ P
    np.testing.assert_allclose(d.jacobian.map(bind, bind.size).dense(), expected, rtol=1e-12, atol=1e-14)


def test_an_unknown_convention_lists_the_known_ones() -> None:
    with pytest.raises(jac.InputError, match=r"'projection'.*'free'"):
        jac.derive(goal(declared("symmetric")), declared("symmetric"), convention="half")


@pytest.mark.parametrize("word", SQUARE)
def test_a_square_kind_is_declared_with_one_size_twice(word: str) -> None:
    for wrong in ("X: m n", "X: n", "X:"):
        with pytest.raises(jac.InputError, match="square matrix"):
            jac.symbol(f"{wrong} {word}")


def test_a_constant_has_no_derivative() -> None:
    C = jac.symbol("C: n n constant")
    with pytest.raises(jac.InputError, match="constant"):
        jac.derive(jac.trace(C @ B), C)
