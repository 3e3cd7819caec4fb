"""Wrong answers beforehand: every mutation of the right one with its fingerprint and its mistake."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np

from jacobian.worksheet.answers.compare import alike, fingerprint, is_right
from jacobian.worksheet.answers.mistakes import CORE, MISTAKES, SMALL, Mistake
from jacobian.worksheet.answers.mutations import Context
from jacobian.worksheet.answers.node import Misread, Node
from jacobian.worksheet.answers.tape import Tape
from jacobian.worksheet.answers.values.reading import PAPER
from jacobian.worksheet.answers.values.run import Run
from jacobian.worksheet.answers.values.value import Real, TooMuch, Value

Point = Mapping[str, Value]
Mutant = tuple[Mistake, Node, Node]             # the mistake, the tree with it, the node that was changed
MUTANTS, PAIRS, EACH = 1500, 1400, 6            # of single ones, of pairs, of one mistake in a pair


def mutants(tree: Node, mistakes: Iterable[Mistake], context: Context) -> Iterator[Mutant]:
    nodes = list(tree.walk())
    for mistake in mistakes:
        for node in nodes[:1] if mistake.whole else nodes:
            for made in mistake.mutate(node, context):
                yield mistake, tree.put(node, made), node


def singles(tree: Node, context: Callable[[Node], Context]) -> Iterator[Mutant]:
    """One mistake."""
    return islice(mutants(tree, MISTAKES, context(tree)), MUTANTS)


def pairs(tree: Node, context: Callable[[Node], Context]) -> Iterator[Mutant]:
    """Two of the core mistakes together; one that is more than a sign or a number gives the name."""
    return islice(_pairs(tree, context), PAIRS)


def _pairs(tree: Node, context: Callable[[Node], Context]) -> Iterator[Mutant]:
    core = [mistake for mistake in MISTAKES if mistake.name in CORE]
    for first in core:
        for _, once, _ in islice(mutants(tree, [first], context(tree)), EACH):
            known = context(once)
            for second in core:
                if second.cost >= first.cost:
                    named = second if first.name in SMALL else first
                    both = replace(named, cost=first.cost + second.cost)
                    for _, twice, node in islice(mutants(once, [second], known), EACH):
                        yield both, twice, node


class Table:
    """Wrong answers by the shape and two projections of their value at a point, each with its mistake."""

    def __init__(self, found: Iterable[Mutant], points: Sequence[Point], rights: list[Value]) -> None:
        self.points, self.rights = points, rights
        rows: dict[Any, list[tuple[Mistake, Node, Real]]] = {}
        made = list(found)
        for (mistake, tree, _), value in zip(made, Tape(tree for _, tree, _ in made)(points[0]), strict=True):
            mark = value and fingerprint([value], rights[:1])
            if value and mark and not (is_right([value], rights[:1]) and is_right(values_of(tree, points), rights)):
                rows.setdefault(mark.shape, []).append((mistake, tree, mark.numbers))
        self.rows = {shape: (row, np.array([n for _, _, n in row])) for shape, row in rows.items()}

    def find(self, values: list[Value]) -> Mistake | None:
        """The simplest mistake that gives these values at two points."""
        rights = self.rights
        mark = fingerprint(values[:1], rights[:1])
        if mark is None or mark.shape not in self.rows:
            return None
        found, numbers = self.rows[mark.shape]
        hits = sorted((found[k] for k in np.flatnonzero(alike(numbers, mark.numbers))), key=lambda row: row[0].cost)
        for mistake, tree, _ in hits:
            others = values_of(tree, self.points[1:2])
            a, b = (v and fingerprint(v, rights[1:2]) for v in (others, values[1:2]))
            if (a and b and a.shape == b.shape and alike(a.numbers[None], b.numbers).all()) or not rights[1:2]:
                return mistake
        return None


def values_of(tree: Node, points: Iterable[Point]) -> list[Value]:
    """The values of a tree, none where it is more than an answer needs."""
    try:
        return [Run(point, PAPER)(tree) for point in points]
    except (TooMuch, Misread):
        return []
