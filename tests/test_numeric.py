"""Numeric Jacobians: the value is the mathematics, and the bound covers what is missing."""

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jacobian.errors import InputError, ShapeError
from jacobian.numeric import numeric
from jacobian.numeric.differences import extrapolate
from jacobian.numeric.function import Function
from jacobian.numeric.noise import noise

# name: f on numbers, its derivative in mpmath, points
SCALARS: dict[str, tuple[Callable[..., Any], Callable[..., Any], tuple[float, ...]]] = {
    "square": (lambda x: x * x, lambda x: 2 * x, (1e-8, 0.7, -3.0, 1e6)),
    "cube": (lambda x: x**3, lambda x: 3 * x**2, (1e-8, 0.7, -3.0, 1e6)),
    "power": (lambda x: x**2.5, lambda x: 2.5 * x ** mpmath.mpf("1.5"), (1e-8, 0.7, 1e6)),
    "reciprocal": (lambda x: 1 / x, lambda x: -1 / x**2, (1e-8, 0.7, -3.0, 1e6)),
    "root": (np.sqrt, lambda x: 1 / (2 * mpmath.sqrt(x)), (1e-8, 0.7, 1e6)),
    "exp": (np.exp, mpmath.exp, (1e-8, 0.7, -30.0, 200.0)),
    "expm1": (np.expm1, mpmath.exp, (1e-8, 0.7, -3.0)),
    "exp less 1": (lambda x: np.exp(x) - 1, mpmath.exp, (1e-8, 0.7, -3.0)),
    "log": (np.log, lambda x: 1 / x, (1e-8, 0.7, 1e6)),
    "log of 1 + x": (lambda x: np.log(1 + x), lambda x: 1 / (1 + x), (1e-8, 0.7, 1e6)),
    "sin": (np.sin, mpmath.cos, (0.0, 1e-8, 0.7, -3.0, 1e6)),
    "cos": (np.cos, lambda x: -mpmath.sin(x), (0.0, 1e-8, 0.7, -3.0, 1e6)),
    "fast sin": (lambda x: np.sin(1e3 * x), lambda x: 1000 * mpmath.cos(1000 * x), (0.0, 0.7, -3.0)),
    "tan": (np.tan, lambda x: mpmath.sec(x) ** 2, (1e-8, 0.7, 1.57)),
    "arctan": (np.arctan, lambda x: 1 / (1 + x**2), (1e-8, 0.7, 1e6)),
    "arcsin": (np.arcsin, lambda x: 1 / mpmath.sqrt(1 - x**2), (1e-8, 0.7, 0.999)),
    "tanh": (np.tanh, lambda x: mpmath.sech(x) ** 2, (1e-8, 0.7, 6.0)),
    "sigmoid": (lambda x: 1 / (1 + np.exp(-x)), lambda x: mpmath.sech(x / 2) ** 2 / 4, (1e-8, 0.7, 20.0)),
    "softplus": (lambda x: np.log1p(np.exp(x)), lambda x: 1 / (1 + mpmath.exp(-x)), (1e-8, 0.7, -30.0)),
    "bell": (lambda x: np.exp(-x * x), lambda x: -2 * x * mpmath.exp(-(x**2)), (1e-8, 0.7, 5.0)),
    "far off": (lambda x: x + 1e6, lambda x: mpmath.mpf(1), (1e-8, 0.7, 1e6)),
    "lost digits": (lambda x: (x + 1e6) - 1e6, lambda x: mpmath.mpf(1), (0.7, -3.0)),
    "lost in 1": (lambda x: (1 + x) - 1, lambda x: mpmath.mpf(1), (1e-20, 1e-8, 0.7)),
    "cancelling": (lambda x: np.sin(x) ** 2 + np.cos(x) ** 2, lambda x: mpmath.mpf(0), (0.7, -3.0)),
    "constant": (lambda x: 0 * x + 2.5, lambda x: mpmath.mpf(0), (0.0, 0.7)),
    "tiny": (lambda x: 1e-7 * np.sin(x), lambda x: mpmath.mpf("1e-7") * mpmath.cos(x), (0.7, -3.0)),
    "abs": (abs, mpmath.sign, (1e-8, 0.7, -3.0, 1e6)),
    "relu": (lambda x: np.maximum(x, 0), lambda x: mpmath.mpf(x > 0), (1e-8, 0.7, -3.0, -1e-3)),
    "norm": (lambda x: np.hypot(x.real, 1.0), lambda x: x / mpmath.sqrt(1 + x**2), (1e-8, 0.7, -3.0)),
    "cast": (lambda x: math.sin(float(x)), mpmath.cos, (1e-8, 0.7, -3.0)),
    "real part": (lambda x: np.real(x) * x, lambda x: 2 * x, (1e-8, 0.7, -3.0)),
}
ROWS = [(name, x) for name, (_, _, points) in SCALARS.items() for x in points]
VARIANTS: dict[str, Callable[[Any], Any]] = {
    "as it is": lambda f: f,
    "float only": lambda f: lambda x: f(np.array(x, dtype=float)),          # warns on complex numbers
    "writing into float": lambda f: lambda x: filled(np.zeros(2), f(x))[1],
}
CONDITION = {"fast sin": 1e3, "tan": 1e4, "arcsin": 1e3}      # |x f″/f′|: what rounding x costs any method
HOSTILE = {"abs", "norm", "cast", "real part"}


