"""A view: equations that are printed only where their numbers are those of the structured Jacobian."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from jacobian.derivation.check import CheckFailed
from jacobian.derivation.write import EQUALS, called, inside
from jacobian.errors import InputError
from jacobian.printing.boxes import Box, Lines, Row
from jacobian.printing.latex import latex
from jacobian.printing.mathml import mathml
from jacobian.printing.notation import boxes
from jacobian.printing.text import text
from jacobian.printing.typst import typst
from jacobian.symbolic import sample
from jacobian.symbolic.elementwise import standing_in
from jacobian.symbolic.evaluate import Binding
from jacobian.symbolic.expr import Expr, walk

if TYPE_CHECKING:
    from jacobian.derivation.derivation import Derivation

SMALLEST = (2, 1, 3)        # size in each draw
TOLERANCE = 1e-9            # relative to the largest entry
DRAWS = 24                  # until a point is found where a change by MOVED changes the derivatives by less than STEADY
MOVED, STEADY = 1e-10, 1e-7
Array = Any
Numbers = Callable[[Binding], Array]


class Printed(ABC):
    """What is printed in each notation, from boxes; nothing is before its check."""

    @abstractmethod
    def box(self) -> Box:
        """The whole as boxes. Raises CheckFailed where it does not hold."""

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

    def _repr_latex_(self) -> str | None:
        """In a notebook."""
        return f"$${self.latex()}$$"

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return self.text()


@dataclass(frozen=True)
class Equation:
    """left = right, in boxes; `numbers` works out the right side, `wanted` is what it ought to be."""

    left: Box
    right: Box
    numbers: Numbers
    wanted: Numbers


@dataclass(frozen=True, repr=False)
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
            for k, smallest in enumerate(SMALLEST):
                bind = self._point(np.random.default_rng([seed, k]), smallest)
                for equation in self.equations:
                    if not _close(equation.numbers(bind), equation.wanted(bind)):
                        yield f"{text(equation.left)} = {text(equation.right)} does not hold at {bind.sizes}"

    def _point(self, rng: np.random.Generator, smallest: int) -> Binding:
        """A point where the derivatives are finite and do not hang on rounding, as beside a singular matrix.

        Raises InputError where none is found.
        """
        d = self.derivation
        first, others = stages(d)[0].goal, (d.goal, *d.wrt, *self.symbols)
        for attempt in range(DRAWS):
            sizes = self.sizes or sample.sizes(rng, first, *others, smallest=smallest + attempt // 4)
            try:
                values = sample.instance(rng, first, sizes, *others)
            except InputError:
                continue
            nearby = {symbol: array if symbol.assumptions else array * (1 + MOVED * rng.uniform(-1, 1, array.shape))
                      for symbol, array in values.items()}
            here, there = Binding(values, sizes), Binding(nearby, sizes)
            if all(_close(dense(d, x, there), dense(d, x, here), STEADY) for x in d.wrt):
                return here
        raise InputError(f"no point was found where the derivatives of {d.goal} can be worked out: it is not checked")

    def checked(self) -> View:
        """This view, after the check of the derivation and its own."""
        self.derivation.printable()
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


def _close(found: Array, wanted: Array, tolerance: float = TOLERANCE) -> bool:
    """Equal to that part of the largest entry."""
    scale = max(1.0, float(np.max(np.abs(wanted), initial=0)))
    return found.shape == wanted.shape and bool(np.all(np.abs(found - wanted) <= tolerance * scale))


def dense(d: Derivation, x: Expr, bind: Binding) -> Array:
    """The Jacobian by x as numbers, goal.size × x.size."""
    return d.jacobians[x].map(bind, bind.size).dense()


def stages(d: Derivation) -> list[Derivation]:
    """The derivations that lead to this one, itself last."""
    return [*(stages(d.first) if d.first else ()), d]


def defined(d: Derivation) -> dict[Expr, Box]:
    """What has a name and what it is called, in the order in which it is computed; g = ∂f/∂x of a gradient.

    Names in the derivatives, such as δ, stand last.
    """
    found: dict[Expr, Box] = {}
    for stage in stages(d):
        for x, left in stage.named().items():
            found.setdefault(x, left)
    for x in walk(*map(d.value_by, d.wrt)):
        if x.operation.name == "named":
            found.setdefault(x, called(x))
    return found


def definitions(d: Derivation) -> Iterator[Equation]:
    """f = …, z₁ = …, in matrix notation."""
    for x, left in defined(d).items():
        yield Equation(left, boxes(inside(x)), partial(value, inside(x)), partial(value, x))


def value(x: Expr, bind: Binding) -> Array:
    """The array of x."""
    return bind(x)
