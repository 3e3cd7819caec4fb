"""The affine layer, and the table of all layers, one instance of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

import jacobian as jac
from mlp.activations import ACTIVATIONS
from mlp.given import Array
from mlp.layer import Layer
from mlp.losses import L1, L2, LOSSES
from mlp.rows import GLU, LogSoftmax, Maxout, PReLU, Softmax, Softmin, SwiGLU


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
        return jac.Kronecker(jac.Dense(np.ones((len(x), 1), b.dtype)), jac.Identity(len(b)))


LAYERS: tuple[Layer, ...] = (
    Affine(), *ACTIVATIONS.values(), PReLU(), Softmax(), Softmin(), LogSoftmax(), GLU(), SwiGLU(), Maxout(),
    *LOSSES.values(), L1(), L2())
