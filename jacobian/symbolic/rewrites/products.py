"""Products of matrices with ones, diagonal matrices, elementwise products and vecs in them."""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp

from jacobian.algebra.entries import count
from jacobian.symbolic.arrays import KRON, VEC, kron, vec
from jacobian.symbolic.cost import cost
from jacobian.symbolic.elementwise import MAP, power
from jacobian.symbolic.expr import Axes, Expr, alike
from jacobian.symbolic.leaves import EYE, ONES, SCALAR, SELECTION, commutation, eye, is_one, number, ones
from jacobian.symbolic.matrix import FRECHET, expm, trace
from jacobian.symbolic.operations import DIAG, HADAMARD, MATMUL, TRANSPOSE, diag, hadamard, matmul, scale, transpose
from jacobian.symbolic.reductions import square, total
from jacobian.symbolic.rewrites.factors import bases, factored, pair
from jacobian.symbolic.rewrites.row import rewrite
from jacobian.symbolic.rows import sums_to_one


@rewrite(MATMUL, "ones count", "1ᵀ 1 = n, 1 1ᵀ a matrix of ones")
def _(x: Expr) -> Expr | None:
    def join(a: Expr, b: Expr) -> Expr | None:
        if a.operation is b.operation is ONES:
            return scale(number(count(a.axes[1])), ones(a.axes[0], b.axes[1]))
        return None

    return pair(x, join)


@rewrite(MATMUL, "what sums to one", "1ᵀ t = 1 where the entries of t add up to 1")
def _(x: Expr) -> Expr | None:
    def join(a: Expr, b: Expr) -> Expr | None:
        if b.operation is ONES and sums_to_one(a) and b.axes[1] is None and a.axes[1] is not None:
            return ones(a.axes[0])
        if a.operation is ONES and sums_to_one(transpose(b)) and a.axes[0] is None:
            return ones(None, b.axes[1])
        if a.operation is ONES and b.axes[1] is None and a.axes[0] is None and sums_to_one(b):
            return number(1)
        return None

    return pair(x, join)


@rewrite(MATMUL, "diagonal matrices multiply", "diag(a) diag(b) = diag(a ∘ b)")
def _(x: Expr) -> Expr | None:
    return pair(x, lambda a, b: diag(hadamard(a.args[0], b.args[0])) if a.operation is b.operation is DIAG else None)


@rewrite(MATMUL, "a diagonal matrix scales a vector", "diag(a) b = a ∘ b, bᵀ diag(a) = (a ∘ b)ᵀ")
def _(x: Expr) -> Expr | None:
    for k, factor in enumerate(x.args):
        if factor.operation is not DIAG:
            continue
        after, before = x.args[k + 1:], x.args[:k]
        if after and after[-1].axes[1] is None:
            return matmul(*before, hadamard(factor.args[0], matmul(*after)))
        if before and before[0].axes[0] is None:
            return matmul(hadamard(matmul(*before), transpose(factor.args[0])), *after)
    return None


def _halves(x: Expr) -> Iterator[tuple[Expr, Expr]]:
    """Each factor of an elementwise product, and the product of the others."""
    return ((factor, hadamard(*x.args[:k], *x.args[k + 1:])) for k, factor in enumerate(x.args))


@rewrite(MATMUL, "the sum of an elementwise product", "1ᵀ (a ∘ b) = aᵀ b")
def _(x: Expr) -> Expr | None:
    def join(a: Expr, b: Expr) -> Expr | None:
        for p, q in ((a, b), (transpose(b), transpose(a))):
            if is_one(p) and p.axes[0] is None and q.operation is HADAMARD and q.axes[1] is None:
                return min((matmul(transpose(u), v) for u, v in _halves(q)), key=cost)
        return None

    return pair(x, join)


@rewrite(MATMUL, "an inner product with powers", "aᵀ (a⁻¹ ∘ b) = 1ᵀ b")
def _(x: Expr) -> Expr | None:
    def join(a: Expr, b: Expr) -> Expr | None:
        for p, q in ((a, b), (transpose(b), transpose(a))):
            if p.axes[0] is None and q.axes[1] is None and q.operation is HADAMARD:
                found = bases((transpose(p), *q.args)).values()
                if len(found) <= len(q.args):
                    return total(hadamard(ones(*q.axes), *(power(base, k) for base, k in found)))
        return None

    return pair(x, join)


@rewrite(MATMUL, "the sum of squares", "1ᵀ (a ∘ a) = ‖a‖², aᵀ a = ‖a‖²")
def _(x: Expr) -> Expr | None:
    if x.axes != SCALAR:
        return None
    for cut in range(1, len(x.args)):
        if alike(transpose(matmul(*x.args[:cut])), matmul(*x.args[cut:])):
            return square(matmul(*x.args[cut:]))
    inside = [factor for factor in x.args if not (is_one(factor) and None in factor.axes)]
    if len(inside) == 1 and inside[0].operation is MAP and inside[0].data.exponent == 2:
        return square(inside[0].args[0])
    return None


