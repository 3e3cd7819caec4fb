"""Derivatives that owe nothing to our rules: the complex step, and SymPy's entry by entry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import sympy as sp

from jacobian.errors import MissingRule
from jacobian.symbolic.evaluate import Binding
from jacobian.symbolic.expr import Expr, walk

STEP = 1e-30             # of the complex step, which has no cancellation
LENGTH = 2000            # symbols and signs that SymPy's expressions may have at one operation
UNKNOWN = sp.Symbol("t", real=True)

Array = Any


class Path:
    """The goal as a function of an array for x; what does not depend on x stays the numbers that it is.

    `settle` is applied to the array of each operation on the way; `work` is how many entries all arrays there have.
    """

    def __init__(self, goal: Expr, x: Expr, bind: Binding) -> None:
        self.goal, self.x, self._bind = goal, x, bind
        on_the_way = {x: None}
        for node in walk(goal, until=lambda node: node is x):
            if any(arg in on_the_way for arg in node.args) and node is not x:
                on_the_way[node] = None
        self._nodes = list(on_the_way)[1:]
        self.work = sum(bind(part).size for node in self._nodes for part in (node, *node.args))

    def __call__(self, at: Array, settle: Callable[[Array], Array] = lambda array: array) -> Array:
        arrays = {self.x: at}
        for node in self._nodes:
            arguments = (arrays[arg] if arg in arrays else self._bind(arg) for arg in node.args)
            arrays[node] = settle(node.operation.value(self._bind.sized(node), *arguments))
        return arrays[self.goal] if self.goal in arrays else self._bind(self.goal)


def complex_step(f: Callable[..., Array], x: Array, directions: Array | None = None) -> Array:
    """J V with the columns Im f(x + ihv) / h, exact to rounding for analytic f; without directions J itself."""
    columns = []
    for v in (np.eye(x.size) if directions is None else directions.T):
        with np.errstate(all="ignore"):
            columns.append(np.imag(f(x + 1j * STEP * v.reshape(x.shape))).reshape(-1) / STEP)
    return np.stack(columns, axis=1)


def slope(along: Mapping[Expr, Array], bind: Binding) -> Callable[[Expr], Array]:
    """How an expression changes where each x moves along its array, by the complex step."""
    moved = bind.moved({x: bind(x) + 1j * STEP * v for x, v in along.items()})
    return lambda y: np.imag(moved(y)) / STEP


def entry_by_entry(f: Callable[..., Array], x: Array, v: Array) -> Array | None:
    """J v: d fᵢ(x + t v)/dt by sympy.diff, each for itself; None beyond LENGTH, or where f has no explicit entries.

    f applies its second argument to the array of each operation: there a function defined by pieces becomes the piece
    that holds at x.
    """
    here = {UNKNOWN: sp.Float(0)}

    def settle(array: Array) -> Array:
        settled = np.vectorize(lambda entry: _piece(entry, here), otypes=[object])(array)
        if sum(1 for entry in settled.flat for _ in sp.preorder_traversal(entry)) > LENGTH:
            raise _TooLong
        return settled

    moved = x.astype(object) + UNKNOWN * v.reshape(x.shape).astype(object)
    try:
        return np.array([_real(sp.diff(y, UNKNOWN).xreplace(here)) for y in f(moved, settle).reshape(-1)])
    except (_TooLong, MissingRule):
        return None


def _real(value: sp.Expr) -> float:
    """The number; NaN where it is none or not real, as the logarithm of a negative number."""
    return float(value) if value.is_real else np.nan


class _TooLong(Exception):
    """An expression grew beyond LENGTH."""


def _piece(entry: Any, here: dict[sp.Symbol, sp.Float]) -> Any:
    if not (isinstance(entry, sp.Expr) and entry.has(sp.Piecewise, sp.Abs, sp.sign)):
        return entry
    return entry.replace(
        lambda e: isinstance(e, sp.Piecewise),
        lambda e: next(piece for piece, holds in e.args if holds.xreplace(here) == sp.true),
    ).replace(sp.Abs, lambda e: e * sp.sign(e)).replace(sp.sign, lambda e: sp.sign(e.xreplace(here)))
