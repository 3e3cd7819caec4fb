"""State the shape of every quantity and of every derivative."""

from __future__ import annotations

from collections.abc import Callable

from jacobian.printing.boxes import Blank, Box, Number, Symbol
from jacobian.printing.names import PRODUCT, boxed, join
from jacobian.printing.notation import boxes, derivative
from jacobian.printing.text import text
from jacobian.symbolic.expr import Expr
from jacobian.worksheet.answers.sheet import Item
from jacobian.worksheet.case import Case
from jacobian.worksheet.document import Exercise, Mark, Table
from jacobian.worksheet.kinds.common import asked, definitions, given, question
from jacobian.worksheet.row import Row as Asked
from jacobian.worksheet.wording import gradients, lying


def shape(case: Case, row: Asked) -> Exercise:
    """A table of quantities and derivatives with a blank for each shape; one point for each."""
    quantities: list[tuple[Box, Expr]] = [(boxes(y), y) for y in case.named]
    quantities += [(derivative(boxes(case.goal), x), case.derivative(x)) for x in case.wrt]

    def table(cell: Callable[[Expr], Box]) -> Table:
        return Table((("quantity",), ("shape",)), tuple(((left,), (cell(y),)) for left, y in quantities))

    items = [Item(said, asks, 1) for left, y in quantities for said in (text(left),)
             if (asks := question(case, y, asks="shape", text=f"What shape has {said}?"))]
    return asked(row, "Shapes", ("State the shape of each quantity, rows first. ", *given(case.symbols)),
                 (definitions(case), table(lambda y: Blank(5))),
                 (Mark(len(quantities), (table(shown),), ("a point for each.",)),),
                 (NUDGE, (f"{lying(case.notation)} {gradients(case.notation)}",)), items)


NUDGE = ("What does each product do to the sizes?",)


def shown(x: Expr) -> Box:
    """m × n, in letters; 1 × n for a row, 1 for a scalar."""
    row = x.axes[0] is None and x.axes[1] is not None
    return join([Number("1")] * row + [boxed(n, PRODUCT) for n in x.shape] or [Number("1")], Symbol("×"))
