"""Layers that look at one window of an image or signal after the other: convolution and pooling, x (N, c, …).

The entries of all windows are gathered beside each other: patches, (K, Q) of each channel for K places in a window and
Q windows. The gather is a linear map, and the rest is a product with a matrix. A convolution gathers a few samples at a
time; pools, and explicit Jacobians, have the patches of all, K times as many entries as x with a stride of 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

import jacobian as jac
from mlp.given import Array, count
from mlp.layer import Arrays, Layer, Pick, Sizes
from mlp.patches import Axes, Patches, patches, places, windows
from mlp.rows import largest
from mlp.runs import Strips, runs
from mlp.space import letters, spatial

Found = tuple[Array, Array]
PerAxis = Any               # a number for each axis in space, or one for all axes


@dataclass(frozen=True)
class Windows(Layer):
    """Where windows lie: a kernel moves by `stride` over x, which `padding` widens on each side of each axis.

    `kernel` has a number for each axis in space; the others have as many, or one for all. Places in a window are
    `dilation` entries apart.
    """

    kernel: Axes
    stride: PerAxis = 1
    padding: PerAxis = 0
    dilation: PerAxis = 1

    def __post_init__(self) -> None:
        if not isinstance(self.kernel, tuple | list):
            raise jac.InputError(f"a kernel has a whole number for each axis, (3,) or (3, 3), not {self.kernel!r}")
        spatial("the number of axes of a kernel", len(self.kernel), 1)
        for name, least in (("kernel", 1), ("stride", 1), ("padding", 0), ("dilation", 1)):
            object.__setattr__(self, name, self._each(name, getattr(self, name), least))
        object.__setattr__(self, "shapes", self.takes)
        taps = dict(zip(letters(len(self.kernel), "rpq").split(), self.kernel, strict=True))
        object.__setattr__(self, "fixed_sizes", taps)
        object.__setattr__(self, "sizes", {"N": 2, "c": 3, "o": 5, "d": 6, "h": 4, "w": 3, **taps})

    @property
    def takes(self) -> str:
        """The shapes of the arrays."""
        return f"x: N c {letters(len(self.kernel))}"

    def _each(self, name: str, value: PerAxis, least: int) -> Axes:
        values = tuple(value) if isinstance(value, tuple | list) else (value,) * len(self.kernel)
        if len(values) != len(self.kernel):
            raise jac.InputError(f"the {name} must be one whole number or {len(self.kernel)}, as the kernel "
                                 f"{self.kernel} has, but {value!r} was given")
        for number in values:
            count(f"the {name}", number, least)
        return tuple(map(int, values))

    def at(self, x: Array) -> Array:
        """The place in a channel of each entry of each window, (K, Q); −1 in the padding."""
        return places(x.shape[2:], self.kernel, self.stride, self.padding, self.dilation)

    def channel(self, x: Array) -> Patches:
        """The patches of one channel from it, K Q × l."""
        return patches(x.shape[2:], self.kernel, self.stride, self.padding, self.dilation)

    def gather(self, x: Array) -> jac.Jacobian:
        """The patches of all channels, (N, c, K, Q), from x."""
        return jac.Kronecker(jac.Identity(x.shape[0] * x.shape[1]), self.channel(x))

    def patches(self, x: Array) -> Array:
        """The entries of x in each window, (N, c, K, Q), 0 in the padding."""
        return self.channel(x).right(x.reshape(*x.shape[:2], -1)).reshape(*x.shape[:2], *self.at(x).shape)

    def result(self, sizes: Sizes) -> tuple[int, ...]:
        return sizes["N"], sizes["c"], *self.moves([sizes[n] for n in letters(len(self.kernel)).split()])

    def moves(self, lengths: Sequence[int]) -> Axes:
        """How many windows there are along each axis."""
        return tuple(map(windows, lengths, self.kernel, self.stride, self.padding, self.dilation))

    def measure(self, arrays: Mapping[str, Any]) -> tuple[dict[str, Array], Sizes]:
        found, sizes = super().measure(arrays)
        x = found["x"]
        for n, k, p, d in zip(letters(len(self.kernel)).split(), self.kernel, self.padding, self.dilation, strict=True):
            if sizes[n] + 2 * p < d * (k - 1) + 1:
                raise jac.ShapeError(f"{self}: x has shape {x.shape}, {n} = {sizes[n]} and {sizes[n] + 2 * p} with the "
                                     f"padding, but a window spans {d * (k - 1) + 1}: at least that is expected")
        return found, sizes


@dataclass(frozen=True)
class Convolution(Windows):
    """y = Σ over places k of W_k x (at k in each window) + b, x (N, c, …), W (o, c, …), b (o,), y (N, o, …).

    With patches X: by x it is (I ⊗ W ⊗ I) G, G the gather, by W it is (K_{o,N} ⊗ I) (I ⊗ Xᵀ), by b it is 1 ⊗ I ⊗ 1. In
    the spec the places of all samples lie side by side, S_k picks those at k. As in every library, W is not flipped.
    Source: Goodfellow, Bengio and Courville (2016), eq. 9.6 and 9.7; Dumoulin and Visin (2016), chapter 2.
    """

    def __post_init__(self) -> None:
        super().__post_init__()
        K = int(np.prod(self.kernel, dtype=int))
        object.__setattr__(self, "declared", f"x: c M, W: o {K}*c, b: o")
        object.__setattr__(self, "conditions", ", ".join(f"S{k}: M Q" for k in range(1, K + 1)))

    @property
    def takes(self) -> str:
        return f"{super().takes}, W: o c {letters(len(self.kernel), 'rpq')}, b: o"

    def spec(self, x: Any, W: Any, b: Any, **S: Any) -> jac.Expr:
        there = jac.vstack(*(x @ places for places in S.values()))
        return W @ there + jac.outer(b, jac.ones(there.shape[1]))

    def faces(self, name: str, array: Array) -> Sequence[Array]:
        if name == "W":
            return [array.reshape(*array.shape[:2], -1).swapaxes(1, 2).reshape(len(array), -1)]
        return [array.swapaxes(0, 1).reshape(array.shape[1], -1) if array.ndim > 1 else array]

    def conditioned(self, arrays: Arrays) -> Sequence[Arrays]:
        x = arrays["x"]
        every = jac.Identity(len(x))
        return [{name: jac.Kronecker(every, jac.Scatter(at, x[0, 0].size)).dense()
                 for name, at in zip(self.constants, self.at(x), strict=True)}]

    def result(self, sizes: Sizes) -> tuple[int, ...]:
        N, _, *lengths = super().result(sizes)
        return N, sizes["o"], *lengths

    def measure(self, arrays: Mapping[str, Any]) -> tuple[dict[str, Array], Sizes]:
        found, sizes = super().measure(arrays)
        W = found["W"]
        if W.shape[2:] != self.kernel:
            raise jac.ShapeError(f"{self}: W has shape {W.shape}, but {(*W.shape[:2], *self.kernel)} is expected")
        return found, sizes

    def strips(self, x: Array, W: Array) -> Strips:
        """The windows on x at work."""
        how = runs(x.shape[2:], self.kernel, self.stride, self.padding, self.dilation)
        return Strips(how, len(x), x.shape[1], len(W), x.dtype)

    def value(self, x: Array, W: Array, b: Array) -> Array:
        y = np.empty((len(x), len(W), *self.moves(x.shape[2:])), x.dtype)
        return self.strips(x, W).take(x).convolved(W, y, b)

    def by_x(self, x: Array, W: Array, b: Array) -> jac.Jacobian:
        each = jac.Kronecker(jac.Dense(W.reshape(len(W), -1)), jac.Identity(self.at(x).shape[1]))
        return jac.Product((jac.Kronecker(jac.Identity(len(x)), each), self.gather(x)))

    def by_W(self, x: Array, W: Array, b: Array) -> jac.Jacobian:
        X = self.patches(x)
        N, c, K, Q = X.shape
        rows = jac.Dense(X.reshape(N, c * K, Q).swapaxes(1, 2).reshape(N * Q, c * K))
        order = jac.Kronecker(jac.Commutation(len(W), N), jac.Identity(Q))
        return jac.Product((order, jac.Kronecker(jac.Identity(len(W)), rows)))

    def by_b(self, x: Array, W: Array, b: Array) -> jac.Jacobian:
        samples, windows = (jac.Dense(np.ones((n, 1), b.dtype)) for n in (len(x), self.at(x).shape[1]))
        return jac.Kronecker(samples, jac.Kronecker(jac.Identity(len(b)), windows))

    def pull_x(self, g: Array, x: Array, W: Array, b: Array) -> Array:
        back = self.back(x, W)
        if back is None:
            return self.by_x(x, W, b).T.push(g.reshape(-1))
        return back.take(g).convolved(turned(W), np.empty_like(x))

    def pull_W(self, g: Array, x: Array, W: Array, b: Array) -> Array:
        return self.strips(x, W).take(x).correlated(g.reshape(len(x), len(W), *self.moves(x.shape[2:])))[0]

    def pull_b(self, g: Array, x: Array, W: Array, b: Array) -> Array:
        return g.reshape(len(x), len(b), -1).sum(axis=(0, 2))

    def back(self, x: Array, W: Array) -> Strips | None:
        """With a stride of 1 by x the windows on g, padded by what is left of a window, for W turned around.

        Source: Dumoulin and Visin (2016), relationship 9.
        """
        left = tuple(d * (k - 1) - p for k, p, d in zip(self.kernel, self.padding, self.dilation, strict=True))
        if min(left) < 0 or max(self.stride) > 1:
            return None
        how = runs(self.moves(x.shape[2:]), self.kernel, self.stride, left, self.dilation)
        return Strips(how, len(x), len(W), x.shape[1], x.dtype)


def turned(W: Array) -> Array:
    """(c, o, …) of W (o, c, …), turned around along each axis in space."""
    return np.flip(W, tuple(range(2, W.ndim))).swapaxes(0, 1)


# ---- pooling -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Pool(Windows):
    """Each channel by itself; the stride is the kernel where none is given, so that windows lie side by side."""

    stride: PerAxis = None

    def __post_init__(self) -> None:
        if self.stride is None:
            object.__setattr__(self, "stride", self.kernel)
        super().__post_init__()

    def value(self, x: Array) -> Array:
        return self.local("x", {"x": x}).push(x.reshape(-1)).reshape(*x.shape[:2], *self.moves(x.shape[2:]))

    def sums(self, x: Array) -> jac.Jacobian:
        """1ᵀ ⊗ I: the sum over each window of the patches of one channel, Q × K Q."""
        K, Q = self.at(x).shape
        return jac.Kronecker(jac.Dense(np.ones((1, K), x.dtype)), jac.Identity(Q))

    def measure(self, arrays: Mapping[str, Any]) -> tuple[dict[str, Array], Sizes]:
        found, sizes = super().measure(arrays)
        if (self.at(found["x"]) < 0).all(axis=0).any():
            raise jac.ShapeError(f"{self}: a window of x of shape {found['x'].shape} lies in the padding alone: a "
                                 "padding of at most half the kernel is expected")
        return found, sizes


@dataclass(frozen=True)
class MaxPool(Pool):
    """y = max of each window of each channel, J picks these entries, x (N, c, …), y (N, c, …); padding counts as −∞.

    The spec is that of one channel of one sample, where the largest entries stay where they are, which P says.
    Source: Goodfellow, Bengio and Courville (2016), 9.3; of equal entries the first is taken, as torch does.
    """

    declared = "x: L"
    conditions = "P: Q L"
    kinks = "of equal entries the first has the slope 1, the others 0, each of [0, 1]"

    def spec(self, x: Any, P: Any) -> jac.Expr:
        return P @ x

    def faces(self, name: str, array: Array) -> Sequence[Array]:
        return array.reshape(array.shape[0] * array.shape[1], -1)

    def conditioned(self, arrays: Arrays) -> Sequence[Arrays]:
        x = arrays["x"]
        return [{"P": jac.Gather(best, x[0, 0].size).dense()} for best in self.best(x)[1]]

    def value(self, x: Array, found: Found | None = None) -> Array:
        top = self._seen(x).max(axis=2) if found is None else found[0]
        return top.reshape(*x.shape[:2], *self.moves(x.shape[2:]))

    def best(self, x: Array) -> Found:
        """The largest entry of each window, (N, c, Q), and its place, (N c, Q): of equal ones that of the first."""
        at, seen = self.at(x), self._seen(x)
        Q, top = at.shape[1], seen.max(axis=2)
        less, smaller = np.zeros(top.shape, int), np.ones(top.shape, bool)
        for k in range(len(at) - 1):
            np.logical_and(smaller, seen[:, :, k] != top, smaller)
            less += smaller
        return top, at.take(less * Q + np.arange(Q)).reshape(-1, Q)

    def shared(self, x: Array) -> Mapping[str, Any]:
        return {"found": self.best(x)}

    def by_x(self, x: Array, found: Found | None = None) -> jac.Jacobian:
        _, best = found or self.best(x)
        return jac.Gather((best + np.arange(len(best))[:, None] * x[0, 0].size).reshape(-1), x.size)

    def beside(self, wrt: str, arrays: Arrays, pick: Pick) -> jac.Jacobian:
        x = arrays["x"]
        slopes = pick(*largest(self._seen(x), 2))
        every = jac.Identity(x.shape[0] * x.shape[1])
        return jac.Product((jac.Kronecker(every, self.sums(x)), jac.Diagonal(slopes), self.gather(x)))

    def _seen(self, x: Array) -> Array:
        """The patches, where the padding is −∞."""
        found = self.patches(x)
        np.copyto(found, x.dtype.type(-np.inf), where=self.at(x) < 0)
        return found


@dataclass(frozen=True)
class AveragePool(Pool):
    """y = mean of each window of each channel, J = I ⊗ diag(1/count) (1ᵀ ⊗ I) G, x (N, c, …), y (N, c, …).

    The count is that of a window's places, as torch has it, or with `counted` False of those outside the padding. In
    the spec a channel is a row, and A averages. Source: Goodfellow, Bengio and Courville (2016), 9.3.
    """

    counted: bool = True

    declared = "x: R L"
    conditions = "A: L Q"

    def spec(self, x: Any, A: Any) -> jac.Expr:
        return x @ A

    def faces(self, name: str, array: Array) -> Sequence[Array]:
        return [array.reshape(array.shape[0] * array.shape[1], -1)]

    def conditioned(self, arrays: Arrays) -> Sequence[Arrays]:
        return [{"A": self.average(arrays["x"]).dense().T}]

    def average(self, x: Array) -> jac.Jacobian:
        """The mean of each window of one channel, Q × L."""
        at = self.at(x)
        K, Q = at.shape
        share = 1 / (np.full(Q, K) if self.counted else (at >= 0).sum(axis=0)).astype(x.dtype)
        return jac.Product((jac.Diagonal(share), self.sums(x), self.channel(x)))

    def by_x(self, x: Array) -> jac.Jacobian:
        return jac.Kronecker(jac.Identity(x.shape[0] * x.shape[1]), self.average(x))
