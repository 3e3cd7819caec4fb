"""Activations: a = f(z) entry by entry, so that the Jacobian is diagonal; and softmax, which works on rows.

At a kink the slope is the one that torch takes: ReLU′(0) = 0, LReLU′(0) = slope.
"""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np

import jacobian as jac
from mlp.given import Array
from mlp.layer import Layer


class Activation(Layer):
    """a = f(z), J = diag(f′(z)), for z (N, m). A row declares spec and value, which are f, and `slope`, which is f′."""

    shapes = "z: N m"

    def slope(self, z: Array) -> Array:
        """f′(z), (N, m)."""
        raise jac.MissingRule(f"{self} has no derivative: write its slope")

    def by_z(self, z: Array) -> jac.Jacobian:
        return jac.Diagonal(self.slope(z))


def _bell(z: Array) -> Array:
    """σ(z) σ(−z) = e/(1 + e)² with e = exp(−|z|): σ′ to full relative accuracy, in the tails as well."""
    e = np.exp(-np.abs(z))
    return e / np.square(1 + e)


@dataclass(frozen=True)
class LeakyReLU(Activation):
    """a = z where z > 0, else s z; f′ = 1 or s, for z (N, m) and 0 ≤ s < 1 (Maas, Hannun and Ng 2013, eq. 2)."""

    s: float = 0.01

    def __post_init__(self) -> None:
        if not isinstance(self.s, Real) or not 0 <= self.s < 1:
            raise jac.InputError(f"the slope of a leaky ReLU is at least 0 and below 1, but {self.s!r} was given")

    def spec(self, z: Any) -> jac.Expr:
        return jac.leaky_relu(z, self.s)

    def value(self, z: Array) -> Array:
        return np.maximum(z, self.s * z)

    def slope(self, z: Array) -> Array:
        return np.where(z > 0, 1, np.where(z <= 0, self.s, z))      # the last z is NaN, which is not to be hidden

    def spread(self, n: int, m: int) -> float:
        """√(2/((1 + s²) n)): the deviation of random weights (m, n) before it (He et al. 2015, eq. 10 and 15)."""
        return float((2 / ((1 + self.s**2) * n)) ** 0.5)


@dataclass(frozen=True)
class ReLU(Activation):
    """a = max(z, 0), f′ = 1 where z > 0, else 0, for z (N, m) (Goodfellow et al. 2016, eq. 6.37)."""

    def spec(self, z: Any) -> jac.Expr:
        return jac.relu(z)

    def value(self, z: Array) -> Array:
        return np.maximum(z, 0)

    def slope(self, z: Array) -> Array:
        return np.heaviside(z, 0)

    def spread(self, n: int, m: int) -> float:
        """√(2/n): the deviation of random weights (m, n) before it (He et al. 2015, eq. 10)."""
        return float((2 / n) ** 0.5)


@dataclass(frozen=True)
class Sigmoid(Activation):
    """a = 1/(1 + exp(−z)), f′ = σ(z) σ(−z), for z (N, m) (Goodfellow et al. 2016, eq. 3.30 and 3.35)."""

    def spec(self, z: Any) -> jac.Expr:
        return jac.sigmoid(z)

    def value(self, z: Array) -> Array:
        e = np.exp(-np.abs(z))
        return np.where(z < 0, e, 1) / (1 + e)

    def slope(self, z: Array) -> Array:
        return _bell(z)


@dataclass(frozen=True)
class Tanh(Activation):
    """a = tanh z, f′ = sech² z = 4 σ′(2z), for z (N, m) (Abramowitz and Stegun 1964, 4.5.3 and 4.5.73)."""

    def spec(self, z: Any) -> jac.Expr:
        return jac.tanh(z)

    def value(self, z: Array) -> Array:
        return np.tanh(z)

    def slope(self, z: Array) -> Array:
        return 4 * _bell(2 * z)


@dataclass(frozen=True)
class Softmax(Layer):
    """p = exp(z) / Σ exp(z) in each row, J = diag(p) − diag(p) (I ⊗ 1 1ᵀ) diag(p), for z (N, m).

    Source: Goodfellow et al. (2016), eq. 6.29, and for the shift 4.1.
    """

    shapes = "z: N m"

    def spec(self, z: Any) -> jac.Expr:
        return jac.softmax(z)

    def value(self, z: Array) -> Array:
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    def by_z(self, z: Array) -> jac.Jacobian:
        p, one = self.value(z), np.ones(z.shape[1], z.dtype)
        sums = jac.Kronecker(jac.Identity(len(z)), jac.LowRank(one, one))
        return jac.Sum((jac.Diagonal(p), jac.Product((jac.Diagonal(-p), sums, jac.Diagonal(p)))))


ACTIVATIONS = {"relu": ReLU(), "leaky-relu": LeakyReLU(), "sigmoid": Sigmoid(), "tanh": Tanh()}
