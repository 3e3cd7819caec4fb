"""Products of matrices with inverses, powers, adjugates and factors in them."""

from __future__ import annotations

from functools import reduce

import sympy as sp

from jacobian.symbolic.elementwise import MAP, exp
from jacobian.symbolic.expr import Expr, alike
from jacobian.symbolic.leaves import eye, number
from jacobian.symbolic.matrix import (
    ADJUGATE,
    CHOLESKY,
    EIGENVECTORS,
    HIGHEST,
    INVERSE,
    MATRIX_POWER,
    adjugate,
    det,
    eigenvalues,
    expm,
    inverse,
    matrix_power,
)
from jacobian.symbolic.operations import DIAG, MATMUL, TRANSPOSE, is_symmetric, matmul, scale, transpose
from jacobian.symbolic.rewrites.factors import chain, factored, pair, raised, scaled, square_product
from jacobian.symbolic.rewrites.row import rewrite, tidied


def _inverted(x: Expr) -> tuple[Expr, ...] | None:
    """The factors of M where x = M⁻¹."""
    if x.operation is INVERSE:
        return chain(x.args[0])
    if x.operation is TRANSPOSE and x.args[0].operation is INVERSE:
        return chain(transpose(x.args[0].args[0]))
    return chain(transpose(x)) if _orthogonal(x) else None


def _orthogonal(x: Expr) -> bool:
    inside = x.args[0] if x.operation is TRANSPOSE else x
    return "orthogonal" in inside.assumptions or inside.operation is EIGENVECTORS


@rewrite(MATMUL, "an inverse cancels", "A A⁻¹ = I, A (B A)⁻¹ = B⁻¹, (A B)⁻¹ A = B⁻¹")
def _(x: Expr) -> Expr | None:
    def join(a: Expr, b: Expr) -> Expr | None:
        right, left = _inverted(b), _inverted(a)
        if right and alike(right[-1], a) and None not in a.axes and a.axes[0] == a.axes[1]:
            inner = square_product(right[:-1]) if len(right) > 1 else eye(a.axes[0])
            return None if inner is None else inverse(inner)
        if left and alike(left[0], b) and None not in b.axes and b.axes[0] == b.axes[1]:
            inner = square_product(left[1:]) if len(left) > 1 else eye(b.axes[0])
            return None if inner is None else inverse(inner)
        return None

    joined = pair(x, join)
    return _product_cancels(x) if joined is None else joined


def _product_cancels(x: Expr) -> Expr | None:
    """A B (A B)⁻¹ = I, of any number of factors."""
    for k, factor in enumerate(x.args):
        inside = _inverted(factor) or ()
        n = len(inside)
        for start in (k - n, k + 1) if n > 1 else ():
            beside = x.args[start:start + n] if start >= 0 else ()
            if len(beside) == n and all(map(alike, beside, inside)):
                first = min(start, k)
                return matmul(*x.args[:first], eye(factor.axes[0]), *x.args[first + n + 1:])
    return None


def _power_of(x: Expr) -> tuple[Expr, int]:
    if x.operation is TRANSPOSE and x.args[0].operation is MATRIX_POWER:
        return transpose(x.args[0].args[0]), x.args[0].data
    return (x.args[0], x.data) if x.operation is MATRIX_POWER else (x, 1)


@rewrite(MATMUL, "powers of a matrix multiply", "Aᵏ Aˡ = Aᵏ⁺ˡ")
def _(x: Expr) -> Expr | None:
    def join(a: Expr, b: Expr) -> Expr | None:
        (p, k), (q, m) = _power_of(a), _power_of(b)
        return matrix_power(p, k + m) if alike(p, q) and None not in p.axes and k + m <= HIGHEST else None

    return pair(x, join)


def _adjugate_of(x: Expr) -> Expr | None:
    """M where x = adj(M)."""
    if x.operation is TRANSPOSE and x.args[0].operation is ADJUGATE:
        return transpose(x.args[0].args[0])
    return x.args[0] if x.operation is ADJUGATE else None


