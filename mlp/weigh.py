"""Weights of samples: each sample's part of the loss, and of its gradient, times a number of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from mlp.given import Array
from mlp.layer import Arrays, Layer, Sizes
from mlp.losses import Loss
from mlp.network import Network


@dataclass(frozen=True, eq=False)
class Weighted(Layer):
    """J = 1/N Σ wᵢ ℓ(hᵢ, tᵢ), ∂J/∂hᵢ = wᵢ/N ∂ℓ/∂hᵢ, of a loss that is a mean of ℓ over samples, w (N,)."""

    of: Loss
    weights: Array

    @property
    def arguments(self) -> Mapping[str, tuple[str, ...]]:
        return self.of.arguments

    @property
    def output(self) -> tuple[str, ...]:
        return self.of.output

    def measure(self, arrays: Arrays) -> tuple[dict[str, Array], Sizes]:
        return self.of.measure(arrays)

    def value(self, *args: Array, **arrays: Array) -> Array:
        cost = self.of.cost(*args, **arrays)
        return (self.weights[:, None] * cost.reshape(len(cost), -1)).mean()

    def pull(self, g: Array, wrt: str, arrays: Arrays) -> Array:
        return self.weights[:, None] * self.of.pull(g, wrt, arrays)


def weigh(network: Network, weights: Array | None) -> Network:
    """The network whose loss has these weights, (N,), or the same network where there are none."""
    return network if weights is None else replace(network, objective=Weighted(network.objective, weights))  # type: ignore[arg-type]
