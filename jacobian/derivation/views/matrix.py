"""The result alone: in matrix notation, as a differential, as NumPy source."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial, reduce
from typing import TYPE_CHECKING

from jacobian.derivation.layout import laid, said, turned
from jacobian.derivation.views.marks import marks
from jacobian.derivation.views.view import Array, Equation, Printed, View, definitions, dense, value
from jacobian.derivation.write import called, spoken
from jacobian.errors import InputError
from jacobian.printing.boxes import Box, Words
from jacobian.printing.names import GREEK, label
from jacobian.printing.notation import boxes, derivative
from jacobian.symbolic.arrays import shaped
from jacobian.symbolic.evaluate import Binding
from jacobian.symbolic.expr import Expr, Variable, make
from jacobian.symbolic.leaves import SYMBOL
from jacobian.symbolic.operations import add
from jacobian.symbolic.simplify import simplify

if TYPE_CHECKING:
    from jacobian.derivation.derivation import Derivation


def matrix(d: Derivation, layout: str | None = None) -> View:
    """∂f/∂x = Aᵀ (A x − b)."""
    def equation(x: Expr) -> Equation:
        right = laid(d.value_by(x), d.goal, layout)
        return Equation(derivative(called(d.goal), x), boxes(right), partial(value, right), partial(wanted, x))

    def wanted(x: Expr, bind: Binding) -> Array:
        found = dense(d, x, bind).reshape(bind(d.value_by(x)).shape)
        return found.T if turned(d.goal, layout) else found

    words = (*marks(*map(d.value_by, d.wrt)), Words(said(layout, d.goal, *d.wrt)))
    return View("matrix", d, (*definitions(d), *map(equation, d.wrt)), words)


def differential(d: Derivation) -> View:
    """dY = A dX B."""
    changes = {x: make(SYMBOL, data=Variable(_change(x)), axes=x.axes) for x in d.wrt}
    terms = [shaped(simplify(d.jacobians[x].push(dx)), d.goal.axes) for x, dx in changes.items()]
    right = simplify(reduce(add, terms))

    def wanted(bind: Binding) -> Array:
        parts = (dense(d, x, bind) @ bind(dx).reshape(-1) for x, dx in changes.items())
        return sum(parts).reshape(bind(right).shape)

    left = label(_change(spoken(d.goal)))
    return View("differential", d, (*definitions(d), Equation(left, boxes(right), partial(value, right), wanted)),
                symbols=tuple(changes.values()))


def _change(x: Expr) -> str:
    """dX."""
    return f"d{GREEK.get(str(x.label), x.label)}"


@dataclass(frozen=True, repr=False)
class Code(Printed):
    """NumPy source, which has no notation but its own."""

    derivation: Derivation

    def text(self) -> str:
        """The function, after the check of the derivation."""
        return self.derivation.checked().source()

    def _repr_latex_(self) -> None:
        """In a notebook it is text."""

    def box(self) -> Box:
        """Raises InputError."""
        raise InputError("the view 'code' is text: ask for text(), or source()")


def code(d: Derivation) -> Code:
    """def derivative(*, A, x, b): …"""
    return Code(d)
