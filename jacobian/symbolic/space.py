"""Abstract expressions as entries of a Jacobian: the functions of `algebra.entries` for them; the operators of Expr."""

from __future__ import annotations

from typing import Any

from jacobian.algebra.entries import Entry, Size, count, register
from jacobian.errors import ShapeError
from jacobian.symbolic import arrays, leaves
from jacobian.symbolic import operations as op
from jacobian.symbolic.elementwise import exp, log, power
from jacobian.symbolic.expr import Expr, make, size
from jacobian.symbolic.matrix import trace
from jacobian.symbolic.reductions import total


def level(a: Expr, b: Expr) -> tuple[Expr, Expr]:
    """Both with the axes of either: b turned if it is a vector that lies the other way, axes of size 1 put in."""
    b = op.orient(b, a.axes)
    m, n = (q if p is None else p for p, q in zip(a.axes, b.axes, strict=True))
    if (count(m), count(n)) == tuple(map(count, a.axes)) == tuple(map(count, b.axes)):
        return arrays.lift(a, (m, n)), arrays.lift(b, (m, n))
    return a, b


class Abstract:
    """Matrices in natural shape; where a map takes a vector, a row and a column with the same entries are the same."""

    transpose = staticmethod(op.transpose)
    kron = staticmethod(arrays.kron)
    column = staticmethod(arrays.vec)
    diagonal_matrix = staticmethod(lambda v: arrays.lift(v, (1, 1)) if v.axes == op.SCALAR else op.diag(v))
    commutation = staticmethod(leaves.commutation)
    eye = staticmethod(leaves.eye)

    @staticmethod
    def add(a: Entry, b: Entry) -> Expr:
        return op.add(*level(leaves.expression(a), leaves.expression(b)))

    @staticmethod
    def matmul(a: Expr, b: Expr) -> Expr:
        if b.axes[0] != a.axes[1]:
            b = op.orient(b, (a.axes[1], None))
        if (a.axes[1], b.axes[0]) == (1, None):
            b = arrays.lift(b, (1, b.axes[1]))
        if (a.axes[1], b.axes[0]) == (None, 1):
            a = arrays.lift(a, (a.axes[0], 1))
        return op.matmul(a, b)

    @staticmethod
    def times(a: Entry, b: Entry) -> Expr:
        a, b = leaves.expression(a), leaves.expression(b)
        for s, x in ((a, b), (b, a)):
            if s.axes == op.SCALAR or s.size == 1 != x.size:
                return op.scale(arrays.shaped(s, op.SCALAR), x)
        return op.hadamard(*level(a, b))

    @staticmethod
    def inner(a: Expr, b: Expr) -> Expr:
        a, b = level(a, b)
        summed = None in a.axes or leaves.is_one(a) or leaves.is_one(b)
        return inner(a, b) if summed else trace(op.matmul(op.transpose(a), b))

    @staticmethod
    def outer(a: Expr, b: Expr) -> Expr:
        return op.matmul(arrays.vec(a), op.transpose(arrays.vec(b)))

    @staticmethod
    def diag(d: Expr) -> Expr:
        return d if d.axes == op.SCALAR else op.diag(arrays.vec(d))

    @staticmethod
    def scale_rows(d: Expr, a: Expr) -> Expr:
        return Abstract.matmul(Abstract.diag(d), a)

    @staticmethod
    def scale_columns(a: Expr, d: Expr) -> Expr:
        return Abstract.matmul(a, Abstract.diag(d))

    @staticmethod
    def diagonal(x: Expr, n: Size) -> Expr:
        return op.diagonal(x)

    @staticmethod
    def shift(d: Expr, s: Entry) -> Expr:
        return op.add(op.scale(leaves.expression(s), leaves.ones(*d.axes)), d)

    @staticmethod
    def zeros(m: Size, n: Size) -> Expr:
        return leaves.zeros(count(m), count(n))

    @staticmethod
    def block(blocks: list[Expr]) -> Expr:
        m, n = (sum(count(b.axes[k]) for b in blocks) for k in (0, 1))
        return make(arrays.BLOCK, blocks, axes=(m, n))

    @staticmethod
    def selection(n: Size) -> Expr:
        return make(leaves.SELECTION, data=n, axes=(n, n * n))

    @staticmethod
    def part(x: Expr, n: Size, before: Size) -> Expr:
        return arrays.part(x, n, before)

    @staticmethod
    def insertion(n: Size, before: Size, after: Size) -> Expr:
        return make(leaves.INSERTION, data=(n, before, after), axes=(before + count(n) + after, count(n)))

    @staticmethod
    def permutation(p: Any) -> Expr:
        return make(leaves.PERMUTATION, data=tuple(map(int, p)), axes=(p.size, p.size))

    @staticmethod
    def gather(p: Any, n: int) -> Expr:
        return make(leaves.GATHER, data=tuple(map(int, p)), axes=(p.size, n))


