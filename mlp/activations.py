"""Activations: a = f(z) entry by entry, so that the Jacobian is diagonal. Adding one is adding a row.

A row says what f is in symbols, and f and f′ in NumPy, in forms that keep their digits in every tail and overflow
nowhere. At a kink the slope is the one that torch takes; `Activation.slopes` gives those on both sides.
Sources: Abramowitz and Stegun (1964), chapters 4 and 26, for the forms; for each function the paper named in its row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from numbers import Real
from typing import Any

import numpy as np
import sympy as sp

import jacobian as jac
from mlp.given import Array
from mlp.layer import Arrays, Layer, Pick
from mlp.normal import density, distribution


@dataclass(frozen=True)
class Row:
    """One activation: its formula in words, spec(z, …) in symbols, value(z, …) and slope(z, …) in NumPy, its kinks.

    `usual` names its constants with their usual values; kinks(…) are the places where left and right slopes differ.
    `gain(…)` is the factor by which He et al. (2015, eq. 10) widen random weights before it, where they do.
    """

    name: str
    formula: str
    spec: Callable[..., jac.Expr]
    value: Callable[..., Array]
    slope: Callable[..., Array]
    kinks: Callable[..., tuple[float, ...]] = lambda *constants: ()
    usual: Mapping[str, float] = field(default_factory=dict)
    gain: Callable[..., float] | None = None

    def __repr__(self) -> str:
        return self.name

    def __call__(self, *given: float, **named: float) -> Activation:
        """The layer, with constants other than the usual ones: ELU(0.5), Hardtanh(high=2)."""
        if len(given) > len(self.usual) or not named.keys() <= self.usual.keys():
            raise jac.InputError(f"{self.name} takes {', '.join(self.usual) or 'no constants'}, "
                                 f"but {', '.join([*map(repr, given), *named])} was given")
        found = {**self.usual, **dict(zip(self.usual, given, strict=False)), **named}
        for name, constant in found.items():
            if not isinstance(constant, Real) or not np.isfinite(float(constant)):
                raise jac.InputError(f"{self.name}: {name} is a finite number, but {constant!r} was given")
        return Activation(self, tuple(float(constant) for constant in found.values()))


@dataclass(frozen=True)
class Activation(Layer):
    """a = f(z), J = diag(f′(z)), for z (N, m), f being a row of the table with its constants."""

    row: Row
    with_: tuple[float, ...] = ()

    shapes = "z: N m"

    def __str__(self) -> str:
        return f"{self.row.name}({', '.join(f'{k}={v:g}' for k, v in zip(self.row.usual, self.with_, strict=True))})"

    __repr__ = __str__

    def spec(self, z: Any) -> jac.Expr:
        return self.row.spec(z, *self.with_)

    def value(self, z: Array) -> Array:
        return self.row.value(z, *self.with_)

    def slope(self, z: Array) -> Array:
        """f′(z), (N, m); at a kink the slope that torch takes."""
        return self.row.slope(z, *self.with_)

    def slopes(self, z: Array) -> tuple[Array, Array]:
        """f′ from the left and from the right, both (N, m): f′(z) twice where there is no kink."""
        kink = np.isin(z, np.asarray(self.row.kinks(*self.with_), z.dtype))
        left, right = (np.where(kink, self.slope(np.nextafter(z, z.dtype.type(side))), self.slope(z))
                       for side in (-np.inf, np.inf))
        return left, right

    @property
    def kinks(self) -> str:         # type: ignore[override]
        z = np.array(self.row.kinks(*self.with_), float)
        return "; ".join(f"the slope at {at:g} is {slope:g}, of [{min(left, right):g}, {max(left, right):g}]"
                         for at, slope, left, right in zip(z, self.slope(z), *self.slopes(z), strict=True)
                         if not np.isclose(left, right))

    def by_z(self, z: Array) -> jac.Jacobian:
        return jac.Diagonal(self.slope(z))

    def beside(self, wrt: str, arrays: Arrays, pick: Pick) -> jac.Jacobian:
        return jac.Diagonal(pick(*self.slopes(**arrays)))

    def spread(self, n: int, m: int) -> float:
        """√(gain²/n) where the row has a gain (He et al. 2015, eq. 10 and 15), else that of Glorot and Bengio."""
        return super().spread(n, m) if self.row.gain is None else float(self.row.gain(*self.with_) / n**0.5)


# ---- forms that keep every digit -----------------------------------------------------------------------------------


def step(z: Array, at: float = 0.0) -> Array:
    """1 where z > at, else 0; NaN stays NaN, which is not to be hidden."""
    return np.heaviside(z - at, 0)


def within(z: Array, low: float, high: float) -> Array:
    """1 where low < z < high, else 0."""
    return step(z, low) * np.heaviside(high - z, 0)


def sigmoid(z: Array) -> Array:
    """1/(1 + exp(−z))."""
    e = np.exp(-np.abs(z))
    return np.where(z < 0, e, 1) / (1 + e)


def hump(z: Array) -> Array:
    """σ(z) σ(−z) = e/(1 + e)² with e = exp(−|z|): σ′ to full relative accuracy."""
    e = np.exp(-np.abs(z))
    return e / np.square(1 + e)


def softplus(z: Array) -> Array:
    """log(1 + exp z)."""
    return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))


def _below(z: Array) -> Array:
    """min(z, 0), where an exponential cannot overflow."""
    return np.minimum(z, 0)


def _mish(z: Array) -> tuple[Array, Array]:
    """tanh(softplus z) and its derivative, with e = exp(−|z|) and every term positive."""
    e = np.exp(-np.abs(z))
    left = z < 0
    top, rest = np.where(left, e * (e + 2), 1 + 2 * e), np.where(left, 2, 2 * e * e)
    return top / (top + rest), np.where(left, 4 * e, 4 * e * e) * (1 + e) / np.square(top + rest)


def _sine(z: Array) -> Array:
    """z − tanh z = Σ 2k z^(2k+1)/(2k+1)! / cosh z where |z| < 1, so that nothing cancels."""
    small = np.clip(z, -1, 1)
    square, total = small * small, np.zeros_like(z)
    for k in range(9, 0, -1):
        total = (total + 2 * k / float(sp.factorial(2 * k + 1))) * square
    return np.where(np.abs(z) < 1, total * small / np.cosh(small), z - np.tanh(z))


def _twice_u(z: Array) -> tuple[Array, Array]:
    """2u = √(8/π) (z + 0.044715 z³) in two parts, the second the rounding of the first (Dekker 1971)."""
    z = np.clip(z, -64, 64)
    square = _product(z, z)
    cubic = _product(z, square[0])
    inner = _product(np.full_like(z, CUBIC), cubic[0])
    whole = z + inner[0]
    lost = (z - whole) + inner[0] + inner[1] + CUBIC * (cubic[1] + z * square[1]) + CUBIC_REST * cubic[0]
    outer = _product(np.full_like(z, ROOT_8), whole)
    return outer[0], outer[1] + ROOT_8 * lost + ROOT_8_REST * whole


def _product(a: Array, b: Array) -> tuple[Array, Array]:
    """a b as a sum of two floating numbers, exactly (Dekker 1971, eq. 5.7)."""
    split = 2 ** (np.finfo(a.dtype).nmant // 2 + 1) + 1
    (high, low), (upper, lower) = ((split * c - (split * c - c), c - (split * c - (split * c - c))) for c in (a, b))
    whole = a * b
    return whole, low * lower - (((whole - high * upper) - low * upper) - high * lower)


CUBIC, CUBIC_REST = 0.044715, float(sp.Rational("0.044715") - sp.Rational(0.044715))
ROOT_8, ROOT_8_REST = (8 / np.pi) ** 0.5, float(sp.sqrt(8 / sp.pi).evalf(40) - sp.Rational((8 / np.pi) ** 0.5))


def _gelu_tanh(z: Array) -> tuple[Array, Array]:
    """σ(2u), and its derivative by 2u."""
    u, lost = _twice_u(z)
    e = np.exp(-np.abs(u)) * (1 - np.sign(u) * lost)
    return np.where(u < 0, e, 1) / (1 + e), e / np.square(1 + e)


def _gelu_tanh_slope(z: Array) -> Array:
    share, slope = _gelu_tanh(z)
    return share + z * ROOT_8 * (1 + 3 * CUBIC * z * z) * slope


# ---- forms in symbols, of functions that the toolkit has no name for -----------------------------------------------


def clipped(z: jac.Expr, low: float, high: float) -> jac.Expr:
    """min(max(z, low), high). Its slope is 0 at both ends, since ReLU′(0) = 0."""
    return high - jac.relu(high - low - jac.relu(z - low))


def _lowered(z: jac.Expr, unit: float = 1) -> jac.Expr:
    """0 where z > 0, else exp(z/unit) − 1: z − ReLU(z) = min(z, 0)."""
    return jac.expm1((z - jac.relu(z)) / unit)


# ---- the table -----------------------------------------------------------------------------------------------------

ZERO = lambda *constants: (0.0,)        # noqa: E731 (a column of the table)
SCALE, ALPHA = 1.0507009873554804934193349852946, 1.6732632423543772848170429916717

Linear = Row("Linear", "a = z", lambda z: z, lambda z: z, np.ones_like)
ReLU = Row("ReLU", "a = max(z, 0) (Goodfellow et al. 2016, eq. 6.37)", jac.relu,
           lambda z: np.maximum(z, 0), step, ZERO, gain=lambda: 2**0.5)
LeakyReLU = Row("LeakyReLU", "a = z where z > 0, else s z (Maas, Hannun and Ng 2013, eq. 2)", jac.leaky_relu,
                lambda z, s: np.where(z > 0, z, s * z), lambda z, s: s + (1 - s) * step(z), ZERO, {"s": 0.01},
                lambda s: (2 / (1 + s * s)) ** 0.5)
ReLU6 = Row("ReLU6", "a = min(max(z, 0), 6) (Krizhevsky 2010)",
            lambda z: clipped(z, 0, 6), lambda z: np.clip(z, 0, 6), lambda z: within(z, 0, 6),
            lambda: (0.0, 6.0), gain=lambda: 2**0.5)
ELU = Row("ELU", "a = z where z > 0, else α (exp z − 1) (Clevert et al. 2016, eq. 2)",
          lambda z, α: jac.relu(z) + α * _lowered(z), lambda z, α: np.where(z > 0, z, α * np.expm1(_below(z))),
          lambda z, α: np.where(z > 0, 1, α * np.exp(_below(z))), ZERO, {"α": 1.0})
SELU = Row("SELU", "a = λ z where z > 0, else λ α (exp z − 1) (Klambauer et al. 2017, eq. 2)",
           lambda z: SCALE * jac.relu(z) + SCALE * ALPHA * _lowered(z),
           lambda z: np.where(z > 0, SCALE * z, SCALE * ALPHA * np.expm1(_below(z))),
           lambda z: np.where(z > 0, SCALE, SCALE * ALPHA * np.exp(_below(z))), ZERO)
CELU = Row("CELU", "a = z where z > 0, else α (exp(z/α) − 1) (Barron 2017)",
           lambda z, α: jac.relu(z) + α * _lowered(z, α), lambda z, α: np.where(z > 0, z, α * np.expm1(_below(z) / α)),
           lambda z, α: np.where(z > 0, 1, np.exp(_below(z) / α)), usual={"α": 1.0})
GELU = Row("GELU", "a = z Φ(z) (Hendrycks and Gimpel 2016, eq. 1)", jac.gelu,
           lambda z: z * distribution(z), lambda z: distribution(z) + z * density(z))
GELUTanh = Row("GELUTanh", "a = z (1 + tanh u)/2, u = √(2/π) (z + 0.044715 z³) (Hendrycks and Gimpel 2016, section 2)",
               lambda z: z * (1 + jac.tanh(sp.sqrt(2 / sp.pi) * (z + sp.Rational("0.044715") * z**3))) / 2,
               lambda z: z * _gelu_tanh(z)[0], _gelu_tanh_slope)
SiLU = Row("SiLU", "a = z σ(z) (Elfwing, Uchibe and Doya 2018, eq. 3)", jac.silu,
           lambda z: z * sigmoid(z), lambda z: sigmoid(z) * (1 + z * sigmoid(-z)))
Mish = Row("Mish", "a = z tanh(log(1 + exp z)) (Misra 2020, eq. 1)", lambda z: z * jac.tanh(jac.softplus(z)),
           lambda z: z * _mish(z)[0], lambda z: _mish(z)[0] + z * _mish(z)[1])
Softplus = Row("Softplus", "a = log(1 + exp z) (Goodfellow et al. 2016, eq. 3.31)", jac.softplus, softplus, sigmoid)
Softsign = Row("Softsign", "a = z/(1 + |z|) (Bergstra et al. 2009)", lambda z: z / (1 + jac.absolute(z)),
               lambda z: z / (1 + np.abs(z)), lambda z: 1 / np.square(1 + np.abs(z)))
Hardtanh = Row("Hardtanh", "a = min(max(z, low), high) (Collobert 2004)",
               clipped, lambda z, low, high: np.clip(z, low, high), within, lambda low, high: (low, high),
               {"low": -1.0, "high": 1.0})
Hardsigmoid = Row("Hardsigmoid", "a = min(max(z + 3, 0), 6)/6 (Howard et al. 2019, section 5.2)",
                  lambda z: clipped(z + 3, 0, 6) / 6, lambda z: np.clip(z + 3, 0, 6) / 6,
                  lambda z: within(z, -3, 3) / 6, lambda: (-3.0, 3.0))
Hardswish = Row("Hardswish", "a = z min(max(z + 3, 0), 6)/6 (Howard et al. 2019, eq. 5)",
                lambda z: z * clipped(z + 3, 0, 6) / 6, lambda z: z * (np.clip(z + 3, 0, 6) / 6),
                lambda z: within(z, -3, 3) * (2 * np.clip(z, -3, 3) + 3) / 6 + (z >= 3), lambda: (-3.0, 3.0))
Sigmoid = Row("Sigmoid", "a = 1/(1 + exp(−z)), f′ = σ(z) σ(−z) (Goodfellow et al. 2016, eq. 3.30 and 3.35)",
              jac.sigmoid, sigmoid, hump)
LogSigmoid = Row("LogSigmoid", "a = −log(1 + exp(−z)) (Goodfellow et al. 2016, eq. 3.34)",
                 lambda z: -jac.softplus(-z), lambda z: -softplus(-z), lambda z: sigmoid(-z))
Tanh = Row("Tanh", "a = tanh z, f′ = sech² z = 4 σ′(2z) (Abramowitz and Stegun 1964, 4.5.3 and 4.5.73)", jac.tanh,
           np.tanh, lambda z: 4 * hump(2 * z))
Tanhshrink = Row("Tanhshrink", "a = z − tanh z, f′ = tanh² z", lambda z: z - jac.tanh(z),
                 _sine, lambda z: np.square(np.tanh(z)))

ROWS = (Linear, ReLU, LeakyReLU, ReLU6, ELU, SELU, CELU, GELU, GELUTanh, SiLU, Mish, Softplus, Softsign, Hardtanh,
        Hardsigmoid, Hardswish, Sigmoid, LogSigmoid, Tanh, Tanhshrink)


def _dashed(name: str) -> str:
    known = {"ReLU": "relu", "LeakyReLU": "leaky-relu", "GELUTanh": "gelu-tanh", "LogSigmoid": "log-sigmoid"}
    return known.get(name, name.lower())


ACTIVATIONS = {_dashed(row.name): row() for row in ROWS}
