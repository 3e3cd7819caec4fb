"""Losses of the probabilities of classes, one row of which sums to one: of logits z or log-probabilities l, (N, m)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

import jacobian as jac
from mlp.activations import step
from mlp.given import Array, classes, finite, numbers
from mlp.loss import NOTHING, Loss, sums
from mlp.rows import log_softmax, softmax


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
