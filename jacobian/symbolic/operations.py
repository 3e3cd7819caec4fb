"""The operations of matrix notation: each a row (signature, value, local Jacobian) and the function that builds it.

Building keeps the factored form; it only drops zeros, ones and identities, gathers numbers in front, merges equal terms
and pushes transposes down to the symbols. Local Jacobians are those of Magnus and Neudecker (2019), chapter 9, with
vec row-major: vec(A X B) = (A ⊗ Bᵀ) vec(X).
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from functools import reduce
from itertools import pairwise
from typing import Any

import numpy as np
import sympy as sp

from jacobian.algebra import (
    Column,
    Commutation,
    Dense,
    Diagonal,
    Embedding,
    Identity,
    Insertion,
    Jacobian,
    Kronecker,
    Part,
    Product,
    Row,
    Scalar,
    Selection,
)
from jacobian.algebra.entries import Arrays, Size, count
from jacobian.errors import InputError, ShapeError
from jacobian.symbolic.expr import Axes, Expr, Operation, alike, make, size, walk

SCALAR: Axes = (None, None)
MN = "Magnus and Neudecker (2019)"


# ---- leaves --------------------------------------------------------------------------------------------------------


SYMBOL = Operation("symbol", "", lambda y: None)
NUMBER = Operation("number", "", lambda y: None)
ONES = Operation("ones", "", lambda y: None)
EYE = Operation("eye", "", lambda y: None)
ZEROS = Operation("zeros", "", lambda y: None)
COMMUTATION = Operation("commutation", "", lambda y: None)
SELECTION = Operation("selection", "", lambda y: None)
INSERTION = Operation("insertion", "", lambda y: None)
TRIL = Operation("tril", "", lambda y: None)
PERMUTATION = Operation("permutation", "", lambda y: None)


def number(value: Any) -> Expr:
    """A number, or a size as a number: number(0.5), number(n)."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, bool) or not isinstance(value, (int, float, sp.Expr, Fraction)):
        raise InputError(f"an expression takes real numbers and sizes, but {value!r} was given")
    exact = _exact(value) if isinstance(value, float) else sp.sympify(value)
    if exact.is_finite is False or exact is sp.nan or exact.is_real is False:
        raise InputError(f"an expression takes finite real numbers, but {value!r} was given")
    return make(NUMBER, data=exact, axes=SCALAR)


def _exact(value: float) -> sp.Expr:
    """The fraction that somebody meant: 1/3 of 0.333…, 1/10 of 0.1. Raises InputError for NaN and infinity."""
    if not np.isfinite(value):
        raise InputError(f"an expression takes finite numbers, but {value!r} was given")
    short = Fraction(value).limit_denominator(10**4)
    return sp.Rational(short) if float(short) == value else sp.Rational(str(value))


def ones(m: Size, n: Size = None) -> Expr:
    """1: the column, row or matrix of ones."""
    m, n = map(_axis, (m, n))
    return number(1) if m is n is None else make(ONES, axes=(m, n))


def zeros(m: Size, n: Size = None) -> Expr:
    """0 of the given axes."""
    m, n = map(_axis, (m, n))
    return number(0) if m is n is None else make(ZEROS, axes=(m, n))


def eye(n: Size) -> Expr:
    """I: the identity matrix."""
    n = _axis(n)
    return number(1) if n is None else make(EYE, axes=(n, n))


def _axis(n: Any) -> Size:
    return n if n is None or isinstance(n, sp.Symbol) else size(n)


def tril(n: Size) -> Expr:
    """The lower triangle of ones, its diagonal included."""
    return make(TRIL, axes=(n, n))


def expression(value: Any) -> Expr:
    """The value if it is an expression, else a number. Raises InputError for anything else (an array, say)."""
    if isinstance(value, Expr):
        return value
    if isinstance(value, (bool, str, bytes)) or np.ndim(value):
        raise InputError(f"an expression is built from expressions and numbers, but {value!r} was given: "
                         'declare arrays by name, jac.symbols("x: n"), and give their values when you evaluate')
    return number(value)


