"""What a question of a set is about: a formula in words, its derivation, and small numbers for its symbols."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from jacobian.derivation.derivation import Derivation, derive
from jacobian.derivation.variables import variables
from jacobian.symbolic.expr import Expr, leaves, walk
from jacobian.symbolic.leaves import name
from jacobian.symbolic.parse import Meaning
from jacobian.worksheet.draw import instance
from jacobian.worksheet.matter import Matter
from jacobian.worksheet.numbers import Instance


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

    @property
    def derivation(self) -> Derivation:
        return _derivation(self.formula, self.shapes, self.by)

    @cached_property
    def numbers(self) -> Instance:
        return instance(self.derivation, self.locals, self.given, self.seed)

    @property
    def sizes(self) -> Mapping[str, int]:
        return self.numbers.sizes

    @property
    def symbols(self) -> list[Expr]:
        """The quantities that are given."""
        return list(leaves(self.goal))

    @property
    def named(self) -> list[Expr]:
        """The named results in the order in which they are computed, the goal last."""
        return list(self.derivation.named())

    @property
    def locals(self) -> Iterator[tuple[Expr, Expr]]:
        """Each named result with each quantity with a name that it is computed from at once."""
        for y in self.named:
            yield from ((y, x) for x in inputs(y.args[0]))


def inputs(x: Expr) -> Iterator[Expr]:
    """The quantities with a name in an expression, those of which they are made left out."""
    found: dict[Expr, None] = {}
    waiting = [x]
    while waiting:
        part = waiting.pop()
        if part.label is not None:
            found[part] = None
        else:
            waiting.extend(reversed(part.args))
    return iter(found)


@lru_cache(maxsize=256)
def _derivation(formula: str, shapes: str, by: str | None) -> Derivation:
    """The derivative, checked; a goal without a name is called f."""
    meaning = Meaning(formula, shapes, None)
    goal = meaning.expression()
    turns = variables(by or None, goal, {**meaning.declared.symbols, **meaning.symbols})
    if goal.label is None:
        taken = {str(x.label) for x in walk(goal)}
        goal = name(next(word for word in ("f", "y", "J", "result") if word not in taken), goal)
    return derive(goal, *turns).checked()
