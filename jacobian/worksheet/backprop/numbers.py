"""Small integers for a network, chosen by seed and rejected until they teach something."""

from __future__ import annotations

from typing import Any

import numpy as np

from jacobian.derivation.derivation import Derivation
from jacobian.errors import InputError
from jacobian.symbolic.evaluate import Binding
from jacobian.symbolic.expr import Expr
from jacobian.worksheet.backprop.network import Network
from jacobian.worksheet.numbers import Instance, alive, confirm, exact, visible

TRIES = 4000
ROWS = 40                # drawn for each unit
LARGEST = 20             # pre-activation where all numbers are fractions
NARROW = 2               # and where they are not: farther out, tanh, sigmoid and softmax are flat


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


def instance(network: Network, derivation: Derivation, seed: int, fractions: bool) -> Instance:
    """Small integers for the network; the same seed gives the same ones. Raises InputError where none are found."""
    rng = np.random.default_rng(seed)
    printed = (*network.named, *(line.value for line in derivation.lines))
    for _ in range(TRIES):
        values = _draw(rng, network, LARGEST if fractions else NARROW)
        if values is None:
            continue
        rough = Binding(values, network.given)
        found = Instance({symbol: exact(array) for symbol, array in values.items()}, network.given, fractions)
        if all(alive(rough(derivation.value_by(p))) for p in network.parameters) and \
                all(visible(at(y)) for at in (rough, found) for y in printed):
            confirm(derivation, found)
            return found
    raise InputError(f"no small numbers were found for this network with seed {seed}: "
                     "take another seed, or a network with fewer layers")
