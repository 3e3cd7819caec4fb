"""A question: the right answer as a tree with its values at points, and the mistakes with theirs."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from contextlib import suppress
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from jacobian.derivation.derivation import Derivation
from jacobian.errors import InputError
from jacobian.symbolic import sample
from jacobian.symbolic.elementwise import standing_in
from jacobian.symbolic.evaluate import Binding
from jacobian.symbolic.expr import Expr
from jacobian.symbolic.parse import parse
from jacobian.worksheet.answers.compare import is_right
from jacobian.worksheet.answers.declared import ASKS, Declared
from jacobian.worksheet.answers.folding import Slope, folded, resolve, slopes
from jacobian.worksheet.answers.mistakes import Mistake
from jacobian.worksheet.answers.mutations import Context
from jacobian.worksheet.answers.node import Node
from jacobian.worksheet.answers.table import Table, pairs, singles, values_of
from jacobian.worksheet.answers.values.reading import HINT, PAPER
from jacobian.worksheet.answers.values.run import Run
from jacobian.worksheet.answers.values.value import Real, TooMuch, Value, natural, scalar

POINTS, DRAWS = 6, 48
LARGE = ((2.0, 6.0), True)      # a regime as those of samples: from, to, and whether signs are mixed


@dataclass(frozen=True, eq=False)
class Question(Declared):
    """Question("W'*delta .* a.*(1-a)", "W: m n, delta: m, z: n", given="a = sigmoid(z)"): what is asked and known.

    `answer` is a text, an expression, a derivation (its value is the answer) or, where numbers are asked, an array.
    `shapes` declares every quantity that may appear, as `jac.symbols` does, and functions without values ("g:
    function"); `given` gives others by formulas. `asks` is "formula", "shape" (that of `answer`) or "numbers"; with
    `values` ("x = [1, 2]; W = [1 0; 0 1]") numbers are those of the formula there. Raises InputError where the answer
    itself cannot be read, does not fit, or is read in two ways.
    """

    def __post_init__(self) -> None:
        if self.asks not in ASKS:
            raise InputError(f"a question asks for one of {', '.join(ASKS)}, but {self.asks!r} was given")
        if not isinstance(self.shapes, str):
            raise InputError(f'shapes are declared in words, "W: m n, x: n", but {self.shapes!r} was given')
        for what, value in (("given", self.given), ("values", self.values)):
            if not isinstance(value, str | Mapping):
                raise InputError(f'{what}= is text, "a = …; b = …", or a dictionary, but {value!r} was given')
        self.rights     # noqa: B018 (what cannot be read is said at once)

    def at(self, values: Mapping[str, Any]) -> Question:
        """The same formula, read already, of which the numbers at these values are asked."""
        made = copy(self)
        for worked_out in vars(Question):
            vars(made).pop(worked_out, None)
        vars(made).update(asks="numbers", values=values)
        return made

    @cached_property
    def points(self) -> list[dict[str, Value]]:
        """Values of all names: at points of several sizes that all differ, or the one that was given."""
        if self.values:
            return [self.completed(self.numbers())]
        seed = zlib.crc32(repr((self.seed, self.source)).encode())
        found: list[dict[str, Value]] = []
        for attempt in range(DRAWS):
            values = self._drawn(np.random.default_rng((seed, attempt)), len(found), attempt)
            with suppress(TooMuch):
                if np.isfinite(self._right(values).array).all():
                    found.append(values)
            if len(found) >= POINTS and self._spread(found):
                break
        if not found:
            raise InputError(f"{self.source[0]} is not finite, or too large, at each of {DRAWS} random points: declare "
                             'what is known, such as "x: n positive"')
        return found

    def _drawn(self, rng: np.random.Generator, k: int, attempt: int) -> dict[str, Value]:
        """Values of the k-th point; no size is the same at the first two, and the last have large numbers."""
        more = len(self.sizes) * (k == 1)
        order = rng if k > 1 else np.random.default_rng(self.seed)
        sizes = sample.sizes(order, *self.symbols.values(), smallest=2 + more)
        regime = LARGE if k >= POINTS - 2 else sample.REGIMES[(3 * k + attempt // POINTS) % len(sample.REGIMES)]
        bind = Binding({}, sizes)
        drawn = {name: natural(sample.value(rng, s, s, bind, regime).reshape(bind.shape(s)), s.axes)
                 for name, s in self.symbols.items()}
        return self.completed(drawn | {n: scalar(sizes[n]) for n in self.sizes})

    def _spread(self, found: list[dict[str, Value]]) -> bool:
        """Whether every scalar of which nothing is known was far on both sides of 0, so that |x| is not taken for x."""
        seen = [[point[name].array.item() for point in found] for name, x in self.symbols.items()
                if x.shape == () and not x.assumptions]
        return all(max(row) >= LARGE[0][0] and min(row) <= -LARGE[0][0] for row in seen)

    def _right(self, values: Mapping[str, Value]) -> Value:
        """The answer at a point."""
        return Run(values, self.reading_of(self.source[0], values))(self.tree(self.source[0]))

    @cached_property
    def rights(self) -> list[Value]:
        """The right answer at each point, of the tree and, where both read it, of the expression."""
        found = map(self._right, self.points)
        rights = [x.size(max(x.array.shape), max(x.array.shape)) for x in found]
        for values, right in zip(self.points, rights, strict=True):
            values[HINT] = scalar(right.array.shape[0])
            other = None if self._only_numbers else self.value_at(values, self.expression)
            if other is not None and not (other.shape == right.array.shape
                                          and np.allclose(other, right.array, rtol=1e-7, atol=1e-9)):
                raise InputError(f"{self.source[0]} is read in two ways: write .* for products entry by entry, * for "
                                 "matrix products, and sum(sum(X)) or ones for sums")
        return rights

    @cached_property
    def expression(self) -> Expr | None:
        """The answer as an expression, None where only the grammar of answers reads it."""
        if isinstance(self.answer, Expr | Derivation):
            return self.answer.value if isinstance(self.answer, Derivation) else self.answer
        try:
            return parse("; ".join([*(f"{name} = {formula}" for name, formula in self.statements), self.source[0]]),
                         self.source[1])
        except InputError:
            return None

    @property
    def _only_numbers(self) -> bool:
        """Whether numbers are the answer, without a formula for them."""
        return self.asks == "numbers" and not self.symbols

    def value_at(self, values: Mapping[str, Value], x: Expr | None) -> Real | None:
        """The value of an expression in these quantities at a point, in two axes; None where it has none."""
        if x is None:
            return None
        sizes = Binding({}, {n: int(values[n].array.item()) for n in self.sizes})
        shown = {s: values[name].array.reshape([*map(sizes.size, s.shape)]) for name, s in self.symbols.items()}
        try:
            with standing_in():
                return np.asarray(Binding(shown, sizes.sizes)(x), float)
        except InputError:
            return None

    # ---- mistakes ----

    @cached_property
    def resolved(self) -> Node:
        """The right tree with nothing left open and derivatives of activations as nodes of their own."""
        return self.folded(resolve(self.tree(self.source[0]), self.reading_of(self.source[0], self.points[0])))

    def folded(self, tree: Node) -> Node:
        """A tree with the derivatives of the activations that the question speaks of as nodes of their own."""
        return folded(tree, self.slopes, self.points[0])

    @cached_property
    def slopes(self) -> list[Slope]:
        return slopes(map(self.tree, (*(formula for _, formula in self.statements), self.source[0])), self.points[0])

    @cached_property
    def formulas(self) -> dict[str, Node]:
        """What is given, as trees."""
        return {name: resolve(self.tree(formula), self.reading_of(formula, self.points[0]))
                for name, formula in self.statements}

    def context(self, tree: Node) -> Context:
        """What mutations of a tree may know."""
        point = self.points[0]
        names = {name: value for name, value in point.items() if name != HINT}
        return Context(Run(point, PAPER).all(tree), names, self.sizes, tree, self.formulas)

    @cached_property
    def single(self) -> Table:
        """The mistakes made once."""
        return Table(singles(self.resolved, self.context), self.points, self.rights)

    @cached_property
    def pairs(self) -> Table:
        """Two of the core mistakes together."""
        return Table(pairs(self.resolved, self.context), self.points, self.rights)

    @cached_property
    def numbered(self) -> list[tuple[Mistake, Value]]:
        """The mistakes made once, with the numbers that they give, the simplest first."""
        found = [(mistake, value) for mistake, tree, _ in singles(self.resolved, self.context)
                 for value in values_of(tree, self.points) if not is_right([value], self.rights)]
        return sorted(found, key=lambda row: row[0].cost)
