"""Sums, means, norms and extremes of the entries of an array, and of its rows and columns.

Several largest entries share the derivative equally, as in torch; a norm has no derivative at 0, it is NaN there.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from jacobian.algebra import Diagonal, Jacobian, Row, Zero
from jacobian.errors import MissingRule, ShapeError
from jacobian.symbolic.elementwise import SQUARES, absolute, power, sign
from jacobian.symbolic.expr import Expr, Operation, alike, make
from jacobian.symbolic.leaves import SCALAR, expression, number, ones, zeros
from jacobian.symbolic.operations import matmul, scale, transpose

# ---- sums and means ------------------------------------------------------------------------------------------------


def total(x: Any) -> Expr:
    """sum(x) = 1ᵀ x of a vector, 1ᵀ X 1 of a matrix."""
    x = expression(x)
    m, n = x.axes
    factors = [*([] if m is None else [transpose(ones(m))]), x, *([] if n is None else [ones(n)])]
    return matmul(*factors)


def mean(x: Any) -> Expr:
    """sum(x) divided by the number of entries."""
    x = expression(x)
    return scale(number(1 / sp.sympify(x.size)), total(x))


def row_sums(x: Any) -> Expr:
    """X 1: the sum of each row of a matrix (m, n), shape (m,)."""
    x = _matrix(x, "row_sums")
    return matmul(x, ones(x.axes[1]))


def column_sums(x: Any) -> Expr:
    """Xᵀ 1: the sum of each column of a matrix (m, n), shape (n,)."""
    x = _matrix(x, "column_sums")
    return matmul(transpose(x), ones(x.axes[0]))


def row_means(x: Any) -> Expr:
    """X 1/n: the mean of each row of a matrix (m, n), shape (m,)."""
    x = _matrix(x, "row_means")
    return scale(number(1 / sp.sympify(x.axes[1])), row_sums(x))


def column_means(x: Any) -> Expr:
    """Xᵀ 1/m: the mean of each column of a matrix (m, n), shape (n,)."""
    x = _matrix(x, "column_means")
    return scale(number(1 / sp.sympify(x.axes[0])), column_sums(x))


def _matrix(x: Any, what: str) -> Expr:
    x = expression(x)
    if None in x.axes:
        raise ShapeError(f"{what} takes a matrix, but {x} has shape {x.shape}")
    return x


# ---- norms ---------------------------------------------------------------------------------------------------------


def _half_square_value(y: Expr, x: Any) -> Any:
    return (x * x).sum(keepdims=True) / (x.dtype.type(2) if x.dtype != object else sp.Integer(2))


def _norm_value(y: Expr, x: Any) -> Any:
    if x.dtype == object:
        return np.array([[sp.sqrt((x * x).sum())]], dtype=object)
    largest = np.abs(x.real).max(initial=0)
    largest = np.where((largest > 0) & np.isfinite(largest), largest, 1).astype(x.real.dtype)
    return largest * np.sqrt(np.square(x / largest).sum(keepdims=True))


SQUARE = Operation("square", "i j -> · ·", lambda y, x: (x * x).sum(keepdims=True),
                   lambda y, k: Row(scale(number(2), y.args[0])))
HALF_SQUARE = Operation("half_square", "i j -> · ·", _half_square_value, lambda y, k: Row(y.args[0]))
NORM = Operation("norm", "i j -> · ·", _norm_value, lambda y, k: Row(scale(power(y, -1), y.args[0])))
NORM1 = Operation("norm1", "i j -> · ·", lambda y, x: absolute.value(x).sum(keepdims=True),
                  lambda y, k: Row(sign(y.args[0])))


def square(x: Any) -> Expr:
    """‖x‖² = Σ xᵢⱼ², of a vector or (Frobenius) of a matrix."""
    return make(SQUARE, (expression(x),))


def half_square(x: Any) -> Expr:
    """½‖x‖² = ½ Σ xᵢⱼ²."""
    return make(HALF_SQUARE, (expression(x),))


def norm(x: Any) -> Expr:
    """‖x‖ = √Σ xᵢⱼ²: the 2-norm of a vector, the Frobenius norm of a matrix; no derivative at 0."""
    return make(NORM, (expression(x),))


SQUARES[NORM] = square


def norm1(x: Any) -> Expr:
    """‖x‖₁ = Σ |xᵢⱼ|, the entries of a matrix taken as one vector; at an entry 0 the derivative is 0."""
    return make(NORM1, (expression(x),))


# ---- extremes ------------------------------------------------------------------------------------------------------


def _shares(x: Any, top: Any) -> Any:
    hit = (x.real == top).astype(int)
    return (hit * sp.Rational(1, int(hit.sum())) if x.dtype == object else hit / hit.sum()).astype(x.dtype)


def _peak_value(y: Expr, x: Any) -> Any:
    if x.dtype == object and not all(sp.sympify(entry).is_number for entry in x.flat):
        raise MissingRule(f"{y} has no explicit entries: where the {y.data} stands is known of numbers only")
    return _shares(x, getattr(x.real, y.data)())


def _extreme_value(y: Expr, x: Any) -> Any:
    if x.dtype == object:
        return np.array([[{"max": sp.Max, "min": sp.Min}[y.data](*x.flat)]], dtype=object)
    return (_peak_value(y, x) * x).sum(keepdims=True)


def _flat(y: Expr, k: int) -> Jacobian:
    return Zero(y.size, y.args[k].size) if y.axes != SCALAR else Row(zeros(*y.args[k].axes))


PEAK = Operation("peak", "i j -> i j", _peak_value, _flat)
EXTREME = Operation("extreme", "i j -> · ·", _extreme_value, lambda y, k: Row(make(PEAK, y.args, y.data)))


def maximum(x: Any) -> Expr:
    """The largest entry; its gradient is 1 at that entry, equal shares where several are the largest."""
    return make(EXTREME, (expression(x),), "max")


def minimum(x: Any) -> Expr:
    """The smallest entry; its gradient is 1 at that entry, equal shares where several are the smallest."""
    return make(EXTREME, (expression(x),), "min")


def _greater_value(y: Expr, a: Any, b: Any) -> Any:
    if object in (a.dtype, b.dtype):
        return np.vectorize(lambda p, q: sp.Heaviside(p - q, sp.Rational(1, 2)), otypes=[object])(a, b)
    return np.heaviside((a - b).real, 0.5).astype(np.result_type(a, b))


def _larger_value(y: Expr, a: Any, b: Any) -> Any:
    if object in (a.dtype, b.dtype):
        return np.vectorize({"max": sp.Max, "min": sp.Min}[y.data], otypes=[object])(a, b)
    first = (a.real > b.real) if y.data == "max" else (a.real < b.real)
    return np.where(first | np.isnan(a.real), a, b)


def _larger_jacobian(y: Expr, k: int) -> Jacobian:
    own, other = y.args[k], y.args[1 - k]
    chosen = make(GREATER, (own, other) if y.data == "max" else (other, own))
    return Diagonal(chosen) if y.axes != SCALAR else Row(chosen)


GREATER = Operation("greater", "i j, i j -> i j", _greater_value, _flat)
LARGER = Operation("larger", "i j, i j -> i j", _larger_value, _larger_jacobian)


def larger(a: Any, b: Any) -> Expr:
    """max(a, b) entry by entry, of one shape; where both are equal the derivative by each is ½."""
    return _chosen(expression(a), expression(b), "max")


def smaller(a: Any, b: Any) -> Expr:
    """min(a, b) entry by entry, of one shape; where both are equal the derivative by each is ½."""
    return _chosen(expression(a), expression(b), "min")


def _chosen(a: Expr, b: Expr, word: str) -> Expr:
    return a if alike(a, b) else make(LARGER, (a, b), word)