def is_zero(x: Expr) -> bool:
    return x.operation is ZEROS or (x.operation is NUMBER and x.data == 0)


def is_one(x: Expr) -> bool:
    return x.operation is ONES or (x.operation is NUMBER and x.data == 1)


# ---- names ---------------------------------------------------------------------------------------------------------


NAMED = Operation("named", "i j -> i j", lambda y, x: x, lambda y, k: Identity(y.size))


def name(label: str, x: Any) -> Expr:
    """label := x, an intermediate result that derivations speak of by its name."""
    if not isinstance(label, str) or not re.fullmatch(r"[^\d\s+*@(),;=−-][^\s+*@(),;=−-]*", label):
        raise InputError(f"a name is a word such as 'z1', but {label!r} was given")
    return make(NAMED, (expression(x),), label)


# ---- numbers in front ----------------------------------------------------------------------------------------------


def _scale_jacobian(y: Expr, k: int) -> Jacobian:
    s, x = y.args
    return Column(x) if k == 0 else Scalar(s, y.size)


SCALE = Operation("scale", "· ·, i j -> i j", lambda y, s, x: s * x, _scale_jacobian)


def coefficient(x: Expr) -> tuple[Any, Expr]:
    """x = c · rest with the number c in front."""
    if x.operation is NUMBER:
        return x.data, number(1)
    if x.operation is SCALE and x.args[0].operation is NUMBER:
        return x.args[0].data, x.args[1]
    return sp.Integer(1), x


def scale(s: Expr, x: Expr) -> Expr:
    """s X for a scalar s: numbers are multiplied and stand in front."""
    (c, s), (d, x) = coefficient(s), coefficient(x)
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
                commutes=True)


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
                     commutes=True)


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


TRANSPOSE = Operation("transpose", "i j -> j i", lambda y, x: x.T, _transpose_jacobian, f"{MN}, 3.7")


def transpose(x: Expr) -> Expr:
    """Xᵀ, pushed down to what cannot be taken apart; a row is the transpose of a column."""
    done: dict[Expr, Expr] = {}

    def turn(part: Expr) -> Expr:
        if part not in done:
            done[part] = _turned(part, turn)
        return done[part]

    return turn(x)


def _turned(x: Expr, turn: Callable[[Expr], Expr]) -> Expr:
    if x.axes == SCALAR or x.operation in (EYE, DIAG) or _SYMMETRIC & {*x.assumptions}:
        return x
    if x.operation is TRANSPOSE:
        return x.args[0]
    if x.operation in (ONES, ZEROS):
        return make(x.operation, axes=x.axes[::-1])
    if x.operation is COMMUTATION:
        return commutation(*reversed(x.data))
    if x.operation is MATMUL:
        return matmul(*map(turn, reversed(x.args)))
    if x.operation in (ADD, HADAMARD, KRON):
        return BUILD[x.operation.name](*map(turn, x.args))
    if x.operation in (VSTACK, HSTACK) and None not in x.axes:
        return (hstack if x.operation is VSTACK else vstack)(*map(turn, x.args))
    if x.operation is SCALE:
        return scale(x.args[0], turn(x.args[1]))
    if x.operation.turns:
        inside = turn(x.args[0])
        if alike(inside, x.args[0]):
            return x
        if x.args[0].operation is TRANSPOSE:
            return make(x.operation, (inside,), x.data)
    return make(TRANSPOSE, (x,))


_SYMMETRIC = {"symmetric", "posdef", "diagonal"}


def is_symmetric(x: Expr) -> bool:
    """Whether Xᵀ = X as far as can be seen from its form."""
    return alike(transpose(x), x)


def orient(x: Expr, axes: Axes) -> Expr:
    """x itself, or its transpose where x is a vector that lies the other way (vec of both is the same)."""
    if x.axes != axes and None in x.axes and x.axes[::-1] == axes:
        return transpose(x)
    return x


