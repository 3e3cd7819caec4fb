"""Numbers tell a right formula from a wrong one only if no misconception gives the same ones."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from jacobian.errors import InputError
from jacobian.printing.plain import declarations
from jacobian.symbolic.evaluate import Binding
from jacobian.symbolic.expr import Expr
from jacobian.worksheet.answers.compare import fingerprint
from jacobian.worksheet.answers.node import Node
from jacobian.worksheet.answers.question import Question
from jacobian.worksheet.answers.table import singles
from jacobian.worksheet.answers.tape import Tape
from jacobian.worksheet.answers.values.reading import PAPER
from jacobian.worksheet.answers.values.run import Run
from jacobian.worksheet.answers.values.value import Value, natural, scalar
from jacobian.worksheet.numbers import FAINTEST


class Draw:
    """Numbers of all that the questions of one derivation speak of, each worked out once."""

    def __init__(self, bind: Binding) -> None:
        self.bind = bind
        self.sizes = {n: scalar(k) for n, k in bind.sizes.items()}
        self._known: dict[Expr | tuple[str, str], Value] = {}

    def point(self, question: Question) -> dict[str, Value]:
        """The values of the names of a question."""
        found = {name: self._symbol(x) for name, x in question.symbols.items()} | self.sizes
        for name, text in question.statements:
            if (name, text) not in self._known:
                self._known[name, text] = Run(found, PAPER)(question.formulas[name])
            found[name] = self._known[name, text]
        return found

    def _symbol(self, x: Expr) -> Value:
        if x not in self._known:
            self._known[x] = natural(self.bind(x).astype(float), x.axes)
        return self._known[x]


@dataclass(frozen=True, eq=False)
class Misconceptions:
    """The wrong formulas `wrong` that people write for the value that a question asks for."""

    question: Question
    right: Node
    wrong: tuple[Node, ...]

    @cached_property
    def tape(self) -> Tape:
        return Tape((self.right, *self.wrong))

    def coincide(self, draw: Draw) -> list[Node]:
        """Those that have the right numbers there."""
        right, *wrong = self.tape(draw.point(self.question))
        return [tree for tree, same in zip(self.wrong, _same(right, wrong), strict=True) if same]


def _same(right: Value | None, wrong: list[Value | None]) -> Any:
    """Which of the values are printed like the right one."""
    found = np.zeros(len(wrong), dtype=bool)
    if right is not None:
        alike = {k: value.array for k, value in enumerate(wrong) if value and value.array.shape == right.array.shape}
        away = np.abs(np.reshape([array - right.array for array in alike.values()], (len(alike), right.array.size)))
        found[[*alike]] = (away < FAINTEST).all(axis=1)         # not where it is no number
    return found


def misconceptions(values: Iterable[Expr], *symbols: Expr) -> list[Misconceptions]:
    """Those of each value that can be typed; formulas with the same numbers everywhere are one."""
    found = []
    for value in values:
        try:
            question = Question(value, declarations(value, *symbols))
        except InputError:
            continue
        marks: dict[Any, Node] = {}
        trees = [tree for _, tree, _ in singles(question.resolved, question.context)]
        for tree, made in zip(trees, Tape(trees)(question.points[0]), strict=True):
            mark = fingerprint([made], question.rights[:1]) if made else None
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
        probes = list(map(Draw, draws))
        self.possible = bool(probes)
        self.rows: list[Misconceptions] = []
        self.suspects: list[Misconceptions] = []
        found = [0] * len(probes)
        for row in rows:
            hits = [set(row.coincide(draw)) for draw in probes]
            always = set.intersection(*hits) if hits else set()
            wrong = tuple(tree for tree in row.wrong if tree not in always)
            found = [count + len(hit - always) for count, hit in zip(found, hits, strict=True)]
            self.rows.append(replace(row, wrong=wrong))
            self.suspects.append(replace(row, wrong=tuple(tree for tree in wrong if any(tree in hit for hit in hits))))
        self.fewest = min(found, default=0)

    def __call__(self, bind: Binding) -> bool:
        draw = Draw(bind)
        return not any(row.coincide(draw) for rows in (self.suspects, self.rows) for row in rows if row.wrong)

    def coincidences(self, bind: Binding) -> int:
        """How many misconceptions have right numbers there."""
        draw = Draw(bind)
        return sum(len(row.coincide(draw)) for row in self.rows)
