"""A view: equations that are printed only where their numbers are those of the structured Jacobian."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from jacobian.derivation.check import CheckFailed, close, draw
from jacobian.derivation.write import EQUALS, called, program
from jacobian.printing.boxes import Box, Lines, Row
from jacobian.printing.latex import latex
from jacobian.printing.mathml import mathml
from jacobian.printing.notation import boxes, derivative, equation
from jacobian.printing.text import text
from jacobian.printing.typst import typst
from jacobian.symbolic import sample
from jacobian.symbolic.elementwise import standing_in
from jacobian.symbolic.evaluate import Binding
from jacobian.symbolic.expr import Expr

if TYPE_CHECKING:
    from jacobian.derivation.derivation import Derivation

SMALLEST = (2, 1, 3)        # size in each draw
Array = Any
Numbers = Callable[[Binding], Array]


class Printed:
    """What is printed in each notation, from boxes; nothing is before its check."""

    def box(self) -> Box:
        """The whole as boxes. Raises CheckFailed where it does not hold."""
        raise NotImplementedError

    def text(self) -> str:
        """In Unicode."""
        return text(self.box())

    def latex(self) -> str:
        """As an aligned display for amsmath."""
        return latex(self.box())

    def mathml(self) -> str:
        """As a <math> element."""
        return mathml(self.box())

    def typst(self) -> str:
        """As an aligned display, to stand between dollar signs."""
        return typst(self.box())

    def __str__(self) -> str:
        return self.text()


@dataclass(frozen=True)
class Equation:
    """left = right, in boxes; `numbers` works out the right side, `wanted` is what it ought to be."""

    left: Box
    right: Box
    numbers: Numbers
    wanted: Numbers


@dataclass(frozen=True)
class View(Printed):
    """Equations and sentences on how to read them; printing raises CheckFailed where a right side is not right.

    They are worked out at `sizes`, or at several; `symbols` stand in them beside those of the derivation.
    """

    name: str
    derivation: Derivation
    equations: tuple[Equation, ...]
    said: tuple[Box, ...] = ()
    symbols: tuple[Expr, ...] = ()
    sizes: Mapping[str, int] = field(default_factory=dict)

    def failures(self, seed: int = 0) -> Iterator[str]:
        """The equations that do not hold."""
        with standing_in():
            for bind in self._points(seed):
                for equation in self.equations:
                    if not close(equation.numbers(bind), equation.wanted(bind)):
                        yield f"{text(equation.left)} = {text(equation.right)} does not hold at {bind.sizes}"

    def _points(self, seed: int) -> Iterator[Binding]:
        d = self.derivation
        for k, smallest in enumerate(SMALLEST):
            rng = np.random.default_rng([seed, k])
            if self.sizes:
                yield Binding(sample.instance(rng, d.goal, self.sizes, *d.wrt, *self.symbols), self.sizes)
            else:
                yield draw(rng, smallest, d.goal, *d.wrt, *self.symbols)

    def checked(self) -> View:
        """This view, after the check of the derivation and its own."""
        self.derivation.checked()
        for failure in self.failures():
            raise CheckFailed(f"the view {self.name!r} is not printed, because it does not hold: {failure}")
        return self

    def box(self) -> Box:
        """The equations, aligned, and below them how they are read."""
        rows = tuple((equation.left, EQUALS, equation.right) for equation in self.checked().equations)
        return Lines((*rows, *((Row(()), Row(()), sentence) for sentence in self.said)))

    def text(self) -> str:
        """In Unicode, a line for each equation."""
        lines = [f"{text(equation.left)} = {text(equation.right)}" for equation in self.checked().equations]
        return "\n".join([*lines, *([""] if self.said else ()), *map(text, self.said)])


def dense(d: Derivation, x: Expr, bind: Binding) -> Array:
    """The Jacobian by x as numbers, goal.size × x.size."""
    return d.jacobians[x].map(bind, bind.size).dense()


def stages(d: Derivation) -> list[Derivation]:
    """The derivations that lead to this one, itself last."""
    return [*(stages(d.first) if d.first else ()), d]


def defined(d: Derivation) -> dict[Expr, Box]:
    """What has a name and what it is called, in the order in which it is computed; g = ∂f/∂x of a gradient."""
    found: dict[Expr, Box] = {}
    for stage in stages(d):
        for x in program(stage.goal):
            gradient = stage.first if x is stage.goal else None
            slope = [derivative(called(gradient.goal), gradient.wrt[0])] if gradient else []
            found.setdefault(x, equation(called(x), *slope))
    return found


def definitions(d: Derivation) -> Iterator[Equation]:
    """f = …, z₁ = …, in matrix notation."""
    for x, left in defined(d).items():
        yield Equation(left, boxes(inside(x)), partial(value, inside(x)), partial(value, x))


def value(x: Expr, bind: Binding) -> Array:
    """The array of x."""
    return bind(x)


def inside(x: Expr) -> Expr:
    """What a name stands for."""
    return x.args[0] if x.operation.name == "named" else x
