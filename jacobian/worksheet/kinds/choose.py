"""Choose among four formulas, three of which come from mistakes."""

from __future__ import annotations

from itertools import islice

import numpy as np

from jacobian.derivation.lines import Line
from jacobian.errors import InputError
from jacobian.printing.notation import boxes, equation
from jacobian.printing.text import text
from jacobian.symbolic.expr import Expr
from jacobian.worksheet.case import Case
from jacobian.worksheet.document import Block, Bullets, Display, Exercise, Mark, Parts
from jacobian.worksheet.kinds.common import asked, listed, say, stated
from jacobian.worksheet.kinds.factors import shaped
from jacobian.worksheet.kinds.steps import answers, item, left, opened
from jacobian.worksheet.kinds.wrong import DULL, wrongs
from jacobian.worksheet.row import Row

LETTERS = "abcd"


def choose(case: Case, row: Row) -> Exercise:
    """The derivative by each variable among distractors of its shape. Raises InputError where there are too few."""
    rng = np.random.default_rng(case.seed)
    told: list[Block] = [*stated(case)]
    marks: list[Mark] = []
    for line in answers(case):
        options = _options(case, line, rng)
        told += [say("What is ", left(case, line), "?"), Bullets(tuple(
            (f"({letter}) ", boxes(value)) for letter, (value, _) in zip(LETTERS, options, strict=True)))]
        marks.append(_mark(case, line, options))
    words = ("Choose the right formula for ", *listed(left(case, line) for line in answers(case)),
             ". Every formula has the right shape.")
    hints = (("Try small sizes: with one row and one column every formula is one of numbers.",),
             ("Chain rule: one factor for each function on the way from the variable to the result.",))
    return asked(row, "Choose", words, told, marks, hints,
                 [found for line in answers(case) for found in item(case, line)])


def _options(case: Case, line: Line, rng: np.random.Generator) -> list[tuple[Expr, str]]:
    """The right formula and the wrong ones in an order by chance, each with what was done wrong."""
    right = opened(case, line)
    made = wrongs(case, right, (), rng)
    found = list(islice(made, len(LETTERS) - 1))
    if all(wrong.mistake.name in DULL for wrong in found):
        found[-1:] = islice((wrong for wrong in made if wrong.mistake.name not in DULL), 1)
    if len(found) < len(LETTERS) - 1:
        raise InputError(f"too few wrong formulas of the right shape were found for {text(left(case, line))} that have "
                         "more than another sign or factor in front: take another kind of question")
    options = [(right, ""), *((wrong.value, f"{wrong.mistake.name}: {wrong.mistake.sentence}")
                                   for wrong in found)]
    return [options[k] for k in rng.permutation(len(options))]


def _mark(case: Case, line: Line, options: list[tuple[Expr, str]]) -> Mark:
    """Which is right, and what the others did wrong."""
    letter = LETTERS[[said for _, said in options].index("")]
    others: list[Parts] = [(f"({other}) {said}",) for other, (_, said) in zip(LETTERS, options, strict=True) if said]
    return Mark(1, (say(f"({letter}) is right:"), Display(equation(left(case, line), shaped(opened(case, line)))),
                    Bullets(tuple(others))), (f"{line.reason}.",))