def filled(out: np.ndarray, value: Any) -> np.ndarray:
    out[...] = value
    return out


def exactly(name: str, x: float) -> float:
    with mpmath.workdps(60):
        return float(SCALARS[name][1](mpmath.mpf(x)))


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize(("name", "x"), ROWS)
def test_the_bound_covers_the_error(name: str, x: float, variant: str) -> None:
    result = numeric(VARIANTS[variant](SCALARS[name][0]), x)
    assert abs(result.value - exactly(name, x)) <= result.error


@pytest.mark.parametrize(("name", "x"), [row for row in ROWS if row[0] not in HOSTILE and 0.1 < abs(row[1]) < 4])
def test_analytic_code_gives_the_complex_step_and_thirteen_digits(name: str, x: float) -> None:
    result = numeric(SCALARS[name][0], x)
    assert result.method == "complex step"
    assert abs(result.value - exactly(name, x)) <= CONDITION.get(name, 1) * 1e-13 * (abs(exactly(name, x)) or 1e-3)


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_code_that_is_not_analytic_is_noticed(name: str) -> None:
    result = numeric(SCALARS[name][0], -3.0)
    assert result.method == "central differences"
    assert result.value == pytest.approx(exactly(name, -3.0), rel=1e-11)


@pytest.mark.parametrize(("name", "x"), [row for row in ROWS if row[0] not in ("lost digits",) and abs(row[1]) < 10])
def test_the_bound_is_small_where_f_is_smooth(name: str, x: float) -> None:
    result = numeric(VARIANTS["float only"](SCALARS[name][0]), x)
    noise = {"far off": 1e-6, "relu": 1e-11}.get(name, 1e-12)       # lost beside 1e6, and beside 1 where y is 0
    assert result.error <= 2e-8 * abs(exactly(name, x)) + noise


@pytest.mark.parametrize("name", ["square", "exp", "sin", "tanh", "sigmoid", "arctan", "relu"])
@pytest.mark.parametrize("back", [np.float32, np.float64])
@pytest.mark.parametrize("kind", [np.float16, np.float32])
def test_a_function_in_low_precision_is_noticed_and_its_bound_covers(name: str, kind: type, back: type) -> None:
    f = SCALARS[name][0]
    result = numeric(lambda x: np.asarray(f(np.asarray(x, dtype=kind))).astype(kind).astype(back), 0.7001953125)
    error = abs(result.value - exactly(name, 0.7001953125))
    assert error <= result.error
    assert result.error > 0.1 * np.finfo(kind).eps


def test_float32_input_of_a_float64_function_costs_nothing() -> None:
    result = numeric(np.sin, np.float32(0.7))
    assert abs(result.value - math.cos(np.float32(0.7))) <= result.error < 1e-13


