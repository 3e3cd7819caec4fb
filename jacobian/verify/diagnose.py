"""What went wrong? The rows of the table of faults that explain the numbers, the simplest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from jacobian.numeric.function import Function, Real
from jacobian.numeric.measure import Estimate
from jacobian.verify.faults import FAULTS, Block, Fault
from jacobian.verify.faults.calls import Defect

UNEXPLAINED = 4.0       # the cost of an input that needs another fault than the rest
INFORMED = 4            # wrong entries that it takes to be certain
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
        return Block(true[k], y, x, k, names, true, claimed[k], allowed[k], lambda: self.again(k))

    @property
    def wrong(self) -> int:
        """How many entries are wrong."""
        return int((np.abs(self.claimed - self.found.value) > self.allowed).sum())

    def again(self, k: int) -> Real | None:
        """∂y/∂xₖ at xₖ = y, by central differences, or None where y does not fit."""
        x = list(self.function.split(self.function.x))
        y = self.function.y.reshape(self.function.shape)
        if y.shape != x[k].shape:
            return None
        x[k] = y
        parts = [np.array(part) for part in x]
        columns, steps = [], 1e-5 * np.maximum(1e-3, np.abs(y))
        for at in np.ndindex(y.shape):
            pair = []
            for sign in (1, -1):
                moved = [part.copy() for part in parts]
                moved[k][at] += sign * steps[at]
                self.function.evaluations += 1
                pair.append(np.ravel(self.function.f(*moved)))
            columns.append((pair[0] - pair[1]) / (2 * steps[at]))
        return np.array(columns).T.reshape(y.shape + y.shape)


def wrong_inputs(points: Sequence[Point], names: tuple[str, ...]) -> tuple[int, ...]:
    """The inputs with a wrong entry at any of the points."""
    return tuple(k for k in range(len(names)) if any(point.block(k, names).wrong for point in points))


def diagnose(points: Sequence[Point], wrong: tuple[int, ...], names: tuple[str, ...]) -> list[Cause]:
    """The faults that explain what is claimed for the wrong inputs at every point, the shortest to say first.

    One fault for all wrong inputs is preferred to several.
    """
    found = {k: explained([point.block(k, names) for point in points]) for k in wrong}
    totals: dict[str, float] = {}
    for name in {name for rows in found.values() for name in rows}:
        totals[name] = sum(rows[name][0].cost if name in rows else UNEXPLAINED for rows in found.values())
    ranked = sorted(totals, key=lambda name: totals[name])
    informed = sum(point.wrong for point in points) >= INFORMED
    causes = []
    for place, name in enumerate(ranked):
        inputs = tuple(k for k in wrong if name in found[k])
        rivals = [other for other in ranked if other != name and totals[other] <= totals[name] + RIVAL * len(wrong)]
        certain = place == 0 and not rivals and len(inputs) == len(wrong) and informed
        causes.append(told(name, [found[k][name] for k in inputs], inputs, names, certain))
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


def told(
    name: str, rows: list[tuple[Fault, str]], inputs: tuple[int, ...], names: tuple[str, ...], certain: bool
) -> Cause:
    """The cause in one sentence."""
    which = " and ".join(names[k] for k in inputs)
    fault, phrase = rows[0]
    return Cause(name, f"{name}, in the gradient of {which}: {phrase} ({fault.formula})", fault.advice, inputs, certain)


def of_defect(found: Defect) -> Cause:
    """A failed property is seen, not inferred: it is certain."""
    return Cause(found.name, found.sentence, found.advice, found.inputs, True)
