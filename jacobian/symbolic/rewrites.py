"""The table of rewrites: each an identity of matrices, for the operation at the top of what it rewrites.

A row returns the other side of its identity, or None where it does not apply. It is used where it makes the expression
shorter (see `cost`), so that rewriting ends. Tests evaluate both sides at random numbers of several sizes.
Source, unless a row names another: Magnus and Neudecker (2019), chapters 1 to 3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial, reduce
from itertools import pairwise, product
from math import prod
from typing import Any

import sympy as sp

from jacobian.algebra.entries import Size, count
from jacobian.symbolic.arrays import KRON, RESHAPE, VEC, shaped, vec
from jacobian.symbolic.cost import cost
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
from jacobian.symbolic.expr import Axes, Expr, Operation, alike
from jacobian.symbolic.leaves import EYE, ONES, SCALAR, TRIL, eye, is_one, number, ones
from jacobian.symbolic.matrix import (
    ADJUGATE,
    CHOLESKY,
    EIGENVECTORS,
    FRECHET,
    INVERSE,
    MATRIX_POWER,
    TRACE,
    adjugate,
    det,
    eigenvalues,
    expm,
    inverse,
    matrix_power,
    trace,
)
from jacobian.symbolic.operations import (
    ADD,
    DIAG,
    DIAGONAL,
    HADAMARD,
    MATMUL,
    SCALE,
    TRANSPOSE,
    add,
    coefficient,
    diag,
    diagonal,
    hadamard,
    is_symmetric,
    matmul,
    scale,
    transpose,
)
from jacobian.symbolic.reductions import NORM, square, total
from jacobian.symbolic.rows import SOFTMAX, log_sum_exp, softmax, sums_to_one


@dataclass(frozen=True)
class Rewrite:
    """`formula`, for expressions of an operation; apply(x) is the other side, or None."""

    name: str
    formula: str
    operation: Operation
    apply: Callable[[Expr], Expr | None]


REWRITES: dict[Operation, list[Rewrite]] = {}


def rewrite(operation: Operation, name: str, formula: str) -> Callable[..., Any]:
    """Make the decorated function `apply` of a new row."""
    def put(apply: Callable[[Expr], Expr | None]) -> Callable[[Expr], Expr | None]:
        REWRITES.setdefault(operation, []).append(Rewrite(name, formula, operation, apply))
        return apply

    return put


# ---- products of matrices ------------------------------------------------------------------------------------------


def _pair(x: Expr, join: Callable[[Expr, Expr], Expr | None]) -> Expr | None:
    """The product with two neighbours joined, the first pair that can be."""
    for k, (a, b) in enumerate(pairwise(x.args)):
        joined = join(a, b)
        if joined is not None:
            return matmul(*x.args[:k], joined, *x.args[k + 2:])
    return None


def _chain(x: Expr) -> tuple[Expr, ...]:
    return x.args if x.operation is MATMUL else (x,)


def _inverted(x: Expr) -> tuple[Expr, ...] | None:
    """The factors of M where x = M⁻¹."""
    if x.operation is INVERSE:
        return _chain(x.args[0])
    if x.operation is TRANSPOSE and x.args[0].operation is INVERSE:
        return _chain(transpose(x.args[0].args[0]))
    return _chain(transpose(x)) if _orthogonal(x) else None


def _orthogonal(x: Expr) -> bool:
    inside = x.args[0] if x.operation is TRANSPOSE else x
    return "orthogonal" in inside.assumptions or inside.operation is EIGENVECTORS


def _rest(factors: tuple[Expr, ...]) -> Expr | None:
    """The product of the factors, if it is square and so has an inverse."""
    m, n = factors[0].axes[0], factors[-1].axes[1]
    return matmul(*factors) if m == n is not None else None


@rewrite(MATMUL, "an inverse cancels", "A A⁻¹ = I, A (B A)⁻¹ = B⁻¹, (A B)⁻¹ A = B⁻¹")
def _(x: Expr) -> Expr | None:
    def join(a: Expr, b: Expr) -> Expr | None:
        right, left = _inverted(b), _inverted(a)
        if right and alike(right[-1], a) and None not in a.axes and a.axes[0] == a.axes[1]:
            inner = _rest(right[:-1]) if len(right) > 1 else eye(a.axes[0])
            return None if inner is None else inverse(inner)
        if left and alike(left[0], b) and None not in b.axes and b.axes[0] == b.axes[1]:
            inner = _rest(left[1:]) if len(left) > 1 else eye(b.axes[0])
            return None if inner is None else inverse(inner)
        return None

    joined = _pair(x, join)
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
        return matrix_power(p, k + m) if alike(p, q) and None not in p.axes else None

    return _pair(x, join)


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

    swapped = _pair(x, join)
    return None if swapped is None else _tidied(swapped)


@rewrite(MATMUL, "a matrix times an adjugate", "B adj(A B) = det(B) adj(A), adj(A B) A = det(A) adj(B)")
def _(x: Expr) -> Expr | None:
    for k, factor in enumerate(x.args):
        inside = _adjugate_of(factor)
        chain = _chain(inside) if inside is not None else ()
        for n in range(len(chain), 0, -1):
            before, after = x.args[k - n:k] if k >= n else (), x.args[k + 1:k + 1 + n]
            for beside, ends, rest in ((before, chain[-n:], chain[:-n]), (after, chain[:n], chain[n:])):
                if len(beside) == n and all(map(alike, beside, ends)) and _rest(ends) is not None:
                    front = reduce(scale, map(det, ends), number(1)) if all(_rest((y,)) is not None for y in ends) \
                        else det(matmul(*ends))
                    other = adjugate(matmul(*rest)) if rest else eye(factor.axes[0])
                    start, stop = (k - n, k + 1) if beside is before else (k, k + 1 + n)
                    return scale(front, matmul(*x.args[:start], other, *x.args[stop:]))
    return None


@rewrite(MATMUL, "a Cholesky factor and its transpose", "chol(A)⁻ᵀ chol(A)⁻¹ = A⁻¹, chol(A) chol(A)ᵀ = A")
def _(x: Expr) -> Expr | None:
    def join(a: Expr, b: Expr) -> Expr | None:
        for one, other, wrap in ((a, b, lambda y: y), (inverse_or(b), inverse_or(a), inverse)):
            if one is not None and one.operation is CHOLESKY and other is not None and \
                    other is transpose(one) and is_symmetric(one.args[0]):
                return wrap(one.args[0])
        return None

    return _pair(x, join)


def inverse_or(x: Expr) -> Expr | None:
    inside = _inverted(x)
    return inside[0] if inside and len(inside) == 1 else None


@rewrite(MATMUL, "a function of the eigenvalues", "V(A) diag(f(eig(A))) V(A)ᵀ = f(A), A symmetric, f = exp or a power")
def _(x: Expr) -> Expr | None:
    for k in range(len(x.args) - 2):
        v, d, vt = x.args[k:k + 3]
        if v.operation is EIGENVECTORS and d.operation is DIAG and alike(vt, transpose(v)) and is_symmetric(v.args[0]):
            c, scalars, rest = _factored(d.args[0])
            a, values = v.args[0], eigenvalues(v.args[0])
            base, exponent = _raised(rest)
            if alike(base, values) and sp.sympify(exponent).is_Integer:
                made = matrix_power(a, exponent)
            elif rest.operation is MAP and rest.data is exp and alike(rest.args[0], values):
                made = expm(a)
            else:
                continue
            return matmul(*x.args[:k], scale(number(c), _scaled(scalars, made)), *x.args[k + 3:])
    return None


@rewrite(MATMUL, "ones count", "1ᵀ 1 = n, 1 1ᵀ a matrix of ones")
def _(x: Expr) -> Expr | None:
    def join(a: Expr, b: Expr) -> Expr | None:
        if a.operation is b.operation is ONES:
            return scale(number(count(a.axes[1])), ones(a.axes[0], b.axes[1]))
        return None

    return _pair(x, join)


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

    return _pair(x, join)


@rewrite(MATMUL, "diagonal matrices multiply", "diag(a) diag(b) = diag(a ∘ b)")
def _(x: Expr) -> Expr | None:
    return _pair(x, lambda a, b: diag(hadamard(a.args[0], b.args[0])) if a.operation is b.operation is DIAG else None)


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


@rewrite(MATMUL, "the sum of an elementwise product", "1ᵀ (a ∘ b) = aᵀ b")
def _(x: Expr) -> Expr | None:
    def join(a: Expr, b: Expr) -> Expr | None:
        for p, q in ((a, b), (transpose(b), transpose(a))):
            if is_one(p) and p.axes[0] is None and q.operation is HADAMARD and q.axes[1] is None:
                return matmul(transpose(q.args[0]), hadamard(*q.args[1:]))
        return None

    return _pair(x, join)


@rewrite(MATMUL, "an inner product with powers", "aᵀ (a⁻¹ ∘ b) = 1ᵀ b")
def _(x: Expr) -> Expr | None:
    def join(a: Expr, b: Expr) -> Expr | None:
        for p, q in ((a, b), (transpose(b), transpose(a))):
            if p.axes[0] is None and q.axes[1] is None and q.operation is HADAMARD:
                bases = _bases((transpose(p), *q.args)).values()
                if len(bases) <= len(q.args):
                    return total(hadamard(ones(*q.axes), *(power(base, k) for base, k in bases)))
        return None

    return _pair(x, join)


@rewrite(MATMUL, "the sum of squares", "1ᵀ (a ∘ a) = ‖a‖², aᵀ a = ‖a‖²")
def _(x: Expr) -> Expr | None:
    if x.axes != SCALAR:
        return None
    for cut in range(1, len(x.args)):
        if alike(transpose(matmul(*x.args[:cut])), matmul(*x.args[cut:])):
            return square(matmul(*x.args[cut:]))
    inside = x.args[1:-1] if len(x.args) == 3 else x.args[1:]
    if is_one(x.args[0]) and len(inside) == 1 and inside[0].operation is MAP and inside[0].data.exponent == 2:
        return square(inside[0].args[0])
    return None


@rewrite(MATMUL, "an inner product of matrices is a trace", "1ᵀ (A ∘ B) 1 = tr(Aᵀ B)")
def _(x: Expr) -> Expr | None:
    if len(x.args) == 3 and x.axes == SCALAR and is_one(x.args[0]) and is_one(x.args[2]):
        inside = x.args[1]
        if inside.operation is HADAMARD:
            return trace(matmul(transpose(inside.args[0]), hadamard(*inside.args[1:])))
    return None


@rewrite(MATMUL, "a Kronecker product of a vec", "(A ⊗ Bᵀ) vec(X) = vec(A X B)")
def _(x: Expr) -> Expr | None:
    def join(a: Expr, b: Expr) -> Expr | None:
        if a.operation is KRON and b.operation is VEC and a.args[0].axes[1] == b.args[0].axes[0]:
            return vec(matmul(a.args[0], b.args[0], transpose(a.args[1])))
        return None

    return _pair(x, join)


@rewrite(MATMUL, "a gradient by a factor of a Kronecker product",
         "(I ⊗ vec(B)ᵀ) (I ⊗ K ⊗ I) vec(P ⊗ Q) = ⟨B, Q⟩ vec(P), likewise by the other factor")
def _(x: Expr) -> Expr | None:
    if len(x.args) != 3 or x.args[2].operation is not VEC or x.args[0].operation is not KRON or \
            x.args[1].operation is not KRON:
        return None
    for k in (0, 1):
        whole, turned = x.args[0].args[k], transpose(x.args[0].args[1 - k])
        if whole.operation is EYE and turned.operation is VEC:
            found = _kron_parts(x.args[2].args[0], x.args[1].args[0].args[0].axes[0], turned.args[0].axes, k)
            if found is not None:
                own, other = found
                return scale(trace(matmul(transpose(turned.args[0]), other)) if other.operation is EYE
                             else total(hadamard(turned.args[0], other)), vec(own))
    return None


def _kron_parts(g: Expr, m: Size, axes: Axes, k: int) -> tuple[Expr, Expr] | None:
    """P and Q of G = P ⊗ Q, the one with the axes of the other factor second; m rows of the first factor."""
    if g.operation is KRON and g.args[1 - k].axes == axes:
        return g.args[k], g.args[1 - k]
    if g.operation in (EYE, ONES):
        own = [sp.cancel(sp.sympify(g.axes[i]) / sp.sympify(axes[i])) for i in (0, 1)]
        if g.operation is EYE:
            return (eye(own[0]), eye(axes[0])) if axes[0] == axes[1] else None
        return ones(*own), ones(*axes)
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
        inside, direction = _factored(place)[2], _factored(b.args[0])[2]
        if direction.operation is EYE or alike(inside, direction):
            return vec(matmul(b.args[0], expm(place)))
        return None

    return _pair(x, join)


# ---- elementwise products ------------------------------------------------------------------------------------------


def _two(x: Expr, partners: Callable[[Expr], Iterable[tuple[Expr, Expr]]]) -> Expr | None:
    """The elementwise product with two factors joined: partners(b) gives each a that b may be joined to, and a ∘ b."""
    places = {factor.token: k for k, factor in enumerate(x.args)}
    for j, b in enumerate(x.args):
        for a, joined in partners(b):
            i = places.get(a.token)
            if i is not None and i != j:
                rest = [factor for k, factor in enumerate(x.args) if k not in (i, j)]
                return hadamard(*rest[:min(i, j)], joined, *rest[min(i, j):])
    return None


def _raised(x: Expr) -> tuple[Expr, Any]:
    return (x.args[0], x.data.exponent) if x.operation is MAP and x.data.exponent is not None else (x, 1)


@rewrite(HADAMARD, "powers multiply", "aᵏ ∘ aˡ = aᵏ⁺ˡ")
def _(x: Expr) -> Expr | None:
    made = hadamard(*(power(base, k) for base, k in _bases(x.args).values()))
    return None if made is x else made


def _bases(factors: Iterable[Expr]) -> dict[Any, tuple[Expr, Any]]:
    """The exponent of each base in a product, powers of products taken apart where the exponent is whole."""
    found: dict[Any, tuple[Expr, Any]] = {}
    todo = [(factor, sp.Integer(1)) for factor in reversed(list(factors))]
    while todo:
        factor, outer = todo.pop()
        base, k = _raised(factor)
        if base.operation is HADAMARD and (k * outer).is_Integer:
            todo += [(part, k * outer) for part in reversed(base.args)]
        else:
            known = found.get(base.token, (base, 0))
            found[base.token] = known[0], known[1] + k * outer
    return found


@rewrite(HADAMARD, "a number by its sign", "a ∘ sign(a) = |a|, |a| ∘ sign(a) = a")
def _(x: Expr) -> Expr | None:
    def partners(b: Expr) -> Iterable[tuple[Expr, Expr]]:
        if b.operation is MAP and b.data is sign:
            inside = b.args[0]
            yield inside, absolute(inside)
            yield absolute(inside), inside

    return _two(x, partners)


@rewrite(HADAMARD, "exp over the sum of exp", "exp(a) ∘ σ(−a) = σ(a)")
def _(x: Expr) -> Expr | None:
    def partners(b: Expr) -> Iterable[tuple[Expr, Expr]]:
        if b.operation is MAP and b.data is sigmoid:
            inside = scale(number(-1), b.args[0])
            yield exp(inside), sigmoid(inside)

    return _two(x, partners)


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

    return _two(x, partners)


def _triangle(x: Expr) -> str:
    """"lower", "upper", "both" (diagonal) or "" for what is not known to be triangular."""
    flip = {"lower": "upper", "upper": "lower", "both": "both", "": ""}
    if x.operation in (EYE, DIAG) or "diagonal" in x.assumptions:
        return "both"
    if x.operation in (CHOLESKY, TRIL) or "lower" in x.assumptions:
        return "lower"
    if "upper" in x.assumptions:
        return "upper"
    if x.operation is TRANSPOSE:
        return flip[_triangle(x.args[0])]
    if x.operation in (INVERSE, MATRIX_POWER):
        return _triangle(x.args[0])
    if x.operation in (MATMUL, ADD, SCALE):
        kinds = {_triangle(y) for y in (x.args[1:] if x.operation is SCALE else x.args)} - {"both"}
        return kinds.pop() if len(kinds) == 1 else "" if kinds else "both"
    return ""


@rewrite(HADAMARD, "a lower and an upper triangle meet on the diagonal", "L ∘ U = diag(diagonal(L) ∘ diagonal(U))")
def _(x: Expr) -> Expr | None:
    for i, a in enumerate(x.args):
        for j, b in enumerate(x.args):
            if i != j and _triangle(a) in ("lower", "both") and _triangle(b) in ("upper", "both"):
                kept = [y for k, y in enumerate(x.args) if k not in (i, j)]
                made = diag(hadamard(_diagonal(a), _diagonal(b)))
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


# ---- sums ----------------------------------------------------------------------------------------------------------


def _factored(x: Expr) -> tuple[Any, list[Expr], Expr]:
    """c, scalars and the rest of a term c s t … X."""
    c, rest = coefficient(x)
    scalars: list[Expr] = []
    while rest.operation is SCALE:
        s = rest.args[0]
        scalars += s.args if s.operation is HADAMARD else [s]
        rest = rest.args[1]
    if rest.axes == SCALAR and rest.operation is HADAMARD:
        return c, list(rest.args), number(1)
    return (c, [rest], number(1)) if rest.axes == SCALAR else (c, scalars, rest)


def _common(a: list[Expr], b: list[Expr]) -> tuple[list[Expr], list[Expr], list[Expr]]:
    """What both lists share whatever the order, and what is left of each."""
    left, shared = list(b), []
    rest = []
    for x in a:
        twin = next((y for y in left if alike(x, y)), None)
        if twin is None:
            rest.append(x)
        else:
            left.remove(twin)
            shared.append(x)
    return shared, rest, left


def _scaled(scalars: list[Expr], x: Expr) -> Expr:
    for s in reversed(scalars):
        x = scale(s, x)
    return x


def _joined(a: Expr, b: Expr) -> Iterator[Expr]:
    """a + b with what they share taken out."""
    (c, s, x), (d, t, y) = _factored(a), _factored(b)
    shared, s, t = _common(s, t)
    c, d, outside = (number(1), number(d / c), number(c)) if c.is_number and d.is_number and (
        abs(c) == abs(d)) else (number(c), number(d), number(1))

    def whole(inner: Callable[[Expr, Expr], Expr], x: Expr, y: Expr) -> Expr:
        return scale(outside, _scaled(shared, inner(_scaled([c, *s], x), _scaled([d, *t], y))))

    if alike(x, y):
        yield scale(outside, _scaled(shared, scale(add(_scaled([c, *s], number(1)), _scaled([d, *t], number(1))), x)))
    elif shared or not is_one(outside):
        yield whole(add, x, y)
    for left, right in _ends(x, y):
        p, q = _between(x, y, len(left), len(right))
        yield whole(partial(_around, left, right), p, q)
    if HADAMARD in (x.operation, y.operation) and x.axes != SCALAR:
        bases = [_bases(z.args if z.operation is HADAMARD else (z,)) for z in (x, y)]
        both = {t: (b, min(k, bases[1][t][1])) for t, (b, k) in bases[0].items() if t in bases[1]}
        if both:
            shared_factors = [power(b, k) for b, k in both.values()]
            u, v = (hadamard(ones(*x.axes), *(power(b, k - both[t][1] if t in both else k) for t, (b, k) in z.items()))
                    for z in bases)
            yield whole(lambda a, b: hadamard(*shared_factors, add(a, b)), u, v)


def _around(left: tuple[Expr, ...], right: tuple[Expr, ...], p: Expr, q: Expr) -> Expr:
    return matmul(*left, add(p, q), *right)


def _ends(x: Expr, y: Expr) -> Iterator[tuple[tuple[Expr, ...], tuple[Expr, ...]]]:
    """What two products share on the left and on the right."""
    p, q = _chain(x), _chain(y)
    if MATMUL not in (x.operation, y.operation):
        return
    most = min(len(p), len(q))
    left = next((k for k in range(most) if not alike(p[k], q[k])), most)
    right = next((k for k in range(most) if not alike(p[-1 - k], q[-1 - k])), most)
    right = min(right, most - left)
    for k, m in dict.fromkeys(((left, right), (left, 0), (0, right))):
        if (k or m) and (k + m < most or _is_square(p[k:len(p) - m], q[k:len(q) - m])):
            yield p[:k], p[len(p) - m:]


def _is_square(p: tuple[Expr, ...], q: tuple[Expr, ...]) -> bool:
    """Whether what is left of a product may be the identity, the other being square."""
    longer = p or q
    return bool(longer) and longer[0].axes[0] == longer[-1].axes[1] is not None


def _between(x: Expr, y: Expr, left: int, right: int) -> tuple[Expr, Expr]:
    p, q = (_chain(z)[left:len(_chain(z)) - right] for z in (x, y))
    n = (p or q)[0].axes[0]
    return tuple(matmul(*z) if z else eye(n) for z in (p, q))  # type: ignore[return-value]


@rewrite(ADD, "a common factor", "A B + A C = A (B + C), a ∘ b + a ∘ c = a ∘ (b + c), s A + s B = s (A + B)")
def _(x: Expr) -> Expr | None:
    best = None
    for i, j in _sharing(x.args):
        for joined in _joined(x.args[i], x.args[j]):
            made = add(*x.args[:i], joined, *x.args[i + 1:j], *x.args[j + 1:])
            if best is None or cost(made) < cost(best):
                best = made
    return best


def _sharing(terms: tuple[Expr, ...]) -> list[tuple[int, int]]:
    """The pairs of neighbours among the terms with one factor, in front, behind or anywhere."""
    holders: dict[Any, list[int]] = {}
    for k, term in enumerate(terms):
        c, scalars, rest = _factored(term)
        parts = [b for b, _ in _bases(rest.args).values()] if rest.operation is HADAMARD else \
            [_chain(rest)[0], _chain(rest)[-1], _raised(rest)[0]]
        marks = {abs(c) if c.is_number and abs(c) != 1 else None, *(y.token for y in (*scalars, *parts))}
        for mark in marks - {None}:
            holders.setdefault(mark, []).append(k)
    return sorted({pair for places in holders.values() for pair in pairwise(places)})


@rewrite(ADD, "diagonal matrices add up", "diag(a) + diag(b) = diag(a + b)")
def _(x: Expr) -> Expr | None:
    diagonals: list[Expr] = []
    others: list[Expr] = []
    for term in x.args:
        c, scalars, rest = _factored(term)
        hit = rest.operation is DIAG
        (diagonals if hit else others).append(scale(number(c), _scaled(scalars, rest.args[0])) if hit else term)
    return add(diag(add(*diagonals)), *others) if len(diagonals) > 1 else None


@rewrite(ADD, "triangles of ones", "Λ + Λᵀ = 1 1ᵀ + I")
def _(x: Expr) -> Expr | None:
    for i, a in enumerate(x.args):
        c, rest = coefficient(a)
        if rest.operation is TRIL:
            for j, b in enumerate(x.args):
                d, other = coefficient(b)
                if c == d and alike(other, transpose(rest)):
                    kept = [term for k, term in enumerate(x.args) if k not in (i, j)]
                    n = x.axes[0]
                    return add(scale(number(c), ones(n, n)), scale(number(c), eye(n)), *kept)
    return None


OUT = "multiplied out"


def _distributed(x: Expr, only: int | None = None) -> list[Expr]:
    """The terms of a product with its sums multiplied out, all of them or the one at a place; of others x itself."""
    c, rest = coefficient(x)
    scalars: list[Expr] = []
    while rest.operation is SCALE:
        scalars += rest.args[0].args if rest.args[0].operation is HADAMARD else [rest.args[0]]
        rest = rest.args[1]
    inside = [*scalars, *(rest.args if rest.operation in (HADAMARD, MATMUL) else (rest,))]
    places = [k for k, factor in enumerate(inside) if factor.operation is ADD]
    chosen = places if only is None else places[only:only + 1]
    if not chosen or prod(len(inside[k].args) for k in chosen) > MOST:
        return [x]
    build = hadamard if rest.operation is HADAMARD else matmul if rest.operation is MATMUL else hadamard
    n = len(scalars)
    choices = product(*(factor.args if k in chosen else (factor,) for k, factor in enumerate(inside)))
    return [_tidied(scale(number(c), _scaled(list(pick[:n]), build(*pick[n:])))) for pick in choices]


MOST = 24           # terms that are multiplied out


def _tidied(x: Expr) -> Expr:
    """A term after the rewrites of its own operation and, of a multiple, of what is multiplied."""
    if x.operation is SCALE:
        return scale(_tidied(x.args[0]), _tidied(x.args[1]))
    for row in REWRITES.get(x.operation, ()):
        other = row.apply(x) if row.name != OUT else None
        if other is not None and cost(other) < cost(x):
            return _tidied(other)
    return x


def _multiplied_out(x: Expr) -> Expr | None:
    """The shortest of: all sums multiplied out, or one of them."""
    tries: list[list[Expr]] = []
    if x.operation is ADD:
        tries = [[part for term in x.args for part in _distributed(term)]]
    else:
        tries = [_distributed(x), *(_distributed(x, k) for k in range(len(x.args)))]
    made = [add(*terms) for terms in tries if len(terms) > 1 or terms[0] is not x]
    return min(made, key=cost, default=None)


for operation in (ADD, HADAMARD, MATMUL, SCALE):
    rewrite(operation, OUT, "A (B + C) = A B + A C, where terms then cancel")(_multiplied_out)


# ---- scalars in front ----------------------------------------------------------------------------------------------


@rewrite(SCALE, "a determinant and an adjugate", "adj(A) / det(A) = A⁻¹")
def _(x: Expr) -> Expr | None:
    c, scalars, rest = _factored(x)
    factors = _chain(rest)
    for k, factor in enumerate(factors):
        at = factor.args[0] if factor.operation is TRANSPOSE else factor
        if at.operation is not ADJUGATE:
            continue
        below = power(det(at.args[0]), -1)
        left = [s for s in scalars if not alike(s, below)]
        if len(left) < len(scalars):
            inverted = inverse(at.args[0])
            turned = transpose(inverted) if factor.operation is TRANSPOSE else inverted
            return scale(number(c), _scaled(left, matmul(*factors[:k], turned, *factors[k + 1:])))
    return None


@rewrite(SCALE, "exp over the sum of exp", "exp(a) / 1ᵀ exp(a) = softmax(a)")
def _(x: Expr) -> Expr | None:
    c, scalars, rest = _factored(x)
    if rest.operation is MAP and rest.data is exp and None in rest.axes:
        below = power(total(rest), -1)
        for k, s in enumerate(scalars):
            if alike(s, below):
                return scale(number(c), _scaled(scalars[:k] + scalars[k + 1:], softmax(rest.args[0])))
    return None


# ---- functions -----------------------------------------------------------------------------------------------------


@rewrite(MAP, "the logistic function", "1 / (1 + exp(a)) = σ(−a)")
def _(x: Expr) -> Expr | None:
    a = _one_plus_exp(x.args[0]) if x.data.exponent == -1 else None
    return None if a is None else sigmoid(scale(number(-1), a))


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


@rewrite(MAP, "the square of a norm", "(‖a‖)² = ‖a‖²")
def _(x: Expr) -> Expr | None:
    inside = x.args[0]
    return square(inside.args[0]) if x.data.exponent == 2 and inside.operation is NORM else None


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
    kept = [term for term in inside.args if not is_one(_factored(term)[2])]
    return softmax(add(*kept)) if kept and len(kept) < len(inside.args) else None


# ---- traces and diagonals ------------------------------------------------------------------------------------------


@rewrite(TRACE, "the trace of a diagonal matrix", "tr(diag(a)) = 1ᵀ a, tr(diag(a) B) = aᵀ diagonal(B)")
def _(x: Expr) -> Expr | None:
    factors = _chain(x.args[0])
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
    factors = _chain(x.args[0])
    for cut in range(1, len(factors)):
        if alike(transpose(matmul(*factors[:cut])), matmul(*factors[cut:])):
            return square(matmul(*factors[cut:]))
    return None


@rewrite(DIAGONAL, "the diagonal of a product", "diagonal(a bᵀ) = a ∘ b, diagonal(diag(a) B) = a ∘ diagonal(B)")
def _(x: Expr) -> Expr | None:
    return _diagonal(x.args[0])


def _diagonal(x: Expr) -> Expr:
    """The diagonal of x, of its terms and factors where it can be."""
    factors = _chain(x)
    if x.operation in (EYE, ONES, TRIL):
        return ones(x.axes[0])
    if x.operation is TRANSPOSE:
        return _diagonal(x.args[0])
    if x.operation is ADD:
        return add(*map(_diagonal, x.args))
    if x.operation is HADAMARD:
        return hadamard(*map(_diagonal, x.args))
    if x.operation is SCALE:
        return scale(x.args[0], _diagonal(x.args[1]))
    for k in range(1, len(factors)):
        if factors[k].axes[0] is None:
            return hadamard(matmul(*factors[:k]), transpose(matmul(*factors[k:])))
    if len(factors) > 1 and factors[0].operation is DIAG:
        return hadamard(factors[0].args[0], _diagonal(matmul(*factors[1:])))
    if len(factors) > 1 and factors[-1].operation is DIAG:
        return hadamard(_diagonal(matmul(*factors[:-1])), factors[-1].args[0])
    if all(_triangle(y) == "lower" for y in factors) or all(_triangle(y) == "upper" for y in factors):
        return hadamard(*map(diagonal, factors))
    return diagonal(x)


@rewrite(MATMUL, "an inner product of vecs", "vec(A)ᵀ vec(B) = tr(Aᵀ B)")
def _(x: Expr) -> Expr | None:
    def join(a: Expr, b: Expr) -> Expr | None:
        if b.operation is VEC and a.operation is TRANSPOSE and a.args[0].operation is VEC:
            p, q = a.args[0].args[0], b.args[0]
            return trace(matmul(transpose(p), q)) if p.axes == q.axes else None
        return None

    return _pair(x, join)


@rewrite(RESHAPE, "the entries of what was vectorised", "mat(vec(A)) = A")
def _(x: Expr) -> Expr | None:
    made = shaped(x.args[0], x.axes)
    return made if made.operation is not RESHAPE else None
