"""Arrays rearranged: vec, reshape, Kronecker products, stacks and parts of them."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from functools import reduce
from typing import Any

import numpy as np
import sympy as sp

from jacobian.algebra import Column, Commutation, Identity, Insertion, Jacobian, Kronecker, Part, Product
from jacobian.algebra.entries import Arrays, Size, count
from jacobian.errors import ShapeError
from jacobian.symbolic.expr import Axes, Expr, Operation, make
from jacobian.symbolic.leaves import EYE, NUMBER, ONES, SCALAR, expression, eye, is_one, is_zero, ones, zeros
from jacobian.symbolic.operations import ADD, BUILD, HADAMARD, MATMUL, MN, SCALE, TRANSPOSE, add, matmul, orient, scale

# ---- the same entries in other axes --------------------------------------------------------------------------------


VEC = Operation("vec", "i j -> i ·", lambda y, x: x.reshape(-1, 1), lambda y, k: Identity(y.size), f"{MN}, 2.4",
                linear="together")
RESHAPE = Operation("reshape", "", lambda y, x: x.reshape(tuple(map(count, y.axes))),
                    lambda y, k: Identity(y.size), sized=True, linear="together")


def vec(x: Any) -> Expr:
    """vec X: the entries as one column, row after row; scalars in front."""
    x = expression(x)
    if x.axes == SCALAR:
        return x
    if None in x.axes:
        return orient(x, (x.size, None))
    return scale(x.args[0], vec(x.args[1])) if x.operation is SCALE else make(VEC, (x,), axes=(x.size, None))


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
        return ones(*axes) if is_one(x) else zeros(*axes)
    if x.axes == SCALAR or (x.axes == (axes[0] and count(axes[0]), None) and axes[1] == 1):
        return lift(x, axes)
    return make(VEC, (x,), axes=axes) if axes == (x.size, None) else make(RESHAPE, (x,), axes=axes)


LIFT = Operation("lift", "i j", lambda y, x: x, lambda y, k: Identity(y.size), linear="together")


def lift(x: Expr, axes: Axes) -> Expr:
    """x with an axis of size 1 where it had none: a row as a matrix of one row."""
    if x.axes == axes:
        return x
    if x.operation is NUMBER:
        return scale(x, ones(*axes))
    return scale(x.args[0], lift(x.args[1], axes)) if x.operation is SCALE else make(LIFT, (x,), axes=axes)


# ---- Kronecker products, blocks ------------------------------------------------------------------------------------


def _kron_jacobian(y: Expr, k: int) -> Jacobian:
    """vec(A ⊗ B) = (I ⊗ K ⊗ I) (vec A ⊗ vec B), K exchanging the columns of A with the rows of B."""
    a, b = y.args
    spread = Kronecker(Kronecker(Identity(a.axes[0]), Commutation(a.axes[1], b.axes[0])), Identity(b.axes[1]))
    beside = Kronecker(Identity(a.size), Column(b)) if k == 0 else Kronecker(Column(a), Identity(b.size))
    return Product((spread, beside))


KRON = Operation("kron", "", lambda y, a, b: Arrays.kron(a, b), _kron_jacobian, f"{MN}, 3.7",
                 turn=lambda x, turn: kron(*map(turn, x.args)), linear="each")
BLOCK = Operation("block", "i j", lambda y, *xs: Arrays.block(list(xs)))


def kron(a: Any, b: Any) -> Expr:
    """A ⊗ B: scalars in front."""
    a, b = expression(a), expression(b)
    if a.operation is EYE and b.operation is EYE:
        return eye(a.axes[0] * b.axes[0])
    if SCALAR in (a.axes, b.axes):
        return scale(a, b) if a.axes == SCALAR else scale(b, a)
    if a.operation is SCALE:
        return scale(a.args[0], kron(a.args[1], b))
    if b.operation is SCALE:
        return scale(b.args[0], kron(a, b.args[1]))
    axes = [None if p is q is None else count(p) * count(q) for p, q in zip(a.axes, b.axes, strict=True)]
    return make(KRON, (a, b), axes=(axes[0], axes[1]))


# ---- parts of arrays, and arrays of parts --------------------------------------------------------------------------


def _part_jacobian(y: Expr, k: int) -> Jacobian:
    x, (n, before) = y.args[0], y.data
    return Kronecker(Part(n, before, x.axes[0] - before - count(n)), Identity(x.axes[1]))


def _part_value(y: Expr, x: Any) -> Any:
    n, before = y.data
    return x[before:before + count(n)]


PART = Operation("part", "", _part_value, _part_jacobian, sized=True, linear="together")


def part(x: Expr, n: Size, before: Size) -> Expr:
    """The n rows of x that follow the first `before` rows."""
    if (n, before) == (x.axes[0], 0):
        return x
    if x.operation is VSTACK:
        passed: Size = 0
        for block in x.args:
            if (passed, count(block.axes[0])) == (before, n):
                return lift(block, (n, x.axes[1]))
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


VSTACK = Operation("vstack", "", lambda y, *xs: np.concatenate(xs, axis=0), _stack_jacobian,
                   turn=lambda x, turn: hstack(*map(turn, x.args)) if x.axes[1] is not None else make(TRANSPOSE, (x,)),
                   linear="together")
HSTACK = Operation("hstack", "", lambda y, *xs: np.concatenate(xs, axis=1), _stack_jacobian,
                   turn=lambda x, turn: vstack(*map(turn, x.args)), linear="together")


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


BUILD.update({"kron": kron, "vec": vec, "vstack": vstack, "hstack": hstack})
