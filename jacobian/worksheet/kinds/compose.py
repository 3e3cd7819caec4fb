"""Compose two functions: multiply their Jacobians."""

from __future__ import annotations

import numpy as np

from jacobian.derivation.derivation import derive
from jacobian.errors import InputError
from jacobian.printing.boxes import Row as Beside
from jacobian.printing.boxes import Symbol
from jacobian.printing.names import join
from jacobian.printing.notation import boxes, equation
from jacobian.printing.text import text
from jacobian.worksheet.answers.sheet import Item
from jacobian.worksheet.case import Case
from jacobian.worksheet.document import Display, Exercise, Mark
from jacobian.worksheet.kinds.common import asked, question, stated
from jacobian.worksheet.kinds.factors import shaped
from jacobian.worksheet.kinds.layer import laid, mapped, paths, slope
from jacobian.worksheet.kinds.numbers import counted
from jacobian.worksheet.row import Row
from jacobian.worksheet.wording import chain_rule, outer_side

DOT = Symbol("·")


def compose(case: Case, row: Row) -> Exercise:
    """∂y/∂w = ∂y/∂x ∂x/∂w, both given. Raises InputError where no two functions follow one another."""
    found = [pair for pair in paths(case) if all(layer.small(case) for layer in pair)]
    if not found:
        raise InputError(f"two functions are composed where one follows the other, but {case.goal} has no such pair "
                         "that is small enough: name a result in between, as in z = W*x; a = tanh(z)")
    found = [pair for pair in found if not any(layer.value.operation.name == "eye" for layer in pair)] or found
    outer, inner = found[np.random.default_rng(case.seed).integers(len(found))]
    y, w = outer.y, inner.x
    whole = case.notation.matrix(mapped(derive(y, w).checked().value, y, w), y, w)
    left, written = slope(y, w, case.notation), case.notation.ordered((outer, inner))
    product = join([layer.numbers(case) for layer in written], DOT)
    marks = (
        Mark(1, (Display(equation(left, Beside(tuple(layer.left for layer in written)))),), ("the chain rule.",)),
        Mark(1, (Display(equation(left, shaped(whole))),),
             (f"the outer function on the {outer_side(case.notation)}.",)),
        Mark(1, (Display(equation(left, product, laid(case, whole))),), ("rows times columns.",)),
    )
    told = [Display(equation(layer.left, boxes(layer.value), layer.numbers(case))) for layer in (outer, inner)]
    asks = question(case, whole, text=f"Give {text(left)}.")
    items = [*([Item(text(left), asks, 1)] if asks else []), *counted(case, f"{text(left)} in numbers", whole, ())]
    return asked(row, "Compose two functions", ("Compose these two Jacobians: give ", left,
                                                " as a formula and in numbers."), (*stated(case), *told), marks,
                 (NUDGE, (chain_rule(case.notation),)), items)


NUDGE = ("In which order do the two functions work, and what shapes have their Jacobians?",)
