"""Layers that work on each row of a batch: softmax and its relatives, gates, and the largest of some pieces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

import jacobian as jac
from mlp.activations import Activation, Sigmoid, SiLU
from mlp.given import Array, count
from mlp.layer import Arrays, Layer, Pick, Sizes


def shifted(z: Array) -> Array:
    """z − max z in each row, so that no exponential overflows (Goodfellow et al. 2016, 4.1)."""
    return z - z.max(axis=1, keepdims=True)


def softmax(z: Array) -> Array:
    """exp z / Σ exp z in each row."""
    e = np.exp(shifted(z))
    return e / e.sum(axis=1, keepdims=True)


def log_softmax(z: Array) -> Array:
    """z − max z − log(1 + Σ exp(z − max z)), the sum over the others, so that the largest entry keeps its digits."""
    below = shifted(z)
    e, k = np.exp(below), below.argmax(axis=1)[:, None]
    np.put_along_axis(e, k, 0, axis=1)
    return below - np.log1p(e.sum(axis=1, keepdims=True))


def centred(p: Array) -> jac.Jacobian:
    """I − (I ⊗ 1) (I ⊗ 1)ᵀ diag(p), what log-softmax does to a tangent: its mean by p is taken off each row.

    The entry at the row's largest p, one minus almost one, is first taken off all: that leaves the result as it is,
    since p sums to one, and saves its digits.
    """
    (N, m), k = p.shape, p.argmax(axis=1)
    everywhere = jac.Kronecker(jac.Identity(N), jac.Dense(np.ones((m, 1), p.dtype)))
    total = jac.Product((jac.Scalar(-1, N * m), everywhere, everywhere.T, jac.Diagonal(p)))
    largest = jac.Product((jac.Scalar(-1, N * m), everywhere, jac.Gather(np.arange(N) * m + k, N * m)))
    whole = jac.Identity(N * m)
    return jac.Product((jac.Sum((whole, total)), jac.Sum((whole, largest))))


def by_logits(p: Array) -> jac.Jacobian:
    """diag(p) − p pᵀ of each row, as diag(p) (I − 1 pᵀ): of p = softmax(z) by z."""
    return jac.Product((jac.Diagonal(p), centred(p)))


def softmax_pulled(p: Array, g: Array) -> Array:
    """(diag(p) − p pᵀ) g of each row, p ∘ (g − 1 pᵀ g), as `centred` saves the digits at the largest p."""
    u = p * g
    u -= p * u.sum(axis=1, keepdims=True)
    u[np.arange(len(p)), p.argmax(axis=1)] -= u.sum(axis=1)
    return u


@dataclass(frozen=True)
class Softmax(Layer):
    """p = exp(z) / Σ exp(z) in each row, J = diag(p) − p pᵀ of each sample, for z (N, m).

    Source: Goodfellow et al. (2016), eq. 6.29, and for the shift 4.1.
    """

    shapes = "z: N m"

    def spec(self, z: Any) -> jac.Expr:
        return jac.softmax(z)

    def shared(self, z: Array) -> Mapping[str, Any]:
        return {"p": softmax(z)}

    def value(self, z: Array, p: Array | None = None) -> Array:
        return softmax(z) if p is None else p

    def by_z(self, z: Array, p: Array | None = None) -> jac.Jacobian:
        return by_logits(self.value(z, p))


@dataclass(frozen=True)
class Softmin(Layer):
    """p = exp(−z) / Σ exp(−z) in each row, the softmax of −z, for z (N, m)."""

    shapes = "z: N m"

    def spec(self, z: Any) -> jac.Expr:
        return jac.softmax(-z)

    def value(self, z: Array) -> Array:
        return softmax(-z)

    def by_z(self, z: Array) -> jac.Jacobian:
        return jac.Scalar(-1, z.size) @ by_logits(self.value(z))


@dataclass(frozen=True)
class LogSoftmax(Layer):
    """a = z − log Σ exp(z) in each row, J = I − 1 pᵀ of each sample, p = softmax(z), for z (N, m).

    Source: Goodfellow et al. (2016), eq. 6.30.
    """

    shapes = "z: N m"

    def spec(self, z: Any) -> jac.Expr:
        return jac.log_softmax(z)

    def value(self, z: Array) -> Array:
        return log_softmax(z)

    def by_z(self, z: Array) -> jac.Jacobian:
        return centred(softmax(z))


def largest(z: Array, axis: int) -> tuple[Array, Array]:
    """The slopes of the maximum along an axis on both sides: 1 of what is largest, on the left if it is so alone."""
    top = z == z.max(axis=axis, keepdims=True)
    return (top & (top.sum(axis=axis, keepdims=True) == 1)).astype(z.dtype), top.astype(z.dtype)


# ---- gates ---------------------------------------------------------------------------------------------------------


def half(u: Array, second: bool) -> jac.Jacobian:
    """The first or the second half of each row, a half being of the shape of u."""
    N, m = u.shape
    return jac.Kronecker(jac.Identity(N), jac.Part(m, m, 0) if second else jac.Part(m, 0, m))


@dataclass(frozen=True)
class Gated(Layer):
    """y = u ∘ f(v), z = [u v] halved, J = diag(f(v)) [I 0] + diag(u ∘ f′(v)) [0 I], for z (N, 2m), y (N, m).

    `gate` is f; `first` says that f is applied to u instead. GLU is with σ (Dauphin et al. 2017, eq. 1).
    """

    gate: Activation
    first: bool = False

    shapes = "z: N n"
    declared = "z: N 2*m"
    sizes = MappingProxyType({"N": 3, "n": 4})

    def __str__(self) -> str:
        return next((f"{made.__name__}()" for made in (GLU, SwiGLU) if made() == self), super().__str__())

    @property
    def kinks(self) -> str:         # type: ignore[override]
        return f"of the gate: {self.gate.kinks}" if self.gate.kinks else ""

    def spec(self, z: Any) -> jac.Expr:
        m = z.shape[-1] / 2
        one, none = jac.eye(m), jac.zeros(m, m)
        first, second = jac.vstack(one, none), jac.vstack(none, one)
        u, v = (z @ first, z @ second) if len(z.shape) == 2 else (first.T @ z, second.T @ z)
        return self.gate.spec(u) * v if self.first else u * self.gate.spec(v)

    def result(self, sizes: Sizes) -> tuple[int, ...]:
        if sizes["n"] % 2:
            raise jac.ShapeError(f"{self}: rows are halved, so z needs an even number of columns, not {sizes['n']}")
        return sizes["N"], sizes["n"] // 2

    def value(self, z: Array) -> Array:
        u, v = self._halves(z)
        return self.gate.value(u) * v if self.first else u * self.gate.value(v)

    def by_z(self, z: Array) -> jac.Jacobian:
        inner, other = self._inside(z)
        return self._gated(inner, other * self.gate.slope(inner))

    def beside(self, wrt: str, arrays: Arrays, pick: Pick) -> jac.Jacobian:
        inner, other = self._inside(**arrays)
        return self._gated(inner, pick(*(other * slope for slope in self.gate.slopes(inner))))

    def _inside(self, z: Array) -> tuple[Array, Array]:
        """What f is applied to, and what it gates."""
        u, v = self._halves(z)
        return (u, v) if self.first else (v, u)

    def _gated(self, inner: Array, slope: Array) -> jac.Jacobian:
        return jac.Sum((jac.Diagonal(self.gate.value(inner)) @ half(inner, self.first),
                        jac.Diagonal(slope) @ half(inner, not self.first)))

    def _halves(self, z: Array) -> tuple[Array, Array]:
        _, m = self.result({"N": len(z), "n": z.shape[1]})
        return z[:, :m], z[:, m:]


def GLU() -> Gated:
    """u ∘ σ(v), [u v] = z (Dauphin et al. 2017, eq. 1)."""
    return Gated(Sigmoid())


def SwiGLU() -> Gated:
    """u σ(u) ∘ v, [u v] = z (Shazeer 2020, eq. 6)."""
    return Gated(SiLU(), first=True)


@dataclass(frozen=True)
class Maxout(Layer):
    """yⱼ = max of the k entries z_{jk} … z_{jk+k−1}, J picks them, for z (N, m k), y (N, m).

    Of equal ones the first is taken, as torch does. Source: Goodfellow et al. (2013), eq. 1.
    """

    pieces: int = 2

    shapes = "z: N n"
    sizes = MappingProxyType({"N": 3, "n": 4})
    kinks = "of equal entries the first has the slope 1, the others 0, each of [0, 1]"

    def __post_init__(self) -> None:
        count("pieces", self.pieces)
        object.__setattr__(self, "declared", f"z: N {self.pieces}*m")
        object.__setattr__(self, "conditions", f"P: N*m {self.pieces}*N*m")

    def spec(self, z: Any, P: Any) -> jac.Expr:
        """Where the largest entries stay where they are, which P says."""
        return jac.reshape(P @ jac.vec(z), z.shape[0], z.shape[1] / self.pieces)

    def result(self, sizes: Sizes) -> tuple[int, ...]:
        if sizes["n"] % self.pieces:
            raise jac.ShapeError(f"{self}: z needs a multiple of {self.pieces} columns, not {sizes['n']}")
        return sizes["N"], sizes["n"] // self.pieces

    def conditioned(self, arrays: Arrays) -> Sequence[Arrays]:
        return [{"P": self.by_z(**arrays).dense()}]

    def value(self, z: Array) -> Array:
        return self._apart(z).max(axis=2)

    def by_z(self, z: Array) -> jac.Jacobian:
        best = self._apart(z).argmax(axis=2).reshape(-1)
        return jac.Gather(np.arange(best.size) * self.pieces + best, z.size)

    def beside(self, wrt: str, arrays: Arrays, pick: Pick) -> jac.Jacobian:
        z = self._apart(**arrays)
        sums = jac.Kronecker(jac.Identity(z.size // self.pieces), jac.Dense(np.ones((1, self.pieces), z.dtype)))
        return jac.Product((sums, jac.Diagonal(pick(*largest(z, 2)))))

    def _apart(self, z: Array) -> Array:
        """The pieces of each result, (N, m, k)."""
        return z.reshape(*self.result({"N": len(z), "n": z.shape[1]}), self.pieces)


@dataclass(frozen=True)
class PReLU(Layer):
    """a = z where z > 0, else s ∘ z, with a slope for each column, for z (N, m), s (m,).

    By z it is diag(1 or s), by s it is diag(min(z, 0)) (1 ⊗ I). Source: He et al. (2015), eq. 1.
    """

    shapes = "z: N m, s: m"
    kinks = "the slope by z at 0 is s, of [s, 1]"

    def spec(self, z: Any, s: Any) -> jac.Expr:
        return jac.relu(z) - jac.relu(-z) * s

    def value(self, z: Array, s: Array) -> Array:
        return np.where(z > 0, z, s * z)

    def by_z(self, z: Array, s: Array) -> jac.Jacobian:
        return jac.Diagonal(np.where(z > 0, 1, s + 0 * z))

    def beside(self, wrt: str, arrays: Arrays, pick: Pick) -> jac.Jacobian:
        z, s = arrays["z"], arrays["s"]
        return jac.Diagonal(pick(*(np.where(right, 1, s + 0 * z) for right in (z > 0, z >= 0)))) if wrt == "z" \
            else self.local(wrt, arrays)

    def by_s(self, z: Array, s: Array) -> jac.Jacobian:
        every = jac.Kronecker(jac.Dense(np.ones((len(z), 1), s.dtype)), jac.Identity(len(s)))
        return jac.Product((jac.Diagonal(np.minimum(z, 0)), every))
