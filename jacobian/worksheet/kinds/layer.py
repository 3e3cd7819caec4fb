"""One function by itself: its Jacobian by a quantity that it is computed from at once, the others held fixed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from jacobian.derivation.derivation import Derivation, derive
from jacobian.printing.boxes import Box, Fence, Fraction, Row, Super
from jacobian.printing.names import ATOM, PARTIAL, T
from jacobian.printing.notation import boxes
from jacobian.symbolic.arrays import vec
from jacobian.symbolic.expr import Expr, Variable, make, walk
from jacobian.symbolic.leaves import SYMBOL, name
from jacobian.symbolic.operations import rebuild, transpose
from jacobian.worksheet.matter import Matter, grid, inputs
from jacobian.worksheet.notation import Notation

ENTRIES = 40            # of a matrix that is written in numbers


@dataclass(frozen=True)
class Layer:
    """∂y/∂x, where the result y is computed from x in one step."""

    y: Expr
    x: Expr
    notation: Notation

    @property
    def value(self) -> Expr:
        """The Jacobian of vec y by vec x; of a scalar y a row, the gradient transposed, by a scalar x a column.

        In denominator layout it is the transpose of that.
        """
        return self.notation.matrix(_jacobian(self.y, self.x), self.y, self.x)

    @property
    def left(self) -> Box:
        return slope(self.y, self.x, self.notation)

    @property
    def reason(self) -> str:
        """The rules, each once."""
        return f"{'; '.join(dict.fromkeys(line.reason for line in _partial(self.y, self.x)[0].lines))}."

    def numbers(self, case: Matter) -> Box:
        return laid(case, self.value)

    def small(self, case: Matter) -> bool:
        """Whether its numbers are few enough to be written."""
        return case.numbers(self.value).size <= ENTRIES


def layers(case: Matter) -> Iterator[Layer]:
    """Every result with everything of which it is a function at once and that is, or depends on, a variable."""
    for y, x in case.locals:
        if {x, *walk(x)} & {*case.wrt}:
            yield Layer(y, x, case.notation)


def paths(case: Matter) -> Iterator[tuple[Layer, Layer]]:
    """Two layers y ← x ← w, where w is in y by way of x alone, and in x at once: ∂y/∂w is the product of both."""
    found = list(layers(case))
    for outer in found:
        for inner in found:
            aside = [x for layer in (outer, inner) for x in inputs(layer.y.args[0]) if x is not layer.x]
            if inner.y is outer.x and inner.x not in walk(*aside):
                yield outer, inner


def slope(y: Expr, x: Expr, notation: Notation) -> Box:
    """∂y/∂x as a matrix; of a scalar by an array the gradient transposed, where ∂y/∂x has the shape of the array."""
    over, under = map(notation.vector, (y, x))
    found = Fraction(*(Row((PARTIAL, boxes(z, ATOM))) for z in (over, under)))
    return Super(Fence("(", found, ")"), T) if notation.turns(y, x) else found


def upright(y: Expr, x: Expr, notation: Notation) -> Box:
    """∂y/∂x with a row for each entry of y, which stands before a change of x: in denominator layout its transpose."""
    found = slope(y, x, notation)
    return Super(Fence("(", found, ")"), T) if notation.flips and (y.shape or x.shape) else found


def mapped(value: Expr, y: Expr, x: Expr) -> Expr:
    """What a derivation gives for ∂y/∂x, as that matrix."""
    if y.shape == ():
        return transpose(vec(value)) if x.shape else value
    return value if x.shape else vec(value)


def laid(case: Matter, x: Expr) -> Box:
    """Numbers as they lie: a row as a row."""
    return grid(case.matrix(x) if x.axes[0] is None and x.axes[1] is not None else case.numbers(x))


@lru_cache(maxsize=512)
def _jacobian(y: Expr, x: Expr) -> Expr:
    derivation, back = _partial(y, x)
    return rebuild(mapped(derivation.value, y, x), back)


@lru_cache(maxsize=512)
def _partial(y: Expr, x: Expr) -> tuple[Derivation, dict[Expr, Expr]]:
    """The derivation with symbols in the place of named results, and what each of them stands for."""
    named = {n: make(SYMBOL, data=Variable(str(n.label)), axes=n.axes) for n in inputs(y.args[0]) if n.args}
    goal = name(str(y.label), rebuild(y.args[0], named))
    back = {symbol: n for n, symbol in named.items()}
    return derive(goal, named.get(x, x)).checked(), {goal: y, **back}
