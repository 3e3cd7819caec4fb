"""A function as a chain of steps: the derivatives before, along and behind every stretch of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from jacobian.errors import InputError
from jacobian.numeric.function import Function, Real
from jacobian.numeric.measure import measure
from jacobian.verify.diagnose import Point
from jacobian.verify.faults import Block

AGREES = 1e-5           # of the largest entry: how closely a chain must have the derivative that f has
LEVEL = 1e-9            # singular values below this share of the largest are 0
STEP = 0.1              # what each further step of a stretch adds to the cost of a fault


@dataclass(frozen=True, eq=False)
class Stretch:
    """L = ∂v/∂u as (v.size, u.size), by the places of u and v, along all ways between them or by one argument of v.

    apply gives v for another u; others are the arguments of v that stand beside u; cost is more for a longer one.
    """

    start: int
    end: int
    local: Real
    apply: Callable[[Any], Any]
    args: tuple[int, ...]
    k: int
    cost: float


class Chain:
    """Steps at one point: nodes have label, name, value, args, apply, and locals[k], ∂y/∂args[k] as (m, n).

    reverse[i] is ∂y/∂node, (m, nᵢ), and forward[i] is ∂node/∂x of all inputs side by side, (nᵢ, n); 0 where there is
    none.
    """

    def __init__(self, nodes: Sequence[Any], names: tuple[str, ...]) -> None:
        self.nodes = nodes
        places = {node.name: place for place, node in enumerate(nodes)}
        inputs = [places[name] for name in names]
        ends = np.cumsum([0, *(nodes[at].value.size for at in inputs)])
        self.forward = [np.zeros((node.value.size, ends[-1])) for node in nodes]
        for at, start, end in zip(inputs, ends, ends[1:], strict=False):
            self.forward[at][:, start:end] = np.eye(end - start)
        for here, node in zip(self.forward, nodes, strict=True):
            for arg, local in zip(node.args, node.locals, strict=True):
                here += local @ self.forward[arg]
        self.reverse = [np.zeros((nodes[-1].value.size, node.value.size)) for node in nodes]
        self.reverse[-1] += np.eye(nodes[-1].value.size)
        for here, node in zip(reversed(self.reverse), reversed(nodes), strict=True):
            for arg, local in zip(node.args, node.locals, strict=True):
                self.reverse[arg] += here @ local

    @property
    def true(self) -> Real:
        """∂y/∂x, (m, n)."""
        return self.forward[-1]

    @cached_property
    def form(self) -> tuple[Any, ...]:
        """What two chains have in common that are one at different sizes."""
        return tuple((node.args, node.label.partition("(")[0]) for node in self.nodes)

    @cached_property
    def inner(self) -> list[bool]:
        """Which nodes depend on an input and bear on y."""
        return [bool(P.any() and R.any()) for P, R in zip(self.forward, self.reverse, strict=True)]

    def stretches(self) -> Iterator[Stretch]:
        """Every argument of a node, and every u with each v that all ways from u to y lead through."""
        for place, node in enumerate(self.nodes):
            for k, arg in enumerate(node.args):
                if self.inner[place] and self.inner[arg]:
                    yield Stretch(arg, place, node.locals[k], self.by_argument(place, k), node.args, k, 0.0)
        for start in (place for place, inner in enumerate(self.inner) if inner):
            along = self.along(start)
            for end in self.gates[start]:
                direct = self.nodes[end].args.count(start)
                if end > start and (direct != 1 or sum(arg in along for arg in self.nodes[end].args) > 1):
                    between = sum(start < place <= end and end in self.gates[place] for place in along)
                    yield Stretch(start, end, along[end], self.by_replay(start, end), (start,), 0, STEP * between)

    @cached_property
    def gates(self) -> list[set[int]]:
        """For every node those that all ways from it to y lead through, itself first."""
        found: list[set[int]] = [set() for _ in self.nodes]
        behind: list[list[int]] = [[] for _ in self.nodes]
        for place in reversed(range(len(self.nodes))):
            ways = [found[user] for user in behind[place]]
            found[place] = {place} | (set.intersection(*ways) if ways else set())
            for arg in self.nodes[place].args:
                if self.inner[place]:
                    behind[arg].append(place)
        return found

    def along(self, start: int) -> dict[int, Real]:
        """∂node/∂u for every node that depends on u."""
        found = {start: np.eye(self.nodes[start].value.size)}
        for place, node in enumerate(self.nodes):
            terms = [L @ found[arg] for arg, L in zip(node.args, node.locals, strict=True) if arg in found]
            if terms:
                found[place] = np.sum(terms, axis=0)
        return found

    def by_argument(self, place: int, k: int) -> Callable[[Any], Any]:
        """v for another value of one of its arguments."""
        node = self.nodes[place]
        given = [self.nodes[arg].value for arg in node.args]
        return lambda z: node.apply(*given[:k], z, *given[k + 1:])

    def by_replay(self, start: int, end: int) -> Callable[[Any], Any]:
        """v for another u: the steps between them once more."""
        def apply(z: Any) -> Any:
            values = {start: z}
            for place in range(start + 1, end + 1):
                node = self.nodes[place]
                if any(arg in values for arg in node.args):
                    values[place] = node.apply(*(values.get(arg, self.nodes[arg].value) for arg in node.args))
            return values[end]
        return apply

    def block(self, stretch: Stretch, point: Point) -> Block:
        """One stretch, as the rows of the table read it; C is the derivative that would give the claim."""
        x = tuple(self.nodes[arg].value for arg in stretch.args)
        y = self.nodes[stretch.end].value
        locals_ = self.nodes[stretch.end].locals if len(x) > 1 else (stretch.local,)
        others = tuple(L.reshape(y.shape + a.shape) for L, a in zip(locals_, x, strict=True))
        true = stretch.local.reshape(y.shape + x[stretch.k].shape)

        def at(z: Real) -> Real | None:
            return slope(stretch.apply, z, true.shape)

        labels = tuple(self.nodes[arg].label for arg in stretch.args)
        claimed, allowed = self.claimed(stretch, point)
        if claimed is None or allowed is None:
            return Block(true, y, x, stretch.k, labels, others, at=at)
        return Block(true, y, x, stretch.k, labels, others, claimed.reshape(true.shape), allowed.reshape(true.shape), at)

    def claimed(self, stretch: Stretch, point: Point) -> tuple[Real | None, Real | None]:
        """L′ with R (L′ − L) P = C − T, and what errors allow of it, where it is determined; R behind, P before."""
        R, P, D = self.reverse[stretch.end], self.forward[stretch.start], point.claimed - point.found.value
        (left, rank_left), (right, rank_right) = inverse(R), inverse(P)
        if rank_left == R.shape[1] and rank_right == P.shape[0]:
            return stretch.local + left @ D @ right, np.abs(left) @ point.allowed @ np.abs(right)
        return None, None

    def possible(self, stretch: Stretch, point: Point) -> bool:
        """Whether some derivative of this stretch gives the claim: C − T = R Δ P for some Δ."""
        D = point.claimed - point.found.value
        R, P = self.reverse[stretch.end], self.forward[stretch.start]
        rest = D - R @ inverse(R)[0] @ D @ inverse(P)[0] @ P
        return bool(np.abs(rest).max(initial=0.0) <= 1e-5 * np.abs(D).max(initial=0.0) + point.allowed.max(initial=0.0))

    def changed(self, stretch: Stretch, local: Real) -> Real:
        """∂y/∂x where one derivative is another: T + R (L′ − L) P; (m, n)."""
        change = local.reshape(stretch.local.shape) - stretch.local
        return self.true + self.reverse[stretch.end] @ change @ self.forward[stretch.start]


def slope(apply: Callable[[Any], Any], z: Real, shape: tuple[int, ...]) -> Real | None:
    """∂apply/∂z at z in that shape, or None where there is none."""
    try:
        found = measure(Function(apply, z)).value
    except InputError:
        return None
    return found.reshape(shape) if found.size == np.prod(shape) and np.isfinite(found).all() else None


def inverse(A: Real) -> tuple[Real, int]:
    """A⁺ and the rank of A."""
    U, s, V = np.linalg.svd(A, full_matrices=False)
    there = s > LEVEL * s.max(initial=0.0)
    return (V[there].T / s[there]) @ U[:, there].T, int(there.sum())


def chain(nodes: Sequence[Any], point: Point, names: tuple[str, ...]) -> Chain:
    """The chain of these nodes. Raises InputError where its derivative is not that of f."""
    found = Chain(nodes, names)
    size = np.abs(point.found.value).max(initial=0.0)
    same = found.true.shape == point.found.value.shape
    off = np.abs(found.true - point.found.value) if same else np.full(1, np.inf)
    if not np.nanmax(off, initial=0.0) <= AGREES * size + np.nanmax(point.allowed):
        raise InputError("spec is another function than f: their derivatives differ at x")
    return found
