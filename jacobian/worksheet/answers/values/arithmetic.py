"""Sums, products, quotients, powers and comparisons that have a result for any two operands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from jacobian.worksheet.answers.node import Node
from jacobian.worksheet.answers.values.reading import SIZE, Work
from jacobian.worksheet.answers.values.value import Real, Value, between, room, scalar

POWER = 4               # of a matrix


def product(run: Work, node: Node, a: Value, b: Value) -> Value:
    """A B."""
    if a.scalar or b.scalar:
        s, x = (a, b) if a.scalar else (b, a)
        return x.of(x.array * s.array)
    if a.eye or b.eye:
        s, x = (a, b) if a.eye else (b, a)
        return x.of(x.array * s.array)
    if run.reading.flat and a.vector and a.rows:
        a = a.T
    if run.reading.flat and not a.columns and b.vector:
        b = b if b.rows else b.T
    a, b = _joined(a, b)
    m, n = a.array.shape[1], b.array.shape[0]
    room(a.array.shape[0], b.array.shape[1])
    if (a.columns != b.rows and max(m, n) > 1) or m != n:
        if run.reading.star == "fits" and a.kind == b.kind and a.array.shape == b.array.shape:
            return a.of(a.array * b.array)
        run.misfit(node, a, b)
        array = a.array @ between(m, n) @ b.array if m != n else a.array @ b.array
    else:
        array = a.array @ b.array
    rows, columns = a.rows, b.columns
    made = Value(array, rows, columns, (a.free[0], b.free[1]))
    return made.T if run.reading.flat and columns and not rows else made


def _joined(a: Value, b: Value) -> tuple[Value, Value]:
    """Free axes that meet in a product get the length of the other."""
    m, n = a.array.shape[1], b.array.shape[0]
    if a.free[1] and a.columns:
        a = replace(a, array=np.broadcast_to(a.array, (a.array.shape[0], n)), free=(a.free[0], False))
    if b.free[0] and b.rows:
        b = replace(b, array=np.broadcast_to(b.array, (m, b.array.shape[1])), free=(False, b.free[1]))
    return a, b


def star(run: Work, node: Node, a: Value, b: Value) -> Value:
    """*: by the reading."""
    return (times if run.reading.star == "times" else product)(run, node, a, b)


def centre(run: Work, node: Node, a: Value, b: Value) -> Value:
    """·: the product; of two columns the inner product."""
    if a.kind == b.kind == (True, False) and a.array.shape == b.array.shape and run.reading.star != "times":
        return scalar((a.array * b.array).sum())
    return product(run, node, a, b)


def entrywise(build: Callable[[Real, Real], Real]) -> Callable[..., Value]:
    def of_two(run: Work, node: Node, a: Value, b: Value) -> Value:
        a, b = _levelled(run, node, a, b)
        x = a if not a.scalar else b
        array = build(a.array, b.array)
        free = (a.free[0] and b.free[0], a.free[1] and b.free[1]) if not (a.scalar or b.scalar) else x.free
        rows, columns = a.rows or b.rows, a.columns or b.columns
        return Value(array, rows, columns, free)

    return of_two


def _levelled(run: Work, node: Node, a: Value, b: Value) -> tuple[Value, Value]:
    """Both with one shape, or one a scalar."""
    if a.scalar or b.scalar:
        if a.eye or b.eye:
            return (a if a.scalar else scalar(1), b) if b.eye else (a, b)
        return a, b
    m, n = max(a.array.shape[0], b.array.shape[0]), max(a.array.shape[1], b.array.shape[1])
    if a.eye and b.eye:
        return a, b
    if (a.eye and any(b.free)) or (b.eye and any(a.free)):
        shaped = b if a.eye else a
        n = run.hint if all(shaped.free) else max(shaped.array.shape)
        a, b = a.size(n, n), b.size(n, n)
    a, b = a.size(*b.array.shape), b.size(*a.array.shape)
    if a.kind == b.kind and a.array.shape == b.array.shape:
        return a, b
    if run.reading.flat and a.vector and b.vector and a.array.size == b.array.size:
        return (a if a.rows else a.T), (b if b.rows else b.T)
    if run.reading.flat:
        a, b = (x.T if x.vector and x.rows else x for x in (a, b))
    fits = all(p == q or 1 in (p, q) for p, q in zip(a.array.shape, b.array.shape, strict=True))
    if run.reading.stretched and fits:
        return (replace(x, array=np.broadcast_to(x.array, np.broadcast_shapes(a.array.shape, b.array.shape)),
                        rows=a.rows or b.rows, columns=a.columns or b.columns) for x in (a, b))  # type: ignore
    if a.array.shape == b.array.shape and a.array.size == 1:
        return a, b
    run.misfit(node, a, b)
    target, other = sorted((a, b), key=lambda x: (x.array.size, x.array.shape), reverse=True)
    m, n = target.array.shape
    p, q = other.array.shape
    array = other.array if m == p else between(m, p) @ other.array
    array = array if n == q else array @ between(q, n)
    moved = target.of(array)
    return (moved, b) if other is a else (a, moved)


times = entrywise(np.multiply)


_added = entrywise(np.add)


def add(run: Work, node: Node, a: Value, b: Value) -> Value:
    if a.eye and b.eye:
        return a.of(a.array + b.array)
    return _added(run, node, a, b)


def subtract(run: Work, node: Node, a: Value, b: Value) -> Value:
    return add(run, node, a, b.of(-b.array))


COMPARE: dict[str, Callable[..., Any]] = {">": np.greater, "<": np.less, ">=": np.greater_equal, "<=": np.less_equal,
                                          "==": np.equal, "!=": np.not_equal}


def compare(run: Work, node: Node, a: Value, b: Value) -> Value:
    a, b = _levelled(run, node, a, b)
    x = b if a.scalar else a
    return x.of(COMPARE[node.data](a.array, b.array).astype(float))


def power(run: Work, node: Node, a: Value, k: Value) -> Value:
    """xᵏ entry by entry."""
    if k.scalar:
        return a.of(a.array ** _bounded(k))
    return times(run, node, a.of(np.ones_like(a.array)), k.of(np.exp(np.log(a.array.mean()) * k.array))) if a.scalar \
        else entrywise(np.power)(run, node, a, k)


def _bounded(k: Value) -> float:
    exponent = float(k.array.item())
    return exponent if abs(exponent) <= SIZE else np.nan


def caret(run: Work, node: Node, a: Value, k: Value) -> Value:
    """^: the power of a square matrix, else entry by entry."""
    square = a.rows and a.columns and not a.eye and a.array.shape[0] == a.array.shape[1] and a.array.size > 1
    if not k.scalar or run.reading.star == "times" or not (a.rows and a.columns) or a.eye:
        return power(run, node, a, k)
    exponent = _bounded(k)
    if not square or not exponent.is_integer():
        if exponent != 2 or not square:
            run.misfit(node, a)
        return power(run, node, a, k)
    if abs(exponent) > POWER:
        return a.of(a.array * np.nan)
    if exponent < 0 and not regular(a.array):
        return a.of(a.array * np.nan)
    return a.of(np.linalg.matrix_power(a.array, int(exponent)))


def regular(x: Real) -> bool:
    return bool(np.isfinite(x).all()) and abs(np.linalg.det(x)) > 1e-12
