"""Weights of samples: each sample's part of the loss, and of its gradient, times a number of its own."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mlp.given import Array
from mlp.layer import Layer, Sizes
from mlp.network import Network


@dataclass(frozen=True, eq=False)
class Weighted(Layer):
    """J = 1/N Σ wᵢ ℓ(hᵢ, tᵢ), ∂J/∂hᵢ = wᵢ/N ∂ℓ/∂hᵢ, of a loss that is the mean of ℓ over samples, w (N,)."""

    of: Layer
    weights: Array

    @property
    def arguments(self) -> dict[str, tuple[str, ...]]:
        return self.of.arguments

    @property
    def output(self) -> tuple[str, ...]:
        return self.of.output

    def measure(self, arrays: object) -> tuple[dict[str, Array], Sizes]:
        return self.of.measure(arrays)  # type: ignore[arg-type]

    def value(self, **arrays: Array) -> Array:
        alone = [self.of.value(**{name: array[i:i + 1] for name, array in arrays.items()})
                 for i in range(len(self.weights))]
        return (self.weights * np.array(alone)).mean()

    def pull(self, g: Array, wrt: str, arrays: object) -> Array:
        return self.weights[:, None] * self.of.pull(g, wrt, arrays)  # type: ignore[arg-type]


def weigh(network: Network, weights: Array | None) -> Network:
    """The network whose loss has these weights, (N,), or the same network where there are none."""
    return network if weights is None else replace(network, objective=Weighted(network.objective, weights))
