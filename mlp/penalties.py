"""Penalties on the size of parameters, with the reductions of losses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

import jacobian as jac
from mlp.given import Array, between
from mlp.layer import Arrays, Layer, Pick
from mlp.loss import reduced, signs


@dataclass(frozen=True)
class Penalty(Layer):
    """R = λ/K Σ ρ(W), K = 1 for the sum; without a reduction the terms λ ρ(W), for W (m, n).

    A penalty declares ρ in symbols (`terms`, and `total` where Σ ρ has a shorter form) and NumPy (`cost`), and ρ′
    (`slope`).
    """

    rate: float = 1e-4
    reduction: str = "sum"

    shapes = "W: m n"

    def __post_init__(self) -> None:
        between("rate", self.rate, 0, np.inf)
        reduced(self.reduction)

    def terms(self, W: Any) -> jac.Expr:
        """ρ(W) in symbols."""
        raise jac.MissingRule(f"{self} does not say what it is in symbols: write its terms")

    def total(self, W: Any) -> jac.Expr:
        """Σ ρ(W) in symbols."""
        return jac.total(self.terms(W))

    def cost(self, W: Array) -> Array:
        """ρ(W), (m, n)."""
        raise jac.MissingRule(f"{self} does not say what it computes: write its cost")

    def slope(self, W: Array) -> Array:
        """ρ′(W), (m, n)."""
        raise jac.MissingRule(f"{self} has no derivative: write its slope")

    def spec(self, W: Any) -> jac.Expr:
        if self.reduction == "none":
            return self.rate * self.terms(W)
        return self.rate * self.total(W) / (W.size if self.reduction == "mean" else 1)

    def value(self, W: Array) -> Array:
        cost, rate = self.cost(W), W.dtype.type(self.rate)
        return rate * (cost if self.reduction == "none" else cost.mean() if self.reduction == "mean" else cost.sum())

    def slopes(self, W: Array) -> tuple[Array, Array]:
        """ρ′ from the left and from the right, both (m, n)."""
        return self.slope(W), self.slope(W)

    def by_W(self, W: Array) -> jac.Jacobian:
        return self._reduced(self.slope(W))

    def beside(self, wrt: str, arrays: Arrays, pick: Pick) -> jac.Jacobian:
        return self._reduced(pick(*self.slopes(**arrays)))

    def _reduced(self, rise: Array) -> jac.Jacobian:
        slope = self.rate * rise
        if self.reduction == "none":
            return jac.Diagonal(slope)
        return jac.Row(slope / (slope.size if self.reduction == "mean" else 1))


@dataclass(frozen=True)
class L1(Penalty):
    """ρ = |W|, ρ′ = sign(W), 0 where W is 0 (Goodfellow et al. 2016, eq. 7.18)."""

    kinks = "the slope is 0 where W is 0, of [−λ, λ]"

    def terms(self, W: Any) -> jac.Expr:
        return jac.absolute(W)

    def cost(self, W: Array) -> Array:
        return np.abs(W)

    def slope(self, W: Array) -> Array:
        return np.sign(W)

    def slopes(self, W: Array) -> tuple[Array, Array]:
        return signs(W)


@dataclass(frozen=True)
class L2(Penalty):
    """ρ = ½ W², ρ′ = W (Goodfellow et al. 2016, eq. 7.4)."""

    def terms(self, W: Any) -> jac.Expr:
        return W**2 / 2

    def total(self, W: Any) -> jac.Expr:
        return jac.half_square(W)

    def cost(self, W: Array) -> Array:
        return np.square(W) / 2

    def slope(self, W: Array) -> Array:
        return W
