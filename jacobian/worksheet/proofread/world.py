"""What a page defines: named results, numbers, changes; and derivatives by differences of what is defined.

∂y/∂x is the complex step Im y(x + ih)/h of the definitions as they stand on the page, entry by entry.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Any, Literal

import numpy as np

from jacobian.worksheet.proofread.node import Node, Unread
from jacobian.worksheet.proofread.values import COLUMNS, SCALARS, STEP, Array, call, evaluate, runs

COPY = "copy"               # marks one of the places where a quantity stands


@dataclass
class World:
    """Definitions y = f(…) in their order, signals δ = ∂J/∂z, values of what is given, and changes of it."""

    defined: dict[str, Node] = field(default_factory=dict)
    signals: dict[str, Node] = field(default_factory=dict)
    values: dict[str, Array] = field(default_factory=dict)
    changes: dict[Node, Array] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    assumed: dict[str, str] = field(default_factory=dict)
    arrays: set[str] = field(default_factory=set)       # names of what is given as a matrix, of one entry, too
    columns: bool = False               # matrices are read column after column
    turned: bool = False                # a Jacobian has a row for each entry of the variable
    rows: bool = False                  # the derivative of a scalar is turned, by a vector a row
    apart: bool = False                 # each function by itself, the others held fixed
    known: dict[Node, Array] = field(default_factory=dict)
    copies: dict[str, Node] = field(default_factory=dict)       # what a path starts from, a name for each place of it

    def __call__(self, node: Node, over: Mapping[Node, Array] | None = None) -> Array:
        """The value of a formula. Raises Unread."""
        memo: dict[Node, Array] = {}

        def name(part: Node) -> Array:
            if part not in memo:
                memo[part] = self._named(part, over or {}, name)
            return memo[part]

        return evaluate(node, name, over or {})

    def _named(self, node: Node, over: Mapping[Node, Array], name: Any) -> Array:
        if node.kind == "∂":
            return self.slope(node.args[0], node.args[1])
        if node.kind == "path":
            raise Unread("the value of a path stands in its own line")
        if node.kind == "Δ":
            return self.change(node.args[0])
        for table in (self.defined, self.signals):
            if node.data in table:
                return evaluate(table[node.data], name, over)
        if node.data in self.values:
            return self.values[node.data]
        if node.data in self.sizes:
            return np.full((1, 1), float(self.sizes[node.data]))
        if node.data in self.copies:
            return evaluate(self.copies[node.data], name, over)
        raise Unread(f"{node.data} is not defined")

    def with_values(self, values: Mapping[str, Array]) -> World:
        return replace(self, values=dict(values), known={})

    def change(self, x: Node) -> Array:
        """Δx as it is given, vec Δx of Δ vec x, else that of a result: after minus before."""
        if is_vec(x):
            return call(x.data, [self.change(x.args[0])])
        if x in self.changes:
            return self.changes[x]
        if not self.changes or x.data not in self.defined:
            raise Unread(f"no change of {x.data} is given")
        return self.after(x) - self(x)

    def after(self, x: Node) -> Array:
        """A result after the changes."""
        return self(x, {y: self(y) + change for y, change in self.changes.items()})

    def slope(self, y: Node, x: Node, fixed: bool = False) -> Array:
        """∂y/∂x: of a scalar y in the shape of x, else a row for each entry of y; what y is not made of at once is
        `fixed`."""
        key = Node("∂" if not fixed else "∂ apart", (y, x))
        if key not in self.known:
            found = self._rows(y, x, fixed)
            if found.shape[0] == 1 and not self.arrayed(y):
                found = self._projected(x, found.reshape(self(x).shape, order=self._order))
                found = found.T if self.rows else found
            elif self.turned:
                found = found.T
            self.known[key] = found
        return self.known[key]

    def arrayed(self, node: Node) -> bool:
        """Whether it is a vector or a matrix, though it may have one entry."""
        if node.kind == "name":
            body = self.copies.get(node.data) or self.defined.get(node.data)
            return self.arrayed(body) if body else node.data in self.arrays
        if node.kind == "product":
            first = next(filter(self.arrayed, node.args), None)
            return first is not None and first.kind != "T"
        if node.kind in ("ones", "zeros", "eye", "grid", "mat"):
            return True
        return node.kind not in ("norm", "norm1") and any(map(self.arrayed, node.args)) and \
            not (node.kind == "call" and node.data in SCALARS)

    def _projected(self, x: Node, g: Array) -> Array:
        """The gradient by a matrix that keeps its structure."""
        words = self.assumed.get(str(x.data), "")
        if "symmetric" in words:
            return (g + g.T) / 2
        return np.tril(g) if "lower" in words else np.triu(g) if "upper" in words else \
            np.diag(np.diag(g)) if words == "diagonal" else g

    def _rows(self, y: Node, x: Node, fixed: bool) -> Array:
        held: dict[Node, Array] = {}
        inner = x.args[0] if is_vec(x) else x
        if fixed:
            body = self.defined.get((y.args[0] if is_vec(y) else y).data)
            near = set(body.names()) if body else set()
            held = {n: self(n).astype(complex) for n in (Node("name", (), word) for word in near) if n != inner}
        else:
            self._there(inner)
        at = self(inner).astype(complex)
        columns = []
        for k in range(at.size):
            moved = at.copy()
            moved[np.unravel_index(k, at.shape, self._order)] += 1j * STEP
            columns.append(self(y, {**held, inner: moved}).imag.reshape(-1, order=self._order) / STEP)
        return np.array(columns).T

    @property
    def _order(self) -> Literal["C", "F"]:
        return "F" if self.columns else "C"

    def _there(self, x: Node) -> None:
        """Raise Unread where x stands in no definition: a derivative by it would be 0 whatever is written."""
        for body in self.defined.values():
            for part in body.walk():
                if x in (part, *(runs(part, (x,)) if part.kind == "product" else ())):
                    return
        raise Unread(f"{_words(x)} does not stand in what is defined")

    def paths(self, y: Node, x: Node) -> list[Array]:
        """∂y/∂x by each place where x stands: together they are the derivative."""
        copies: dict[str, Node] = {}

        def copied(node: Node) -> Node:
            if node == x:
                word = f"{COPY} {len(copies) + 1}"
                copies[word] = x
                return Node("name", (), word)
            return replace(node, args=tuple(map(copied, node.args)))

        apart = {word: copied(body) for word, body in self.defined.items()}
        world = replace(self, defined=apart, known={}, copies=copies)
        return [world.slope(y, Node("name", (), word)) for word in copies]


def is_vec(node: Node) -> bool:
    return node.kind == "call" and node.data in ("vec", COLUMNS)


def sums(parts: list[Array]) -> Iterator[tuple[tuple[int, ...], Array]]:
    """Every sum of some of them, with which."""
    for size in range(1, len(parts) + 1):
        for chosen in combinations(range(len(parts)), size):
            yield chosen, sum(parts[k] for k in chosen)


def _words(x: Node) -> str:
    return str(x.data) if x.kind == "name" else f"what stands under ∂ ({x.kind})"