def test_a_function_that_takes_only_float32_gets_float32() -> None:
    def f(x: np.ndarray) -> np.ndarray:
        if x.dtype != np.float32:
            raise TypeError("float32 only")
        return np.sin(x)

    result = numeric(f, np.array([0.7, 1.5], np.float32))
    assert (np.abs(result.value - np.diag(np.cos(np.array([0.7, 1.5], np.float32)))) <= result.error).all()


def test_matrices_give_the_shape_of_the_output_then_of_the_input() -> None:
    random = np.random.default_rng(0)
    a, x = random.normal(size=(2, 3)), random.normal(size=(3, 4))
    result = numeric(lambda x: a @ x, x)
    assert result.value.shape == result.error.shape == (2, 4, 3, 4)
    assert np.allclose(result.value, np.einsum("ik,jl->ijkl", a, np.eye(4)), rtol=1e-14, atol=1e-15)


def test_a_tuple_gives_a_jacobian_for_each_input() -> None:
    random = np.random.default_rng(1)
    w, x, b = random.normal(size=(2, 3)), random.normal(size=3), random.normal(size=2)
    result = numeric(lambda w, x, b: w @ x + b, (w, x, b))
    exact = np.einsum("ik,j->ikj", np.eye(2), x), w, np.eye(2)
    assert [v.shape for v in result.value] == [(2, 2, 3), (2, 3), (2, 2)]
    for value, error, right in zip(result.value, result.error, exact, strict=True):
        assert (np.abs(value - right) <= error).all()


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(-6, 6), st.booleans())
def test_the_bound_covers_a_random_quadratic_at_every_scale(seed: int, exponent: float, hidden: bool) -> None:
    random = np.random.default_rng(seed)
    a, x = random.normal(size=(3, 4, 4)), 10**exponent * random.normal(size=4)
    f = (lambda x: np.einsum("kij,i,j->k", a, x, x.astype(float))) if hidden else (lambda x: (a @ x) @ x)
    result = numeric(f, x)
    a, x, value = (np.vectorize(Fraction, otypes=[object])(part) for part in (a, x, result.value))
    off = np.abs(value - np.einsum("kij,j->ki", a + a.transpose(0, 2, 1), x)).astype(float)
    assert (off <= result.error + 4e-16 * np.abs(result.value)).all()


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (0.1, 1.0), (-1.0, 1.0), (2.0, 2.5)])
@pytest.mark.parametrize("x", [0.0, 1.0])
def test_at_a_kink_the_bound_reaches_both_slopes(low: float, high: float, x: float) -> None:
    result = numeric(lambda z: np.sin(np.where(z > x, high * (z - x), low * (z - x))), x)
    assert abs(result.value - low) <= result.error
    assert abs(result.value - high) <= result.error <= 2 * (high - low)


def test_a_kink_says_where_it_is() -> None:
    w = np.array([[1.0, 1.0, 1.0], [0.0, 0.0, 0.0]])
    (kink,) = numeric(lambda w, x: w @ np.maximum(x, 0), (w, np.array([1.0, 0.0, -1.0]))).kinks
    assert str(kink) == "∂y[0]/∂x[1]: 0 to the left, 1 to the right"
    assert (kink.output, kink.input, kink.index) == ((0,), 1, (1,))
    assert str(numeric(np.abs, 0.0).kinks[0]) == "∂y/∂x: -1 to the left, 1 to the right"
    (kink,) = numeric(lambda *parts: parts[0] + abs(parts[1]), (1.0, 0.0)).kinks
    assert str(kink) == "∂y/∂x₁: -1 to the left, 1 to the right"


