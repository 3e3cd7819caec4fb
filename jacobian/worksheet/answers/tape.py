"""Trees that share parts, at many points: what each part is worked out from is found once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from jacobian.symbolic.elementwise import standing_in
from jacobian.worksheet.answers.node import Misread, Node
from jacobian.worksheet.answers.values.indices import INDEXED
from jacobian.worksheet.answers.values.reading import PAPER
from jacobian.worksheet.answers.values.run import Run
from jacobian.worksheet.answers.values.value import TooMuch, Value


class Tape:
    """tape(point) are the values of the trees as on paper, None where one is more than an answer needs."""

    def __init__(self, trees: Iterable[Node]) -> None:
        self.steps: list[tuple[Node, list[int] | None]] = []        # a part, and where its arguments stand before it
        self._places: dict[Node, int] = {}
        self.roots = [self._whole(tree) if _indexed(tree) else self._place(tree) for tree in trees]

    def _place(self, node: Node) -> int:
        if node not in self._places:
            self._add(node, [self._place(arg) for arg in node.args])
        return self._places[node]

    def _whole(self, tree: Node) -> int:
        """A tree with sums over indices, whose parts have no values of their own."""
        if tree not in self._places:
            self._add(tree, None)
        return self._places[tree]

    def _add(self, node: Node, args: list[int] | None) -> None:
        self._places[node] = len(self.steps)
        self.steps.append((node, args))

    def __call__(self, point: Mapping[str, Value]) -> list[Value | None]:
        found: list[Value | None] = []
        with np.errstate(all="ignore"), standing_in():
            for node, places in self.steps:
                args = None if places is None else [found[k] for k in places]
                found.append(_value(Run(point, PAPER), node, args))
        return [found[k] for k in self.roots]


def _value(run: Run, node: Node, args: list[Value | None] | None) -> Value | None:
    try:
        if args is None:
            return run(node)
        return None if None in args else run.node(node, args)  # type: ignore[arg-type]
    except (TooMuch, Misread):
        return None


def _indexed(tree: Node) -> bool:
    return any(node.kind in (*INDEXED, "sigma") for node in tree.walk())
