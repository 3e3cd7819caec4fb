"""Numerator or denominator layout: how a derivative lies, chosen when it is printed."""

from __future__ import annotations

from jacobian.errors import InputError
from jacobian.symbolic.expr import Expr
from jacobian.symbolic.leaves import SCALAR
from jacobian.symbolic.operations import transpose

# What each layout says of itself, and whether it transposes a gradient in the shape of x, and a Jacobian.
LAYOUTS: dict[str | None, tuple[str, bool, bool]] = {
    None: ("A row for each entry of the function, a column for each of the variable.", False, False),
    "numerator": ("Numerator layout: a row for each entry of the function, a column for each of the variable.",
                  True, False),
    "denominator": ("Denominator layout: a row for each entry of the variable, a column for each of the function.",
                    False, True),
}


def said(layout: str | None, goal: Expr, *wrt: Expr) -> str:
    """How the derivative of the goal lies, in a sentence. Raises InputError for a layout that is not known."""
    sentence = _row(layout)[0]
    if layout is None and goal.axes == SCALAR:
        return "A gradient has the shape of its variable."
    if layout is None and all(x.axes == SCALAR for x in wrt):
        return "A derivative by a scalar has the shape of the function."
    matrices = goal.axes != SCALAR and any(None not in x.axes for x in (goal, *wrt))
    return sentence + " Matrices are taken row after row." * matrices


def turned(goal: Expr, layout: str | None) -> bool:
    """Whether the derivative of the goal is transposed, which has the shape of its variable if the goal is a scalar."""
    _, gradients, jacobians = _row(layout)
    return gradients if goal.axes == SCALAR else jacobians


def laid(value: Expr, goal: Expr, layout: str | None) -> Expr:
    """The derivative of the goal as it lies in the layout."""
    return transpose(value) if turned(goal, layout) else value


def _row(layout: str | None) -> tuple[str, bool, bool]:
    if layout not in LAYOUTS:
        raise InputError(f"the layout {layout!r} is not known: choose {' or '.join(map(repr, filter(None, LAYOUTS)))}, "
                         "or none for gradients in the shape of the variable and Jacobians in numerator layout")
    return LAYOUTS[layout]