def test_a_kink_in_one_input_leaves_the_others_known() -> None:
    result = numeric(lambda x: np.maximum(x[0], 0.1 * x[0]) + np.sin(x[1]), np.array([0.0, 0.7]))
    assert abs(result.value[1] - math.cos(0.7)) <= result.error[1] <= 1e-4
    assert result.error[0] >= 0.45


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("power", [0.5, 0.7, 1.0, 1.3, 1.5, 1.7, 1.9, 2.0, 2.1, 2.5, 3.0, 3.5])
@pytest.mark.parametrize("exponents", [(4, 6, 8), (4, 5, 6, 7, 8, 13), (4, 5, 6, 7, 8, 10, 13, 16, 20)])
def test_the_bound_covers_a_term_that_the_series_lacks(exponents: tuple[int, ...], power: float, order: int) -> None:
    h = 2.0 ** -np.array(exponents)[:, None]
    slopes = 1 + h**power
    value, bound, _ = extrapolate(h, slopes, np.full_like(h, 1e-15), order)
    assert abs(value - 1) <= bound <= 1.5


@pytest.mark.parametrize("power", [2, 3, 4, 5])
@pytest.mark.parametrize("x", [0.0, 1.0])
def test_the_bound_covers_where_a_higher_derivative_jumps(power: int, x: float) -> None:
    result = numeric(lambda z: float(z) + max(float(z) - x, 0.0) ** power, x)
    assert abs(result.value - 1) <= result.error <= 1e-6


def test_values_that_underflow_are_not_zero() -> None:
    result = numeric(lambda x: np.exp(np.float32(x)), -110.0)
    assert abs(result.value - math.exp(-110)) <= result.error


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64])
def test_the_type_of_the_arithmetic_is_read_off_the_values(kind: type) -> None:
    function = Function(lambda x: np.sin(x).astype(kind).astype(np.float64), np.array([0.7, 1.5]))
    assert (noise(function).epsilon == np.finfo(kind).eps).all()


@pytest.mark.parametrize("x", [40.0, 700.0])
def test_a_change_lost_inside_f_is_not_zero(x: float) -> None:
    result = numeric(lambda x: -np.log(1 / (1 + np.exp(-x))), x)
    assert abs(result.value + math.exp(-x)) <= result.error < 1e-14


def test_rounding_in_step_with_the_differences_is_noticed() -> None:
    x = np.array([1.2139317951034936, -2.115674403792649, 0.47631853384720746, -0.4167015570878098])
    result = numeric(lambda x: np.log(float(x[3]) ** 6 + 1), x)
    assert abs(result.value[3] - 6 * x[3] ** 5 / (x[3] ** 6 + 1)) <= result.error[3] < 1e-10


TURNS: dict[str, tuple[Callable[[float], float], Callable[[Any], Any]]] = {
    "tanh": (math.tanh, lambda z: mpmath.sech(z) ** 2),
    "hyperbola": (lambda z: math.hypot(z, 1), lambda z: z / mpmath.sqrt(1 + z**2)),
    "softplus": (lambda z: math.log1p(math.exp(min(z, 700.0))), lambda z: 1 / (1 + mpmath.exp(-z)) if z < 700 else 0),
    "fast sin": (math.sin, mpmath.cos),
}


@pytest.mark.parametrize("x", [0.3, 1.3, 17.0])
@pytest.mark.parametrize("frequency", [*np.geomspace(1e5, 1e12, 29), 1e13, 1e14])
def test_an_oscillation_too_fast_to_follow_has_no_narrow_bound(frequency: float, x: float) -> None:
    """d sin(w x)/dx = w cos(w x); at the end it is another one from one floating number x to the next."""
    found = numeric(lambda x: np.sin(frequency * x.real), x)
    slope = float(frequency * mpmath.cos(mpmath.mpf(float(frequency)) * mpmath.mpf(x)))
    assert found.error == np.inf or abs(found.value - slope) <= found.error + 1e-2 * frequency


@pytest.mark.parametrize("turn", TURNS)
@pytest.mark.parametrize("width", [1e-8, 1e-9, 1e-10, 1e-11])
@pytest.mark.parametrize("place", [0.0, 0.5, -2.0, 5.0, 10.0])
def test_a_turn_beside_x_is_not_overlooked(turn: str, width: float, place: float) -> None:
    f, slope = TURNS[turn]
    x = 1 + place * width
    result = numeric(lambda x: f((x - 1) / width), x)
    exact = slope((mpmath.mpf(x) - 1) / mpmath.mpf(width)) / mpmath.mpf(width)
    assert np.isinf(result.error) or abs(result.value - float(exact)) <= result.error


