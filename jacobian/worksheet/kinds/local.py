"""The local Jacobian of each function on the way."""

from __future__ import annotations

from jacobian.derivation.write import extent
from jacobian.printing.boxes import Row as Beside
from jacobian.printing.boxes import Words
from jacobian.printing.notation import equation
from jacobian.printing.text import text
from jacobian.worksheet.answers.sheet import Item
from jacobian.worksheet.case import Case
from jacobian.worksheet.document import Bullets, Display, Exercise, Mark
from jacobian.worksheet.kinds.common import asked, question, stated, values
from jacobian.worksheet.kinds.factors import shaped
from jacobian.worksheet.kinds.layer import Layer, layers
from jacobian.worksheet.matter import Matter
from jacobian.worksheet.row import Row
from jacobian.worksheet.wording import lying, reading


def local(case: Case, row: Row) -> Exercise:
    """∂y/∂x of each named result by what it is computed from, as a formula with its shape, and in numbers if few."""
    found = list(layers(case))
    words = ("Each function by itself: give its Jacobian by what it is computed from, the other quantities held fixed, "
             "as a formula with its numbers of rows and columns, and in numbers where that is asked. A matrix is read "
             f"{reading(case.notation)}.",)
    wanted = Bullets(tuple((layer.left, ", in numbers too" if layer.small(case) else "") for layer in found))
    items = [Item(said, asks, 1) for layer in found for said in (text(layer.left),)
             if (asks := question(case, layer.value, text=f"Give {said}."))]
    return asked(row, "Local Jacobians", words, (*stated(case), values(case), wanted),
                 [mark(case, layer, layer.small(case)) for layer in found],
                 (NUDGE, (f"{lying(case.notation)} What works entry by entry has a diagonal Jacobian.",)), items)


NUDGE = ("How many entries has the result, and how many the quantity by which it is derived?",)


def mark(case: Matter, layer: Layer, numbers: bool) -> Mark:
    """A local Jacobian with its numbers, or with its shape."""
    said = equation(layer.left, shaped(layer.value), *([layer.numbers(case)] if numbers else []))
    shape = Beside((said, Words("of shape"), extent(layer.value)))
    return Mark(1, (Display(said if numbers else shape),), (layer.reason,))
