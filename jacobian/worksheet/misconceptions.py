"""Numbers tell a right formula from a wrong one only if no misconception gives the same ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from jacobian.errors import InputError
from jacobian.printing.plain import declarations
from jacobian.symbolic.evaluate import Binding
from jacobian.symbolic.expr import Expr
from jacobian.worksheet.answers.compare import fingerprint
from jacobian.worksheet.answers.node import Misread, Node
from jacobian.worksheet.answers.question import Question
from jacobian.worksheet.answers.table import singles
from jacobian.worksheet.answers.values.reading import PAPER
from jacobian.worksheet.answers.values.run import Run
from jacobian.worksheet.answers.values.value import TooMuch, Value, natural, scalar
from jacobian.worksheet.numbers import FAINTEST

Memo = dict[Node, tuple[Value, bool]]


@dataclass(frozen=True, eq=False)
class Misconceptions:
    """The wrong formulas `wrong` that people write for the value that a question asks for."""

    question: Question
    right: Node
    wrong: tuple[Node, ...]

    def coincide(self, bind: Binding) -> Iterator[Node]:
        """Those that have the right numbers at these values."""
        symbols = {name: natural(bind(x).astype(float), x.axes) for name, x in self.question.symbols.items()}
        point = symbols | {n: scalar(k) for n, k in bind.sizes.items()}
        for name, formula in self.question.formulas.items():
            point[name] = Run(point, PAPER)(formula)
        memo: Memo = {}
        right = _value(self.right, point, memo)
        return (tree for tree in self.wrong if right is not None and not _apart(_value(tree, point, memo), right))


def _value(tree: Node, point: Mapping[str, Value], memo: Memo) -> Value | None:
    try:
        return Run(point, PAPER, memo=memo).shared(tree)[0]
    except (TooMuch, Misread):
        return None


def _apart(made: Value | None, right: Value) -> bool:
    """Whether both differ where they are printed."""
    if made is None or made.array.shape != right.array.shape or not np.isfinite(made.array).all():
        return True
    return bool(np.abs(made.array - right.array).max() >= FAINTEST)


def misconceptions(values: Iterable[Expr], *symbols: Expr) -> list[Misconceptions]:
    """Those of each value that can be typed; formulas with the same numbers everywhere are one."""
    found = []
    for value in values:
        try:
            question = Question(value, declarations(value, *symbols))
        except InputError:
            continue
        memo: Memo = {}
        marks: dict[Any, Node] = {}
        for _, tree, _ in singles(question.resolved, question.context):
            at = [_value(tree, point, memo) for point in question.points[:1]]
            mark = fingerprint([at[0]], question.rights[:1]) if at[0] is not None else None
            if mark is not None:
                marks.setdefault((mark.shape, tuple(mark.numbers.round(9))), tree)
        right = fingerprint(question.rights[:1], question.rights[:1])
        if right is not None:
            marks.pop((right.shape, tuple(right.numbers.round(9))), None)
        found.append(Misconceptions(question, question.resolved, tuple(marks.values())))
    return found


class Telling:
    """Whether numbers tell right values from those of misconceptions: telling(numbers).

    What coincides at each of the `draws` is no misconception there. Of the others at least the `fewest` coincide at a
    draw, and those that do are tried first. Without a draw no numbers are `possible`.
    """

    def __init__(self, rows: Iterable[Misconceptions], draws: Iterable[Binding]) -> None:
        probes = list(draws)
        self.possible = bool(probes)
        self.rows: list[Misconceptions] = []
        self.suspects: list[Misconceptions] = []
        found = [0] * len(probes)
        for row in rows:
            hits = [set(row.coincide(bind)) for bind in probes]
            always = set.intersection(*hits) if hits else set()
            wrong = tuple(tree for tree in row.wrong if tree not in always)
            found = [count + len(hit - always) for count, hit in zip(found, hits, strict=True)]
            self.rows.append(replace(row, wrong=wrong))
            self.suspects.append(replace(row, wrong=tuple(tree for tree in wrong if any(tree in hit for hit in hits))))
        self.fewest = min(found, default=0)

    def __call__(self, bind: Binding) -> bool:
        return not any(any(row.coincide(bind)) for rows in (self.suspects, self.rows) for row in rows)

    def coincidences(self, bind: Binding) -> int:
        """How many misconceptions have right numbers there."""
        return sum(sum(1 for _ in row.coincide(bind)) for row in self.rows)
