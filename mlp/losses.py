"""Losses of an output h (or logits z) and a target t, both (N, m): none, mean or sum over what they give.

Those of entries give (N, m) without a reduction, those of samples (N,). The mean is over all of these.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp

import jacobian as jac
from mlp.activations import ReLU, X, sigmoid, softplus, step
from mlp.given import Array, between, classes, finite, numbers
from mlp.loss import NOTHING, Difference, Loss, signs, sums, through
from mlp.rows import log_softmax, softmax

# ---- of the difference ---------------------------------------------------------------------------------------------


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
        δ = sp.Rational(self.delta)
        left, right = (δ * (side * X - δ / 2) for side in (-1, 1))
        return jac.elementwise("Huber", sp.Piecewise((left, -δ > X), (X**2 / 2, δ >= X), (right, True)))(d)

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


# ---- of classes ----------------------------------------------------------------------------------------------------


def onehot(c: Array, m: int, dtype: Any = float) -> Array:
    """e_c: a one at each class index c (N,) and zeros elsewhere, (N, m). Raises InputError naming the row."""
    return np.eye(m, dtype=dtype)[classes("t", c, m)]


@dataclass(frozen=True)
class CrossEntropy(Loss):
    """ℓ = −Σ t ∘ log softmax(z) of each sample, ∂ℓ/∂z = (Σ t) softmax(z) − t, for logits z and targets t (N, m).

    The rows of t are one-hot, or any weights; N class indices 0 … m − 1 stand for their one-hot rows. `smoothing` ε
    takes (1 − ε) t + ε/m for t (Szegedy et al. 2016, eq. 3); `weights` counts class j wⱼ times, and the mean of class
    indices is then over their weights; samples of the class index `ignore` do not count. With one of these the loss is
    differentiated by z only. Source: Goodfellow et al. (2016), 6.2.2.3; the three are as torch takes them.
    """

    smoothing: float = 0.0
    weights: tuple[float, ...] | None = None
    ignore: int = -100

    shapes = "z: N m, t: N m onehot"
    of = "sample"

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.smoothing, int | float) or not 0 <= self.smoothing <= 1:
            raise jac.InputError(f"smoothing is a number from 0 to 1, but {self.smoothing!r} was given")
        if self.weights is not None:
            weights = numbers("weights", self.weights)
            if weights.ndim != 1 or not np.all(np.isfinite(weights)) or np.any(weights < 0) or not np.any(weights):
                raise jac.InputError("weights are a number for each class, none negative and not all 0, "
                                     f"but {self.weights!r} was given")
            object.__setattr__(self, "weights", tuple(weights.tolist()))

    @property
    def plain(self) -> bool:
        """Whether the targets are taken as they are."""
        return not self.smoothing and self.weights is None

    @property
    def declared(self) -> str:  # type: ignore[override]
        return "" if self.plain else "z: N m, t: N m"

    @property
    def indices(self) -> tuple[str, ...]:  # type: ignore[override]
        return () if self.plain else ("t",)

    def prepare(self, arrays: Mapping[str, Any]) -> Mapping[str, Any]:
        z, t = self.floating("z", arrays["z"]), numbers(f"{self}: t", arrays["t"])
        if z.ndim != 2 or t.shape not in (z.shape, z.shape[:1]) or (t.ndim == 2 and self.plain):
            return {"z": z, "t": t}
        m = z.shape[1]
        w = np.ones(m, z.dtype) if self.weights is None else np.asarray(self.weights, z.dtype)
        if w.size != m:
            raise jac.ShapeError(f"{self}: {w.size} weights of classes were given, but z has {m} columns")
        if t.ndim == 2:
            return {"z": z, "t": self._weighed(finite(f"{self}: t", self.floating("t", t)), w)}
        kept = t != self.ignore
        hot = onehot(np.where(kept, t, 0), m, z.dtype) * kept[:, None]
        weighed, mass = self._weighed(hot, w) * kept[:, None], self.mass(z, t)
        if self.reduction == "mean" and not mass:
            raise jac.InputError(NOTHING.format(self))
        scale = len(t) / mass if self.reduction == "mean" and mass != len(t) else 1
        return {"z": z, "t": weighed * scale}

    def mass(self, h: Array, t: Array) -> float:
        if t.ndim == 2:
            return len(t)
        counted = t[t != self.ignore]
        return len(counted) if self.weights is None else float(np.take(self.weights, counted).sum())

    def _weighed(self, t: Array, w: Array) -> Array:
        return w * ((1 - self.smoothing) * t + self.smoothing / len(w)) if not self.plain else t

    def terms(self, z: Any, t: Any) -> jac.Expr:
        return -sums(t * jac.log_softmax(z))

    def total(self, z: Any, t: Any) -> jac.Expr:
        return jac.cross_entropy(z, t)

    def cost(self, z: Array, t: Array) -> Array:
        return -(t * log_softmax(z)).sum(axis=1)

    def slope_z(self, z: Array, t: Array) -> Array:
        slope, k = t.sum(axis=1, keepdims=True) * softmax(z) - t, z.argmax(axis=1)[:, None]
        np.put_along_axis(slope, k, 0, axis=1)      # at the largest, one minus almost one; a row sums to nothing
        np.put_along_axis(slope, k, -slope.sum(axis=1, keepdims=True), axis=1)
        return slope

    def slope_t(self, z: Array, t: Array) -> Array:
        return -log_softmax(z)


@dataclass(frozen=True)
class NegativeLogLikelihood(Loss):
    """ℓ = −Σ t ∘ l of each sample, ∂ℓ/∂l = −t, for log-probabilities l and targets t (N, m), or class indices (N,).

    Source: Goodfellow et al. (2016), eq. 5.59 and 5.62.
    """

    shapes = "l: N m, t: N m"
    of = "sample"

    def prepare(self, arrays: Mapping[str, Any]) -> Mapping[str, Any]:
        l, t = self.floating("l", arrays["l"]), numbers(f"{self}: t", arrays["t"])
        return {"l": l, "t": onehot(t, l.shape[1], l.dtype) if l.ndim == 2 and t.shape == l.shape[:1] else t}

    def terms(self, l: Any, t: Any) -> jac.Expr:
        return -sums(t * l)

    def cost(self, l: Array, t: Array) -> Array:
        return -(t * l).sum(axis=1)

    def slope_l(self, l: Array, t: Array) -> Array:
        return -t

    def slope_t(self, l: Array, t: Array) -> Array:
        return -l


@dataclass(frozen=True)
class KullbackLeibler(Loss):
    """ℓ = Σ t ∘ (log t − l) of each sample, ∂ℓ/∂l = −t, for log-probabilities l and probabilities t ≥ 0, both (N, m).

    Where t is 0, t log t and its slope are taken as 0, as they are on the left of 0 to find the slope there.
    Source: Goodfellow et al. (2016), eq. 3.50.
    """

    shapes = "l: N m, t: N m positive"
    of = "sample"
    kinks = "the slope by t at 0 is −l, of [−∞, −l], where torch has NaN"

    def prepare(self, arrays: Mapping[str, Any]) -> Mapping[str, Any]:
        t = numbers(f"{self}: t", arrays["t"])
        if np.any(np.isfinite(t) & (t < 0)):
            raise jac.InputError(f"{self}: t must hold probabilities, but holds {t.min()}")
        return arrays

    def terms(self, l: Any, t: Any) -> jac.Expr:
        return sums(t * (jac.log(t) - l))

    def cost(self, l: Array, t: Array) -> Array:
        return (t * (_log(t) - l)).sum(axis=1)

    def slope_l(self, l: Array, t: Array) -> Array:
        return -t

    def slope_t(self, l: Array, t: Array) -> Array:
        return _log(t) + step(t) - l

    def slopes(self, wrt: str, **arrays: Array) -> tuple[Array, Array]:
        left, right = super().slopes(wrt, **arrays)
        return left, np.where(arrays["t"] == 0, -np.inf, right).astype(right.dtype) if wrt == "t" else right


def _log(t: Array) -> Array:
    return np.log(np.where(t > 0, t, 1))


@dataclass(frozen=True)
class BinaryCrossEntropy(Loss):
    """ℓ = t log(1 + exp(−z)) + (1 − t) log(1 + exp z), ∂ℓ/∂z = σ(z) − t, for logits z and t in [0, 1], both (N, m).

    Source: Goodfellow et al. (2016), 6.2.2.2.
    """

    shapes = "z: N m, t: N m"

    def terms(self, z: Any, t: Any) -> jac.Expr:
        return jac.softplus(z) - t * z

    def cost(self, z: Array, t: Array) -> Array:
        return t * softplus(-z) + (1 - t) * softplus(z)

    def slope_z(self, z: Array, t: Array) -> Array:
        return (1 - t) * sigmoid(z) - t * sigmoid(-z)

    def slope_t(self, z: Array, t: Array) -> Array:
        return -z


@dataclass(frozen=True)
class Focal(Loss):
    """ℓ = α t σ(−z)^γ log(1 + exp(−z)) + (1 − α) (1 − t) σ(z)^γ log(1 + exp z), for logits z and t in [0, 1], (N, m).

    Source: Lin et al. (2017), eq. 5.
    """

    gamma: float = 2.0
    alpha: float = 0.25

    shapes = "z: N m, t: N m"

    def __post_init__(self) -> None:
        super().__post_init__()
        between("gamma", self.gamma, 0, np.inf)
        between("alpha", self.alpha, 0, 1)

    def terms(self, z: Any, t: Any) -> jac.Expr:
        def easy(u: jac.Expr) -> jac.Expr:
            return jac.sigmoid(u) ** self.gamma * jac.softplus(u)

        return self.alpha * (t * easy(-z)) + (1 - self.alpha) * (easy(z) - t * easy(z))

    def cost(self, z: Array, t: Array) -> Array:
        return self.alpha * t * self._easy(-z) + (1 - self.alpha) * (1 - t) * self._easy(z)

    def slope_z(self, z: Array, t: Array) -> Array:
        return (1 - self.alpha) * (1 - t) * self._rise(z) - self.alpha * t * self._rise(-z)

    def slope_t(self, z: Array, t: Array) -> Array:
        return self.alpha * self._easy(-z) - (1 - self.alpha) * self._easy(z)

    def _easy(self, u: Array) -> Array:
        return sigmoid(u) ** self.gamma * softplus(u)

    def _rise(self, u: Array) -> Array:
        return sigmoid(u) ** self.gamma * (self.gamma * sigmoid(-u) * softplus(u) + sigmoid(u))


@dataclass(frozen=True)
class Hinge(Loss):
    """ℓ = max(0, 1 − t h), ∂ℓ/∂h = −t where t h < 1, for targets t = ±1, h and t (N, m) (Vapnik 1995, 5.5)."""

    kinks = "the slopes are 0 where t h = 1, of [0, −t] by h and [0, −h] by t"

    def terms(self, h: Any, t: Any) -> jac.Expr:
        return jac.relu(1 - t * h)

    def cost(self, h: Array, t: Array) -> Array:
        return np.maximum(1 - t * h, 0)

    def slope_h(self, h: Array, t: Array) -> Array:
        return -t * step(1 - t * h)

    def slope_t(self, h: Array, t: Array) -> Array:
        return -h * step(1 - t * h)

    def slopes(self, wrt: str, **arrays: Array) -> tuple[Array, Array]:
        h, t = arrays["h"], arrays["t"]
        return through(-t if wrt == "h" else -h, *ReLU().slopes(1 - t * h))


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


LOSSES = {"half-squared": HalfSquaredError(), "mse": MeanSquaredError(), "mae": MeanAbsoluteError(), "huber": Huber(),
          "log-cosh": LogCosh(), "cross-entropy": CrossEntropy(), "binary-cross-entropy": BinaryCrossEntropy(),
          "nll": NegativeLogLikelihood(), "kl": KullbackLeibler(), "hinge": Hinge(), "focal": Focal(),
          "cosine": Cosine()}
