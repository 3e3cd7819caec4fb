"""What questions are cut from: a function with named results, its derivation, and numbers for its symbols."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np
import sympy as sp

from jacobian.derivation.derivation import Derivation
from jacobian.derivation.lines import Line
from jacobian.printing.boxes import Box, Grid, Number
from jacobian.symbolic.evaluate import Binding
from jacobian.symbolic.expr import Expr, leaves
from jacobian.worksheet.notation import Notation
from jacobian.worksheet.numbers import Instance, written


class Matter(ABC):
    """A goal by its variables; derivation and numbers are worked out once, and checked, and written in a notation."""

    notation: Notation

    @property
    @abstractmethod
    def derivation(self) -> Derivation:
        """The derivative of the goal by the variables, checked."""

    @property
    @abstractmethod
    def numbers(self) -> Instance:
        """Numbers for the symbols, from which every other one follows."""

    @property
    @abstractmethod
    def sizes(self) -> Mapping[str, int]:
        """The numbers of rows and columns."""

    @property
    def goal(self) -> Expr:
        return self.derivation.goal

    @property
    def wrt(self) -> tuple[Expr, ...]:
        return self.derivation.wrt

    @property
    def symbols(self) -> list[Expr]:
        """The quantities that are given."""
        return list(leaves(self.goal))

    @property
    def named(self) -> list[Expr]:
        """The named results in the order in which they are computed, the goal last."""
        return list(self.derivation.named())

    @property
    def locals(self) -> Iterator[tuple[Expr, Expr]]:
        """Each named result with each quantity with a name that it is computed from at once, but for constants."""
        for y in self.named:
            yield from ((y, x) for x in inputs(y.args[0]) if "constant" not in x.assumptions)

    @cached_property
    def parameters(self) -> int:
        """How many numbers the variables have together."""
        return sum(int(np.size(self.numbers(p))) for p in self.wrt)

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """The lines of the derivation, as they lie in the notation."""
        return tuple(replace(line, value=self.notation.derivative(line.value, self.goal, line.quantity))
                     for line in self.derivation.lines)

    def derivative(self, x: Expr) -> Expr:
        """∂goal/∂x as it lies in the notation."""
        return self.notation.derivative(self.derivation.value_by(x), self.goal, x)

    def matrix(self, x: Expr) -> Any:
        """The numbers of x with two axes, those of a row as a row."""
        return self.numbers(x).reshape([1 if n is None else self.size(n) for n in x.axes])

    def shape(self, x: Expr) -> str:
        """3 × 2, 3, or scalar."""
        return " × ".join(str(self.size(n)) for n in x.shape) or "scalar"

    def size(self, n: Any) -> int:
        """A product of sizes as a number."""
        return Binding({}, self.sizes).size(n)

    def slopes(self, x: Expr) -> Any:
        """∂goal/∂x in numbers, a row for each entry of the goal and a column for each of x."""
        return self.numbers(self.derivation.value_by(x)).reshape(self.size(self.goal.size), self.size(x.size))

    def predicted(self, x: Expr, change: Any) -> Any:
        """The change of the goal by the total differential, where x alone changes."""
        return (self.slopes(x) @ change.reshape(-1)).reshape(self.numbers(self.goal).shape)

    def change_of(self, x: Expr) -> Any:
        """A change of x along the slopes of all results or of one; the total differential is right to a tenth there."""
        slopes = self.slopes(x)
        for along, k in product((slopes.sum(axis=0), *slopes), range(2, 9)):
            step = sp.Rational(1, 10**k)
            change = np.vectorize(lambda g, step=step: -step if g < 0 else step, otypes=[object])(along)
            change = change.reshape(self.numbers(x).shape)
            predicted = self.predicted(x, change)
            if 0 < np.max(abs(predicted)) >= 10 * np.max(abs(self.difference({x: change}) - predicted)):
                return change
        raise ArithmeticError(f"the total differential by {x} does not come near the change of {self.goal}")

    def goal_after(self, changes: Mapping[Expr, Any]) -> Any:
        """The goal at variables that have changed."""
        return self.numbers.changed({x: self.numbers(x) + change for x, change in changes.items()})(self.goal)

    def difference(self, changes: Mapping[Expr, Any]) -> Any:
        """The true change of the goal."""
        return self.goal_after(changes) - self.numbers(self.goal)


def inputs(x: Expr) -> Iterator[Expr]:
    """The quantities with a name in an expression, those of which they are made left out."""
    found: dict[Expr, None] = {}
    waiting = [x]
    while waiting:
        part = waiting.pop()
        if part.label is not None:
            found[part] = None
        else:
            waiting.extend(reversed(part.args))
    return iter(found)


def grid(array: Any) -> Box:
    """A scalar as a number, a vector as a column, a matrix as a matrix."""
    values = np.asarray(array, dtype=object)
    if values.ndim == 0:
        return Number(written(values.item()))
    return Grid(tuple(tuple(Number(written(v)) for v in row) for row in values.reshape(values.shape[0], -1)))
