"""What a question of a set is about: a formula in words, its derivation, and small numbers for its symbols."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from jacobian.derivation.derivation import Derivation, derive
from jacobian.derivation.variables import variables
from jacobian.symbolic.elementwise import MAP
from jacobian.symbolic.expr import Expr, sizes_of, walk
from jacobian.symbolic.leaves import name
from jacobian.symbolic.parse import Meaning
from jacobian.worksheet.draw import instance
from jacobian.worksheet.matter import Matter
from jacobian.worksheet.notation import USUAL, Names, Notation, index, stem
from jacobian.worksheet.numbers import Instance
from jacobian.worksheet.rename import renamed


@dataclass(frozen=True)
class Case(Matter):
    """The formula "z = W*x + b; y = tanh(z)" with its shapes, "W: m n, x: n, b: m", derived by "W, x"; see jac.parse.

    `numbers` are for the sizes that `given` says, "m = 2, n = 3", or for small ones that differ.
    """

    formula: str
    shapes: str = ""
    by: str | None = None
    given: str = ""
    seed: int = 0
    notation: Notation = USUAL

    @property
    def derivation(self) -> Derivation:
        return _derivation(self.formula, self.shapes, self.by, self.notation.names)

    @cached_property
    def numbers(self) -> Instance:
        return instance(self.derivation, self.locals, self.given, self.seed)

    @property
    def sizes(self) -> Mapping[str, int]:
        return self.numbers.sizes


@lru_cache(maxsize=256)
def _derivation(formula: str, shapes: str, by: str | None, names: Names) -> Derivation:
    """The derivative, checked, in the letters of a notation; a goal without a name is called f."""
    meaning = Meaning(formula, shapes, None)
    goal = meaning.expression()
    turns = variables(by or None, goal, {**meaning.declared.symbols, **meaning.symbols})
    if goal.label is None or not goal.args:
        taken = {str(x.label) for x in walk(goal)}
        words = ("F", "Y", "R", "Result") if len(goal.shape) > 1 else ("f", "y", "J", "result")
        goal = name(next(word for word in words if word not in taken), goal)
    return _called(goal, turns, Notation(names=names)).checked()


def parts(formula: str, shapes: str) -> list[Expr]:
    """Everything that a formula is made of."""
    return walk(Meaning(formula, shapes, None).expression())


def _called(goal: Expr, turns: Sequence[tuple[Expr, ...]], notation: Notation) -> Derivation:
    """The derivative by the variables, with each quantity called as it is in the notation."""
    parts = walk(goal, *(x for targets in turns for x in targets))
    labels = [str(x.label) for x in parts if x.label]
    functions = (x.data.name for x in parts if x.operation is MAP and x.data.abstract)
    called = notation.letters(labels, (*map(str, sizes_of(*parts)), *functions))
    new = renamed(called, *parts)
    names = {called[label]: notation.signal(called[str(goal.label)], called[label], index(label))
             for label in labels if stem(label) == "z"}
    return derive(new[goal], *([new[x] for x in targets] for targets in turns), names=names)
