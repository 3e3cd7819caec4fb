"""A rewrite is an identity of matrices, for the operation at the top of what it rewrites: a row of a table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from jacobian.symbolic.cost import cost
from jacobian.symbolic.expr import Expr, Operation
from jacobian.symbolic.operations import SCALE, scale


@dataclass(frozen=True)
class Rewrite:
    """`formula`, for expressions of an operation; apply(x) is the other side, or None."""

    name: str
    formula: str
    operation: Operation
    apply: Callable[[Expr], Expr | None]


REWRITES: dict[Operation, list[Rewrite]] = {}


def rewrite(operation: Operation, name: str, formula: str) -> Callable[..., Any]:
    """Make the decorated function `apply` of a new row."""
    def put(apply: Callable[[Expr], Expr | None]) -> Callable[[Expr], Expr | None]:
        REWRITES.setdefault(operation, []).append(Rewrite(name, formula, operation, apply))
        return apply

    return put


OUT = "multiplied out"


def tidied(x: Expr) -> Expr:
    """A term after the rewrites of its own operation and, of a multiple, of what is multiplied."""
    if x.operation is SCALE:
        return scale(tidied(x.args[0]), tidied(x.args[1]))
    for row in REWRITES.get(x.operation, ()):
        other = row.apply(x) if row.name != OUT else None
        if other is not None and cost(other) < cost(x):
            return tidied(other)
    return x