@rewrite(MATMUL, "an adjugate beside its powers", "adj(Aᵏ) Aˡ = Aˡ adj(Aᵏ)")
def _(x: Expr) -> Expr | None:
    def join(a: Expr, b: Expr) -> Expr | None:
        inside = _adjugate_of(a)
        if inside is not None and alike(_power_of(inside)[0], _power_of(b)[0]):
            return matmul(b, a)
        return None

    swapped = pair(x, join)
    return None if swapped is None else tidied(swapped)


@rewrite(MATMUL, "a matrix times an adjugate", "B adj(A B) = det(B) adj(A), adj(A B) A = det(A) adj(B)")
def _(x: Expr) -> Expr | None:
    for k, factor in enumerate(x.args):
        inside = _adjugate_of(factor)
        within = chain(inside) if inside is not None else ()
        for n in range(len(within), 0, -1):
            before, after = x.args[k - n:k] if k >= n else (), x.args[k + 1:k + 1 + n]
            if _same(before, within[-n:]):
                return scale(_det(before), matmul(*x.args[:k - n], _adjugate(within[:-n], factor), *x.args[k + 1:]))
            if _same(after, within[:n]):
                return scale(_det(after), matmul(*x.args[:k], _adjugate(within[n:], factor), *x.args[k + 1 + n:]))
    return None


def _same(beside: tuple[Expr, ...], ends: tuple[Expr, ...]) -> bool:
    return len(beside) == len(ends) and all(map(alike, beside, ends)) and square_product(ends) is not None


def _det(factors: tuple[Expr, ...]) -> Expr:
    """det(A B) = det A det B, where A and B are square."""
    square = all(square_product((y,)) is not None for y in factors)
    return reduce(scale, map(det, factors), number(1)) if square else det(matmul(*factors))


def _adjugate(rest: tuple[Expr, ...], whole: Expr) -> Expr:
    return adjugate(matmul(*rest)) if rest else eye(whole.axes[0])


@rewrite(MATMUL, "a Cholesky factor and its transpose", "chol(A)⁻ᵀ chol(A)⁻¹ = A⁻¹, chol(A) chol(A)ᵀ = A")
def _(x: Expr) -> Expr | None:
    def join(a: Expr, b: Expr) -> Expr | None:
        for one, other, wrap in ((a, b, lambda y: y), (_alone(b), _alone(a), inverse)):
            if one is not None and one.operation is CHOLESKY and other is not None and \
                    other is transpose(one) and is_symmetric(one.args[0]):
                return wrap(one.args[0])
        return None

    return pair(x, join)


def _alone(x: Expr) -> Expr | None:
    """A where x = A⁻¹ of a single factor."""
    inside = _inverted(x)
    return inside[0] if inside and len(inside) == 1 else None


@rewrite(MATMUL, "a function of the eigenvalues", "V(A) diag(f(eig(A))) V(A)ᵀ = f(A), A symmetric, f = exp or a power")
def _(x: Expr) -> Expr | None:
    for k in range(len(x.args) - 2):
        v, d, vt = x.args[k:k + 3]
        if v.operation is EIGENVECTORS and d.operation is DIAG and alike(vt, transpose(v)) and is_symmetric(v.args[0]):
            c, scalars, rest = factored(d.args[0])
            a, values = v.args[0], eigenvalues(v.args[0])
            base, exponent = raised(rest)
            if alike(base, values) and sp.sympify(exponent).is_Integer and abs(exponent) <= HIGHEST:
                made = matrix_power(a, exponent)
            elif rest.operation is MAP and rest.data is exp and alike(rest.args[0], values):
                made = expm(a)
            else:
                continue
            return matmul(*x.args[:k], scale(number(c), scaled(scalars, made)), *x.args[k + 3:])
    return None
