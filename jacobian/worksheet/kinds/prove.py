"""Prove an identity by rewriting one side until it is the other."""

from __future__ import annotations

from itertools import pairwise

from jacobian.errors import InputError
from jacobian.printing.boxes import Row as Beside
from jacobian.printing.boxes import Symbol
from jacobian.printing.notation import boxes, equation
from jacobian.symbolic.equivalent import equivalent
from jacobian.symbolic.expr import Expr, leaves
from jacobian.symbolic.parse import Meaning
from jacobian.worksheet.case import Case
from jacobian.worksheet.document import Display, Exercise, Mark
from jacobian.worksheet.kinds.common import asked, given, known, say
from jacobian.worksheet.kinds.factors import shaped
from jacobian.worksheet.kinds.proof import Stated, proof
from jacobian.worksheet.row import Row


def prove(case: Case, row: Row) -> Exercise:
    """formula = equal, a mark for each identity on the way. Raises InputError where it is false, or no way is found."""
    left, right = (Meaning(text, case.shapes, None).expression() for text in (case.formula, _other(row)))
    steps = _checked(left, right)
    marks = [_mark(k, before, after) for k, (before, after) in enumerate(pairwise(steps))]
    symbols = leaves(left, right)
    names = dict.fromkeys(step.rule.name for step in steps if step.rule)
    hints = (("Which side is easier to take apart? Rewrite one side only, one rule at a time.",),
             (f"What is needed: {', '.join(names)}.",))
    return asked(row, "Prove", ("Prove this identity; name the rule that you use in each step.",),
                 (known(equation(boxes(left), boxes(right)), symbols), say(*given(symbols))), marks, hints)


def _other(row: Row) -> str:
    if not row.equal:
        raise InputError('what is to be proven has two sides: write the other one as equal = "…"')
    return row.equal


def _checked(left: Expr, right: Expr) -> list[Stated]:
    """The steps, each compared once more by numbers."""
    found = equivalent(left, right)
    if not found:
        raise InputError(f"{left} and {right} are {found}")
    steps = proof(left, right)
    if len(steps) < 2:
        raise InputError(f"{left} = {right} is true, but " + ("both sides are read as the same" if steps else
                         "no proof was found by the identities that are known here"))
    for before, after in pairwise(steps):
        if not equivalent(before.value, after.value):
            raise ArithmeticError(f"{before.value} = {after.value} does not follow by {after.rule}")
    return steps


def _mark(k: int, before: Stated, after: Stated) -> Mark:
    said = equation(shaped(before.value), shaped(after.value)) if k == 0 else \
        Beside((Symbol("="), shaped(after.value)))
    return Mark(1, (Display(said),), (f"{after.rule.name}: {after.rule.formula}.",) if after.rule else ())
