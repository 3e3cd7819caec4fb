"""Give the derivative in matrix notation."""

from __future__ import annotations

from jacobian.printing.notation import boxes
from jacobian.worksheet.case import Case
from jacobian.worksheet.document import Exercise
from jacobian.worksheet.kinds.common import asked, listed, stated
from jacobian.worksheet.kinds.steps import answers, formula, item
from jacobian.worksheet.row import Row
from jacobian.worksheet.wording import multiplied


def derivative(case: Case, row: Row) -> Exercise:
    """∂f/∂x by each variable; each line of the derivation is a mark with its reason."""
    asks = "Jacobian" if case.goal.shape else "derivative" if case.notation.gradient_turned(case.goal) else "gradient"
    hints = (("In which functions does the variable stand, and in what do these stand?",),
             ("Write the differential of each function, and put one into the other: what stands before the change of "
              "the variable is the derivative." if case.goal.shape else
              f"Go back from the result: each function multiplies the {asks} so far by its Jacobian, "
              f"{multiplied(case.notation)}.",))
    return asked(row, "Derivative", (f"Give the {asks} by ", *listed(map(boxes, case.wrt)), "."), stated(case),
                 [formula(case, line) for line in case.lines], hints,
                 [found for line in answers(case) for found in item(case, line)])