@rewrite(MATMUL, "an inner product of matrices is a trace", "1ᵀ (A ∘ B) 1 = tr(Aᵀ B)")
def _(x: Expr) -> Expr | None:
    if len(x.args) == 3 and x.axes == SCALAR and is_one(x.args[0]) and is_one(x.args[2]):
        inside = x.args[1]
        if inside.operation is HADAMARD:
            return min((trace(matmul(transpose(u), v)) for u, v in _halves(inside)), key=cost)
    return None


@rewrite(MATMUL, "a Kronecker product of a vec", "(A ⊗ Bᵀ) vec(X) = vec(A X B)")
def _(x: Expr) -> Expr | None:
    return pair(x, on_vec)


def on_vec(a: Expr, b: Expr) -> Expr | None:
    """vec(P X Qᵀ) of a = P ⊗ Q and b = vec(X)."""
    if a.operation is KRON and b.operation is VEC and tuple(y.axes[1] for y in a.args) == b.args[0].axes:
        return vec(matmul(a.args[0], b.args[0], transpose(a.args[1])))
    return None


@rewrite(MATMUL, "a Kronecker product between two diagonals", "S (A ⊗ B) Sᵀ = A ∘ B")
def _(x: Expr) -> Expr | None:
    for k, middle in enumerate(x.args[1:-1], 1):
        left, right = x.args[k - 1], transpose(x.args[k + 1])
        if left.operation is right.operation is SELECTION and middle.operation is KRON and \
                all(part.axes == (left.data, right.data) for part in middle.args):
            return matmul(*x.args[:k - 1], hadamard(*middle.args), *x.args[k + 2:])
    return None


@rewrite(MATMUL, "a gradient by a factor of a Kronecker product",
         "(I ⊗ vec(B)ᵀ) (I ⊗ K ⊗ I) vec(P ⊗ Q) = ⟨B, Q⟩ vec(P), likewise by the other factor")
def _(x: Expr) -> Expr | None:
    if len(x.args) != 3 or x.args[0].operation is not KRON or x.args[2].operation is not VEC:
        return None
    for k in (0, 1):
        whole, beside = x.args[0].args[k], transpose(x.args[0].args[1 - k])
        other = beside.args[0] if beside.operation is VEC else beside
        parts = _kron_parts(x.args[2].args[0], other.axes, k) if whole.operation is EYE else None
        if parts is None:
            continue
        own, twin = parts
        (m, n), (p, q) = (own.axes, twin.axes) if k == 0 else (twin.axes, own.axes)
        if alike(x.args[1], kron(kron(eye(m), commutation(count(p), count(n))), eye(q))):
            product = trace(matmul(transpose(other), twin)) if twin.operation is EYE else total(hadamard(other, twin))
            return scale(product, vec(own))
    return None


def _kron_parts(g: Expr, axes: Axes, k: int) -> tuple[Expr, Expr] | None:
    """The factors of G = P ⊗ Q, the k-th first; the other has the given axes."""
    if g.operation is KRON and g.args[1 - k].axes == axes:
        return g.args[k], g.args[1 - k]
    if g.operation in (EYE, ONES):
        own = [sp.cancel(sp.sympify(size) / sp.sympify(count(n))) for size, n in zip(g.axes, axes, strict=True)]
        if g.operation is ONES:
            return ones(*own), ones(*axes)
        return (eye(own[0]), eye(axes[0])) if axes[0] == axes[1] else None
    return None


@rewrite(MATMUL, "the Fréchet derivative in its own direction",
         "L(s A) vec(A) = vec(A exp(s A)), L(A) vec(I) = vec(exp(A))")
def _(x: Expr) -> Expr | None:
    def join(a: Expr, b: Expr) -> Expr | None:
        turned = a.operation is TRANSPOSE
        at = a.args[0] if turned else a
        if at.operation is not FRECHET or b.operation is not VEC:
            return None
        place = transpose(at.args[0]) if turned else at.args[0]
        inside, direction = factored(place)[2], factored(b.args[0])[2]
        if direction.operation is EYE or alike(inside, direction):
            return vec(matmul(b.args[0], expm(place)))
        return None

    return pair(x, join)


@rewrite(MATMUL, "an inner product of vecs", "vec(A)ᵀ vec(B) = tr(Aᵀ B)")
def _(x: Expr) -> Expr | None:
    def join(a: Expr, b: Expr) -> Expr | None:
        if b.operation is VEC and a.operation is TRANSPOSE and a.args[0].operation is VEC:
            p, q = a.args[0].args[0], b.args[0]
            return trace(matmul(transpose(p), q)) if p.axes == q.axes else None
        return None

    return pair(x, join)
