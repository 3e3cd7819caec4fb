"""The derivative entry by entry at given sizes, as SymPy has it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy as sp

from jacobian.derivation.layout import laid, said
from jacobian.derivation.views.view import Array, Equation, View, value
from jacobian.derivation.write import called
from jacobian.errors import InputError
from jacobian.printing.boxes import Box, Grid, Words
from jacobian.printing.names import boxed
from jacobian.printing.notation import derivative
from jacobian.symbolic.evaluate import Binding, letters
from jacobian.symbolic.expr import Expr, leaves, sizes_of, walk

if TYPE_CHECKING:
    from jacobian.derivation.derivation import Derivation


def explicit(d: Derivation, sizes: Mapping[str, int] | None = None, layout: str | None = None) -> View:
    """∂f/∂x = [(2 x₁); (2 x₂)] at n = 2."""
    given = {str(name): size for name, size in (sizes or {}).items()}
    missing = [str(n) for n in sizes_of(d.goal, *d.wrt) if str(n) not in given]
    if missing:
        raise InputError(f"entries are written at given sizes: give sizes={{{missing[0]!r}: 2, …}}, "
                         f'on the command line --at "{missing[0]}=2, …"')

    def equation(x: Expr) -> Equation:
        form = laid(d.value_by(x), d.goal, layout)
        entries = _entries(form, given)
        return Equation(derivative(called(d.goal), x), _box(form, entries), partial(_numbers, form, entries),
                        partial(value, form))

    at = ", ".join(f"{name} = {size}" for name, size in given.items())
    words = (*([f"At {at}."] if at else ()), said(layout, d.goal, *d.wrt))
    return View("explicit", d, tuple(map(equation, d.wrt)), tuple(map(Words, words)), sizes=given)


def _entries(x: Expr, sizes: Mapping[str, int]) -> Array:
    """The entries as an array with two axes."""
    found = x.sympy(sizes)
    whole = np.array([[found]] if x.shape == () else found.tolist(), dtype=object)
    return whole.T if x.axes[0] is None and x.shape else whole


def _box(x: Expr, entries: Array) -> Box:
    if x.shape == ():
        return boxed(entries[0, 0])
    return Grid(tuple(tuple(map(boxed, row)) for row in entries))


def _numbers(x: Expr, entries: Array, bind: Binding) -> Array:
    """The entries at the values of a point; an abstract function has those of what stands in for it."""
    point: dict[Any, Any] = {}
    for symbol in leaves(x):
        shape = [bind.size(n) for n in symbol.shape]
        point |= dict(zip(letters(symbol, shape).reshape(-1), map(sp.Float, bind(symbol).reshape(-1)), strict=True))
    abstract = {node.data.name: node.data for node in walk(x) if node.operation.name == "map" and node.data.abstract}

    def number(entry: Any) -> float:
        for name, function in abstract.items():
            entry = entry.replace(sp.Function(name), function.rule)
        return float(entry.xreplace(point).doit())

    return np.vectorize(number, otypes=[float])(entries)
