"""Where in the chain of a known f do the claimed gradients part from the right ones? One local Jacobian is wrong.

A spec is an expression (anything with `tape(**arrays)`, a list of nodes with label, name, value, args and locals), or a
layer, which has a `spec(**symbols)` and its `symbols`. The faults of the table are applied to one local Jacobian after
the other, and the chain is multiplied out again: where that gives the claim, the fault is found with its place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from jacobian.errors import InputError
from jacobian.numeric.function import Real
from jacobian.verify.diagnose import Cause, Point
from jacobian.verify.faults import FAULTS, Block

AGREES = 1e-5           # of the largest entry: how closely the spec must have the derivative that f has
EXPLAINED = 1e-6        # of an entry: how closely a fault must give the claim
RIVAL = 1.0             # a fault that costs this much more than the simplest may be the cause as well


@dataclass(frozen=True, eq=False)
class Chain:
    """The tape of a spec at one point, ∂y/∂node for every node, and the places of f's inputs."""

    nodes: Sequence[Any]
    inputs: tuple[int, ...]
    reverse: tuple[Real, ...]
    paths: tuple[dict[int, Real], ...]      # ∂node/∂xₖ for every node that depends on xₖ

    def edges(self) -> Iterator[tuple[int, int]]:
        """The local Jacobians that y and an input meet in: node and position of the argument."""
        for place, node in enumerate(self.nodes):
            for k, arg in enumerate(node.args):
                if any(arg in path for path in self.paths):
                    yield place, k

    def block(self, place: int, k: int) -> Block:
        """One local Jacobian, as the rows of the table read it."""
        node = self.nodes[place]
        args = [self.nodes[a] for a in node.args]
        y = node.value
        shapes = [y.shape + a.value.shape for a in args]
        true = tuple(J.reshape(shape) for J, shape in zip(node.locals, shapes, strict=True))
        return Block(true[k], y, tuple(a.value for a in args), k, tuple(a.label for a in args), true)

    def changed(self, place: int, k: int, local: Real) -> tuple[Real, ...]:
        """∂y/∂xₖ for every input where one local Jacobian is another: T + ∂y/∂node (L′ − L) ∂arg/∂x; (m, n) each."""
        node = self.nodes[place]
        change = self.reverse[place] @ (local.reshape(node.locals[k].shape) - node.locals[k])
        return tuple(
            self.reverse[at] + (change @ path[node.args[k]] if node.args[k] in path else 0)
            for at, path in zip(self.inputs, self.paths, strict=True)
        )


def chain(spec: Any, point: Point, names: tuple[str, ...]) -> Chain:
    """The chain of a spec at a point. Raises InputError where the spec is none, or is another function than f."""
    expression = spec.spec(**spec.symbols) if hasattr(spec, "symbols") else spec
    if not hasattr(expression, "tape"):
        raise InputError(f"spec must be an expression, or a layer with a spec; it is {type(spec).__name__}")
    names = named(spec, expression, names)
    nodes = expression.tape(**dict(zip(names, point.function.split(point.function.x), strict=True)))
    places = {node.name: place for place, node in enumerate(nodes)}
    inputs = tuple(places[name] for name in names)
    reverse = [np.zeros((nodes[-1].value.size, node.value.size)) for node in nodes]
    reverse[-1] = np.eye(nodes[-1].value.size)
    for place in reversed(range(len(nodes))):
        for arg, local in zip(nodes[place].args, nodes[place].locals, strict=True):
            reverse[arg] = reverse[arg] + reverse[place] @ local
    true = np.hstack([reverse[at] for at in inputs])
    off, size = np.abs(true - point.found.value), np.abs(point.found.value).max(initial=0.0)
    if true.shape != point.found.value.shape or np.nanmax(off, initial=0.0) > AGREES * size + np.nanmax(point.allowed):
        raise InputError("spec is another function than f: their derivatives differ at x")
    return Chain(nodes, inputs, tuple(reverse), tuple(forward(nodes, at) for at in inputs))


def named(spec: Any, expression: Any, names: tuple[str, ...]) -> tuple[str, ...]:
    """The inputs of f by the names that the spec has for them: the same, or its own in their order."""
    own = tuple(spec.symbols) if hasattr(spec, "symbols") else expression.names
    if set(names) == set(own):
        return names
    if len(own) == len(names):
        return own
    raise InputError(f"spec has the symbols {', '.join(own)}, but f has the inputs {', '.join(names)}: name them alike")


def forward(nodes: Sequence[Any], at: int) -> dict[int, Real]:
    """∂node/∂x for every node that depends on x, the node at that place."""
    found = {at: np.eye(nodes[at].value.size)}
    for place, node in enumerate(nodes):
        terms = [local @ found[arg] for arg, local in zip(node.args, node.locals, strict=True) if arg in found]
        if terms:
            found[place] = np.sum(terms, axis=0)
    return found


def located(spec: Any, points: Sequence[Point], names: tuple[str, ...]) -> list[Cause]:
    """The faults at one step of the chain that give the claim at every point, the simplest first, with their steps."""
    chains, points = [chain(spec, points[0], names)], list(points)
    for point in points[1:]:
        try:
            chains.append(chain(spec, point, names))
        except InputError:      # a point at which the assumptions of the spec do not hold
            points.remove(point)
    found: dict[str, tuple[float, str, str, str]] = {}
    for edge in chains[0].edges():
        for fault in FAULTS:
            phrases: set[str] | None = None
            for each, point in zip(chains, points, strict=True):
                here = {phrase for phrase, form in fault.applied(each.block(*edge))
                        if (phrases is None or phrase in phrases) and gives(each.changed(*edge, form), point)}
                phrases = here
                if not here:
                    break
            if phrases and (fault.name not in found or fault.cost < found[fault.name][0]):
                node = chains[0].nodes[edge[0]]
                argument = chains[0].nodes[node.args[edge[1]]].label
                found[fault.name] = fault.cost, min(phrases), f"∂({node.label})/∂{argument}", fault.advice
    ranked = sorted(found.items(), key=lambda item: item[1][0])
    causes = []
    for place, (name, (cost, phrase, step, advice)) in enumerate(ranked):
        certain = place == 0 and all(other[0] > cost + RIVAL for _, other in ranked[1:])
        causes.append(Cause(name, f"{name}, in the step {step}: {phrase}", advice, (), certain))
    return causes


def gives(jacobians: tuple[Real, ...], point: Point) -> bool:
    """Whether these are the claimed Jacobians."""
    found = np.hstack(jacobians)
    off = np.abs(found - point.claimed)
    wrong = np.abs(point.claimed - point.found.value).max(initial=0.0)
    slack = point.allowed + EXPLAINED * np.maximum(np.abs(found), np.abs(point.claimed))
    return bool((off <= slack).all() and off.max(initial=0.0) <= max(1e-3 * wrong, point.allowed.max()))
