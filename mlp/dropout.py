"""Dropout: random entries are left out in training, and none after it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from numbers import Real
from types import MappingProxyType
from typing import Any

import numpy as np

import jacobian as jac
from mlp.activations import Linear
from mlp.given import Array, numbers
from mlp.layer import Arrays, Layer, Sizes


@dataclass(frozen=True)
class Masked(Layer):
    """y = x ∘ M/(1 − rate), J = diag(M/(1 − rate)), for x and the mask M (N, n), which keeps the entries at 1.

    Dropout with a given mask. Source: Srivastava et al. (2014), eq. 2 to 6, and for the factor section 10.
    """

    rate: float = 0.5

    shapes = "x: N n, M: N n index"
    inputs = 2
    indices = ("M",)
    sizes = MappingProxyType({"N": 3, "n": 4, "v": 2})

    def __post_init__(self) -> None:
        if not isinstance(self.rate, Real) or not 0 <= self.rate < 1:
            raise jac.InputError(f"the rate must be a number, 0 ≤ rate < 1, but {self.rate!r} was given")

    def prepare(self, arrays: Mapping[str, Any]) -> Mapping[str, Any]:
        M = numbers(f"{self}: M", arrays["M"])
        if not np.isin(M, (0, 1)).all():
            raise jac.InputError(f"{self}: the mask M must hold 1 for what is kept and 0 for what is left out")
        return {"x": arrays["x"], "M": M}

    def spec(self, x: Any, M: Any) -> jac.Expr:
        return x * M / (1 - self.rate)

    def slope(self, x: Array, M: Array) -> Array:
        """M/(1 − rate), of the type of x."""
        return M.astype(x.dtype) / (1 - self.rate)

    def value(self, x: Array, M: Array) -> Array:
        return x * self.slope(x, M)

    def by_x(self, x: Array, M: Array) -> jac.Jacobian:
        return jac.Diagonal(self.slope(x, M))


@dataclass(frozen=True, eq=False)
class Dropout(Layer):
    """y = x ∘ M/(1 − rate), for x (N, n), with the mask M that `trained` draws for each step, or that is given here.

    Each entry is left out with the probability `rate`. After training y = x, which is the mean over all masks.
    Source: Srivastava et al. (2014), section 4 and 10.
    """

    rate: float = 0.5
    mask: Array | None = None

    shapes = "x: N n"
    conditions = "M: N n"

    def __post_init__(self) -> None:
        Masked(self.rate)
        if self.mask is not None:
            object.__setattr__(self, "mask", numbers(f"{self}: the mask", self.mask))

    def __str__(self) -> str:
        return f"Dropout(rate={self.rate})"

    __repr__ = __str__

    @cached_property
    def fixed(self) -> Masked:
        """The layer that takes the mask besides."""
        return Masked(self.rate)

    def trained(self, rng: np.random.Generator, shape: tuple[int, ...]) -> Dropout:
        return replace(self, mask=rng.random(shape) >= self.rate)

    def evaluated(self, statistics: Mapping[str, Array]) -> Layer:
        return Linear()

    def spec(self, x: Any, M: Any) -> jac.Expr:
        return self.fixed.spec(x, M)

    def conditioned(self, arrays: Arrays) -> Sequence[Arrays]:
        return [{"M": self.kept}]

    def measure(self, arrays: Mapping[str, Any]) -> tuple[dict[str, Array], Sizes]:
        found, sizes = super().measure(arrays)
        self.fixed.measure({**found, "M": self.kept})
        return found, sizes

    @property
    def kept(self) -> Array:
        """M. Raises InputError where none was drawn."""
        if self.mask is None:
            raise jac.InputError(f"{self} has no mask: trained(rng, x.shape) draws one, and evaluated({{}}) needs none")
        return self.mask

    def value(self, x: Array) -> Array:
        return self.fixed.value(x, self.kept)

    def by_x(self, x: Array) -> jac.Jacobian:
        return self.fixed.by_x(x, self.kept)
