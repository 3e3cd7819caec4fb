"""What went wrong? The rows of the table of faults that explain the numbers, the simplest first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from jacobian.errors import InputError
from jacobian.numeric.function import Function, Real
from jacobian.numeric.measure import Estimate
from jacobian.verify.faults import FAULTS, SWAPPED, Block, Fault
from jacobian.verify.faults.calls import Defect
from jacobian.verify.slope import along, slope

UNEXPLAINED = 4.0       # the cost of an input that needs another fault than the rest
INFORMED = 4            # wrong entries that it takes to be certain
LIKELY = 3.0            # what costs more is a description of the numbers rather than their cause
RIVAL = 1.5             # a fault that costs this much more, or less, explains the numbers as well as the first
BESIDE = 1e-4           # of C v: another J v is beside it


@dataclass(frozen=True)
class Cause:
    """A fault that explains the claim.

    name       its name in the table
    sentence   what it does here
    advice     what to look at
    inputs     the wrong inputs by position
    certain    whether no other fault explains the numbers
    """

    name: str
    sentence: str
    advice: str
    inputs: tuple[int, ...] = ()
    certain: bool = False


@dataclass(frozen=True)
class Explanation:
    """A fault that gives the claimed numbers; whole: those of all wrong inputs."""

    name: str
    cost: float
    sentence: str
    advice: str
    inputs: tuple[int, ...] = ()
    whole: bool = True


@dataclass(frozen=True, eq=False)
class Point:
    """T and C at one x, both (m, n), and what errors of both allow."""

    function: Function
    found: Estimate
    claimed: Real
    allowed: Real

    def block(self, k: int, names: tuple[str, ...], elsewhere: bool = False) -> Block:
        """∂y/∂xₖ, right and claimed; elsewhere: also the right one at other values of the other inputs."""
        cut = self.function.blocks
        known = np.isfinite(self.found.value)
        true = cut(np.where(known, self.found.value, self.claimed))
        claimed, allowed = cut(self.claimed), cut(np.where(known, self.allowed, np.inf))
        y = self.function.y.reshape(self.function.shape)
        x = self.function.split(self.function.x)
        swaps = tuple(self.swaps(k, x, names)) if elsewhere else ()
        return Block(true[k], y, x, k, names, true, claimed[k], allowed[k], lambda z: self.moved(k, z), swaps=swaps)

    def swaps(self, k: int, x: tuple[Real, ...], names: tuple[str, ...]) -> Iterator[tuple[str, str, Any]]:
        """∂y/∂xₖ where another input has another value; along one line alone where that tells that it is not C."""
        shape, C = self.function.shape + x[k].shape, self.function.blocks(self.claimed)[k].reshape(-1, x[k].size)
        v = np.linspace(0.5, 1.0, x[k].size)

        def f(*z: Any) -> Any:
            self.function.evaluations += 1
            return self.function.f(*z)

        def at(j: int, other: Real) -> Real:
            given = (*x[:j], other, *x[j + 1:])
            try:
                line = along(f, given, k, v.reshape(x[k].shape))
                if np.abs(line - C @ v).max() > BESIDE * (np.abs(C) @ v).max():
                    return np.outer(line, v / (v @ v)).reshape(shape)
                return slope(f, given, k).reshape(shape)
            except (InputError, ValueError):        # at that value there is no y, or one of another shape
                return np.full(shape, np.nan)

        for j, own in enumerate(x):
            if j == k:
                continue
            yield "zero", f"{names[j]} = 0", partial(at, j, np.zeros_like(own))
            yield "part", f"1 in place of {names[j]}", partial(at, j, np.ones_like(own))
            if own.ndim > 1:
                yield "reversed", f"{names[j]} in reverse along its last axes", partial(at, j, np.flip(own, (-1, -2)))
                if own.shape[-1] == own.shape[-2]:
                    yield "transposed", f"{names[j]} transposed", partial(at, j, np.swapaxes(own, -1, -2))
            for other, name in zip(x, names, strict=True):
                if other is not own and other.shape == own.shape:
                    yield "another", f"{name} in place of {names[j]}", partial(at, j, other)

    @property
    def wrong(self) -> int:
        """How many entries are wrong."""
        return int((np.abs(self.claimed - self.found.value) > self.allowed).sum())

    def moved(self, k: int, z: Real) -> Any:
        """y where xₖ = z."""
        x = [np.array(part) for part in self.function.split(self.function.x)]
        x[k] = z.copy()
        self.function.evaluations += 1
        return self.function.f(*x)


def wrong_inputs(points: Sequence[Point], names: tuple[str, ...]) -> tuple[int, ...]:
    """The inputs with a wrong entry at any of the points."""
    return tuple(k for k in range(len(names)) if any(point.block(k, names).wrong for point in points))


def diagnose(points: Sequence[Point], wrong: tuple[int, ...], names: tuple[str, ...]) -> list[Explanation]:
    """The faults that explain what is claimed for the wrong inputs at every point.

    One fault for all wrong inputs is preferred to several: the cost is the mean over the inputs.
    """
    found = {k: explained([point.block(k, names) for point in points])
             or explained([point.block(k, names, True) for point in points], SWAPPED) for k in wrong}
    result = []
    for name in dict.fromkeys(name for rows in found.values() for name in rows):
        inputs = tuple(k for k in wrong if name in found[k])
        costs = [found[k][name][0].cost if k in inputs else UNEXPLAINED for k in wrong]
        fault, phrase = found[inputs[0]][name]
        which = " and ".join(names[k] for k in inputs)
        sentence = f"{name}, in the gradient of {which}: {phrase} ({fault.formula})"
        result.append(Explanation(name, sum(costs) / len(costs), sentence, fault.advice, inputs, inputs == wrong))
    return result


def ranked(explanations: Sequence[Explanation], informed: bool) -> list[Cause]:
    """The causes, the simplest first, each under its cheapest explanation."""
    found: dict[str, Explanation] = {}
    for each in sorted(explanations, key=lambda each: each.cost):
        found.setdefault(each.name, each)
    causes = []
    for place, each in enumerate(found.values()):
        alone = all(other.cost > each.cost + RIVAL for other in found.values() if other is not each)
        certain = place == 0 and alone and each.whole and informed and each.cost <= LIKELY
        causes.append(Cause(each.name, each.sentence, each.advice, each.inputs, certain))
    return causes


def explained(blocks: list[Block], faults: Sequence[Fault] = FAULTS) -> dict[str, tuple[Fault, str]]:
    """The cheapest row of each name that explains the blocks, with its phrase."""
    found: dict[str, tuple[Fault, str]] = {}
    blocks = [block for block in blocks if block.claimed is not None and np.isfinite(block.claimed).all()]
    for fault in sorted(faults, key=lambda fault: fault.cost):
        phrase = None if fault.name in found else fault.explains(blocks)
        if phrase:
            found[fault.name] = fault, phrase
    return found


def of_defect(found: Defect) -> Cause:
    """A failed property is seen, not inferred: it is certain."""
    return Cause(found.name, found.sentence, found.advice, found.inputs, True)
