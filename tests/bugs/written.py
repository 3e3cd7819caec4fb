"""More layers as people write them, with bugs that were set aside until the table of faults was finished."""

from __future__ import annotations

import numpy as np

from bugs.injected import (
    ACTIVATION,
    BATCH,
    DIAGONAL,
    FACTOR,
    MASK,
    MISSING,
    OTHER,
    OVERWRITTEN,
    PATH,
    ROW,
    SHIFT,
    SIGN,
    SUM,
    TRANSPOSE,
    Bug,
)
from bugs.layers import Layer


class Gru(Layer):
    """One step; reset, update and candidate with weights of their own."""

    shapes = "x: N D, h: N H, U: D H, R: H H, Uz: D H, Rz: H H"

    def f(x, h, U, R, Uz, Rz):
        z = 1 / (1 + np.exp(-(x @ Uz + h @ Rz)))
        cand = np.tanh(x @ U + h @ R)
        return (1 - z) * h + z * cand

    def vjp(dh, x, h, U, R, Uz, Rz):
        z = 1 / (1 + np.exp(-(x @ Uz + h @ Rz)))
        cand = np.tanh(x @ U + h @ R)
        dz = dh * (cand - h)
        dcand = dh * z * (1 - cand**2)
        daz = dz * z * (1 - z)
        dprev = dh * (1 - z) + dcand @ R.T + daz @ Rz.T
        dx = dcand @ U.T + daz @ Uz.T
        return dx, dprev, x.T @ dcand, h.T @ dcand, x.T @ daz, h.T @ daz


class BceWithLogits(Layer):
    """Positive weight 3, every second target 1."""

    shapes = "logit: N K"

    def f(logit):
        t = (np.arange(logit.size).reshape(logit.shape) % 2).astype(float)
        p = 1 / (1 + np.exp(-logit))
        return -(3 * t * np.log(p) + (1 - t) * np.log(1 - p)).sum() / logit.shape[0]

    def vjp(g, logit):
        t = (np.arange(logit.size).reshape(logit.shape) % 2).astype(float)
        p = 1 / (1 + np.exp(-logit))
        dp = -3 * t / p + (1 - t) / (1 - p)
        dlogit = dp * p * (1 - p) / logit.shape[0]
        return (g * dlogit,)


class Triplet(Layer):
    shapes = "anchor: N D, pos: N D, neg: N D"

    def f(anchor, pos, neg):
        dp = ((anchor - pos) ** 2).sum(axis=1)
        dn = ((anchor - neg) ** 2).sum(axis=1)
        return np.maximum(dp - dn + 1.0, 0).mean()

    def vjp(g, anchor, pos, neg):
        dp = ((anchor - pos) ** 2).sum(axis=1)
        dn = ((anchor - neg) ** 2).sum(axis=1)
        active = (dp - dn + 1.0 > 0)[:, None] / len(anchor)
        danchor = 2 * (neg - pos) * active
        dpos = -2 * (anchor - pos) * active
        dneg = 2 * (anchor - neg) * active
        return g * danchor, g * dpos, g * dneg


class Distil(Layer):
    """Cross entropy of softened teacher and student, temperature 2.5."""

    shapes = "student: N C, teacher: N C"

    def f(student, teacher):
        T = 2.5
        p = np.exp(teacher / T) / np.exp(teacher / T).sum(axis=1, keepdims=True)
        logq = student / T - np.log(np.exp(student / T).sum(axis=1, keepdims=True))
        return -T**2 * (p * logq).sum() / len(student)

    def vjp(g, student, teacher):
        T = 2.5
        p = np.exp(teacher / T) / np.exp(teacher / T).sum(axis=1, keepdims=True)
        q = np.exp(student / T) / np.exp(student / T).sum(axis=1, keepdims=True)
        logq = np.log(q)
        dstudent = T * (q - p) / len(student)
        dteacher = -T * p * (logq - (p * logq).sum(axis=1, keepdims=True)) / len(student)
        return g * dstudent, g * dteacher


class PRelu(Layer):
    shapes = "x: N C, alpha: C"

    def f(x, alpha):
        return np.where(x > 0, x, alpha * x)

    def vjp(g, x, alpha):
        dx = np.where(x > 0, g, alpha * g)
        dalpha = (g * np.minimum(x, 0)).sum(axis=0)
        return dx, dalpha


