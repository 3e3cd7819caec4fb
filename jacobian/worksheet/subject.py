"""What a sheet on back-propagation is about: a network, its derivation, its numbers, and how they are written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import sympy as sp

from jacobian.derivation.derivation import Derivation, derive
from jacobian.printing.boxes import Box, Grid, Number
from jacobian.printing.notation import boxes, derivative, equation
from jacobian.symbolic.evaluate import Binding
from jacobian.symbolic.expr import Expr
from jacobian.worksheet.document import Display
from jacobian.worksheet.network import ACTIVATIONS, LOSSES, Choice, Network, network
from jacobian.worksheet.numbers import Instance, instance, written

RATE = sp.Rational(1, 10)


@dataclass(frozen=True)
class Subject:
    """A network by its options; derivation and numbers are worked out once, and checked."""

    text: str
    activation: str
    loss: str
    seed: int
    rate: sp.Rational = RATE

    @cached_property
    def network(self) -> Network:
        return network(self.text, self.activation, self.loss)

    @cached_property
    def derivation(self) -> Derivation:
        return derive(self.network.goal, self.network.parameters, names=self.network.signals).checked()

    @cached_property
    def numbers(self) -> Instance:
        return instance(self.network, self.derivation, self.seed, self.exact)

    @property
    def choices(self) -> tuple[Choice, ...]:
        """The activation, if there is a hidden layer, and the loss."""
        hidden = (ACTIVATIONS[self.activation],) if len(self.network.layers) > 1 else ()
        return (*hidden, LOSSES[self.loss])

    @property
    def exact(self) -> bool:
        """Whether every number is a fraction."""
        return all(choice.exact for choice in self.choices)

    @cached_property
    def parameters(self) -> int:
        return sum(int(np.size(self.numbers(p))) for p in self.network.parameters)

    def shape(self, x: Expr) -> str:
        """3 × 2, 3, or scalar."""
        return " × ".join(str(self.network.given[str(n)]) for n in x.shape) or "scalar"

    def size(self, n: Any) -> int:
        """A product of sizes as a number."""
        return Binding({}, self.network.given).size(n)

    def shown(self, left: Box, formula: Expr) -> Display:
        """left = formula = numbers."""
        return Display(equation(left, boxes(formula), grid(self.numbers(formula))))

    def jacobian(self, y: Expr, x: Expr) -> Display:
        """∂y/∂x = formula = numbers."""
        return self.shown(derivative(boxes(y), x), local(y, x).value)

    def change_of(self, b: Expr) -> Any:
        """A change of b along its gradient, so small that the total differential is right to a tenth."""
        gradient = self.numbers(self.derivation.value_by(b))
        for k in range(2, 9):
            change = np.array([sp.Rational(-1 if g < 0 else 1, 10**k) for g in gradient], dtype=object)
            predicted = gradient @ change
            if abs(self.difference({b: change}) - predicted) <= abs(predicted) / 10:
                return change
        raise ArithmeticError(f"the total differential by {b} does not come near the change of the loss")

    def loss_after(self, changes: Mapping[Expr, Any]) -> Any:
        """The loss at parameters that have changed."""
        numbers = self.numbers.changed({x: self.numbers(x) + change for x, change in changes.items()})
        return numbers(self.network.goal).item()

    def difference(self, changes: Mapping[Expr, Any]) -> Any:
        """The true change of the loss."""
        return self.loss_after(changes) - self.numbers(self.network.goal).item()


@lru_cache(maxsize=512)
def local(y: Expr, x: Expr) -> Derivation:
    """∂y/∂x of one layer, checked; y is a named result."""
    return derive(y.args[0], x).checked()


def grid(array: Any) -> Box:
    """A scalar as a number, a vector as a column, a matrix as a matrix."""
    values = np.asarray(array, dtype=object)
    if values.ndim == 0:
        return Number(written(values.item()))
    return Grid(tuple(tuple(Number(written(v)) for v in row) for row in values.reshape(values.shape[0], -1)))
