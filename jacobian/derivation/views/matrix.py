"""The result alone: in matrix notation, as a differential, as NumPy source, as plain text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from jacobian.derivation.differential import changes, spoken, word
from jacobian.derivation.layout import laid, said, turned
from jacobian.derivation.measure import slope
from jacobian.derivation.views.marks import marks
from jacobian.derivation.views.view import Array, Equation, Printed, View, definitions, dense, value
from jacobian.derivation.write import called
from jacobian.errors import InputError
from jacobian.printing.boxes import Box, Words
from jacobian.printing.names import label
from jacobian.printing.notation import boxes, derivative
from jacobian.printing.plain import plain as written
from jacobian.symbolic.evaluate import Binding
from jacobian.symbolic.expr import Expr
from jacobian.symbolic.leaves import name

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
    moved, right = changes(d.wrt), d.differential()

    def wanted(bind: Binding) -> Array:
        return slope({x: bind(dx) for x, dx in moved.items()}, bind)(d.goal)

    left = label(word(spoken(d.goal)))
    return View("differential", d, (*definitions(d), Equation(left, boxes(right), partial(value, right), wanted)),
                symbols=tuple(moved.values()))


@dataclass(frozen=True, repr=False)
class Written(Printed):
    """What is written as text alone and has no other notation."""

    name: str
    derivation: Derivation
    write: Callable[[Derivation], str]

    def text(self) -> str:
        """The text, after the check of the derivation."""
        return self.write(self.derivation.printable())

    def _repr_latex_(self) -> None:
        """In a notebook it is text."""

    def box(self) -> Box:
        """Raises InputError."""
        raise InputError(f"the view {self.name!r} is text: ask for text()")


def code(d: Derivation) -> Written:
    """def derivative(*, A, x, b): …"""
    return Written("code", d, lambda d: d.source())


def plain(d: Derivation) -> Written:
    """df_dx = A'*(A*x - b), which `jac.parse` reads again."""
    def write(d: Derivation) -> str:
        goal = spoken(d.goal).label
        return written(*(name(f"d{goal}_d{x.label}", d.value_by(x)) for x in d.wrt))

    return Written("plain", d, write)
