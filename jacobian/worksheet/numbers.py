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
LARGEST = 20             # number on the forward feed
STEEPEST = 60            # entry of a gradient
DIGITS = 4               # printed of a number that is no fraction
PRECISION = 30           # and computed


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


def _draw(rng: np.random.Generator, network: Network) -> dict[Expr, Any]:
    """Small integers; the target lies a little beside the output, so that the error signals stay small."""
    sizes = Binding({}, network.given)
    values: dict[Expr, Any] = {}
    for symbol, bound in ((network.x, 3), *((p, 1) for p in network.parameters)):
        shape = [sizes.size(n) for n in symbol.shape]
        if len(shape) == 2:
            bound = 2 if shape[1] <= 4 else 1
        values[symbol] = rng.integers(-bound, bound + 1, size=shape)
    outputs = Binding(values, network.given).natural(network.output)
    if "onehot" in network.t.assumptions:
        values[network.t] = np.eye(len(outputs), dtype=int)[rng.integers(len(outputs))]
    else:
        values[network.t] = np.round(outputs).astype(int) + rng.integers(-3, 4, size=len(outputs))
    return values


def _teaches(network: Network, derivation: Derivation, values: Mapping[Expr, Any]) -> bool:
    """Whether signs differ, no pre-activation lies on a kink, no gradient vanishes and none grows out of hand."""
    bind = Binding(values, network.given)
    forward = [bind(layer.z) for layer in network.layers]
    for z in forward[:-1]:
        if np.any(z == 0) or np.sum(z > 0) < min(2, len(z) - 1) or np.all(z < 0) or (len(z) > 1 and np.all(z > 0)):
            return False
    if max(np.max(np.abs(z)) for z in forward) > LARGEST:
        return False
    if len(np.unique(bind(network.x))) < min(len(bind(network.x)), 5):
        return False
    gradients = [bind(derivation.value_by(x)) for x in derivation.wrt]
    if max(np.max(np.abs(g)) for g in gradients) > STEEPEST:
        return False
    return all(np.any(bind(x)) for x in (network.x, *network.parameters)) and \
        all(np.count_nonzero(g) >= min(2, len(g) - 1) and np.any(g) for g in gradients)


def instance(network: Network, derivation: Derivation, seed: int, exact: bool) -> Instance:
    """Small integers for the network; the same seed gives the same ones. Raises InputError where none are found."""
    rng = np.random.default_rng(seed)
    for _ in range(TRIES):
        values = _draw(rng, network)
        if _teaches(network, derivation, values):
            found = Instance({symbol: _exact(array) for symbol, array in values.items()}, network.given, exact)
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
    """A number as a person writes it: 3, −0.25, 2/3; one that is no fraction rounded to so many decimals."""
    value = sp.sympify(x)
    if not value.is_Rational:
        decimal = round(float(value), digits) + 0.0          # and not −0
        return str(int(decimal)) if float(value).is_integer() else f"{decimal:.{digits}f}"
    exact = Fraction(int(value.p), int(value.q))
    if exact.denominator == 1:
        return str(exact.numerator)
    short = f"{float(exact):.{digits}f}".rstrip("0")
    return short if Fraction(short) == exact else str(exact)
