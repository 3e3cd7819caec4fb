"""Fill the blank: a derivation in which factors or whole lines are left out."""

from __future__ import annotations

from itertools import count

import numpy as np

from jacobian.derivation.lines import Line
from jacobian.errors import InputError
from jacobian.printing.boxes import Blank, Box
from jacobian.printing.notation import boxes, equation
from jacobian.symbolic.expr import Expr, walk
from jacobian.worksheet.answers.sheet import Item
from jacobian.worksheet.case import Case
from jacobian.worksheet.document import Display, Exercise, Mark
from jacobian.worksheet.kinds.common import asked, question, say, stated
from jacobian.worksheet.kinds.factors import factored, factors, shaped
from jacobian.worksheet.kinds.steps import known, left
from jacobian.worksheet.row import Row

WHOLE = 3               # the level from which on whole lines are left out
ALL = 4                 # and from which on all of them


def blank(case: Case, row: Row) -> Exercise:
    """A blank in the lines that the row names, else by level. Raises InputError where there is no such line."""
    rng = np.random.default_rng(case.seed)
    lines = case.lines
    left_out = {k: _missing(lines[k].value, row.level, rng) for k in _chosen(lines, row)}
    told = [Display(equation(left(case, line), _with_blank(line.value, left_out.get(k, -1))), str(k + 1))
            for k, line in enumerate(lines)]
    marks, items = [], []
    for k, place in left_out.items():
        line = lines[k]
        part = line.value if place is None else factors(line.value)[place]
        marks.append(Mark(1, (say(f"In line {k + 1}: ", boxes(part)),
                              Display(equation(left(case, line), shaped(line.value)))), (f"{line.reason}.",)))
        asks = question(case, part, known(case, line), text=f"What stands in the blank of line {k + 1}?")
        items += [Item(f"line {k + 1}", asks, 1)] if asks else []
    words = ("Fill in what is left out of this derivation.",)
    hints = (("What shape must stand in the blank, so that the product has the shape of the derivative?",),
             ("Each line is the derivative so far times the local Jacobian of one function.",))
    return asked(row, "Fill the blanks", words, (*stated(case), *told), marks, hints, items)


def _chosen(lines: tuple[Line, ...], row: Row) -> list[int]:
    """The lines with a blank, from 0; by level the longest ones, and none that another line gives away."""
    for number in row.blank:
        if not 1 <= number <= len(lines):
            raise InputError(f"blank names lines of the derivation, from 1 to {len(lines)}, but {number} was given")
    if row.blank:
        return sorted({number - 1 for number in row.blank})
    if row.level >= ALL:
        return list(range(len(lines)))
    hidden = [k for k, line in enumerate(lines)
              if not any(line.value in walk(other.value, until=named) for other in lines if other is not line)]
    longest = sorted(hidden or range(len(lines)), key=lambda k: -len(factors(lines[k].value)))
    return sorted(longest[:row.level])


def named(x: Expr) -> bool:
    """Whether it is a named result, into which nobody looks."""
    return x.operation.name == "named"


def _missing(x: Expr, level: int, rng: np.random.Generator) -> int | None:
    """The place of the factor that is left out; None where the whole line is."""
    places = [k for k, part in enumerate(factors(x)) if part.operation.name != "number"]
    return int(rng.choice(places)) if level < WHOLE and len(places) > 1 else None


def _with_blank(x: Expr, place: int | None) -> Box:
    """The line with a blank in that place, -1 for none."""
    places = count()
    return Blank(6) if place is None else factored(
        x, lambda part, tightness: Blank() if next(places) == place else boxes(part, tightness))
