"""Index notation: ∂L/∂Wᵢⱼ = δᵢ aⱼ, ∂Yᵢⱼ/∂Xₖₗ = Aᵢₖ Bₗⱼ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from jacobian.algebra.entries import count
from jacobian.derivation.views.view import Array, Equation, Numbers, View, dense, inside, stages, value
from jacobian.derivation.write import spoken
from jacobian.printing.boxes import Box, Fraction, Number, Row, Super, Words
from jacobian.printing.names import PARTIAL
from jacobian.printing.notation import boxes
from jacobian.symbolic.entry import at
from jacobian.symbolic.evaluate import Binding
from jacobian.symbolic.expr import Expr, walk
from jacobian.symbolic.indices import COMPARE, Frame, Index, Place, entry, indexed
from jacobian.symbolic.leaves import NAMED, SCALAR
from jacobian.symbolic.letters import evaluate, lettered

if TYPE_CHECKING:
    from jacobian.derivation.derivation import Derivation

DELTA = "δ is 1 where its indices are equal, else 0."
TRUE = "A statement in square brackets is 1 where it holds, else 0."


def index(d: Derivation) -> View:
    """∂f/∂xᵢ = ∑ⱼ Aⱼᵢ rⱼ, after what the names in it stand for."""
    made = [*map(_definition, _spoken(d)), *(_derivative(d, x) for x in d.wrt)]
    signs = {node.data[0] for form in made for node in indexed(form.right) if node.operation is COMPARE}
    words = [*([DELTA] if "δ" in signs else ()), *([TRUE] if signs - {"δ"} else ())]
    return View("index", d, tuple(form.equation for form in made), tuple(map(Words, words)))


@dataclass(frozen=True)
class Form:
    """left = right, with letters for indices; those in `free` are the axes of the array that is wanted."""

    left: Box
    right: Expr
    free: tuple[Index, ...]
    wanted: Numbers

    @property
    def equation(self) -> Equation:
        return Equation(self.left, boxes(self.right), self._numbers, self._wanted)

    def _numbers(self, bind: Binding) -> Array:
        return evaluate(self.right, self.free, bind)

    def _wanted(self, bind: Binding) -> Array:
        return self.wanted(bind).reshape([bind.size(k.size) for k in self.free])


def _spoken(d: Derivation) -> list[Expr]:
    """The function, and all that it and its derivatives speak of by name, in the order in which it is computed."""
    goal = stages(d)[0].goal
    found = (x for root in (goal, *map(d.value_by, d.wrt)) for x in walk(root))
    return list(dict.fromkeys(x for x in found if x.operation is NAMED or (x is goal and x.args)))


def _definition(x: Expr) -> Form:
    """zᵢ = ∑ⱼ Wᵢⱼ xⱼ + bᵢ."""
    frame = Frame()
    places = [frame.fresh(n, free=True) for n in x.axes]
    right, free, (left,) = _lettered(frame, at(frame, inside(x), *places), [(spoken(x), places)])
    return Form(boxes(left), right, free, partial(value, x))


def _derivative(d: Derivation, x: Expr) -> Form:
    """∂fᵢ/∂xⱼ = Aᵢⱼ, ∂²f/∂xᵢ∂xⱼ = Aᵢⱼ + Aⱼᵢ."""
    frame, slope, goal = Frame(), d.value_by(x), d.goal
    out, into = ([frame.fresh(n, free=True) for n in y.axes] for y in (goal, x))
    if goal.axes == SCALAR and slope.axes == x.axes:
        right = at(frame, slope, *into)
    elif x.axes == SCALAR and slope.axes == goal.axes:
        right = at(frame, slope, *out)
    else:
        row, column = (frame.pair(i, j, count(y.axes[1])) for y, (i, j) in ((goal, out), (x, into)))
        right = at(frame, slope, row, column)
    twice = d.first is not None and d.first.goal.axes == SCALAR and d.first.wrt[0].axes == goal.axes
    over = d.first.wrt[0] if d.first and twice else spoken(goal)
    right, free, (first, second) = _lettered(frame, right, [(over, out), (x, into)])
    if d.first and twice:
        left = Fraction(Row((Super(PARTIAL, Number("2")), boxes(spoken(d.first.goal)))),
                        Row((PARTIAL, boxes(first), PARTIAL, boxes(second))))
    else:
        left = Fraction(Row((PARTIAL, boxes(first))), Row((PARTIAL, boxes(second))))
    return Form(left, right, free, partial(dense, d, x))


def _lettered(frame: Frame, right: Expr, left: Sequence[tuple[Expr, Sequence[Place]]],
              ) -> tuple[Expr, tuple[Index, ...], list[Expr]]:
    """The right side with letters, its free indices in the order of the places at the left, and the entries there."""
    at_left = [(x, [frame.settled(place) for place in places]) for x, places in left]
    free = list(dict.fromkeys(k for _, places in at_left for place in places for k, _ in place.parts))
    right, letters = lettered(frame.moved(right, {}), free, *(x for x, _ in left))
    to = {old: Place(((new, 1),)) for old, new in letters.items()}
    entries = [entry(x, *(place.moved(to) for place in places)) for x, places in at_left]
    return right, tuple(letters[k] for k in free), entries
