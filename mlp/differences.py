"""Losses of the difference h − t of an output and a target, both (N, m)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

import jacobian as jac
from mlp.activations import clipped
from mlp.given import Array, between
from mlp.loss import Difference, signs, sums


@dataclass(frozen=True)
class HalfSquaredError(Difference):
    """ℓ = ½ ‖h − t‖² of each sample, ∂ℓ/∂h = h − t (Goodfellow et al. 2016, 5.1.4, where the half is left out)."""

    of = "sample"

    def terms(self, h: Any, t: Any) -> jac.Expr:
        return sums((h - t) ** 2) / 2

    def total(self, h: Any, t: Any) -> jac.Expr:
        return jac.half_square(h - t)

    def curve(self, d: Array) -> Array:
        return np.square(d).sum(axis=1) / 2

    def bend(self, d: Array) -> Array:
        return d


@dataclass(frozen=True)
class MeanSquaredError(Difference):
    """ℓ = (h − t)², ∂ℓ/∂h = 2 (h − t) (Goodfellow et al. 2016, eq. 5.4)."""

    def total(self, h: Any, t: Any) -> jac.Expr:
        return jac.square(h - t)

    def function(self, d: jac.Expr) -> jac.Expr:
        return d**2

    def curve(self, d: Array) -> Array:
        return np.square(d)

    def bend(self, d: Array) -> Array:
        return 2 * d


@dataclass(frozen=True)
class MeanAbsoluteError(Difference):
    """ℓ = |h − t|, ∂ℓ/∂h = sign(h − t), 0 where they are equal (Hastie et al. 2009, 10.6)."""

    kinks = "the slope is 0 where h = t, of [−1, 1]"

    def function(self, d: jac.Expr) -> jac.Expr:
        return jac.absolute(d)

    def curve(self, d: Array) -> Array:
        return np.abs(d)

    def bend(self, d: Array) -> Array:
        return np.sign(d)

    def bends(self, d: Array) -> tuple[Array, Array]:
        return signs(d)


@dataclass(frozen=True)
class Huber(Difference):
    """ℓ = ½ (h − t)² where |h − t| ≤ δ, else δ (|h − t| − ½ δ); ∂ℓ/∂h = h − t, clipped to ±δ (Huber 1964, 4)."""

    delta: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        between("delta", self.delta, 0, np.inf)

    def function(self, d: jac.Expr) -> jac.Expr:
        near = clipped(d, -self.delta, self.delta)
        return near * (d - near / 2)

    def curve(self, d: Array) -> Array:
        near = np.clip(d, -self.delta, self.delta)
        return near * (d - near / 2)

    def bend(self, d: Array) -> Array:
        return np.clip(d, -self.delta, self.delta)


@dataclass(frozen=True)
class LogCosh(Difference):
    """ℓ = log cosh(h − t), ∂ℓ/∂h = tanh(h − t) (Green 1990, IEEE Trans. Med. Imaging 9, 84)."""

    def function(self, d: jac.Expr) -> jac.Expr:
        return jac.log(jac.cosh(d))

    def curve(self, d: Array) -> Array:
        r = np.abs(d)
        near = np.log1p(2 * np.square(np.sinh(np.minimum(r, 1) / 2)))
        return np.where(r < 1, near, r + np.log1p(np.exp(-2 * r)) - d.dtype.type(np.log(2)))

    def bend(self, d: Array) -> Array:
        return np.tanh(d)
