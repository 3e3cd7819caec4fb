"""Layers at work on buffers: each writes its result, and the cotangents of its inputs, where it is told to.

Every layer works so by its plain methods. A row of FUSED writes the same without temporaries and takes a slope from
what is there already.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, ClassVar

import numpy as np

from mlp.activations import Activation
from mlp.affine import Affine
from mlp.given import Array
from mlp.joining import Flatten
from mlp.layer import Layer
from mlp.likelihoods import CrossEntropy
from mlp.loss import Difference, aimed
from mlp.places import Place, taken
from mlp.rows import softmax_pulled
from mlp.runs import SHORT, Strips
from mlp.sequences import Attention, CausalAttention
from mlp.windows import Convolution, turned

FEW = 16            # rows of a batch up to which the changes of weights are kept as factors
MANY = 10_000       # weights from which on this is worth while
DELAYED = 32        # rows of factors that are kept before they are multiplied out
CUTS, BACK = 8, 4   # parts into which a product is cut at most, where each is short then; one with W as it lies


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


def parts(count: int, work: int, most: int = CUTS) -> int:
    """Into how many equal parts so many rows or columns of a product are cut, so that each part is short; 1 if none."""
    return next((k for k in range(1, most + 1) if count % k == 0 and work <= k * SHORT), 1)


def columns(a: Array, b: Array, out: Array, k: int) -> Callable[[], Any]:
    """What does out ← a b, with the columns of b in k parts."""
    if k == 1:
        return partial(np.dot, a, b, out)
    (n, m), rows = b.shape, len(a)
    return partial(np.matmul, a, b.reshape(n, k, m // k).swapaxes(0, 1), out.reshape(rows, k, m // k).swapaxes(0, 1))


def rows(a: Array, b: Array, out: Array, k: int) -> Callable[[], Any]:
    """What does out ← a b, with the rows of a in k parts."""
    if k == 1:
        return partial(np.dot, a, b, out)
    m, n = a.shape
    return partial(np.matmul, a.reshape(k, m // k, n), b, out.reshape(k, m // k, -1))


class AffineWork(Work):
    """z ← x Wᵀ + 1 bᵀ. With few rows and many weights θ is kept as W − QᵀP and b − Qᵀ1.

    The last changes g aᵀ are rows of Q and P. They are multiplied out together, which takes one pass over W for many
    steps (delayed rank-one updates: McDaniel, D'Azevedo, Li, Wong and Kent 2017, J. Chem. Phys. 147, 174107).
    """

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.x, self.W, self.b = self.arrays["x"], self.own["W"], self.own["b"]
        self.row, self.change, self.shift = self.b[None], self.found["W"], self.found["b"]
        (m, n), N, kind = self.W.shape, len(self.x), self.W.dtype
        work = N * self.W.size
        self.ahead = columns(self.x, self.W.T, self.y, parts(m, work))
        self.correlate = rows(self.g.T, self.x, self.change, parts(m, work))
        self.cuts = parts(n, work, BACK)
        self.few, self.count, self.one = N <= FEW and self.W.size >= MANY, 0, np.ones((), kind)
        if self.few:
            P, Q = np.empty((DELAYED, n), kind), np.empty((DELAYED, m), kind)
            self.kept = [(P[:k], P[:k].T, Q[:k], Q[:k].T, np.empty((N, k), kind)) for k in range(DELAYED + 1)]
            self.next = [(P[k:k + N], Q[k:k + N]) for k in range(DELAYED + 1 - N)]
            self.narrow, self.wide = np.empty((N, m), kind), np.empty((N, n), kind)

    def forward(self) -> None:
        self.ahead()
        np.add(self.y, self.row, self.y)
        if self.count:
            _, turned, Q, _, part = self.kept[self.count]
            np.dot(self.x, turned, part)
            np.add(part, self.one, part)
            np.dot(part, Q, self.narrow)
            np.subtract(self.y, self.narrow, self.y)

    def pull(self, argument: str, out: Array) -> None:
        columns(self.g, self.W, out, self.cuts)()
        if self.count:
            P, _, _, turned, part = self.kept[self.count]
            np.dot(self.g, turned, part)
            np.dot(part, P, self.wide)
            np.subtract(out, self.wide, out)

    def gradients(self) -> dict[str, Array]:
        self.correlate()
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
        W, b = self.strips.correlated(self.g)
        np.copyto(self.found["W"], W.reshape(self.W.shape))
        np.copyto(self.found["b"], b)
        return self.found


class AttentionWork(Work):
    """y ← P v, P = softmax(q kᵀ/√d); the cotangent Z of q kᵀ is worked out once, for q and for k."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        layer: Any = self.layer
        self.q, self.k, self.v = (self.arrays[name] for name in "qkv")
        (N, T, d), S = self.q.shape, self.k.shape[1]
        self.P, self.Z = np.empty((2, N, T, S), self.y.dtype)
        self.scaled, self.edge = np.empty_like(self.q), np.empty((N, T, 1), self.y.dtype)
        self.scale, self.hidden, self.pulled = np.array(d**-0.5, self.y.dtype), layer.hidden(T, S), False

    def forward(self) -> None:
        P, edge = self.P, self.edge
        np.multiply(self.q, self.scale, self.scaled)
        np.matmul(self.scaled, self.k.swapaxes(1, 2), P)
        if self.hidden is not None:
            np.copyto(P, -np.inf, where=self.hidden)
        np.maximum.reduce(P, axis=2, out=edge, keepdims=True)
        np.subtract(P, edge, P)
        np.exp(P, P)
        np.add.reduce(P, axis=2, out=edge, keepdims=True)
        np.divide(P, edge, P)
        np.matmul(P, self.v, self.y)
        self.pulled = False

    def pull(self, argument: str, out: Array) -> None:
        if argument == "v":
            np.matmul(self.P.swapaxes(1, 2), self.g, out)
            return
        if not self.pulled:
            rows = -1, self.P.shape[2]
            np.matmul(self.g, self.v.swapaxes(1, 2), self.Z)
            pulled = softmax_pulled(self.P.reshape(rows), self.Z.reshape(rows))
            np.multiply(pulled.reshape(self.Z.shape), self.scale, self.Z)
            self.pulled = True
        np.matmul(*((self.Z, self.k) if argument == "q" else (self.Z.swapaxes(1, 2), self.q)), out)


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


FUSED: dict[Any, type[Work]] = {
    Affine: AffineWork, Convolution: ConvolutionWork, Attention: AttentionWork, CausalAttention: AttentionWork,
    Flatten: SameWork, "Linear": SameWork, "ReLU": ReLUWork, "ReLU6": ClippedWork, "Hardtanh": ClippedWork}


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


class DifferenceAim(Aim):
    """J ← K Σ f(h − t), g ← K f′(h − t), K being 1 for the sum and one over the number of terms for the mean."""

    def __init__(self, objective: Any, h: Array, g: Array) -> None:
        super().__init__(objective, h, g)
        self.d = np.empty_like(h)
        self.share = np.array(1 / objective.mass(h, h) if objective.reduction == "mean" else 1, h.dtype)

    def __call__(self, t: Array, weights: Array | None = None) -> float:
        objective: Any = self.objective
        if weights is None and isinstance(t, np.ndarray) and (t.shape, t.dtype) == (self.h.shape, self.h.dtype):
            np.subtract(self.h, t, self.d)
            loss = float(np.add.reduce(objective.curve(self.d), None)) * float(self.share)
            if np.isfinite(loss):
                np.multiply(objective.bend(self.d), self.share, self.g)
                return loss
        return super().__call__(t, weights)


def aim(objective: Layer) -> type[Aim]:
    """How a loss is worked out: softmax and cross-entropy in one, a difference once, others by their plain methods."""
    if isinstance(objective, Difference) and objective.reduction != "none":
        return DifferenceAim
    return CrossEntropyAim if type(objective) is CrossEntropy and objective.plain else Aim


