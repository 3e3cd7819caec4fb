"""Gradient descent θ ← θ − α ∇J(θ), as generators: each step is handed out, so that a progress bar can count them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

import jacobian as jac
from mlp.layer import Array
from mlp.network import Network, Parameters


@dataclass(frozen=True)
class Progress:
    """After step (or epoch) number `i`, from 1: the loss on the way, the parameters now, and the samples used last."""

    i: int
    loss: float
    params: Parameters
    samples: Array


def step(params: Parameters, gradients: Parameters, rate: float) -> Parameters:
    """θ − α ∇J, in new arrays."""
    return [{name: own[name] - rate * g[name] for name in own} for own, g in zip(params, gradients, strict=True)]


def sgd(
    network: Network, x: Array, t: Array, *, rate: float, steps: int, rng: np.random.Generator
) -> Iterator[Progress]:
    """θ := θ − α ∇J⁽ʲ⁾(θ), j uniform from 1 … n, for i = 1 … n_iter, from a random θ; x (n, n₀), t a row for each.

    Algorithm 1 of the notes on back-propagation (Goodfellow, Bengio and Courville 2016, algorithm 8.1, a batch of one).
    Raises InputError when the loss is no longer finite.
    """
    params = network.init(rng)
    for i in range(1, steps + 1):
        j = rng.integers(len(x))
        loss, gradients = network.gradients(params, x[j:j + 1], t[j:j + 1])
        params = step(params, gradients, rate)
        yield Progress(i, _finite(loss, rate, f"step {i}"), params, np.array([j]))


def descend(
    network: Network, params: Parameters, x: Array, t: Array, *,
    rate: float, epochs: int, batch: int, rng: np.random.Generator,
) -> Iterator[Progress]:
    """θ := θ − α ∇J⁽ᴮ⁾(θ) for each batch B of the shuffled samples, in every epoch; the loss is the epoch's mean.

    Source: Goodfellow, Bengio and Courville (2016), algorithm 8.1. Raises InputError when the loss is no longer finite.
    """
    for i in range(1, epochs + 1):
        order, total = rng.permutation(len(x)), 0.0
        for chosen in np.split(order, range(batch, len(x), batch)):
            loss, gradients = network.gradients(params, x[chosen], t[chosen])
            params = step(params, gradients, rate)
            total += float(loss) * len(chosen)
        yield Progress(i, _finite(total / len(x), rate, f"epoch {i}"), params, chosen)


def _finite(loss: float, rate: float, when: str) -> float:
    if not np.isfinite(loss):
        raise jac.InputError(f"the loss became {loss} in {when}: "
                             f"a rate of {rate:g} is too large, try {min(rate / 10, 0.1):g}")
    return float(loss)
