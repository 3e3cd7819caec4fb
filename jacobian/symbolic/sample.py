"""Random instances: short decimals, and sizes that are all different, so that a missing transpose cannot hide."""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt
from typing import Any

import numpy as np
import sympy as sp

from jacobian.errors import InputError
from jacobian.symbolic.assumptions import ASSUMPTIONS
from jacobian.symbolic.evaluate import Binding
from jacobian.symbolic.expr import Expr, leaves, sizes_of, walk


def sizes(rng: np.random.Generator, *roots: Expr, smallest: int = 2) -> dict[str, int]:
    """A different number for each symbolic size."""
    names = [n.name for n in sizes_of(*roots)]
    numbers = np.arange(smallest, smallest + len(names))
    rng.shuffle(numbers)
    return dict(zip(names, map(int, numbers), strict=True))


REGIMES = (((0.15, 1.75), True), ((0.15, 1.75), False), ((1.05, 1.95), False), ((0.05, 0.45), True))
TRIES = 8               # in each regime: signed, positive, above one, below one half; then each symbol in its own


def _entries(rng: np.random.Generator, shape: list[int], regime: tuple[tuple[float, float], bool]) -> Any:
    """Large matrices have small entries, so that products of many of them neither explode nor turn chaotic."""
    (low, high), signed = regime
    signs = 2.0 * rng.integers(0, 2, size=shape) - 1 if signed else 1.0
    shrink = max(1.0, sqrt(shape[1] / 2)) if len(shape) == 2 else 1.0
    return np.asarray((np.asarray(rng.uniform(low, high, size=shape)) / shrink).round(2) * signs)


def value(rng: np.random.Generator, symbol: Expr, root: Expr, bind: Binding,
          regime: tuple[tuple[float, float], bool] = REGIMES[0]) -> Any:
    """A random array for a symbol of the expression `root`, as its assumptions ask."""
    shape = [bind.size(n) for n in symbol.shape]
    if "index" in symbol.assumptions:
        uses = [y for y in walk(root) if y.operation.name == "onehot" and y.args[0] is symbol]
        classes = min((bind.size(y.args[1].size) for y in uses), default=2)
        return rng.integers(0, classes, size=shape).astype(float)
    drawn = _entries(rng, shape, regime)
    for word in symbol.assumptions:
        drawn = ASSUMPTIONS[word].draw(rng, drawn)
    return drawn


def instance(rng: np.random.Generator, root: Expr, given: Mapping[str, int], *others: Expr) -> dict[Expr, Any]:
    """The values of a point, in NumPy's shape."""
    return point(rng, root, given, *others).values()


def point(rng: np.random.Generator, root: Expr, given: Mapping[str, int], *others: Expr) -> Binding:
    """Random values for all symbols of `root` (and `others`) where it is finite, negative ones where it can be.

    Raises InputError where no such point was found.
    """
    bind, symbols = Binding({}, given), leaves(root, *others)
    for attempt in range(2 * TRIES * len(REGIMES)):
        chosen = REGIMES[attempt // TRIES:][:1]
        values = {symbol: value(rng, symbol, root, bind, *chosen or (REGIMES[rng.integers(len(REGIMES))],))
                  for symbol in symbols}
        found = bind.moved({symbol: array.reshape(bind.shape(symbol)) for symbol, array in values.items()})
        if np.all(np.isfinite(found(root))):
            return found
    raise InputError(f"{root} is not finite at any of {attempt + 1} random points and cannot be "
                     'checked: declare what is known, such as "x: n positive" or "A: n n posdef"')


def nearby(rng: np.random.Generator, values: Mapping[Expr, Any], part: float) -> dict[Expr, Any]:
    """The values, each entry changed by up to this part of itself; the same where they would not be as assumed."""
    moved = {symbol: array * (1 + part * rng.uniform(-1, 1, size=array.shape)) for symbol, array in values.items()}
    return {symbol: array if all(ASSUMPTIONS[word].holds(array) for word in symbol.assumptions) else values[symbol]
            for symbol, array in moved.items()}


def rational(values: Mapping[Expr, Any]) -> dict[Expr, Any]:
    """The same values as exact SymPy rationals."""
    exact = np.vectorize(lambda v: sp.Rational(str(v)), otypes=[object])
    return {symbol: exact(array) for symbol, array in values.items()}
