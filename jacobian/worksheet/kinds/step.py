"""Trace one step of stochastic gradient descent."""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp

from jacobian.errors import InputError
from jacobian.printing.boxes import Fence, Name, Number, Row, Super, Symbol
from jacobian.printing.names import T
from jacobian.printing.notation import boxes, derivative, equation
from jacobian.symbolic.expr import Expr
from jacobian.symbolic.leaves import number
from jacobian.symbolic.operations import scale
from jacobian.symbolic.space import minus
from jacobian.worksheet.answers.sheet import Item
from jacobian.worksheet.case import Case
from jacobian.worksheet.document import Display, Exercise, Mark
from jacobian.worksheet.kinds.common import asked, listed, say, stated, values
from jacobian.worksheet.kinds.difference import fine
from jacobian.worksheet.kinds.numbers import counted
from jacobian.worksheet.kinds.steps import needed, worked
from jacobian.worksheet.matter import Matter, grid
from jacobian.worksheet.numbers import written
from jacobian.worksheet.row import Row as Asked

ALPHA = Name("α")
RATE = sp.Rational(1, 10)


def step(case: Case, row: Asked) -> Exercise:
    """x ← x − α ∂f/∂x for each variable, then the new f. Raises InputError where f is no scalar."""
    if case.goal.shape:
        raise InputError(f"a step of gradient descent makes a scalar smaller, but {case.goal} has the shape "
                         f"{' × '.join(map(str, case.goal.shape))}: take a loss")
    changes = {x: -RATE * case.numbers(case.derivation.value_by(x)) for x in case.wrt}
    before, after = case.numbers(case.goal), case.goal_after(changes)
    way = "has become smaller: the step did its work" if after < before else \
        "has not become smaller: the step is too long for this gradient"
    last = (Display(equation(boxes(case.goal), fine(after))),
            say("Before the step it was ", fine(before), ". The loss ", way, "."))
    marks = [*(worked(case, line) for line in needed(case)), *updates(case, RATE),
             Mark(1, last, ("the new values put in.",))]
    items = [item for x in case.wrt for item in renewed(case, x, RATE)]
    words = ("Trace one step of gradient descent with the rate ", equation(ALPHA, Number(written(RATE))),
             ": compute the gradient, the new ", *listed(map(boxes, case.wrt)), ", and ", boxes(case.goal),
             " after it.")
    return asked(row, "One step of SGD", words, (*stated(case), values(case)), marks, HINTS, items)


HINTS = (("In which direction does the loss grow, and in which does it fall?",),
         ("The rate times the gradient is taken away from each variable, all of them with the old gradient.",))


def updates(m: Matter, rate: sp.Rational) -> Iterator[Mark]:
    """x ← x − α ∂f/∂x = numbers for each variable."""
    for x in m.wrt:
        new = m.numbers(x) - rate * m.numbers(m.derivation.value_by(x))
        slope = derivative(boxes(m.goal), x)
        step = Super(Fence("(", slope, ")"), T) if m.notation.gradient_turned(m.goal) and x.shape else slope
        rule = Row((boxes(x), Symbol("−"), ALPHA, step))
        yield Mark(1, (Display(Row((boxes(x), Symbol("←"), rule, Symbol("="), grid(new)))),),
                   ("gradient descent. What follows rightly from a wrong ", slope, " has full marks.",))


def renewed(m: Matter, x: Expr, rate: sp.Rational) -> list[Item]:
    """The variable after the step, to be marked by a program."""
    return counted(m, f"the new {x}", minus(x, scale(number(rate), m.derivation.value_by(x))), ())
