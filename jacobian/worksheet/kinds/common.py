"""What the kinds of question share: the words of the question, room for the answer, points."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from math import ceil
from typing import Any

import sympy as sp

from jacobian.errors import InputError
from jacobian.printing.boxes import Box, Grid, Number, Symbol, Words
from jacobian.printing.boxes import Row as Beside
from jacobian.printing.names import boxed, join
from jacobian.printing.names import shape as sizes
from jacobian.printing.notation import boxes, equation
from jacobian.printing.plain import declarations, written
from jacobian.symbolic.assumptions import ASSUMPTIONS
from jacobian.symbolic.expr import Expr, sizes_of, walk
from jacobian.worksheet.answers.question import Question
from jacobian.worksheet.answers.sheet import Item
from jacobian.worksheet.document import Block, Display, Exercise, Mark, Paragraph, Part, Parts, Table, flat
from jacobian.worksheet.matter import Matter, grid
from jacobian.worksheet.numbers import written as decimal
from jacobian.worksheet.row import Row

PAGE = 24                # lines of room, with the question above them
BESIDE = 2 / 3           # of the lines are enough, because narrow formulas stand side by side


def say(*parts: str | Box) -> Paragraph:
    return Paragraph(parts)


def exercise(title: str, level: int, question: Sequence[Block], answer: Sequence[Mark], hints: tuple[Parts, ...],
             items: Sequence[Item] = ()) -> Exercise:
    """A question with room for its answer, at most a page, and the points of its marks; it is numbered on the sheet.

    What a program can mark shares the points.
    """
    lines = ceil(sum(map(_room, flat(answer))) * BESIDE)
    return worth(Exercise(0, title, 0, tuple(question), tuple(answer), min(PAGE, lines), level=level, hints=hints,
                          asked=tuple(items)))


def worth(made: Exercise, points: int = 0) -> Exercise:
    """The question for so many points, else those of its marks; they are shared among the marks, and among the items.

    Points of marks are whole.
    """
    marks = _shared([block for block in made.answer or () if isinstance(block, Mark)], points)
    total = sum(mark.points for mark in marks)
    whole = sum(item.points for item in made.asked)
    return replace(made, points=total, answer=marks,
                   asked=tuple(replace(item, points=round(item.points * total / whole, 12)) for item in made.asked))


def asked(row: Row, title: str, words: Parts, told: Sequence[Block], answer: Sequence[Mark],
          hints: tuple[Parts, ...] = (), items: Sequence[Item] = ()) -> Exercise:
    """A question of a set: the title, text, points and hints of its row go before those of its kind.

    Points of a row are shared among the marks as evenly as whole points can be.
    """
    called = f"{row.title or title}: {row.of}" if row.of else row.title or title
    return exercise(called, row.level, (say(*((row.text,) if row.text else words)), *told),
                    _shared(answer, row.points), tuple((hint,) for hint in row.hints) or hints, items)


def _shared(marks: Sequence[Mark], points: int) -> tuple[Mark, ...]:
    total = sum(mark.points for mark in marks)
    if not points or not total:
        return tuple(marks)
    ends, before = [], 0
    for mark in marks:
        before += mark.points
        ends.append(round(points * before / total))
    return tuple(replace(mark, points=end - start) for mark, start, end in zip(marks, [0, *ends], ends, strict=False))


def listed(items: Iterable[Part], last: str = "and") -> Parts:
    """a, b and c."""
    *front, end = items
    return (*[part for item in front for part in (item, ", ")][:-1], f" {last} ", end) if front else (end,)


def number(x: Any) -> Box:
    """A number as a person writes it."""
    return Number(decimal(x))


def definitions(case: Matter) -> Display:
    """z = W x + b, a = σ(z), …: the function with its named results, and what is known of its quantities."""
    return known(join([equation(boxes(y), boxes(y.args[0])) for y in case.named], Words("and")), case.symbols)


def known(said: Box, symbols: Iterable[Expr]) -> Display:
    """A formula, and what its symbols are: with S symmetric."""
    words: list[Box] = [Beside((boxes(x), Words(ASSUMPTIONS[word].words.partition(",")[0]))) for x in symbols
                        for word in x.assumptions if word != "constant"]
    return Display(join([said, join(words, Words("and"))], Words("with")) if words else said)


def given(symbols: Sequence[Expr]) -> Parts:
    """Given are A: m × n and x: n."""
    said = [Beside((boxes(x), Symbol(":"), sizes(x.shape))) for x in symbols]
    return (f"Given {'is' if len(said) == 1 else 'are'} ", *listed(said), ".") if said else ()


def stated(case: Matter) -> tuple[Block, ...]:
    """The function, and the shapes of what it is made of."""
    return definitions(case), say(*given(case.symbols))


def values(case: Matter) -> Display:
    """W = …, x = …: the numbers that are given, and the sizes that these do not show."""
    arrays = [equation(boxes(x), grid(case.numbers(x))) for x in case.symbols]
    return Display(join([*arrays, *(equation(boxed(n), boxed(case.size(n))) for n in _unseen(case))], Words("and")))


def _unseen(case: Matter) -> list[Any]:
    """The sizes that follow from no array: m and k of a vector of m k entries that is read as a matrix."""
    axes = [sp.sympify(n) for x in case.symbols for n in x.shape]
    unseen = sizes_of(case.goal)
    for _ in axes:
        for n in axes:
            left = n.free_symbols.intersection(unseen)
            if len(left) == 1 and n.diff(*left).is_number:
                unseen = [size for size in unseen if size not in left]
    return unseen


def question(case: Matter, value: Expr, known: Iterable[Expr] = (), *, text: str = "",
             asks: str = "formula") -> Question | None:
    """What asks for a value in the quantities, the named results and what else is known; None where nobody reads it."""
    return _asked(case.goal, case.wrt, tuple(case.named), value, tuple(known), text, asks)


@lru_cache(maxsize=1024)
def _asked(goal: Expr, wrt: tuple[Expr, ...], named: tuple[Expr, ...], value: Expr, known: tuple[Expr, ...],
           text: str, asks: str) -> Question | None:
    """The question for the formula, which is the same whatever the numbers are."""
    inner = value.args[0] if value.operation.name == "named" else value
    for results in (named, named[:-1]):       # not every goal is read
        with suppress(InputError):
            given = [f"{x.label} = {written(x.args[0])}" for x in walk(*results, *known) if x.args and x.label]
            return Question(inner, declarations(goal, *wrt), "; ".join(given), asks, text=text)
    return None


def _room(block: Block) -> int:
    """The lines that a block takes, written by hand; a table is filled in where it stands."""
    match block:
        case Display(box):
            return max(2, _height(box))
        case Table():
            return 0
    return 1


def _height(box: Box) -> int:
    match box:
        case Grid(rows):
            return len(rows)
        case Beside(items):
            return max(map(_height, items), default=1)
    return 1
