"""Elementwise functions: each a SymPy expression in one variable, with its slope and its stable NumPy form.

The derivative of a row is SymPy's; a row may give it in terms of the argument and the output, which is how a textbook
writes it (tanh′(x) = 1 − y²). Tests compare the three. Source: Abramowitz and Stegun (1964), chapters 4 and 7.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import numpy as np
import sympy as sp

from jacobian.algebra import Column, Diagonal, Jacobian, Row
from jacobian.errors import InputError, ShapeError
from jacobian.symbolic.expr import Expr, Operation, make
from jacobian.symbolic.leaves import NUMBER, SCALAR, expression, is_one, number, ones, zeros
from jacobian.symbolic.operations import SCALE, add, coefficient, hadamard, inside, scale

X = sp.Symbol("x", real=True)
_standing_in: ContextVar[bool] = ContextVar("standing_in", default=False)


@contextmanager
def standing_in() -> Iterator[None]:
    """Within this block abstract functions have the value of a function that stands in for them, as checks need."""
    token = _standing_in.set(True)
    try:
        yield
    finally:
        _standing_in.reset(token)


@dataclass(frozen=True)
class Function:
    """y = f(x) entry by entry; `rule` writes f(x) as a SymPy expression, when it is first asked for (`form`).

    `numpy` is a stable form for float and complex arrays (complex ones for the complex step); without it SymPy writes
    one. `slope(x, y)` builds f′(x) where that is shorter than a function of its own named f′. Of an `abstract` function
    the rule stands in for it in checks. `exponent` is that of a power, which is written xᵏ.
    """

    name: str
    rule: Callable[[sp.Symbol], sp.Expr]
    numpy: Callable[[Any], Any] | None = None
    slope: Callable[[Expr, Expr], Expr] | None = None
    exponent: Any = None
    abstract: bool = False

    def __call__(self, x: Any) -> Expr:
        return make(MAP, (expression(x),), self)

    @property
    def label(self) -> str:
        """g of a function g, dg of its derivative g′: a name that can be typed."""
        return "d" * self.name.count("′") + self.name.replace("′", "")

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
        return Function(self.name + "′", lambda x: sp.diff(self.form, x), abstract=self.abstract)

    def value(self, x: Any) -> Any:
        """f at an array of floats, complex numbers or SymPy entries. Raises InputError for an abstract f at numbers."""
        if self.abstract and not _standing_in.get():
            if x.dtype == object:
                return np.vectorize(sp.Function(self.name), otypes=[object])(x)
            raise InputError(f"{self.name} is an abstract function and has no values: "
                             f'use jac.elementwise("{self.name}", …) with a SymPy expression in one variable')
        if x.dtype == object:
            return np.vectorize(lambda entry: self.form.subs(X, entry), otypes=[object])(x)
        return (self.numpy or _written(self))(x)


@cache
def _form(f: Function) -> sp.Expr:
    return f.rule(X)


@cache
def _written(f: Function) -> Callable[[Any], Any]:
    pieces = f.form.replace(lambda e: e.is_Relational, lambda e: e.func(sp.Function("real")(e.lhs - e.rhs), 0))
    written = sp.lambdify(X, pieces, [{"erf": _erf, "sign": _sign, "Abs": _absolute}, "numpy"])

    def value(x: Any) -> Any:
        return np.asarray(np.broadcast_to(written(x), x.shape)).astype(x.dtype, copy=False)

    return value


def _map_jacobian(y: Expr, k: int) -> Jacobian:
    slope = y.data.derivative(y.args[0], y)
    return Diagonal(slope) if y.axes != SCALAR else Row(slope)


MAP = Operation("map", "i j -> i j", lambda y, x: y.data.value(x), _map_jacobian, "chain rule, entry by entry",
                turn=inside, entrywise=True)


# ---- powers --------------------------------------------------------------------------------------------------------


def _number(value: Any, what: str) -> Any:
    """The value as an exact number. Raises InputError for sizes and expressions, which are none."""
    found = expression(value)
    if found.operation is not NUMBER or not found.data.is_number:
        raise InputError(f"{what} is a number, but {value} was given")
    return found.data


def _power(k: Any) -> Function:
    def numpy(x: Any) -> Any:
        return np.sqrt(x) if k == sp.Rational(1, 2) else x ** (int(k) if k.is_Integer else float(k))

    def slope(x: Expr, y: Expr) -> Expr:
        return scale(number(k), power(x, k - 1))

    return Function(f"power {k}", lambda x: x**k, numpy, slope, k)


_power_row = lru_cache(maxsize=None)(_power)


def _exponent_jacobian(y: Expr, k: int) -> Jacobian:
    x, c = y.args
    if k == 1:
        slope = hadamard(log(x), y)
        return Column(slope) if c.axes == SCALAR != x.axes else _diagonal(slope)
    less = add(c, scale(number(-1), ones(*c.axes)))
    return _diagonal(scale(c, power(x, less)) if c.axes == SCALAR else hadamard(c, power(x, less)))


def _diagonal(slope: Expr) -> Jacobian:
    return Row(slope) if slope.axes == SCALAR else Diagonal(slope)


POWER = Operation("power", "i j, k l -> i j", lambda y, x, c: x**c, _exponent_jacobian)


SQUARES: dict[Operation, Callable[..., Expr]] = {}      # what has a square that is smooth where it is not: a norm


def power(x: Any, k: Any) -> Expr:
    """xᵏ entry by entry, for an exponent k that is a number, a scalar, or of the shape of x. Raises ShapeError."""
    x, k = expression(x), expression(k)
    if k.axes not in (SCALAR, x.axes):
        raise ShapeError(f"{x} of shape {x.shape} to the power {k} of shape {k.shape}: the exponent is a scalar, "
                         "or has the shape of the base")
    if k.operation is not NUMBER or not k.data.is_number:
        return make(POWER, (x, k))
    c = k.data
    if c == 0:
        return ones(*x.axes)
    if c == 1:
        return x
    if x.operation is NUMBER:
        return number(x.data**c)
    if is_one(x):
        return x
    if c.is_Integer and c % 2 == 0 and x.operation in SQUARES:
        return power(SQUARES[x.operation](*x.args), c / 2)
    if c.is_Integer:
        base, k = (x.args[0], x.data.exponent) if x.operation is MAP and x.data.exponent is not None else (x, 1)
        front, rest = coefficient(base)
        if k != 1 or front != 1:
            return scale(number(front**(k * c)), power(rest, k * c)) if (k * c).is_Integer else \
                power(base, k * c)
        if x.operation is SCALE:
            return scale(power(x.args[0], c), power(x.args[1], c))
    return make(MAP, (x,), _power_row(c))


# ---- NumPy forms that keep every digit, for real and complex arrays ------------------------------------------------


def _sigmoid(x: Any) -> Any:
    e = np.exp(np.where(x.real >= 0, -x, x))
    return np.where(x.real >= 0, 1, e) / (1 + e)


def _softplus(x: Any) -> Any:
    return np.where(x.real > 0, x, 0) + np.log1p(np.exp(np.where(x.real > 0, -x, x)))


def _rectified(slope: Any) -> Callable[[Any], Any]:
    return lambda x: np.where(x.real > 0, x, x * x.dtype.type(slope) if slope else np.where(np.isnan(x), x, 0))


def _sign(x: Any) -> Any:
    return np.sign(x.real).astype(x.dtype)


def _absolute(x: Any) -> Any:
    return x * _sign(x)


def _erf(x: Any) -> Any:
    """erf(a + ib) to first order in b, all that a complex step needs."""
    value = np.vectorize(math.erf, otypes=[float])(x.real).astype(x.dtype)
    return value + 1j * x.imag * (2 / np.sqrt(np.pi)) * np.exp(-x.real**2) if x.dtype.kind == "c" else value


def _normal(x: Any) -> Any:
    """Φ(x) = erfc(−x/√2)/2, with all its digits far to the left."""
    value = 0.5 * np.vectorize(math.erfc, otypes=[float])(-x.real / np.sqrt(2)).astype(x.dtype)
    return value + 1j * x.imag * np.exp(-x.real**2 / 2) / np.sqrt(2 * np.pi) if x.dtype.kind == "c" else value


def _elu(x: Any) -> Any:
    return np.where(x.real > 0, x, np.expm1(np.where(x.real > 0, 0, x)))


# ---- the table -----------------------------------------------------------------------------------------------------


def _one_less(y: Expr) -> Expr:
    return add(ones(*y.axes), scale(number(-1), y))


def _shifted(c: int, s: int, x: Expr, k: Any) -> Expr:
    """(c + s x²)ᵏ."""
    return power(add(scale(number(c), ones(*x.axes)), scale(number(s), power(x, 2))), k)


HALF = sp.Rational(1, 2)
relu = Function("ReLU", lambda x: sp.Piecewise((x, x > 0), (0, True)), _rectified(0))
sigmoid = Function("σ", lambda x: 1 / (1 + sp.exp(-x)), _sigmoid, lambda x, y: hadamard(y, _one_less(y)))
tanh = Function("tanh", sp.tanh, np.tanh, lambda x, y: _one_less(power(y, 2)))
exp = Function("exp", sp.exp, np.exp, lambda x, y: y)
log = Function("log", sp.log, np.log, lambda x, y: power(x, -1))
log1p = Function("log1p", lambda x: sp.log(1 + x), np.log1p, lambda x, y: power(add(ones(*x.axes), x), -1))
expm1 = Function("expm1", lambda x: sp.exp(x) - 1, np.expm1, lambda x, y: exp(x))
sin = Function("sin", sp.sin, np.sin, lambda x, y: cos(x))
cos: Function = Function("cos", sp.cos, np.cos, lambda x, y: scale(number(-1), sin(x)))
tan = Function("tan", sp.tan, np.tan, lambda x, y: add(ones(*x.axes), power(y, 2)))
arcsin = Function("arcsin", sp.asin, np.arcsin, lambda x, y: _shifted(1, -1, x, -HALF))
arccos = Function("arccos", sp.acos, np.arccos, lambda x, y: scale(number(-1), _shifted(1, -1, x, -HALF)))
arctan = Function("arctan", sp.atan, np.arctan, lambda x, y: _shifted(1, 1, x, -1))
sinh = Function("sinh", sp.sinh, np.sinh, lambda x, y: cosh(x))
cosh: Function = Function("cosh", sp.cosh, np.cosh, lambda x, y: sinh(x))
arcsinh = Function("arcsinh", sp.asinh, np.arcsinh, lambda x, y: _shifted(1, 1, x, -HALF))
arccosh = Function("arccosh", sp.acosh, np.arccosh, lambda x, y: _shifted(-1, 1, x, -HALF))
arctanh = Function("arctanh", sp.atanh, np.arctanh, lambda x, y: _shifted(1, -1, x, -1))
erf = Function("erf", sp.erf, _erf, lambda x, y: scale(number(2 / sp.sqrt(sp.pi)), exp(scale(number(-1), power(x, 2)))))
absolute = Function("abs", sp.Abs, _absolute, lambda x, y: sign(x))
sign: Function = Function("sign", sp.sign, _sign, lambda x, y: zeros(*x.axes))
elu = Function("ELU", lambda x: sp.Piecewise((x, x > 0), (sp.exp(x) - 1, True)), _elu)
normal = Function("Φ", lambda x: (1 + sp.erf(x / sp.sqrt(2))) / 2, _normal, lambda x, y: density(x))
density: Function = Function("φ", lambda x: sp.exp(-x**2 / 2) / sp.sqrt(2 * sp.pi),
                   lambda x: np.exp(-x * x / 2) / np.sqrt(2 * np.pi), lambda x, y: scale(number(-1), hadamard(x, y)))
gelu = Function("GELU", lambda x: x * (1 + sp.erf(x / sp.sqrt(2))) / 2, lambda x: x * _normal(x),
                lambda x, y: add(normal(x), hadamard(x, density(x))))
silu = Function("SiLU", lambda x: x / (1 + sp.exp(-x)), lambda x: x * _sigmoid(x),
                lambda x, y: add(sigmoid(x), hadamard(y, _one_less(sigmoid(x)))))
softplus = Function("softplus", lambda x: sp.log(1 + sp.exp(x)), _softplus, lambda x, y: sigmoid(x))

TABLE = {f.name: f for f in (
    relu, sigmoid, tanh, exp, log, log1p, expm1, sin, cos, tan, arcsin, arccos, arctan, sinh, cosh, arcsinh, arccosh,
    arctanh, erf, absolute, sign, elu, normal, density, gelu, silu, softplus)}


def sqrt(x: Any) -> Expr:
    """√x entry by entry."""
    return power(x, HALF)


@cache
def _leaky(slope: Any) -> Function:
    return Function("LReLU", lambda x: sp.Piecewise((x, x > 0), (slope * x, True)), _rectified(float(slope)))


HUNDREDTH = sp.Rational(1, 100)
LEAKY = _leaky(HUNDREDTH)


def leaky_relu(x: Any, slope: Any = HUNDREDTH) -> Expr:
    """max(x, 0) + slope · min(x, 0), entry by entry."""
    return _leaky(_number(slope, "a slope"))(x)


def sloped(x: Any, slope: Any) -> Expr:
    """The same, written out where the slope is not the usual one: slope · x + (1 − slope) · ReLU(x)."""
    x, slope = expression(x), expression(slope)
    return LEAKY(x) if slope == number(HUNDREDTH) else add(scale(slope, x), scale(_one_less(slope), relu(x)))


# ---- functions of users --------------------------------------------------------------------------------------------


def elementwise(label: str, form: sp.Expr) -> Function:
    """A function of your own from a SymPy expression in one variable: elementwise("swish", x/(1 + exp(-x)))."""
    form = sp.sympify(form) if isinstance(form, (sp.Expr, int, float)) else None
    if form is None or len(form.free_symbols) > 1:
        raise InputError("an elementwise function is a SymPy expression in one variable")
    return _own(_named(label), form.subs(dict.fromkeys(form.free_symbols, X)))


def function(label: str) -> Function:
    """An abstract function g of one variable, applied entry by entry: its derivative is g′. It has no values."""
    return _abstract(_named(label))


def _named(label: Any) -> str:
    if not isinstance(label, str) or not label.strip():
        raise InputError(f"an elementwise function has a name, such as 'swish', but {label!r} was given")
    return label


@cache
def _own(label: str, form: sp.Expr) -> Function:
    return Function(label, lambda x: form.subs(X, x))


@cache
def _abstract(label: str) -> Function:
    own = sp.Rational(10 + zlib.crc32(label.encode()) % 89, 250)        # so that two functions do not stand in alike
    return Function(label, lambda x: sp.sin(x) + own * x**3, abstract=True)
