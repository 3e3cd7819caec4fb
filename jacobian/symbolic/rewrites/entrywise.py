"""Elementwise products and functions."""

from __future__ import annotations

from collections.abc import Iterable

from jacobian.symbolic.elementwise import (
    MAP,
    absolute,
    cos,
    cosh,
    exp,
    log,
    power,
    relu,
    sigmoid,
    sign,
    sin,
    sinh,
    softplus,
    tan,
    tanh,
)
from jacobian.symbolic.expr import Expr
from jacobian.symbolic.leaves import EYE, SCALAR, is_one, number, ones
from jacobian.symbolic.operations import ADD, HADAMARD, MATMUL, TRANSPOSE, add, diag, hadamard, matmul, scale
from jacobian.symbolic.rewrites.factors import bases, diagonal_of, factored, raised, triangle, two
from jacobian.symbolic.rewrites.row import rewrite
from jacobian.symbolic.rows import SOFTMAX, log_sum_exp, softmax


@rewrite(HADAMARD, "powers multiply", "aᵏ ∘ aˡ = aᵏ⁺ˡ")
def _(x: Expr) -> Expr | None:
    made = hadamard(*(power(base, k) for base, k in bases(x.args).values()))
    return None if made is x else made


@rewrite(HADAMARD, "a number by its sign", "a ∘ sign(a) = |a|, |a| ∘ sign(a) = a")
def _(x: Expr) -> Expr | None:
    def partners(b: Expr) -> Iterable[tuple[Expr, Expr]]:
        if b.operation is MAP and b.data is sign:
            inside = b.args[0]
            yield inside, absolute(inside)
            yield absolute(inside), inside

    return two(x, partners)


@rewrite(HADAMARD, "exp over the sum of exp", "exp(a) ∘ σ(−a)ᵏ = σ(a) ∘ σ(−a)ᵏ⁻¹, (1 + exp(a)) ∘ σ(−a)ᵏ = σ(−a)ᵏ⁻¹")
def _(x: Expr) -> Expr | None:
    def partners(b: Expr) -> Iterable[tuple[Expr, Expr]]:
        base, k = raised(b)
        if base.operation is MAP and base.data is sigmoid:
            inside = scale(number(-1), base.args[0])
            yield exp(inside), hadamard(sigmoid(inside), power(base, k - 1))
            yield add(ones(*x.axes), exp(inside)), power(base, k - 1)

    return two(x, partners)


@rewrite(HADAMARD, "a quotient of functions",
         "sinh(a) / cosh(a) = tanh(a), sin(a) / cos(a) = tan(a), ReLU′(a) ∘ ReLU(a) = ReLU(a)")
def _(x: Expr) -> Expr | None:
    def partners(b: Expr) -> Iterable[tuple[Expr, Expr]]:
        if b.operation is MAP:
            for top, under, made in ((sinh, cosh, tanh), (sin, cos, tan)):
                if b.data is top:
                    yield power(under(b.args[0]), -1), made(b.args[0])
            if b.data is relu:
                yield relu.prime()(b.args[0]), b

    return two(x, partners)


@rewrite(HADAMARD, "a lower and an upper triangle meet on the diagonal", "L ∘ U = diag(diagonal(L) ∘ diagonal(U))")
def _(x: Expr) -> Expr | None:
    if None in x.axes:
        return None
    for i, a in enumerate(x.args):
        for j, b in enumerate(x.args):
            if i != j and triangle(a) in ("lower", "both") and triangle(b) in ("upper", "both"):
                kept = [y for k, y in enumerate(x.args) if k not in (i, j)]
                made = diag(hadamard(diagonal_of(a), diagonal_of(b)))
                return hadamard(made, *kept)
    return None


@rewrite(HADAMARD, "the diagonal part", "Aᵀ ∘ I = A ∘ I")
def _(x: Expr) -> Expr | None:
    if not any(y.operation is EYE for y in x.args):
        return None
    return hadamard(*(y.args[0] if y.operation is TRANSPOSE else y for y in x.args))


@rewrite(HADAMARD, "ones beside a vector", "(1 bᵀ) ∘ A = A diag(b), (a 1ᵀ) ∘ A = diag(a) A")
def _(x: Expr) -> Expr | None:
    for k, factor in enumerate(x.args):
        if factor.operation is MATMUL and None not in factor.axes:
            others = hadamard(*x.args[:k], *x.args[k + 1:])
            if is_one(factor.args[0]) and factor.args[0].axes[1] is None:
                return matmul(others, diag(matmul(*factor.args[1:])))
            if is_one(factor.args[-1]) and factor.args[-1].axes[0] is None:
                return matmul(diag(matmul(*factor.args[:-1])), others)
    return None


@rewrite(MAP, "the logistic function", "(1 + exp(a))⁻ᵏ = σ(−a)ᵏ")
def _(x: Expr) -> Expr | None:
    a = _one_plus_exp(x.args[0]) if x.data.exponent is not None and x.data.exponent.is_negative else None
    return None if a is None else power(sigmoid(scale(number(-1), a)), -x.data.exponent)


@rewrite(MAP, "softplus", "log(1 + exp(a)) = softplus(a)")
def _(x: Expr) -> Expr | None:
    a = _one_plus_exp(x.args[0]) if x.data is log else None
    return None if a is None else softplus(a)


@rewrite(MAP, "log-sum-exp", "log 1ᵀ exp(a) = logsumexp(a)")
def _(x: Expr) -> Expr | None:
    inside = x.args[0]
    if x.data is log and inside.operation is MATMUL and inside.axes == SCALAR and len(inside.args) == 2:
        ends = [y for y in inside.args if not is_one(y)]
        if len(ends) == 1 and ends[0].operation is MAP and ends[0].data is exp:
            return log_sum_exp(ends[0].args[0])
    return None


@rewrite(MAP, "log and exp undo each other", "log(exp(a)) = a")
def _(x: Expr) -> Expr | None:
    inside = x.args[0]
    return inside.args[0] if x.data is log and inside.operation is MAP and inside.data is exp else None


def _one_plus_exp(x: Expr) -> Expr | None:
    """a where x = 1 + exp(a)."""
    if x.operation is ADD and len(x.args) == 2:
        for one, other in (x.args, x.args[::-1]):
            if is_one(one) and other.operation is MAP and other.data is exp:
                return other.args[0]
    return None


@rewrite(SOFTMAX, "softmax of a logarithm", "softmax(a − logsumexp(a) 1) = softmax(a)")
def _(x: Expr) -> Expr | None:
    inside = x.args[0]
    if inside.operation is not ADD or None not in inside.axes:
        return None
    kept = [term for term in inside.args if not is_one(factored(term)[2])]
    return softmax(add(*kept)) if kept and len(kept) < len(inside.args) else None
