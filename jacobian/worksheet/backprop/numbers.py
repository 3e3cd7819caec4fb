"""Small integers for a network, chosen by seed and rejected until they teach something."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import chain, islice
from typing import Any

import numpy as np

from jacobian.derivation.derivation import Derivation
from jacobian.errors import InputError
from jacobian.symbolic.evaluate import Binding
from jacobian.symbolic.expr import Expr, leaves
from jacobian.worksheet.backprop.network import Network
from jacobian.worksheet.misconceptions import Telling, misconceptions
from jacobian.worksheet.numbers import Instance, alive, confirm, exact, visible

TRIES = 4000
FEW = 6                  # of them, of which the best is taken where none tells every misconception from what is right
DRAWS = 150              # more, where that can be hoped for:
HOPELESS = 8             # in a small network more misconceptions than these have right numbers at every draw
PROBES = 8               # draws at which a misconception is right that is none here
ROWS = 40                # drawn for each unit
LARGEST = 20             # pre-activation where all numbers are fractions
NARROW = 2               # and where they are not: farther out, tanh, sigmoid and softmax are flat


def _draw(rng: np.random.Generator, network: Network, bound: int) -> dict[Expr, Any] | None:
    """Small integers; the target lies a little beside the output, so that the error signals stay small."""
    samples = network.given.get("N", 1)
    units = network.given["n0"]
    rows = np.stack([np.resize(rng.permutation(np.arange(-3, 4)), units) for _ in range(samples)])
    bind = Binding({network.x: network.lying(rows)}, network.given)
    for layer in network.layers:
        before = network.by_rows(bind.natural(layer.before))
        chosen = _layer(rng, before, bind.size(layer.b.size), bound, hidden=layer.z is not network.output)
        if chosen is None:
            return None
        W, b = chosen
        bind = bind.moved({layer.W: W, layer.b: b.reshape(bind.shape(layer.b))})
    outputs = network.by_rows(bind.natural(network.output))
    samples, units = outputs.shape
    if "onehot" in network.t.assumptions:
        targets = np.eye(units, dtype=int)[rng.integers(units, size=samples)]
    else:
        targets = np.round(outputs).astype(int) + rng.integers(-3, 4, size=outputs.shape)
    return {**bind.values(), network.t: network.lying(targets)}


def _layer(rng: np.random.Generator, a: Any, units: int, bound: int, hidden: bool) -> tuple[Any, Any] | None:
    """W and b with 0 < |W a + b| ≤ bound, which keeps off the kink at 0 too, and in which every input counts.

    The rows of a are samples. Nothing where these rows of W have none.
    """
    weight = 2 if a.shape[1] <= 4 else 1
    W = rng.integers(-weight, weight + 1, size=(ROWS * units, a.shape[1]))
    b = rng.integers(-2, 3, size=len(W))
    z = a @ W.T + b
    good = np.flatnonzero(((z != 0) & (np.abs(z) <= bound)).all(axis=0))
    for rows in good[:len(good) // units * units].reshape(-1, units):
        telling = np.any(W[rows], axis=0).all() and np.any(b[rows])
        if telling and (not hidden or (_mixed(z[:, rows].ravel()) and _moved(z[:, rows], b[rows]))):
            return W[rows], b[rows]
    return None


def _mixed(z: Any) -> bool:
    """One positive entry of one or two, else at least two of them and a negative one."""
    return bool(max(1, min(2, len(z) - 1)) <= np.count_nonzero(z > 0) <= max(1, len(z) - 1))


def _moved(z: Any, b: Any) -> bool:
    """Whether some unit would be on the other side of 0, or on it, without its bias."""
    return bool(np.any((z > 0) != (z - b > 0)))


def instance(network: Network, derivation: Derivation, seed: int, fractions: bool) -> tuple[Instance, bool]:
    """Small integers for the network, and whether no misconception gives a right number with them.

    The same seed gives the same ones. A network so small that a misconception always gives a right number gets those of
    a few draws with which the fewest do. Raises InputError where none are found.
    """
    telling = _telling(network, derivation, fractions)
    draws = _humane(np.random.default_rng(seed), network, derivation, fractions)
    few = list(islice(draws, FEW))
    if not few:
        raise InputError(f"no small numbers were found for this network with seed {seed}: "
                         "take another seed, or a network with fewer layers")
    more = islice(draws, DRAWS) if telling.fewest <= HOPELESS else ()
    chosen = next(filter(telling, chain(few, more)), None)
    best = chosen or min(few, key=telling.coincidences)
    found = _instance(best, network, fractions)
    confirm(derivation, found)
    return found, best is chosen


def _humane(rng: np.random.Generator, network: Network, derivation: Derivation, fractions: bool) -> Iterator[Binding]:
    """Draws that a person can work with; what is 0 in floats only would be printed as 0.0000."""
    gradients = [derivation.value_by(p) for p in network.parameters]
    printed = (*network.named, *(line.value for line in derivation.lines))
    for _ in range(TRIES):
        values = _draw(rng, network, LARGEST if fractions else NARROW)
        if values is not None:
            found = Binding({x: np.asarray(array, dtype=float) for x, array in values.items()}, network.given)
            if all(alive(found(g)) for g in gradients) and all(visible(found(y)) for y in printed) and \
                    (fractions or all(map(visible, map(_instance(found, network, fractions), printed)))):
                yield found


def _instance(rough: Binding, network: Network, fractions: bool) -> Instance:
    return Instance({x: exact(array) for x, array in rough.values().items()}, network.given, fractions)


@lru_cache(maxsize=64)
def _telling(network: Network, derivation: Derivation, fractions: bool) -> Telling:
    """What numbers must tell apart: the forward feed and the lines of the derivation from what is mistaken for them."""
    asked = dict.fromkeys((*(y.args[0] for y in network.named), *(line.value for line in derivation.lines)))
    draws = islice(_humane(np.random.default_rng(0), network, derivation, fractions), PROBES)
    return Telling(misconceptions(asked, *leaves(network.goal)), draws)
