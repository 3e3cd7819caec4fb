"""Functions of arrays that have a result for any operands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from jacobian.symbolic.elementwise import Function
from jacobian.worksheet.answers.node import Node
from jacobian.worksheet.answers.values.arithmetic import add, entrywise, product, regular, times
from jacobian.worksheet.answers.values.reading import Work, size
from jacobian.worksheet.answers.values.value import ENTRIES, Real, TooMuch, Value, between, column, matrix, room, scalar


def mapped(run: Work, node: Node, x: Value) -> Value:
    return entry_by_entry(node.data, x)


def entry_by_entry(f: Function, x: Value) -> Value:
    """f(x)."""
    array = np.asarray(f.value(x.array.astype(float)), float)
    return Value(np.broadcast_to(array, x.array.shape), x.rows, x.columns, x.free)


def turn(run: Work, node: Node, x: Value) -> Value:
    return x if x.vector and (neutral(node.args[0]) or run.reading.flat) else x.T


def neutral(node: Node) -> bool:
    """Whether it is a list such as [1, 2, 3] or [[1, 2, 3]], which is taken for a row and for a column."""
    while node.kind == "same" or (node.kind == "list" and len(node.args) == 1):
        node = node.args[0]
    return node.kind == "list" and node.data[2] not in ("blanks", "grid") and node.data[0] == 1 and \
        all(arg.kind != "list" for arg in node.args)


def _axis(run: Work, node: Node, x: Value, along: Value | None) -> int | None:
    if along is not None:
        axis = size(node, along.of(along.array + 1)) - 1
        return axis - 1 if run.reading.sums else axis
    if node.data is not None:
        return int(node.data)
    return 0 if run.reading.sums and x.rows and x.columns else None


def reduction(reduce: Callable[..., Any]) -> Callable[..., Value]:
    def reduced(run: Work, node: Node, x: Value, along: Value | None = None) -> Value:
        axis = _axis(run, node, x, along)
        if axis is None or not (x.rows and x.columns):
            return scalar(reduce(x.array))
        if axis not in (0, 1):
            run.misfit(node, x)
            return scalar(reduce(x.array))
        made = column(reduce(x.array, axis=axis))
        return made.T if run.reading.sums and axis == 0 else made

    return reduced


def softmax(run: Work, node: Node, x: Value) -> Value:
    axis = 1 if x.columns else 0
    e = np.exp(x.array - x.array.max(axis=axis, keepdims=True))
    return x.of(e / e.sum(axis=axis, keepdims=True))


def diag(run: Work, node: Node, x: Value) -> Value:
    if x.eye or x.scalar:
        return x
    if x.vector or (1 in x.array.shape and x.array.shape != (1, 1)):
        room(x.array.size, x.array.size)
        return matrix(np.diag(x.array.ravel()))
    if x.array.shape[0] != x.array.shape[1]:
        run.misfit(node, x)
    return column(np.diagonal(x.array))


def inv(run: Work, node: Node, x: Value) -> Value:
    if x.scalar or x.eye:
        return x.of(1 / x.array)
    m, n = x.array.shape
    if m != n:
        run.misfit(node, x)
        return x.T.of(between(n, m))
    return x.of(np.linalg.inv(x.array)) if regular(x.array) else x.of(x.array * np.nan)


def of_square(of: Callable[[Real], Any]) -> Callable[..., Value]:
    def square(run: Work, node: Node, x: Value) -> Value:
        if x.array.shape[0] != x.array.shape[1]:
            run.misfit(node, x)
            return scalar(x.array.sum())
        return scalar(of(x.array))

    return square


def outer(run: Work, node: Node, a: Value, b: Value) -> Value:
    if a.scalar or b.scalar:
        return product(run, node, a, b)
    if not (a.vector and b.vector) and 1 not in a.array.shape + b.array.shape:
        return kron(run, node, a, b)
    room(a.array.size, b.array.size)
    return matrix(np.outer(a.array, b.array))


def inner(run: Work, node: Node, a: Value, b: Value) -> Value:
    if a.array.size != b.array.size:
        run.misfit(node, a, b)
        return scalar(a.array.sum() * b.array.sum())
    return scalar((a.array.ravel() * b.array.ravel()).sum())


def kron(run: Work, node: Node, a: Value, b: Value) -> Value:
    if a.array.size * b.array.size > ENTRIES:
        raise TooMuch
    return Value(np.kron(a.array, b.array), a.rows or b.rows, a.columns or b.columns)


def solve(run: Work, node: Node, a: Value, b: Value) -> Value:
    return product(run, node, inv(run, node, a), b)


def divide(run: Work, node: Node, a: Value, b: Value) -> Value:
    """a / b: entry by entry, or the product with the inverse of a matrix."""
    if b.scalar:
        return a.of(a.array / b.array)
    if node.kind == "/" and run.reading.divides and not a.scalar:
        if b.rows and b.columns:
            return product(run, node, a, inv(run, node, b))
        run.misfit(node, a, b)
    return times(run, node, a, b.of(1 / b.array))


def where(run: Work, node: Node, c: Value, x: Value, y: Value) -> Value:
    return add(run, node, times(run, node, c, x), times(run, node, c.of(1 - c.array), y))


def extreme(pick: Callable[..., Any]) -> Callable[..., Value]:
    two = entrywise(pick)

    def either(run: Work, node: Node, a: Value, b: Value | None = None) -> Value:
        return scalar(pick.reduce(a.array, axis=None)) if b is None else two(run, node, a, b)  # type: ignore[attr-defined]

    return either


def norm(run: Work, node: Node, x: Value, order: Value | None = None) -> Value:
    if order is not None and order.array.flat[0] == 1:
        return scalar(np.abs(x.array).sum())
    return scalar(np.sqrt((x.array**2).sum()))


def bars(run: Work, node: Node, x: Value) -> Value:
    """|x|: of a number its size, of a vector its norm, of a square matrix its determinant."""
    if x.scalar:
        return x.of(np.abs(x.array))
    return norm(run, node, x) if x.vector else of_square(np.linalg.det)(run, node, x)


def adjugate(run: Work, node: Node, x: Value) -> Value:
    """det(X) inv(X), where X has an inverse."""
    inverse = inv(run, node, x)
    return inverse.of(inverse.array * of_square(np.linalg.det)(run, node, x).array)


def lifted(run: Work, node: Node, x: Value) -> Value:
    """NumPy's atleast_2d: a vector becomes a row, a matrix stays."""
    return as_row(run, node, x) if x.vector else x


def size_along(run: Work, node: Node, x: Value, axis: Value | None = None) -> Value:
    """The number of entries, or of those along an axis, which NumPy counts from 0 and MATLAB from 1."""
    if axis is None:
        return scalar(x.array.size)
    k = axis.array.item() - run.reading.first if axis.scalar else -1
    if k not in range(x.array.ndim):
        run.misfit(node, x, axis)
        return scalar(1)
    return scalar(x.array.shape[int(k)])


def as_column(run: Work, node: Node, x: Value) -> Value:
    made = x.array.reshape(-1, 1)
    return matrix(made) if run.reading.flat else Value(made, True, False)


def as_row(run: Work, node: Node, x: Value) -> Value:
    made = x.array.reshape(1, -1)
    return matrix(made) if run.reading.flat else Value(made, False, True)
