"""Layers of sequences: attention, where each place looks at every other, and a recurrent cell, one step in time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

import jacobian as jac
from mlp.activations import Tanh
from mlp.affine import Affine
from mlp.given import Array
from mlp.layer import Arrays, Layer, Sizes
from mlp.rows import by_logits, softmax, softmax_pulled


@dataclass(frozen=True)
class Attention(Layer):
    """y = P v, P = softmax(q kᵀ/√d) of each sample, for q (N, T, d), k (N, S, d), v (N, S, e), y (N, T, e).

    Of one sample with J the Jacobian of softmax: by v it is P ⊗ I, by q it is (I ⊗ vᵀ) J (I ⊗ k)/√d, by k it is
    (I ⊗ vᵀ) J (q ⊗ I) K_{S,d}/√d. The spec is that of one sample. Source: Vaswani et al. (2017), eq. 1.
    """

    shapes = "q: N T d, k: N S d, v: N S e"
    declared = "q: T d, k: S d, v: S e"
    inputs = 3
    sizes = MappingProxyType({"N": 2, "T": 2, "S": 3, "d": 4, "e": 5})

    def spec(self, q: Any, k: Any, v: Any) -> jac.Expr:
        return jac.softmax(q @ k.T / jac.sqrt(q.shape[1])) @ v

    def faces(self, name: str, array: Array) -> Sequence[Array]:
        return array

    def conditioned(self, arrays: Arrays) -> Sequence[Arrays]:
        return [{}] * len(arrays["q"])

    def result(self, sizes: Sizes) -> tuple[int, ...]:
        return sizes["N"], sizes["T"], sizes["e"]

    def scores(self, q: Array, k: Array) -> Array:
        """q kᵀ/√d, (N, T, S): the logarithm of how much each place takes of each other, up to a sum; −∞ of nothing."""
        return (q / q.shape[2] ** 0.5) @ k.swapaxes(1, 2)

    def hidden(self, T: int, S: int) -> Array | None:
        """Which places s none looks at from t, (T, S), if any."""
        return None

    def weights(self, q: Array, k: Array) -> Array:
        """P, (N, T, S): how much each place takes of each other."""
        z = self.scores(q, k)
        return softmax(z.reshape(-1, z.shape[2])).reshape(z.shape)

    def shared(self, q: Array, k: Array, v: Array) -> Mapping[str, Any]:
        return {"P": self.weights(q, k)}

    def value(self, q: Array, k: Array, v: Array, P: Array | None = None) -> Array:
        return (self.weights(q, k) if P is None else P) @ v

    def by_q(self, q: Array, k: Array, v: Array, P: Array | None = None) -> jac.Jacobian:
        return self._through(q, k, v, P, [jac.Kronecker(jac.Identity(q.shape[1]), jac.Dense(own)) for own in k])

    def by_k(self, q: Array, k: Array, v: Array, P: Array | None = None) -> jac.Jacobian:
        _, S, d = k.shape
        turned, one = jac.Commutation(S, d), jac.Identity(S)
        return self._through(q, k, v, P, [jac.Product((jac.Kronecker(jac.Dense(own), one), turned)) for own in q])

    def by_v(self, q: Array, k: Array, v: Array, P: Array | None = None) -> jac.Jacobian:
        P, one = self.weights(q, k) if P is None else P, jac.Identity(v.shape[2])
        return jac.BlockDiagonal(tuple(jac.Kronecker(jac.Dense(own), one) for own in P))

    def _through(self, q: Array, k: Array, v: Array, P: Array | None, before: Sequence[jac.Jacobian]) -> jac.Jacobian:
        """(I ⊗ vᵀ) J B/√d, with B of each sample being what q kᵀ is by q or by k."""
        P, one = self.weights(q, k) if P is None else P, jac.Identity(q.shape[1])
        after = jac.BlockDiagonal(tuple(jac.Kronecker(one, jac.Dense(own.T)) for own in v))
        inner = jac.BlockDiagonal(tuple(before))
        scale = jac.Scalar(q.shape[2] ** -0.5, P.size)
        return jac.Product((after, by_logits(P.reshape(-1, P.shape[2])), scale, inner))

    def pull_q(self, g: Array, q: Array, k: Array, v: Array, P: Array | None = None) -> Array:
        return self.pulled(g, q, k, v, P) @ k

    def pull_k(self, g: Array, q: Array, k: Array, v: Array, P: Array | None = None) -> Array:
        return self.pulled(g, q, k, v, P).swapaxes(1, 2) @ q

    def pull_v(self, g: Array, q: Array, k: Array, v: Array, P: Array | None = None) -> Array:
        return (self.weights(q, k) if P is None else P).swapaxes(1, 2) @ g.reshape(*q.shape[:2], v.shape[2])

    def pulled(self, g: Array, q: Array, k: Array, v: Array, P: Array | None) -> Array:
        """Z, the cotangent of q kᵀ: g vᵀ pulled back through softmax, over √d."""
        P = self.weights(q, k) if P is None else P
        shares = g.reshape(*q.shape[:2], v.shape[2]) @ v.swapaxes(1, 2)
        rows = (-1, P.shape[2])
        return softmax_pulled(P.reshape(rows), shares.reshape(rows)).reshape(P.shape) / q.shape[2] ** 0.5


@dataclass(frozen=True)
class CausalAttention(Attention):
    """y = P v, P = softmax(q kᵀ/√d) over the places s ≤ t of each place t, for q (N, T, d), k (N, S, d), v (N, S, e).

    In the spec C has ones where s ≤ t, else zeros. Source: Vaswani et al. (2017), 3.2.3, and as torch counts s and t.
    """

    conditions = "C: T S"

    def spec(self, q: Any, k: Any, v: Any, C: Any = 1) -> jac.Expr:
        allowed = jac.exp(q @ k.T / jac.sqrt(q.shape[1])) * C
        return allowed @ v / jac.outer(jac.row_sums(allowed), jac.ones(v.shape[1]))

    def conditioned(self, arrays: Arrays) -> Sequence[Arrays]:
        q, k = arrays["q"], arrays["k"]
        return [{"C": np.tri(q.shape[1], k.shape[1])}] * len(q)

    def scores(self, q: Array, k: Array) -> Array:
        return np.where(self.hidden(q.shape[1], k.shape[1]), -np.inf, super().scores(q, k))

    def hidden(self, T: int, S: int) -> Array:
        return np.tri(T, S, dtype=bool) == 0


@dataclass(frozen=True)
class RecurrentCell(Layer):
    """a = tanh(x Wᵀ + h Uᵀ + 1 bᵀ), the state after h, for x (N, n), h (N, m), W (m, n), U (m, m), b (m,), a (N, m).

    By each argument it is diag(sech² z) times what the affine layer has. Source: Elman (1990); Goodfellow, Bengio and
    Courville (2016), eq. 10.8 and 10.9.
    """

    shapes = "x: N n, h: N m, W: m n, U: m m, b: m"
    inputs = 2

    def spec(self, x: Any, h: Any, W: Any, U: Any, b: Any) -> jac.Expr:
        return jac.tanh(x @ W.T + h @ U.T + b)

    def shared(self, **arrays: Array) -> Mapping[str, Any]:
        z = self.before(**arrays)
        return {"z": z, "slope": Tanh().slope(z)}

    def value(self, *, z: Array | None = None, slope: Array | None = None, **arrays: Array) -> Array:
        return Tanh().value(self.before(**arrays) if z is None else z)

    def before(self, x: Array, h: Array, W: Array, U: Array, b: Array) -> Array:
        """z = x Wᵀ + h Uᵀ + 1 bᵀ, (N, m)."""
        return x @ W.T + h @ U.T + b

    def by_x(self, **arrays: Array) -> jac.Jacobian:
        return self._through(arrays, Affine().by_x(arrays["x"], arrays["W"], arrays["b"]))

    def by_h(self, **arrays: Array) -> jac.Jacobian:
        return self._through(arrays, Affine().by_x(arrays["h"], arrays["U"], arrays["b"]))

    def by_W(self, **arrays: Array) -> jac.Jacobian:
        return self._through(arrays, Affine().by_W(arrays["x"], arrays["W"], arrays["b"]))

    def by_U(self, **arrays: Array) -> jac.Jacobian:
        return self._through(arrays, Affine().by_W(arrays["h"], arrays["U"], arrays["b"]))

    def by_b(self, **arrays: Array) -> jac.Jacobian:
        return self._through(arrays, Affine().by_b(arrays["x"], arrays["W"], arrays["b"]))

    def _through(self, arrays: Arrays, J: jac.Jacobian) -> jac.Jacobian:
        slope = arrays["slope"] if "slope" in arrays else self.shared(**arrays)["slope"]
        return jac.Product((jac.Diagonal(slope), J))
