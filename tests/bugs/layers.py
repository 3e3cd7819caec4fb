"""Layers and losses as people write them in NumPy: f(*x), and vjp(g, *x) with one gradient per input, all right.

`shapes` names the inputs and their sizes; `positive` those that must be; N is the batch. Sources: Goodfellow, Bengio and
Courville 2016, chapters 6 to 10; Ioffe and Szegedy 2015; Ba, Kiros and Hinton 2016; Zhang and Sennrich 2019; Vaswani et
al. 2017; Huber 1964.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

Arrays = tuple[np.ndarray, ...]


def sigmoid(z: Any) -> Any:
    return 0.5 * (1 + np.tanh(0.5 * z))


def softmax(z: Any) -> Any:
    e = np.exp(z - z.real.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


class Layer:
    """f, vjp and how their inputs are drawn."""

    shapes: ClassVar[str]
    positive: ClassVar[str] = ""
    tall: ClassVar[str] = ""        # sizes that must be at least 3

    @classmethod
    def draw(cls, seed: int, sizes: dict[str, int] | None = None, sign: float = 0.0) -> Arrays:
        """The inputs at a seed; `sizes` fixes some sizes, `sign` that of every entry."""
        random = np.random.default_rng([seed, len(cls.shapes)])
        declared = [part.split(":") for part in cls.shapes.split(",")]
        letters = dict.fromkeys(letter for _, axes in declared for letter in axes.split())
        drawn = (4, 3, 2, 5, 3) if seed == 0 else random.integers(1, 6, 5)
        found = {letter: int(k) for letter, k in zip(letters, drawn, strict=False)}
        found |= {letter: max(found[letter], 3) for letter in cls.tall.split()}
        found |= sizes or {}
        arrays = []
        for name, axes in declared:
            entries = random.normal(size=[found[letter] for letter in axes.split()])
            if sign or name.strip() in cls.positive.split():
                entries = (sign or 1.0) * (0.2 + np.abs(entries))
            arrays.append(entries)
        return tuple(arrays)


class Affine(Layer):
    shapes = "X: N n, W: m n, b: m"

    def f(X, W, b):
        return X @ W.T + b

    def vjp(g, X, W, b):
        return g @ W, g.T @ X, g.sum(axis=0)


class TanhLayer(Layer):
    shapes = "X: N n, W: m n, b: m"

    def f(X, W, b):
        return np.tanh(X @ W.T + b)

    def vjp(g, X, W, b):
        z = X @ W.T + b
        a = np.tanh(z)
        d = g * (1 - a**2)
        return d @ W, d.T @ X, d.sum(axis=0)


class ReluLayer(Layer):
    shapes = "X: N n, W: m n, b: m"

    def f(X, W, b):
        z = X @ W.T + b
        return z * (z.real > 0)

    def vjp(g, X, W, b):
        z = X @ W.T + b
        d = g * (z > 0)
        dW = d.T @ X
        return d @ W, dW, d.sum(axis=0)


class Sigmoid(Layer):
    shapes = "z: N n"

    def f(z):
        return 1 / (1 + np.exp(-z))

    def vjp(g, z):
        a = 1 / (1 + np.exp(-z))
        return (g * a * (1 - a),)


class Gelu(Layer):
    shapes = "z: N n"

    def f(z):
        u = np.sqrt(2 / np.pi) * (z + 0.044715 * z**3)
        return 0.5 * z * (1 + np.tanh(u))

    def vjp(g, z):
        u = np.sqrt(2 / np.pi) * (z + 0.044715 * z**3)
        t = np.tanh(u)
        du = np.sqrt(2 / np.pi) * (1 + 3 * 0.044715 * z**2)
        return (g * (0.5 * (1 + t) + 0.5 * z * (1 - t**2) * du),)


class Softplus(Layer):
    shapes = "z: N n"

    def f(z):
        return np.log1p(np.exp(-z * np.sign(z.real))) + z * (z.real > 0)

    def vjp(g, z):
        return (g * sigmoid(z),)


class Elu(Layer):
    shapes = "z: N n"

    def f(z):
        return np.where(z.real > 0, z, 1.5 * (np.exp(z) - 1))

    def vjp(g, z):
        a = 1.5 * (np.exp(z) - 1)
        slope = np.where(z > 0, 1.0, a + 1.5)
        return (g * slope,)


class Softmax(Layer):
    shapes = "z: N n"

    def f(z):
        return softmax(z)

    def vjp(g, z):
        p = softmax(z)
        inner = (g * p).sum(axis=1, keepdims=True)
        return (p * (g - inner),)


class LogSoftmax(Layer):
    shapes = "z: N n"

    def f(z):
        return np.log(softmax(z))

    def vjp(g, z):
        total = g.sum(axis=1, keepdims=True)
        return (g - softmax(z) * total,)


class CrossEntropy(Layer):
    shapes = "z: N n, t: N n"
    positive = "t"

    def f(z, t):
        return -(t * np.log(softmax(z))).sum() / len(z)

    def vjp(g, z, t):
        p = softmax(z)
        weight = t.sum(axis=1, keepdims=True)
        return g * (weight * p - t) / len(z), -g * np.log(p) / len(z)


class HalfSquared(Layer):
    shapes = "h: N n, t: N n"

    def f(h, t):
        return 0.5 * ((h - t) ** 2).sum() / len(h)

    def vjp(g, h, t):
        e = (h - t) / len(h)
        return g * e, -g * e


class MeanSquared(Layer):
    shapes = "h: N n, t: N n"

    def f(h, t):
        return ((h - t) ** 2).mean()

    def vjp(g, h, t):
        e = 2 * (h - t) / h.size
        return g * e, -g * e


class LayerNorm(Layer):
    shapes = "X: N n, gamma: n, beta: n"
    tall = "n"

    def f(X, gamma, beta):
        c = X - X.mean(axis=1, keepdims=True)
        s = np.sqrt((c**2).mean(axis=1, keepdims=True) + 1e-5)
        return gamma * c / s + beta

    def vjp(g, X, gamma, beta):
        c = X - X.mean(axis=1, keepdims=True)
        s = np.sqrt((c**2).mean(axis=1, keepdims=True) + 1e-5)
        h = c / s
        d = g * gamma
        dmean = d.mean(axis=1, keepdims=True)
        dvar = h * (d * h).mean(axis=1, keepdims=True)
        return (d - dmean - dvar) / s, (g * h).sum(axis=0), g.sum(axis=0)


class BatchNorm(Layer):
    shapes = "X: N n, gamma: n, beta: n"
    tall = "N"

    def f(X, gamma, beta):
        c = X - X.mean(axis=0)
        return gamma * c / np.sqrt((c**2).mean(axis=0) + 1e-3) + beta

    def vjp(g, X, gamma, beta):
        c = X - X.mean(axis=0)
        s = np.sqrt((c**2).mean(axis=0) + 1e-3)
        h = c / s
        d = g * gamma
        dX = (d - d.mean(axis=0) - h * (d * h).mean(axis=0)) / s
        return dX, (g * h).sum(axis=0), g.sum(axis=0)


class RmsNorm(Layer):
    shapes = "X: N n, gamma: n"
    tall = "n"

    def f(X, gamma):
        return gamma * X / np.sqrt((X**2).mean(axis=1, keepdims=True) + 1e-6)

    def vjp(g, X, gamma):
        r = 1 / np.sqrt((X**2).mean(axis=1, keepdims=True) + 1e-6)
        d = g * gamma
        dX = r * d - X * r**3 * (d * X).mean(axis=1, keepdims=True)
        return dX, (g * X * r).sum(axis=0)


class Normalize(Layer):
    shapes = "X: N n"
    tall = "n"

    def f(X):
        return X / np.sqrt((X**2).sum(axis=1, keepdims=True))

    def vjp(g, X):
        r = np.sqrt((X**2).sum(axis=1, keepdims=True))
        u = X / r
        return ((g - u * (g * u).sum(axis=1, keepdims=True)) / r,)


class Bilinear(Layer):
    shapes = "X: N n, A: n m, Y: N m"

    def f(X, A, Y):
        return ((X @ A) * Y).sum(axis=1)

    def vjp(g, X, A, Y):
        dX = g[:, None] * (Y @ A.T)
        dY = g[:, None] * (X @ A)
        return dX, (g[:, None] * X).T @ Y, dY


class Ridge(Layer):
    shapes = "X: N n, w: n, t: N"

    def f(X, w, t):
        return 0.5 * ((X @ w - t) ** 2).mean() + 0.5 * 0.3 * (w**2).sum()

    def vjp(g, X, w, t):
        e = (X @ w - t) / len(t)
        return g * np.outer(e, w), g * (X.T @ e + 0.3 * w), -g * e


class Logistic(Layer):
    shapes = "X: N n, w: n, c:"

    def f(X, w, c):
        z = X @ w + c
        return (np.log1p(np.exp(z)) - 0.25 * z).mean()

    def vjp(g, X, w, c):
        z = X @ w + c
        d = g * (sigmoid(z) - 0.25) / len(z)
        return np.outer(d, w), X.T @ d, d.sum()


class TwoLayers(Layer):
    shapes = "X: N n, W: m n, b: m, U: p m, t: N p"

    def f(X, W, b, U, t):
        h = np.tanh(X @ W.T + b) @ U.T
        return 0.5 * ((h - t) ** 2).sum() / len(X)

    def vjp(g, X, W, b, U, t):
        a = np.tanh(X @ W.T + b)
        e = g * (a @ U.T - t) / len(X)
        d = (e @ U) * (1 - a**2)
        return d @ W, d.T @ X, d.sum(axis=0), e.T @ a, -e


class Residual(Layer):
    shapes = "X: N n, W: n n, b: n"

    def f(X, W, b):
        return X + np.tanh(X @ W.T + b)

    def vjp(g, X, W, b):
        a = np.tanh(X @ W.T + b)
        d = g * (1 - a**2)
        return g + d @ W, d.T @ X, d.sum(axis=0)


class Attention(Layer):
    shapes = "Q: q d, K: k d, V: k m"

    def f(Q, K, V):
        return softmax(Q @ K.T / np.sqrt(Q.shape[1])) @ V

    def vjp(g, Q, K, V):
        scale = 1 / np.sqrt(Q.shape[1])
        P = softmax(Q @ K.T * scale)
        dP = g @ V.T
        dS = P * (dP - (dP * P).sum(axis=1, keepdims=True))
        return scale * dS @ K, scale * dS.T @ Q, P.T @ g


class Convolution(Layer):
    shapes = "X: N n, k: w, b:"
    tall = "n"

    @classmethod
    def draw(cls, seed, sizes=None, sign=0.0):
        X, k, b = super().draw(seed, sizes, sign)
        return X, k[: X.shape[1] - 1], b

    def f(X, k, b):
        n = X.shape[1] - len(k) + 1
        return sum(X[:, j:j + n] * k[j] for j in range(len(k))) + b

    def vjp(g, X, k, b):
        n = X.shape[1] - len(k) + 1
        dX, dk = np.zeros_like(X), np.zeros_like(k)
        for j in range(len(k)):
            dX[:, j:j + n] += g * k[j]
            dk[j] = (g * X[:, j:j + n]).sum()
        return dX, dk, g.sum()


class MaxPool(Layer):
    shapes = "X: N n"

    def f(X):
        return np.take_along_axis(X, X.real.argmax(axis=1)[:, None], 1)[:, 0]

    def vjp(g, X):
        d = np.zeros_like(X)
        d[np.arange(len(X)), X.argmax(axis=1)] = g
        return (d,)


class Embedding(Layer):
    shapes = "E: v d"

    def f(E):
        return E[np.arange(7) ** 2 % len(E)]

    def vjp(g, E):
        d = np.zeros_like(E)
        np.add.at(d, np.arange(7) ** 2 % len(E), g)
        return (d,)


class Huber(Layer):
    shapes = "h: N n, t: N n"

    def f(h, t):
        e = h - t
        a = e * np.sign(e.real)
        return np.where(a.real < 1, 0.5 * e**2, a - 0.5).sum() / len(h)

    def vjp(g, h, t):
        e = h - t
        d = g * np.clip(e, -1, 1) / len(h)
        return d, -d


class Hinge(Layer):
    shapes = "s: N n, y: N n"

    def f(s, y):
        m = 1 - s * y
        return (m * (m.real > 0)).sum() / len(s)

    def vjp(g, s, y):
        on = 1 - s * y > 0
        return -g * on * y / len(s), -g * on * s / len(s)


class Recurrent(Layer):
    shapes = "X: T n, W: m n, V: m m, b: m"

    def f(X, W, V, b):
        h = 0 * b
        for x in X:
            h = np.tanh(W @ x + V @ h + b)
        return h

    def vjp(g, X, W, V, b):
        h = [np.zeros_like(b)]
        for x in X:
            h.append(np.tanh(W @ x + V @ h[-1] + b))
        dX, dW, dV, db = (np.zeros_like(p) for p in (X, W, V, b))
        for t in range(len(X) - 1, -1, -1):
            d = g * (1 - h[t + 1] ** 2)
            dX[t] = W.T @ d
            dW += np.outer(d, X[t])
            dV += np.outer(d, h[t])
            db += d
            g = V.T @ d
        return dX, dW, dV, db


class Gated(Layer):
    shapes = "X: N n, W: m n, V: m n"

    def f(X, W, V):
        return (X @ W.T) * sigmoid(X @ V.T)

    def vjp(g, X, W, V):
        u, s = X @ W.T, sigmoid(X @ V.T)
        du = g * s
        dv = g * u * s * (1 - s)
        return du @ W + dv @ V, du.T @ X, dv.T @ X


class Cosine(Layer):
    shapes = "u: n, v: n"
    tall = "n"

    def f(u, v):
        return (u * v).sum() / np.sqrt((u**2).sum() * (v**2).sum())

    def vjp(g, u, v):
        p, q = np.sqrt((u**2).sum()), np.sqrt((v**2).sum())
        c = (u * v).sum() / (p * q)
        return g * (v / (p * q) - c * u / p**2), g * (u / (p * q) - c * v / q**2)


class Gaussian(Layer):
    shapes = "m: N n, s: N n, t: N n"

    def f(m, s, t):
        return 0.5 * (s + (t - m) ** 2 * np.exp(-s)).mean()

    def vjp(g, m, s, t):
        e = (t - m) * np.exp(-s)
        d = g / m.size
        return -d * e, d * 0.5 * (1 - (t - m) * e), d * e


class CumulativeSum(Layer):
    shapes = "X: N n, c: n"

    def f(X, c):
        return np.cumsum(c * X, axis=1)

    def vjp(g, X, c):
        d = np.cumsum(g[:, ::-1], axis=1)[:, ::-1]
        return c * d, (d * X).sum(axis=0)


class Clip(Layer):
    shapes = "X: N n, s: n"

    def f(X, s):
        return np.where(abs(X.real) < 1.5, X, 1.5 * np.sign(X.real)) * s

    def vjp(g, X, s):
        on = np.abs(X) < 1.5
        return g * on * s, (g * np.clip(X, -1.5, 1.5)).sum(axis=0)


class Scatter(Layer):
    """A gradient of size 1e-7 beside one of size 1."""

    shapes = "X: N n, c: n"

    def f(X, c):
        return np.sin(X) + 1e-7 * np.exp(c) * X**2

    def vjp(g, X, c):
        small = 1e-7 * np.exp(c)
        return g * (np.cos(X) + 2 * small * X), (g * small * X**2).sum(axis=0)


LAYERS: dict[str, type[Layer]] = {layer.__name__: layer for layer in Layer.__subclasses__()}
