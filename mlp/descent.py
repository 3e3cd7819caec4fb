"""Gradient descent as generators: each step is handed out, so that a progress bar can count them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

import jacobian as jac
from mlp.data import inspect
from mlp.evaluation import evaluate
from mlp.given import Array, between, count, finite, generator, is_finite
from mlp.network import Network, Parameters
from mlp.optimise import Optimiser, State
from mlp.plan import PLAIN, Plan


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
    generator("rng", rng)
    params = network.init(rng)
    x, t = begin(network, params, x, t)
    plan = Plan(network, params)
    for i in range(1, steps + 1):
        j = rng.integers(len(x))
        loss = _step(plan, x[j:j + 1], t[j:j + 1], None, rate, f"step {i}")
        yield Progress(i, loss, _reached(plan, loss, rate, f"step {i}").params, np.array([j]))


def descend(
    network: Network, params: Parameters, x: Array, t: Array, *,
    rate: float, epochs: int, batch: int, rng: np.random.Generator, optimiser: str | Optimiser = PLAIN,
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
    generator("rng", rng)
    x, t = begin(network, params, x, t)
    plan = Plan(network, params, optimiser=optimiser)
    for i in range(1, epochs + 1):
        loss, point, chosen = sweep(plan, x, t, weights, rate=rate, batch=batch, rng=rng, when=f"epoch {i}")
        yield Progress(i, loss, point.params, chosen)


def sweep(
    plan: Plan, x: Array, t: Array, weights: Array | None = None, *, rate: float, batch: int, rng: np.random.Generator,
    among: Array | None = None, when: str = "an epoch",
) -> tuple[float, Point, Array]:
    """One epoch: the mean loss on the way, where it led, and the samples of the last step; of all or `among` them."""
    total, order = 0.0, rng.permutation(len(x) if among is None else among)
    for chosen in np.split(order, range(batch, len(order), batch)):
        loss = _step(plan, x[chosen], t[chosen], None if weights is None else weights[chosen], rate, when)
        total += loss * len(chosen)
    return total / len(order), _reached(plan, loss, rate, when), chosen


def begin(network: Network, params: Parameters, x: Array, t: Array, *,
          among: Array | None = None) -> tuple[Array, Array]:
    """x and t after a look at them, at the parameters and at the loss: what goes wrong from here on is the rate's."""
    x, t = inspect(x, t)
    for name, array in network.named(params).items():
        finite(name, array)
    with np.errstate(all="ignore"):
        loss, _ = evaluate(network, params, x, t, among=among)
    if not np.isfinite(loss):
        raise jac.InputError(f"the loss is {loss} before the first step: the entries of x reach {np.abs(x).max():.1e}, "
                             f"those of t {np.abs(t).max():.1e}, but numbers of about 1 are expected")
    return x, t


def _step(plan: Plan, x: Array, t: Array, weights: Array | None, rate: float, when: str) -> float:
    """J before a step."""
    loss = plan.step(x, t, rate, weights)
    if not np.isfinite(loss):
        raise _overflow(loss, rate, when)
    return loss


def _reached(plan: Plan, loss: float, rate: float, when: str) -> Point:
    """Where the steps led, the last of which began with this loss."""
    point = Point(plan.parameters(), plan.state())
    if not all(is_finite(array) for own in point.params for array in own.values()):
        raise _overflow(loss, rate, when)
    return point


def _overflow(loss: float, rate: float, when: str) -> jac.InputError:
    return jac.InputError(f"loss or parameters overflow in {when} (the loss was {loss:g}): "
                          f"a rate of {rate:g} is too large, try {min(rate / 10, 0.1):g}")
