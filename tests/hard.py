"""Functions that are hard to differentiate numerically, with Jacobians known to more than 30 digits.

Each is written once over a namespace `m`: NumPy, in double precision, or `Exact`, mpmath on arrays of 250 digits. There
(F(x + h) − F(x)) / h with h = 10⁻⁸⁰ is the slope to the right, and with −h the one to the left.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np

DIGITS, STEP = 250, "1e-80"


class Exact:
    """NumPy's names on arrays of mpmath numbers."""

    def __getattr__(self, name: str) -> Any:
        return np.frompyfunc(getattr(mpmath, name), 1, 1)

    def where(self, mask: Any, a: Any, b: Any) -> Any:
        return np.where(np.asarray(mask, bool), a, b)

    def maximum(self, a: Any, b: Any) -> Any:
        return np.maximum(a, b)

    def real(self, a: Any) -> Any:
        return np.frompyfunc(mpmath.re, 1, 1)(a)

    def inv(self, a: Any) -> Any:
        return np.array((mpmath.matrix(a.tolist()) ** -1).tolist(), dtype=object).reshape(a.shape)

    def det(self, a: Any) -> Any:
        return mpmath.det(mpmath.matrix(a.tolist()))

    def float32(self, a: Any) -> Any:
        return a


class Double:
    """NumPy with the two functions of matrices."""

    inv = staticmethod(np.linalg.inv)
    det = staticmethod(np.linalg.det)

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)


@dataclass(frozen=True)
class Hard:
    """f(m, *x): an array or a number. `wrap` is what the code does to the mathematics: a cast, float32, noise."""

    name: str
    family: str
    f: Callable[..., Any]
    x: Any
    wrap: str = "plain"

    def __call__(self, *x: Any) -> Any:
        return WRAPS[self.wrap](lambda *z: self.f(Double(), *z))(*x)

    def slopes(self) -> tuple[Any, Any]:
        """∂f/∂x to the left and to the right as (m, n) arrays of mpmath numbers; nan where f has no value."""
        with mpmath.workdps(DIGITS):
            parts = self.x if isinstance(self.x, tuple) else (self.x,)
            x = [np.vectorize(mpmath.mpf, otypes=[object])(np.asarray(p, float)) for p in parts]
            y, real = self._exact(x), all(np.isrealobj(np.asarray(v)) for v in (self(*parts),))
            sides: tuple[list[Any], list[Any]] = ([], [])
            for part in x:
                for j in np.ndindex(part.shape):
                    for side, h in zip(sides, (-mpmath.mpf(STEP), mpmath.mpf(STEP)), strict=True):
                        kept = part[j]
                        part[j] = kept + h
                        side.append([slope(a, b, h, real) for a, b in zip(self._exact(x), y, strict=True)])
                        part[j] = kept
            return tuple(np.array(side, dtype=object).reshape(-1, len(y)).T for side in sides)  # type: ignore[return-value]

    def _exact(self, x: list[Any]) -> list[Any]:
        return list(np.asarray(self.f(Exact(), *(part.copy() if part.ndim else part[()] for part in x))).ravel())


def slope(a: Any, b: Any, h: Any, real: bool) -> Any:
    found = (mpmath.mpmathify(a) - mpmath.mpmathify(b)) / h
    outside = real and abs(mpmath.im(found)) > 0
    return mpmath.nan if outside else mpmath.re(found) if real else found


def noisy(level: float) -> Callable[..., Any]:
    def wrap(f: Callable[..., Any]) -> Callable[..., Any]:
        def g(*x: Any) -> Any:
            x = tuple(np.asarray(part, float) for part in x)
            y = np.asarray(f(*x), float)
            seed = zlib.crc32(b"".join(part.tobytes() for part in x))
            return y + level * np.random.default_rng(seed).normal(size=y.shape)
        return g
    return wrap


