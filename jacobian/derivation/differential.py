"""The differential of a result: dY = A dX B, dJ = tr(Gᵀ dX), in symbols dX for the changes of the variables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache, reduce

from jacobian.algebra import Jacobian
from jacobian.errors import InputError
from jacobian.printing.boxes import APPLY, Box, Fence, Grid, Name, Row, Super
from jacobian.printing.names import ATOM, GREEK, T, label
from jacobian.printing.notation import boxes
from jacobian.symbolic.assumptions import change
from jacobian.symbolic.expr import Expr, Variable, make, walk
from jacobian.symbolic.forward import forward
from jacobian.symbolic.leaves import SCALAR, SYMBOL, zeros
from jacobian.symbolic.operations import TRANSPOSE, add
from jacobian.symbolic.simplify import simplify


@lru_cache(maxsize=256)
def spoken(goal: Expr) -> Expr:
    """The goal if it has a name, else a symbol f of its shape."""
    taken = any(x.label == "f" for x in walk(goal))
    return goal if goal.label else make(SYMBOL, data=Variable("φ" if taken else "f"), axes=goal.axes)


def labels(*roots: Expr) -> dict[str, Expr]:
    """What each name stands for. Raises InputError where it is two different things: nobody could read that."""
    found: dict[str, Expr] = {}
    for node in walk(*roots):
        if node.label is not None and found.setdefault(node.label, node) is not node:
            raise InputError(f"{node.label!r} is the name of two different things, of shapes {found[node.label].shape} "
                             f"and {node.shape}: give each a name of its own")
    return found


def word(x: Expr) -> str:
    """What the change of x is called: dX, dz1, dβ."""
    [(stem, index)] = re.findall(r"\A(.+?)(_?\d*)\Z", str(x.label))
    return f"d{GREEK.get(stem, stem)}{index}"


def change_of(x: Expr) -> Box:
    """dX, dz₁, d(A x)."""
    if x.label:
        return label(word(x))
    if x.operation is TRANSPOSE:
        return Super(change_of(x.args[0]), T)
    box = boxes(x, ATOM)
    return Row((Name("d"), APPLY, box) if isinstance(box, Fence | Grid) else (Name("d"), box))


def changes(wrt: Iterable[Expr]) -> dict[Expr, Expr]:
    """A symbol dX for the change of each variable X."""
    return {x: change(x, word(x)) for x in wrt}


def differential(goal: Expr, jacobians: Mapping[Expr, Jacobian], moved: Mapping[Expr, Expr]) -> Expr:
    """The change of the goal: Σ tr(Gᵀ dX) of a scalar with the gradients G, else with each dX where X stands."""
    labels(goal, *moved.values())
    if goal.axes == SCALAR:
        return simplify(reduce(add, (jacobians[x].push(dx) for x, dx in moved.items())))
    parts = (forward(goal, {x: dx})[0].get(goal, zeros(*goal.axes)) for x, dx in moved.items())
    return simplify(reduce(add, parts))
