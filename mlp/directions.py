"""The loss of the angle between an output h and a target t, rows of (N, m)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

import jacobian as jac
from mlp.given import Array
from mlp.loss import Loss, sums


@dataclass(frozen=True)
class Cosine(Loss):
    """ℓ = 1 − ⟨h, t⟩/(‖h‖ ‖t‖) of each sample = ½ ‖ĥ − t̂‖², ∂ℓ/∂h = (ĥ − t̂ − ℓ ĥ)/‖h‖, for h and t (N, m).

    ĥ = h/‖h‖; norms below 1e-8 count as 1e-8. Source: Manning, Raghavan and Schütze (2008), eq. 6.10.
    """

    of = "sample"
    kinks = "where a norm is 1e-8 the slope is that of larger norms, the other one that of smaller ones"

    def terms(self, h: Any, t: Any) -> jac.Expr:
        return 1 - sums(h * t) / jac.sqrt(sums(h**2) * sums(t**2))

    def cost(self, h: Array, t: Array) -> Array:
        (a, _), (b, _) = _unit(h), _unit(t)
        near = np.square(a - b).sum(axis=1) / 2
        return np.where(_short(h) | _short(t), 1 - (a * b).sum(axis=1), near)

    def slope_h(self, h: Array, t: Array) -> Array:
        return self._slope(h, t, _short(h)[:, None])

    def slope_t(self, h: Array, t: Array) -> Array:
        return self.slope_h(t, h)

    def slopes(self, wrt: str, **arrays: Array) -> tuple[Array, Array]:
        h, t = (arrays["h"], arrays["t"]) if wrt == "h" else (arrays["t"], arrays["h"])
        short, edge = _short(h)[:, None], _norm(h) == SHORT
        return self._slope(h, t, short | edge & (h > 0)), self._slope(h, t, short | edge & (h < 0))

    def _slope(self, h: Array, t: Array, short: Array) -> Array:
        """∂ℓ/∂h, where the norm counts as it is or, of entries that are `short`, as 1e-8."""
        (a, r), (b, _) = _unit(h), _unit(t)
        return np.where(short, -b, (a - b) - self.cost(h, t)[:, None] * a) / r


SHORT = 1e-8


def _norm(h: Array) -> Array:
    """‖h‖ of each row, (N, 1)."""
    return np.sqrt(np.square(h).sum(axis=1, keepdims=True))


def _short(h: Array) -> Array:
    return _norm(h)[:, 0] < SHORT


def _unit(h: Array) -> tuple[Array, Array]:
    """h/‖h‖ and ‖h‖ of each row."""
    r = np.maximum(_norm(h), h.dtype.type(SHORT))
    return h / r, r
