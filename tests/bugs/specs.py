"""The layers, and the parts of the fresh ones, in symbols: what `spec=` tells the check of f."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jacobian as jac
from bugs.fresh import Case, Network
from bugs.injected import Bug

Spec = Callable[..., Any]


def ones(n: Any, m: Any = None) -> Any:
    return jac.ones(n) if m is None else jac.ones(n, m)


def rows(h: Any) -> Any:
    """The mean of each row, in every entry of it."""
    return h @ ones(h.shape[1], h.shape[1]) / h.shape[1]


def columns(h: Any) -> Any:
    return ones(h.shape[0], h.shape[0]) @ h / h.shape[0]


def normed(h: Any, epsilon: float) -> Any:
    c = h - rows(h)
    return c / jac.sqrt(rows(c**2) + epsilon)


def two_layers(X: Any, W: Any, b: Any, U: Any, t: Any) -> Any:
    return jac.half_square(jac.tanh(X @ W.T + b) @ U.T - t) / X.shape[0]


LAYERS: dict[str, tuple[str, Spec]] = {
    "Affine": ("X: N n, W: m n, b: m", lambda X, W, b: X @ W.T + b),
    "TanhLayer": ("X: N n, W: m n, b: m", lambda X, W, b: jac.tanh(X @ W.T + b)),
    "ReluLayer": ("X: N n, W: m n, b: m", lambda X, W, b: jac.relu(X @ W.T + b)),
    "Sigmoid": ("z: N n", jac.sigmoid),
    "Softplus": ("z: N n", jac.softplus),
    "Softmax": ("z: N n", jac.softmax),
    "LogSoftmax": ("z: N n", jac.log_softmax),
    "CrossEntropy": ("z: N n, t: N n", lambda z, t: jac.cross_entropy(z, t) / z.shape[0]),
    "HalfSquared": ("h: N n, t: N n", lambda h, t: jac.half_square(h - t) / h.shape[0]),
    "MeanSquared": ("h: N n, t: N n", lambda h, t: jac.square(h - t) / h.size),
    "LayerNorm": ("X: N n, gamma: n, beta: n", lambda X, gamma, beta: gamma * normed(X, 1e-5) + beta),
    "RmsNorm": ("X: N n, gamma: n", lambda X, gamma: gamma * X / jac.sqrt(rows(X**2) + 1e-6)),
    "Ridge": ("X: N n, w: n, t: N", lambda X, w, t: jac.half_square(X @ w - t) / t.size + 0.3 * jac.half_square(w)),
    "TwoLayers": ("X: N n, W: m n, b: m, U: p m, t: N p", two_layers),
    "Residual": ("X: N n, W: n n, b: n", lambda X, W, b: X + jac.tanh(X @ W.T + b)),
    "Attention": ("Q: q d, K: k d, V: k m", lambda Q, K, V: jac.softmax(Q @ K.T / jac.sqrt(Q.shape[1])) @ V),
    "Gated": ("X: N n, W: m n, V: m n", lambda X, W, V: (X @ W.T) * jac.sigmoid(X @ V.T)),
}
PARTS: dict[str, Spec] = {
    "affine": lambda h, W, b: h @ W.T + b,
    "tanh": jac.tanh, "sigmoid": jac.sigmoid, "softplus": jac.softplus, "sine": jac.sin, "square": lambda h: h**2,
    "swish": lambda h: h * jac.sigmoid(h),
    "scale": lambda h, c: h * c,
    "norm": lambda h: normed(h, 1e-4),
    "softmax": jac.softmax,
    "skip": lambda h: h + jac.tanh(h),
    "difference": lambda h, t: h - t,
    "centre": lambda h: h - columns(h),
    "mean square": lambda h: jac.square(h) / h.shape[0],
}


def of_network(network: Network) -> Any:
    """The whole network, or None where a part has no symbols here."""
    if not all(part.name in PARTS for part in network.parts):
        return None
    h, n, count = jac.symbols("x0: N n0")[0], "n0", 0
    for place, part in enumerate(network.parts):
        new = f"n{place + 1}"
        shapes = [" ".join({1: n, 2: new, 0: "N"}[s] for s in shape) for shape in part.shapes(1, 2)]
        own = []
        for shape in shapes:
            count += 1
            own += jac.symbols(f"x{count}: {shape}")
        h = PARTS[part.name](h, *own)
        n = new if part.name == "affine" else n
    return h


def of(bug: Bug | Case) -> Any:
    """What is known of the function of a bug, or None."""
    if isinstance(bug, Case):
        return of_network(bug.network)
    if bug.layer not in LAYERS:
        return None
    shapes, spec = LAYERS[bug.layer]
    f = spec(*jac.symbols(shapes))
    return f if bug.scale == 1 else bug.scale * f
