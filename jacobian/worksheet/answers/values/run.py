"""A tree at a point, under a reading."""

from __future__ import annotations

import numpy as np

from jacobian.symbolic.elementwise import standing_in
from jacobian.worksheet.answers.node import Node
from jacobian.worksheet.answers.values.indices import INDEXED, Indices
from jacobian.worksheet.answers.values.operations import OPERATIONS
from jacobian.worksheet.answers.values.reading import Work
from jacobian.worksheet.answers.values.value import Value


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
            return self.kept(Indices(self, node).value())
        return self.kept(OPERATIONS[node.kind](self, node, *args))

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


def outside(root: Node) -> list[Node]:
    """The nodes that are not inside a sum over an index, the root first."""
    found, stack = [], [root]
    while stack:
        node = stack.pop()
        found.append(node)
        if node.kind != "sigma":
            stack.extend(reversed(node.args))
    return found
