"""Compute every named result and every derivative by hand."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from jacobian.errors import InputError
from jacobian.printing.notation import boxes, equation
from jacobian.printing.text import text
from jacobian.symbolic.expr import Expr
from jacobian.worksheet.answers.sheet import Item
from jacobian.worksheet.case import Case
from jacobian.worksheet.document import Display, Exercise, Mark, Parts
from jacobian.worksheet.kinds.common import asked, listed, question, stated, values
from jacobian.worksheet.kinds.factors import shaped
from jacobian.worksheet.kinds.steps import answers, follow, known, left, needed, worked
from jacobian.worksheet.matter import Matter, grid, inputs
from jacobian.worksheet.row import Row

MOST = 100              # numbers of a matrix
HINTS: tuple[Parts, ...] = (
    ("Go through the definitions from left to right; the derivatives come afterwards, from right to left.",),
    ("Write down the shapes before you multiply: the left factor has as many columns as the right one has rows.",),
)


def numbers(case: Case, row: Row) -> Exercise:
    """z = W x + b = […], …, ∂f/∂x = […]: a mark for each number or array."""
    lines = needed(case)
    many(case, *case.named, *(line.value for line in lines))
    marks = [*(result(case, y) for y in case.named), *(worked(case, line) for line in lines)]
    items = [item for y in case.named for item in counted(case, str(y), y, ())]
    items += [item for line in answers(case) for item in counted(case, text(left(case, line)), line.value,
                                                                 known(case, line))]
    words = ("Compute ", *listed(map(boxes, case.named)), ", then ",
             *listed(left(case, line) for line in answers(case)), ", in numbers.")
    return asked(row, "Numbers by hand", words, (*stated(case), values(case)), marks, HINTS, items)


def many(case: Matter, *values: Expr) -> None:
    """Raises InputError where something has more numbers than anyone works by hand."""
    largest = max((int(np.size(case.numbers(x))) for x in values), default=0)
    if largest > MOST:
        raise InputError(f"{largest} numbers of one matrix are more than the {MOST} that can be worked by hand: give "
                         'smaller sizes, such as "m = 2"')


def result(case: Matter, y: Expr) -> Mark:
    """A named result by its definition."""
    before = case.named[:case.named.index(y)]
    said = equation(boxes(y), shaped(y.args[0]), grid(case.numbers(y)))
    return Mark(1, (Display(said),), ("the definition of ", boxes(y), ".", *follow(inputs(y.args[0]), before)))


def counted(case: Matter, name: str, value: Expr, earlier: Iterable[Expr]) -> list[Item]:
    """The numbers of a value, to be marked by a program."""
    made = question(case, value, earlier, text=f"Give the numbers: {name}.")
    given = {str(x.label): array for x, array in case.numbers.values.items()}
    return [Item(name, made.at(given), 1)] if made else []
