"""Layers at work on buffers: each writes its result, and the cotangents of its inputs, where it is told to.

Every layer works so by its plain methods. A row of FUSED writes the same without temporaries and takes a slope from
what is there already.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from mlp.activations import Activation
from mlp.affine import Affine
from mlp.given import Array
from mlp.joining import Flatten
from mlp.layer import Layer
from mlp.likelihoods import CrossEntropy
from mlp.loss import aimed
from mlp.places import Place, taken
from mlp.runs import Strips
from mlp.windows import Convolution, turned

FEW = 16            # rows of a batch up to which the changes of weights are kept as factors
MANY = 10_000       # weights from which on this is worth while
DELAYED = 32        # rows of factors that are kept before they are multiplied out


class Work:
    """y ← layer(inputs), and with the cotangent g of y: out ← Jᵀ g by an input, θ ← θ − rate Jᵀ g."""

    in_place: ClassVar[bool] = False        # whether y and g may be in the buffers of the only input and its cotangent

    def __init__(self, place: Place, inputs: Mapping[str, Array], own: Mapping[str, Array], y: Array, g: Array) -> None:
        self.layer, self.inputs, self.own, self.y, self.g = place.layer, inputs, own, y, g
        self.arrays = {name: x.reshape(taken(place.layer, x.shape)) for name, x in inputs.items()} | dict(own)
        self.found = {name: np.empty_like(array) for name, array in own.items()}
        self.known: dict[str, Any] = {}

    def forward(self) -> None:
        """Write y."""
        self.known = {**self.arrays, **self.layer.shared(**self.arrays)}
        np.copyto(self.y, self.layer.value(**self.known).reshape(self.y.shape))

    def pull(self, argument: str, out: Array) -> None:
        """Write the cotangent of an input, in the shape of the result that it is."""
        np.copyto(out, self.layer.pull(self.g, argument, self.known).reshape(out.shape))

    def gradients(self) -> dict[str, Array]:
        """∂J/∂θ, in arrays that the next step overwrites."""
        for name, array in self.found.items():
            np.copyto(array, self.layer.pull(self.g, name, self.known))
        return self.found

    def descend(self, rate: Array) -> None:
        """θ ← θ − rate ∂J/∂θ, in place; g is not needed any more."""
        for name, gradient in self.gradients().items():
            np.multiply(gradient, rate, gradient)
            np.subtract(self.own[name], gradient, self.own[name])

    def settle(self) -> None:
        """Bring θ up to date."""


class AffineWork(Work):
    """z ← x Wᵀ + 1 bᵀ. With few rows and many weights θ is kept as W − QᵀP and b − Qᵀ1.

    The last changes g aᵀ are rows of Q and P. They are multiplied out together, which takes one pass over W for many
    steps (delayed rank-one updates: McDaniel, D'Azevedo, Li, Wong and Kent 2017, J. Chem. Phys. 147, 174107).
    """

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.x, self.W, self.b = self.arrays["x"], self.own["W"], self.own["b"]
        self.turned, self.back = self.W.T, self.g.T
        self.row, self.change, self.shift = self.b[None], self.found["W"], self.found["b"]
        (m, n), rows, kind = self.W.shape, len(self.x), self.W.dtype
        self.few, self.count, self.one = rows <= FEW and self.W.size >= MANY, 0, np.ones((), kind)
        if self.few:
            P, Q = np.empty((DELAYED, n), kind), np.empty((DELAYED, m), kind)
            self.kept = [(P[:k], P[:k].T, Q[:k], Q[:k].T, np.empty((rows, k), kind)) for k in range(DELAYED + 1)]
            self.next = [(P[k:k + rows], Q[k:k + rows]) for k in range(DELAYED + 1 - rows)]
            self.narrow, self.wide = np.empty((rows, m), kind), np.empty((rows, n), kind)

    def forward(self) -> None:
        np.dot(self.x, self.turned, self.y)
        np.add(self.y, self.row, self.y)
        if self.count:
            _, turned, Q, _, part = self.kept[self.count]
            np.dot(self.x, turned, part)
            np.add(part, self.one, part)
            np.dot(part, Q, self.narrow)
            np.subtract(self.y, self.narrow, self.y)

    def pull(self, argument: str, out: Array) -> None:
        np.dot(self.g, self.W, out)
        if self.count:
            P, _, _, turned, part = self.kept[self.count]
            np.dot(self.g, turned, part)
            np.dot(part, P, self.wide)
            np.subtract(out, self.wide, out)

    def gradients(self) -> dict[str, Array]:
        np.dot(self.back, self.x, self.change)
        np.add.reduce(self.g, 0, None, self.shift)
        return self.found

    def descend(self, rate: Array) -> None:
        if self.few:
            P, Q = self.next[self.count]
            np.copyto(P, self.x)
            np.multiply(self.g, rate, Q)
            self.count += len(P)
            if self.count + len(P) > DELAYED:
                self.settle()
        else:
            np.multiply(self.g, rate, self.g)
            self.gradients()
            self._change()

    def settle(self) -> None:
        if self.count:
            P, _, Q, turned, _ = self.kept[self.count]
            np.dot(turned, P, self.change)
            np.add.reduce(Q, 0, None, self.shift)
            self._change()
            self.count = 0

    def _change(self) -> None:
        np.subtract(self.W, self.change, self.W)
        np.subtract(self.b, self.shift, self.b)


class ConvolutionWork(Work):
    """y ← Σ over places k of W_k x (at k in each window) + b, with buffers for the windows on x and on g."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.x, self.W, self.b = self.arrays["x"], self.own["W"], self.own["b"]
        layer: Any = self.layer
        self.strips: Strips = layer.strips(self.x, self.W)
        self.back: Strips | None = layer.back(self.x, self.W)

    def forward(self) -> None:
        self.strips.take(self.x).convolved(self.W, self.y, self.b)

    def pull(self, argument: str, out: Array) -> None:
        if self.back is None:
            np.copyto(out, self.layer.pull(self.g, argument, self.arrays).reshape(out.shape))
        else:
            self.back.take(self.g).convolved(turned(self.W), out)

    def gradients(self) -> dict[str, Array]:
        np.copyto(self.found["W"], self.strips.correlated(self.g).reshape(self.W.shape))
        np.copyto(self.found["b"], self.layer.pull(self.g, "b", self.arrays))
        return self.found


class SameWork(Work):
    """y ← the entries of x, in another shape or in the same: nothing is to be done where y is the buffer of x."""

    in_place = True

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        (self.x,) = self.inputs.values()
        self.same = np.may_share_memory(self.x, self.y)

    def forward(self) -> None:
        if not self.same:
            np.copyto(self.y, self.x.reshape(self.y.shape))

    def pull(self, argument: str, out: Array) -> None:
        if not self.same:
            np.copyto(out, self.g.reshape(out.shape))


class ReLUWork(Work):
    """a ← max(z, 0), where a > 0 is where z > 0."""

    in_place = True

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        (self.z,), self.alive = self.inputs.values(), np.empty(self.y.shape, bool)
        self.zero, self.row = np.zeros((), self.y.dtype), np.zeros(self.y[0].size, self.y.dtype)
        self.rows = [array.reshape(len(array), -1) for array in (self.z, self.y)]

    def forward(self) -> None:
        z, a = self.rows
        np.maximum(z, self.row, out=a)      # of a row of zeros, which takes a third of the time of one zero

    def pull(self, argument: str, out: Array) -> None:
        np.greater(self.y, self.zero, self.alive)
        np.multiply(self.g, self.alive, out)


class ClippedWork(ReLUWork):
    """a ← min(max(z, low), high), where low < a < high is where low < z < high."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.low, self.high = limits(self.layer)
        self.below = np.empty(self.y.shape, bool)

    def forward(self) -> None:
        np.clip(self.z, self.low, self.high, self.y)

    def pull(self, argument: str, out: Array) -> None:
        np.greater(self.y, self.low, self.alive)
        np.less(self.y, self.high, self.below)
        np.logical_and(self.alive, self.below, self.alive)
        np.multiply(self.g, self.alive, out)


def limits(layer: Any) -> tuple[float, float]:
    """low and high of Hardtanh, 0 and 6 of ReLU6."""
    return layer.with_ or (0.0, 6.0)


FUSED: dict[Any, type[Work]] = {Affine: AffineWork, Convolution: ConvolutionWork, Flatten: SameWork, "Linear": SameWork,
                                "ReLU": ReLUWork, "ReLU6": ClippedWork, "Hardtanh": ClippedWork}


def work(layer: Layer) -> type[Work]:
    """How a layer works: as its row of FUSED says, or by its plain methods."""
    return FUSED.get(layer.row.name if isinstance(layer, Activation) else type(layer), Work)


# ---- losses --------------------------------------------------------------------------------------------------------


class Aim:
    """J ← objective(h, t) and g ← ∂J/∂h."""

    def __init__(self, objective: Layer, h: Array, g: Array) -> None:
        self.objective, self.h, self.g = objective, h, g

    def __call__(self, t: Array, weights: Array | None = None) -> float:
        """J, where g is written; weights (N,) multiply the losses of the samples."""
        loss, g = aimed(self.objective, self.h, t, weights)
        np.copyto(self.g, g)
        return float(loss)


class CrossEntropyAim(Aim):
    """J ← Σ (log Σ exp z − z_t)/N, g ← (softmax z − e_t)/N of class indices t; the row of g sums to 0."""

    def __init__(self, objective: Layer, h: Array, g: Array) -> None:
        super().__init__(objective, h, g)
        (N, m), kind = h.shape, h.dtype
        self.z, self.begin, self.every = np.empty_like(h), np.arange(N) * m, np.ones((m, 1), kind)
        self.high, self.total, self.other = np.empty((N, 1), kind), np.empty((N, 1), kind), np.empty((N, 1), kind)
        self.share = np.array(1 / N if objective.reduction == "mean" else 1, kind)      # type: ignore[attr-defined]
        self.flat, self.entry, self.label = g.reshape(-1), self.other[:, 0], self.total[:, 0]
        self.shares, self.scaled = np.full(N, self.share), np.empty(N, kind)

    def __call__(self, t: Array, weights: Array | None = None) -> float:
        m = self.z.shape[1]
        if not isinstance(t, np.ndarray) or t.shape != self.begin.shape or t.dtype != int \
                or np.maximum.reduce(t.view(np.uint64)) >= m:       # of which a negative one is the largest
            return super().__call__(t, weights)
        shares = self.shares if weights is None else np.multiply(weights, self.share, self.scaled)
        z, e, total, other, place = self.z, self.g, self.total, self.other, self.begin + t
        np.maximum.reduce(self.h, axis=1, out=self.high, keepdims=True)
        np.subtract(self.h, self.high, z)
        np.exp(z, e)
        np.dot(e, self.every, total)
        np.divide(shares[:, None], total, other)
        np.multiply(e, other, e)
        self.flat[place] = 0
        np.dot(e, self.every, other)
        np.negative(other, other)
        self.flat[place] = self.entry
        np.log(total, total)
        np.subtract(self.label, z.take(place), self.label)
        return float(np.dot(self.label, shares))


def aim(objective: Layer) -> type[Aim]:
    """How a loss is worked out: softmax and cross-entropy in one, the others by their plain methods."""
    return CrossEntropyAim if type(objective) is CrossEntropy and objective.plain else Aim


