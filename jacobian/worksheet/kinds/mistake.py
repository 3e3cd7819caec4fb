"""Find the mistake: a derivation in which one line is wrong."""

from __future__ import annotations

from itertools import islice

import numpy as np

from jacobian.derivation.lines import Line
from jacobian.errors import InputError
from jacobian.printing.boxes import Symbol
from jacobian.printing.notation import boxes, equation
from jacobian.worksheet.answers.mistakes import Mistake
from jacobian.worksheet.answers.question import Question
from jacobian.worksheet.answers.sheet import Item
from jacobian.worksheet.case import Case
from jacobian.worksheet.document import Display, Exercise, Mark, Parts
from jacobian.worksheet.kinds.common import asked, number, say, stated, values
from jacobian.worksheet.kinds.factors import shaped
from jacobian.worksheet.kinds.steps import item, known, left
from jacobian.worksheet.kinds.wrong import DIGITS, DULL, Wrong, wrongs
from jacobian.worksheet.row import Row


def mistake(case: Case, row: Row) -> Exercise:
    """The lines with a wrong one among them. Raises InputError where there is only one, or none can be made wrong."""
    lines = case.lines
    if len(lines) < 2:
        raise InputError(f"a mistake is looked for among several lines, but the derivative of {case.goal} takes one: "
                         "name a result in between, or take a formula with more functions")
    k, wrong = _planted(case)
    right, made = lines[k], wrong.mistake
    told = [Display(equation(left(case, line), boxes(wrong.value if line is right else line.value)), str(j))
            for j, line in enumerate(lines, 1)]
    marks = [
        Mark(1, (say(f"Line {k + 1} is wrong. It should be"),
                 Display(equation(left(case, right), shaped(right.value)))), (f"{right.reason}.",)),
        Mark(1, (say(f"This mistake is called {made.name}. {made.sentence}"),), _advice(made)),
        Mark(1, (say(*_noticed(case, right, wrong)),), ("a number that does not fit is proof enough.",)),
    ]
    words = ("One line of this derivation is wrong; each of the others is true as it stands. Which one, what was done "
             "wrong, and by which number or shape can one notice it? These numbers may help.")
    hints = (("Read each line by itself: what is derived, by what, and through which function?",),
             ("A derivative has as many entries as its variable, and predicts what a small change of one entry does: "
              "try it.",))
    items = [Item("line", Question(str(k + 1), asks="numbers", text="The number of the wrong line."), 1),
             *item(case, right, 2)]
    return asked(row, "Find the mistake", (words,), (*stated(case), values(case), *told), marks, hints, items)


def _planted(case: Case) -> tuple[int, Wrong]:
    """A line by its place, and what stands there instead: a mistake that belongs to it, where one of the lines has one.

    Lines of one path come last: which of several paths is meant can be said in more than one way.
    Raises InputError where no line can be made wrong.
    """
    rng = np.random.default_rng(case.seed)
    lines = case.lines
    dull: list[tuple[int, Wrong]] = []
    for k in sorted(map(int, rng.permutation(len(lines))), key=lambda k: lines[k].path is not None):
        for wrong in islice(wrongs(case, lines[k].value, known(case, lines[k]), rng), 1):
            if wrong.mistake.name not in DULL:
                return k, wrong
            dull.append((k, wrong))
    if not dull:
        raise InputError(f"no line of the derivative of {case.goal} can be made wrong so that its shape stays right")
    return dull[0]


def _advice(made: Mistake) -> Parts:
    return (f"Look at {made.advice}.",) if made.advice != made.sentence else ()


def _noticed(case: Case, line: Line, wrong: Wrong) -> Parts:
    """The first entry in which both differ at these numbers."""
    false, true = (np.asarray(case.numbers(x), dtype=object) for x in (wrong.value, line.value))
    place = next(place for place in np.ndindex(true.shape) if abs(complex(false[place] - true[place])) >= DIGITS)
    axes = [word for word, n in zip(("row", "column"), line.value.axes, strict=True) if n is not None]
    where = ", ".join(f"{axis} {n + 1}" for axis, n in zip(axes, place, strict=True))
    return (f"At these numbers {f'the entry in {where}' if place else 'it'} would be ", number(false[place]),
            " by this line, but a difference gives ", Symbol("≈"), " ", number(true[place]), ".")
