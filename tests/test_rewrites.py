"""The table of rewrites: both sides of each row have one value; simplification ends, whatever the order and names."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import jacobian as jac
from jacobian.algebra.entries import count
from jacobian.symbolic import sample
from jacobian.symbolic.arrays import RESHAPE, kron, vec
from jacobian.symbolic.cost import cost
from jacobian.symbolic.elementwise import power, relu, sigmoid, sign
from jacobian.symbolic.evaluate import Binding
from jacobian.symbolic.expr import Expr, Variable, alike, leaves, make, walk
from jacobian.symbolic.leaves import SCALAR, SYMBOL, commutation, eye, number, ones, tril
from jacobian.symbolic.matrix import EIGENVECTORS, FRECHET
from jacobian.symbolic.operations import add, hadamard, matmul, rebuild, scale, transpose
from jacobian.symbolic.rewrites import REWRITES, Rewrite
from jacobian.symbolic.simplify import rewritten, simplify
from jacobian.symbolic.space import Abstract

A, B, C, D, E, F = jac.symbols("A: m n, B: n p, C: m n, D: m p, E: p n, F: n m")
P, Q, R, S, H, U, K = jac.symbols("P: n n, Q: n n, R: n n, S: n n symmetric, H: n n posdef, U: n n orthogonal, K: m m")
L, M, G, T = jac.symbols("L: n n lower, M: n n upper, G: n n diagonal, T: m n onehot")
a, b, c, d, t, u, v = jac.symbols("a: n, b: n, c: m, d: p, t: n onehot, u: m, v: m")
r, s, o, X1 = jac.symbols("r:, s:, o: m, X1: n 1")
n, m, p = a.axes[0], c.axes[0], d.axes[0]
one, row = ones(n), transpose(ones(n))
eigen, values = make(EIGENVECTORS, (S,)), jac.eigenvalues(S)


def frechet(x: Expr) -> Expr:
    return make(FRECHET, (x,), axes=(x.size, x.size))


def _factor(g: Expr, k: int, other: Expr, own: tuple[Any, Any]) -> Expr:
    """vec of a gradient by the k-th factor of a Kronecker product: the other is given, and the axes of its own."""
    (i, j), (q, w) = (own, other.axes) if k == 0 else (other.axes, own)
    size = count(own[0]) * count(own[1])
    beside = [eye(size), transpose(vec(other))] if k == 0 else [transpose(vec(other)), eye(size)]
    return matmul(kron(*beside), kron(kron(eye(i), commutation(q, j)), eye(w)), vec(g))


# By operation and name of the row: expressions to which it applies.
SAMPLES: dict[tuple[str, str], list[Expr]] = {
    ("add", "multiplied out"): [(a + b) * a - a**2 - a * b, A @ (B + E.T) - A @ E.T, r * (A + C) - r * A],
    ("hadamard", "multiplied out"): [a * (b + a**-1), A * (C + 3 * A**-1)],
    ("matmul", "multiplied out"): [matmul(P, add(Q, jac.inverse(P))), matmul(transpose(a), add(b, a**-1)),
                                    jac.total(b - r * (a - jac.mean(a))), P @ (b - jac.total(a - jac.mean(a)) * a)],
    ("scale", "multiplied out"): [scale(r, A + C / r)],
    ("matmul", "one sign for all terms"): [A @ (-B - E.T), (-A - C) @ B, (-A - C) @ (-B - E.T)],
    ("add", "a common factor"): [
        P @ P @ Q + P @ R,
        A @ B + C @ B,
        A @ B + A @ E.T,
        A @ P @ B + C @ R @ B,
        A @ P @ B - A @ Q @ B,
        a * b + a * (Q @ a),
        r * A + r * C,
        3 * A + 3 * C,
        2 * A - 2 * C,
        2 * A - scale(number(2 / n), C),
        scale(number(1 / n), A) - scale(number(m / n), C),
        A + A @ Q,
        A + K @ A,
        A @ a + C @ a,
        r * A + s * A,
        a**2 * b + a**3,
        a**-1 * b + a**-2,
        jac.outer(a, b) + jac.outer(a, P @ b),
        r * s + r * r,
        jac.outer(c, a) + jac.outer(u, a),
        a + Q @ a,
        r * (c @ u) + r * (v @ u),
        P @ P @ R + P,
        -3 * r * A - 3 * r * C,
        r * A @ B / s + r * D / s,
    ],
    ("add", "diagonal matrices add up"): [
        jac.diag(a) + jac.diag(b),
        jac.diag(a) - 2 * jac.diag(b * b) + P,
        r * jac.diag(a) + s * jac.diag(b),
    ],
    ("add", "triangles of ones"): [tril(n) + transpose(tril(n)), P - 3 * tril(n) - 3 * transpose(tril(n))],
    ("matmul", "ones count"): [
        matmul(A, one, transpose(ones(p))),
        matmul(A, ones(n, p), ones(p)),
        matmul(row, ones(n, m)),
        matmul(ones(m, n), ones(n, p)),
    ],
    ("matmul", "what sums to one"): [
        matmul(T, one),
        matmul(row, transpose(T)),
        matmul(row, t),
        matmul(A.T, T, one),
        matmul(row, jac.softmax(a)),
        matmul(jac.softmax(A), one),
        matmul(row, transpose(jac.softmax(A)), c),
        matmul(jac.onehot(jac.symbol("i: m index"), n), one),
    ],
    ("matmul", "diagonal matrices multiply"): [
        matmul(A, jac.diag(a), jac.diag(b), B),
        matmul(jac.diag(a), jac.diag(b)),
    ],
    ("matmul", "a diagonal matrix scales a vector"): [
        matmul(A, jac.diag(a), P, b),
        matmul(transpose(c), A, jac.diag(a), B),
        matmul(P, jac.diag(a), b),
        matmul(transpose(a), jac.diag(b), P, jac.diag(a), b),
    ],
    ("matmul", "the sum of an elementwise product"): [
        matmul(row, a * b),
        matmul(row, a * b * (P @ a)),
        matmul(transpose(a * b), one),
    ],
    ("matmul", "an inner product with powers"): [
        matmul(transpose(a), a**-1 * b),
        matmul(transpose(a), a**-2 * b * (P @ a)),
        matmul(transpose(a**-1 * b), a),
        matmul(transpose(a**2), a**-1 * b),
    ],
    ("matmul", "the sum of squares"): [
        matmul(row, a**2),
        matmul(transpose(a), a),
        matmul(row, P**2, one),
        matmul(transpose(c), A, A.T, c),
        matmul(row, P.T, P, one),
        matmul(transpose(a**2), one),
    ],
    ("matmul", "an inner product of matrices is a trace"): [
        matmul(transpose(ones(m)), A * C, one),
        matmul(transpose(ones(m)), A * C * (A @ P), one),
    ],
    ("matmul", "a Kronecker product of a vec"): [
        matmul(kron(A, E.T), vec(jac.symbol("X: n p"))),
        matmul(kron(A, jac.symbol("W: 2 1")), vec(X1)),
        matmul(kron(K, P), vec(A), row),
    ],
    ("matmul", "a Kronecker product between two diagonals"): [
        matmul(Abstract.selection(n), kron(P, Q), transpose(Abstract.selection(n))),
        matmul(Abstract.selection(m), kron(A, C), transpose(Abstract.selection(n)), a),
        matmul(Abstract.selection(n), kron(P, Q) + kron(R, S), transpose(Abstract.selection(n))),
    ],
    ("matmul", "a gradient by a factor of a Kronecker product"): [
        _factor(kron(A, B), 0, jac.symbol("Z: n p"), A.axes),
        _factor(kron(A, B), 1, jac.symbol("Z: m n"), B.axes),
        _factor(kron(P, K), 0, eye(m), P.axes),
        _factor(ones(m * p, n * n), 0, jac.symbol("Y: p n"), A.axes),
        _factor(eye(n * m), 0, K, P.axes),
        _factor(eye(n * m), 1, P, K.axes),
        _factor(kron(A, d), 0, d, A.axes),
    ],
    ("matmul", "the Fréchet derivative in its own direction"): [
        matmul(frechet(P), vec(P)),
        matmul(frechet(scale(r, P)), vec(P)),
        matmul(transpose(frechet(P)), vec(P.T)),
        matmul(frechet(P), vec(eye(n))),
        matmul(frechet(2 * P), vec(-3 * P)),
        matmul(transpose(frechet(r * P)), vec(P.T)),
    ],
    ("matmul", "an inner product of vecs"): [
        matmul(transpose(vec(A)), vec(C)),
    ],
    ("scale", "a determinant and an adjugate"): [
        scale(power(jac.det(P), -1), jac.adjugate(P)),
        scale(r / jac.det(P), matmul(A, jac.adjugate(P).T, B)),
        scale(3 / jac.det(P @ Q), jac.adjugate(P @ Q) @ a),
    ],
    ("scale", "exp over the sum of exp"): [
        scale(power(jac.total(jac.exp(a)), -1), jac.exp(a)),
        scale(2 * r / jac.total(jac.exp(P @ a)), jac.exp(P @ a)),
        P @ jac.exp(a) / jac.total(jac.exp(a)),
        P @ jac.outer(jac.exp(a), jac.exp(a)) / jac.total(jac.exp(a))**2,
        (P @ (b * jac.exp(a))) / jac.total(jac.exp(a)),
        jac.diag(jac.exp(a)) @ P @ jac.diag(jac.exp(b)) / jac.total(jac.exp(b)),
    ],
    ("trace", "the trace of a diagonal matrix"): [
        jac.trace(jac.diag(a)),
        jac.trace(jac.diag(a) @ P),
        jac.trace(P @ jac.diag(a) @ Q),
    ],
    ("trace", "the trace of a transpose"): [
        jac.trace(P.T @ Q.T @ R.T),
        jac.trace(P.T @ Q.T),
    ],
    ("trace", "the trace of a square"): [jac.trace(A.T @ A), jac.trace(P.T @ Q.T @ Q @ P), jac.trace(S @ S)],
    ("diagonal", "the diagonal of a product"): [
        jac.diagonal(jac.outer(a, b)),
        jac.diagonal(jac.diag(a) @ P),
        jac.diagonal(P @ jac.diag(a)),
        jac.diagonal(P @ jac.diag(a) @ Q @ R),
        jac.diagonal(P.T),
        jac.diagonal(jac.outer(a, b) + 2 * jac.diag(a) @ P),
        jac.diagonal(L @ L),
        jac.diagonal(L @ P),
        jac.diagonal(L @ M),
        jac.diagonal(matmul(P, a, transpose(b), Q)),
        jac.diagonal(P.T * jac.outer(a, b)),
        jac.diagonal(r * jac.outer(a, b)),
    ],
    ("reshape", "the entries of what was vectorised"): [
        make(RESHAPE, (vec(A),), axes=(m, n)),
        make(RESHAPE, (make(RESHAPE, (vec(A),), axes=(n, m)),), axes=(m, n)),
        make(RESHAPE, (kron(K, P) @ vec(A),), axes=(m, n)),
    ],
    ("matmul", "an inverse cancels"): [
        matmul(P, jac.inverse(P)),
        matmul(jac.inverse(P), P),
        matmul(A, P, jac.inverse(Q @ P), B),
        U.T @ U,
        U @ U.T,
        matmul(A, jac.inverse(P @ Q), P, B),
        matmul(P.T, jac.inverse(P).T),
        matmul(F, A, jac.inverse(F @ A)),
        matmul(jac.inverse(F @ A), F, A, a),
        matmul(P.T, jac.inverse(Q @ P.T)),
        eigen.T @ eigen,
        matmul(S, jac.inverse(P @ S)),
        matmul(jac.inverse(P @ F @ A), P, a),
    ],
    ("matmul", "powers of a matrix multiply"): [
        P @ P,
        P @ jac.matrix_power(P, 3),
        matmul(A, jac.matrix_power(P.T, 2), P.T, B),
        jac.inverse(P) @ jac.inverse(P),
        jac.matrix_power(S, 2) @ S,
    ],
    ("matmul", "an adjugate beside its powers"): [
        matmul(jac.adjugate(jac.matrix_power(P, 2)), jac.matrix_power(P, 2), a),
    ],
    ("matmul", "a matrix times an adjugate"): [
        P @ jac.adjugate(P),
        jac.adjugate(P) @ P,
        matmul(A, Q, jac.adjugate(P @ Q), B),
        matmul(jac.adjugate(P @ Q), P, B),
        matmul(P, Q, jac.adjugate(P @ Q)),
        matmul(F, A, jac.adjugate(P @ F @ A)),
        matmul(P.T, jac.adjugate(P).T),
        matmul(jac.adjugate(P @ Q @ R), P, Q),
    ],
    ("matmul", "a Cholesky factor and its transpose"): [
        matmul(jac.cholesky(H), transpose(jac.cholesky(H))),
        matmul(transpose(jac.inverse(jac.cholesky(H))), jac.inverse(jac.cholesky(H)), a),
    ],
    ("matmul", "a function of the eigenvalues"): [
        matmul(eigen, jac.diag(jac.exp(values)), eigen.T),
        matmul(A, eigen, jac.diag(values**2), eigen.T, B),
        matmul(eigen, jac.diag(values), eigen.T),
        matmul(eigen, jac.diag(values**-1), eigen.T),
    ],
    ("hadamard", "powers multiply"): [
        a * a,
        jac.square(a)**-1 / jac.norm(a),
        A * A**3,
        a**-1 * b * a**2,
        (a * b) ** -1 * a,
        a**0.5 * a,
        r * r,
        r**-1 * s * r**3,
        jac.square(a) / jac.norm(a),
        hadamard(power(a * b, 2), a),
    ],
    ("hadamard", "a number by its sign"): [a * sign(a), A * C * sign(A), sign(a) * jac.absolute(a), r * sign(r)],
    ("hadamard", "exp over the sum of exp"): [
        jac.exp(a) * sigmoid(-a),
        jac.exp(-a) * b * sigmoid(a),
        jac.exp(r) * sigmoid(-r),
        jac.exp(-a) * b * sigmoid(a)**2,
        jac.exp(r) * sigmoid(-r)**3,
        (1 + jac.exp(r)) * sigmoid(-r),
        (1 + jac.exp(-a)) * b * sigmoid(a)**2,
    ],
    ("hadamard", "a quotient of functions"): [
        jac.sinh(a) / jac.cosh(a),
        jac.sin(A) * C / jac.cos(A),
        relu.prime()(a) * relu(a) * b,
    ],
    ("hadamard", "a lower and an upper triangle meet on the diagonal"): [
        L * M,
        L * tril(n).T * P,
        jac.inverse(L) * (M @ M),
        eye(n) * M,
        jac.cholesky(H) * M,
        tril(n) * jac.diag(a),
        (L @ L) * L.T,
        jac.diag(a) * jac.diag(b),
        G * L,
    ],
    ("hadamard", "the diagonal part"): [P.T * eye(n), eye(n) * Q * P.T],
    ("hadamard", "ones beside a vector"): [
        A * matmul(ones(m), transpose(a)),
        A * matmul(c, row),
        A * C * matmul(K, c, row),
        A * matmul(ones(m), transpose(b), P),
    ],
    ("map", "the logistic function"): [1 / (1 + jac.exp(a)), 1 / (jac.exp(-A) + 1), 1 / (1 + jac.exp(r)),
                                       (1 + jac.exp(r))**-2, (jac.exp(-A) + 1)**-3],
    ("map", "softplus"): [jac.log(1 + jac.exp(a)), jac.log(jac.exp(-r) + 1)],
    ("map", "log-sum-exp"): [jac.log(jac.total(jac.exp(a))), jac.log(matmul(transpose(jac.exp(A @ a)), ones(m)))],
    ("map", "log and exp undo each other"): [jac.log(jac.exp(A)), jac.log(jac.exp(r))],
    ("softmax", "softmax of a logarithm"): [
        jac.softmax(jac.log_softmax(a)),
        jac.softmax(a + r),
        jac.softmax(a - 3 * r + P @ b),
    ],
}


def points(*roots: Expr, seed: int = 0) -> Iterator[Binding]:
    """Numbers of several sizes, 1 included, signed and positive; complex ones as well, for they carry derivatives."""
    rng = np.random.default_rng(seed)
    for smallest, regime in product((2, 1, 4), sample.REGIMES):
        sizes = sample.sizes(rng, *roots, smallest=smallest)
        if smallest == 1 and regime is sample.REGIMES[1]:
            sizes = dict.fromkeys(sizes, 1)
        unknown = Binding({}, sizes)
        values = {x: sample.value(rng, x, roots[0], unknown, regime) for x in leaves(*roots)}
        yield Binding(values, sizes)
        change = {x: sample.value(rng, x, roots[0], unknown) for x in values if not FIXED & {*x.assumptions}}
        yield Binding({x: value + 1e-30j * change.get(x, 0) for x, value in values.items()}, sizes)


FIXED = {"orthogonal", "onehot", "index"}  # whose changes are not of the kind itself
VALUES_ONLY = {"eigenvectors", "frechet"}  # that have no derivative


def assert_equal(x: Expr, y: Expr, seed: int = 0) -> None:
    """Both have one value, and one derivative in a random direction, wherever x is finite."""
    assert x.axes == y.axes
    seen = 0
    bare = VALUES_ONLY & {node.operation.name for node in walk(x, y)}
    for bind in points(x, y, seed=seed):
        value, other = bind(x), bind(y)
        largest = np.max([np.abs(bind(node)).max(initial=0) for node in walk(x)])
        if not largest < 1e8 or (bare and bind.dtype == complex):  # beyond it stands the noise of a singular matrix
            continue
        seen += 1
        for part in (np.real, lambda z: np.imag(z) * 1e30):
            size = np.max([np.abs(part(bind(node))).max(initial=0) for node in walk(x)])
            np.testing.assert_allclose(part(other), part(value), rtol=1e-8, atol=1e-11 * (1 + size))
    assert seen > 3, f"{x} was hardly looked at"


LETTERS = (A, B, C, D, E, F, P, Q, S, H, K, L, M, G, T, a, b, c, d, t, u, r, s)
UNARY: list[Callable[[Expr], Expr]] = [
    jac.exp,
    sigmoid,
    relu,
    jac.tanh,
    lambda x: x**2,
    lambda x: x**-1,
    lambda x: -x,
    lambda x: 2 * x,
    lambda x: x / 3,
    transpose,
    jac.total,
    jac.square,
    jac.norm,
    jac.softmax,
    jac.log_sum_exp,
    jac.inverse,
    jac.det,
    jac.adjugate,
    jac.trace,
    jac.diag,
    jac.diagonal,
    vec,
    lambda x: jac.matrix_power(x, 2),
    sign,
    jac.absolute,
    lambda x: jac.log(jac.exp(x)),
    lambda x: 1 / (1 + jac.exp(x)),
    jac.row_sums,
    jac.column_sums,
    lambda x: x * ones(*x.axes),
    jac.mean,
    lambda x: matmul(ones(*x.axes[:1]), transpose(ones(*x.axes[:1]))),
    lambda x: eye(x.axes[0]) * x,
    lambda x: x + eye(x.axes[0]),
]
BINARY: list[Callable[[Expr, Expr], Expr]] = [
    lambda x, y: x @ y,
    lambda x, y: x + y,
    lambda x, y: x * y,
    lambda x, y: x - y,
    jac.inner,
    jac.outer,
    matmul,
    hadamard,
    add,
    jac.solve,
    lambda x, y: x / y,
    kron,
    lambda x, y: scale(jac.total(x), y),
]


@st.composite
def expressions(draw: st.DrawFn, most: int = 9) -> Expr:
    pool = list(draw(st.lists(st.sampled_from(LETTERS), min_size=2, max_size=5)))
    for _ in range(draw(st.integers(2, most))):
        x, y = draw(st.sampled_from(pool[-4:])), draw(st.sampled_from(pool))
        made = draw(st.sampled_from([(f, (x,)) for f in UNARY] + [(f, (x, y)) for f in BINARY] * 4))
        try:
            pool.append(made[0](*made[1]))
        except (jac.InputError, ZeroDivisionError):
            continue
    return pool[-1]


# What looks like a sample of a row and is none.
APART: dict[str, Expr] = {
    "the sum of squares, weighted": matmul(transpose(ones(m)), A**2, a),
    "the sum of squares, of rows": matmul(A**2, one),
    "columns that do not sum to one": matmul(transpose(ones(m)), T, a),
    "a vec of another shape": matmul(kron(A, d), vec(X1)),
    "powers beyond the highest": matmul(jac.matrix_power(P, 40), jac.matrix_power(P, 40), a),
    "a transpose beside itself": matmul(P, P.T),
    "an inverse of a rectangle's product": matmul(A, jac.inverse(F @ A), F),
    "an inverse beside the wrong end": matmul(P, jac.inverse(P @ Q)),
    "an inverse before the wrong end": matmul(jac.inverse(P @ Q), Q),
    "a power of a transpose": matmul(transpose(jac.matrix_power(P, 2)), P),
    "softmax of multiples": jac.softmax(a + 2 * b),
    "a vector beside its transpose": matmul(a, transpose(a)),
    "an inverse beside a transpose": matmul(P.T, jac.inverse(P)),
    "an adjugate beside a transpose": matmul(P.T, jac.adjugate(P)),
    "an adjugate of a product, inner factor": matmul(P, jac.adjugate(P @ Q)),
    "Cholesky the other way round": matmul(transpose(jac.cholesky(H)), jac.cholesky(H)),
    "eigenvectors the other way round": matmul(eigen.T, jac.diag(values), eigen),
    "eigenvalues of another matrix": matmul(eigen, jac.diag(jac.eigenvalues(H)), eigen.T),
    "two lower triangles": L * tril(n),
    "a full matrix on a diagonal": (P * eye(n)) @ Q,
    "exp over another sum of exp": jac.exp(a) / jac.total(jac.exp(b)),
    "softmax of rows, shifted by columns": jac.softmax(A + matmul(ones(m), transpose(a))),
    "log of a weighted sum of exp": jac.log(matmul(transpose(b**2), jac.exp(a))),
    "one minus exp": 1 / (1 - jac.exp(a)),
    "a sign of something else": a * sign(b),
    "a trace of two transposes": jac.trace(P.T @ Q),
    "a trace of a product of its own": jac.trace(P @ P),
    "a diagonal of a product": jac.diagonal(P @ Q),
    "a vec of a transpose": matmul(transpose(vec(A)), vec(F.T)),
    "a Fréchet derivative in another direction": matmul(frechet(P), vec(Q)),
    "a sum of unlike diagonals": jac.diag(a) + eye(n) * P,
    "a triangle and another multiple": 2 * tril(n) - 3 * transpose(tril(n)),
    "a common factor on different sides": P @ Q + R @ P,
    "a scalar that is no common factor": r * A + r**2 * C,
}


@pytest.mark.parametrize("x", APART.values(), ids=APART)
def test_what_only_looks_alike_keeps_its_value(x: Expr) -> None:
    assert_equal(x, simplify(x))


def title(row: Rewrite) -> tuple[str, str]:
    return row.operation.name, row.name


ROWS = [row for rows in REWRITES.values() for row in rows]
APPLIED = [pytest.param(row, x, id=f"{row.name}: {x}") for row in ROWS for x in SAMPLES.get(title(row), ())]


def test_every_row_has_a_sample_and_every_sample_a_row() -> None:
    assert {title(row) for row in ROWS} == set(SAMPLES)


@pytest.mark.parametrize("row", ROWS, ids=title)
def test_a_row_shortens_one_of_its_samples(row: Rewrite) -> None:
    made = [(x, row.apply(x)) for x in SAMPLES[title(row)]]
    assert any(y is not None and cost(y) < cost(x) for x, y in made)


@pytest.mark.parametrize(("row", "x"), APPLIED)
def test_both_sides_of_a_row_are_equal(row: Rewrite, x: Expr) -> None:
    y = row.apply(x)
    assert_equal(x, x if y is None else y)


@pytest.mark.parametrize(("row", "x"), APPLIED)
def test_a_sample_keeps_its_value_when_it_is_simplified(row: Rewrite, x: Expr) -> None:
    y = simplify(x)
    assert_equal(x, y)
    assert simplify(y) is y


@given(x=expressions(), seed=st.integers(0, 99))
@settings(max_examples=100, deadline=None, derandomize=True)
def test_simplification_ends_and_keeps_the_value(x: Expr, seed: int) -> None:
    lengths = [cost(x), *(cost(y) for _, y in rewritten(x))]
    assert lengths == sorted(set(lengths), reverse=True)
    y = simplify(x)
    assert simplify(y) is y
    with np.errstate(all="ignore"):
        for bind in list(points(x, y, seed=seed))[::2]:
            largest = np.max([np.abs(bind(node)).max(initial=0) for node in walk(x)])
            if largest < 1e6:
                np.testing.assert_allclose(bind(y), bind(x), rtol=1e-7, atol=1e-9 * (1 + largest))


def renamed(x: Expr, names: dict[str, str]) -> Expr:
    """x with other letters of the same kinds."""
    letters = {s: make(SYMBOL, data=Variable(names[str(s.label)], s.assumptions), axes=s.axes) for s in leaves(x)}
    return rebuild(x, letters)


@given(x=expressions())
@settings(max_examples=100, deadline=None, derandomize=True)
def test_names_do_not_matter(x: Expr) -> None:
    letters = sorted((str(s.label) for s in leaves(x)), reverse=True)
    names = {label: f"name{k}x" for k, label in enumerate(letters)}
    back = {new: old for old, new in names.items()}
    assert str(renamed(simplify(renamed(x, names)), back)) == str(simplify(x))


def turned_round(x: Expr) -> Expr:
    """x with the operands of sums and elementwise products in the opposite order."""
    done: dict[Expr, Expr] = {}
    for node in walk(x):
        args = tuple(done[arg] for arg in node.args)
        done[node] = make(node.operation, args[::-1] if node.operation.commutes else args, node.data, node.axes)
    return done[x]


def pattern(x: Expr) -> str:
    """x written so that what differs in the order of operands only is one text; aᵀ (b ∘ c) is bᵀ (a ∘ c) as well."""
    if x.operation.name == "trace" and x.args[0].operation.name == "matmul":
        return min(_cyclic(y.args) for y in (x.args[0], transpose(x.args[0])))
    if x.operation.name == "matmul" and x.axes == SCALAR:
        return min(_inner(factors) for factors in (x.args, tuple(map(transpose, reversed(x.args)))))
    inside = list(map(pattern, x.args))
    return f"{x.operation.name} {x.data} {x.axes} {sorted(inside) if x.operation.commutes else inside}"


def _inner(factors: tuple[Expr, ...]) -> str:
    if len(factors) > 2:
        return f"inner {list(map(pattern, factors))}"
    pair = transpose(factors[0]), factors[1]
    parts = [part for y in pair for part in (y.args if y.operation.name == "hadamard" else (y,))]
    return f"inner {sorted(map(pattern, parts))}"


def _cyclic(factors: tuple[Expr, ...]) -> str:
    turns = [factors[k:] + factors[:k] for k in range(len(factors))]
    return min(f"trace {list(map(pattern, turn))}" for turn in turns) if len(factors) > 2 else _inner(factors)


@pytest.mark.parametrize("x", [*APART.values(), *(x for xs in SAMPLES.values() for x in xs)], ids=str)
def test_the_order_of_operands_does_not_matter(x: Expr) -> None:
    other = turned_round(x)
    assert alike(x, other)
    assert pattern(simplify(other)) == pattern(simplify(x))


@given(x=expressions())
@settings(max_examples=150, deadline=None, derandomize=True)
def test_the_length_does_not_depend_on_the_order_of_operands(x: Expr) -> None:
    assert cost(simplify(turned_round(x))) == cost(simplify(x))
