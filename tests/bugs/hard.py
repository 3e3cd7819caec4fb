"""Right gradients on hard inputs: scales, kinks, large logits, float32, cancellation, oscillation, near-singular, noise.

Each row is a function of one array and its gradient or Jacobian; at a kink any element of the subdifferential is right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from bugs.layers import LAYERS, sigmoid, softmax

X = np.array([0.7, -1.3, 2.1, 0.4])
SCALES = (1e-8, 1e-4, 1e4, 1e8)
NARROW = np.float32


@dataclass(frozen=True)
class Hard:
    """vjp(g, x) of f at x; `smooth` where f has a derivative there."""

    name: str
    f: Callable[..., Any]
    x: Any
    vjp: Callable[..., Any]
    smooth: bool = True


def scalar(name: str, f: Callable[..., Any], x: Any, slope: Callable[..., Any], smooth: bool = True) -> Hard:
    """f is a sum of a function of each entry; slope is its derivative."""
    return Hard(name, lambda x: np.sum(f(x)), x, lambda g, x: g * slope(x), smooth)


def entries(name: str, f: Callable[..., Any], x: Any, slope: Callable[..., Any], smooth: bool = True) -> Hard:
    return Hard(name, f, x, lambda g, x: g * slope(x), smooth)


def scales() -> Iterator[Hard]:
    for s in SCALES:
        yield scalar(f"sine, x of size {s:g}", lambda x, s=s: np.sin(x / s), s * X, lambda x, s=s: np.cos(x / s) / s)
        yield scalar(f"square, x of size {s:g}", lambda x: x**2, s * X, lambda x: 2 * x)
        yield scalar(f"tanh, f of size {s:g}", lambda x, s=s: s * np.tanh(x), X, lambda x, s=s: s * (1 - np.tanh(x) ** 2))
        yield entries(f"inverse, x of size {s:g}", lambda x: 1 / x, s * X, lambda x: -1 / x**2)
        wide = np.array([1.0, s, s**0.5, 1.0])
        yield entries(f"sine of entries from 1 to {s:g}", lambda x, w=wide: np.sin(x / w), X * wide,
                      lambda x, w=wide: np.cos(x / w) / w)


def kinks() -> Iterator[Hard]:
    at = np.array([0.0, 1.0, -2.0, 0.0])
    for name, f, slope in (
        ("relu", lambda x: np.maximum(x, 0), lambda x: np.heaviside(x, 0)),
        ("relu with half", lambda x: np.maximum(x, 0), lambda x: np.heaviside(x, 0.5)),
        ("relu with one", lambda x: np.maximum(x, 0), lambda x: np.heaviside(x, 1)),
        ("abs", np.abs, np.sign),
        ("leaky relu", lambda x: np.where(x > 0, x, 0.1 * x), lambda x: np.where(x > 0, 1, 0.1)),
        ("hard tanh", lambda x: np.clip(x, -2, 1), lambda x: (np.abs(x + 0.5) < 1.5) * 1.0),
        ("soft shrink", lambda x: np.sign(x) * np.maximum(np.abs(x) - 1, 0), lambda x: (np.abs(x) > 1) * 1.0),
    ):
        yield entries(f"{name} at its kink", f, at, slope, False)
        yield entries(f"{name} 1e-7 beside its kink", f, at + 1e-7, slope)
    yield Hard("maximum of equal entries", lambda x: x.max(), np.array([2.0, 1.0, 2.0]),
               lambda g, x: g * (x == x.max()) / (x == x.max()).sum(), False)
    yield scalar("smooth above a kink", lambda x: np.abs(x) ** 3, at, lambda x: 3 * x * np.abs(x))


def logits() -> Iterator[Hard]:
    for size in (3.0, 30.0, 300.0, 1000.0):
        yield Hard(f"log-sum-exp of logits {size:g}", lambda z: z.max() + np.log(np.exp(z - z.max()).sum()), size * X,
                   lambda g, z: g * softmax(z))
        yield scalar(f"softplus of {size:g}", lambda z: np.logaddexp(0, z), size * X, lambda z: sigmoid(z))
        near = size + X[:3]             # large, and of the same size: far apart nothing but zeros is left
        yield Hard(f"softmax of logits near {size:g}", softmax, near, lambda g, z: softmax(z) * (g - (g * softmax(z)).sum()))


def single() -> Iterator[Hard]:
    W = np.array([[0.3, -0.8, 0.5, 1.1], [-0.6, 0.2, 0.9, -0.4]])
    for s in (1e-4, 1.0, 1e4):
        x = (s * X).astype(NARROW)
        yield entries(f"float32 sine of size {s:g}", lambda x, s=s: np.sin(x / NARROW(s)), x,
                      lambda x, s=s: np.cos(x / NARROW(s)) / NARROW(s))
        yield Hard(f"float32 inside a network, {s:g}", lambda x, s=s: np.tanh(W.astype(NARROW) @ x.astype(NARROW) / NARROW(s)),
                   s * X, lambda g, x, s=s: W.T @ (g * (1 - np.tanh(W @ x / s) ** 2)) / s)
    yield Hard("float32 loss", lambda x: np.float64(np.mean((x.astype(NARROW) - NARROW(0.3)) ** 2)), X,
               lambda g, x: g * 2 * (x - 0.3) / x.size)
    yield Hard("float32 softmax", lambda x: softmax(x.astype(NARROW)), X, lambda g, x: softmax(x) * (g - g @ softmax(x)))
    yield Hard("float32 norm", lambda x: np.sqrt(np.sum(x.astype(NARROW) ** 2)), X, lambda g, x: g * x / np.sqrt(x @ x))


def cancellation() -> Iterator[Hard]:
    for c in (1e4, 1e8, 1e12):
        yield scalar(f"sine beside {c:g}", lambda x, c=c: np.sin(x) + c, X, np.cos)
        yield Hard(f"variance about {c:g}", lambda x: np.var(x), X + c ** 0.5, lambda g, x: 2 * g * (x - x.mean()) / x.size)
    yield scalar("1 - cos at 1e-4", lambda x: 1 - np.cos(x), 1e-4 * X, np.sin)
    yield scalar("exp - 1 at 1e-5", lambda x: np.exp(x) - 1, 1e-5 * X, np.exp)
    yield scalar("log of 1 + x at 1e-6", lambda x: np.log(1 + x), 1e-6 * X, lambda x: 1 / (1 + x))
    yield scalar("difference of square roots", lambda x: np.sqrt(x + 1) - np.sqrt(x), 1e6 * np.abs(X),
                 lambda x: 0.5 / np.sqrt(x + 1) - 0.5 / np.sqrt(x))


def oscillation() -> Iterator[Hard]:
    for k in (1e2, 1e4, 1e6):
        yield entries(f"sine of {k:g} x", lambda x, k=k: np.sin(k * x), X, lambda x, k=k: k * np.cos(k * x))
        yield entries(f"ripple of length {1 / k:g}", lambda x, k=k: x + np.sin(k * x) / k, X, lambda x, k=k: 1 + np.cos(k * x))


def matrices() -> Iterator[Hard]:
    Q = np.linalg.qr(np.arange(9.0).reshape(3, 3) + np.diag([1.0, -2.0, 5.0]))[0]
    for small in (1e-3, 1e-6, 1e-9):
        A = Q @ np.diag([1.0, 0.5, small]) @ Q.T
        yield Hard(f"log det, smallest eigenvalue {small:g}", lambda A: np.log(np.abs(np.linalg.det(A))), A,
                   lambda g, A: g * np.linalg.inv(A).T)
        yield Hard(f"determinant, smallest eigenvalue {small:g}", np.linalg.det, A,
                   lambda g, A: g * np.linalg.det(A) * np.linalg.inv(A).T)
    A = Q @ np.diag([1.0, 0.5, 1e-4]) @ Q.T
    yield Hard("inverse, smallest eigenvalue 0.0001", np.linalg.inv, A,
               lambda g, A: -np.linalg.inv(A).T @ g @ np.linalg.inv(A).T)


def noisy() -> Iterator[Hard]:
    for size in (1e-10, 1e-7, 1e-4):
        yield entries(f"sine rounded to {size:g}", lambda x, s=size: np.round(np.sin(x) / s) * s, X, np.cos)
        yield entries(f"noise of {size:g}", lambda x, s=size: np.sin(x) + s * np.sin(1e17 * x), X, np.cos)


def edges() -> Iterator[Hard]:
    yield scalar("log at 1e-7", np.log, 1e-7 * np.abs(X), lambda x: 1 / x)
    yield scalar("square root at 1e-12", np.sqrt, 1e-12 * np.abs(X), lambda x: 0.5 / np.sqrt(x))
    yield scalar("arcsin near 1", np.arcsin, np.array([1 - 1e-9, 0.5]), lambda x: 1 / np.sqrt((1 - x) * (1 + x)))
    for layer in ("LayerNorm", "RmsNorm", "Residual", "Gelu"):
        right = LAYERS[layer]
        first, *rest = right.draw(0, sign=0.0)
        yield Hard(f"{layer} of inputs of size 100", lambda x, r=right, rest=rest: r.f(x, *rest), 100 * first,
                   lambda g, x, r=right, rest=rest: r.vjp(g, x, *rest)[0])


HARD = (*scales(), *kinks(), *logits(), *single(), *cancellation(), *oscillation(), *matrices(), *noisy(), *edges())