def shaped(x: Expr, axes: Axes) -> Expr:
    """The entries of x, row after row, in other axes of as many entries."""
    x = orient(x, axes)
    while x.operation in (VEC, RESHAPE, LIFT) and x.axes != axes:
        x = x.args[0]
    if x.axes == axes:
        return x
    if x.operation is SCALE:
        return scale(x.args[0], shaped(x.args[1], axes))
    if x.operation is ADD:
        return add(*(shaped(term, axes) for term in x.args))
    if sp.sympify(x.size).expand() != reduce(operator.mul, map(count, axes), sp.Integer(1)).expand():
        raise ShapeError(f"{x} of shape {x.shape} has {x.size} entries and cannot be given the axes "
                         f"{' × '.join(str(count(n)) for n in axes)}")
    if is_one(x) or is_zero(x):
        return make(x.operation, axes=axes) if SCALAR not in (axes, x.axes) else x
    if x.axes == (axes[0] and count(axes[0]), None) and axes[1] == 1:
        return lift(x, axes)
    return make(VEC, (x,), axes=axes) if axes == (x.size, None) else make(RESHAPE, (x,), axes=axes)


LIFT = Operation("lift", "i j", lambda y, x: x, lambda y, k: Identity(y.size))


def lift(x: Expr, axes: Axes) -> Expr:
    """x with an axis of size 1 where it had none: a row as a matrix of one row."""
    return x if x.axes == axes else make(LIFT, (x,), axes=axes)


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


MATMUL = Operation("matmul", "i j, j k -> i k", _matmul_value, _matmul_jacobian, f"{MN}, theorem 2.2")


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


# ---- diagonals, Kronecker products, blocks -------------------------------------------------------------------------


DIAG = Operation("diag", "i · -> i i", lambda y, d: Arrays.diag(d), lambda y, k: Embedding(y.axes[0]))
DIAGONAL = Operation("diagonal", "i i -> i ·", lambda y, x: x.diagonal()[:, None], lambda y, k: Selection(y.axes[0]))


def _kron_jacobian(y: Expr, k: int) -> Jacobian:
    """vec(A ⊗ B) = (I ⊗ K ⊗ I) (vec A ⊗ vec B), K exchanging the columns of A with the rows of B."""
    a, b = y.args
    spread = Kronecker(Kronecker(Identity(a.axes[0]), Commutation(a.axes[1], b.axes[0])), Identity(b.axes[1]))
    beside = Kronecker(Identity(a.size), Column(b)) if k == 0 else Kronecker(Column(a), Identity(b.size))
    return Product((spread, beside))


KRON = Operation("kron", "", lambda y, a, b: Arrays.kron(a, b), _kron_jacobian, f"{MN}, 3.7")
VEC = Operation("vec", "i j -> i ·", lambda y, x: x.reshape(-1, 1), lambda y, k: Identity(y.size), f"{MN}, 2.4")
RESHAPE = Operation("reshape", "", lambda y, x: x.reshape(tuple(map(count, y.axes))),
                    lambda y, k: Identity(y.size), sized=True)
BLOCK = Operation("block", "i j", lambda y, *xs: Arrays.block(list(xs)))


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


def kron(a: Any, b: Any) -> Expr:
    """A ⊗ B."""
    a, b = expression(a), expression(b)
    if a.operation is EYE and b.operation is EYE:
        return eye(a.axes[0] * b.axes[0])
    if SCALAR in (a.axes, b.axes):
        return scale(a, b) if a.axes == SCALAR else scale(b, a)
    axes = [None if p is q is None else count(p) * count(q) for p, q in zip(a.axes, b.axes, strict=True)]
    return make(KRON, (a, b), axes=(axes[0], axes[1]))


def vec(x: Any) -> Expr:
    """vec X: the entries as one column, row after row."""
    x = expression(x)
    if None in x.axes:
        return orient(x, (x.size, None)) if x.axes != SCALAR else x
    return make(VEC, (x,), axes=(x.size, None))


def commutation(m: Size, n: Size) -> Expr:
    """K with vec(Xᵀ) = K vec(X) for X of shape (m, n)."""
    total = count(m) * count(n)
    return eye(total) if 1 in (count(m), count(n)) else make(COMMUTATION, data=(m, n), axes=(total, total))

