"""Wrong formulas of the right shape, made from a right one by a row of the table of mistakes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from jacobian.symbolic.expr import Expr, walk
from jacobian.worksheet.answers.compare import close
from jacobian.worksheet.answers.expression import expression
from jacobian.worksheet.answers.mistakes import CORE, MISTAKES, Mistake
from jacobian.worksheet.answers.node import Node
from jacobian.worksheet.answers.question import Question
from jacobian.worksheet.answers.table import mutants, values_of
from jacobian.worksheet.kinds.common import question
from jacobian.worksheet.matter import Matter

SEVERAL = 3             # points, of several sizes, at which a wrong formula must differ
DULL = ("sign", "constant factor")      # mistakes that any formula admits: they come after those of this one
DIGITS = 1e-3           # by which it must differ at the numbers of the sheet


@dataclass(frozen=True)
class Wrong:
    """A wrong formula and the mistake that it was made by; `points` are its values where it was compared."""

    mistake: Mistake
    value: Expr
    points: list[Any]

    def differs(self, points: list[Any]) -> bool:
        """Whether it has other values at several of the points."""
        return sum(not close(a, b) for a, b in zip(self.points, points, strict=True)) >= SEVERAL


def wrongs(case: Matter, value: Expr, known: Iterable[Expr], rng: np.random.Generator) -> Iterator[Wrong]:
    """Wrong formulas for a right value, the likeliest mistakes first; each differs from 0 and from those before it."""
    known = list(known)
    asked = question(case, value, known)
    if asked is None:
        return
    quantities = walk(case.goal, value, *known)
    seen = [[factor * right.array for right in asked.rights] for factor in (1, 0)]
    for mistake, tree in _in_turn(asked, rng):
        made = _made(asked, mistake, tree, value, quantities)
        if made and all(map(made.differs, seen)) and _apart(case, made.value, value):
            seen.append(made.points)
            yield made


def _in_turn(asked: Question, rng: np.random.Generator) -> Iterator[tuple[Mistake, Node]]:
    """One mutation by each mistake, then a second one, …."""
    waiting: dict[str, list[tuple[Mistake, Node]]] = {}
    for mistake, tree, _ in mutants(asked.resolved, MISTAKES, asked.context(asked.resolved)):
        waiting.setdefault(mistake.name, []).append((mistake, tree))
    names = [name for name in waiting if name not in _without(asked)]
    order = sorted(rng.permutation(names), key=lambda name: (name in DULL, name not in CORE))
    queues = [[waiting[name][k] for k in rng.permutation(len(waiting[name]))] for name in order]
    for k in range(max(map(len, queues), default=0)):
        yield from (queue[k] for queue in queues if k < len(queue))


def _without(asked: Question) -> set[str]:
    """The mistakes that nobody makes here: there is nothing to count, or no derivative of an activation."""
    nodes = list(asked.resolved.walk())
    counts = any(node.data in asked.sizes or node.kind in ("ones", "sum", "mean") for node in nodes)
    slopes = any(node.kind == "slope" for node in nodes)
    return {name for name, there in (("batch sum or mean", counts), ("derivative twice", slopes)) if not there}


def _made(asked: Question, mistake: Mistake, tree: Node, value: Expr, quantities: list[Expr]) -> Wrong | None:
    """The mutation as an expression with the values of its tree, where it has the shape of the right one."""
    found = values_of(tree, asked.points)
    if not found or not all(a.kind == b.kind and a.array.shape == b.array.shape and np.isfinite(a.array).all()
                            for a, b in zip(found, asked.rights, strict=True)):
        return None
    made = expression(tree, (x for x in quantities if x.label))
    if made is None or made.axes != value.axes:
        return None
    points = [asked.value_at(point, made) for point in asked.points]
    agrees = all(point is not None and close(point, one.array) for point, one in zip(points, found, strict=True))
    return Wrong(mistake, made, points) if agrees else None


def _apart(case: Matter, wrong: Expr, right: Expr) -> bool:
    """Whether both differ visibly at the numbers of the sheet."""
    a, b = (np.asarray(case.numbers(x), dtype=complex) for x in (wrong, right))
    return bool(np.isfinite(a).all() and np.abs(a - b).max() >= DIGITS)
