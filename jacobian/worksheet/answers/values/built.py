"""Arrays that are written out or filled: lists, ones, identities, other shapes, sums in Einstein's way."""

from __future__ import annotations

import re

import numpy as np

from jacobian.worksheet.answers.node import Node
from jacobian.worksheet.answers.values.reading import Work, size
from jacobian.worksheet.answers.values.value import EYE, ONES, ZEROS, Value, column, matrix, room, scalar


def listed(run: Work, node: Node, *items: Value) -> Value:
    """[a, b; c, d] of scalars; [[a, b], [c, d]] of rows. A list with commas lies neither way: it is a column here."""
    m, n, way = node.data
    if len(items) == 1:
        return items[0]
    if all(x.scalar for x in items):
        array = np.array([x.array.item() for x in items]).reshape(m, n)
        if m > 1 < n:
            return matrix(array)
        lies = m == 1 and way in ("blanks", "grid")
        return Value(array.reshape(1, -1), False, True) if lies else column(array)
    if m == 1 and all(x.vector for x in items) and len({x.array.size for x in items}) == 1:
        return matrix(np.stack([x.array.ravel() for x in items]))
    run.misfit(node, *items[:2])
    return column(np.concatenate([x.array.ravel() for x in items]))


def ones(run: Work, node: Node, *sizes: Value) -> Value:
    return _filled(run, node, 1.0, ONES, *sizes)


def zeros(run: Work, node: Node, *sizes: Value) -> Value:
    return _filled(run, node, 0.0, ZEROS, *sizes)


def _filled(run: Work, node: Node, x: float, free: Value, *sizes: Value) -> Value:
    if len(sizes) == 1 and not sizes[0].scalar:
        sizes = tuple(scalar(s) for s in sizes[0].array.ravel())
    lengths = [size(node, s) for s in sizes]
    if len(lengths) < 2:
        square = run.reading.sums and node.data != "vector"         # ones(n) of MATLAB, but not vector(1, n)
        return matrix(np.full(lengths * 2, x)) if lengths and square else \
            column(np.full(lengths[0], x)) if lengths else free
    m, n = lengths[:2]
    made = np.full((m, n), x)
    return matrix(made) if run.reading.flat else Value(made, m > 1 or n == 1, n > 1)


def eye(run: Work, node: Node, *sizes: Value) -> Value:
    return EYE if not sizes else matrix(np.eye(size(node, sizes[0])))


def reshape(run: Work, node: Node, x: Value, *sizes: Value) -> Value:
    shape = [-1 if n == -1 else size(node, scalar(n)) for v in sizes for n in v.array.ravel()[:3]]
    known = int(np.prod([n for n in shape if n != -1]))
    if shape.count(-1) > 1 or len(shape) > 2 or (x.array.size % known if -1 in shape else x.array.size != known):
        run.misfit(node, x)
        return x
    if len(shape) == 1:
        return column(x.array.ravel())
    made = x.array.reshape(shape)
    return matrix(made) if run.reading.flat else Value(made, made.shape[0] > 1, made.shape[1] > 1)


def einsum(run: Work, node: Node, spec: Value, *args: Value) -> Value:
    text = node.args[0].data
    inputs, _, output = (text if isinstance(text, str) else "").replace(" ", "").partition("->")
    parts = inputs.split(",")
    lengths: dict[str, int] = {}
    fits = len(parts) == len(args) and bool(re.fullmatch("[a-z,]*", inputs)) and set(output) <= set(inputs) - {","}
    for part, x in zip(parts, args, strict=False):
        shape = [n for n, there in zip(x.array.shape, x.kind, strict=True) if there]
        fits = fits and len(shape) == len(part) and all(lengths.setdefault(c, n) == n
                                                        for c, n in zip(part, shape, strict=False))
    if not fits or len(output) > 2 or len(lengths) > 5 or len(set(output)) < len(output):
        run.misfit(node, *args[:2])
        return scalar(sum(x.array.sum() for x in args))
    room(*lengths.values())
    made = np.einsum(f"{inputs}->{output}", *(
        x.array.reshape([n for n, there in zip(x.array.shape, x.kind, strict=True) if there]) for x in args))
    return (scalar, column, matrix)[made.ndim](made)
