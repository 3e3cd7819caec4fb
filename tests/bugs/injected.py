"""Bugs put into the layers, one line each: what is written in the place of what, and what that is called.

Families: visible; hidden (right at the point that is given); latent (right at the first call, or for one cotangent);
tiny (in gradients of size 1e-7).
"""

from __future__ import annotations

import inspect
import sys
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

from bugs.layers import LAYERS, Arrays, Layer

FACTOR, SIGN, BATCH, TRANSPOSE, SWAP = "constant factor", "sign", "batch sum or mean", "transpose", "inputs swapped"
MISSING, AT_A, ACTIVATION = "derivative missing", "derivative at a", "activation for its derivative"
SUM, PATH, DIAGONAL = "sum over broadcast missing", "path dropped", "diagonal only"
STALE, OVERWRITTEN, MASK, ROW, SHIFT = "stale cache", "overwritten", "mask or branch", "one row", "off by one"
EPSILON, OVERFLOW, NONLINEAR = "small constant", "overflow", "not linear in g"
ACCUMULATED, CHANGED, BUFFER, OTHER = "accumulated", "argument changed", "buffer reused", "factor missing"


@dataclass(frozen=True, eq=False)
class Bug:
    """`old` becomes `new` in the vjp of a layer; `wrong` are the inputs whose gradients it spoils."""

    layer: str
    cause: str
    old: str
    new: str
    wrong: str
    sizes: dict[str, int] = field(default_factory=dict)
    sign: float = 0.0
    scale: float = 1.0
    family: str = "visible"
    also: tuple[str, ...] = ()
    layers: ClassVar[dict[str, type[Layer]]] = LAYERS

    @property
    def name(self) -> str:
        return f"{self.layer}: {self.cause}: {self.new.strip() or 'nothing'} for {self.old}"

    @cached_property
    def right(self) -> type[Layer]:
        return self.layers[self.layer]

    @property
    def inputs(self) -> frozenset[int]:
        """The wrong inputs by position."""
        names = [part.split(":")[0].strip() for part in self.right.shapes.split(",")]
        return frozenset(names.index(name) for name in self.wrong.split())

    @property
    def f(self) -> Callable[..., Any]:
        return self.right.f if self.scale == 1 else lambda *x: self.scale * self.right.f(*x)

    @cached_property
    def vjp(self) -> Callable[..., Any]:
        """The wrong one, with a memory of its own."""
        source = textwrap.dedent(inspect.getsource(self.right.vjp))
        assert source.count(self.old) == 1, (self.name, source.count(self.old))
        scope: dict[str, Any] = {**vars(sys.modules[self.right.__module__]), "memory": {}}
        exec(source.replace(self.old, self.new), scope)
        wrong = scope["vjp"]
        return wrong if self.scale == 1 else lambda g, *x: wrong(self.scale * g, *x)

    def draw(self, seed: int) -> Arrays:
        return self.right.draw(seed)

    @property
    def x(self) -> Arrays:
        """The point that is given to the check."""
        return self.right.draw(0, self.sizes, self.sign)


def bug(layer: str, cause: str, old: str, new: str, wrong: str, **more: Any) -> Bug:
    return Bug(layer, cause, old, new, wrong, **more)


def hidden(*words: str, sign: float = 0.0, also: tuple[str, ...] = (), **sizes: int) -> Bug:
    return Bug(*words, sizes=sizes, sign=sign, also=also, family="hidden")


def latent(*words: str, also: tuple[str, ...] = ()) -> Bug:
    return Bug(*words, also=also, family="latent")


def tiny(*words: str) -> Bug:
    return Bug(*words, scale=1e-7, family="tiny")


