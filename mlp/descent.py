"""Gradient descent as generators: each step is handed out, so that a progress bar can count them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

import jacobian as jac
from mlp.data import inspect
from mlp.given import Array, between, count, finite
from mlp.network import Network, Parameters
from mlp.optimise import SGD, Optimiser, State

SLICE = 1024        # samples that are evaluated together
PLAIN = SGD()


@dataclass(frozen=True)
class Progress:
    """After step (or epoch) number `i`, from 1: the loss on the way, the parameters now, and the samples used last."""

    i: int
    loss: float
    params: Parameters
    samples: Array


@dataclass(frozen=True)
class Point:
    """Where a descent stands: the parameters, and what the optimiser remembers."""

    params: Parameters
    state: State


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
    x, t = begin(network, params, x, t)
    point = Point(params, PLAIN.start(params))
    for i in range(1, steps + 1):
        j = rng.integers(len(x))
        loss, point = _step(network, PLAIN, point, x[j:j + 1], t[j:j + 1], None, rate, f"step {i}")
        yield Progress(i, loss, point.params, np.array([j]))


def descend(
    network: Network, params: Parameters, x: Array, t: Array, *,
    rate: float, epochs: int, batch: int, rng: np.random.Generator, optimiser: Optimiser = PLAIN,
    weights: Array | None = None,
) -> Iterator[Progress]:
    """A step of the optimiser by ∇J⁽ᴮ⁾(θ) for each batch B of the shuffled samples, in every epoch.

    The loss is the epoch's mean; `weights` (N,), if any, multiply the losses of the samples. Source: Goodfellow, Bengio
    and Courville (2016), algorithm 8.1. Raises InputError for data that cannot be, and when loss or parameters are no
    longer finite.
    """
    between("rate", rate, 0, np.inf)
    count("epochs", epochs)
    count("batch", batch)
    x, t = begin(network, params, x, t)
    point = Point(params, optimiser.start(params))
    for i in range(1, epochs + 1):
        loss, point, chosen = sweep(network, optimiser, point, x, t, weights, rate=rate, batch=batch, rng=rng,
                                    when=f"epoch {i}")
        yield Progress(i, loss, point.params, chosen)


def sweep(
    network: Network, optimiser: Optimiser, point: Point, x: Array, t: Array, weights: Array | None = None, *,
    rate: float, batch: int, rng: np.random.Generator, when: str = "an epoch",
) -> tuple[float, Point, Array]:
    """One epoch: the mean loss on the way, where it led, and the samples of the last step."""
    total = 0.0
    for chosen in np.split(rng.permutation(len(x)), range(batch, len(x), batch)):
        loss, point = _step(network, optimiser, point, x[chosen], t[chosen],
                            None if weights is None else weights[chosen], rate, when)
        total += loss * len(chosen)
    return total / len(x), point, chosen


def weighted(
    network: Network, params: Parameters, x: Array, t: Array, weights: Array | None
) -> tuple[Array, Parameters]:
    """(J, ∂J/∂θ) of J = 1/N Σ wᵢ ℓᵢ, weights w (N,), or of J = 1/N Σ ℓᵢ where there are none.

    The network's own mean is over Σ w: in it a batch of light samples would count as much as one of heavy ones.
    """
    if weights is None:
        return network.gradients(params, x, t)
    share = weights.mean()
    loss, gradients = network.gradients(params, x, t, weights if share else None)
    return share * loss, [{name: share * array for name, array in g.items()} for g in gradients]


def predict(network: Network, params: Parameters, x: Array) -> Array:
    """h (N, m) of all samples x, a slice at a time: no temporary is larger than that of a slice."""
    return np.concatenate([network.forward(params, x[k:k + SLICE]) for k in range(0, len(x), SLICE)])


def loss_of(network: Network, h: Array, t: Array) -> float:
    """J(h, t), ∞ where it overflows."""
    measure = network.objective
    loss = float(measure.value(**measure.measure(dict(zip(measure.arguments, (h, t), strict=True)))[0]))
    return np.inf if np.isnan(loss) else loss


def begin(network: Network, params: Parameters, x: Array, t: Array) -> tuple[Array, Array]:
    """x and t after a look at them, at the parameters and at the loss: what goes wrong from here on is the rate's."""
    x, t = inspect(x, t)
    for name, array in network.named(params).items():
        finite(name, array)
    with np.errstate(all="ignore"):
        loss = loss_of(network, predict(network, params, x), t)
    if not np.isfinite(loss):
        raise jac.InputError(f"the loss is {loss} before the first step: the entries of x reach {np.abs(x).max():.1e}, "
                             f"those of t {np.abs(t).max():.1e}, but numbers of about 1 are expected")
    return x, t


def _step(
    network: Network, optimiser: Optimiser, point: Point, x: Array, t: Array, weights: Array | None, rate: float,
    when: str,
) -> tuple[float, Point]:
    """J(θ) and where a step of the optimiser leads, in new arrays."""
    loss, gradients = weighted(network, point.params, x, t, weights)
    state, params = optimiser.step(point.state, point.params, gradients, rate)
    if not (np.isfinite(loss) and all(np.isfinite(array).all() for own in params for array in own.values())):
        raise jac.InputError(f"loss or parameters overflow in {when} (the loss was {loss:g}): "
                             f"a rate of {rate:g} is too large, try {min(rate / 10, 0.1):g}")
    return float(loss), Point(params, state)
