"""Normalisation: x̂ = (x − mean)/√(variance + ε) within each group of entries, y = x̂ ∘ γ + β.

Which entries make a group is said by the axes that are averaged over, those of x in some shape. Deviations are centred
twice and scaled by the largest, so that equal entries give 0 however large they are, and no square overflows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from math import prod
from typing import Any, ClassVar, NamedTuple

import numpy as np

import jacobian as jac
from mlp.given import Array, between, count
from mlp.layer import Arrays, Layer, Sizes
from mlp.space import letters, spatial


class Split(NamedTuple):
    """A shape that an array takes, and some of its axes: along them (of all entries with equal other indices)."""

    shape: tuple[int, ...]
    along: tuple[int, ...]

    def repeated(self, dtype: Any) -> jac.Jacobian:
        """1 along these axes ⊗ I along the others: what is one number along them, written out."""
        factors: list[jac.Jacobian] = [jac.Dense(np.ones((n, 1), dtype)) if k in self.along else jac.Identity(n)
                                       for k, n in enumerate(self.shape)]
        return reduce(jac.Kronecker, factors)

    def beside(self, values: Array) -> Array:
        """What is one number along these axes, as an array that NumPy repeats along them."""
        return values.reshape([1 if k in self.along else n for k, n in enumerate(self.shape)])

    def deviations(self, x: Array) -> Array:
        """x − mean x, in this shape; what the rounding of the mean leaves is taken off again."""
        d = x.reshape(self.shape) - self.sums(x) / self.size
        d -= self.sums(d) / self.size
        return d

    def sums(self, x: Array) -> Array:
        """What is added along these axes, each 1 long afterwards."""
        return np.asarray(np.add.reduce(x.reshape(self.shape), axis=self.along, keepdims=True))

    @property
    def size(self) -> int:
        """The entries of a group."""
        return prod(self.shape[k] for k in self.along)


class Parts(NamedTuple):
    """d = σ x̂ of each group, its direction u = d/‖d‖ (0 where d is 0), σ = √(mean d² + ε), and ε/σ²."""

    d: Array
    u: Array
    sigma: Array
    rest: Array


def parts(d: Array, split: Split, eps: float) -> Parts:
    """The parts of d, scaled by the largest entry of each group, so that no square overflows or vanishes."""
    root = float(eps**0.5)
    largest = np.maximum.reduce(np.abs(d), axis=split.along, keepdims=True)
    inside = d / np.where(largest > 0, largest, 1)
    square = split.sums(np.square(inside))
    sigma = np.hypot(largest * np.sqrt(square / split.size), root)
    return Parts(d, inside / np.sqrt(np.where(square > 0, square, 1)), sigma, np.square(root / sigma))


def in_rows(a: jac.Expr, x: jac.Expr) -> jac.Expr:
    """a 1ᵀ in the shape of x: a number for each row; a vector is one row."""
    return jac.outer(a, jac.ones(x.shape[1])) if len(x.shape) == 2 else a


def means(x: jac.Expr) -> jac.Expr:
    """The mean of each row."""
    return jac.row_means(x) if len(x.shape) == 2 else jac.mean(x)


def standard(x: jac.Expr, eps: float) -> jac.Expr:
    """(x − mean)/√(variance + ε) of each row, in symbols."""
    d = x - in_rows(means(x), x)
    return d / in_rows(jac.sqrt(means(d**2) + eps), x)


@dataclass(frozen=True)
class Norm(Layer):
    """y = x̂ ∘ γ. By x it is diag(γ/σ) (I − (1 − ε/σ²) U Uᵀ) C with U = diag(u) E, E the groups written out and
    C = I − E Eᵀ/s their centring, s being the entries of a group; by γ it is diag(x̂) times the channels written out.
    Where u is the only direction that C leaves, as of two entries, I − U Uᵀ is 0, and ε/σ² is all that is left.
    """

    eps: float = 1e-5

    centred: ClassVar[bool] = True      # whether x̂ is of x less its mean

    def __post_init__(self) -> None:
        between("eps", self.eps, 0, np.inf)

    def result(self, sizes: Sizes) -> tuple[int, ...]:
        return tuple(sizes[n] for n in self.arguments["x"])

    def together(self, shape: tuple[int, ...]) -> Split:
        """What is normalised together: of the entries in some shape those along some axes."""
        raise jac.MissingRule(f"{self} does not say what it normalises together: write that")

    def channels(self, shape: tuple[int, ...]) -> Split:
        """What has an entry of γ: each column of x, or each channel of (N, c, …)."""
        return Split((*shape[:2], int(np.prod(shape[2:], dtype=int))), (0, 2))

    def deviations(self, x: Array) -> Array:
        """What is divided by σ: x less its mean."""
        return self.together(x.shape).deviations(x)

    def centring(self, E: jac.Jacobian) -> tuple[jac.Jacobian, ...]:
        """I − E Eᵀ/s, what the deviations do to a tangent, where the mean is taken off."""
        whole, groups = E.shape
        less = jac.Product((jac.Scalar(-groups / whole, whole), E, E.T))
        return (jac.Sum((jac.Identity(whole), less)),) if self.centred else ()

    def shared(self, x: Array, **others: Array) -> Mapping[str, Any]:
        return {"found": parts(self.deviations(x), self.together(x.shape), self.eps)}

    def normalised(self, x: Array, found: Parts | None = None) -> Array:
        """x̂, in the shape of x."""
        found = found or self.shared(x)["found"]
        return (found.d / found.sigma).reshape(x.shape)

    def stretched(self, x: Array, gamma: Array, found: Parts | None = None) -> Array:
        """x̂ ∘ γ, in the shape of x."""
        split = self.channels(x.shape)
        return (self.normalised(x, found).reshape(split.shape) * split.beside(gamma)).reshape(x.shape)

    def by_x(self, x: Array, gamma: Array, beta: Array | None = None, found: Parts | None = None) -> jac.Jacobian:
        found, together, channels = found or self.shared(x)["found"], self.together(x.shape), self.channels(x.shape)
        E, u = together.repeated(x.dtype), jac.Diagonal(found.u)
        slope = np.broadcast_to(channels.beside(gamma), channels.shape).reshape(found.d.shape) / found.sigma
        if together.size - self.centred == 1:      # one direction, which is u: nothing else is left
            kept: jac.Jacobian = jac.Diagonal(np.broadcast_to(found.rest, found.u.shape))
        else:
            kept = jac.Sum((jac.Identity(x.size), jac.Product((jac.Diagonal(found.u * (found.rest - 1)), E, E.T, u))))
        return jac.Product((jac.Diagonal(slope), kept, *self.centring(E)))

    def pull_x(self, g: Array, x: Array, gamma: Array, beta: Array | None = None,
               found: Parts | None = None) -> Array:
        found, together, channels = found or self.shared(x)["found"], self.together(x.shape), self.channels(x.shape)
        a = (g.reshape(channels.shape) * channels.beside(gamma)).reshape(found.d.shape) / found.sigma
        if together.size - self.centred == 1:
            a *= found.rest
        else:
            a += (found.rest - 1) * together.sums(found.u * a) * found.u
        return a - together.sums(a) / together.size if self.centred else a

    def pull_gamma(self, g: Array, x: Array, gamma: Array, beta: Array | None = None,
                   found: Parts | None = None) -> Array:
        return self.channels(x.shape).sums(g.reshape(x.shape) * self.normalised(x, found))

    def by_gamma(self, x: Array, gamma: Array, beta: Array | None = None, found: Parts | None = None) -> jac.Jacobian:
        return jac.Product((jac.Diagonal(self.normalised(x, found)), self.channels(x.shape).repeated(x.dtype)))


@dataclass(frozen=True)
class RMSNorm(Norm):
    """y = x/√(mean x² + ε) ∘ γ of each row, for x (N, n), γ (n,), y (N, n).

    The mean stays, so that C = I in the Jacobian by x. Source: Zhang and Sennrich (2019), eq. 4, and ε as torch has it.
    """

    shapes = "x: N n, gamma: n"
    centred = False

    def spec(self, x: Any, gamma: Any) -> jac.Expr:
        return x / in_rows(jac.sqrt(means(x**2) + self.eps), x) * gamma

    def together(self, shape: tuple[int, ...]) -> Split:
        return Split(shape, (1,))

    def deviations(self, x: Array) -> Array:
        return x

    def value(self, x: Array, gamma: Array, found: Parts | None = None) -> Array:
        return self.stretched(x, gamma, found)


@dataclass(frozen=True)
class Shifted(Norm):
    """y = x̂ ∘ γ + β; by β it is the channels written out."""

    def value(self, x: Array, gamma: Array, beta: Array, found: Parts | None = None) -> Array:
        split = self.channels(x.shape)
        return (self.stretched(x, gamma, found).reshape(split.shape) + split.beside(beta)).reshape(x.shape)

    def by_beta(self, x: Array, gamma: Array, beta: Array, found: Parts | None = None) -> jac.Jacobian:
        return self.channels(x.shape).repeated(beta.dtype)

    def pull_beta(self, g: Array, x: Array, gamma: Array, beta: Array, found: Parts | None = None) -> Array:
        return self.channels(x.shape).sums(g)


@dataclass(frozen=True)
class LayerNorm(Shifted):
    """y = (x − mean)/√(variance + ε) ∘ γ + β of each row, for x (N, n), γ and β (n,), y (N, n).

    The variance is that of the row, divided by n. Source: Ba, Kiros and Hinton (2016), eq. 4, and ε as torch has it.
    """

    shapes = "x: N n, gamma: n, beta: n"

    def spec(self, x: Any, gamma: Any, beta: Any) -> jac.Expr:
        return standard(x, self.eps) * gamma + beta

    def together(self, shape: tuple[int, ...]) -> Split:
        return Split(shape, (1,))


@dataclass(frozen=True)
class GroupNorm(Shifted):
    """y = (x − mean)/√(variance + ε) ∘ γ + β of each group of channels of each sample, x (N, c, …), γ and β (c,).

    The c channels make so many `groups` of neighbours; `axes` counts the axes in space. The spec has a group in each
    row, C says which channel an entry is of. Source: Wu and He (2018), eq. 1, 2 and 7.
    """

    groups: int = 2
    axes: int = 2

    declared = "x: R s, gamma: c, beta: c"
    conditions = "C: R*s c"

    def __post_init__(self) -> None:
        super().__post_init__()
        count("the number of groups", self.groups)
        spatial("the number of axes in space", self.axes)
        object.__setattr__(self, "shapes", f"x: N c {letters(self.axes)}, gamma: c, beta: c")
        object.__setattr__(self, "sizes", {"N": 2, "c": 2 * self.groups, "d": 6, "h": 3, "w": 5})

    def spec(self, x: Any, gamma: Any, beta: Any, C: Any) -> jac.Expr:
        return standard(x, self.eps) * jac.reshape(C @ gamma, *x.shape) + jac.reshape(C @ beta, *x.shape)

    def faces(self, name: str, array: Array) -> Sequence[Array]:
        return [array.reshape(self.together(array.shape).shape).reshape(len(array) * self.groups, -1)
                if name in ("x", "y") else array]

    def conditioned(self, arrays: Arrays) -> Sequence[Arrays]:
        x = arrays["x"]
        return [{"C": self.channels(x.shape).repeated(x.dtype).dense()}]

    def measure(self, arrays: Mapping[str, Any]) -> tuple[dict[str, Array], Sizes]:
        found, sizes = super().measure(arrays)
        if sizes["c"] % self.groups:
            raise jac.ShapeError(f"{self}: x has shape {found['x'].shape}, but channels that make {self.groups} "
                                 f"groups of equally many are expected, not {sizes['c']}")
        return found, sizes

    def together(self, shape: tuple[int, ...]) -> Split:
        N, c, *space = shape
        return Split((N, self.groups, c // self.groups * int(np.prod(space, dtype=int))), (2,))