register(Expr, Abstract)


def inner(a: Any, b: Any) -> Expr:
    """⟨A, B⟩ = Σ aᵢⱼ bᵢⱼ: aᵀ b of two vectors, the sum of A ∘ B of two matrices."""
    a, b = leaves.expression(a), leaves.expression(b)
    if a.axes == b.axes == op.SCALAR:
        return op.hadamard(a, b)
    if None in a.axes:
        return op.matmul(op.transpose(arrays.vec(a)), arrays.vec(b))
    return total(op.hadamard(a, b))


def outer(a: Any, b: Any) -> Expr:
    """a bᵀ of two vectors."""
    a, b = leaves.expression(a), leaves.expression(b)
    for x in (a, b):
        if len(x.shape) != 1:
            raise ShapeError(f"outer takes two vectors, but {x} has shape {x.shape}")
    return Abstract.outer(a, b)


def quadratic(x: Any, a: Any) -> Expr:
    """xᵀ A x of a vector x and a square matrix A."""
    return product(product(x, a), x)


def reshape(x: Any, *shape: Any) -> Expr:
    """The entries of x, row after row, in another shape of as many entries: reshape(x, m, n). Raises ShapeError."""
    sizes = [size(n) for n in shape]
    if len(sizes) > 2:
        raise ShapeError(f"an expression has at most two axes, but the shape {shape} was given")
    x, axes = leaves.expression(x), (*sizes, None, None)[:2]
    return arrays.shaped(arrays.vec(x) if x.axes[0] is None and x.axes[1] is not None else x, axes)


# ---- NumPy's operators ---------------------------------------------------------------------------------------------


def product(a: Any, b: Any) -> Expr:
    """a @ b as NumPy means it: vectors are columns, a vector on the left is taken as a row."""
    a, b = leaves.expression(a), leaves.expression(b)
    for x in (a, b):
        if x.axes == op.SCALAR:
            raise ShapeError(f"{a} @ {b}: the matrix product takes vectors and matrices, but {x} is a scalar: use *")
    if (a.shape[-1]) != b.shape[0]:
        raise ShapeError(f"{a} of shape {a.shape} @ {b} of shape {b.shape}: "
                         f"the left has {a.shape[-1]} columns, the right {b.shape[0]} rows")
    if len(a.shape) == 1:
        return inner(a, b) if len(b.shape) == 1 else op.matmul(op.transpose(b), arrays.vec(a))
    return op.matmul(a, arrays.vec(b) if len(b.shape) == 1 else b)


def _broadcast(a: Any, b: Any, sign: str) -> tuple[Expr, Expr]:
    """NumPy's broadcasting, written with ones: a scalar s becomes s 1, a row vector b beside a matrix becomes 1 bᵀ."""
    a, b = leaves.expression(a), leaves.expression(b)
    if a.axes == b.axes:
        return a, b
    if op.SCALAR in (a.axes, b.axes):
        if sign == "*":
            return a, b
        return (op.scale(a, leaves.ones(*b.axes)), b) if a.axes == op.SCALAR else (a, op.scale(b, leaves.ones(*a.axes)))
    spread = [(x, y) for x, y in ((a, b), (b, a))
              if len(x.shape) == 1 and len(y.shape) == 2 and x.shape[0] == y.shape[1]]
    if not spread:
        raise ShapeError(f"{a} of shape {a.shape} {sign} {b} of shape {b.shape}: the shapes must be equal, "
                         "or one a scalar, or one a vector with as many entries as the other has columns")
    vector, matrix = spread[0]
    rows = op.matmul(leaves.ones(matrix.axes[0]), op.transpose(arrays.vec(vector)))
    return (rows, b) if vector is a else (a, rows)


def plus(a: Any, b: Any) -> Expr:
    return op.add(*_broadcast(a, b, "+"))


def minus(a: Any, b: Any) -> Expr:
    a, b = _broadcast(a, b, "-")
    return op.add(a, op.scale(leaves.number(-1), b))


def times(a: Any, b: Any) -> Expr:
    return Abstract.times(*_broadcast(a, b, "*"))


def raised(a: Any, k: Any) -> Expr:
    """a ** k entry by entry; of a number a and an array k the exponential exp(log(a) k)."""
    a, k = leaves.expression(a), leaves.expression(k)
    return power(a, k) if a.axes != op.SCALAR or k.axes == op.SCALAR else exp(op.scale(log(a), k))


Expr.operators.update({
    "@": product, "+": plus, "-": minus, "*": times, "**": raised,
    "/": lambda a, b: times(a, power(b, -1)),
    "T": lambda a: a if len(a.shape) < 2 else op.transpose(a),
})
