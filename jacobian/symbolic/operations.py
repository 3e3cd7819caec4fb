"""The operations of matrix notation: each a row (signature, value, local Jacobian) and the function that builds it.

Building keeps the factored form; it only drops zeros, ones and identities, gathers numbers in front, merges equal terms
and pushes transposes down to the symbols. Local Jacobians are those of Magnus and Neudecker (2019), chapter 9, with
vec row-major: vec(A X B) = (A ⊗ Bᵀ) vec(X).
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from functools import lru_cache, reduce
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np
import sympy as sp

from jacobian.algebra import (
    Column,
    Commutation,
    Dense,
    Diagonal,
    Embedding,
    Identity,
    Jacobian,
    Kronecker,
    Row,
    Scalar,
    Selection,
)
from jacobian.algebra.entries import Arrays, count
from jacobian.errors import ShapeError
from jacobian.symbolic.expr import Axes, Expr, Operation, alike, make, walk
from jacobian.symbolic.leaves import (
    EYE,
    NAMED,
    NUMBER,
    ONES,
    SCALAR,
    expression,
    eye,
    is_one,
    is_zero,
    number,
    ones,
    zeros,
)

MN = "Magnus and Neudecker (2019)"
Builder = TypeVar("Builder", bound=Callable[..., Expr])


def remembered(build: Builder) -> Builder:
    """A builder that keeps its last results, for which rewriting asks again and again."""
    return lru_cache(maxsize=2**14)(build)  # type: ignore[return-value]


# ---- numbers in front ----------------------------------------------------------------------------------------------


def _scale_jacobian(y: Expr, k: int) -> Jacobian:
    s, x = y.args
    return Column(x) if k == 0 else Scalar(s, y.size)


SCALE = Operation("scale", "· ·, i j -> i j", lambda y, s, x: s * x, _scale_jacobian,
                  turn=lambda x, turn: scale(x.args[0], turn(x.args[1])), linear="each")


def coefficient(x: Expr) -> tuple[Any, Expr]:
    """x = c · rest with the number c in front."""
    if x.operation is NUMBER:
        return x.data, number(1)
    if x.operation is SCALE and x.args[0].operation is NUMBER:
        return x.args[0].data, x.args[1]
    return sp.S.One, x


def unsigned(x: Expr) -> Expr | None:
    """A + B where x = −A − B."""
    signs = x.operation is ADD and all(coefficient(term)[0].could_extract_minus_sign() for term in x.args)
    return add(*(scale(number(-1), term) for term in x.args)) if signs else None


@remembered
def scale(s: Expr, x: Expr) -> Expr:
    """s X for a scalar s: numbers are multiplied and stand in front, and −(−A − B) = A + B."""
    (c, s), (d, x) = coefficient(s), coefficient(x)
    plus = unsigned(x) if c.could_extract_minus_sign() else None
    (c, x) = (c, x) if plus is None else (-c, plus)
    if c == 0 or d == 0 or is_zero(x):
        return zeros(*x.axes)
    if is_one(s) and s.operation is NUMBER:
        inner = x
    elif x.operation is NUMBER:
        inner = s
    elif x.axes == SCALAR:
        inner = hadamard(s, x)
    elif x.operation is SCALE:
        inner = make(SCALE, (hadamard(s, x.args[0]), x.args[1]))
    else:
        inner = make(SCALE, (s, x))
    if c * d == 1:
        return inner
    factor = number(c * d)
    return factor if inner.operation is NUMBER else make(SCALE, (factor, inner))


# ---- sums ----------------------------------------------------------------------------------------------------------


ADD = Operation("add", "i j", lambda y, *terms: sum(terms[1:], terms[0]), lambda y, k: Identity(y.size),
                commutes=True, turn=lambda x, turn: add(*map(turn, x.args)), linear="together")


@remembered
def add(*terms: Expr) -> Expr:
    """A + B + ⋯: equal terms are merged, zeros dropped."""
    axes = terms[0].axes
    for term in terms[1:]:
        if term.axes != axes:
            raise ShapeError(f"{terms[0]} of shape {terms[0].shape} + {term} of shape {term.shape}: "
                             "terms of a sum need one shape")
    total: dict[Any, tuple[Any, Expr]] = {}
    for term in terms:
        for part in term.args if term.operation is ADD else (term,):
            c, rest = coefficient(part)
            key = rest.token
            if axes == SCALAR and key not in total and rest.operation is MATMUL:
                flipped = matmul(*map(transpose, reversed(rest.args)))         # uᵀ A v = vᵀ Aᵀ u
                key = flipped.token if flipped.token in total else key
            known, first = total.get(key, (0, rest))
            total[key] = known + c, first
    kept = [scale(number(c), rest) for c, rest in total.values() if c != 0]
    if len(kept) < 2:
        return kept[0] if kept and not is_zero(kept[0]) else zeros(*axes)
    kept = [term for term in kept if not is_zero(term)]
    return make(ADD, kept, axes=axes) if len(kept) > 1 else add(*kept or [zeros(*axes)])


# ---- elementwise products ------------------------------------------------------------------------------------------


def _hadamard_jacobian(y: Expr, k: int) -> Jacobian:
    others = hadamard(*y.args[:k], *y.args[k + 1:])
    return Diagonal(others) if y.axes != SCALAR else Row(others)


HADAMARD = Operation("hadamard", "i j", lambda y, *xs: reduce(np.multiply, xs), _hadamard_jacobian, f"{MN}, 3.6",
                     commutes=True, turn=lambda x, turn: hadamard(*map(turn, x.args)), linear="each")


@remembered
def hadamard(*factors: Expr) -> Expr:
    """A ∘ B ∘ ⋯: numbers in front, ones dropped."""
    axes = factors[0].axes
    c = sp.Integer(1)
    kept: list[Expr] = []
    scalars: list[Expr] = []
    for factor in factors:
        if factor.axes != axes:
            raise ShapeError(f"{factors[0]} of shape {factors[0].shape} * {factor} of shape {factor.shape}: "
                             "an elementwise product needs one shape")
        d, rest = coefficient(factor)
        c *= d
        if rest.operation is SCALE and axes != SCALAR:
            scalars.append(rest.args[0])
            rest = rest.args[1]
        kept += [part for part in (rest.args if rest.operation is HADAMARD else (rest,)) if not is_one(part)]
    if c == 0 or any(map(is_zero, kept)):
        return zeros(*axes)
    inner = make(HADAMARD, kept, axes=axes) if len(kept) > 1 else kept[0] if kept else ones(*axes)
    for s in reversed(scalars):
        inner = scale(s, inner)
    return scale(number(c), inner)


# ---- transposes ----------------------------------------------------------------------------------------------------


def _transpose_jacobian(y: Expr, k: int) -> Jacobian:
    return Commutation(*y.args[0].axes)


TRANSPOSE = Operation("transpose", "i j -> j i", lambda y, x: x.T, _transpose_jacobian, f"{MN}, 3.7",
                      turn=lambda x, turn: x.args[0], linear="together")


@remembered
def transpose(x: Expr) -> Expr:
    """Xᵀ, pushed down to what cannot be taken apart; a row is the transpose of a column."""
    return _turned(x, transpose)


def _turned(x: Expr, turn: Callable[[Expr], Expr]) -> Expr:
    if x.axes == SCALAR or _SYMMETRIC & {*x.assumptions}:
        return x
    return x.operation.turn(x, turn) if x.operation.turn else make(TRANSPOSE, (x,))


def inside(x: Expr, turn: Callable[[Expr], Expr]) -> Expr:
    """f(X)ᵀ of a function with f(X)ᵀ = f(Xᵀ), such as an inverse: f(X) where X is symmetric, f(A) where X = Aᵀ.

    Of a row it is a column.
    """
    turned = turn(x.args[0])
    if alike(turned, x.args[0]):
        return x
    upright = x.args[0].operation is TRANSPOSE or x.axes[0] is None
    return make(x.operation, (turned,), x.data) if upright else make(TRANSPOSE, (x,))


_SYMMETRIC = {"symmetric", "posdef", "diagonal"}


def is_symmetric(x: Expr) -> bool:
    """Whether Xᵀ = X as far as can be seen from its form."""
    return alike(transpose(x), x)


def orient(x: Expr, axes: Axes) -> Expr:
    """x itself, or its transpose where x is a vector that lies the other way (vec of both is the same)."""
    if x.axes != axes and None in x.axes and x.axes[::-1] == axes:
        return transpose(x)
    return x


# ---- matrix products -----------------------------------------------------------------------------------------------


def _matmul_jacobian(y: Expr, k: int) -> Jacobian:
    left, x, right = y.args[:k], y.args[k], y.args[k + 1:]
    a = Dense(matmul(*left)) if left else Identity(x.axes[0])
    b = Dense(transpose(matmul(*right))) if right else Identity(x.axes[1])
    return Kronecker(a, b)


def _matmul_value(y: Expr, *xs: Any) -> Any:
    if xs[-1].shape[1] <= xs[0].shape[0]:
        return reduce(lambda right, left: left @ right, reversed(xs))
    return reduce(np.matmul, xs)


MATMUL = Operation("matmul", "i j, j k -> i k", _matmul_value, _matmul_jacobian, f"{MN}, theorem 2.2",
                   turn=lambda x, turn: matmul(*map(turn, reversed(x.args))), linear="each")


@remembered
def matmul(*factors: Expr) -> Expr:
    """A B ⋯: identities dropped, scalars in front, diag(d) x written d ∘ x."""
    chain = [part for factor in factors for part in (factor.args if factor.operation is MATMUL else (factor,))]
    for a, b in pairwise(chain):
        if a.axes[1] != b.axes[0]:
            raise ShapeError(f"{a} of shape {a.shape} @ {b} of shape {b.shape}: "
                             f"the left has {count(a.axes[1])} columns, the right {count(b.axes[0])} rows")
    axes = chain[0].axes[0], chain[-1].axes[1]
    if any(map(is_zero, chain)):
        return zeros(*axes)
    scalars: list[Expr] = []
    kept: list[Expr] = []
    for factor in chain:
        while factor.operation is SCALE:
            scalars.append(factor.args[0])
            factor = factor.args[1]
        if factor.axes == SCALAR:
            scalars.append(factor)
        elif factor.operation is not EYE:
            kept += factor.args if factor.operation is MATMUL else (factor,)
    inner = _product(_scalars_apart(kept, scalars), axes)
    for s in reversed(scalars):
        inner = scale(s, inner)
    return inner


def _scalars_apart(chain: list[Expr], scalars: list[Expr]) -> list[Expr]:
    """The chain without the scalars uᵀ A v that stand between two of its factors."""
    cuts = [0, *(k + 1 for k, (a, _) in enumerate(pairwise(chain)) if a.axes[1] is None), len(chain)]
    pieces = [chain[a:b] for a, b in pairwise(cuts) if a < b]
    kept: list[Expr] = []
    for piece in pieces:
        axes = piece[0].axes[0], piece[-1].axes[1]
        if axes == SCALAR and len(pieces) > 1:
            scalars.append(_product(piece, axes))
        else:
            kept += piece
    return kept


def _product(chain: list[Expr], axes: Axes) -> Expr:
    if not chain:
        return eye(axes[0]) if axes != SCALAR else number(1)
    if len(chain) == 1:
        return chain[0]
    if axes == SCALAR and chain[-1].operation is ONES is not chain[0].operation:
        return _product([transpose(x) for x in reversed(chain)], axes)         # xᵀ 1 is written 1ᵀ x
    if len(chain) == 2 and all(x.operation is ONES for x in chain) and chain[0].axes[1] is None and axes != SCALAR:
        return ones(*axes)
    if all(x.operation is ONES for x in chain[-2:]) and len(chain) == 2 and axes == SCALAR:
        return number(count(chain[0].axes[1]))
    if chain[0].operation is DIAG and chain[-1].axes[1] is None and chain[0].axes[1] is not None:
        return hadamard(chain[0].args[0], _product(chain[1:], (chain[1].axes[0], None)))
    if chain[-1].operation is DIAG and chain[0].axes[0] is None and chain[-1].axes[0] is not None:
        return hadamard(transpose(chain[-1].args[0]), _product(chain[:-1], (None, chain[-2].axes[1])))
    return make(MATMUL, chain, axes=axes)


# ---- diagonals -----------------------------------------------------------------------------------------------------


DIAG = Operation("diag", "i · -> i i", lambda y, d: Arrays.diag(d), lambda y, k: Embedding(y.axes[0]),
                 turn=lambda x, turn: x, linear="together")
DIAGONAL = Operation("diagonal", "i i -> i ·", lambda y, x: x.diagonal()[:, None], lambda y, k: Selection(y.axes[0]),
                     linear="together")


def diag(d: Any) -> Expr:
    """diag(d): the matrix with the column d on its diagonal."""
    d = expression(d)
    if d.axes == SCALAR or None not in d.axes:
        raise ShapeError(f"diag takes a vector, but {d} has shape {d.shape}: the diagonal of a matrix is jac.diagonal")
    d = orient(d, (d.size, None))
    if d.operation is SCALE:
        return scale(d.args[0], diag(d.args[1]))
    return eye(d.axes[0]) if is_one(d) else make(DIAG, (d,))


def diagonal(x: Any) -> Expr:
    """The diagonal of a square matrix, as a column."""
    x = expression(x)
    if len(x.shape) != 2 or x.axes[0] != x.axes[1]:
        raise ShapeError(f"the diagonal is that of a square matrix, but {x} has shape {x.shape}")
    return x.args[0] if x.operation is DIAG else make(DIAGONAL, (x,))


BUILD: dict[str, Callable[..., Expr]] = {
    "add": add, "hadamard": hadamard, "matmul": matmul, "scale": scale, "transpose": transpose, "diag": diag,
    "diagonal": diagonal,
}


def rebuild(x: Expr, replacements: Mapping[Expr, Expr]) -> Expr:
    """x with parts replaced by others of the same axes; what has a name, or is not touched, stays the same object."""
    def settled(node: Expr) -> bool:
        return node in replacements or node.operation is NAMED

    done: dict[Expr, Expr] = {}
    for node in walk(x, until=settled):
        if settled(node):
            done[node] = replacements.get(node, node)
            continue
        args = tuple(done[arg] for arg in node.args)
        build = BUILD.get(node.operation.name)
        same = all(map(operator.is_, args, node.args))
        done[node] = node if same else build(*args) if build else make(node.operation, args, node.data, node.axes)
    return done[x]
