"""A derivation written out: the program of named results, then line by line what follows and why."""

from __future__ import annotations

from collections.abc import Iterator

from jacobian.derivation.lines import Line
from jacobian.printing.boxes import Box, Fence, Lines, Name, Number, Row, Sub, Symbol, Words
from jacobian.printing.latex import latex
from jacobian.printing.mathml import mathml
from jacobian.printing.notation import boxes, derivative, equation, label, shape
from jacobian.printing.text import text
from jacobian.printing.typst import typst
from jacobian.symbolic.expr import Expr, walk

EQUALS = Symbol("=")


def program(goal: Expr) -> list[Expr]:
    """The named results that lead to the goal, in the order in which they are computed; the goal last."""
    return [x for x in walk(goal) if x.operation.name == "named" or (x is goal and x.args)]


def definition(x: Expr) -> Box:
    """z₁ = W₁ x + b₁; of an expression without a name the expression."""
    return equation(boxes(x), boxes(x.args[0])) if x.operation.name == "named" else equation(_called(x), boxes(x))


def _called(goal: Expr) -> Box:
    """The goal by its name, or by f where it has none (φ where f is taken)."""
    return boxes(goal) if goal.label else Name("φ" if any(x.label == "f" for x in walk(goal)) else "f")


def left_side(line: Line, goal: Expr) -> Box:
    """δ₂ = ∂J/∂z₂, or ∂J/∂W₂, or (∂J/∂z₂)₁ along the first of several paths; a goal without a name is f."""
    slope: Box = derivative(_called(goal), line.quantity)
    if line.path is not None:
        return Sub(Fence("(", slope, ")"), Number(str(line.path)))
    return equation(label(line.name), slope) if line.name else slope


def as_text(goal: Expr, lines: tuple[Line, ...]) -> str:
    """One line for each result, its shape beside it and the reason below."""
    def numbered() -> Iterator[str]:
        for k, line in enumerate(lines, 1):
            said = text(equation(left_side(line, goal), boxes(line.value)))
            yield f"{k}. {said}    ({text(shape(line.value.shape))})"
            yield f"   {line.reason}"

    named = (text(definition(x)) for x in program(goal))
    return "\n\n".join(filter(None, map("\n".join, (named, numbered()))))


def as_box(lines: list[tuple[Expr, Line]]) -> Box:
    """The lines as one aligned display: left = right, the reason in words after it."""
    return Lines(tuple(
        (left_side(line, goal), EQUALS, Row((boxes(line.value), Words(f"   ({line.reason})")))) for goal, line in lines
    ))


def as_latex(lines: list[tuple[Expr, Line]]) -> str:
    return latex(as_box(lines))


def as_mathml(lines: list[tuple[Expr, Line]]) -> str:
    return mathml(as_box(lines))


def as_typst(lines: list[tuple[Expr, Line]]) -> str:
    return typst(as_box(lines))
