"""A Jacobian as it is written in matrix notation, and the rewrites that make it short."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from jacobian.algebra import Jacobian, Row
from jacobian.symbolic.arrays import shaped
from jacobian.symbolic.expr import Expr
from jacobian.symbolic.leaves import SCALAR
from jacobian.symbolic.simplify import rewritten
from jacobian.symbolic.space import Abstract


@dataclass(frozen=True)
class Form:
    """One way to write a derivative, and the rewrite that led to it from the form before."""

    value: Expr
    reason: str | None = None


@lru_cache(maxsize=512)
def forms(J: Jacobian, goal: Expr, x: Expr) -> tuple[Form, ...]:
    """The forms of ∂goal/∂x = J, the shortest last.

    They are the gradient in the shape of x of a scalar goal, the shape of the goal where x is a scalar, else the
    explicit matrix, goal.size × x.size.
    """
    if isinstance(J, Row):
        return (Form(J.g),)
    whole = J.matrix(Abstract)
    whole = shaped(whole, goal.axes) if x.axes == SCALAR else whole
    return Form(whole), *(Form(shorter, row.name) for row, shorter in rewritten(whole))
