"""Parts of the derivative that are lost or kept wrongly: paths of the chain, rows, diagonals, masks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from jacobian.numeric.function import Real
from jacobian.verify.faults.axes import where
from jacobian.verify.faults.fault import Block, Fault, Forms

SMALL = 1e-1        # a relative error up to this is one of a small constant
LEVEL = 1e-5        # singular values below this share of the largest are 0


def zero(block: Block) -> Forms:
    yield "nothing arrives", np.zeros_like(block.true)


def skipped(block: Block) -> Forms:
    """y = x + f(x): the 1 of the skip connection, or the f′ of the branch."""
    if block.identity is not None and not block.step:
        claimed = block.true - block.identity if block.claimed is None else block.claimed
        left = (block.true - claimed).reshape(block.matrix.shape)
        c = abs(np.trace(left)) / block.y.size      # 1, but for a factor behind the skip connection
        branch = block.true - c * block.identity
        if (branch * block.identity).any():
            yield "the skip connection is left out", branch
            yield "the skip connection is there twice", block.true + c * block.identity


def identity(block: Block) -> Forms:
    """An entrywise step has one path alone."""
    if block.identity is not None and not (block.step and block.entrywise):
        yield "of the whole derivative the identity is left", block.identity


def unbranched(block: Block) -> Forms:
    if block.mask and block.true.any() and (np.diag(block.matrix) == 0).any():
        yield "one side of a condition is left out", np.zeros_like(block.true)


def unconditional(block: Block) -> Forms:
    """Of a mask, of 0 and one constant."""
    if block.identity is not None and block.entrywise and (block.mask or block.step):
        constants = set(np.diag(block.matrix).tolist()) - {0.0}
        if len(constants) == 1 and not block.matrix.diagonal().all():
            yield "the condition is left out", block.identity
            yield "the condition is left out, and not its constant", block.identity * constants.pop()


def crossed(block: Block) -> Forms:
    """Of an entrywise map with two slopes, each where the other belongs."""
    if block.entrywise and block.identity is not None:
        slopes = set(np.diag(block.matrix).tolist())
        if len(slopes) == 2:
            yield "the two sides of a condition are exchanged", block.identity * sum(slopes) - block.true


def product_rule(block: Block) -> Forms:
    """(x s(x))′ = s + x s′ without one of its terms."""
    if block.entrywise and block.identity is not None and block.own.all():
        first = block.identity * block.spread(block.y / block.own)
        yield "the product rule without its second term", first
        yield "the product rule without its first term", block.true - first


def directions(block: Block) -> Iterator[tuple[str, Real, Real]]:
    """Of each argument shaped as xₖ: its name, its direction in the shape of T, and C; of a scalar y with a claim."""
    if block.claimed is None or block.y.size > 1:
        return
    for name, a in zip(block.names, block.x, strict=True):
        if a.shape == block.own.shape and a.any():
            yield name, (a / np.sqrt((a**2).sum())).reshape(block.true.shape), block.claimed


def term(block: Block) -> Forms:
    """T ∓ a multiple of an argument: the gradient of a penalty, or of a norm, left out; or it alone is left."""
    for name, unit, claimed in directions(block):
        yield f"a multiple of {name} is left out", block.true + ((claimed - block.true) * unit).sum() * unit


def left(block: Block) -> Forms:
    """Of T a multiple of an argument alone."""
    for name, unit, claimed in directions(block):
        yield f"of the whole derivative a multiple of {name} is left", (claimed * unit).sum() * unit


def reduction(block: Block) -> Forms:
    """T less a matrix of low rank along one axis: a mean, a variance or a norm treated as a constant."""
    if block.claimed is None or block.identity is None:
        return
    for axis, n in enumerate(block.y.shape):
        lost, kept = (grouped(a, axis, block) for a in (block.claimed - block.true, block.claimed))
        if lost is not None and kept is not None and rank(lost) <= min(2, n - 1, extent(lost) - 1):
            yield f"a sum, mean or norm along {where(axis, block)} is treated as a constant", block.claimed


def grouped(a: Real, axis: int, block: Block) -> Real | None:
    """The (n, n) blocks along one axis, one for each place on the others; None where different places mix."""
    n = block.y.shape[axis]
    moved = np.moveaxis(a, (axis, block.out + axis), (-2, -1)).reshape(block.y.size // n, block.y.size // n, n, n)
    places = np.arange(len(moved))
    mixed = moved.copy()
    mixed[places, places] = 0
    return None if mixed.any() and np.abs(mixed).max() > LEVEL * np.abs(a).max() else moved[places, places]


def rank(stack: Real) -> int:
    """The largest rank among the matrices."""
    s = np.linalg.svd(stack, compute_uv=False)
    return int((s > LEVEL * s.max(initial=0.0)).sum(axis=-1).max())


def extent(stack: Real) -> int:
    """How many rows and columns there are, at least, beside the zeros of a matrix: a lower rank says something."""
    there = np.abs(stack) > LEVEL * np.abs(stack).max(initial=0.0)
    return int(min(there.any(axis=axis).sum(axis=-1).max() for axis in (-1, -2)))


def diagonal(block: Block) -> Forms:
    if block.identity is not None and not block.entrywise:
        yield "only the diagonal is there", block.true * block.identity


def kept(block: Block, axes: range, only: bool) -> Forms:
    """T at the first or last index of an axis alone, or without it."""
    for axis in axes:
        n = block.true.shape[axis]
        for name, at in (("first", 0), ("last", n - 1)):
            mask = np.zeros(n)
            mask[at] = 1
            shape = [1] * block.true.ndim
            shape[axis] = n
            part = block.true * (mask if only else 1 - mask).reshape(shape)
            place = f"the {name} index of {where(axis, block)}"
            yield f"only {place} counts" if only else f"{place} is lost", part


def one_output(block: Block) -> Forms:
    if block.own.size < block.y.size or not block.step:
        yield from kept(block, range(block.out), True)


def one_input(block: Block) -> Forms:
    yield from kept(block, range(block.out, block.true.ndim), True)


def lost(block: Block) -> Forms:
    yield from kept(block, range(block.true.ndim), False)


def overwritten(block: Block) -> Forms:
    """Of everything that a column gets the last or the first alone."""
    there = block.matrix != 0
    for name, order in (("last", slice(None, None, -1)), ("first", slice(None))):
        first = there[order].argmax(axis=0)
        rows = first if name == "first" else len(there) - 1 - first
        part = np.zeros_like(block.matrix)
        columns = np.arange(part.shape[1])
        part[rows, columns] = block.matrix[rows, columns]
        yield f"of the contributions to an entry only the {name} one is there", part.reshape(block.true.shape)


def masked(block: Block) -> Forms:
    """C = T but for entries where one of the two is 0."""
    if block.claimed is None or block.allowed is None:
        return
    zero = (block.claimed == 0) | (np.abs(block.true) <= block.allowed)
    if (block.off <= zero).all() and block.claimed.any():
        yield "entries are 0 that should not be, or the other way round", block.claimed


def branch(block: Block) -> Forms:
    """C = T on one side of a value of xₖ, and wrong throughout on the other."""
    if block.claimed is None or block.own.size < 3:
        return
    off: Any = block.off.reshape(block.matrix.shape).any(axis=0)
    for name, values in (("", block.own.ravel()), ("the size of ", np.abs(block.own.ravel()))):
        order = off[np.argsort(values)]
        if 0 < off.sum() < off.size and np.abs(np.diff(order.astype(int))).sum() == 1:
            side = "large" if order[-1] else "small"
            yield f"it is wrong where {name}the input is {side}, and right elsewhere", block.claimed


def saturated(block: Block) -> Forms:
    """C is wrong where |T| is at its largest, the same in several entries: a clipped value."""
    if block.claimed is None or block.y.size > 1:
        return
    size = np.abs(block.true)
    if np.allclose(size[block.off], size.max(), rtol=1e-9) and not np.allclose(size, size.max(), rtol=1e-9):
        yield "entries are wrong where the right ones are at a limit", block.claimed


def one_place(block: Block) -> Forms:
    """All errors at one index of an axis, or in one entry."""
    if block.claimed is None or block.own.size < 3:
        return
    wrong = np.argwhere(block.off)
    if len(set(map(tuple, wrong[:, block.out:].tolist()))) == 1:
        yield "one entry is wrong", block.claimed
    for axis in range(block.out, block.true.ndim):
        if block.true.shape[axis] > 2 and len(set(wrong[:, axis].tolist())) == 1:
            yield f"one index of {where(axis, block)} is wrong", block.claimed


def small(block: Block) -> Forms:
    """Every error small beside its entry."""
    if block.claimed is not None and block.true.any():
        off = np.abs(block.claimed - block.true)
        many = block.errors > 0.5 * np.count_nonzero(block.true)
        if many and (off <= SMALL * np.abs(block.true) + 1e-3 * SMALL * np.abs(block.true).max()).all():
            yield "every entry is almost right", block.claimed


PARTS = (
    Fault("path dropped", "C = 0", "whether the gradient reaches this input at all, and is returned", 1.9, zero),
    Fault("path dropped", "C = T - I or T + I",
          "skip connections: the gradient is the sum over all paths", 2.2, skipped),
    Fault("path dropped", "C = I", "skip connections: the gradient is the sum over all paths", 3.2, identity),
    Fault("mask or branch", "C = 0 where T is a mask", "the branch that is taken there", 1.85, unbranched),
    Fault("mask or branch", "C = I where T is a mask", "the mask: whether it is applied", 1.95, unconditional),
    Fault("mask or branch", "C = T with its two slopes exchanged", "the side of the condition", 1.9, crossed),
    Fault("path dropped", "(x s)' = s + x s' without a term",
          "the product rule: a term for each factor", 2.8, product_rule),
    Fault("path dropped", "C = T + c a, a an argument",
          "penalties, norms and every other term with that argument", 4.0, term, 3),
    Fault("path dropped", "C = c a, a an argument", "the other terms of the sum", 4.3, left, 3),
    Fault("path dropped", "rank of C - T at most 2 along an axis",
          "the paths through mean, variance, norm and sum", 4.5,
          reduction, 3),
    Fault("diagonal only", "C = T on the diagonal, 0 elsewhere",
          "outputs depend on all inputs of their row", 2.0, diagonal),
    Fault("sum over broadcast missing", "C = T at one index of an output axis",
          "the sum over the axis along which the input was broadcast", 2.4, one_output),
    Fault("path dropped", "C = T at one index of an input axis",
          "the loop over that axis: what it passes on", 2.9, one_input),
    Fault("one row", "C = T without one index of an axis", "the ends of loops and slices", 2.7, lost),
    Fault("overwritten", "C = the last contribution alone",
          "= in place of += where contributions meet", 2.6, overwritten),
    Fault("mask or branch", "C = T but where one of them is 0",
          "the mask: the condition, its side, and whether it is applied", 4.0, masked, 2),
    Fault("mask or branch", "C = T on one side of a value", "the branch that is taken there", 4.2, branch, 2),
    Fault("mask or branch", "C is wrong where T is at a limit",
          "the clipping: the gradient beyond its bounds", 4.4, saturated, 2),
    Fault("one row", "C = T but at one index of an axis", "that row or entry", 3.8, one_place),
    Fault("small constant", "C = T (1 + small)", "epsilon, its place under the root or outside, and constants with few "
          "digits", 5.0, small, 2),
)
