"""Functions of each row of a matrix, a row being a sample; a vector is one sample.

Source: Goodfellow, Bengio and Courville, Deep Learning (2016), 6.2.2.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from jacobian.algebra import Dense, Diagonal, Identity, Jacobian, Kronecker, LowRank, Product, Row, Scalar, Sum
from jacobian.algebra.entries import Size
from jacobian.errors import InputError, MissingRule, ShapeError
from jacobian.symbolic.arrays import vec
from jacobian.symbolic.elementwise import exp, log
from jacobian.symbolic.expr import Expr, Operation, make
from jacobian.symbolic.leaves import SCALAR, expression, number, ones
from jacobian.symbolic.operations import add, hadamard, matmul, scale, transpose
from jacobian.symbolic.reductions import total


def _along(x: Expr) -> tuple[Size, Size, int]:
    """(number of samples, entries of a sample, axis of the entries)."""
    m, n = x.axes
    return (n, m, 0) if n is None else (m, n, 1)


def _row_sums(x: Expr) -> Jacobian:
    """Each entry becomes the sum of its sample: I ⊗ 1 1ᵀ."""
    samples, n, _ = _along(x)
    return Kronecker(Identity(samples), LowRank(ones(n), ones(n)))


def _shifted(y: Expr, x: Any) -> tuple[Any, int]:
    axis = _along(y.args[0])[2]
    return (x if x.dtype == object else x - x.real.max(axis=axis, keepdims=True)), axis


def _exp(x: Any) -> Any:
    return exp.value(x)


def _softmax_value(y: Expr, x: Any) -> Any:
    x, axis = _shifted(y, x)
    e = _exp(x)
    return e / e.sum(axis=axis, keepdims=True)


def _softmax_jacobian(y: Expr, k: int) -> Jacobian:
    p = Diagonal(y)
    return Sum((p, Product((Scalar(number(-1), y.size), p, _row_sums(y), p)))) if None not in y.axes else \
        Sum((p, LowRank(scale(number(-1), vec(y)), vec(y))))


SOFTMAX = Operation("softmax", "i j -> i j", _softmax_value, _softmax_jacobian,
                    "Goodfellow, Bengio and Courville, Deep Learning (2016), 6.2.2.3")


def softmax(x: Any) -> Expr:
    """softmax(x)ᵢ = exp(xᵢ) / Σⱼ exp(xⱼ), of a vector or of each row of a matrix."""
    return make(SOFTMAX, (_sampled(x, "softmax"),))


def _lse_value(y: Expr, x: Any) -> Any:
    shifted, axis = _shifted(y, x)
    top = x.real.max(axis=axis, keepdims=True) if x.dtype != object else 0
    return log.value(_exp(shifted).sum(axis=axis, keepdims=True)) + top


def _lse_jacobian(y: Expr, k: int) -> Jacobian:
    x = y.args[0]
    samples, n, _ = _along(x)
    p = softmax(x)
    if samples is None:
        return Row(p)
    return Product((Kronecker(Identity(samples), Dense(transpose(ones(n)))), Diagonal(p)))


LOG_SUM_EXP = Operation("log_sum_exp", "i j", _lse_value, _lse_jacobian,
                        "Boyd and Vandenberghe, Convex Optimization (2004), 3.1.5")


def log_sum_exp(x: Any) -> Expr:
    """log Σⱼ exp(xⱼ): a scalar of a vector, a column (one number for each row) of a matrix."""
    x = _sampled(x, "log_sum_exp")
    return make(LOG_SUM_EXP, (x,), axes=(_along(x)[0], None))


def log_softmax(x: Any) -> Expr:
    """log softmax(x) = x − log Σⱼ exp(xⱼ)."""
    x = _sampled(x, "log_softmax")
    samples, n, _ = _along(x)
    top = log_sum_exp(x)
    spread = matmul(top, transpose(ones(n))) if samples is not None else scale(top, ones(*x.axes))
    return add(x, scale(number(-1), spread))


def _sampled(x: Any, what: str) -> Expr:
    x = expression(x)
    if x.axes == SCALAR:
        raise ShapeError(f"{what} takes a vector or a matrix whose rows are samples, but {x} is a scalar")
    return x


# ---- cross-entropy -------------------------------------------------------------------------------------------------


def _cross_entropy_value(y: Expr, z: Any, t: Any) -> Any:
    axis = _along(y.args[0])[2]
    shifted, _ = _shifted(y, z)
    logp = shifted - log.value(_exp(shifted).sum(axis=axis, keepdims=True))
    return -(t * logp).sum(keepdims=True)


def _cross_entropy_jacobian(y: Expr, k: int) -> Jacobian:
    z, t = y.args
    if k == 1:
        return Row(scale(number(-1), log_softmax(z)))
    p = softmax(z)
    weighted = p if sums_to_one(t) else _weighted(t, p)
    return Row(add(weighted, scale(number(-1), t)))


def _weighted(t: Expr, p: Expr) -> Expr:
    """Each sample of p times the sum of that sample of t."""
    samples, n, _ = _along(t)
    if samples is None:
        return scale(total(t), p)
    return hadamard(matmul(t, ones(n), transpose(ones(n))), p)


CROSS_ENTROPY = Operation("cross_entropy", "i j, i j -> · ·", _cross_entropy_value, _cross_entropy_jacobian,
                          "Goodfellow, Bengio and Courville, Deep Learning (2016), 6.2.2.3")


def cross_entropy(z: Any, t: Any) -> Expr:
    """−Σ t ∘ log softmax(z): of logits z and targets t, summed over samples.

    t has the shape of z (one-hot or any weights), or holds class indices: one for each sample. Where t is known to be
    one-hot the derivative is softmax(z) − t, else each softmax is weighted by the sum of its targets.
    """
    z, t = _sampled(z, "cross_entropy"), expression(t)
    samples, n, _ = _along(z)
    if "index" in t.assumptions:
        if t.axes != (samples, None):
            raise ShapeError(f"class indices of logits {z} of shape {z.shape} have shape "
                             f"{() if samples is None else (samples,)}, but {t} has {t.shape}")
        t = onehot(t, n)
    if t.axes != z.axes:
        raise ShapeError(f"targets have the shape of the logits {z}, {z.shape}, but {t} has {t.shape}")
    return make(CROSS_ENTROPY, (z, t))


def _onehot_value(y: Expr, c: Any, entries: Any) -> Any:
    if not np.isin(c.real, np.arange(entries.size)).all():
        raise InputError(f"{y.args[0]} counts classes 0 … {entries.size - 1}, but {c.real.reshape(-1)} was given")
    hot = np.arange(entries.size) == c.real.astype(int)
    return (hot.T if y.axes[1] is None else hot).astype(int).astype(entries.dtype)


def _onehot_jacobian(y: Expr, k: int) -> Jacobian:
    raise MissingRule(f"{y.args[0]} counts classes: there is no derivative by an index")


ONEHOT = Operation("onehot", "", _onehot_value, _onehot_jacobian)


def onehot(c: Any, n: Size) -> Expr:
    """e_c: a one at the index c and zeros elsewhere; one row for each index of a vector."""
    c = expression(c)
    axes = (n, None) if c.axes == SCALAR else (c.size, n)
    return make(ONEHOT, (c, ones(n)), axes=axes)


def sums_to_one(t: Expr) -> bool:
    """Whether the entries of each sample are known to add up to 1."""
    return "onehot" in t.assumptions or t.operation in (ONEHOT, SOFTMAX)
