"""The derivative of an activation: forgotten, taken at its value, replaced by the value, or there twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from jacobian.numeric.function import Real
from jacobian.verify.faults.factors import beside
from jacobian.verify.faults.fault import Block, Fault, Forms


@dataclass(frozen=True)
class Activation:
    """f′ in terms of a = f(z), and as a function of z."""

    name: str
    of_value: Callable[[Real], Real]
    slope: Callable[[Real], Real]


def sigmoid(z: Real) -> Real:
    return 0.5 * (1 + np.tanh(0.5 * z))


ACTIVATIONS = (
    Activation("tanh", lambda a: 1 - a**2, lambda z: 1 - np.tanh(z) ** 2),
    Activation("the sigmoid", lambda a: a * (1 - a), lambda z: sigmoid(z) * (1 - sigmoid(z))),
    Activation("softplus", lambda a: 1 - np.exp(-a), sigmoid),
    Activation("exp", lambda a: a, np.exp),
)


def outer(block: Block) -> Iterator[tuple[str, Real, Callable[[Real], Real]]]:
    """The activations that may have made y: name, f′(z), and f′ as a function; T of an entrywise map is a multiple.

    A step is one only where it is entrywise.
    """
    if block.step and not block.entrywise:
        return
    for f in ACTIVATIONS:
        s = f.of_value(block.y)
        if block.y.ndim and (s > 0).all():
            ratio = np.diag(block.matrix) / s.ravel() if block.entrywise else np.ones(1)
            if np.allclose(ratio, ratio[0], rtol=1e-6):
                yield f.name, s, f.slope


def missing(block: Block) -> Forms:
    """T without f′: of an entrywise map the identity, else T by f′(z) row by row."""
    if block.linear and not block.mask:
        return
    if block.identity is not None and block.entrywise:
        yield "the local derivative is left out", block.identity
    for name, s, _ in outer(block):
        yield f"the derivative of {name} is left out", block.true / block.spread(s)
    there = block.true != 0
    yield "of all factors nothing is left", there * 1.0
    for name, a in beside(block):
        yield f"of all factors only {name} is left", there * a


def at_value(block: Block) -> Forms:
    """f′(a) for f′(z)."""
    if block.again is not None:
        yield "the derivative is taken at the value of the activation", block.again
    for name, s, slope in outer(block):
        yield f"the derivative of {name} is taken at its value", block.true * block.spread(slope(block.y) / s)


def replaced(block: Block) -> Forms:
    """a for f′(z), or a part of f′(z); of a linear step there is no activation."""
    if block.step and block.linear:
        return
    parts: dict[str, Callable[[Real], Real]] = {
        "the activation": lambda a: a, "1 - a": lambda a: 1 - a, "1 + a": lambda a: 1 + a, "a squared": lambda a: a**2,
        "a (1 - a)": lambda a: a * (1 - a), "1 - a squared": lambda a: 1 - a**2, "the input": lambda a: block.own,
    }
    for phrase, part in parts.items():
        if block.entrywise and block.identity is not None:
            yield f"{phrase} in place of its derivative", block.identity * block.spread(part(block.y))
        if phrase == "the activation" and (block.flat or not block.step):
            yield "the activation as a factor, where its derivative is 0 or 1", block.true * block.spread(block.y)
        if phrase != "the input":
            for name, s, _ in outer(block):
                yield f"{phrase} in place of the derivative of {name}", block.true * block.spread(part(block.y) / s)


def another(block: Block) -> Forms:
    """Another value of the chain, of the same shape, where the derivative needs an argument: z for a, x for z."""
    yield from swapped(block, "another")


def swapped(block: Block, kind: str) -> Forms:
    """The forms of one kind with another value in place of an argument."""
    for found, phrase, form in block.swaps:
        if found == kind:
            yield phrase, form()


def of_zero(block: Block) -> Forms:
    yield from swapped(block, "zero")


def of_part(block: Block) -> Forms:
    yield from swapped(block, "part")


def of_transpose(block: Block) -> Forms:
    yield from swapped(block, "transposed")


def of_flip(block: Block) -> Forms:
    yield from swapped(block, "reversed")


def unmasked(block: Block) -> Forms:
    """C = T where y has a derivative, and something where all derivatives of y are 0, as beyond the kink of a relu."""
    if block.claimed is not None:
        dead = ~block.matrix.any(axis=1)
        off = block.off.reshape(block.matrix.shape)
        if dead.any() and not off[~dead].any():
            yield "the derivative 0 of a relu or a clip is left out", block.claimed


def twice(block: Block) -> Forms:
    if block.entrywise and not (block.step and block.linear):
        yield "the local derivative is there twice", block.true**2
    for name, s, _ in outer(block):
        yield f"the derivative of {name} is there twice", block.true * block.spread(s)


SWAPPED = (
    Fault("another quantity", "C = T at another value of an argument",
          "which values are kept for the backward pass: before or after the activation, of this layer or another", 2.8,
          another),
    Fault("path dropped", "C = T at another argument 0", "the terms with that argument", 2.9, of_zero),
    Fault("factor missing", "C = T without a factor of an argument",
          "which values are kept for the backward pass: with all their factors", 2.7, of_part),
    Fault("transpose", "C = T with an argument transposed", "transposes of the other factor of the product", 2.05,
          of_transpose),
    Fault("off by one", "C = T with an argument in reverse", "flips, and the direction of loops", 2.3, of_flip),
)
LOCAL = (
    Fault("derivative missing", "C = T without f'(z)", "the factor f' of the activation, before the product", 2.0,
          missing),
    Fault("derivative missing", "C = T but where T is 0", "the mask f' of the activation", 3.9, unmasked, 2),
    Fault("derivative at a", "C has f'(a) for f'(z)",
          "the argument of f': what goes into the activation, not what comes out", 2.2, at_value),
    Fault("activation for its derivative", "C has f(z), or a part of f'(z), for f'(z)",
          "the factor f': it is written as the activation or as a part of the derivative", 2.4, replaced),
    Fault("derivative twice", "C has f'(z) squared", "where f' enters: once per activation", 2.6, twice),
    *SWAPPED,
)
