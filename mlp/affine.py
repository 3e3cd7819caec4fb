"""The affine layer and the bias alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

import jacobian as jac
from mlp.given import Array
from mlp.layer import Layer


def every(N: int, b: Array) -> jac.Jacobian:
    """1 ⊗ I: b in each of N rows."""
    return jac.Kronecker(jac.Dense(np.ones((N, 1), b.dtype)), jac.Identity(len(b)))


@dataclass(frozen=True)
class Affine(Layer):
    """z = x Wᵀ + 1 bᵀ, for x (N, n), W (m, n), b (m,), z (N, m); of one sample z = W x + b.

    By x it is I ⊗ W, by W it is K_{m,N} (I ⊗ x), by b it is 1 ⊗ I (Magnus and Neudecker 2019, 9.3 and theorem 2.2).
    """

    shapes = "x: N n, W: m n, b: m"

    def spec(self, x: Any, W: Any, b: Any) -> jac.Expr:
        return (x @ W.T if len(x.shape) == 2 else W @ x) + b

    def value(self, x: Array, W: Array, b: Array) -> Array:
        return x @ W.T + b

    def by_x(self, x: Array, W: Array, b: Array) -> jac.Jacobian:
        return jac.Kronecker(jac.Identity(len(x)), jac.Dense(W))

    def by_W(self, x: Array, W: Array, b: Array) -> jac.Jacobian:
        return jac.Product((jac.Commutation(len(W), len(x)), jac.Kronecker(jac.Identity(len(W)), jac.Dense(x))))

    def by_b(self, x: Array, W: Array, b: Array) -> jac.Jacobian:
        return every(len(x), b)


@dataclass(frozen=True)
class Bias(Layer):
    """z = x + 1 bᵀ, for x (N, n), b (n,), z (N, n). By x it is I, by b it is 1 ⊗ I."""

    shapes = "x: N n, b: n"

    def spec(self, x: Any, b: Any) -> jac.Expr:
        return x + b

    def value(self, x: Array, b: Array) -> Array:
        return x + b

    def by_x(self, x: Array, b: Array) -> jac.Jacobian:
        return jac.Identity(x.size)

    def by_b(self, x: Array, b: Array) -> jac.Jacobian:
        return every(len(x), b)
