"""Dropout: random entries are left out in training, and none after it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

import jacobian as jac
from mlp.activations import Linear
from mlp.given import Array, numbers
from mlp.layer import Arrays, Layer


@dataclass(frozen=True, eq=False)
class Dropout(Layer):
    """y = x ∘ M/(1 − rate), J = diag(M/(1 − rate)), for x and the mask M (N, n), which has a 1 for what is kept.

    The mask is given, or drawn by `trained` for each step, each entry being left out with the probability `rate`. After
    training the layer is y = x, the mean over all masks. Source: Srivastava et al. (2014), eq. 2 to 6 and section 10.
    """

    rate: float = 0.5
    mask: Array | None = field(default=None, repr=False)

    shapes = "x: N n"
    conditions = "M: N n"

    def __post_init__(self) -> None:
        if not isinstance(self.rate, float | int) or not 0 <= self.rate < 1:
            raise jac.InputError(f"the rate of Dropout must be a number, 0 ≤ rate < 1, but {self.rate!r} was given")
        if self.mask is not None:
            kept = numbers(f"{self}: the mask", self.mask)
            if not np.isin(kept, (0, 1)).all():
                raise jac.InputError(f"{self}: the mask must hold 1 for what is kept and 0 for what is left out")
            object.__setattr__(self, "mask", kept.astype(bool))

    def trained(self, rng: np.random.Generator, shape: tuple[int, ...]) -> Dropout:
        return replace(self, mask=rng.random(shape) >= self.rate)

    def evaluated(self, statistics: Mapping[str, Array]) -> Layer:
        return Linear()

    def spec(self, x: Any, M: Any) -> jac.Expr:
        return x * M / (1 - self.rate)

    def conditioned(self, arrays: Arrays) -> Sequence[Arrays]:
        return [{"M": self.kept(arrays["x"])}]

    def kept(self, x: Array) -> Array:
        """The mask, of the type of x. Raises InputError where none was drawn, ShapeError where it does not fit."""
        if self.mask is None:
            raise jac.InputError(f"{self} has no mask: trained(rng, x.shape) draws one, and evaluated({{}}) needs none")
        if self.mask.shape != x.shape:
            raise jac.ShapeError(f"{self}: the mask has shape {self.mask.shape}, but that of x, {x.shape}, is expected")
        return self.mask.astype(x.dtype)

    def slope(self, x: Array) -> Array:
        """M/(1 − rate), (N, n)."""
        return self.kept(x) / (1 - self.rate)

    def value(self, x: Array) -> Array:
        return x * self.slope(x)

    def by_x(self, x: Array) -> jac.Jacobian:
        return jac.Diagonal(self.slope(x))