@pytest.mark.parametrize("f", [np.arcsin, math.asin, np.arccosh, np.sqrt, math.sqrt])
def test_at_the_edge_of_its_domain_nothing_is_known(f: Callable[..., Any]) -> None:
    x = 0.0 if f in (np.sqrt, math.sqrt) else 1.0
    result = numeric(f, x)
    assert np.isnan(result.value)
    assert result.error == np.inf


def test_f_did_not_change_is_not_a_zero_derivative() -> None:
    result = numeric(lambda x: 1.0 + 1e-18 * float(x), 1.0)
    assert abs(result.value - 1e-18) <= result.error


def test_an_oscillation_too_fast_to_follow_has_no_bound() -> None:
    result = numeric(lambda x: math.sin(float(x) ** 3), 1288.2)
    assert result.error == np.inf


def test_nan_and_infinity_pass_through() -> None:
    result = numeric(lambda x: np.array([np.nan, x[0], np.inf]) * x[1], np.array([2.0, 3.0]))
    assert np.isnan(result.value[[0, 2]]).all()
    assert np.isinf(result.error[[0, 2]]).all()
    assert np.allclose(result.value[1], [3, 2])
    assert np.isnan(numeric(np.log, -1.0).value)
    assert np.isnan(numeric(lambda x: x.sum(), np.array([np.inf, 1.0])).value).all()


def test_a_domain_error_beside_x_is_not_an_error() -> None:
    result = numeric(lambda x: math.sqrt(x), 1e-8)
    assert abs(result.value - 5000) <= result.error < 1e-3


def test_f_may_write_into_its_argument_and_reuse_its_buffer() -> None:
    buffer, x = np.zeros(2), np.array([1.0, 2.0])

    def f(x: np.ndarray) -> np.ndarray:
        np.multiply(x.real, 3, out=buffer)
        x[...] = 0
        return buffer

    assert np.allclose(numeric(f, x).value, 3 * np.eye(2))
    assert x.tolist() == [1.0, 2.0]


def test_integers_are_numbers_and_evaluations_are_counted() -> None:
    calls = []

    def f(x: np.ndarray) -> np.ndarray:
        calls.append(x)
        return x**2

    result = numeric(f, [1, 2, 3])
    assert np.allclose(result.value, np.diag([2, 4, 6]))
    assert result.evaluations == len(calls)


def test_no_entries_give_an_empty_jacobian() -> None:
    assert numeric(lambda x: x, np.zeros(0)).value.shape == (0, 0)
    assert numeric(lambda x: x.sum(), np.zeros((0, 2))).value.shape == (0, 2)


def growing(x: np.ndarray) -> np.ndarray:
    return x[x.real > 1.0]


def refusing(x: np.ndarray) -> np.ndarray:
    raise KeyError("no such layer")


@pytest.mark.parametrize(
    ("f", "x", "message"),
    [
        (3.0, 1.0, "f must be a function; it is float"),
        (lambda x: None, 1.0, "f returned None"),
        (lambda x: [x, [x, x]], 1.0, "f must return one array"),
        (lambda x: "three", 1.0, "f must return numbers"),
        (refusing, np.zeros((3, 2)), r"KeyError at x of shape \(3, 2\).*no such layer"),
        (lambda x: x, "three", "x must be real numbers"),
        (lambda x: x, None, "x must be real numbers"),
        (lambda x: x, 1j, "x must be real numbers"),
        (lambda x, y: x, (1.0, True), "y must be real numbers"),
        (lambda x: x, [[1.0], [1.0, 2.0]], "x is not one array"),
    ],
)
def test_what_cannot_be_measured_is_said(f: Any, x: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        numeric(f, x)


def test_a_changing_shape_is_said() -> None:
    with pytest.raises(ShapeError, match="its shape must not change"):
        numeric(growing, np.array([1.0, 2.0]))
