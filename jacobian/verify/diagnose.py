"""What went wrong? The rows of the table of faults that explain the numbers, the simplest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from jacobian.numeric.function import Function, Real
from jacobian.numeric.measure import Estimate
from jacobian.verify.faults import FAULTS, Block, Fault
from jacobian.verify.faults.calls import Defect

UNEXPLAINED = 4.0       # the cost of an input that needs another fault than the rest
INFORMED = 4            # wrong entries that it takes to be certain
LIKELY = 3.0            # what costs more is a description of the numbers rather than their cause
RIVAL = 1.5             # a fault that costs this much more, or less, explains the numbers as well as the first


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

    def block(self, k: int, names: tuple[str, ...]) -> Block:
        """∂y/∂xₖ, right and claimed."""
        cut = self.function.blocks
        known = np.isfinite(self.found.value)
        true = cut(np.where(known, self.found.value, self.claimed))
        claimed, allowed = cut(self.claimed), cut(np.where(known, self.allowed, np.inf))
        y = self.function.y.reshape(self.function.shape)
        x = self.function.split(self.function.x)
        return Block(true[k], y, x, k, names, true, claimed[k], allowed[k], lambda z: self.moved(k, z))

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
    found = {k: explained([point.block(k, names) for point in points]) for k in wrong}
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


def explained(blocks: list[Block]) -> dict[str, tuple[Fault, str]]:
    """The cheapest row of each name that explains the blocks, with its phrase."""
    found: dict[str, tuple[Fault, str]] = {}
    blocks = [block for block in blocks if block.claimed is not None and np.isfinite(block.claimed).all()]
    for fault in sorted(FAULTS, key=lambda fault: fault.cost):
        phrase = None if fault.name in found else fault.explains(blocks)
        if phrase:
            found[fault.name] = fault, phrase
    return found


def of_defect(found: Defect) -> Cause:
    """A failed property is seen, not inferred: it is certain."""
    return Cause(found.name, found.sentence, found.advice, found.inputs, True)
