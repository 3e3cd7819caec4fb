"""Where in the chain do the claimed gradients part from the right ones? The derivative of one stretch is wrong.

The faults of the table are applied to one stretch of the chain after the other, and the chain is multiplied out again:
where that gives the claim at every point, the fault is found with its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from jacobian.errors import InputError
from jacobian.numeric.function import Real
from jacobian.verify.chain import Chain, Stretch, chain
from jacobian.verify.diagnose import Explanation, Point
from jacobian.verify.faults import FAULTS, Fault
from jacobian.verify.spec import specified
from jacobian.verify.trace import trace

EXPLAINED = 1e-6        # of an entry: how closely a fault must give the claim

Place = tuple[Chain, Stretch, Point]


def located(spec: Any, points: Sequence[Point], names: tuple[str, ...]) -> list[Explanation]:
    """The faults in one stretch of the chain that give the claim at every point, each with its stretch."""
    pairs = chains(spec, points, names)
    if not pairs:
        return []
    found: dict[str, Explanation] = {}
    for stretches in zip(*(each.stretches() for each, _ in pairs), strict=False):
        places = [(each, stretch, point) for (each, point), stretch in zip(pairs, stretches, strict=True)]
        if all(each.possible(stretch, point) for each, stretch, point in places):
            for one in explained(places):
                if one.name not in found or one.cost < found[one.name].cost:
                    found[one.name] = one
    return list(found.values())


def chains(spec: Any, points: Sequence[Point], names: tuple[str, ...]) -> list[tuple[Chain, Point]]:
    """The chain at every point where it can be had and is the same as at the first, from the spec or from f itself."""
    found: list[tuple[Chain, Point]] = []
    for point in points:
        try:
            if spec is not None:
                found.append((specified(spec, point, names), point))
            elif (nodes := trace(point.function, names)) is not None:
                found.append((chain(nodes, point, names), point))
        except InputError:
            if spec is not None and not found:      # elsewhere its assumptions may not hold
                raise
        if not found:
            return []
    return [(each, point) for each, point in found if each.form == found[0][0].form]


def explained(places: Sequence[Place]) -> list[Explanation]:
    """The rows of the table that give the claim by one stretch."""
    (first, stretch, _), *_ = places
    blocks = [each.block(stretch, point) for each, stretch, point in places]
    known = [block.errors for block in blocks if block.claimed is not None]
    node, argument = first.nodes[stretch.end], first.nodes[stretch.start]
    found = []
    for fault in FAULTS:
        if known and max(known) < fault.least:
            continue
        phrases = given_by(fault, places, blocks)
        if phrases:
            text = f"{fault.name}, in the step ∂({node.label})/∂{argument.label}: {phrases[0]}"
            found.append(Explanation(fault.name, fault.cost + stretch.cost, text, fault.advice))
    return found


def given_by(fault: Fault, places: Sequence[Place], blocks: Sequence[Any]) -> list[str]:
    """The phrases of the forms that give the claim at every point."""
    phrases: list[str] | None = None
    for (each, stretch, point), block in zip(places, blocks, strict=True):
        phrases = [phrase for phrase, form in fault.applied(block)
                   if (phrases is None or phrase in phrases) and gives(each.changed(stretch, form), point)]
        if not phrases:
            return []
    return phrases or []


def gives(found: Real, point: Point) -> bool:
    """Whether this is the claimed Jacobian."""
    off = np.abs(found - point.claimed)
    wrong = np.abs(point.claimed - point.found.value).max(initial=0.0)
    slack = point.allowed + EXPLAINED * np.maximum(np.abs(found), np.abs(point.claimed))
    return bool((off <= slack).all() and off.max(initial=0.0) <= max(1e-3 * wrong, point.allowed.max()))
