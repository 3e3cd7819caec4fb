"""A number too many or too few: constants, signs, lengths of axes, an argument or the value as a factor."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from jacobian.numeric.function import Real
from jacobian.verify.faults.fault import Block, Fault, Forms

CONSTANTS = {"2": 2.0, "1/2": 0.5, "-2": -2.0, "-1/2": -0.5}
RARER = {"4": 4.0, "1/4": 0.25, "3": 3.0, "1/3": 1 / 3}
POWERS: dict[str, Callable[[np.float64], np.float64]] = {
    "{}": lambda n: n, "1/{}": lambda n: 1 / n, "{} squared": lambda n: n**2, "1/{} squared": lambda n: n**-2,
    "{} less one, by the length": lambda n: (n - 1) / n, "{} by the length less one": lambda n: n / (n - 1),
}
ROOTS: dict[str, Callable[[float], float]] = {
    "the root of {}": lambda n: n**0.5, "1/the root of {}": lambda n: n**-0.5,
}
VALUES: dict[str, Callable[[Real], Real]] = {
    "{}": lambda a: a, "1/{}": lambda a: 1 / a, "{} squared": lambda a: a**2, "1/{} squared": lambda a: a**-2,
    "the exponential of {}": np.exp, "1/the exponential of {}": lambda a: np.exp(-a), "the sign of {}": np.sign,
}


def negated(block: Block) -> Forms:
    yield "-1", -block.true


def scaled(block: Block) -> Forms:
    for name, c in CONSTANTS.items():
        yield name, c * block.true


def scaled_rarely(block: Block) -> Forms:
    """By another small number, or by the root of a length, as in the scale of attention."""
    for name, c in RARER.items():
        yield name, c * block.true
    for form, root in ROOTS.items():
        for name, n in block.axes():
            yield form.format(name), root(n) * block.true


def unscaled(block: Block) -> Forms:
    """Of a linear map whose entries are 0 or one constant: without that constant."""
    there = block.true[block.true != 0]
    if there.size > 1 and np.ptp(there) <= 1e-12 * abs(there[0]) and block.linear:
        yield "the constant is left out", block.true / there[0]


def lengths(block: Block) -> Forms:
    """n and 1/n for every length n, their powers, and the number of all entries."""
    named = list(block.axes())
    named += [(f"the number of entries of {name}", a.size) for name, a in zip(block.names, block.x, strict=True)]
    for form, power in POWERS.items():
        for name, n in named:
            if s := power(np.float64(n)):
                yield form.format(name), s * block.true
    for a, n in block.axes():
        for b, m in block.axes():
            yield f"{a} by {b}", n / m * block.true
            yield f"{a} times {b}", n * m * block.true
            yield f"1/{a} by {b}", block.true / (n * m)


def fitted(block: Block) -> Forms:
    """The constant that fits best, said to three digits so that it is the same at every point."""
    if block.claimed is not None and block.true.any():
        c = float((block.claimed * block.true).sum() / (block.true**2).sum())
        yield f"{c:.6g}", c * block.true


def values(block: Block) -> Iterator[tuple[str, Real]]:
    """Each argument and y, broadcast along the axes of T that it fits, from the last ones on."""
    yield from beside(block)
    yield from broadcast(block, block.names[block.k], block.own)
    yield from broadcast(block, "y", block.y)


def beside(block: Block) -> Iterator[tuple[str, Real]]:
    """The same of the other arguments alone."""
    for k, (name, a) in enumerate(zip(block.names, block.x, strict=True)):
        if k != block.k:
            yield from broadcast(block, name, a)


def broadcast(block: Block, name: str, a: Real) -> Iterator[tuple[str, Real]]:
    """One array, along the axes of T that it fits."""
    dimensions = block.true.ndim
    for start in range(dimensions - a.ndim + 1 if a.ndim else 0):
        if all(m in (1, n) for m, n in zip(a.shape, block.true.shape[start:], strict=False)) and a.size > 1:
            shape = (1,) * start + a.shape + (1,) * (dimensions - start - a.ndim)
            yield f"{name} along axis {start - dimensions}", np.broadcast_to(a.reshape(shape), block.true.shape)
    if a.ndim == 0:
        yield name, np.broadcast_to(a, block.true.shape)


def unfactored(block: Block) -> Forms:
    """Of a linear map entry by entry, y = a x: without its factor, its sign or its size."""
    if block.step and block.identity is not None and block.entrywise and not block.mask and block.linear:
        yield "the factor is left out", block.identity
        yield "of the factor a minus is left", -block.identity
        yield "of the factor the sign is left", np.sign(block.true)
        yield "the sign of the factor is left out", np.abs(block.true)


def multiplied(block: Block) -> Forms:
    if block.linear and not block.mask:
        there = block.true != 0
        yield "the factor is left out where it is not 0", there * 1.0
        for name, a in beside(block):
            yield f"of all factors only {name} is left", there * a
    for name, a in values(block):
        for form, power in VALUES.items():
            yield form.format(name), block.true * power(a)
    for name, value in block.inside:
        for at, a in broadcast(block, name, value):
            yield at, block.true * a
            yield f"1/{at}", block.true / a


FACTORS = (
    Fault("sign", "C = -T", "the sign of this gradient: a minus too many or too few", 1.0, negated),
    Fault("constant factor", "C = s T", "the constant in front: the 2 of a square, the 1/2 of a half", 1.2, scaled),
    Fault("constant factor", "C = T by its constant", "the constant in front: a scale, a keep probability", 1.6,
          unscaled),
    Fault("constant factor", "C = s T, s another number",
          "the constant in front: the root of a length, a number of terms", 1.7, scaled_rarely),
    Fault("batch sum or mean", "C = s T, s a length or its inverse",
          "sums and means over that axis: each belongs exactly once, in the loss or in the gradient", 1.5, lengths),
    Fault("constant factor", "C = s T, any s", "the constants of the layer: a scale, a keep probability", 4.0, fitted),
    Fault("factor missing", "C = T without its factor", "the other factor of the product", 2.1, unfactored),
    Fault("factor missing", "C = T times or by an argument, entry by entry",
          "the factors of the local derivative: one is missing, is there twice, or is another one", 3.0, multiplied),
)