BUGS = (
    # ---- visible: factors and signs ---------------------------------------------------------------------------------
    bug("Affine", SIGN, "g.sum(axis=0)", "-g.sum(axis=0)", "b"),
    bug("HalfSquared", FACTOR, "e = (h - t) / len(h)", "e = 2 * (h - t) / len(h)", "h t"),
    bug("MeanSquared", FACTOR, "e = 2 * (h - t)", "e = (h - t)", "h t"),
    bug("Ridge", SIGN, "-g * e", "g * e", "t"),
    bug("Gaussian", FACTOR, "d * 0.5 * (1", "d * (1", "s"),
    bug("Gaussian", SIGN, "return -d * e", "return d * e", "m"),
    bug("Huber", SIGN, "return d, -d", "return d, d", "t"),
    bug("Hinge", SIGN, "return -g * on * y", "return g * on * y", "s"),
    bug("Scatter", FACTOR, "g * small * X**2", "2 * g * small * X**2", "c"),
    bug("Attention", SIGN, "scale * dS.T @ Q", "-scale * dS.T @ Q", "K"),
    # ---- visible: batch sums and means ------------------------------------------------------------------------------
    bug("CrossEntropy", BATCH, "(weight * p - t) / len(z)", "(weight * p - t)", "z"),
    bug("HalfSquared", BATCH, "e = (h - t) / len(h)", "e = (h - t) / len(h)**2", "h t"),
    bug("Affine", BATCH, "g.sum(axis=0)", "g.mean(axis=0)", "b"),
    bug("TanhLayer", BATCH, "d.T @ X", "d.T @ X / len(X)", "W"),
    bug("Logistic", BATCH, "X.T @ d, d.sum()", "X.T @ d, d.mean()", "c"),
    bug("TwoLayers", BATCH, "e.T @ a", "e.T @ a / len(X)", "U"),
    bug("Huber", BATCH, "np.clip(e, -1, 1) / len(h)", "np.clip(e, -1, 1)", "h t"),
    bug("Ridge", BATCH, "g * np.outer(e, w)", "g * len(t) * np.outer(e, w)", "X"),
    bug("Residual", BATCH, "d.sum(axis=0)", "d.mean(axis=0)", "b"),
    bug("BatchNorm", BATCH, "(g * h).sum(axis=0)", "(g * h).mean(axis=0)", "gamma"),
    bug("Hinge", BATCH, "-g * on * s / len(s)", "-g * on * s", "y"),
    # ---- visible: transposes and swaps -----------------------------------------------------------------------------
    bug("Affine", TRANSPOSE, "g.T @ X", "X.T @ g", "W"),
    bug("TanhLayer", TRANSPOSE, "d.T @ X", "X.T @ d", "W"),
    bug("Residual", TRANSPOSE, "d.T @ X", "X.T @ d", "W"),
    bug("Residual", TRANSPOSE, "g + d @ W", "g + d @ W.T", "X"),
    bug("Attention", SWAP, "return scale * dS @ K, scale * dS.T @ Q", "return scale * dS.T @ Q, scale * dS @ K", "Q K"),
    bug("Cosine", SWAP, "g * (v / (p * q) - c * u / p**2), g * (u / (p * q) - c * v / q**2)",
        "g * (u / (p * q) - c * v / q**2), g * (v / (p * q) - c * u / p**2)", "u v"),
    bug("Recurrent", TRANSPOSE, "dV += np.outer(d, h[t])", "dV += np.outer(h[t], d)", "V"),
    bug("Recurrent", TRANSPOSE, "g = V.T @ d", "g = V @ d", "X W V b"),
    bug("Hinge", SWAP, "-g * on * y / len(s), -g * on * s / len(s)", "-g * on * s / len(s), -g * on * y / len(s)", "s y"),
    bug("Gated", SWAP, "du.T @ X, dv.T @ X", "dv.T @ X, du.T @ X", "W V"),
    bug("Bilinear", TRANSPOSE, "(g[:, None] * X).T @ Y", "Y.T @ (g[:, None] * X)", "A"),
    # ---- visible: activations --------------------------------------------------------------------------------------
    bug("TanhLayer", MISSING, "d = g * (1 - a**2)", "d = g", "X W b"),
    bug("TanhLayer", ACTIVATION, "d = g * (1 - a**2)", "d = g * a", "X W b"),
    bug("TanhLayer", AT_A, "d = g * (1 - a**2)", "d = g * (1 - np.tanh(a)**2)", "X W b"),
    bug("Sigmoid", MISSING, "g * a * (1 - a)", "g", "z"),
    bug("Sigmoid", ACTIVATION, "g * a * (1 - a)", "g * a", "z"),
    bug("Sigmoid", AT_A, "g * a * (1 - a)", "g * sigmoid(a) * (1 - sigmoid(a))", "z"),
    bug("ReluLayer", MISSING, "d = g * (z > 0)", "d = g", "X W b", also=(MASK,)),
    bug("ReluLayer", ACTIVATION, "d = g * (z > 0)", "d = g * np.maximum(z, 0)", "X W b"),
    bug("TwoLayers", MISSING, "(e @ U) * (1 - a**2)", "e @ U", "X W b"),
    bug("TwoLayers", ACTIVATION, "(e @ U) * (1 - a**2)", "(e @ U) * a", "X W b"),
    bug("Residual", MISSING, "d = g * (1 - a**2)", "d = g", "X W b"),
    bug("Softplus", MISSING, "g * sigmoid(z)", "g", "z"),
    bug("Softplus", AT_A, "sigmoid(z)", "sigmoid(np.log1p(np.exp(z)))", "z"),
    bug("Gated", MISSING, "g * u * s * (1 - s)", "g * u", "X V"),
    bug("Recurrent", MISSING, "d = g * (1 - h[t + 1] ** 2)", "d = g", "X W V b"),
    bug("Gelu", ACTIVATION, "0.5 * (1 + t) + 0.5 * z * (1 - t**2) * du", "0.5 * z * (1 + t)", "z"),
    # ---- visible: sums over broadcasts -----------------------------------------------------------------------------
    bug("Affine", SUM, "g.sum(axis=0)", "g", "b"),
    bug("TanhLayer", SUM, "d.sum(axis=0)", "d", "b"),
    bug("LayerNorm", SUM, "(g * h).sum(axis=0)", "g * h", "gamma"),
    bug("BatchNorm", SUM, "g.sum(axis=0)", "g", "beta"),
    bug("CumulativeSum", SUM, "(d * X).sum(axis=0)", "d * X", "c"),
    bug("Convolution", SUM, "g.sum()", "g", "b"),
    bug("Affine", SUM, "g.sum(axis=0)", "g[0]", "b"),
    bug("RmsNorm", SUM, "(g * X * r).sum(axis=0)", "(g * X * r)[-1]", "gamma"),
    # ---- visible: paths --------------------------------------------------------------------------------------------
    bug("Residual", PATH, "return g + d @ W", "return d @ W", "X"),
    bug("Residual", PATH, "return g + d @ W", "return g", "X"),
    bug("Ridge", PATH, "X.T @ e + 0.3 * w", "X.T @ e", "w"),
    bug("LayerNorm", PATH, "(d - dmean - dvar) / s", "(d - dvar) / s", "X"),
    bug("LayerNorm", PATH, "(d - dmean - dvar) / s", "(d - dmean) / s", "X"),
    bug("LayerNorm", PATH, "(d - dmean - dvar) / s", "d / s", "X"),
    bug("BatchNorm", PATH, "d - d.mean(axis=0) - h * (d * h).mean(axis=0)", "d - d.mean(axis=0)", "X"),
    bug("BatchNorm", PATH, "d - d.mean(axis=0) - h * (d * h).mean(axis=0)", "d", "X"),
    bug("RmsNorm", PATH, "r * d - X * r**3 * (d * X).mean(axis=1, keepdims=True)", "r * d", "X"),
    bug("Normalize", PATH, "g - u * (g * u).sum(axis=1, keepdims=True)", "g", "X"),
    bug("LogSoftmax", PATH, "g - softmax(z) * total", "g", "z"),
    bug("Gated", PATH, "du @ W + dv @ V", "du @ W", "X"),
    bug("Cosine", PATH, "v / (p * q) - c * u / p**2", "v / (p * q)", "u"),
    bug("Recurrent", PATH, "g = V.T @ d", "g = 0 * d", "X W V b"),
    bug("Gelu", PATH, "0.5 * (1 + t) + 0.5 * z * (1 - t**2) * du", "0.5 * (1 + t)", "z"),
    bug("CrossEntropy", PATH, "weight * p - t", "-t", "z"),
    # ---- visible: diagonals, overwriting, masks, rows, shifts, factors -----------------------------------------------
    bug("Softmax", DIAGONAL, "p * (g - inner)", "g * p * (1 - p)", "z"),
    bug("Attention", DIAGONAL, "P * (dP - (dP * P).sum(axis=1, keepdims=True))", "dP * P * (1 - P)", "Q K"),
    bug("Convolution", OVERWRITTEN, "dX[:, j:j + n] += g", "dX[:, j:j + n] = g", "X"),
    bug("Embedding", OVERWRITTEN, "np.add.at(d, np.arange(7) ** 2 % len(E), g)", "d[np.arange(7) ** 2 % len(E)] = g", "E"),
    bug("Embedding", OVERWRITTEN, "np.add.at(d, np.arange(7) ** 2 % len(E), g)", "d[np.arange(7) ** 2 % len(E)] += g", "E"),
    bug("Recurrent", OVERWRITTEN, "dW += np", "dW = np", "W"),
    bug("Recurrent", OVERWRITTEN, "db += d", "db = d", "b"),
    bug("Clip", MASK, "return g * on * s", "return g * s", "X"),
    bug("Huber", MASK, "np.clip(e, -1, 1)", "e", "h t"),
    bug("Hinge", MASK, "on = 1 - s * y > 0", "on = np.ones(s.shape)", "s y", sizes={"N": 5}),
    bug("Hinge", MASK, "on = 1 - s * y > 0", "on = s * y > 0", "s y"),
    bug("Elu", MASK, "np.where(z > 0, 1.0, a + 1.5)", "np.where(z > 0, 1.0, 1.5)", "z"),
    bug("MaxPool", MASK, "X.argmax(axis=1)", "X.argmin(axis=1)", "X"),
    bug("Affine", ROW, "return g @ W", "g = g * (np.arange(len(g)) > 0)[:, None]\n    return g @ W", "X W b"),
    bug("ReluLayer", ROW, "dW = d.T @ X", "dW = d.T @ X\n    dW[0, 0] *= 1.01", "W"),
    bug("Convolution", ROW, "for j in range(len(k)):", "for j in range(len(k) - 1):", "X k"),
    bug("Recurrent", ROW, "range(len(X) - 1, -1, -1)", "range(len(X) - 1, 0, -1)", "X W b"),
    bug("CumulativeSum", SHIFT, "[:, ::-1], axis=1)[:, ::-1]", "[:, ::-1], axis=1)[:, ::-1] - g", "X c"),
    bug("CumulativeSum", SHIFT, "np.cumsum(g[:, ::-1], axis=1)[:, ::-1]", "np.cumsum(g, axis=1)", "X c", also=(MASK, TRANSPOSE,)),
    bug("Convolution", SHIFT, "dX[:, j:j + n] += g", "dX[:, j + 1:j + 1 + n] += g[:, :X.shape[1] - j - 1]", "X"),
    bug("LayerNorm", OTHER, "d = g * gamma", "d = g", "X"),
    bug("RmsNorm", OTHER, "(g * X * r).sum(axis=0)", "(g * X).sum(axis=0)", "gamma"),
    bug("Clip", OTHER, "return g * on * s", "return g * on", "X"),
    bug("CumulativeSum", OTHER, "return c * d", "return d", "X"),
    bug("Scatter", OTHER, "(g * small * X**2)", "(g * small * X)", "c"),
    # ---- visible: small numbers --------------------------------------------------------------------------------------
    bug("LayerNorm", EPSILON, "keepdims=True) + 1e-5)", "keepdims=True)) + 1e-5", "X gamma"),
    bug("BatchNorm", EPSILON, "+ 1e-3", "", "X gamma"),
    bug("RmsNorm", EPSILON, "+ 1e-6", "", "X gamma"),
    bug("Gelu", EPSILON, "z + 0.044715", "z + 0.0447", "z"),
    # ---- hidden: right at the point that is given --------------------------------------------------------------------
    hidden("Affine", BATCH, "g.sum(axis=0)", "g.mean(axis=0)", "b", N=1),
    hidden("TanhLayer", BATCH, "d.T @ X", "d.T @ X / len(X)", "W", N=1),
    hidden("CrossEntropy", BATCH, "(weight * p - t) / len(z)", "(weight * p - t)", "z", N=1),
    hidden("HalfSquared", BATCH, "e = (h - t) / len(h)", "e = h - t", "h t", N=1),
    hidden("MeanSquared", BATCH, "/ h.size", "/ h.shape[1]", "h t", N=1),
    hidden("Huber", BATCH, "np.clip(e, -1, 1) / len(h)", "np.clip(e, -1, 1)", "h t", N=1),
    hidden("Affine", SUM, "g.sum(axis=0)", "g[0]", "b", N=1),
    hidden("LayerNorm", SUM, "(g * h).sum(axis=0)", "(g * h)[0]", "gamma", N=1),
    hidden("ReluLayer", MISSING, "d = g * (z > 0)", "d = g", "X W b", sign=1.0, also=(MASK,)),
    hidden("Hinge", MASK, "on = 1 - s * y > 0", "on = np.ones(s.shape)", "s y", sign=0.3),
    hidden("Elu", MASK, "np.where(z > 0, 1.0, a + 1.5)", "1.0", "z", sign=1.0, also=(MISSING,)),
    hidden("Huber", MASK, "np.clip(e, -1, 1)", "e", "h t", sign=0.3),
    hidden("Clip", MASK, "return g * on * s", "return g * s", "X", sign=0.3),
    hidden("MeanSquared", BATCH, "/ h.size", "/ h.shape[0] ** 2", "h t", N=3, n=3),
    hidden("Attention", FACTOR, "scale = 1 / np.sqrt(Q.shape[1])", "scale = 1 / np.sqrt(K.shape[0])", "Q K", q=2, k=3, d=3),
    hidden("Recurrent", PATH, "g = V.T @ d", "g = 0 * d", "X W V b", T=1),
    hidden("Recurrent", OVERWRITTEN, "dW += np", "dW = np", "W", T=1),
    hidden("Recurrent", TRANSPOSE, "g = V.T @ d", "g = V @ d", "X W V b", T=1),
    hidden("Convolution", OVERWRITTEN, "dX[:, j:j + n] += g", "dX[:, j:j + n] = g", "X", w=1),
    hidden("Softplus", OVERFLOW, "sigmoid(z)", "np.exp(z) / (1 + np.exp(z))", "z"),
    # ---- latent: wrong at a second call, or for another cotangent ------------------------------------------------------
    latent("TanhLayer", STALE, "a = np.tanh(z)", "a = memory.setdefault(z.shape, np.tanh(z))", "X W b"),
    latent("Sigmoid", STALE, "a = 1 / (1 + np.exp(-z))", "a = memory.setdefault(z.shape, 1 / (1 + np.exp(-z)))", "z"),
    latent("Softmax", STALE, "p = softmax(z)", "p = memory.setdefault(z.shape, softmax(z))", "z"),
    latent("LayerNorm", STALE, "h = c / s", "h = memory.setdefault(X.shape, c / s)", "X gamma"),
    latent("ReluLayer", ACCUMULATED, "dW = d.T @ X", "dW = memory[W.shape] = memory.get(W.shape, 0) + d.T @ X", "W"),
    latent("Convolution", ACCUMULATED, "np.zeros_like(X), np.zeros_like(k)",
           "memory.setdefault(X.shape, np.zeros_like(X)), np.zeros_like(k)", "X"),
    latent("MaxPool", ACCUMULATED, "d = np.zeros_like(X)", "d = memory.setdefault(X.shape, np.zeros_like(X))", "X", also=(STALE, BUFFER,)),
    latent("Affine", CHANGED, "return g @ W", "g *= 1.0 + (g > 3)\n    X -= 1e-3\n    return g @ W", "", also=(NONLINEAR,)),
    latent("Sigmoid", CHANGED, "a = 1", "z *= 2\n    a = 1", ""),
    latent("Ridge", NONLINEAR, "X.T @ e + 0.3 * w)", "X.T @ e) + 0.3 * w", "w"),
    latent("HalfSquared", NONLINEAR, "return g * e, -g * e", "return e, -e", "h t"),
    latent("CrossEntropy", NONLINEAR, "return g * (weight", "return (weight", "z"),
    latent("Huber", NONLINEAR, "d = g * np.clip(e, -1, 1)", "d = np.clip(g * e, -1, 1)", "h t"),
    latent("Cosine", NONLINEAR, "return g * (v", "return (v", "u"),
    latent("TwoLayers", NONLINEAR, "d = (e @ U) * (1", "d = np.abs(e @ U) * (1", "X W b"),
    latent("Gated", BUFFER, "du = g * s", "du = np.multiply(g, s, out=memory.setdefault(s.shape, np.zeros(s.shape)))\n"
           "    du_ = memory.setdefault(X.shape + (0,), np.zeros(X.shape))\n"
           "    du_[:] = du @ W + g * u * s * (1 - s) @ V\n    return du_, du.T @ X, (g * u * s * (1 - s)).T @ X", "X"),
    # ---- tiny: gradients of size 1e-7 ----------------------------------------------------------------------------------
    tiny("TanhLayer", SIGN, "d.sum(axis=0)", "-d.sum(axis=0)", "b"),
    tiny("TanhLayer", FACTOR, "d.T @ X", "2 * d.T @ X", "W"),
    tiny("Softmax", DIAGONAL, "p * (g - inner)", "g * p * (1 - p)", "z"),
    tiny("HalfSquared", SIGN, "g * e, -g * e", "g * e, g * e", "t"),
    tiny("Residual", PATH, "return g + d @ W", "return d @ W", "X"),
    tiny("Affine", TRANSPOSE, "g.T @ X", "X.T @ g", "W"),
    tiny("Sigmoid", AT_A, "g * a * (1 - a)", "g * sigmoid(a) * (1 - sigmoid(a))", "z"),
    Bug("Scatter", SIGN, "(g * small * X**2)", "-(g * small * X**2)", "c", family="tiny"),
    Bug("Scatter", PATH, "np.cos(X) + 2 * small * X", "np.cos(X)", "X", family="tiny", also=(EPSILON,)),
    Bug("Scatter", BATCH, "(g * small * X**2).sum(axis=0)", "(g * small * X**2).mean(axis=0)", "c", family="tiny"),
)
