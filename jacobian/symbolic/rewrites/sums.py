"""Sums: what their terms share is taken out, or products of sums multiplied out, whichever is shorter."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import combinations, pairwise, product
from math import prod
from typing import Any

import sympy as sp

from jacobian.symbolic.cost import cost
from jacobian.symbolic.elementwise import power
from jacobian.symbolic.expr import Expr, alike
from jacobian.symbolic.leaves import SCALAR, TRIL, eye, is_one, is_zero, number, ones, zeros
from jacobian.symbolic.matrix import MATRIX_POWER
from jacobian.symbolic.operations import (
    ADD,
    DIAG,
    HADAMARD,
    MATMUL,
    SCALE,
    add,
    coefficient,
    diag,
    hadamard,
    matmul,
    scale,
    transpose,
    unsigned,
)
from jacobian.symbolic.rewrites.factors import bases, chain, factored, raised, scaled
from jacobian.symbolic.rewrites.row import OUT, rewrite, tidied

FEW = 6             # terms of which each two are compared


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


def _joined(a: Expr, b: Expr) -> Iterator[Expr]:
    """a + b with what they share taken out: numbers and scalars, and also ends of products or elementwise factors."""
    (c, s, x), (d, t, y) = factored(a), factored(b)
    shared, s, t = _common(s, t)
    for front in _fronts(c, d):
        yield from _put_together(front, (c / front, s, x), (d / front, t, y), shared)


def _fronts(c: Any, d: Any) -> list[Any]:
    """The numbers that may stand before a sum of two terms with the numbers c and d."""
    sign = -1 if c.could_extract_minus_sign() and d.could_extract_minus_sign() else 1
    equal, alone = abs(c) == abs(d), c.is_number and d.is_number
    return [sign * abs(c)] if equal else [sp.Integer(1)] if alone else [sp.Integer(1), sign * abs(c), sign * abs(d)]


def _put_together(front: Any, a: tuple[Any, list[Expr], Expr], b: tuple[Any, list[Expr], Expr],
                  shared: list[Expr]) -> Iterator[Expr]:
    """front · shared · (a + b), of numbers, scalars and the rest of both, with what the rests share taken out, too."""
    (c, s, x), (d, t, y) = a, b
    outside, c, d = map(number, (front, c, d))

    def whole(inner: Callable[[Expr, Expr], Expr], x: Expr, y: Expr) -> Expr:
        return scale(outside, scaled(shared, inner(scaled([c, *s], x), scaled([d, *t], y))))

    if alike(x, y):
        yield scale(outside, scaled(shared, scale(add(scaled([c, *s], number(1)), scaled([d, *t], number(1))), x)))
    elif shared or not is_one(outside):
        yield whole(add, x, y)
    for left, right in _ends(x, y):
        yield whole(partial(_around, left, right), *_between(x, y, len(left), len(right)))
    if HADAMARD in (x.operation, y.operation) and x.axes != SCALAR:
        yield from _entrywise(x, y, whole)


def _entrywise(x: Expr, y: Expr, whole: Callable[..., Expr]) -> Iterator[Expr]:
    """x + y with the powers that both have taken out, each to the lower exponent."""
    p, q = (bases(z.args if z.operation is HADAMARD else (z,)) for z in (x, y))
    lower = {token: min(k, q[token][1]) for token, (_, k) in p.items() if token in q}
    if lower:
        both = hadamard(*(power(p[token][0], k) for token, k in lower.items()))
        rest = (hadamard(ones(*x.axes), *(power(base, k - lower.get(token, 0)) for token, (base, k) in z.items()))
                for z in (p, q))
        yield whole(lambda u, v: hadamard(both, add(u, v)), *rest)


def _spelled(x: Expr) -> list[Expr]:
    """The factors of a product, A A of A²."""
    return [each for factor in chain(x)
            for each in ([factor.args[0]] * factor.data if factor.operation is MATRIX_POWER else [factor])]


def _around(left: list[Expr], right: list[Expr], p: Expr, q: Expr) -> Expr:
    return matmul(*left, add(p, q), *right)


def _ends(x: Expr, y: Expr) -> Iterator[tuple[list[Expr], list[Expr]]]:
    """What two products share on the left and on the right."""
    p, q = _spelled(x), _spelled(y)
    if len(p) == len(q) == 1:
        return
    most = min(len(p), len(q))
    left = next((k for k in range(most) if not alike(p[k], q[k])), most)
    right = next((k for k in range(most) if not alike(p[-1 - k], q[-1 - k])), most)
    right = min(right, most - left)
    for k, m in dict.fromkeys(((left, right), (left, 0), (0, right))):
        if (k or m) and (k + m < most or _is_square(p[k:len(p) - m], q[k:len(q) - m])):
            yield p[:k], p[len(p) - m:]


def _is_square(p: list[Expr], q: list[Expr]) -> bool:
    """Whether what is left of a product may be the identity, the other being square."""
    longer = p or q
    return bool(longer) and longer[0].axes[0] == longer[-1].axes[1] is not None


def _between(x: Expr, y: Expr, left: int, right: int) -> tuple[Expr, Expr]:
    p, q = (_spelled(z)[left:len(_spelled(z)) - right] for z in (x, y))
    n = (p or q)[0].axes[0]
    return tuple(matmul(*z) if z else eye(n) for z in (p, q))  # type: ignore[return-value]


@rewrite(ADD, "a common factor", "A B + A C = A (B + C), a ∘ b + a ∘ c = a ∘ (b + c), s A + s B = s (A + B)")
def _(x: Expr) -> Expr | None:
    made = {add(*x.args[:i], joined, *x.args[i + 1:j], *x.args[j + 1:]): _sum_in_front(joined)
            for i, j in _sharing(x.args) for joined in _joined(x.args[i], x.args[j])}
    return min(made, key=lambda y: (cost(y), made[y]), default=None)


def _sum_in_front(joined: Expr) -> bool:
    """Of two that are as short, A (B + I) comes before (B + I) A, in whatever order the terms stand."""
    return chain(factored(joined)[2])[0].operation is ADD


def _sharing(terms: tuple[Expr, ...]) -> list[tuple[int, int]]:
    """The pairs of terms with one factor, in front, behind or anywhere; of many terms only neighbours."""
    holders: dict[Any, list[int]] = {}
    for k, term in enumerate(terms):
        c, scalars, rest = factored(term)
        parts = [b for b, _ in bases(rest.args).values()] if rest.operation is HADAMARD else \
            [_spelled(rest)[0], _spelled(rest)[-1], raised(rest)[0]]
        numbers = {abs(c), abs(c.as_coeff_Mul()[0])} - {1}
        for mark in numbers | {y.token for y in (*scalars, *parts)}:
            holders.setdefault(mark, []).append(k)
    return sorted({pair for places in holders.values()
                   for pair in (combinations(places, 2) if len(places) <= FEW else pairwise(places))})


@rewrite(MATMUL, "one sign for all terms", "A (−B − C) = −A (B + C)")
def _(x: Expr) -> Expr | None:
    turned = {factor: plus for factor in x.args if (plus := unsigned(factor)) is not None}
    signs = sum(factor in turned for factor in x.args)
    return scale(number((-1) ** signs), matmul(*(turned.get(factor, factor) for factor in x.args))) if signs else None


@rewrite(ADD, "diagonal matrices add up", "diag(a) + diag(b) = diag(a + b)")
def _(x: Expr) -> Expr | None:
    diagonals: list[Expr] = []
    others: list[Expr] = []
    for term in x.args:
        c, scalars, rest = factored(term)
        hit = rest.operation is DIAG
        (diagonals if hit else others).append(scale(number(c), scaled(scalars, rest.args[0])) if hit else term)
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


MOST = 24           # parts that are multiplied out


def _distributed(x: Expr, only: int | None = None) -> list[Expr]:
    """The terms of a product with its sums multiplied out, all of them or the one at a place; none that vanishes."""
    return [term for term in _terms(x, only) if not _vanishes(term)] or [zeros(*x.axes)]


def _terms(x: Expr, only: int | None = None) -> list[Expr]:
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
    return [tidied(scale(number(c), scaled(list(pick[:n]), build(*pick[n:])))) for pick in choices]


def _vanishes(x: Expr) -> bool:
    """Whether a factor of x is 0 once it is multiplied out, as the sum of deviations from a mean."""
    _, scalars, rest = factored(x)
    return any(is_zero(add(*_terms(factor))) for factor in (*scalars, rest))


def _multiplied_out(x: Expr) -> Expr | None:
    """The shortest of: all sums multiplied out, or one of them; what has more than MOST parts stays as it is."""
    if len(x.args) > MOST:
        return None
    if x.operation is ADD:
        tries = [[part for term in x.args for part in _distributed(term)]]
    else:
        tries = [_distributed(x), *(_distributed(x, k) for k in range(len(x.args)))]
    made = [add(*terms) for terms in tries if len(terms) > 1 or terms[0] is not x]
    return min(made, key=cost, default=None)


for operation in (ADD, HADAMARD, MATMUL, SCALE):
    rewrite(operation, OUT, "A (B + C) = A B + A C, where terms then cancel")(_multiplied_out)
