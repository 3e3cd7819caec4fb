"""A formula as it was read from a page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from jacobian.errors import InputError


class Unread(InputError):
    """What cannot be read or computed, as a sentence."""


@dataclass(frozen=True)
class Node:
    """An operation with its operands; of a leaf `data` is the number or the name. Equal formulas are equal."""

    kind: str
    args: tuple[Node, ...] = ()
    data: Any = None

    def walk(self) -> Iterator[Node]:
        """Every node, the root first."""
        yield self
        for arg in self.args:
            yield from arg.walk()

    def names(self) -> Iterator[str]:
        """The quantities in it, as often as they stand there."""
        return (node.data for node in self.walk() if node.kind == "name")
