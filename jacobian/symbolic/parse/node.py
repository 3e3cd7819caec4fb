"""What was read: a list of nodes, each with its place in the text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from jacobian.errors import InputError
from jacobian.symbolic.parse.row import Row, Rule, ways
from jacobian.symbolic.parse.tokens import Source


@dataclass(eq=False)
class Node:
    """A part of the text, from start to end.

    A "call" has a row of the tables as its data, its operands, and the sizes written for axes of its result, by letter;
    a "name" or a "number" has its name or value; a "list" its members; "given" is the value that a statement gave to
    the name in its data, and "again" a later use of that node. `absent` are letters of axes that the result does not
    have, which MATLAB writes as 1: ones(n, 1) is a column. `depth` counts operations inside one another.
    """

    kind: str
    start: int
    end: int
    args: tuple[Node, ...] = ()
    data: Any = None
    sizes: dict[str, Node] = field(default_factory=dict)
    absent: frozenset[str] = frozenset()
    depth: int = 0

    @property
    def row(self) -> Row:
        row: Row = self.data
        return row

    @property
    def ways(self) -> tuple[Rule, ...]:
        """The rules of a call."""
        return ways(self.row, len(self.args), self.absent)

    @property
    def whole(self) -> Node:
        """The node itself, or the one that it uses again."""
        node: Node = self.data if self.kind == "again" else self
        return node


@dataclass(frozen=True)
class Program:
    """The nodes of a text, operands before users, and its result."""

    source: Source
    syntax: str
    nodes: list[Node]
    result: Node

    def text(self, node: Node) -> str:
        return self.source.part(node.start, node.end)

    def error(self, sentence: str, node: Node, kind: type[InputError] = InputError) -> InputError:
        return self.source.error(sentence, node.start, node.end, kind)


def ordered(roots: Iterable[Node]) -> list[Node]:
    """Every node below the roots once, operands before users."""
    order: dict[Node, None] = {}
    for root in roots:
        stack = [(root, False)]
        while stack:
            node, ready = stack.pop()
            if ready:
                order[node] = None
            elif node.kind != "again" and node not in order:
                stack.append((node, True))
                stack += [(arg, False) for arg in reversed(node.args)]
    return list(order)
