"""Activations to full relative accuracy in every tail, beside SymPy with many digits, and beside torch and JAX."""

import numpy as np
import pytest
import sympy as sp
from mpmath import mp, mpf

import jacobian as jac
import mlp
from mlp import normal
from mlp.activations import ROWS

each_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
TAILS = np.concatenate([s * np.geomspace(1e-8, 1e3, 34) for s in (-1, 1)])
MIDDLE = np.linspace(-39.9, 40, 34)
DIGITS = 900        # exp(−1000) beside 1 takes 435, and its square is met


def exact(row, points):
    """f and f′ at the points, from the spec in SymPy, in many digits."""
    form = row().spec(jac.symbol("z:")).sympy()
    (z,) = form.free_symbols
    with mp.workdps(DIGITS):
        found = [sp.lambdify(z, e, "mpmath") for e in (form, sp.diff(form, z))]
        return [[mpf(f(mpf(float(x)))) for x in points] for f in found]


def relative(found, expected):
    """The largest relative error among those that a floating number can tell."""
    tiny = np.finfo(found.dtype).tiny
    with mp.workdps(DIGITS):
        return max(float(abs(mpf(float(a)) - b) / max(abs(b), mpf(float(tiny)) / mpf(2) ** -60))
                   for a, b in zip(found, expected, strict=True))


@each_row
@pytest.mark.parametrize(("points", "bound"), [(TAILS, 2e-13), (MIDDLE, 1e-13)], ids=["tails", "middle"])
def test_values_and_slopes_keep_their_digits_in_every_tail(row, points, bound):
    layer, z = row(), points[:, None]
    with np.errstate(all="raise", under="ignore"):
        found = layer.forward(z=z)[:, 0], layer.jacobian("z", z=z).dense().diagonal()
    for own, expected in zip(found, exact(row, points), strict=True):
        assert relative(own, expected) < bound


@pytest.mark.parametrize("row", [row for row in ROWS if row().kinks], ids=lambda row: row.name)
def test_at_its_kinks_a_layer_takes_the_slopes_of_its_spec(row):
    layer, z = row(), jac.symbol("z: k")
    kinks = np.array(row.kinks(*layer.with_), float)
    slopes = jac.derive(layer.spec(z), z).numpy()(z=kinks)
    np.testing.assert_array_equal(slopes, np.diag(layer.slope(kinks)))


@each_row
def test_float32_keeps_its_own_digits(row):
    points = np.array([-9, -4, -2.5, -0.5, -1e-3, 1e-3, 0.5, 2.5, 4, 9], "float32")      # away from roots
    layer, z = row(), points[:, None]
    values, slopes = layer.forward(z=z), layer.jacobian("z", z=z).dense().diagonal()
    assert values.dtype == slopes.dtype == "float32"
    for own, expected in zip((values[:, 0], slopes), exact(row, points), strict=True):
        assert relative(own, expected) < 2e-5


def test_the_normal_distribution_is_right_to_the_last_digits_where_it_is_least():
    """φ and Φ with a rounded z² would be off by z²/2 ulp, 7e-14 at −36.3."""
    z = np.linspace(-36.3, -0.1, 53)
    with mp.workdps(60):
        shares, densities = ([f(mpf(float(x))) for x in z] for f in (mp.ncdf, mp.npdf))
    assert relative(normal.distribution(z), shares) < 1e-15
    assert relative(normal.density(z), densities) < 1e-15


def test_the_polynomial_of_the_normal_distribution_is_its_chebyshev_expansion():
    with mp.workdps(60):
        def share(angle):
            t = mp.cos(angle)
            z = 5 * (1 + t) / (1 - t)
            tail = mp.erfc(z / mp.sqrt(2)) * mp.exp(z * z / 2) / 2 if z < 1e4 else \
                (1 - 1 / z**2 + 3 / z**4 - 15 / z**6) / (z * mp.sqrt(2 * mp.pi))
            return (1 + z) * tail

        angles = [mp.pi * (k + mpf(1) / 2) / 80 for k in range(80)]
        values = [share(angle) for angle in angles]
        series = [mpf(2) / 80 * sum(v * mp.cos(j * a) for v, a in zip(values, angles, strict=True)) for j in range(25)]
        series[0] /= 2
        t = sp.Symbol("t")
        polynomial = sp.Poly(sum(sp.Float(str(c), 50) * sp.chebyshevt(j, t) for j, c in enumerate(series)), t)
        expected = np.array([float(c) for c in polynomial.all_coeffs()])
    assert pytest.approx(expected, rel=1e-12, abs=1e-22) == normal.SHARE


