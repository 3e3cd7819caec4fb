"""What was read of an answer: a tree that leaves open what * and juxtaposition mean."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from jacobian.errors import InputError


@dataclass(frozen=True, eq=False)
class Node:
    """A part of the answer, from start to end.

    `kind` is an operation of `jacobian.worksheet.answers.operations`, or a leaf: "number" (data is its value), "name",
    "ones", "eye", "entry" (a name with indices), "same" (1 where two indices agree).
    """

    kind: str
    args: tuple[Node, ...] = ()
    data: Any = None
    start: int = 0
    end: int = 0

    def walk(self) -> Iterator[Node]:
        """Every node, the root first."""
        stack = [self]
        while stack:
            node = stack.pop()
            yield node
            stack.extend(reversed(node.args))

    @property
    def depth(self) -> int:
        """How many nodes stand above one another."""
        level, depth = [self], 0
        while level:
            level, depth = [arg for node in level for arg in node.args], depth + 1
        return depth

    def with_args(self, *args: Node) -> Node:
        return replace(self, args=args)

    def put(self, old: Node, new: Node) -> Node:
        """The tree with one of its nodes replaced."""
        if self is old:
            return new
        args = tuple(arg.put(old, new) for arg in self.args)
        return self if all(a is b for a, b in zip(args, self.args, strict=True)) else self.with_args(*args)


class Misread(InputError):
    """What of an answer was not understood, and where: a sentence, and the characters from start to end."""

    def __init__(self, sentence: str, start: int, end: int) -> None:
        super().__init__(sentence)
        self.sentence, self.start, self.end = sentence, start, end
