"""A function as a chain of steps: the derivatives before, along and behind every stretch of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np

from jacobian.errors import InputError
from jacobian.numeric.function import Real
from jacobian.verify.diagnose import Point
from jacobian.verify.faults import Block
from jacobian.verify.slope import slope

AGREES = 1e-5           # of the largest entry: how closely a chain must have the derivative that f has
EXPLAINED = 1e-6        # of an entry: how closely a fault must give the claim
LEVEL = 1e-9            # singular values below this share of the largest are 0
LONGEST = 12            # nodes that all ways lead through in a stretch
MOST = 200              # nodes of a chain beyond which they are not tried in the places of one another
STEP = 0.1              # what each further step of a stretch adds to the cost of a fault


@dataclass(frozen=True, eq=False)
class Stretch:
    """L = ∂v/∂u as (v.size, u.size), by the places of u and v, along all ways between them or by one argument of v.

    apply gives v for another u; args are the arguments of v, or u alone, which is the k-th; cost is more for a longer
    one; inside are the nodes between.
    """

    start: int
    end: int
    local: Real
    apply: Callable[[Any], Any]
    args: tuple[int, ...]
    k: int
    cost: float
    inside: tuple[int, ...] = ()

    @property
    def ends(self) -> tuple[int, ...]:
        """What it is known by."""
        return self.start, self.end, self.k, len(self.args)


class Chain:
    """Steps at one point: nodes have label, name, value, args, apply, site, line, and locals[k], ∂y/∂args[k] as (m, n).

    reverse[i] is ∂y/∂node, (m, nᵢ), and forward[i] is ∂node/∂x of all inputs side by side, (nᵢ, n); 0 where there is
    none. The shift of a softmax bears on nothing: a node whose ways to y cancel is taken for a constant.
    """

    def __init__(self, nodes: Sequence[Any], names: tuple[str, ...]) -> None:
        self.nodes, self.names = nodes, names
        places = {node.name: place for place, node in enumerate(nodes)}
        inputs = [places[name] for name in names]
        self.reverse = [np.zeros((nodes[-1].value.size, node.value.size)) for node in nodes]
        self.reverse[-1] += np.eye(nodes[-1].value.size)
        self.edges: list[list[tuple[int, int, Real]]] = [[] for _ in nodes]     # argument, its place, ∂node/∂argument
        sizes = [np.abs(R).max(initial=0.0) for R in self.reverse]
        for place in reversed(range(len(nodes))):
            here = self.reverse[place]
            if place in inputs or np.abs(here).max(initial=0.0) > LEVEL * sizes[place]:
                for k, (arg, local) in enumerate(zip(nodes[place].args, nodes[place].locals, strict=True)):
                    if not local.any():
                        continue
                    self.edges[place].append((arg, k, local))
                    self.reverse[arg] += here @ local
                    sizes[arg] += (np.abs(here) @ np.abs(local)).max(initial=0.0)
        ends = np.cumsum([0, *(nodes[at].value.size for at in inputs)])
        self.seeds = {at: (start, end) for at, start, end in zip(inputs, ends, ends[1:], strict=False)}
        self.forward = self.accumulated({}, np.eye(ends[-1]))
        self.tangent = np.random.default_rng(4).uniform(0.5, 1.0, (ends[-1], 1))
        self.inverses: dict[tuple[bool, int], tuple[Real, int]] = {}

    def accumulated(self, changes: Mapping[int, Sequence[tuple[int, Real]]], v: Real) -> list[Real]:
        """∂node/∂x v for every node, where it gets Δ ∂u/∂x besides: changes[node] holds pairs of u and Δ."""
        found = [np.zeros((node.value.size, v.shape[1])) for node in self.nodes]
        for at, (start, end) in self.seeds.items():
            found[at] += v[start:end]
        for place, edges in enumerate(self.edges):
            for arg, _, local in edges:
                found[place] += local @ found[arg]
            for arg, change in changes.get(place, ()):
                found[place] += change @ found[arg]
        return found

    @property
    def true(self) -> Real:
        """∂y/∂x, (m, n)."""
        return self.forward[-1]

    @cached_property
    def form(self) -> tuple[Any, ...]:
        """What two chains have in common that are one at different sizes."""
        return tuple(node.args for node in self.nodes)

    @cached_property
    def inner(self) -> list[bool]:
        """Which nodes depend on an input and bear on y."""
        return [bool(P.any() and R.any()) for P, R in zip(self.forward, self.reverse, strict=True)]

    @cached_property
    def stretches(self) -> list[Stretch]:
        """All that are tried."""
        return [*self.single, *self._longer()]

    @cached_property
    def single(self) -> list[Stretch]:
        """Every argument of a node."""
        return list(self._single())

    def _single(self) -> Iterator[Stretch]:
        for place, edges in enumerate(self.edges):
            for arg, k, local in edges:
                once = self.nodes[place].args.count(arg) == 1       # the two of a square are one
                if once and self.inner[place] and self.inner[arg]:
                    yield Stretch(arg, place, local, self.by_argument(place, k), self.nodes[place].args, k, 0.0)

    def _longer(self) -> Iterator[Stretch]:
        """Every u with each of the next v that all ways from u to y lead through."""
        for start in (place for place, inner in enumerate(self.inner) if inner):
            along, moved = self.along(start), self.moved(start)
            for between, end in enumerate(sorted(self.gates[start])[:LONGEST]):
                if between and [arg for arg in self.nodes[end].args if arg in moved] != [start]:
                    inside = tuple(sorted(place for place in moved if start < place < end))[:LONGEST]
                    cost, apply = STEP * between, self.by_replay(start, end)
                    yield Stretch(start, end, along[end], apply, (start,), 0, cost, inside)

    @cached_property
    def gates(self) -> list[set[int]]:
        """For every node those that all ways from it to y lead through, itself first."""
        found: list[set[int]] = [set() for _ in self.nodes]
        behind: list[list[int]] = [[] for _ in self.nodes]
        for place in reversed(range(len(self.nodes))):
            ways = [found[user] for user in behind[place]]
            found[place] = {place} | (set.intersection(*ways) if ways else set())
            for arg, _, _ in self.edges[place]:
                if self.inner[place]:
                    behind[arg].append(place)
        return found

    def moved(self, start: int) -> set[int]:
        """Every node that changes with u, conditions too."""
        found = {start}
        for place, node in enumerate(self.nodes):
            if not found.isdisjoint(node.args):
                found.add(place)
        return found

    def along(self, start: int) -> dict[int, Real]:
        """∂node/∂u for every node that depends on u."""
        found = {start: np.eye(self.nodes[start].value.size)}
        for place, edges in enumerate(self.edges):
            terms = [local @ found[arg] for arg, _, local in edges if arg in found]
            if terms and self.inner[place]:
                found[place] = np.sum(terms, axis=0)
        return found

    def key(self, stretch: Stretch, begin: Any = None) -> Any:
        """What the repetitions of a stretch have in common: the place in the code of its end, and of its begin."""
        last = self.nodes[stretch.end]
        return (begin, last.site, *stretch.ends[2:], stretch.cost > 0) if last.site else None

    def keys(self, stretch: Stretch) -> list[Any]:
        """Of a single step also the key without its begin: a loop begins at an input, and goes on from its steps."""
        first = self.nodes[stretch.start]
        keys = [self.key(stretch, first.site or first.name), *([] if stretch.cost else [self.key(stretch)])]
        return [key for key in keys if key]

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
        x = tuple(np.asarray(self.nodes[arg].value, float) for arg in stretch.args)
        y = self.nodes[stretch.end].value
        true = stretch.local.reshape(y.shape + x[stretch.k].shape)
        labels = tuple(self.nodes[arg].label for arg in stretch.args)
        claimed, allowed = (a if a is None else a.reshape(true.shape) for a in self.claimed(stretch, point))
        lengths = tuple((f"the length of axis {axis} of {self.nodes[at].label}", n)
                        for at in self.seeds for axis, n in enumerate(self.nodes[at].value.shape))
        inside = tuple((self.nodes[at].label, np.asarray(self.nodes[at].value, float)) for at in stretch.inside)
        swaps = () if stretch.cost else tuple(self.swaps(stretch, true.shape))
        return Block(true, y, x, stretch.k, labels, (), claimed, allowed, stretch.apply, lengths, True, inside, swaps)

    def swaps(self, stretch: Stretch, shape: tuple[int, ...]) -> Iterator[tuple[str, str, Callable[[], Real]]]:
        """The derivative of a node by its k-th argument, where another value of one shape stands for an argument."""
        node = self.nodes[stretch.end]
        given = tuple(self.nodes[arg].value for arg in node.args)

        def at(j: int, other: Real) -> Real:
            try:
                return slope(node.apply, (*given[:j], other, *given[j + 1:]), stretch.k).reshape(shape)
            except (InputError, ValueError):        # at that value there is no y, or one of another shape
                return np.full(shape, np.nan)

        for j, arg in enumerate(node.args):
            own, kept = self.nodes[arg], given[j]
            for place, other in enumerate(self.nodes if len(self.nodes) <= MOST else ()):
                alike = other.value.shape == kept.shape and kept.dtype.kind == other.value.dtype.kind == "f"
                if place != arg and alike and self.inner[place]:
                    kind = "part" if self.factor(place, own) else "another"
                    yield kind, f"{other.label} in place of {own.label}", partial(at, j, other.value)
            if j != stretch.k and kept.ndim > 1 and kept.dtype.kind == "f":
                if kept.shape[-1] == kept.shape[-2]:
                    yield "transposed", f"{own.label} transposed", partial(at, j, np.swapaxes(kept, -1, -2))
                yield "reversed", f"{own.label} in reverse along all axes", partial(at, j, np.flip(kept))

    def factor(self, place: int, node: Any) -> bool:
        """Whether the node is this one times or by something."""
        if place not in node.args or len(node.args) < 2:
            return False
        given = [self.nodes[arg].value for arg in node.args]
        doubled = [2 * value if arg == place else value for arg, value in zip(node.args, given, strict=True)]
        return np.array_equal(node.apply(*doubled), 2 * node.value)

    def claimed(self, stretch: Stretch, point: Point) -> tuple[Real | None, Real | None]:
        """L′ with R (L′ − L) P = C − T, and what errors allow of it, where it is determined; R behind, P before."""
        R, P, D = self.reverse[stretch.end], self.forward[stretch.start], point.claimed - point.found.value
        (left, rank_left), (right, rank_right) = self.inverse(True, stretch.end), self.inverse(False, stretch.start)
        if rank_left == R.shape[1] and rank_right == P.shape[0]:
            return stretch.local + left @ D @ right, np.abs(left) @ point.allowed @ np.abs(right)
        return None, None

    def possible(self, stretch: Stretch, point: Point) -> bool:
        """Whether some derivative of this stretch gives the claim: C − T = R Δ P for some Δ."""
        D = point.claimed - point.found.value
        R, P = self.reverse[stretch.end], self.forward[stretch.start]
        (left, _), (right, _) = self.inverse(True, stretch.end), self.inverse(False, stretch.start)
        rest = D - R @ (left @ D @ right) @ P
        return bool(np.abs(rest).max(initial=0.0) <= 1e-5 * np.abs(D).max(initial=0.0) + point.allowed.max(initial=0.0))

    def inverse(self, behind: bool, place: int) -> tuple[Real, int]:
        """The pseudo-inverse of ∂y/∂node or of ∂node/∂x, and the rank of that."""
        if (behind, place) not in self.inverses:
            self.inverses[behind, place] = inverse((self.reverse if behind else self.forward)[place])
        return self.inverses[behind, place]

    def gives(self, changes: Sequence[tuple[Stretch, Real]], point: Point) -> bool:
        """Whether ∂y/∂x is the claimed one where the derivatives of some stretches are others: first along one v."""
        return (self.agrees(changes, point, self.tangent)
                and self.agrees(changes, point, np.eye(len(self.tangent))))

    def agrees(self, changes: Sequence[tuple[Stretch, Real]], point: Point, v: Real) -> bool:
        """Whether C v is what these changes give."""
        found, true, claimed = self.changed(changes, v), self.true @ v, point.claimed @ v
        allowed, off, wrong = point.allowed @ v, np.abs(found - claimed), np.abs(claimed - true).max(initial=0.0)
        slack = allowed + EXPLAINED * np.maximum(np.abs(found), np.abs(claimed))
        if v.shape[1] == 1:             # of a sum the terms are rounded, which may be larger
            slack = slack + EXPLAINED * (np.abs(self.true) + np.abs(point.claimed)) @ v
            return bool((off <= slack).all())
        return bool((off <= slack).all() and off.max(initial=0.0) <= max(1e-3 * wrong, point.allowed.max()))

    def changed(self, changes: Sequence[tuple[Stretch, Real]], v: Real) -> Real:
        """∂y/∂x v where the derivatives of some stretches are others: for one, T v + R (L′ − L) P v."""
        if len(changes) == 1:
            ((stretch, local),) = changes
            change = (local.reshape(stretch.local.shape) - stretch.local) @ (self.forward[stretch.start] @ v)
            return self.true @ v + self.reverse[stretch.end] @ change
        found: dict[int, list[tuple[int, Real]]] = {}
        for stretch, local in changes:
            change = local.reshape(stretch.local.shape) - stretch.local
            found.setdefault(stretch.end, []).append((stretch.start, change))
        return self.accumulated(found, v)[-1]


def inverse(A: Real) -> tuple[Real, int]:
    """A⁺ and the rank of A."""
    U, s, V = np.linalg.svd(A, full_matrices=False)
    there = s > LEVEL * s.max(initial=0.0)
    return (V[there].T / s[there]) @ U[:, there].T, int(there.sum())


def chain(nodes: Sequence[Any], point: Point, names: tuple[str, ...]) -> Chain:
    """The chain of these nodes. Raises InputError where its derivative is not that of f."""
    found = Chain(nodes, names)
    if not all(np.isfinite(part).all() for part in (*found.forward, *found.reverse)):
        raise InputError("spec has no finite derivative at x")
    size = np.abs(point.found.value).max(initial=0.0)
    same = found.true.shape == point.found.value.shape
    off = np.abs(found.true - point.found.value) if same else np.full(1, np.inf)
    if not np.nanmax(off, initial=0.0) <= AGREES * size + np.nanmax(point.allowed):
        raise InputError("spec is another function than f: their derivatives differ at x")
    return found
