"""What expressions are built from: symbols, numbers, constant matrices, and names for intermediate results."""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np
import sympy as sp

from jacobian.algebra import Identity
from jacobian.algebra.entries import Size, count
from jacobian.errors import InputError
from jacobian.symbolic.expr import Axes, Expr, Operation, make, size

SCALAR: Axes = (None, None)

SYMBOL = Operation("symbol", "", lambda y: None)
NUMBER = Operation("number", "", lambda y: None)
ONES = Operation("ones", "", lambda y: None, turn=lambda x, turn: make(x.operation, axes=x.axes[::-1]))
EYE = Operation("eye", "", lambda y: None, turn=lambda x, turn: x)
ZEROS = Operation("zeros", "", lambda y: None, turn=lambda x, turn: make(x.operation, axes=x.axes[::-1]))
COMMUTATION = Operation("commutation", "", lambda y: None, turn=lambda x, turn: commutation(*reversed(x.data)))
SELECTION = Operation("selection", "", lambda y: None)
INSERTION = Operation("insertion", "", lambda y: None)
TRIL = Operation("tril", "", lambda y: None)
PERMUTATION = Operation("permutation", "", lambda y: None)
GATHER = Operation("gather", "", lambda y: None)


def number(value: Any) -> Expr:
    """A number, or a size as a number: number(0.5), number(n)."""
    if isinstance(value, sp.Integer):
        return _whole(int(value))
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, bool) or not isinstance(value, (int, float, sp.Expr, Fraction)):
        raise InputError(f"an expression takes real numbers and sizes, but {value!r} was given")
    exact = _exact(value) if isinstance(value, float) else sp.sympify(value)
    if exact.is_finite is False or exact is sp.nan or exact.is_real is False:
        raise InputError(f"an expression takes finite real numbers, but {value!r} was given")
    return make(NUMBER, data=exact, axes=SCALAR)


@lru_cache
def _whole(value: int) -> Expr:
    return make(NUMBER, data=sp.Integer(value), axes=SCALAR)


def _exact(value: float) -> sp.Expr:
    """The fraction that somebody meant: 1/3 of 0.333…, 1/10 of 0.1. Raises InputError for NaN and infinity."""
    if not np.isfinite(value):
        raise InputError(f"an expression takes finite numbers, but {value!r} was given")
    short = Fraction(value).limit_denominator(10**4)
    return sp.Rational(short) if float(short) == value else sp.Rational(str(value))


def inserted(x: Expr) -> list[Expr]:
    """The blocks of an insertion, one below the other: zeros, the identity, zeros."""
    n, before, after = x.data
    width = count(n)
    above, below = ([zeros(rows, width)] if rows != 0 else [] for rows in (before, after))
    return [*above, eye(width), *below]


def ones(m: Size, n: Size = None) -> Expr:
    """1: the column, row or matrix of ones."""
    m, n = map(_axis, (m, n))
    return number(1) if m is n is None else make(ONES, axes=(m, n))


def zeros(m: Size, n: Size = None) -> Expr:
    """0 of the given axes."""
    m, n = map(_axis, (m, n))
    return number(0) if m is n is None else make(ZEROS, axes=(m, n))


def eye(n: Size) -> Expr:
    """I: the identity matrix."""
    n = _axis(n)
    return number(1) if n is None else make(EYE, axes=(n, n))


def _axis(n: Any) -> Size:
    return n if n is None or isinstance(n, sp.Symbol) else size(n)


def tril(n: Size) -> Expr:
    """The lower triangle of ones, its diagonal included."""
    return make(TRIL, axes=(n, n))


def commutation(m: Size, n: Size) -> Expr:
    """K with vec(Xᵀ) = K vec(X) for X of shape (m, n)."""
    total = count(m) * count(n)
    return eye(total) if 1 in (count(m), count(n)) else make(COMMUTATION, data=(m, n), axes=(total, total))


def expression(value: Any) -> Expr:
    """The value if it is an expression, else a number. Raises InputError for anything else (an array, say)."""
    if isinstance(value, Expr):
        return value
    if isinstance(value, (bool, str, bytes)) or np.ndim(value):
        raise InputError(f"an expression is built from expressions and numbers, but {value!r} was given: "
                         'declare arrays by name, jac.symbols("x: n"), and give their values when you evaluate')
    return number(value)


def is_zero(x: Expr) -> bool:
    return x.operation is ZEROS or (x.operation is NUMBER and x.data == 0)


def is_one(x: Expr) -> bool:
    return x.operation is ONES or (x.operation is NUMBER and x.data == 1)


# ---- names ---------------------------------------------------------------------------------------------------------


NAMED = Operation("named", "i j -> i j", lambda y, x: x, lambda y, k: Identity(y.size), linear="together")


def name(label: str, x: Any) -> Expr:
    """label := x, an intermediate result that derivations speak of by its name."""
    if not isinstance(label, str) or not re.fullmatch(r"[^\d\s+*@(),;=−-][^\s+*@(),;=−-]*", label):
        raise InputError(f"a name is a word such as 'z1', but {label!r} was given")
    return make(NAMED, (expression(x),), label)
