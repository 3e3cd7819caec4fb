"""The lines of a derivation as steps of an answer: a mark each, with formula, numbers, rule and shapes."""

from __future__ import annotations

from collections.abc import Iterable

from jacobian.derivation.lines import Line
from jacobian.derivation.write import left_side
from jacobian.printing.boxes import Box
from jacobian.printing.notation import boxes, equation
from jacobian.printing.text import text
from jacobian.symbolic.expr import Expr, walk
from jacobian.symbolic.operations import rebuild
from jacobian.worksheet.answers.sheet import Item
from jacobian.worksheet.document import Display, Mark, Parts
from jacobian.worksheet.kinds.common import listed, question
from jacobian.worksheet.kinds.factors import shaped
from jacobian.worksheet.kinds.layer import laid
from jacobian.worksheet.matter import Matter, inputs


def left(case: Matter, line: Line) -> Box:
    """δ₂ = ∂J/∂z₂, or ∂J/∂W₂."""
    return left_side(line, case.goal, case.notation.lies)


def formula(case: Matter, line: Line) -> Mark:
    """A line with shapes below its factors, and its rule."""
    said = equation(left(case, line), shaped(line.value))
    return Mark(1, (Display(said),), (f"{line.reason}.", *follow(inputs(line.value), signals(case))))


def worked(case: Matter, line: Line) -> Mark:
    """The same with its numbers."""
    numbers = [] if line.value.operation.name == "number" else [laid(case, line.value)]
    said = equation(left(case, line), shaped(line.value), *numbers)
    earlier = (*case.named[:-1], *signals(case))
    return Mark(1, (Display(said),), (f"{line.reason}.", *follow(inputs(line.value), earlier)))


def follow(used: Iterable[Expr], earlier: Iterable[Expr]) -> Parts:
    """That what follows rightly from a wrong earlier result has its points; nothing where none is used."""
    used = {*used}
    found = [boxes(x) for x in earlier if x in used]
    return (" What follows rightly from a wrong ", *listed(found, "or"), " has full marks.") if found else ()


def signals(case: Matter) -> list[Expr]:
    """The gradients that have a name, δ₂ and δ₁, in their order."""
    values = (line.value for line in case.lines)
    named = [x for x in walk(*values) if x.operation.name == "named" and x not in case.named]
    order = [line.name for line in case.lines]
    return sorted(named, key=lambda x: order.index(x.label))


def opened(case: Matter, line: Line) -> Expr:
    """The value of a line with what the named gradients stand for."""
    found = line.value
    for x in reversed(signals(case)):
        found = x.args[0] if found is x else rebuild(found, {x: x.args[0]})
    return found


def known(case: Matter, line: Line) -> list[Expr]:
    """The named gradients that stand above the line."""
    before = [earlier.name for earlier in case.lines[:case.lines.index(line)]]
    return [x for x in signals(case) if x.label in before]


def item(case: Matter, line: Line, points: float = 1) -> list[Item]:
    """The line to be marked by a program, where one can."""
    said = text(left(case, line))
    asked = question(case, line.value, known(case, line), text=f"Give {said}.")
    return [Item(said, asked, points)] if asked else []


def needed(case: Matter) -> list[Line]:
    """The lines of quantities that have a name."""
    return [line for line in case.lines if line.quantity.label]


def answers(case: Matter) -> list[Line]:
    """The last line by each variable: what the derivative is."""
    last = {line.quantity: line for line in case.lines}
    return [last[x] for x in case.wrt if x in last]
