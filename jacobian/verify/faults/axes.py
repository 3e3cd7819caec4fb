"""Axes in the wrong order, another argument's derivative, and indices one off."""

from __future__ import annotations

from itertools import combinations, permutations

import numpy as np

from jacobian.numeric.function import Real
from jacobian.verify.faults.fault import Block, Fault, Forms


def where(axis: int, block: Block) -> str:
    """An axis of T as one of y or of the input."""
    return f"axis {axis} of y" if axis < block.out else f"axis {axis - block.out} of the input"


def exchanged(block: Block) -> Forms:
    """Two axes of one length exchanged, those of the input first."""
    for i, j in sorted(combinations(range(block.true.ndim), 2), reverse=True):
        if block.true.shape[i] == block.true.shape[j] > 1:
            yield f"{where(i, block)} and {where(j, block)} exchanged", np.swapaxes(block.true, i, j)
            if block.identity is not None:
                branch = block.identity + np.swapaxes(block.true - block.identity, i, j)
                yield f"{where(i, block)} and {where(j, block)} exchanged beside a skip connection", branch


def reordered(block: Block) -> Forms:
    """Three or four axes in another order that keeps the lengths, where no exchange of two is the same."""
    T, axes = block.true, range(block.true.ndim)
    if not 3 <= T.ndim <= 4:
        return
    pairs = [np.swapaxes(T, i, j) for i, j in combinations(axes, 2) if T.shape[i] == T.shape[j]]
    for order in permutations(axes):
        moved = np.transpose(T, order)
        if sum(i != j for i, j in zip(axes, order, strict=True)) > 2 and moved.shape == T.shape and not any(
                np.array_equal(moved, pair) for pair in pairs):
            yield f"the axes of y and of the input in the order {', '.join(map(str, order))}", moved


def refilled(block: Block) -> Forms:
    """Two neighbouring axes exchanged, and the entries read in the order of T: before it or after."""
    for i in reversed(range(block.true.ndim - 1)):
        m, n = block.true.shape[i:i + 2]
        if i + 1 != block.out and m > 1 and n > 1:
            places = f"{where(i, block)} and {where(i + 1, block)}"
            read = np.swapaxes(block.true, i, i + 1).reshape(block.true.shape)
            yield f"{places} exchanged by a reshape", read
            other = block.true.reshape(*block.true.shape[:i], n, m, *block.true.shape[i + 2:])
            yield f"{places} exchanged after a reshape", np.swapaxes(other, i, i + 1)


def reversed_(block: Block) -> Forms:
    for axis in range(block.true.ndim):
        yield f"{where(axis, block)} in reverse", np.flip(block.true, axis)


def turned(block: Block) -> Forms:
    """From the other end: an axis of y and one of the input in reverse."""
    for i in range(block.out):
        for j in range(block.out, block.true.ndim):
            if block.true.shape[i] == block.true.shape[j]:
                yield f"{where(i, block)} and {where(j, block)} in reverse", np.flip(block.true, (i, j))
    if block.own.ndim > 1:
        yield "all axes of the input in reverse", np.flip(block.true, tuple(range(block.out, block.true.ndim)))


def of_another(block: Block) -> Forms:
    """The derivative by another input of the same shape."""
    for other, T in enumerate(block.others):
        if other != block.k and T.shape == block.true.shape:
            yield f"it is the one for {block.names[other]}", T


def of_another_negated(block: Block) -> Forms:
    for phrase, T in of_another(block):
        yield f"{phrase}, with the other sign", -T


def moved(T: Real, step: int, axis: int) -> Real:
    """T moved by one place along an axis, with zeros coming in."""
    found = np.roll(T, step, axis)
    edge = [slice(None)] * T.ndim
    edge[axis] = slice(0, 1) if step == 1 else slice(-1, None)
    found[tuple(edge)] = 0
    return found


def shifted(block: Block) -> Forms:
    """Moved by one place along an axis, around or with a zero coming in; the diagonal left out or twice."""
    for axis in range(block.true.ndim):
        for step in (1, -1):
            rolled = np.roll(block.true, step, axis)
            yield f"{where(axis, block)} moved around by {step}", rolled
            yield f"{where(axis, block)} moved by {step}", moved(block.true, step, axis)
    for step in (1, -1) if block.own.ndim > 1 else ():
        cut = block.true
        for axis in range(block.out, block.true.ndim):
            cut = moved(cut, step, axis)
        yield f"all axes of the input moved by {step}", cut
    if block.identity is not None and not block.entrywise:
        yield "the diagonal is left out", block.true * (1 - block.identity)


AXES = (
    Fault("transpose", "C = T with two axes exchanged",
          "transposes, the order of factors, and the subscripts of an einsum", 2.0, exchanged),
    Fault("wrong order", "C = T with its axes in another order", "the order of the factors of a matrix product", 2.3,
          reordered),
    Fault("transpose", "C = the entries of T with two axes exchanged, in the shape of T",
          "reshapes: they keep the order of the entries, a transpose does not", 2.4, refilled),
    Fault("inputs swapped", "C = the derivative by another input",
          "the order in which the gradients are returned, and which factor each product takes", 1.6, of_another),
    Fault("inputs swapped", "C = minus the derivative by another input",
          "the order in which the gradients are returned, and their signs", 2.6, of_another_negated),
    Fault("off by one", "C = T from the other end", "the direction of loops, cumulative sums and flips", 1.9, turned),
    Fault("off by one", "C = T moved by one place", "the ends of slices and ranges, and shifts", 3.0, shifted),
    Fault("off by one", "C = T in reverse order", "the direction of loops, cumulative sums and flips", 3.5, reversed_),
)
