"""Losses: the mean over N samples of the loss of each. They take the output h (or logits z) and the target t."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

import jacobian as jac
from mlp.given import Array, classes, numbers
from mlp.layer import Layer


def samples(h: Any) -> Any:
    """N: the rows of a matrix of symbols; a vector is one sample."""
    return h.shape[0] if len(h.shape) == 2 else 1


@dataclass(frozen=True)
class HalfSquaredError(Layer):
    """J = 1/(2N) ‖h − t‖², ∂J/∂h = (h − t)/N, for h and t (N, m): half the squared error, mean over samples.

    Source: Goodfellow et al. (2016), 5.1.4, where the half is left out.
    """

    shapes = "h: N m, t: N m"

    def spec(self, h: Any, t: Any) -> jac.Expr:
        return jac.half_square(h - t) / samples(h)

    def value(self, h: Array, t: Array) -> Array:
        return (np.square(h - t) / 2).sum(axis=1).mean()

    def by_h(self, h: Array, t: Array) -> jac.Jacobian:
        return jac.Row((h - t) / len(h))

    def by_t(self, h: Array, t: Array) -> jac.Jacobian:
        return self.by_h(t, h)


@dataclass(frozen=True)
class MeanSquaredError(Layer):
    """J = 1/(N m) ‖h − t‖², ∂J/∂h = 2 (h − t)/(N m), for h and t (N, m): the mean over samples and entries.

    Source: Goodfellow et al. (2016), eq. 5.4.
    """

    shapes = "h: N m, t: N m"

    def spec(self, h: Any, t: Any) -> jac.Expr:
        return jac.square(h - t) / h.size

    def value(self, h: Array, t: Array) -> Array:
        return np.square(h - t).mean()

    def by_h(self, h: Array, t: Array) -> jac.Jacobian:
        return jac.Row(2 * (h - t) / h.size)

    def by_t(self, h: Array, t: Array) -> jac.Jacobian:
        return self.by_h(t, h)


@dataclass(frozen=True)
class CrossEntropy(Layer):
    """J = −1/N Σ t ∘ log softmax(z), ∂J/∂z = ((Σ t) softmax(z) − t)/N, for logits z and targets t (N, m).

    The rows of t are one-hot, or any weights; N class indices 0 … m − 1 stand for their one-hot rows.
    Source: Goodfellow et al. (2016), 6.2.2.3.
    """

    shapes = "z: N m, t: N m onehot"

    def spec(self, z: Any, t: Any) -> jac.Expr:
        return jac.cross_entropy(z, t) / samples(z)

    def prepare(self, arrays: Mapping[str, Any]) -> Mapping[str, Any]:
        z, t = self.floating("z", arrays["z"]), numbers(f"{self}: t", arrays["t"])
        return {"z": z, "t": onehot(t, z.shape[1], z.dtype) if z.ndim == 2 and t.shape == z.shape[:1] else t}

    def value(self, z: Array, t: Array) -> Array:
        return -(t * _log_softmax(z)).sum(axis=1).mean()

    def by_z(self, z: Array, t: Array) -> jac.Jacobian:
        return jac.Row((t.sum(axis=1, keepdims=True) * np.exp(_log_softmax(z)) - t) / len(z))

    def by_t(self, z: Array, t: Array) -> jac.Jacobian:
        return jac.Row(_log_softmax(z) / -len(z))


def onehot(c: Array, m: int, dtype: Any = float) -> Array:
    """e_c: a one at each class index c (N,) and zeros elsewhere, (N, m). Raises InputError naming the row."""
    return np.eye(m, dtype=dtype)[classes("t", c, m)]


def _log_softmax(z: Array) -> Array:
    shifted = z - z.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


LOSSES = {"half-squared": HalfSquaredError(), "mse": MeanSquaredError(), "cross-entropy": CrossEntropy()}
