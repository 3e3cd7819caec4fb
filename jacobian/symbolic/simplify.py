"""Simplification: rewrites of the table, each where it makes the expression shorter, until none does."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from typing import Any
from weakref import WeakSet

from jacobian.symbolic.cost import cost
from jacobian.symbolic.expr import Expr, walk
from jacobian.symbolic.leaves import NAMED, expression
from jacobian.symbolic.operations import rebuild
from jacobian.symbolic.rewrites import REWRITES, Rewrite

_settled: WeakSet[Expr] = WeakSet()       # in which no rewrite applies


def simplify(x: Any) -> Expr:
    """The expression after the rewrites of the table, to a fixed point; what has a name is not looked into.

    Each rewrite makes the expression shorter, so that it ends.
    """
    x = expression(x)
    return reduce(lambda _, found: found[1], rewritten(x), x)


def rewritten(x: Expr) -> Iterator[tuple[Rewrite, Expr]]:
    """Each rewrite that was used, and the whole expression after it."""
    while (found := _once(x)) is not None:
        yield found
        x = found[1]


def _once(x: Expr) -> tuple[Rewrite, Expr] | None:
    for node in walk(x, until=lambda y: y in _settled or y.operation is NAMED):
        if node in _settled:
            continue
        for row in REWRITES.get(node.operation, ()):
            other = row.apply(node)
            if other is not None and cost(other) < cost(node):
                whole = rebuild(x, {node: other})
                if cost(whole) < cost(x):
                    return row, whole
        _settled.add(node)
    return None
