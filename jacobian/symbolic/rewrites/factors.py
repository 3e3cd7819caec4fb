"""Products and multiples taken apart: their factors, powers and scalars, and what is known of their entries."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Any

import sympy as sp

from jacobian.symbolic.elementwise import MAP
from jacobian.symbolic.expr import Expr
from jacobian.symbolic.leaves import EYE, ONES, SCALAR, TRIL, number, ones
from jacobian.symbolic.matrix import CHOLESKY, INVERSE, MATRIX_POWER
from jacobian.symbolic.operations import (
    ADD,
    DIAG,
    HADAMARD,
    MATMUL,
    SCALE,
    TRANSPOSE,
    add,
    coefficient,
    diagonal,
    hadamard,
    matmul,
    scale,
    transpose,
)
from jacobian.symbolic.reductions import SQUARE, norm


def pair(x: Expr, join: Callable[[Expr, Expr], Expr | None]) -> Expr | None:
    """The product with two neighbours joined, the first pair that can be."""
    for k, (a, b) in enumerate(pairwise(x.args)):
        joined = join(a, b)
        if joined is not None:
            return matmul(*x.args[:k], joined, *x.args[k + 2:])
    return None


def chain(x: Expr) -> tuple[Expr, ...]:
    return x.args if x.operation is MATMUL else (x,)


def square_product(factors: tuple[Expr, ...]) -> Expr | None:
    """The product of the factors, if it is square and so has an inverse."""
    m, n = factors[0].axes[0], factors[-1].axes[1]
    return matmul(*factors) if m == n is not None else None


def factored(x: Expr) -> tuple[Any, list[Expr], Expr]:
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


def scaled(scalars: list[Expr], x: Expr) -> Expr:
    for s in reversed(scalars):
        x = scale(s, x)
    return x


def two(x: Expr, partners: Callable[[Expr], Iterable[tuple[Expr, Expr]]]) -> Expr | None:
    """The elementwise product with two factors joined: partners(b) gives each a that b may be joined to, and a ∘ b."""
    places = {factor.token: k for k, factor in enumerate(x.args)}
    for j, b in enumerate(x.args):
        for a, joined in partners(b):
            i = places.get(a.token)
            if i is not None and i != j:
                rest = [factor for k, factor in enumerate(x.args) if k not in (i, j)]
                return hadamard(*rest[:min(i, j)], joined, *rest[min(i, j):])
    return None


def raised(x: Expr) -> tuple[Expr, Any]:
    """The base and the exponent of a power, ‖x‖ and 2 of ‖x‖²."""
    base, k = (x.args[0], x.data.exponent) if x.operation is MAP and x.data.exponent is not None else (x, 1)
    return (norm(base.args[0]), 2 * k) if base.operation is SQUARE else (base, k)


def bases(factors: Iterable[Expr]) -> dict[Any, tuple[Expr, Any]]:
    """The exponent of each base in a product, powers of products taken apart where the exponent is whole."""
    found: dict[Any, tuple[Expr, Any]] = {}
    todo = [(factor, sp.Integer(1)) for factor in reversed(list(factors))]
    while todo:
        factor, outer = todo.pop()
        base, k = raised(factor)
        if base.operation is HADAMARD and (k * outer).is_Integer:
            todo += [(part, k * outer) for part in reversed(base.args)]
        else:
            known = found.get(base.token, (base, 0))
            found[base.token] = known[0], known[1] + k * outer
    return found


def triangle(x: Expr) -> str:
    """"lower", "upper", "both" (diagonal) or "" for what is not known to be triangular."""
    flip = {"lower": "upper", "upper": "lower", "both": "both", "": ""}
    if x.operation in (EYE, DIAG) or "diagonal" in x.assumptions:
        return "both"
    if x.operation in (CHOLESKY, TRIL) or "lower" in x.assumptions:
        return "lower"
    if "upper" in x.assumptions:
        return "upper"
    if x.operation is TRANSPOSE:
        return flip[triangle(x.args[0])]
    if x.operation in (INVERSE, MATRIX_POWER):
        return triangle(x.args[0])
    if x.operation in (MATMUL, ADD, SCALE):
        kinds = {triangle(y) for y in (x.args[1:] if x.operation is SCALE else x.args)} - {"both"}
        return kinds.pop() if len(kinds) == 1 else "" if kinds else "both"
    return ""


def diagonal_of(x: Expr) -> Expr:
    """The diagonal of x, of its terms and factors where it can be."""
    factors = chain(x)
    if x.operation in (EYE, ONES, TRIL):
        return ones(x.axes[0])
    if x.operation is TRANSPOSE:
        return diagonal_of(x.args[0])
    if x.operation is ADD:
        return add(*map(diagonal_of, x.args))
    if x.operation is HADAMARD:
        return hadamard(*map(diagonal_of, x.args))
    if x.operation is SCALE:
        return scale(x.args[0], diagonal_of(x.args[1]))
    for k in range(1, len(factors)):
        if factors[k].axes[0] is None:
            return hadamard(matmul(*factors[:k]), transpose(matmul(*factors[k:])))
    if len(factors) > 1 and factors[0].operation is DIAG:
        return hadamard(factors[0].args[0], diagonal_of(matmul(*factors[1:])))
    if len(factors) > 1 and factors[-1].operation is DIAG:
        return hadamard(diagonal_of(matmul(*factors[:-1])), factors[-1].args[0])
    for k in range(1, len(factors) - 1):
        if factors[k].operation is DIAG:
            return matmul(hadamard(matmul(*factors[:k]), transpose(matmul(*factors[k + 1:]))), factors[k].args[0])
    if all(triangle(y) == "lower" for y in factors) or all(triangle(y) == "upper" for y in factors):
        return hadamard(*map(diagonal, factors))
    return diagonal(x)
