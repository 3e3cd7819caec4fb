"""Multiples, traces, diagonals and rearranged arrays."""

from __future__ import annotations

from jacobian.symbolic.arrays import RESHAPE, shaped
from jacobian.symbolic.elementwise import MAP, exp, power
from jacobian.symbolic.expr import Expr, alike
from jacobian.symbolic.leaves import number
from jacobian.symbolic.matrix import ADJUGATE, TRACE, det, inverse, trace
from jacobian.symbolic.operations import DIAG, DIAGONAL, SCALE, TRANSPOSE, diagonal, matmul, scale, transpose
from jacobian.symbolic.reductions import square, total
from jacobian.symbolic.rewrites.factors import chain, diagonal_of, factored, scaled
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


@rewrite(SCALE, "exp over the sum of exp", "exp(a) / 1ᵀ exp(a) = softmax(a)")
def _(x: Expr) -> Expr | None:
    c, scalars, rest = factored(x)
    if rest.operation is MAP and rest.data is exp and None in rest.axes:
        below = power(total(rest), -1)
        for k, s in enumerate(scalars):
            if alike(s, below):
                return scale(number(c), scaled(scalars[:k] + scalars[k + 1:], softmax(rest.args[0])))
    return None


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


@rewrite(DIAGONAL, "the diagonal of a product", "diagonal(a bᵀ) = a ∘ b, diagonal(diag(a) B) = a ∘ diagonal(B)")
def _(x: Expr) -> Expr | None:
    return diagonal_of(x.args[0])


@rewrite(RESHAPE, "the entries of what was vectorised", "mat(vec(A)) = A")
def _(x: Expr) -> Expr | None:
    made = shaped(x.args[0], x.axes)
    return made if made.operation is not RESHAPE else None