class WeightNorm(Layer):
    """w = s v / |v| by output, y = x wᵀ."""

    shapes = "x: N D, v: M D, s: M"
    tall = "D"

    def f(x, v, s):
        norm = np.sqrt((v * v).sum(axis=1, keepdims=True))
        return x @ (s[:, None] * v / norm).T

    def vjp(g, x, v, s):
        norm = np.sqrt((v * v).sum(axis=1, keepdims=True))
        u = v / norm
        dw = g.T @ x
        ds = (dw * u).sum(axis=1)
        dv = s[:, None] / norm * (dw - u * ds[:, None])
        return g @ (s[:, None] * u), dv, ds


class Rope(Layer):
    """Rotation of pairs of features by position."""

    shapes = "x: T D"

    def draw(seed, sizes=None, sign=0.0):
        random = np.random.default_rng([seed, 91])
        t, d = (4, 6) if seed == 0 else (random.integers(2, 6), 2 * random.integers(1, 4))
        return (random.normal(size=(t, d)),)

    def f(x):
        half = x.shape[1] // 2
        angle = np.outer(np.arange(x.shape[0]), 1 / 3.0 ** np.arange(half))
        x1, x2 = x[:, :half], x[:, half:]
        return np.concatenate([x1 * np.cos(angle) - x2 * np.sin(angle), x1 * np.sin(angle) + x2 * np.cos(angle)], axis=1)

    def vjp(g, x):
        half = x.shape[1] // 2
        angle = np.outer(np.arange(x.shape[0]), 1 / 3.0 ** np.arange(half))
        g1, g2 = g[:, :half], g[:, half:]
        dx1 = g1 * np.cos(angle) + g2 * np.sin(angle)
        dx2 = -g1 * np.sin(angle) + g2 * np.cos(angle)
        return (np.concatenate([dx1, dx2], axis=1),)


class VaeKl(Layer):
    """Reparametrised sample with fixed noise through a decoder, plus the Kullback-Leibler term."""

    shapes = "mu: N Z, logvar: N Z, w: Z D"

    def f(mu, logvar, w):
        eps = np.cos(np.arange(mu.size)).reshape(mu.shape)
        z = mu + np.exp(0.5 * logvar) * eps
        recon = 0.5 * ((z @ w - 1.0) ** 2).sum()
        kl = -0.5 * (1 + logvar - mu**2 - np.exp(logvar)).sum()
        return (recon + kl) / len(mu)

    def vjp(g, mu, logvar, w):
        eps = np.cos(np.arange(mu.size)).reshape(mu.shape)
        std = np.exp(0.5 * logvar)
        z = mu + std * eps
        diff = (z @ w - 1.0) / len(mu)
        dz = diff @ w.T
        dmu = dz + mu / len(mu)
        dlogvar = dz * eps * 0.5 * std + 0.5 * (np.exp(logvar) - 1) / len(mu)
        return g * dmu, g * dlogvar, g * z.T @ diff


class PoissonNll(Layer):
    shapes = "x: N D, w: D, b:"

    def f(x, w, b):
        eta = x @ w + b
        count = np.arange(len(x)) % 3
        return np.mean(np.exp(eta) - count * eta)

    def vjp(g, x, w, b):
        rate = np.exp(x @ w + b)
        count = np.arange(len(x)) % 3
        err = g * (rate - count) / len(x)
        return np.outer(err, w), x.T @ err, err.sum()


