"""Layers as they stand in course assignments and blogs, right, and bugs put into them as in `injected`.

Loops over time, over windows and over samples; im2col; caches rebuilt in the backward pass; other names and layouts
than in `layers`: x is (N, D), w is (D, M).
"""

from __future__ import annotations

import numpy as np

from bugs.injected import (
    ACTIVATION,
    AT_A,
    BATCH,
    DIAGONAL,
    EPSILON,
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
    SWAP,
    TRANSPOSE,
    Bug,
)
from bugs.layers import Arrays, Layer

__all__ = ["COMMUNITY", "COMMUNITY_LAYERS", "Arrays"]


class Dense(Layer):
    shapes = "x: N D, w: D M, b: M"

    def f(x, w, b):
        out = x.dot(w) + b
        return out

    def vjp(dout, x, w, b):
        dx = dout.dot(w.T)
        dw = x.T.dot(dout)
        db = np.sum(dout, axis=0)
        return dx, dw, db


class TwoLayerNet(Layer):
    """Softmax loss with an L2 penalty, labels i mod C."""

    shapes = "X: N D, W1: D H, b1: H, W2: H C, b2: C"

    def f(X, W1, b1, W2, b2):
        reg = 0.7
        N = X.shape[0]
        h = np.maximum(0, X.dot(W1) + b1)
        scores = h.dot(W2) + b2
        scores = scores - scores.max(axis=1, keepdims=True)
        probs = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
        y = np.arange(N) % W2.shape[1]
        return -np.log(probs[np.arange(N), y]).mean() + 0.5 * reg * (np.sum(W1 * W1) + np.sum(W2 * W2))

    def vjp(dout, X, W1, b1, W2, b2):
        reg = 0.7
        N = X.shape[0]
        h = np.maximum(0, X.dot(W1) + b1)
        scores = h.dot(W2) + b2
        scores = scores - scores.max(axis=1, keepdims=True)
        probs = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
        y = np.arange(N) % W2.shape[1]
        dscores = probs.copy()
        dscores[np.arange(N), y] -= 1
        dscores = dout * dscores / N
        dW2 = h.T.dot(dscores) + dout * reg * W2
        db2 = dscores.sum(axis=0)
        dh = dscores.dot(W2.T)
        dh[h <= 0] = 0
        dW1 = X.T.dot(dh) + dout * reg * W1
        db1 = dh.sum(axis=0)
        return dh.dot(W1.T), dW1, db1, dW2, db2


class ConvNaive(Layer):
    """x is (H, W), two filters of 2 × 2, a border of one zero, a bias each."""

    shapes = "x: H W, w: F k k, b: F"

    def draw(seed, sizes=None, sign=0.0):
        random = np.random.default_rng([seed, 77])
        h, w, f, k = (4, 5, 2, 2) if seed == 0 else (*random.integers(3, 6, 2), random.integers(1, 4), 2)
        return random.normal(size=(h, w)), random.normal(size=(f, k, k)), random.normal(size=f)

    def f(x, w, b):
        pad = np.pad(x, 1)
        F, HH, WW = w.shape
        H, W = pad.shape[0] - HH + 1, pad.shape[1] - WW + 1
        out = np.zeros((F, H, W))
        for f in range(F):
            for i in range(H):
                for j in range(W):
                    out[f, i, j] = np.sum(pad[i:i + HH, j:j + WW] * w[f]) + b[f]
        return out

    def vjp(dout, x, w, b):
        pad = np.pad(x, 1)
        F, HH, WW = w.shape
        dpad, dw, db = np.zeros_like(pad), np.zeros_like(w), np.zeros_like(b)
        for f in range(F):
            db[f] += dout[f].sum()
            for i in range(dout.shape[1]):
                for j in range(dout.shape[2]):
                    dw[f] += dout[f, i, j] * pad[i:i + HH, j:j + WW]
                    dpad[i:i + HH, j:j + WW] += dout[f, i, j] * w[f]
        return dpad[1:-1, 1:-1], dw, db


