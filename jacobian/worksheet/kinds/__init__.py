"""The kinds of question: a row for each, which cuts it out of a case."""

from __future__ import annotations

from collections.abc import Callable

from jacobian.worksheet.case import Case
from jacobian.worksheet.document import Exercise
from jacobian.worksheet.kinds.backward import backward
from jacobian.worksheet.kinds.blank import blank
from jacobian.worksheet.kinds.choose import choose
from jacobian.worksheet.kinds.compose import compose
from jacobian.worksheet.kinds.derivative import derivative
from jacobian.worksheet.kinds.difference import difference
from jacobian.worksheet.kinds.local import local
from jacobian.worksheet.kinds.mistake import mistake
from jacobian.worksheet.kinds.numbers import numbers
from jacobian.worksheet.kinds.prove import prove
from jacobian.worksheet.kinds.shape import shape
from jacobian.worksheet.kinds.step import step
from jacobian.worksheet.row import Row

KINDS: dict[str, Callable[[Case, Row], Exercise]] = {
    "shape": shape,
    "numbers": numbers,
    "blank": blank,
    "local": local,
    "compose": compose,
    "derivative": derivative,
    "backward": backward,
    "mistake": mistake,
    "choose": choose,
    "prove": prove,
    "difference": difference,
    "step": step,
}
