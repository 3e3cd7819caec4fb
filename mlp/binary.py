"""Losses of answers that are yes or no in each entry: of logits z and t in [0, 1], or of h and t = ±1, all (N, m)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

import jacobian as jac
from mlp.activations import ReLU, sigmoid, softplus, step
from mlp.given import Array, between
from mlp.loss import Loss, through


@dataclass(frozen=True)
class BinaryCrossEntropy(Loss):
    """ℓ = t log(1 + exp(−z)) + (1 − t) log(1 + exp z), ∂ℓ/∂z = σ(z) − t, for logits z and t in [0, 1], both (N, m).

    Source: Goodfellow et al. (2016), 6.2.2.2.
    """

    shapes = "z: N m, t: N m"

    def terms(self, z: Any, t: Any) -> jac.Expr:
        return jac.softplus(z) - t * z

    def cost(self, z: Array, t: Array) -> Array:
        return t * softplus(-z) + (1 - t) * softplus(z)

    def slope_z(self, z: Array, t: Array) -> Array:
        return (1 - t) * sigmoid(z) - t * sigmoid(-z)

    def slope_t(self, z: Array, t: Array) -> Array:
        return -z


@dataclass(frozen=True)
class Focal(Loss):
    """ℓ = α t σ(−z)^γ log(1 + exp(−z)) + (1 − α) (1 − t) σ(z)^γ log(1 + exp z), for logits z and t in [0, 1], (N, m).

    Source: Lin et al. (2017), eq. 5.
    """

    gamma: float = 2.0
    alpha: float = 0.25

    shapes = "z: N m, t: N m"

    def __post_init__(self) -> None:
        super().__post_init__()
        between("gamma", self.gamma, 0, np.inf)
        between("alpha", self.alpha, 0, 1)

    def terms(self, z: Any, t: Any) -> jac.Expr:
        def easy(u: jac.Expr) -> jac.Expr:
            return jac.sigmoid(u) ** self.gamma * jac.softplus(u)

        return self.alpha * (t * easy(-z)) + (1 - self.alpha) * (easy(z) - t * easy(z))

    def cost(self, z: Array, t: Array) -> Array:
        return self.alpha * t * self._easy(-z) + (1 - self.alpha) * (1 - t) * self._easy(z)

    def slope_z(self, z: Array, t: Array) -> Array:
        return (1 - self.alpha) * (1 - t) * self._rise(z) - self.alpha * t * self._rise(-z)

    def slope_t(self, z: Array, t: Array) -> Array:
        return self.alpha * self._easy(-z) - (1 - self.alpha) * self._easy(z)

    def _easy(self, u: Array) -> Array:
        return sigmoid(u) ** self.gamma * softplus(u)

    def _rise(self, u: Array) -> Array:
        return sigmoid(u) ** self.gamma * (self.gamma * sigmoid(-u) * softplus(u) + sigmoid(u))


@dataclass(frozen=True)
class Hinge(Loss):
    """ℓ = max(0, 1 − t h), ∂ℓ/∂h = −t where t h < 1, for targets t = ±1, h and t (N, m) (Vapnik 1995, 5.5)."""

    kinks = "the slopes are 0 where t h = 1, of [0, −t] by h and [0, −h] by t"

    def terms(self, h: Any, t: Any) -> jac.Expr:
        return jac.relu(1 - t * h)

    def cost(self, h: Array, t: Array) -> Array:
        return np.maximum(1 - t * h, 0)

    def slope_h(self, h: Array, t: Array) -> Array:
        return -t * step(1 - t * h)

    def slope_t(self, h: Array, t: Array) -> Array:
        return -h * step(1 - t * h)

    def slopes(self, wrt: str, **arrays: Array) -> tuple[Array, Array]:
        h, t = arrays["h"], arrays["t"]
        return through(-t if wrt == "h" else -h, *ReLU().slopes(1 - t * h))
