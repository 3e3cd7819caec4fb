"""Gradient descent θ ← θ − α ∇J(θ), as generators: each step is handed out, so that a progress bar can count them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

import jacobian as jac
from mlp.data import inspect
from mlp.given import Array, between, count, finite
from mlp.network import Network, Parameters


@dataclass(frozen=True)
class Progress:
    """After step (or epoch) number `i`, from 1: the loss on the way, the parameters now, and the samples used last."""

    i: int
    loss: float
    params: Parameters
    samples: Array


def sgd(
    network: Network, x: Array, t: Array, *, rate: float, steps: int, rng: np.random.Generator
) -> Iterator[Progress]:
    """θ := θ − α ∇J⁽ʲ⁾(θ), j uniform from 1 … n, for i = 1 … n_iter, from a random θ; x (n, n₀), t a row for each.

    Algorithm 1 of the notes on back-propagation (Goodfellow, Bengio and Courville 2016, algorithm 8.1, a batch of one).
    Raises InputError for data that cannot be, and when loss or parameters are no longer finite.
    """
    between("rate", rate, 0, np.inf)
    count("steps", steps)
    params = network.init(rng)
    x, t = _begin(network, params, x, t)
    for i in range(1, steps + 1):
        j = rng.integers(len(x))
        loss, params = _step(network, params, x[j:j + 1], t[j:j + 1], rate, f"step {i}")
        yield Progress(i, loss, params, np.array([j]))


def descend(
    network: Network, params: Parameters, x: Array, t: Array, *,
    rate: float, epochs: int, batch: int, rng: np.random.Generator,
) -> Iterator[Progress]:
    """θ := θ − α ∇J⁽ᴮ⁾(θ) for each batch B of the shuffled samples, in every epoch; the loss is the epoch's mean.

    Source: Goodfellow, Bengio and Courville (2016), algorithm 8.1. Raises InputError for data that cannot be, and when
    loss or parameters are no longer finite.
    """
    between("rate", rate, 0, np.inf)
    count("epochs", epochs)
    count("batch", batch)
    x, t = _begin(network, params, x, t)
    for i in range(1, epochs + 1):
        order, total = rng.permutation(len(x)), 0.0
        for chosen in np.split(order, range(batch, len(x), batch)):
            loss, params = _step(network, params, x[chosen], t[chosen], rate, f"epoch {i}")
            total += loss * len(chosen)
        yield Progress(i, total / len(x), params, chosen)


def _begin(network: Network, params: Parameters, x: Array, t: Array) -> tuple[Array, Array]:
    """x and t after a look at them, at the parameters and at the loss: what goes wrong from here on is the rate's."""
    x, t = inspect(x, t)
    for name, array in network.named(params).items():
        finite(name, array)
    with np.errstate(all="ignore"):
        loss = network.loss(params, x, t)
    if not np.isfinite(loss):
        raise jac.InputError(f"the loss is {loss} before the first step: the entries of x reach {np.abs(x).max():.1e}, "
                             f"those of t {np.abs(t).max():.1e}, but numbers of about 1 are expected")
    return x, t


def _step(
    network: Network, params: Parameters, x: Array, t: Array, rate: float, when: str
) -> tuple[float, Parameters]:
    """J(θ) and θ − α ∇J(θ), in new arrays."""
    loss, gradients = network.gradients(params, x, t)
    new = [{name: own[name] - rate * g[name] for name in own} for own, g in zip(params, gradients, strict=True)]
    if not (np.isfinite(loss) and all(np.isfinite(array).all() for own in new for array in own.values())):
        raise jac.InputError(f"loss or parameters overflow in {when} (the loss was {loss:g}): "
                             f"a rate of {rate:g} is too large, try {min(rate / 10, 0.1):g}")
    return float(loss), new
