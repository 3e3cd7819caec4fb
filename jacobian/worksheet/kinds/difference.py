"""Predict a small change by the total differential, and compare it with the true one."""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from jacobian.printing.boxes import Box, Fence, Grid, Name, Number, Row, Symbol
from jacobian.printing.notation import boxes, equation
from jacobian.printing.text import text
from jacobian.symbolic.expr import Expr
from jacobian.worksheet.answers.question import Question
from jacobian.worksheet.answers.sheet import Item
from jacobian.worksheet.case import Case
from jacobian.worksheet.document import Block, Display, Exercise, Mark
from jacobian.worksheet.kinds.common import asked, say, stated, values
from jacobian.worksheet.kinds.layer import mapped, upright
from jacobian.worksheet.kinds.numbers import many
from jacobian.worksheet.matter import Matter, grid
from jacobian.worksheet.numbers import written
from jacobian.worksheet.row import Row as Asked

ABOUT, MINUS, DOT = map(Symbol, "≈−·")
DELTA = Name("Δ")


def difference(case: Case, row: Asked) -> Exercise:
    """Δf ≈ (∂f/∂x)ᵀ Δx by the first variable, a vector where there is one; then f after the change minus f before."""
    x = min(case.wrt, key=lambda x: len(x.shape) > 1)
    many(case, case.goal, case.derivation.value_by(x))
    change = case.change_of(x)
    told, marks = comparison(case, x, change)
    return asked(row, "Predict a difference", WORDS, (*stated(case), values(case), *told), marks, HINTS,
                 measured(case, x, change))


WORDS = ("When a variable changes a little, the result changes by about the total differential: the sum of each "
         "partial derivative times the change of its variable.",)
HINTS = (("Which entry of the derivative belongs to which change?",),
         ("Each partial derivative is multiplied by the change of its own variable, and all of these are added up.",))


def comparison(m: Matter, x: Expr, change: Any) -> tuple[tuple[Block, ...], tuple[Mark, ...]]:
    """The small change with what is asked, and the answer: prediction, true change, and what they differ by."""
    predicted, happened = _changes(m, x, change)
    before, after = (_flat(m, array) for array in (m.numbers(m.goal), m.goal_after({x: change})))
    left, moved = Row((DELTA, boxes(m.notation.vector(m.goal)))), Row((DELTA, boxes(x)))
    told = (say("Change ", boxes(x), " by"), Display(equation(moved, grid(change))),
            say("and nothing else. Predict the change of ", boxes(m.goal), " from the derivative. Then compute ",
                boxes(m.goal), " again with the changed ", boxes(x), " and compare."))
    slopes = m.matrix(m.notation.map(mapped(m.derivation.value_by(x), m.goal, x), m.goal, x))
    along = Row((upright(m.goal, x, m.notation), DELTA, boxes(m.notation.vector(x))))
    product = Row((grid(slopes), DOT, grid(m.notation.flat(change))))
    return told, (
        Mark(1, (Display(Row((left, ABOUT, equation(along, product, fine(predicted))))),),
             ("the total differential.",)),
        Mark(1, (Display(equation(left, Row((fine(after), MINUS, taken_away(fine(before)))), fine(happened))),),
             ("the definition of a difference.",)),
        Mark(1, (say("They differ by ", fine(happened - predicted),
                     ", of the order of the square of the change: the derivative is right."),),
             ("what the total differential leaves out.",)),
    )


def measured(m: Matter, x: Expr, change: Any) -> list[Item]:
    """Both changes, to be marked by a program."""
    goal = text(boxes(m.notation.vector(m.goal)))
    found = zip(("predicted change", "true change"), _changes(m, x, change), strict=True)
    return [Item(name, Question(np.asarray(array, float), asks="numbers", text=f"Give the {name} of {goal}."), 1)
            for name, array in found]


def _changes(m: Matter, x: Expr, change: Any) -> tuple[Any, Any]:
    """The change of the goal by the total differential, and the true one."""
    return _flat(m, m.predicted(x, change)), _flat(m, m.difference({x: change}))


def _flat(m: Matter, array: Any) -> Any:
    """Numbers of the goal; of a matrix as vec stacks them."""
    return m.notation.flat(array) if len(m.goal.shape) > 1 else array


def taken_away(x: Box) -> Box:
    """A number behind a minus: a negative one in brackets."""
    return Fence("(", x, ")") if isinstance(x, Number) and x.text.startswith(("-", "−")) else x


def fine(array: Any) -> Box:
    """Numbers with enough digits to be compared."""
    found = np.asarray(array, dtype=object)
    if found.ndim == 0:
        return digits(found.item())
    return Grid(tuple(tuple(map(digits, row)) for row in found.reshape(found.shape[0], -1)))


def digits(x: sp.Expr) -> Box:
    """A small number with enough digits to be compared."""
    exact = written(x, 8)
    return Number(exact if "/" not in exact else f"{float(x):.8f}")
