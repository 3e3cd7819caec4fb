"""Multiples, traces, diagonals and rearranged arrays."""

from __future__ import annotations

from jacobian.symbolic.arrays import RESHAPE, shaped
from jacobian.symbolic.elementwise import MAP, exp, power
from jacobian.symbolic.expr import Expr, alike
from jacobian.symbolic.leaves import number
from jacobian.symbolic.matrix import ADJUGATE, TRACE, det, inverse, trace
from jacobian.symbolic.operations import (
    BUILD,
    DIAG,
    DIAGONAL,
    HADAMARD,
    MATMUL,
    SCALE,
    TRANSPOSE,
    diagonal,
    matmul,
    scale,
    transpose,
)
from jacobian.symbolic.reductions import square, total
from jacobian.symbolic.rewrites.factors import chain, diagonal_of, factored, pair, raised, scaled
from jacobian.symbolic.rewrites.products import on_vec
from jacobian.symbolic.rewrites.row import rewrite
from jacobian.symbolic.rows import softmax


@rewrite(SCALE, "a determinant and an adjugate", "adj(A) / det(A) = A⁻¹")
def _(x: Expr) -> Expr | None:
    c, scalars, rest = factored(x)
    factors = chain(rest)
    for k, factor in enumerate(factors):
        at = factor.args[0] if factor.operation is TRANSPOSE else factor
        if at.operation is not ADJUGATE:
            continue
        below = power(det(at.args[0]), -1)
        left = [s for s in scalars if not alike(s, below)]
        if len(left) < len(scalars):
            inverted = inverse(at.args[0])
            turned = transpose(inverted) if factor.operation is TRANSPOSE else inverted
            return scale(number(c), scaled(left, matmul(*factors[:k], turned, *factors[k + 1:])))
    return None


@rewrite(SCALE, "exp over the sum of exp",
         "A exp(a) / 1ᵀ exp(a) = A softmax(a), likewise of diag(exp(a)) and exp(a) ∘ b")
def _(x: Expr) -> Expr | None:
    c, scalars, rest = factored(x)
    for k, s in enumerate(scalars):
        base, exponent = raised(s)
        for part in _exponentials(rest) if exponent < 0 else ():
            if alike(base, total(part)):
                left = [*scalars[:k], power(base, exponent + 1), *scalars[k + 1:]]
                made = _once_for(rest, part, softmax(part.args[0]))
                return scale(number(c), scaled(left, made))
    return None


_LINEAR = (MATMUL, HADAMARD, DIAG, TRANSPOSE)


def _exponentials(x: Expr) -> list[Expr]:
    """The vectors exp(a) in which x is linear."""
    if x.operation in _LINEAR:
        return [part for arg in x.args for part in _exponentials(arg)]
    return [x] if x.operation is MAP and x.data is exp and None in x.axes else []


def _once_for(x: Expr, part: Expr, other: Expr) -> Expr:
    """x, linear in a part, with another in its place where it stands first."""
    if x is part:
        return other
    k = next(k for k, arg in enumerate(x.args) if part in _exponentials(arg))
    return BUILD[x.operation.name](*x.args[:k], _once_for(x.args[k], part, other), *x.args[k + 1:])


@rewrite(TRACE, "the trace of a diagonal matrix", "tr(diag(a)) = 1ᵀ a, tr(diag(a) B) = aᵀ diagonal(B)")
def _(x: Expr) -> Expr | None:
    factors = chain(x.args[0])
    if len(factors) == 1 and factors[0].operation is DIAG:
        return total(factors[0].args[0])
    for k, factor in enumerate(factors):
        if factor.operation is DIAG:
            rest = matmul(*factors[k + 1:], *factors[:k])
            return matmul(transpose(factor.args[0]), diagonal(rest))
    return None


@rewrite(TRACE, "the trace of a transpose", "tr(Aᵀ) = tr(A)")
def _(x: Expr) -> Expr | None:
    return trace(transpose(x.args[0]))


@rewrite(TRACE, "the trace of a square", "tr(Aᵀ A) = ‖A‖²")
def _(x: Expr) -> Expr | None:
    factors = chain(x.args[0])
    for cut in range(1, len(factors)):
        if alike(transpose(matmul(*factors[:cut])), matmul(*factors[cut:])):
            return square(matmul(*factors[cut:]))
    return None


@rewrite(DIAGONAL, "the diagonal of a product",
         "diagonal(a bᵀ) = a ∘ b, diagonal(diag(a) B) = a ∘ diagonal(B), diagonal(A diag(b) C) = (A ∘ Cᵀ) b")
def _(x: Expr) -> Expr | None:
    return diagonal_of(x.args[0])


@rewrite(RESHAPE, "the entries of what was vectorised", "mat(vec(A)) = A, mat((A ⊗ Bᵀ) vec(X)) = mat(vec(A X B))")
def _(x: Expr) -> Expr | None:
    inside = x.args[0]
    joined = pair(inside, on_vec) if inside.operation is MATMUL else None
    made = shaped(inside if joined is None else joined, x.axes)
    return made if made.operation is not RESHAPE else None