# ---- parts of arrays, and arrays of parts --------------------------------------------------------------------------


def _part_jacobian(y: Expr, k: int) -> Jacobian:
    x, (n, before) = y.args[0], y.data
    return Kronecker(Part(n, before, x.axes[0] - before - count(n)), Identity(x.axes[1]))


def _part_value(y: Expr, x: Any) -> Any:
    n, before = y.data
    return x[before:before + count(n)]


PART = Operation("part", "", _part_value, _part_jacobian, sized=True)


def part(x: Expr, n: Size, before: Size) -> Expr:
    """The n rows of x that follow the first `before` rows."""
    if (n, before) == (x.axes[0], 0):
        return x
    if x.operation is VSTACK:
        passed: Size = 0
        for block in x.args:
            if (passed, block.axes[0]) == (before, n):
                return block
            passed += count(block.axes[0])
    if is_one(x) or is_zero(x):
        return make(x.operation, axes=(n, x.axes[1]))
    if x.operation is SCALE:
        return scale(x.args[0], part(x.args[1], n, before))
    if x.operation in (ADD, HADAMARD):
        return BUILD[x.operation.name](*(part(y, n, before) for y in x.args))
    if x.operation.entrywise:
        return make(x.operation, (part(x.args[0], n, before),), x.data)
    if x.operation is MATMUL and x.args[0].operation in (VSTACK, ONES):
        return matmul(part(x.args[0], n, before), *x.args[1:])
    return make(PART, (x,), (n, before), (n, x.axes[1]))


def _stack_jacobian(y: Expr, k: int) -> Jacobian:
    axis = 0 if y.operation is VSTACK else 1
    sizes = [count(x.axes[axis]) for x in y.args]
    place = Insertion(sizes[k], sum(sizes[:k]), sum(sizes[k + 1:]))
    return Kronecker(place, Identity(y.axes[1])) if axis == 0 else Kronecker(Identity(y.axes[0]), place)


VSTACK = Operation("vstack", "", lambda y, *xs: np.concatenate(xs, axis=0), _stack_jacobian)
HSTACK = Operation("hstack", "", lambda y, *xs: np.concatenate(xs, axis=1), _stack_jacobian)


def vstack(*blocks: Any) -> Expr:
    """Matrices of equally many columns one above the other; vectors and scalars one after the other, as a vector."""
    xs = [expression(x) for x in blocks]
    if all(None in x.axes for x in xs):
        xs = [orient(x, (x.size, None)) for x in xs]
    if not xs or len({x.axes[1] for x in xs}) > 1:
        raise ShapeError(f"vstack takes matrices with equally many columns, or vectors, but was given {_listed(xs)}")
    return xs[0] if len(xs) == 1 else make(VSTACK, xs, axes=(sum(count(x.axes[0]) for x in xs), xs[0].axes[1]))


def hstack(*blocks: Any) -> Expr:
    """Matrices of equally many rows side by side; a vector is one column."""
    xs = [expression(x) for x in blocks]
    if not xs or len({x.axes[0] for x in xs}) > 1 or xs[0].axes[0] is None:
        raise ShapeError(f"hstack takes matrices with equally many rows, or columns, but was given {_listed(xs)}")
    return make(HSTACK, xs, axes=(xs[0].axes[0], sum(count(x.axes[1]) for x in xs)))


def block(rows: Any) -> Expr:
    """block([[A, B], [C, D]]): a matrix of matrices."""
    return vstack(*(hstack(*row) for row in rows))


def _listed(xs: Iterable[Expr]) -> str:
    return ", ".join(f"{x} of shape {x.shape}" for x in xs) or "nothing"


BUILD: dict[str, Callable[..., Expr]] = {
    "add": add, "hadamard": hadamard, "matmul": matmul, "scale": scale, "transpose": transpose, "kron": kron,
    "diag": diag, "diagonal": diagonal, "vec": vec, "vstack": vstack, "hstack": hstack,
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
