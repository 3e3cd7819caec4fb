"""Numbers that a person can compute with: small integers, chosen by seed and rejected until they teach something."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
import sympy as sp

from jacobian.derivation.derivation import Derivation
from jacobian.derivation.measure import complex_step
from jacobian.errors import InputError
from jacobian.symbolic.evaluate import Binding
from jacobian.symbolic.expr import Expr
from jacobian.worksheet.network import Network

TRIES = 4000
ROWS = 40                # drawn for each unit
LARGEST = 20             # pre-activation where all numbers are fractions
NARROW = 2               # and where they are not: farther out, tanh, sigmoid and softmax are flat
STEEPEST = 60            # entry of a gradient
DIGITS = 4               # printed of a number that is no fraction
FAINTEST = 10 ** (1 - DIGITS)     # such a number, so that two digits of it are seen
LONGEST = 7              # fraction, with its sign and its stroke
PRECISION = 30           # digits it is computed with


@dataclass(frozen=True)
class Instance:
    """Numbers for the symbols; every other quantity follows, as fractions where `exact`, else to `PRECISION` digits."""

    values: Mapping[Expr, Any]
    sizes: Mapping[str, int]
    exact: bool = True

    def __call__(self, x: Expr) -> Any:
        """The value of an expression, in NumPy's shape."""
        if x in self.values:
            return self.values[x]
        values = self.values if self.exact else {s: _rounded(v) for s, v in self.values.items()}
        return Binding(values, self.sizes).natural(x)

    def changed(self, other: Mapping[Expr, Any]) -> Instance:
        """The same with other values for some symbols."""
        return replace(self, values={**self.values, **other})


_rounded = np.vectorize(lambda entry: sp.Float(entry, PRECISION), otypes=[object])


def _exact(array: Any) -> Any:
    return np.vectorize(sp.Integer, otypes=[object])(array)


def _draw(rng: np.random.Generator, network: Network, bound: int) -> dict[Expr, Any] | None:
    """Small integers; the target lies a little beside the output, so that the error signals stay small."""
    size = Binding({}, network.given).size
    values: dict[Expr, Any] = {network.x: np.resize(rng.permutation(np.arange(-3, 4)), size(network.x.size))}
    for layer in network.layers:
        before = Binding(values, network.given).natural(layer.before)
        chosen = _layer(rng, before, size(layer.b.size), bound, hidden=layer.z is not network.output)
        if chosen is None:
            return None
        values[layer.W], values[layer.b] = chosen
    outputs = Binding(values, network.given).natural(network.output)
    if "onehot" in network.t.assumptions:
        values[network.t] = np.eye(len(outputs), dtype=int)[rng.integers(len(outputs))]
    else:
        values[network.t] = np.round(outputs).astype(int) + rng.integers(-3, 4, size=len(outputs))
    return values


def _layer(rng: np.random.Generator, a: Any, units: int, bound: int, hidden: bool) -> tuple[Any, Any] | None:
    """W and b with 0 < |W a + b| ≤ bound, which keeps off the kink at 0 too; nothing where these rows have none."""
    weight = 2 if len(a) <= 4 else 1
    W = rng.integers(-weight, weight + 1, size=(ROWS * units, len(a)))
    b = rng.integers(-1, 2, size=len(W))
    z = W @ a + b
    good = np.flatnonzero((z != 0) & (np.abs(z) <= bound))
    for rows in good[:len(good) // units * units].reshape(-1, units):
        if np.any(W[rows]) and np.any(b[rows]) and (_mixed(z[rows]) or not hidden):
            return W[rows], b[rows]
    return None


def _mixed(z: Any) -> bool:
    """One positive entry of one or two, else at least two of them and a negative one."""
    return bool(max(1, min(2, len(z) - 1)) <= np.count_nonzero(z > 0) <= max(1, len(z) - 1))


def _alive(g: Any) -> bool:
    """Whether a gradient neither vanishes nor grows out of hand."""
    return bool(np.count_nonzero(g) >= max(1, min(2, len(g) - 1)) and np.max(np.abs(g)) <= STEEPEST)


def _visible(array: Any) -> bool:
    """Whether every entry is 0 or shows two digits when it is printed."""
    return all(v == 0 or abs(v) >= FAINTEST for v in np.ravel(array))


def instance(network: Network, derivation: Derivation, seed: int, exact: bool) -> Instance:
    """Small integers for the network; the same seed gives the same ones. Raises InputError where none are found."""
    rng = np.random.default_rng(seed)
    printed = (*network.named, *(line.value for line in derivation.lines))
    for _ in range(TRIES):
        values = _draw(rng, network, LARGEST if exact else NARROW)
        if values is None:
            continue
        rough = Binding(values, network.given)
        found = Instance({symbol: _exact(array) for symbol, array in values.items()}, network.given, exact)
        if all(_alive(rough(derivation.value_by(p))) for p in network.parameters) and \
                all(_visible(at(y)) for at in (rough, found) for y in printed):
            confirm(derivation, found)
            return found
    raise InputError(f"no small numbers were found for this network with seed {seed}: "
                     "take another seed, or a network with fewer layers")


def confirm(derivation: Derivation, found: Instance) -> None:
    """Compare every gradient with the complex step at these very numbers; raises ArithmeticError if they differ."""
    bind = Binding({s: np.asarray(v, dtype=float) for s, v in found.values.items()}, found.sizes)
    for x in derivation.wrt:
        derived = np.asarray(found(derivation.value_by(x)), dtype=float).reshape(-1)
        measured = complex_step(lambda at, x=x: bind.replaced(x, at)(derivation.goal), bind(x)).reshape(-1)
        if not np.allclose(derived, measured, rtol=1e-9, atol=1e-9):
            raise ArithmeticError(f"∂{derivation.goal}/∂{x} = {derived} as derived, but {measured} by the complex step")


def written(x: Any, digits: int = DIGITS) -> str:
    """A number as a person writes it: 3, −0.25, 2/3; rounded to so many decimals where it has no short form."""
    value = sp.sympify(x)
    decimal = f"{round(float(value), digits) + 0.0:.{digits}f}"          # and not −0
    if not value.is_Rational:
        return str(int(value)) if float(value).is_integer() else decimal
    exact = Fraction(int(value.p), int(value.q))
    short = decimal.rstrip("0").rstrip(".")
    if Fraction(short) == exact:
        return short
    return str(exact) if len(str(exact)) <= LONGEST or not _visible(value) else decimal
