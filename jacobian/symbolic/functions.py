"""Functions of expressions: elementwise ones, each a SymPy expression in one variable, and those of whole rows.

The derivative of an elementwise function is SymPy's; a row may give it in terms of the output, which is how a textbook
writes it (tanh′(x) = 1 − y²), and its fast and stable NumPy form. Tests compare the three.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import numpy as np
import sympy as sp

from jacobian.algebra import Dense, Diagonal, Identity, Jacobian, Kronecker, LowRank, Product, Row, Scalar, Sum
from jacobian.algebra.entries import Size
from jacobian.errors import InputError, MissingRule, ShapeError
from jacobian.symbolic.expr import Expr, Operation, make
from jacobian.symbolic.operations import (
    NUMBER,
    SCALAR,
    add,
    expression,
    hadamard,
    matmul,
    number,
    ones,
    scale,
    transpose,
    zeros,
)

X = sp.Symbol("x", real=True)


# ---- elementwise ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Function:
    """y = f(x) entry by entry; `rule` writes f(x) as a SymPy expression, when it is first asked for (`form`).

    `numpy` is a stable form for float and complex arrays (complex ones for the complex step); without it SymPy writes
    one. `slope(x, y)` builds f′(x) where that is shorter than a function of its own named f′.
    """

    name: str
    rule: Callable[[sp.Symbol], sp.Expr]
    numpy: Callable[[Any], Any] | None = None
    slope: Callable[[Expr, Expr], Expr] | None = None
    exponent: Any = None        # of a power, which is written xᵏ

    def __call__(self, x: Any) -> Expr:
        return make(MAP, (expression(x),), self)

    @property
    def form(self) -> sp.Expr:
        """f(X) as a SymPy expression."""
        return _form(self)

    def derivative(self, x: Expr, y: Expr) -> Expr:
        """f′(x), given y = f(x)."""
        if self.slope:
            return self.slope(x, y)
        return zeros(*x.axes) if self.prime().form.is_zero else self.prime()(x)

    @cache  # noqa: B019 (rows of a table live as long as the program)
    def prime(self) -> Function:
        """f′ as a function of its own."""
        return Function(self.name + "′", lambda x: sp.diff(self.form, x))

    def value(self, x: Any) -> Any:
        """f at an array of floats, complex numbers or SymPy entries."""
        if x.dtype == object:
            return np.vectorize(lambda entry: self.form.subs(X, entry), otypes=[object])(x)
        return (self.numpy or _written(self))(x)


@cache
def _form(f: Function) -> sp.Expr:
    return f.rule(X)


@cache
def _written(f: Function) -> Callable[[Any], Any]:
    pieces = f.form.replace(lambda e: e.is_Relational, lambda e: e.func(sp.Function("real")(e.lhs - e.rhs), 0))
    written = sp.lambdify(X, pieces, "numpy")

    def value(x: Any) -> Any:
        return np.asarray(np.broadcast_to(written(x), x.shape)).astype(x.dtype, copy=False)

    return value


def _map_jacobian(y: Expr, k: int) -> Jacobian:
    slope = y.data.derivative(y.args[0], y)
    return Diagonal(slope) if y.axes != SCALAR else Row(slope)


MAP = Operation("map", "i j -> i j", lambda y, x: y.data.value(x), _map_jacobian, "chain rule, entry by entry")


def _number(value: Any, what: str) -> Any:
    """The value as an exact number. Raises InputError for sizes and expressions, which are none."""
    found = expression(value)
    if found.operation is not NUMBER or not found.data.is_number:
        raise InputError(f"{what} is a number, but {value} was given")
    return found.data


def _power(k: Any) -> Function:
    def numpy(x: Any) -> Any:
        return x ** (int(k) if k.is_Integer else float(k))

    def slope(x: Expr, y: Expr) -> Expr:
        return scale(number(k), power(x, k - 1))

    return Function(f"power {k}", lambda x: x**k, numpy, slope, k)


def power(x: Any, k: Any) -> Expr:
    """xᵏ entry by entry for a number k."""
    x, k = expression(x), _number(k, "an exponent")
    if k == 0:
        return ones(*x.axes)
    if x.operation is NUMBER:
        return number(x.data**k)
    return x if k == 1 else make(MAP, (x,), _power_row(k))


_power_row = lru_cache(maxsize=None)(_power)


def _sigmoid(x: Any) -> Any:
    e = np.exp(np.where(x.real >= 0, -x, x))
    return np.where(x.real >= 0, 1, e) / (1 + e)


def _rectified(slope: Any) -> Callable[[Any], Any]:
    return lambda x: np.where(x.real > 0, x, x * x.dtype.type(slope) if slope else np.where(np.isnan(x), x, 0))


relu = Function("ReLU", lambda x: sp.Piecewise((x, x > 0), (0, True)), _rectified(0))
sigmoid = Function("σ", lambda x: 1 / (1 + sp.exp(-x)), _sigmoid,
                   lambda x, y: hadamard(y, add(ones(*x.axes), scale(number(-1), y))))
tanh = Function("tanh", sp.tanh, np.tanh, lambda x, y: add(ones(*x.axes), scale(number(-1), power(y, 2))))
exp = Function("exp", sp.exp, np.exp, lambda x, y: y)
log = Function("log", sp.log, np.log, lambda x, y: power(x, -1))


@cache
def _leaky(slope: Any) -> Function:
    return Function("LReLU", lambda x: sp.Piecewise((x, x > 0), (slope * x, True)), _rectified(float(slope)))


def leaky_relu(x: Any, slope: Any = 0.01) -> Expr:
    """max(x, 0) + slope · min(x, 0), entry by entry."""
    return _leaky(_number(slope, "a slope"))(x)


def elementwise(label: str, form: sp.Expr) -> Function:
    """A function of your own from a SymPy expression in one variable: elementwise("swish", x/(1 + exp(-x)))."""
    form = sp.sympify(form) if isinstance(form, (sp.Expr, int, float)) else None
    if form is None or len(form.free_symbols) > 1:
        raise InputError("an elementwise function is a SymPy expression in one variable")
    if not isinstance(label, str) or not label.strip():
        raise InputError(f"an elementwise function has a name, such as 'swish', but {label!r} was given")
    return _own(label, form.subs(dict.fromkeys(form.free_symbols, X)))


@cache
def _own(label: str, form: sp.Expr) -> Function:
    return Function(label, lambda x: form.subs(X, x))


# ---- whole arrays --------------------------------------------------------------------------------------------------


def _double(y: Expr, k: int) -> Jacobian:
    return Row(scale(number(2), y.args[0]))


def _half_square_value(y: Expr, x: Any) -> Any:
    return (x * x).sum(keepdims=True) / (x.dtype.type(2) if x.dtype != object else sp.Integer(2))


SQUARE = Operation("square", "i j -> · ·", lambda y, x: (x * x).sum(keepdims=True), _double)
HALF_SQUARE = Operation("half_square", "i j -> · ·", _half_square_value, lambda y, k: Row(y.args[0]))


def square(x: Any) -> Expr:
    """‖x‖² = Σ xᵢⱼ², of a vector or (Frobenius) of a matrix."""
    return make(SQUARE, (expression(x),))


def half_square(x: Any) -> Expr:
    """½‖x‖² = ½ Σ xᵢⱼ²."""
    return make(HALF_SQUARE, (expression(x),))


def total(x: Any) -> Expr:
    """sum(x) = 1ᵀ x of a vector, 1ᵀ X 1 of a matrix."""
    x = expression(x)
    m, n = x.axes
    factors = [*([] if m is None else [transpose(ones(m))]), x, *([] if n is None else [ones(n)])]
    return matmul(*factors)


# ---- rows: each row of a matrix is a sample; a vector is one sample ------------------------------------------------


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
        Sum((p, LowRank(scale(number(-1), y), y)))


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
    return (hot.T if y.axes[1] is None else hot).astype(entries.dtype)


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

