"""Give the derivative in matrix notation."""

from __future__ import annotations

from dataclasses import replace

from jacobian.printing.notation import boxes, equation
from jacobian.printing.notation import derivative as slope
from jacobian.worksheet.answers.question import Question
from jacobian.worksheet.answers.sheet import Item
from jacobian.worksheet.case import Case
from jacobian.worksheet.document import Display, Exercise, Mark
from jacobian.worksheet.kinds.common import asked, definitions
from jacobian.worksheet.row import Row


def derivative(case: Case, row: Row) -> Exercise:
    """∂f/∂x by each variable; each line of the derivation is a mark with its reason."""
    goal = boxes(case.goal)
    marks = [Mark(1, (Display(equation(slope(goal, line.quantity), boxes(line.value))),), (line.reason,))
             for line in case.derivation.lines]
    words = "Give the gradient by " if case.goal.shape == () else "Give the Jacobian by "
    parts = [part for x in case.wrt for part in (", ", boxes(x))][1:]
    made = asked(row, "Derivative", (words, *parts, "."), (definitions(case),), marks)
    items = tuple(Item(str(x), Question(case.derivation.value_by(x)), made.points / len(case.wrt)) for x in case.wrt)
    return replace(made, asked=items)