class ConvIm2col(Layer):
    """x is (C, T), filters (F, C, 3) along time."""

    shapes = "x: C T, w: F C k"

    def draw(seed, sizes=None, sign=0.0):
        random = np.random.default_rng([seed, 78])
        c, t, f = (2, 6, 3) if seed == 0 else (*random.integers(1, 4, 1), *random.integers(4, 8, 1), *random.integers(1, 4, 1))
        return random.normal(size=(c, t)), random.normal(size=(f, c, 3))

    def f(x, w):
        cols = np.stack([x[:, i:i + 3].ravel() for i in range(x.shape[1] - 2)], axis=1)
        return w.reshape(w.shape[0], -1) @ cols

    def vjp(dout, x, w):
        cols = np.stack([x[:, i:i + 3].ravel() for i in range(x.shape[1] - 2)], axis=1)
        dw = (dout @ cols.T).reshape(w.shape)
        dcols = w.reshape(w.shape[0], -1).T @ dout
        dx = np.zeros_like(x)
        for i in range(dcols.shape[1]):
            dx[:, i:i + 3] += dcols[:, i].reshape(x.shape[0], 3)
        return dx, dw


class MaxPoolLoops(Layer):
    """x is (H, W), windows of 2 × 2 with stride 2."""

    shapes = "x: H W"

    def draw(seed, sizes=None, sign=0.0):
        random = np.random.default_rng([seed, 79])
        h, w = (4, 6) if seed == 0 else 2 * random.integers(1, 4, 2)
        return (random.normal(size=(h, w)),)

    def f(x):
        H, W = x.shape
        out = np.zeros((H // 2, W // 2))
        for i in range(H // 2):
            for j in range(W // 2):
                out[i, j] = np.max(x[2 * i:2 * i + 2, 2 * j:2 * j + 2])
        return out

    def vjp(dout, x):
        dx = np.zeros_like(x)
        for i in range(dout.shape[0]):
            for j in range(dout.shape[1]):
                window = x[2 * i:2 * i + 2, 2 * j:2 * j + 2]
                mask = window == np.max(window)
                dx[2 * i:2 * i + 2, 2 * j:2 * j + 2] = mask * dout[i, j]
        return (dx,)


class BatchNormSteps(Layer):
    """Twelve steps of a computational graph."""

    shapes = "x: N D, gamma: D, beta: D"
    tall = "N"

    def f(x, gamma, beta):
        mu = 1 / x.shape[0] * np.sum(x, axis=0)
        xmu = x - mu
        var = 1 / x.shape[0] * np.sum(xmu**2, axis=0)
        xhat = xmu / np.sqrt(var + 1e-2)
        return gamma * xhat + beta

    def vjp(dout, x, gamma, beta):
        N, D = x.shape
        eps = 1e-2
        mu = 1 / N * np.sum(x, axis=0)
        xmu = x - mu
        var = 1 / N * np.sum(xmu**2, axis=0)
        sqrtvar = np.sqrt(var + eps)
        ivar = 1 / sqrtvar
        xhat = xmu * ivar
        dbeta = np.sum(dout, axis=0)
        dgamma = np.sum(dout * xhat, axis=0)
        dxhat = dout * gamma
        divar = np.sum(dxhat * xmu, axis=0)
        dxmu1 = dxhat * ivar
        dsqrtvar = -1 / sqrtvar**2 * divar
        dvar = 0.5 / np.sqrt(var + eps) * dsqrtvar
        dsq = 1 / N * np.ones((N, D)) * dvar
        dxmu2 = 2 * xmu * dsq
        dx1 = dxmu1 + dxmu2
        dmu = -1 * np.sum(dxmu1 + dxmu2, axis=0)
        dx2 = 1 / N * np.ones((N, D)) * dmu
        return dx1 + dx2, dgamma, dbeta


class LayerNormCourse(Layer):
    shapes = "x: N D, scale: D, shift: D"
    tall = "D"

    def f(x, scale, shift):
        mean = x.mean(axis=1, keepdims=True)
        std = np.sqrt(x.var(axis=1, keepdims=True) + 1e-5)
        return (x - mean) / std * scale + shift

    def vjp(dy, x, scale, shift):
        D = x.shape[1]
        mean = x.mean(axis=1, keepdims=True)
        std = np.sqrt(x.var(axis=1, keepdims=True) + 1e-5)
        xn = (x - mean) / std
        dxn = dy * scale
        dx = (D * dxn - dxn.sum(axis=1, keepdims=True) - xn * (dxn * xn).sum(axis=1, keepdims=True)) / (D * std)
        return dx, (dy * xn).sum(axis=0), dy.sum(axis=0)


class GroupNorm(Layer):
    """x is (N, C, L), two groups of channels."""

    shapes = "x: N C L, gamma: C, beta: C"

    def draw(seed, sizes=None, sign=0.0):
        random = np.random.default_rng([seed, 80])
        n, c, length = (3, 4, 2) if seed == 0 else (random.integers(1, 4), 2 * random.integers(1, 4), random.integers(2, 4))
        return random.normal(size=(n, c, length)), random.normal(size=c), random.normal(size=c)

    def f(x, gamma, beta):
        N, C, L = x.shape
        xg = x.reshape(N, 2, -1)
        xg = (xg - xg.mean(axis=2, keepdims=True)) / np.sqrt(xg.var(axis=2, keepdims=True) + 1e-3)
        return xg.reshape(N, C, L) * gamma[:, None] + beta[:, None]

    def vjp(dout, x, gamma, beta):
        xg = x.reshape(len(x), 2, -1)
        inv = 1 / np.sqrt(xg.var(axis=2, keepdims=True) + 1e-3)
        xhat = (xg - xg.mean(axis=2, keepdims=True)) * inv
        dgamma = (dout * xhat.reshape(x.shape)).sum(axis=(0, 2))
        dbeta = dout.sum(axis=(0, 2))
        dxhat = (dout * gamma[:, None]).reshape(xg.shape)
        dx = inv * (dxhat - dxhat.mean(axis=2, keepdims=True) - xhat * (dxhat * xhat).mean(axis=2, keepdims=True))
        return dx.reshape(x.shape), dgamma, dbeta


class SelfAttention(Layer):
    shapes = "x: T D, wq: D A, wk: D A, wv: D V"

    def f(x, wq, wk, wv):
        q, k, v = x @ wq, x @ wk, x @ wv
        scores = q @ k.T / np.sqrt(wq.shape[1])
        scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
        weights = scores / scores.sum(axis=-1, keepdims=True)
        return weights @ v

    def vjp(dout, x, wq, wk, wv):
        q, k, v = x @ wq, x @ wk, x @ wv
        scale = np.sqrt(wq.shape[1])
        scores = q @ k.T / scale
        scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
        weights = scores / scores.sum(axis=-1, keepdims=True)
        dweights = dout @ v.T
        dv = weights.T @ dout
        dscores = weights * (dweights - np.sum(dweights * weights, axis=-1, keepdims=True))
        dscores = dscores / scale
        dq = dscores @ k
        dk = dscores.T @ q
        dx = dq @ wq.T + dk @ wk.T + dv @ wv.T
        return dx, x.T @ dq, x.T @ dk, x.T @ dv


class LstmCell(Layer):
    """One step; the gates stand one after the other in W."""

    shapes = "x: N D, h: N H, c: N H, Wx: D K, Wh: H K"

    def draw(seed, sizes=None, sign=0.0):
        random = np.random.default_rng([seed, 81])
        n, d, h = (3, 4, 2) if seed == 0 else random.integers(1, 5, 3)
        return tuple(random.normal(size=s) for s in ((n, d), (n, h), (n, h), (d, 4 * h), (h, 4 * h)))

    def f(x, h, c, Wx, Wh):
        H = h.shape[1]
        a = x @ Wx + h @ Wh
        i, f, o = (1 / (1 + np.exp(-a[:, k * H:(k + 1) * H])) for k in range(3))
        g = np.tanh(a[:, 3 * H:])
        c_next = f * c + i * g
        return o * np.tanh(c_next)

    def vjp(dh, x, h, c, Wx, Wh):
        H = h.shape[1]
        a = x @ Wx + h @ Wh
        i, f, o = (1 / (1 + np.exp(-a[:, k * H:(k + 1) * H])) for k in range(3))
        g = np.tanh(a[:, 3 * H:])
        c_next = f * c + i * g
        tc = np.tanh(c_next)
        do = dh * tc
        dc = dh * o * (1 - tc**2)
        di, df, dg = dc * g, dc * c, dc * i
        da = np.hstack([di * i * (1 - i), df * f * (1 - f), do * o * (1 - o), dg * (1 - g**2)])
        return da @ Wx.T, da @ Wh.T, dc * f, x.T @ da, h.T @ da


class CharRnn(Layer):
    """All hidden states of a vanilla RNN."""

    shapes = "xs: T D, h0: H, Wxh: H D, Whh: H H, bh: H"

    def f(xs, h0, Wxh, Whh, bh):
        hs, h = [], h0
        for t in range(len(xs)):
            h = np.tanh(np.dot(Wxh, xs[t]) + np.dot(Whh, h) + bh)
            hs.append(h)
        return np.array(hs)

    def vjp(dhs, xs, h0, Wxh, Whh, bh):
        hs = {-1: h0}
        for t in range(len(xs)):
            hs[t] = np.tanh(np.dot(Wxh, xs[t]) + np.dot(Whh, hs[t - 1]) + bh)
        dWxh, dWhh, dbh = np.zeros_like(Wxh), np.zeros_like(Whh), np.zeros_like(bh)
        dxs = np.zeros_like(xs)
        dhnext = np.zeros_like(h0)
        for t in reversed(range(len(xs))):
            dh = dhs[t] + dhnext
            dhraw = (1 - hs[t] * hs[t]) * dh
            dbh += dhraw
            dWxh += np.outer(dhraw, xs[t])
            dWhh += np.outer(dhraw, hs[t - 1])
            dxs[t] = np.dot(Wxh.T, dhraw)
            dhnext = np.dot(Whh.T, dhraw)
        return dxs, dhnext, dWxh, dWhh, dbh


class WordEmbedding(Layer):
    """Words of two sentences; some come twice."""

    shapes = "W: V D"

    def f(W):
        words = np.array([[0, 2, 2], [1, 0, 0]]) % W.shape[0]
        return W[words]

    def vjp(dout, W):
        words = np.array([[0, 2, 2], [1, 0, 0]]) % W.shape[0]
        dW = np.zeros_like(W)
        np.add.at(dW, words, dout)
        return (dW,)


class SoftmaxLoss(Layer):
    shapes = "scores: N C"

    def f(scores):
        N = scores.shape[0]
        shifted = scores - np.max(scores, axis=1, keepdims=True)
        Z = np.sum(np.exp(shifted), axis=1, keepdims=True)
        log_probs = shifted - np.log(Z)
        return -np.sum(log_probs[np.arange(N), np.arange(N) % scores.shape[1]]) / N

    def vjp(dout, scores):
        N = scores.shape[0]
        shifted = scores - np.max(scores, axis=1, keepdims=True)
        Z = np.sum(np.exp(shifted), axis=1, keepdims=True)
        probs = np.exp(shifted) / Z
        dx = probs.copy()
        dx[np.arange(N), np.arange(N) % scores.shape[1]] -= 1
        dx /= N
        return (dout * dx,)


class FocalLoss(Layer):
    """Lin et al. 2017, gamma = 2, alternating targets."""

    shapes = "logits: N"
    tall = "N"

    def f(logits):
        s = np.where(np.arange(len(logits)) % 2 == 0, 1.0, -1.0)
        pt = 1 / (1 + np.exp(-s * logits))
        return np.mean(-((1 - pt) ** 2) * np.log(pt))

    def vjp(dout, logits):
        s = np.where(np.arange(len(logits)) % 2 == 0, 1.0, -1.0)
        pt = 1 / (1 + np.exp(-s * logits))
        dpt = 2 * (1 - pt) * np.log(pt) - (1 - pt) ** 2 / pt
        return (dout * dpt * pt * (1 - pt) * s / len(logits),)


class SmoothL1(Layer):
    shapes = "pred: N D, target: N D"

    def f(pred, target):
        diff = pred - target
        a = np.abs(diff)
        return np.where(a < 0.5, 0.5 * diff**2 / 0.5, a - 0.25).sum(axis=1).mean()

    def vjp(dout, pred, target):
        diff = pred - target
        small = np.abs(diff) < 0.5
        grad = np.where(small, diff / 0.5, np.sign(diff))
        grad = dout * grad / pred.shape[0]
        return grad, -grad


class CosineLoss(Layer):
    """Mean over samples of 1 - cos."""

    shapes = "a: N D, b: N D"
    tall = "D"

    def f(a, b):
        na = np.sqrt((a**2).sum(axis=1))
        nb = np.sqrt((b**2).sum(axis=1))
        return np.mean(1 - (a * b).sum(axis=1) / (na * nb))

    def vjp(dout, a, b):
        na = np.sqrt((a**2).sum(axis=1, keepdims=True))
        nb = np.sqrt((b**2).sum(axis=1, keepdims=True))
        cos = (a * b).sum(axis=1, keepdims=True) / (na * nb)
        da = -(b / (na * nb) - cos * a / na**2) / len(a)
        db = -(a / (na * nb) - cos * b / nb**2) / len(a)
        return dout * da, dout * db


class ResBlock(Layer):
    """relu(x + relu(x w1) w2)."""

    shapes = "x: N D, w1: D H, w2: H D"

    def f(x, w1, w2):
        hidden = np.maximum(x @ w1, 0)
        return np.maximum(x + hidden @ w2, 0)

    def vjp(dout, x, w1, w2):
        pre = x @ w1
        hidden = np.maximum(pre, 0)
        out = x + hidden @ w2
        dout = dout * (out > 0)
        dw2 = hidden.T @ dout
        dhidden = dout @ w2.T
        dpre = dhidden * (pre > 0)
        dx = dpre @ w1.T + dout
        return dx, x.T @ dpre, dw2


class Dropout(Layer):
    """Inverted dropout with a given mask and keep probability 0.6, then a linear map."""

    shapes = "x: N D, w: D M"

    def f(x, w):
        mask = (np.arange(x.size).reshape(x.shape) % 3 != 0) / 0.6
        return (x * mask) @ w

    def vjp(dout, x, w):
        mask = (np.arange(x.size).reshape(x.shape) % 3 != 0) / 0.6
        dropped = x * mask
        dx = (dout @ w.T) * mask
        return dx, dropped.T @ dout


class SwiGlu(Layer):
    shapes = "x: N D, w: D H, v: D H, u: H D"

    def f(x, w, v, u):
        gate = x @ w
        return (gate / (1 + np.exp(-gate)) * (x @ v)) @ u

    def vjp(dout, x, w, v, u):
        gate, up = x @ w, x @ v
        sig = 1 / (1 + np.exp(-gate))
        act = gate * sig
        du = (act * up).T @ dout
        dm = dout @ u.T
        dup = dm * act
        dgate = dm * up * (sig + gate * sig * (1 - sig))
        dx = dgate @ w.T + dup @ v.T
        return dx, x.T @ dgate, x.T @ dup, du


class SvmLoss(Layer):
    shapes = "W: D C, X: N D"

    def f(W, X):
        loss = 0.0
        for i in range(X.shape[0]):
            scores = X[i].dot(W)
            y = i % W.shape[1]
            for j in range(W.shape[1]):
                margin = scores[j] - scores[y] + 1
                if j != y and margin > 0:
                    loss = loss + margin
        return loss / X.shape[0] + 0.1 * np.sum(W * W)

    def vjp(dout, W, X):
        dW, dX = np.zeros_like(W), np.zeros_like(X)
        for i in range(X.shape[0]):
            scores = X[i].dot(W)
            y = i % W.shape[1]
            for j in range(W.shape[1]):
                margin = scores[j] - scores[y] + 1
                if j != y and margin > 0:
                    dW[:, j] += X[i]
                    dW[:, y] -= X[i]
                    dX[i] += W[:, j] - W[:, y]
        dW /= X.shape[0]
        dX /= X.shape[0]
        dW += 2 * 0.1 * W
        return dout * dW, dout * dX


COMMUNITY_LAYERS: dict[str, type[Layer]] = {layer.__name__: layer for layer in Layer.__subclasses__()
                                            if layer.__module__ == __name__}


class Written(Bug):
    """A bug in one of these layers."""

    layers = COMMUNITY_LAYERS


COMMUNITY = (
    Written("Dense", TRANSPOSE, "x.T.dot(dout)", "dout.T.dot(x).reshape(w.shape)", "w"),
    Written("Dense", SUM, "np.sum(dout, axis=0)", "np.sum(dout)", "b"),
    Written("Dense", BATCH, "x.T.dot(dout)", "x.T.dot(dout) / x.shape[0]", "w"),
    Written("TwoLayerNet", FACTOR, "dout * reg * W1", "2 * dout * reg * W1", "W1", also=(PATH,)),
    Written("TwoLayerNet", PATH, " + dout * reg * W2", "", "W2"),
    Written("TwoLayerNet", BATCH, "dscores / N", "dscores", "X W1 b1 W2 b2", also=(PATH,)),
    Written("TwoLayerNet", MASK, "dh[h <= 0] = 0", "pass", "X W1 b1", also=(MISSING,)),
    Written("TwoLayerNet", ROW, "dscores[np.arange(N), y] -= 1", "dscores[0, y[0]] -= 1", "X W1 b1 W2 b2", also=(PATH,)),
    Written("ConvNaive", SHIFT, "dpad[1:-1, 1:-1]", "dpad[:-2, :-2]", "x"),
    Written("ConvNaive", OVERWRITTEN, "dw[f] += dout[f, i, j]", "dw[f] = dout[f, i, j]", "w"),
    Written("ConvNaive", TRANSPOSE, "+= dout[f, i, j] * w[f]", "+= dout[f, i, j] * w[f].T", "x"),
    Written("ConvNaive", SHIFT, "+= dout[f, i, j] * w[f]", "+= dout[f, i, j] * w[f, ::-1, ::-1]", "x"),
    Written("ConvNaive", SUM, "db[f] += dout[f].sum()", "db[f] += dout[f, 0].sum()", "b", also=(ROW,)),
    Written("ConvIm2col", OVERWRITTEN, "dx[:, i:i + 3] +=", "dx[:, i:i + 3] =", "x"),
    Written("ConvIm2col", ROW, "range(dcols.shape[1])", "range(1, dcols.shape[1])", "x"),
    Written("ConvIm2col", TRANSPOSE, "reshape(x.shape[0], 3)", "reshape(3, x.shape[0]).T", "x"),
    Written("MaxPoolLoops", MASK, "np.max(window)", "np.min(window)", "x"),
    Written("MaxPoolLoops", MASK, "mask * dout[i, j]", "dout[i, j]", "x"),
    Written("MaxPoolLoops", BATCH, "mask * dout[i, j]", "mask * dout[i, j] / window.size", "x", also=(FACTOR,)),
    Written("BatchNormSteps", PATH, "dx1 + dx2", "dx1", "x"),
    Written("BatchNormSteps", FACTOR, "dxmu2 = 2 * xmu", "dxmu2 = xmu", "x", also=(PATH,)),
    Written("BatchNormSteps", OTHER, "dxhat = dout * gamma", "dxhat = dout", "x"),
    Written("BatchNormSteps", EPSILON, "0.5 / np.sqrt(var + eps)", "0.5 / np.sqrt(var)", "x", also=(PATH,)),
    Written("BatchNormSteps", SIGN, "-1 / sqrtvar**2", "1 / sqrtvar**2", "x", also=(PATH,)),
    Written("BatchNormSteps", BATCH, "dsq = 1 / N * ", "dsq = ", "x", also=(PATH,)),
    Written("LayerNormCourse", BATCH, "- dxn.sum(axis=1, keepdims=True)", "- dxn.mean(axis=1, keepdims=True)", "x", also=(PATH,)),
    Written("LayerNormCourse", PATH, " - xn * (dxn * xn).sum(axis=1, keepdims=True)", "", "x"),
    Written("LayerNormCourse", OTHER, "/ (D * std)", "/ D", "x"),
    Written("LayerNormCourse", OTHER, "(dy * xn).sum(axis=0)", "(dy * (x - mean)).sum(axis=0)", "scale"),
    Written("LayerNormCourse", SUM, "dy.sum(axis=0)", "dy.sum(axis=1)[:1] + 0 * shift", "shift", also=(TRANSPOSE,)),
    Written("GroupNorm", PATH, " - dxhat.mean(axis=2, keepdims=True)", "", "x"),
    Written("GroupNorm", SUM, "dout.sum(axis=(0, 2))", "dout[:, :, 0].sum(axis=0)", "beta"),
    Written("GroupNorm", BATCH, "xhat.reshape(x.shape)).sum(axis=(0, 2))", "xhat.reshape(x.shape)).mean(axis=(0, 2))", "gamma"),
    Written("SelfAttention", DIAGONAL, "weights * (dweights - np.sum(dweights * weights, axis=-1, keepdims=True))",
            "dweights * weights * (1 - weights)", "x wq wk"),
    Written("SelfAttention", PATH, "dq @ wq.T + dk @ wk.T + dv @ wv.T", "dq @ wq.T + dk @ wk.T", "x"),
    Written("SelfAttention", FACTOR, "dscores = dscores / scale", "pass", "x wq wk", also=(PATH,)),
    Written("SelfAttention", TRANSPOSE, "dv = weights.T @ dout", "dv = weights @ dout", "x wv"),
    Written("SelfAttention", SWAP, "x.T @ dq, x.T @ dk", "x.T @ dk, x.T @ dq", "wq wk"),
    Written("LstmCell", MISSING, "dh * o * (1 - tc**2)", "dh * o", "x h c Wx Wh", also=(PATH,)),
    Written("LstmCell", AT_A, "dg * (1 - g**2)", "dg * (1 - np.tanh(g)**2)", "x h Wx Wh", also=(PATH,)),
    Written("LstmCell", SWAP, "di, df, dg = dc * g, dc * c, dc * i", "di, df, dg = dc * c, dc * g, dc * i", "x h Wx Wh", also=(PATH,)),
    Written("LstmCell", OTHER, "dc * f, x.T", "dc, x.T", "c"),
    Written("LstmCell", ACTIVATION, "do * o * (1 - o)", "do * o", "x h Wx Wh", also=(PATH,)),
    Written("CharRnn", PATH, "dh = dhs[t] + dhnext", "dh = dhs[t]", "xs h0 Wxh Whh bh"),
    Written("CharRnn", SHIFT, "np.outer(dhraw, hs[t - 1])", "np.outer(dhraw, hs[t])", "Whh"),
    Written("CharRnn", OVERWRITTEN, "dbh += dhraw", "dbh = dhraw", "bh"),
    Written("CharRnn", MISSING, "(1 - hs[t] * hs[t]) * dh", "dh", "xs h0 Wxh Whh bh"),
    Written("CharRnn", TRANSPOSE, "np.dot(Whh.T, dhraw)", "np.dot(Whh, dhraw)", "xs h0 Wxh Whh bh"),
    Written("WordEmbedding", OVERWRITTEN, "np.add.at(dW, words, dout)", "dW[words] += dout", "W"),
    Written("SoftmaxLoss", BATCH, "dx /= N", "dx /= N * N", "scores"),
    Written("SoftmaxLoss", PATH, "dx[np.arange(N), np.arange(N) % scores.shape[1]] -= 1", "pass", "scores"),
    Written("FocalLoss", PATH, "2 * (1 - pt) * np.log(pt) - (1 - pt) ** 2 / pt", "-(1 - pt) ** 2 / pt", "logits"),
    Written("FocalLoss", SIGN, "(1 - pt) * s /", "(1 - pt) /", "logits", also=(MASK, OTHER)),
    Written("SmoothL1", FACTOR, "diff / 0.5, np", "diff, np", "pred target", also=(MASK,)),
    Written("SmoothL1", MASK, "np.where(small, diff / 0.5, np.sign(diff))", "np.sign(diff)", "pred target"),
    Written("CosineLoss", PATH, "a / (na * nb) - cos * b / nb**2", "a / (na * nb)", "b"),
    Written("CosineLoss", OTHER, "cos * a / na**2", "cos * a / na", "a", also=(PATH,)),
    Written("ResBlock", PATH, "dpre @ w1.T + dout", "dpre @ w1.T", "x"),
    Written("Dropout", MASK, "(dout @ w.T) * mask", "dout @ w.T", "x"),
    Written("Dropout", FACTOR, "(dout @ w.T) * mask", "(dout @ w.T) * (mask > 0)", "x"),
    Written("SwiGlu", PATH, "(sig + gate * sig * (1 - sig))", "sig", "x w"),
    Written("SwiGlu", ACTIVATION, "(sig + gate * sig * (1 - sig))", "act", "x w"),
    Written("SvmLoss", PATH, "dW[:, y] -= X[i]", "pass", "W"),
    Written("SvmLoss", FACTOR, "2 * 0.1 * W", "0.1 * W", "W", also=(PATH,)),
)
