"""Normalisation over a batch: by the statistics of the batch in training, by running ones after it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

import jacobian as jac
from mlp.given import Array, between, finite
from mlp.layer import Arrays, Sizes
from mlp.norms import Parts, Shifted, Split
from mlp.space import letters, spatial


@dataclass(frozen=True)
class Channelled(Shifted):
    """y = x̂ ∘ γ + β of x (N, c, …) with so many `axes` in space; in the spec each channel is a column."""

    axes: int = 0

    declared = "x: M c, gamma: c, beta: c"
    sizes = MappingProxyType({"N": 3, "c": 4, "d": 6, "h": 5, "w": 2})

    def __post_init__(self) -> None:
        super().__post_init__()
        spatial("the number of axes in space", self.axes)
        object.__setattr__(self, "shapes", f"x: N c {letters(self.axes)}, gamma: c, beta: c")

    def faces(self, name: str, array: Array) -> Sequence[Array]:
        return [np.moveaxis(array, 1, -1).reshape(-1, array.shape[1]) if name in ("x", "y") else array]


@dataclass(frozen=True)
class BatchNorm(Channelled):
    """y = (x − mean)/√(variance + ε) ∘ γ + β of each channel over the batch, x (N, c, …), γ and β (c,), in training.

    The mean is taken over the `axes` in space too, and the variance is divided by the entries of a channel. A single
    entry gives y = β. Source: Ioffe and Szegedy (2015), algorithm 1.
    """

    def spec(self, x: Any, gamma: Any, beta: Any) -> jac.Expr:
        d = x - jac.column_means(x)
        return d / jac.sqrt(jac.column_means(d**2) + self.eps) * gamma + beta

    def together(self, shape: tuple[int, ...]) -> Split:
        return self.channels(shape)

    def statistics(self, x: Array) -> Mapping[str, Array]:
        """The mean (c,) and the variance (c,) of a batch, the variance divided by the entries less one, as torch does.

        Raises ShapeError for a batch with a single entry of each channel, which has no such variance.
        """
        x = finite(f"{self}: x", self.floating("x", x))
        if x.ndim != 2 + self.axes:
            raise jac.ShapeError(f"{self}: x has shape {x.shape}, but {2 + self.axes} axes are expected: "
                                 f"{self.shapes.partition(',')[0]}")
        split = self.channels(x.shape)
        if split.size == 1:
            raise jac.ShapeError(f"{self}: a variance needs at least two entries of each channel, "
                                 f"but x has shape {x.shape}")
        square = np.square(split.deviations(x)).sum(axis=split.along)
        return {"mean": x.reshape(split.shape).mean(axis=split.along), "variance": square / (split.size - 1)}

    def evaluated(self, statistics: Mapping[str, Array]) -> Standardised:
        """The fixed affine map by running statistics: {"mean": (c,), "variance": (c,)}."""
        return Standardised(self.eps, self.axes, *(tuple(map(float, statistics[name])) for name in UNTRAINED))


UNTRAINED = {"mean": 0.0, "variance": 1.0}      # running statistics before the first batch, as torch begins


def averaged(running: Mapping[str, Array], new: Mapping[str, Array], momentum: float = 0.1) -> Mapping[str, Array]:
    """(1 − momentum) running + momentum new, of each statistic: the running ones after another batch."""
    between("momentum", momentum, 0, np.nextafter(1, 2))
    return {name: (1 - momentum) * running[name] + momentum * new[name] for name in new}


@dataclass(frozen=True)
class Standardised(Channelled):
    """y = (x − μ)/√(v + ε) ∘ γ + β with the mean μ and the variance v of each channel given, x (N, c, …), γ (c,).

    Batch normalisation after training; one number may be given for all channels. By x it is diag(γ/√(v + ε)), written
    out for each entry of a channel. Source: Ioffe and Szegedy (2015), algorithm 2, step 11.
    """

    mean: tuple[float, ...] = (UNTRAINED["mean"],)
    variance: tuple[float, ...] = (UNTRAINED["variance"],)

    conditions = "μ: c, v: c"

    def __post_init__(self) -> None:
        super().__post_init__()
        if not np.isfinite([*self.mean, *self.variance]).all() or min(self.variance) < 0:
            raise jac.InputError(f"{self}: a mean is finite and a variance is not negative")

    def spec(self, x: Any, gamma: Any, beta: Any, μ: Any, v: Any) -> jac.Expr:
        return (x - μ) / jac.sqrt(v + self.eps) * gamma + beta

    def conditioned(self, arrays: Arrays) -> Sequence[Arrays]:
        c = arrays["gamma"].size
        return [{"μ": np.resize(self.mean, c), "v": np.resize(self.variance, c)}]

    def measure(self, arrays: Mapping[str, Any]) -> tuple[dict[str, Array], Sizes]:
        found, sizes = super().measure(arrays)
        for name, given in (("mean", self.mean), ("variance", self.variance)):
            if len(given) not in (1, sizes["c"]):
                raise jac.ShapeError(f"{type(self).__name__}: the {name} has {len(given)} entries, but x of shape "
                                     f"{found['x'].shape} has {sizes['c']} channels")
        return found, sizes

    def shared(self, x: Array, **others: Array) -> Mapping[str, Any]:
        return {}

    def normalised(self, x: Array, found: Parts | None = None) -> Array:
        split = self.channels(x.shape)
        mean, root = self._constants(x)
        return ((x.reshape(split.shape) - mean) / root).reshape(x.shape)

    def by_x(self, x: Array, gamma: Array, beta: Array | None = None, found: Parts | None = None) -> jac.Jacobian:
        split = self.channels(x.shape)
        return jac.Diagonal(np.broadcast_to(split.beside(gamma) / self._constants(x)[1], split.shape))

    def pull_x(self, g: Array, x: Array, gamma: Array, beta: Array | None = None,
               found: Parts | None = None) -> Array:
        split = self.channels(x.shape)
        return g.reshape(split.shape) * (split.beside(gamma) / self._constants(x)[1])

    def _constants(self, x: Array) -> tuple[Array, Array]:
        """μ and √(v + ε), each beside x, of its type."""
        split = self.channels(x.shape)
        mean, root = (split.beside(np.resize(a, split.shape[1]).astype(x.dtype))
                      for a in (self.mean, np.sqrt(np.add(self.variance, self.eps))))
        return mean, root
