"""A derivation written out: the program of named results, then line by line what follows and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from jacobian.derivation.differential import spoken
from jacobian.derivation.layout import laid, turned
from jacobian.derivation.lines import Line
from jacobian.printing.boxes import QUAD, Box, Fence, Number, Row, Sub, Super, Symbol, Words
from jacobian.printing.names import T, label, shape
from jacobian.printing.notation import boxes, derivative, equation
from jacobian.printing.text import text
from jacobian.symbolic.expr import Expr, leaves, walk

EQUALS, DOTS = Symbol("="), Row((Symbol("+"), Symbol("⋯")))


@dataclass(frozen=True)
class Said:
    """left = value, for a reason in words; `more` where other terms follow that are not written."""

    left: Box
    value: Expr
    reason: str
    more: bool = False

    @property
    def right(self) -> Box:
        """The value, and dots for what is not written."""
        return Row((boxes(self.value), DOTS)) if self.more else boxes(self.value)


def program(goal: Expr) -> list[Expr]:
    """The named results that lead to the goal, in the order in which they are computed; the goal last."""
    return [x for x in walk(goal) if x.operation.name == "named" or (x is goal and x.args)]


def defined(goal: Expr, *means: Box) -> dict[Expr, Box]:
    """What each named result and the goal is called, in the order of the program; of g = ∂f/∂x `means` is ∂f/∂x."""
    return {x: equation(called(x), *(means if x is goal else ())) for x in program(goal)}


def definition(x: Expr, *means: Box) -> Box:
    """z₁ = W₁ x + b₁, g = ∂f/∂x = A x; of an expression without a name f = …"""
    return equation(called(x), *means, boxes(inside(x)))


def inside(x: Expr) -> Expr:
    """What a name stands for."""
    return x.args[0] if x.operation.name == "named" else x


def called(goal: Expr) -> Box:
    """The goal by its name, or by f where it has none (φ where f is taken)."""
    return boxes(spoken(goal))


def left_side(line: Line, goal: Expr, layout: str | None = None) -> Box:
    """δ₂ = ∂J/∂z₂, or ∂J/∂W₂, or (∂J/∂z₂)₁ along the first of several paths; a goal without a name is f."""
    slope: Box = derivative(called(goal), line.quantity)
    if line.path is not None:
        return Sub(Fence("(", slope, ")"), Number(str(line.path)))
    if not line.name:
        return slope
    own = label(line.name)
    return slope if own == slope else equation(Super(own, T) if turned(goal, layout) else own, slope)


def says(goal: Expr, lines: Iterable[Line], layout: str | None = None) -> list[Said]:
    """The lines of a derivation as they are written in a layout."""
    return [Said(left_side(line, goal, layout), laid(line.value, goal, layout), line.reason) for line in lines]


def as_text(named: Mapping[Expr, Box], lines: Iterable[Said]) -> str:
    """What has a name, then one line for each result, its shape beside it and the reason below."""
    definitions = (text(equation(left, boxes(inside(x)))) for x, left in named.items())
    numbered = (f"{k}. {text(equation(line.left, line.right))}    ({text(extent(line.value))})\n   {line.reason}"
                for k, line in enumerate(lines, 1))
    return "\n\n".join(filter(None, map("\n".join, (definitions, numbered))))


def declared(*roots: Expr) -> str:
    """A: n × n symmetric, x: n, c: scalar, g: function."""
    symbols = [f"{x}: {' '.join((text(shape(x.shape)), *x.assumptions))}" for x in leaves(*roots)]
    maps = [x.data for x in walk(*roots) if x.operation.name == "map"]
    functions = dict.fromkeys(text(label(f.name.rstrip("′"))) for f in maps if f.abstract)
    return ", ".join([*symbols, *(f"{name}: function" for name in functions)])


def extent(x: Expr) -> Box:
    """The shape of x; a row is 1 × n, told apart from a column."""
    return shape((1, x.axes[1]) if x.axes[0] is None and x.axes[1] is not None else x.shape)


def as_rows(named: Mapping[Expr, Box], lines: Iterable[Said]) -> Iterator[tuple[Box, Box, Box]]:
    """The same for an aligned display: left = right, the reason in words after it."""
    for x, left in named.items():
        yield left, EQUALS, boxes(inside(x))
    for line in lines:
        yield line.left, EQUALS, Row((line.right, QUAD, Words(f"({line.reason})")))
