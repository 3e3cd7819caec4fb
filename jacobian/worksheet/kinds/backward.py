"""The whole backward pass, line by line."""

from __future__ import annotations

from jacobian.printing.notation import boxes
from jacobian.worksheet.case import Case
from jacobian.worksheet.document import Exercise
from jacobian.worksheet.kinds.common import asked, listed, stated, values
from jacobian.worksheet.kinds.steps import item, worked
from jacobian.worksheet.row import Row


def backward(case: Case, row: Row) -> Exercise:
    """Every line of the derivation as a formula and in numbers, the last function first."""
    lines = case.lines
    words = ("Work the whole backward pass: begin with ", boxes(case.goal), " and go back to ",
             *listed(map(boxes, case.wrt)), ". Write each derivative on the way as a formula, in terms of those above "
             "it, and in numbers.")
    hints = (("Which function was computed last? Begin with its derivative, and go on to what stands in it.",),
             ("Chain rule: the derivative so far is multiplied by the local Jacobian of the next function; where a "
              "quantity is used twice, add up the paths.",))
    items = {found.name: found for line in lines if line.path is None for found in item(case, line)}
    return asked(row, "The backward pass", words, (*stated(case), values(case)),
                 [worked(case, line) for line in lines], hints,
                 list(items.values()))
