"""A tree at a point, under a reading."""

from __future__ import annotations

from functools import reduce

import numpy as np

from jacobian.symbolic.elementwise import standing_in
from jacobian.worksheet.answers.node import Misread, Node
from jacobian.worksheet.answers.values.arithmetic import add
from jacobian.worksheet.answers.values.indices import INDEXED, Indices
from jacobian.worksheet.answers.values.operations import OPERATIONS
from jacobian.worksheet.answers.values.reading import Work
from jacobian.worksheet.answers.values.value import Value, column, scalar


class Run(Work):
    """Evaluates trees: run(tree) is the value, run.misfits what did not fit on the way."""

    def __call__(self, root: Node) -> Value:
        return self.all(root)[root]

    def all(self, root: Node) -> dict[Node, Value]:
        """The value of every node, a sum over an index and what stands in it taken as one."""
        nodes = outside(root)
        found: dict[Node, Value] = {}
        with np.errstate(all="ignore"), standing_in():
            if any(node.kind in INDEXED for node in nodes):
                inner = root.args[0] if root.kind == "turn" else root
                value = Indices(self, inner).value()
                return {root: value if inner is root else value.T}
            for node in reversed(nodes):
                found[node] = self.node(node, [found[arg] for arg in node.args if node.kind != "sigma"])
        return found

    def node(self, node: Node, args: list[Value]) -> Value:
        """The value of one node."""
        if node.kind == "name":
            return self.values[node.data]
        if node.kind == "sigma":
            return self.kept(self.by_samples(node) if self._rows(node) else Indices(self, node).value())
        return self.kept(OPERATIONS[node.kind](self, node, *args))

    def _rows(self, node: Node) -> bool:
        """Whether rows of matrices stand in a sum, x_i for the sample i of X."""
        return any(n.kind == "entry" and len(n.data) == 1 and n.args[0].kind == "name"
                   and self.values[n.args[0].data].kind == (True, True) for n in node.args[0].walk())

    def by_samples(self, node: Node) -> Value:
        """Σᵢ f(xᵢ, tᵢ), xᵢ the sample i of X as a column, tᵢ an entry of t: the sum of the values, each with its i."""
        nodes = list(node.args[0].walk())
        for n in nodes:
            own = n.kind == "entry" and n.data == node.data and n.args[0].kind == "name"
            if n.kind in (*INDEXED, "sigma") and not own:
                raise Misread(f"beside rows only the index {node.data} of their sum is read", n.start, n.end)
        arrays = {n: self.values[n.args[0].data] for n in nodes if n.kind == "entry"}
        lengths = [[m for m, there in zip(x.array.shape, x.kind, strict=True) if there] for x in arrays.values()]
        common = [m for m in lengths[0] if all(m in other for other in lengths)]
        if not common:
            raise Misread(f"the quantities with the index {node.data} have no size in common", node.start, node.end)
        values = [self._sample(nodes, {n: sample(x, common[0], i) for n, x in arrays.items()})
                  for i in range(common[0])]
        return reduce(lambda a, b: add(self, node, a, b), values)

    def _sample(self, nodes: list[Node], found: dict[Node, Value]) -> Value:
        for n in reversed(nodes):
            if n not in found:
                found[n] = self.node(n, [found[arg] for arg in n.args])
        return found[nodes[0]]

    def shared(self, root: Node) -> tuple[Value, bool]:
        """The value of a tree and whether its sizes fit; of the parts that other trees have, too, it is in `memo`."""
        if any(node.kind in (*INDEXED, "sigma") for node in root.walk()):
            return self(root), not self.misfits
        with np.errstate(all="ignore"), standing_in():
            return self._remembered(root)

    def _remembered(self, node: Node) -> tuple[Value, bool]:
        if node not in self.memo:
            args = [self._remembered(arg) for arg in node.args]
            before = len(self.misfits)
            value = self.node(node, [value for value, _ in args])
            self.memo[node] = value, len(self.misfits) == before and all(fits for _, fits in args)
        return self.memo[node]


def sample(x: Value, samples: int, i: int) -> Value:
    """The entry i of a vector, the row i of a matrix with so many rows, its column i otherwise."""
    if x.vector:
        return scalar(x.array.flat[i])
    return column(x.array[i] if x.array.shape[0] == samples else x.array[:, i])


def outside(root: Node) -> list[Node]:
    """The nodes that are not inside a sum over an index, the root first."""
    found, stack = [], [root]
    while stack:
        node = stack.pop()
        found.append(node)
        if node.kind != "sigma":
            stack.extend(reversed(node.args))
    return found