@pytest.mark.parametrize(("layer", "at", "slope", "interval"), [
    (mlp.ReLU(), 0.0, 0, (0, 1)), (mlp.LeakyReLU(0.25), 0.0, 0.25, (0.25, 1)), (mlp.ReLU6(), 6.0, 0, (0, 1)),
    (mlp.ReLU6(), 0.0, 0, (0, 1)), (mlp.Hardtanh(), 1.0, 0, (0, 1)), (mlp.Hardtanh(-2, 3), -2.0, 0, (0, 1)),
    (mlp.ELU(0.5), 0.0, 0.5, (0.5, 1)), (mlp.Hardsigmoid(), 3.0, 0, (0, 1 / 6)), (mlp.CELU(0.5), 0.0, 1, (1, 1)),
    (mlp.Hardswish(), 3.0, 1, (1, 1.5)), (mlp.Hardswish(), -3.0, 0, (-0.5, 0)),
    (mlp.SELU(), 0.0, 1.0507009873554805 * 1.6732632423543772, (1.0507009873554805, 1.7580993408473766)),
], ids=str)
def test_at_a_kink_there_is_a_slope_and_an_interval(layer, at, slope, interval):
    z = np.array([[at, 0.7]])
    assert layer.slope(z)[0, 0] == pytest.approx(slope)
    low, high = (J.dense().diagonal() for J in layer.interval("z", z=z))
    assert (low[0], high[0]) == pytest.approx(interval, rel=1e-7)
    assert low[1] == high[1] == layer.slope(z)[0, 1]


def test_constants_are_given_by_place_or_name_and_refused_with_their_names():
    assert mlp.Hardtanh(high=2) == mlp.Hardtanh(-1, 2)
    assert str(mlp.ELU(0.5)) == "ELU(α=0.5)"
    for wrong in (lambda: mlp.ReLU(1), lambda: mlp.ELU(0.5, 2), lambda: mlp.ELU(beta=2)):
        with pytest.raises(jac.InputError, match="takes"):
            wrong()
    for constant in (None, "a", np.nan, np.inf):
        with pytest.raises(jac.InputError, match="a finite number"):
            mlp.LeakyReLU(constant)


# ---- peers ---------------------------------------------------------------------------------------------------------


TORCH = {"Linear": "Identity", "LeakyReLU": "LeakyReLU", "GELUTanh": "GELU"}
POINTS = np.concatenate([np.linspace(-7, 7, 57), [0, -3, 3, 6, 1, -1]])       # every kink among them


@each_row
def test_values_and_slopes_are_those_of_torch_kinks_included(row):
    torch = pytest.importorskip("torch")
    named = {"approximate": "tanh"} if row.name == "GELUTanh" else {}
    peer = getattr(torch.nn, TORCH.get(row.name, row.name))(**named)
    z = torch.tensor(POINTS, dtype=torch.float64, requires_grad=True)
    y = peer(z)
    y.sum().backward()
    assert row().forward(z=POINTS[:, None])[:, 0] == pytest.approx(y.detach().numpy(), rel=1e-9, abs=1e-12)
    assert row().slope(POINTS) == pytest.approx(z.grad.numpy(), rel=1e-7, abs=1e-12)      # torch has 1/6 in float32


JAX = {"Linear": "identity", "LeakyReLU": "leaky_relu", "GELUTanh": "gelu", "Softsign": "soft_sign",
       "Hardtanh": "hard_tanh", "Hardsigmoid": "hard_sigmoid", "Hardswish": "hard_silu", "LogSigmoid": "log_sigmoid"}


@pytest.mark.extra
@pytest.mark.parametrize("row", [row for row in ROWS if row.name != "Tanhshrink"], ids=lambda row: row.name)
def test_values_and_slopes_are_those_of_jax(row):
    jax = pytest.importorskip("jax")
    points = POINTS[:57] + 0.01
    with jax.enable_x64(True):
        peer = getattr(jax.nn, JAX.get(row.name, row.name.lower()))
        if row.name == "GELU":
            peer = lambda z: jax.nn.gelu(z, approximate=False)      # noqa: E731
        value, slope = map(np.asarray, jax.vmap(jax.value_and_grad(peer))(points))
    assert row().forward(z=points[:, None])[:, 0] == pytest.approx(value, rel=1e-9, abs=1e-12)
    assert row().slope(points) == pytest.approx(slope, rel=1e-9, abs=1e-12)