def single(f: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *x: np.asarray(f(*(np.asarray(p, np.float32) for p in x))).astype(np.float32)


def single_inside(f: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *x: np.asarray(single(f)(*x), float)


def cast(f: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *x: f(*(np.array(p, dtype=float) if np.ndim(p) else float(np.real(p)) for p in x))


WRAPS: dict[str, Callable[..., Any]] = {
    "plain": lambda f: f, "cast": cast, "float32": single, "float32 inside": single_inside,
    "noise 1e-10": noisy(1e-10), "noise 1e-6": noisy(1e-6), "noise 1e-3": noisy(1e-3),
}
ROUGH = ("float32", "float32 inside", "noise 1e-10", "noise 1e-6", "noise 1e-3")

A = np.array([[0.5, -1.25, 2.0], [1.5, 0.75, -0.25]])
V3, V4 = np.array([0.7, -1.3, 2.1]), np.array([0.31, 1.7, -0.9, 0.55])
HILBERT = np.array([[1 / (i + j + 1) for j in range(4)] for i in range(4)])
NEAR = np.array([[1.0, 2.0], [2.0, 4.000001]])


def softmax(m: Any, z: Any) -> Any:
    e = m.exp(z - max(z, key=lambda s: np.real(s) if isinstance(s, complex | np.complexfloating) else s))
    return e / e.sum()


def rosenbrock(m: Any, x: Any) -> Any:
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


def newton(m: Any, x: Any) -> Any:
    y = x
    for _ in range(7):
        y = (y + x / y) / 2
    return y


def triple(m: Any, x: Any) -> Any:
    return np.stack([x, x**2, m.sin(x)])


CORPUS = (
    # ---- analytic --------------------------------------------------------------------------------------------------
    Hard("elementwise sine", "analytic", lambda m, x: m.sin(x), V4),
    Hard("linear", "analytic", lambda m, x: A @ x, V3),
    Hard("quadratic form", "analytic", lambda m, x: x @ HILBERT @ x, V4),
    Hard("tanh layer", "analytic", lambda m, x: m.tanh(A @ x), V3),
    Hard("softmax", "analytic", softmax, V4),
    Hard("rosenbrock", "analytic", rosenbrock, V4),
    Hard("logistic", "analytic", lambda m, x: 1 / (1 + m.exp(-x)), V4),
    Hard("gaussian", "analytic", lambda m, x: m.exp(-(x**2).sum() / 2), V3),
    Hard("log-sum-exp", "analytic", lambda m, x: m.log(m.exp(x).sum()), V3),
    Hard("polar", "analytic", lambda m, x: np.array([x[0] * m.cos(x[1]), x[0] * m.sin(x[1])]), np.array([2.0, 0.6])),
    Hard("product of all", "analytic", lambda m, x: x.prod(), V4),
    Hard("Newton's root", "analytic", newton, 2.7),
    Hard("normalised", "analytic", lambda m, x: x / m.sqrt((x * x).sum()), V3),
    Hard("runge", "analytic", lambda m, x: 1 / (1 + 25 * x**2), V3),
    Hard("matrix square", "analytic", lambda m, x: x @ x, HILBERT[:3, :3] + np.eye(3)),
    Hard("power x to the y", "analytic", lambda m, x: m.exp(x[1] * m.log(x[0])), np.array([1.7, 2.3])),
    Hard("arctan of a ratio", "analytic", lambda m, x: m.atan(x[0] / x[1]), np.array([1.2, -0.8])),
    Hard("sinh of a sum", "analytic", lambda m, x: m.sinh(x.sum()) * m.cosh(x[0]), V3),
    Hard("real code: tanh layer", "analytic", lambda m, x: m.tanh(A @ x), V3, "cast"),
    Hard("real code: softmax", "analytic", softmax, V4, "cast"),
    Hard("real code: rosenbrock", "analytic", rosenbrock, V4, "cast"),
    Hard("real code: gaussian", "analytic", lambda m, x: m.exp(-(x**2).sum() / 2), V3, "cast"),
    Hard("real code: log", "analytic", lambda m, x: m.log(x * x + 1), V4, "cast"),
    Hard("real code: normalised", "analytic", lambda m, x: x / m.sqrt((x * x).sum()), V3, "cast"),
    # ---- scales ----------------------------------------------------------------------------------------------------
    Hard("sine of 1e-8", "scales", lambda m, x: m.sin(x), np.array([1e-8, 3e-8]), "cast"),
    Hard("exp of 1e-8", "scales", lambda m, x: m.exp(x), np.array([1e-8, -2e-8]), "cast"),
    Hard("log of 1e8", "scales", lambda m, x: m.log(x), np.array([1e8, 3e7]), "cast"),
    Hard("sine of 1e6", "scales", lambda m, x: m.sin(x), 1e6, "cast"),
    Hard("inputs of 1e-8 and 1e8", "scales", lambda m, x: x[0] * x[1] + m.sin(x[0] * 1e8), np.array([1e-8, 1e8]),
         "cast"),
    Hard("units of 1e8", "scales", lambda m, x: m.exp(-x / 1e8), np.array([1.5e8, 2.0e7]), "cast"),
    Hard("units of 1e-8", "scales", lambda m, x: m.tanh(x / 1e-8), np.array([0.5e-8, -1.2e-8]), "cast"),
    Hard("values of 1e-7", "scales", lambda m, x: 1e-7 * m.sin(x), V3, "cast"),
    Hard("values of 1e8", "scales", lambda m, x: 1e8 * m.cos(x), V3),
    Hard("saturated", "scales", lambda m, x: m.tanh(x), np.array([18.0, 0.1, -9.0]), "cast"),
    Hard("large logits", "scales", softmax, np.array([800.0, 799.0, 790.0]), "cast"),
    Hard("at zero", "scales", lambda m, x: m.sin(x) + x**2, np.zeros(3), "cast"),
    # ---- cancellation ----------------------------------------------------------------------------------------------
    Hard("1 - cos", "cancellation", lambda m, x: 1 - m.cos(x), np.array([1e-3, 0.2]), "cast"),
    Hard("exp(x) - 1", "cancellation", lambda m, x: m.exp(x) - 1, np.array([1e-6, 1e-9]), "cast"),
    Hard("beside 1e6", "cancellation", lambda m, x: (x + 1e6) - 1e6 + m.sin(x), V3, "cast"),
    Hard("sin² + cos²", "cancellation", lambda m, x: m.sin(x) ** 2 + m.cos(x) ** 2 + x, V3, "cast"),
    Hard("difference of roots", "cancellation", lambda m, x: m.sqrt(x + 1) - m.sqrt(x), np.array([1e6, 3e3]), "cast"),
    Hard("variance", "cancellation", lambda m, x: (x**2).sum() / 3 - (x.sum() / 3) ** 2, V3 + 1000, "cast"),
    Hard("(x - 1)⁶ expanded", "cancellation",
         lambda m, x: x**6 - 6 * x**5 + 15 * x**4 - 20 * x**3 + 15 * x**2 - 6 * x + 1, 1.2, "cast"),
    # ---- oscillation -----------------------------------------------------------------------------------------------
    Hard("sin 40x", "oscillation", lambda m, x: m.sin(40 * x), V3, "cast"),
    Hard("sin 1000x", "oscillation", lambda m, x: m.sin(1000 * x), V3, "cast"),
    Hard("sin 1e5x", "oscillation", lambda m, x: m.sin(1e5 * x), np.array([0.7, 1.3]), "cast"),
    Hard("sin 1/x", "oscillation", lambda m, x: m.sin(1 / x), np.array([0.02, 0.3]), "cast"),
    Hard("a ripple on a slope", "oscillation", lambda m, x: x + 1e-3 * m.sin(1000 * x), V3, "cast"),
    Hard("a fine ripple on a slope", "oscillation", lambda m, x: x**2 + 1e-6 * m.cos(3e4 * x), V3, "cast"),
    # ---- kinks -----------------------------------------------------------------------------------------------------
    Hard("abs at 0", "kinks", lambda m, x: abs(x), np.array([0.0, 1.0])),
    Hard("relu at 0", "kinks", lambda m, x: m.maximum(x, 0 * x), np.array([0.0, 2.0, -1.0])),
    Hard("hinge at 1", "kinks", lambda m, x: m.maximum(1 - x * x, 0 * x), np.array([1.0, 0.5])),
    Hard("largest of two alike", "kinks", lambda m, x: m.maximum(m.sin(x[0]), m.sin(x[1])) * x[1],
         np.array([0.7, 0.7])),
    Hard("sine of abs at 0", "kinks", lambda m, x: m.exp(m.sin(abs(x)) - x), 0.0),
    Hard("leaky at 3", "kinks", lambda m, x: m.where(x > 3, x - 3, 0.01 * (x - 3)) + x**2, np.array([3.0, 2.0])),
    Hard("abs at 1e-9", "kinks", lambda m, x: abs(x - 1), np.array([1 + 1e-9, 1 - 1e-6])),
    Hard("relu near 0", "kinks", lambda m, x: m.maximum(x, 0 * x) + m.cos(x), np.array([1e-3, -1e-5])),
    # ---- edges of domains ------------------------------------------------------------------------------------------
    Hard("log at 1e-7", "edges", lambda m, x: m.log(x), 1e-7, "cast"),
    Hard("log(1 - x) by 1", "edges", lambda m, x: m.log(1 - x), np.array([1 - 1e-6, 0.5]), "cast"),
    Hard("arcsin by 1", "edges", lambda m, x: m.asin(x), np.array([1 - 1e-5, -0.999]), "cast"),
    Hard("arcsin at 1", "edges", lambda m, x: m.asin(x), 1.0, "cast"),
    Hard("x^3/2 at 0", "edges", lambda m, x: x * m.sqrt(x), 0.0, "cast"),
    Hard("(1 - x)^5/2 at 1", "edges", lambda m, x: (1 - x) ** 2 * m.sqrt(1 - x) + x, 1.0, "cast"),
    Hard("defined to the right", "edges", lambda m, x: m.exp(m.log(x - 2 + 1e-300) * 0) * m.sin(x), 2.0, "cast"),
    Hard("root by 0", "edges", lambda m, x: m.sqrt(x), np.array([1e-10, 1e-4]), "cast"),
    # ---- near-singular matrices ------------------------------------------------------------------------------------
    Hard("inverse of Hilbert 4", "matrices", lambda m, x: m.inv(x), HILBERT),
    Hard("near-singular inverse", "matrices", lambda m, x: m.inv(x), NEAR),
    Hard("near-singular determinant", "matrices", lambda m, x: m.det(x), NEAR),
    Hard("log det by 0", "matrices", lambda m, x: m.log(m.det(x)), NEAR, "cast"),
    Hard("solution near a singular system", "matrices", lambda m, x: m.inv(NEAR * 1) @ x, np.array([1.0, 2.5])),
    # ---- single precision ------------------------------------------------------------------------------------------
    Hard("float32 tanh layer", "float32", lambda m, x: m.tanh(np.asarray(A, x.dtype) @ x), np.float32(V3), "float32"),
    Hard("float32 softmax", "float32", softmax, np.float32(V4), "float32"),
    Hard("float32 sine", "float32", lambda m, x: m.sin(x), np.float32(V3), "float32"),
    Hard("float32 exp inside", "float32", lambda m, x: m.exp(x), np.float32(V3), "float32 inside"),
    Hard("float32 log inside", "float32", lambda m, x: m.log(x * x + 1), np.float32(V3), "float32 inside"),
    Hard("float32 rosenbrock", "float32", rosenbrock, np.float32(V4), "float32 inside"),
    # ---- noise -----------------------------------------------------------------------------------------------------
    Hard("sine, noise 1e-10", "noise", lambda m, x: m.sin(x), V3, "noise 1e-10"),
    Hard("gaussian, noise 1e-6", "noise", lambda m, x: m.exp(-(x**2).sum() / 2), V3, "noise 1e-6"),
    Hard("quadratic, noise 1e-3", "noise", lambda m, x: (x**2).sum(), V3, "noise 1e-3"),
    Hard("layer, noise 1e-6", "noise", lambda m, x: m.tanh(A @ x), V3, "noise 1e-6"),
    Hard("reciprocal, noise 1e-10", "noise", lambda m, x: 1 / x, V3, "noise 1e-10"),
    # ---- code that is not analytic ---------------------------------------------------------------------------------
    Hard("norm by abs", "code", lambda m, x: m.sqrt((abs(x) ** 2).sum()), V3),
    Hard("real part inside", "code", lambda m, x: m.real(x) * x, V3),
    Hard("largest absolute", "code", lambda m, x: abs(x).max() * x.sum(), V3),
    Hard("conjugate product", "code", lambda m, x: (x * m.conj(x)).sum() + x[0], V3),
    Hard("abs in one entry", "code", lambda m, x: np.array([m.sin(x[0]), abs(x[1]) * x[2]]), V3),
    Hard("rounded constant", "code", lambda m, x: m.sin(x) + 0 * m.floor(m.real(x)), V3),
    # ---- kinds of output and input ---------------------------------------------------------------------------------
    Hard("wave", "complex output", lambda m, x: m.exp(1j * x), V3),
    Hard("impedance", "complex output", lambda m, x: 1 / (x[0] + 1j * (x[1] - 1 / x[2])), V3),
    Hard("root of -1 - x²", "complex output", lambda m, x: m.sqrt(-1 - x**2 + 0j), V3),
    Hard("affine layer", "inputs", lambda m, w, x, b: w @ x + b, (A, V3, np.array([0.1, -0.2]))),
    Hard("bilinear", "inputs", lambda m, u, v: m.sin(u) * (v @ v), (V3, np.array([0.4, -1.1]))),
    Hard("number and matrix", "inputs", lambda m, c, x: c * m.exp(c * x), (0.3, A)),
    Hard("curve", "inputs", triple, 0.8),
    Hard("matrix of a number", "inputs", lambda m, t: np.array([[m.cos(t), -m.sin(t)], [m.sin(t), m.cos(t)]]), 0.4),
    Hard("constant", "inputs", lambda m, x: 0 * x + 2.5, V3),
    Hard("constant in one", "inputs", lambda m, x: np.array([x[0] * x[1], 0 * x[2] + 7]), V3),
    # ---- piecewise -------------------------------------------------------------------------------------------------
    Hard("Huber's loss", "piecewise", lambda m, x: m.where(abs(x) < 1, x * x / 2, abs(x) - 0.5).sum(), V3),
    Hard("C¹ joint at 1", "piecewise", lambda m, x: m.where(x < 1, x**2, 2 * x - 1), np.array([1.0, 0.3, 1.4])),
    Hard("elu at 0", "piecewise", lambda m, x: m.where(x > 0, x, m.exp(x) - 1), np.array([0.0, -0.5, 0.5])),
    Hard("far from its steps", "piecewise", lambda m, x: m.floor(m.real(x)) + x, np.array([0.5, 2.3]), "cast"),
)
