"""The Taylor test and the adjoint test: the rates are those of the theory, and what is wrong is called so."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import jacobian as jac
from jacobian.errors import InputError, ShapeError

RANDOM = np.random.default_rng(0)
W, X = RANDOM.normal(size=(2, 3)), RANDOM.normal(size=3)


def forward(W: np.ndarray, x: np.ndarray) -> np.ndarray:
    return np.tanh(W @ x)


def slope(W: np.ndarray, x: np.ndarray) -> np.ndarray:
    return 1 - np.tanh(W @ x) ** 2


def jvp(v: Any, W: np.ndarray, x: np.ndarray) -> np.ndarray:
    return slope(W, x) * (v[0] @ x + W @ v[1])


def vjp(g: np.ndarray, W: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    d = g * slope(W, x)
    return np.outer(d, x), W.T @ d


def by_parts(W: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.einsum("i,ij,k->ijk", slope(W, x), np.eye(2), x), slope(W, x)[:, None] * W


def in_one(W: np.ndarray, x: np.ndarray) -> np.ndarray:
    return np.hstack([part.reshape(2, -1) for part in by_parts(W, x)])


FORMS: dict[str, tuple[str, Any]] = {
    "jvp": ("jvp", jvp), "vjp": ("vjp", vjp), "arrays": ("jacobian", by_parts(W, X)),
    "matrix": ("jacobian", in_one(W, X)), "function": ("jacobian", in_one),
    "map": ("jacobian", jac.Diagonal(slope(W, X)) @ jac.Dense(np.hstack([np.kron(np.eye(2), X[None]), W]))),
    "maps": ("jacobian", tuple(jac.Dense(part.reshape(2, -1)) for part in by_parts(W, X))),
}


def scaled(claim: Any, factor: float) -> Any:
    if isinstance(claim, jac.Jacobian):
        return jac.Scalar(factor, 2) @ claim
    if isinstance(claim, tuple):
        return tuple(scaled(part, factor) for part in claim)
    return (lambda *a: scaled(claim(*a), factor)) if callable(claim) else factor * claim


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("factor", "verdict", "order"),
                         [(1.0, "right", 2.0), (0.5, "wrong", 1.0), (-1.0, "wrong", 1.0)])
def test_the_remainder_of_a_derivative_falls_with_h_squared_and_of_another_with_h(
    form: str, factor: float, verdict: str, order: float
) -> None:
    name, claim = FORMS[form]
    rates = jac.taylor_rates(forward, (W, X), **{name: scaled(claim, factor)})
    assert rates.verdict == verdict
    assert rates.order == pytest.approx(order, abs=0.05)
    assert rates.sentence in str(rates)


def test_the_table_has_the_numbers_of_a_parabola() -> None:
    rates = jac.taylor_rates(lambda x: x**2, 1.0, jvp=lambda v, x: 2 * x * v, halvings=3, seed=4)
    v = math.sqrt(rates.remainder[0]) / 0.125          # (x + hv)² − x² − 2hvx = h²v²
    assert rates.h.tolist() == [1 / 8, 1 / 16, 1 / 32, 1 / 64]
    assert np.allclose(rates.remainder, (rates.h * v) ** 2)
    assert any(np.allclose(rates.change, np.abs(2 * w + w**2)) for w in (rates.h * v, -rates.h * v))
    assert np.allclose(rates.rates, 2)
    assert str(rates).splitlines()[2].split() == [f"{1 / 16:.2e}", f"{rates.change[1]:.2e}",
                                                  f"{np.log2(rates.change[0] / rates.change[1]):.2f}",
                                                  f"{rates.remainder[1]:.2e}", "2.00"]


@pytest.mark.parametrize("factor", [1.0, 2.0])
def test_of_a_linear_map_nothing_but_rounding_remains(factor: float) -> None:
    rates = jac.taylor_rates(lambda x: W @ x, X, jacobian=factor * W)
    assert rates.verdict == ("right" if factor == 1 else "wrong")
    assert np.isnan(rates.order) == (factor == 1)


def test_at_a_kink_the_rate_is_one() -> None:
    rates = jac.taylor_rates(np.abs, np.array([0.0, 1.0]), jacobian=np.diag([0.0, 1.0]))
    assert rates.verdict == "wrong"
    assert rates.order == pytest.approx(1.0)


def test_where_f_is_not_finite_nothing_is_decided() -> None:
    assert jac.taylor_rates(lambda x: x * np.nan, 1.0, jacobian=[[1.0]]).verdict == "undecided"


def test_float32_hides_what_is_below_its_rounding() -> None:
    rates = jac.taylor_rates(lambda x: np.sin(np.float32(x)), np.float32(0.7), gradient=np.cos(0.7), halvings=16)
    assert rates.verdict == "right"
    assert np.isnan(rates.rates[-3:]).all()


def test_a_gradient_is_of_a_scalar() -> None:
    assert jac.taylor_rates(lambda x: x @ x, X, gradient=2 * X).verdict == "right"
    assert jac.taylor_rates(lambda x: x @ x, X, gradient=lambda x: x).verdict == "wrong"
    with pytest.raises(InputError, match=r"gradient= needs a scalar f; f\(x\) has shape \(3,\)"):
        jac.taylor_rates(lambda x: x, X, gradient=X)


@pytest.mark.extra
def test_the_plot_shows_both_curves() -> None:
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("agg")
    rates = jac.taylor_rates(lambda x: x @ x, X, gradient=2 * X)
    axes = rates.plot()
    curves = [line.get_xydata() for line in axes.get_lines()]
    assert len(curves) == 4
    assert np.allclose(curves[0], np.stack([rates.h, rates.change], axis=1))
    assert np.allclose(curves[2], np.stack([rates.h, rates.remainder], axis=1))
    assert axes.get_xscale() == axes.get_yscale() == "log"
    assert rates.plot(axes) is axes


@pytest.mark.parametrize(("claim", "error", "message"), [
    ({}, InputError, "needs one of jvp=, vjp=, jacobian= and gradient=; 0 were given"),
    ({"jvp": jvp, "vjp": vjp}, InputError, "2 were given"),
    ({"jvp": 3.0}, InputError, "jvp must be a function; it is float"),
    ({"jvp": lambda v, W, x: x}, ShapeError, r"jvp returned shape \(3,\); it must return shape \(2,\)"),
    ({"vjp": lambda g, W, x: W}, ShapeError, r"vjp returned shape \(2, 3\); it must return shapes \(2, 3\) and \(3,\)"),
    ({"vjp": lambda g, W, x: None}, InputError, "vjp must return arrays of real numbers; it returned NoneType"),
    ({"jvp": lambda v, W, x: 1 // 0}, InputError, "jvp raised ZeroDivisionError"),
    ({"jacobian": np.ones((2, 8))}, ShapeError, r"jacobian has shape \(2, 8\); it must be \(2, 9\)"),
    ({"jacobian": (W, W, W)}, ShapeError, "one for each of 2; it is 3"),
    ({"vjp": vjp, "halvings": 1}, InputError, "halvings must be a whole number of at least 2; it is 1"),
])
def test_what_cannot_be_tested_is_said(claim: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        jac.taylor_rates(forward, (W, X), **claim)


# ---- complex output -------------------------------------------------------------------------------------------------

C = RANDOM.normal(size=(2, 3)) + 1j * RANDOM.normal(size=(2, 3))


def wave(x: np.ndarray) -> np.ndarray:
    return np.exp(C @ x)


def slopes(x: np.ndarray) -> np.ndarray:
    return wave(x)[:, None] * C


COMPLEX: dict[str, Any] = {
    "jvp": lambda v, x: slopes(x) @ v,
    "vjp": lambda g, x: (slopes(x).conj().T @ g).real,
    "jacobian": slopes(X),
}


@pytest.mark.parametrize("form", COMPLEX)
def test_a_complex_output_counts_with_both_its_parts(form: str) -> None:
    right = jac.taylor_rates(wave, X, **{form: COMPLEX[form]})
    assert right.verdict == "right"
    assert right.order == pytest.approx(2.0, abs=0.05)
    for wrong in (np.conj, np.negative, lambda part: 1j * part):
        claim = COMPLEX[form]
        spoiled = (lambda g, x, wrong=wrong: COMPLEX["vjp"](wrong(g), x)) if form == "vjp" else (
            (lambda *a, wrong=wrong: wrong(COMPLEX["jvp"](*a))) if form == "jvp" else wrong(claim))
        found = jac.taylor_rates(wave, X, **{form: spoiled})
        assert found.verdict == "wrong"
        assert found.order == pytest.approx(1.0, abs=0.1)


def test_the_change_of_a_complex_output_is_its_modulus() -> None:
    rates = jac.taylor_rates(lambda x: x * (3 + 4j), 1.0, jvp=lambda v, x: 0j * v, halvings=2)
    assert np.allclose(rates.change, rates.remainder)
    v = rates.change[0] / (5 * rates.h[0])              # |3 + 4i| = 5
    assert 0.5 <= v <= 1.0
    assert np.allclose(rates.change, 5 * v * rates.h)


def test_complex_numbers_are_refused_where_f_is_real() -> None:
    for claim in ({"jvp": lambda v, x: 1j * v}, {"jacobian": 1j * np.eye(3)}, {"vjp": lambda g, x: 1j * g}):
        with pytest.raises(InputError, match="must return arrays of real numbers"):
            jac.taylor_rates(np.sin, X, **claim)
    with pytest.raises(InputError, match=r"gradient= needs a scalar f; f\(x\) is complex"):
        jac.taylor_rates(lambda x: 1j * x @ x, X, gradient=X)


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_the_adjoint_of_a_complex_derivative_takes_the_conjugate(kind: type) -> None:
    x = X.astype(kind)
    test = jac.adjoint_test(COMPLEX["jvp"], COMPLEX["vjp"], x)
    assert test.holds
    assert not jac.adjoint_test(COMPLEX["jvp"], lambda g, x: (slopes(x).T @ g).real, x).holds
    assert not jac.adjoint_test(COMPLEX["jvp"], lambda g, x: (slopes(x).conj().T @ g).imag, x).holds
    with pytest.raises(InputError, match="vjp must return arrays of real numbers"):
        jac.adjoint_test(COMPLEX["jvp"], lambda g, x: slopes(x).conj().T @ g, x)


@pytest.mark.extra
def test_jax_takes_the_conjugate_of_a_cotangent() -> None:
    jax = pytest.importorskip("jax")
    with jax.enable_x64(True):
        f = lambda x: jax.numpy.exp(C @ x)      # noqa: E731
        pushed = lambda v, x: jax.jvp(f, (x,), (v,))[1]     # noqa: E731
        assert jac.adjoint_test(pushed, lambda g, x: jax.vjp(f, x)[1](g.conj())[0], X).holds
        assert not jac.adjoint_test(pushed, lambda g, x: jax.vjp(f, x)[1](g)[0], X).holds
        assert jac.taylor_rates(wave, X, vjp=lambda g, x: jax.vjp(f, x)[1](g.conj())[0]).verdict == "right"


# ---- adjoint -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_a_transpose_is_one(kind: type) -> None:
    test = jac.adjoint_test(jvp, vjp, (W.astype(kind), X.astype(kind)))
    assert test.holds
    assert "The vjp is the transpose of the jvp." in str(test)
    assert np.allclose(test.left, test.right, rtol=1e-4)


@pytest.mark.parametrize(("wrong", "sentence"), [
    (lambda g, W, x: tuple(2 * part for part in vjp(g, W, x)), "The left sides are 0.5 times the right ones."),
    (lambda g, W, x: (vjp(g, W, x)[0], 0 * x), "The vjp is not the transpose of the jvp."),
    (lambda g, W, x: (np.outer(g * np.tanh(W @ x), x), W.T @ g), "The vjp is not the transpose of the jvp."),
    (lambda g, W, x: (vjp(g, W, x)[0], (1 + 1e-9) * vjp(g, W, x)[1]), "The vjp is not the transpose of the jvp."),
])
def test_what_is_no_transpose_is_found(wrong: Callable[..., Any], sentence: str) -> None:
    test = jac.adjoint_test(jvp, wrong, (W, X))
    assert not test.holds
    assert sentence in str(test)
    assert "  *" in str(test)


def test_a_structured_jacobian_is_the_adjoint_of_its_transpose() -> None:
    J = jac.Kronecker(jac.Dense(RANDOM.normal(size=(2, 3))), jac.Identity(4))
    assert jac.adjoint_test(lambda v, x: J @ v, lambda u, x: J.T @ u, np.zeros(12)).holds
    assert not jac.adjoint_test(lambda v, x: J @ v, lambda u, x: -(J.T @ u), np.zeros(12)).holds


@pytest.mark.parametrize(("given", "message"), [
    ((jvp, 3, (W, X)), "vjp must be a function; it is int"),
    ((jvp, lambda u, W, x: x, (W, X)), r"vjp returned shape \(3,\); it must return shapes"),
    ((lambda v, W, x: "no", vjp, (W, X)), "jvp must return arrays of numbers"),
    ((lambda v, x: v, lambda u, x: u, "x"), "x must be real numbers"),
])
def test_what_has_no_adjoint_is_said(given: tuple[Any, ...], message: str) -> None:
    with pytest.raises(InputError, match=message):
        jac.adjoint_test(*given)
    with pytest.raises(InputError, match="count must be a whole number of at least 1; it is 0"):
        jac.adjoint_test(jvp, vjp, (W, X), count=0)