class AvgPool(Layer):
    """x is (C, H, W), windows of 2 × 2."""

    shapes = "x: C H W"

    def draw(seed, sizes=None, sign=0.0):
        random = np.random.default_rng([seed, 92])
        c, h, w = (2, 4, 6) if seed == 0 else (random.integers(1, 4), 2 * random.integers(1, 3), 2 * random.integers(1, 3))
        return (random.normal(size=(c, h, w)),)

    def f(x):
        C, H, W = x.shape
        return x.reshape(C, H // 2, 2, W // 2, 2).mean(axis=(2, 4))

    def vjp(g, x):
        dx = np.repeat(np.repeat(g, 2, axis=1), 2, axis=2)
        return (dx / 4,)


class FactorMachine(Layer):
    """Rendle 2010: y = x w + half the sum of squares less squares of sums."""

    shapes = "x: N D, w: D, V: D K"

    def f(x, w, V):
        return x @ w + 0.5 * ((x @ V) ** 2 - (x**2) @ (V**2)).sum(axis=1)

    def vjp(g, x, w, V):
        s = x @ V
        dV = x.T @ (g[:, None] * s) - V * ((x**2).T @ g)[:, None]
        dx = g[:, None] * (w + s @ V.T - x * (V**2).sum(axis=1))
        return dx, x.T @ g, dV


class MatrixFactors(Layer):
    """Mean squared error of the ratings that are there, with a penalty."""

    shapes = "P: N K, Q: M K"

    def f(P, Q):
        R = np.sin(np.arange(len(P) * len(Q))).reshape(len(P), len(Q))
        seen = R > -0.5
        E = seen * (P @ Q.T - R)
        return (E**2).sum() / seen.sum() + 0.05 * (P**2).sum()

    def vjp(g, P, Q):
        R = np.sin(np.arange(len(P) * len(Q))).reshape(len(P), len(Q))
        seen = R > -0.5
        E = seen * (P @ Q.T - R)
        dP = 2 * E @ Q / seen.sum() + 0.1 * P
        dQ = 2 * E.T @ P / seen.sum()
        return g * dP, g * dQ


class LogCosh(Layer):
    shapes = "x: N D, w: D M, t: N M"

    def f(x, w, t):
        return np.log(np.cosh(x @ w - t)).mean()

    def vjp(g, x, w, t):
        d = np.tanh(x @ w - t) / t.size
        return g * d @ w.T, g * x.T @ d, -g * d


class CausalAttention(Layer):
    shapes = "q: T D, k: T D, v: T E"

    def f(q, k, v):
        s = q @ k.T / np.sqrt(q.shape[1])
        s = np.where(np.tril(np.ones(s.shape)) > 0, s, -1e9)
        p = np.exp(s - s.max(axis=1, keepdims=True))
        p = p / p.sum(axis=1, keepdims=True)
        return p @ v

    def vjp(g, q, k, v):
        s = q @ k.T / np.sqrt(q.shape[1])
        s = np.where(np.tril(np.ones(s.shape)) > 0, s, -1e9)
        p = np.exp(s - s.max(axis=1, keepdims=True))
        p = p / p.sum(axis=1, keepdims=True)
        dv = p.T @ g
        dp = g @ v.T
        ds = p * (dp - (dp * p).sum(axis=1, keepdims=True)) / np.sqrt(q.shape[1])
        return ds @ k, ds.T @ q, dv


class ScanRnn(Layer):
    """A leaky linear recurrence with a tanh read-out, loss at the end."""

    shapes = "x: T D, A: H H, B: H D, c: H"

    def f(x, A, B, c):
        s = np.zeros(len(c))
        for xt in x:
            s = 0.9 * s + np.tanh(A @ s + B @ xt)
        return c @ s

    def vjp(g, x, A, B, c):
        states, pre = [np.zeros(len(c))], []
        for xt in x:
            pre.append(np.tanh(A @ states[-1] + B @ xt))
            states.append(0.9 * states[-1] + pre[-1])
        dx, dA, dB = np.zeros_like(x), np.zeros_like(A), np.zeros_like(B)
        ds = g * c
        for t in reversed(range(len(x))):
            da = ds * (1 - pre[t] ** 2)
            dA += np.outer(da, states[t])
            dB += np.outer(da, x[t])
            dx[t] = B.T @ da
            ds = 0.9 * ds + A.T @ da
        return dx, dA, dB, g * states[-1]


WRITTEN_LAYERS: dict[str, type[Layer]] = {layer.__name__: layer for layer in Layer.__subclasses__()
                                          if layer.__module__ == __name__}


class Kept(Bug):
    layers = WRITTEN_LAYERS


WRITTEN = (
    Kept("Gru", PATH, "dh * (1 - z) + dcand @ R.T", "dcand @ R.T", "h"),
    Kept("Gru", MISSING, "daz = dz * z * (1 - z)", "daz = dz", "x h Uz Rz", also=(PATH,)),
    Kept("Gru", SIGN, "dz = dh * (cand - h)", "dz = dh * (cand + h)", "x h Uz Rz", also=(PATH,)),
    Kept("BceWithLogits", FACTOR, "-3 * t / p", "-t / p", "logit", also=(PATH, MASK)),
    Kept("BceWithLogits", MISSING, "dp * p * (1 - p) / logit", "dp / logit", "logit"),
    Kept("BceWithLogits", BATCH, "logit.shape[0]", "logit.size", "logit"),
    Kept("Triplet", MASK, "(dp - dn + 1.0 > 0)[:, None] / len(anchor)", "1.0 / len(anchor)", "anchor pos neg"),
    Kept("Triplet", PATH, "2 * (neg - pos)", "2 * (anchor - pos)", "anchor"),
    Kept("Triplet", SIGN, "dneg = 2 * (anchor - neg)", "dneg = 2 * (neg - anchor)", "neg"),
    Kept("Distil", FACTOR, "dstudent = T * (q - p)", "dstudent = (q - p)", "student"),
    Kept("Distil", PATH, "(logq - (p * logq).sum(axis=1, keepdims=True))", "logq", "teacher"),
    Kept("PRelu", MASK, "np.minimum(x, 0)", "x", "alpha"),
    Kept("PRelu", OTHER, "np.where(x > 0, g, alpha * g)", "np.where(x > 0, g, alpha)", "x", also=("not linear in g",)),
    Kept("PRelu", SUM, ".sum(axis=0)", ".sum(axis=0).sum() + 0 * alpha", "alpha"),
    Kept("WeightNorm", PATH, "(dw - u * ds[:, None])", "dw", "v"),
    Kept("WeightNorm", OTHER, "s[:, None] / norm * (dw", "1 / norm * (dw", "v"),
    Kept("Rope", SIGN, "-g1 * np.sin(angle) + g2", "g1 * np.sin(angle) + g2", "x", also=(PATH,)),
    Kept("Rope", TRANSPOSE, "dx1 = g1 * np.cos(angle) + g2 * np.sin(angle)\n    dx2 = -g1", "dx1 = g1 * np.cos(angle) - g2 * np.sin(angle)\n    dx2 = g1", "x", also=(SIGN,)),
    Kept("VaeKl", PATH, "dz + mu / len(mu)", "dz", "mu"),
    Kept("VaeKl", FACTOR, "dz * eps * 0.5 * std", "dz * eps * std", "logvar", also=(PATH,)),
    Kept("VaeKl", BATCH, "0.5 * (np.exp(logvar) - 1) / len(mu)", "0.5 * (np.exp(logvar) - 1)", "logvar", also=(PATH,)),
    Kept("PoissonNll", MISSING, "(rate - count) / len(x)", "(x @ w + b - count) / len(x)", "x w b", also=(ACTIVATION, OTHER, PATH, "another quantity")),
    Kept("PoissonNll", SUM, "x.T @ err, err.sum()", "x.T @ err, err.mean()", "b", also=(BATCH,)),
    Kept("AvgPool", FACTOR, "dx / 4", "dx / 2", "x", also=(BATCH,)),
    Kept("FactorMachine", PATH, " - V * ((x**2).T @ g)[:, None]", "", "V"),
    Kept("MatrixFactors", MASK, "E = seen * (P @ Q.T - R)", "E = P @ Q.T - R", "P Q"),
    Kept("MatrixFactors", PATH, " + 0.1 * P", "", "P"),
    Kept("LogCosh", ACTIVATION, "np.tanh(x @ w - t)", "np.log(np.cosh(x @ w - t))", "x w t"),
    Kept("CausalAttention", TRANSPOSE, "ds.T @ q", "ds @ q", "k"),
    Kept("CausalAttention", DIAGONAL, "p * (dp - (dp * p).sum(axis=1, keepdims=True))", "dp * p * (1 - p)", "q k"),
    Kept("ScanRnn", PATH, "ds = 0.9 * ds + A.T @ da", "ds = A.T @ da", "x A B"),
    Kept("ScanRnn", OVERWRITTEN, "dB += np.outer", "dB = np.outer", "B"),
    Kept("ScanRnn", SHIFT, "np.outer(da, states[t])", "np.outer(da, states[t + 1])", "A"),
    Kept("ScanRnn", ROW, "reversed(range(len(x)))", "reversed(range(1, len(x)))", "x B"),
)
