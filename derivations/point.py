"""Where a claim is tried: random values for every symbol, drawn when first asked for, all sizes different."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from typing import Any

import numpy as np
import sympy as sp

import jacobian as jac
from jacobian.symbolic.elementwise import Function
from jacobian.symbolic.expr import leaves, sizes_of, walk

Array = Any
Side = jac.Expr | Callable[["Point"], Any]        # what is claimed, or what is derived: evaluated at a point
SIZES = ((2, 3), (4, 5), (6, 7))                  # drawn pair by pair, so that few sizes are small ones


class Point:
    """point(x) is the array of an expression in NumPy's shape; a point that is `readable` has small whole numbers."""

    def __init__(self, *seed: int, readable: bool = False) -> None:
        self._rng = np.random.default_rng(seed)
        self._free = [int(n) for pair in SIZES for n in self._rng.permutation(pair)]
        self._readable = readable
        self._found: dict[jac.Expr, Array] = {}
        self._drawn: dict[jac.Expr, Array] = {}
        self._given: dict[jac.Expr, Array] = {}
        self.sizes: dict[str, int] = {}

    @property
    def values(self) -> dict[jac.Expr, Array]:
        """All that was drawn or given so far."""
        return {**self._drawn, **self._given}

    def __call__(self, side: Side) -> Array:
        """The array of an expression, or what a function of the point returns."""
        if not isinstance(side, jac.Expr):
            made = side(self)
            return self(made) if isinstance(made, jac.Expr) else np.asarray(made)
        if side not in self._found:
            for size in sizes_of(side):
                self.size(size)
            for symbol in leaves(side):
                if symbol not in self._drawn and symbol not in self._given:
                    self._drawn[symbol] = self._draw([self.size(n) for n in symbol.shape])
            self._found[side] = jac.Binding(self.values, self.sizes).natural(side)
        return self._found[side]

    def size(self, n: Any) -> int:
        """The value of a size: 3, a symbolic size, or the name of one."""
        return int(n) if isinstance(n, int) else self.sizes[str(n)] if str(n) in self.sizes else \
            self.sizes.setdefault(str(n), self._free.pop(0))

    def _draw(self, shape: list[int]) -> Array:
        signs = self._rng.choice([-1.0, 1.0], size=shape)
        return np.asarray(signs * (self._rng.integers(1, 3, size=shape) if self._readable
                                   else np.round(self._rng.uniform(0.15, 1.75, size=shape), 2)))

    def changed(self, other: Mapping[jac.Expr, Array]) -> Point:
        """The same point, but with these values; what is drawn there is drawn here too."""
        other_point = copy(self)
        other_point._found = {}
        other_point._given = {**self._given, **{symbol: np.asarray(value) for symbol, value in other.items()}}
        return other_point

    @property
    def smooth(self) -> bool:
        """Whether no function was evaluated at a kink, where there is no derivative to compare."""
        kinked = {node.args[0] for side in self._found for node in walk(side)
                  if isinstance(node.data, Function) and node.data.form.has(sp.Piecewise)}
        return all(np.all(np.abs(self(arg)) > 1e-6) for arg in kinked)


def partials(y: jac.Expr, x: jac.Expr, at: Point) -> Array:
    """∂yᵢ/∂xⱼ by sympy.diff at the point, xⱼ unknown and all other entries held fixed: what ∂ in the notes means."""
    at(y)
    exact = {symbol: _rational(at.values[symbol]) for symbol in leaves(y)}
    there, unknown, columns = exact[x].reshape(-1), sp.Symbol("t"), []
    for j, here in enumerate(there):
        moved = np.array([*there[:j], unknown, *there[j + 1:]], dtype=object).reshape(exact[x].shape)
        outputs = jac.Binding({**exact, x: moved}, at.sizes)(y).reshape(-1)
        columns.append([float(sp.diff(sp.expand(out), unknown).subs(unknown, here)) for out in outputs])
    return np.array(columns).T


_rational = np.vectorize(lambda v: sp.Rational(str(v)), otypes=[object])
