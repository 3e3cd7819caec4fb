"""Random instances: short decimals, and sizes that are all different, so that a missing transpose cannot hide."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import sympy as sp

from jacobian.errors import InputError
from jacobian.symbolic.evaluate import Binding
from jacobian.symbolic.expr import Expr, leaves, sizes_of, walk


def sizes(rng: np.random.Generator, *roots: Expr, smallest: int = 2) -> dict[str, int]:
    """A different number for each symbolic size."""
    names = [str(n) for n in sizes_of(*roots)]
    numbers = np.arange(smallest, smallest + len(names))
    rng.shuffle(numbers)
    return dict(zip(names, map(int, numbers), strict=True))


def _entries(rng: np.random.Generator, shape: list[int], positive: bool) -> Any:
    """Large matrices have small entries, so that products of many of them neither explode nor turn chaotic."""
    signs = 1.0 if positive else rng.choice([-1.0, 1.0], size=shape)
    shrink = max(1.0, np.sqrt(shape[1] / 2)) if len(shape) == 2 else 1.0
    return np.asarray(np.round(rng.uniform(0.15, 1.75, size=shape) / shrink, 2) * signs)


def value(rng: np.random.Generator, symbol: Expr, root: Expr, bind: Binding, positive: bool = False) -> Any:
    """A random array for a symbol of the expression `root`, as its assumptions ask."""
    shape = [bind.size(n) for n in symbol.shape]
    if "index" in symbol.assumptions:
        uses = [y for y in walk(root) if y.operation.name == "onehot" and y.args[0] is symbol]
        classes = min((bind.size(y.args[1].size) for y in uses), default=2)
        return rng.integers(0, classes, size=shape).astype(float)
    if "onehot" in symbol.assumptions:
        if not shape:
            raise InputError(f"{symbol} is a scalar and cannot be one-hot: give it a size")
        return np.eye(shape[-1])[rng.integers(0, shape[-1], size=shape[:-1])]
    return _entries(rng, shape, positive)


def instance(rng: np.random.Generator, root: Expr, given: Mapping[str, int], *others: Expr) -> dict[Expr, Any]:
    """Random values for all symbols of `root` (and `others`) where it is finite, negative ones where it can be.

    Raises InputError where no such point was found.
    """
    bind = Binding({}, given)
    for attempt in range(20):
        values = {symbol: value(rng, symbol, root, bind, positive=attempt >= 10) for symbol in leaves(root, *others)}
        if np.all(np.isfinite(Binding(values, given)(root))):
            return values
    raise InputError(f"{root} is not finite at any of 20 random points: it cannot be checked numerically")


def rational(values: Mapping[Expr, Any]) -> dict[Expr, Any]:
    """The same values as exact SymPy rationals."""
    exact = np.vectorize(lambda v: sp.Rational(str(v)), otypes=[object])
    return {symbol: exact(array) for symbol, array in values.items()}
