"""Rules of jax.custom_vjp and jax.custom_jvp, checked as they are: planted mistakes are named."""

from __future__ import annotations

import doctest
from collections.abc import Callable, Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bugs.injected import ACCUMULATED, BUFFER, BUGS, CHANGED, Bug

import jacobian as jac
from jacobian.adapters import of_jax
from jacobian.cli import main
from jacobian.errors import InputError
from jacobian.testing import assert_jax
from jacobian.verify import WrongDerivative

pytestmark = pytest.mark.extra
RNG = np.random.default_rng(5)
X, W, b = RNG.normal(size=(4, 3)), RNG.normal(size=(2, 3)), RNG.normal(size=2)


@pytest.fixture
def jax() -> Any:
    return pytest.importorskip("jax")


@pytest.fixture(params=[True, False], ids=["64 bits", "32 bits"])
def bits(request: pytest.FixtureRequest, jax: Any) -> Iterator[bool]:
    with jax.enable_x64(request.param):
        yield request.param


def layer(jax: Any, backward: Callable[..., Any], forward: Callable[..., Any] | None = None) -> Any:
    """tanh(X Wᵀ + b) with that backward pass of (kept, g), kept = (X, W, y)."""
    jnp = jax.numpy

    def value(x: Any, weight: Any, bias: Any) -> Any:
        return jnp.tanh(x @ weight.T + bias)

    def kept(x: Any, weight: Any, bias: Any) -> Any:
        return value(x, weight, bias), (x, weight, value(x, weight, bias))

    f = jax.custom_vjp(value)
    f.defvjp(forward or kept, backward)
    return f


def right(kept: Any, g: Any) -> Any:
    x, weight, y = kept
    d = g * (1 - y**2)
    return d @ weight, d.T @ x, d.sum(0)


def activation(kept: Any, g: Any) -> Any:
    x, weight, y = kept
    d = g * y
    return d @ weight, d.T @ x, d.sum(0)


def negated(kept: Any, g: Any) -> Any:
    return right(kept, g)[0], -right(kept, g)[1], right(kept, g)[2]


def averaged(kept: Any, g: Any) -> Any:
    return *right(kept, g)[:2], right(kept, g)[2] / len(g)


def turned(kept: Any, g: Any) -> Any:
    return right(kept, g)[0], right(kept, g)[1].T, right(kept, g)[2]


def unsummed(kept: Any, g: Any) -> Any:
    return *right(kept, g)[:2], g * (1 - kept[2] ** 2)


def few(kept: Any, g: Any) -> Any:
    return right(kept, g)[:2]


def none(kept: Any, g: Any) -> Any:
    return right(kept, g)[0], None, right(kept, g)[2]


def bent(kept: Any, g: Any) -> Any:
    return right(kept, g.clip(max=1))


PLANTED = {
    "activation": (activation, "activation for its derivative", (0, 1, 2)),
    "sign": (negated, "constant factor", (1,)),
    "mean for the batch sum": (averaged, "batch sum or mean", (2,)),
    "transpose": (turned, "transpose", (1,)),
    "batch sum missing": (unsummed, "sum over broadcast missing", (2,)),
    "one gradient too few": (few, "path dropped", ()),
    "no gradient": (none, "path dropped", (1,)),
    "not linear": (bent, "not linear in g", (0, 1, 2)),
}


def test_a_right_rule_is_right_in_both_precisions(jax: Any, bits: bool) -> None:
    report = assert_jax(layer(jax, right), X, W, b)
    assert (report.verdict, report.names) == ("right", ("x", "weight", "bias"))
    assert report.claimed[0].shape == (4, 2, 4, 3)
    assert assert_jax(layer(jax, right), *(jax.numpy.asarray(a, np.float32) for a in (X, W, b))).verdict == "right"


@pytest.mark.parametrize(("backward", "cause", "wrong"), PLANTED.values(), ids=PLANTED)
def test_a_planted_mistake_is_named(backward: Any, cause: str, wrong: tuple[int, ...], jax: Any, bits: bool) -> None:
    report = jac.check_jax(layer(jax, backward), X, W, b)
    assert report.verdict == "wrong"
    assert cause in [each.name for each in report.causes]
    assert report.wrong == wrong
    with pytest.raises(WrongDerivative):
        assert_jax(layer(jax, backward), X, W, b)


def test_of_two_inputs_of_one_shape_the_wrong_one_is_named(jax: Any) -> None:
    f = jax.custom_vjp(lambda scale, a, b, c: scale * (a + b.sum() + c.sum()), nondiff_argnums=(0,))
    f.defvjp(lambda scale, a, b, c: (f(scale, a, b, c), None), lambda scale, _, g: (g, X[0], X[:, :2]))
    report = jac.check_jax(f, 1.0, X[:, 0], X[0], X[1])
    assert report.sentence == "The vjp is wrong: what is returned for c has shape (4, 2), but it must be (3,)."


def test_what_is_differenced_is_the_function_and_not_its_rule(jax: Any, bits: bool) -> None:
    def doubled(x: Any, weight: Any, bias: Any) -> Any:
        y = jax.numpy.tanh(x @ weight.T + bias)
        return 2 * y, (x, weight, y)

    report = jac.check_jax(layer(jax, right, doubled), X, W, b)
    assert report.sentence == "The vjp is wrong, though its Jacobian is right."
    assert report.cause.name == "value of the rule"
    assert "The rule gives another value of y than f." in report.notes
    assert jac.check_jax(jax.jit(layer(jax, activation)), X, W, b).verdict == "wrong"
    assert jac.check_jax(lambda x: layer(jax, activation)(x, W, b).sum(), X).verdict == "wrong"


def softplus(jax: Any, slope: Callable[[Any], Any], value: Callable[[Any], Any] = lambda y: y) -> Any:
    f = jax.custom_jvp(lambda z: jax.numpy.logaddexp(z, 0.0))
    f.defjvp(lambda at, v: (value(f(*at)), slope(at[0]) * v[0]))
    return f


def test_a_rule_for_tangents_is_checked_by_itself(jax: Any, bits: bool) -> None:
    z = X[0]
    right = jac.check_jax(softplus(jax, jax.nn.sigmoid), z)
    assert (right.verdict, right.claim) == ("right", "jvp")
    assert jac.check_jax(softplus(jax, lambda z: jax.nn.sigmoid(-z)), z).verdict == "wrong"
    assert jac.check_jax(softplus(jax, jax.nn.sigmoid, lambda y: y + 1), z).cause.name == "value of the rule"
    shaped = softplus(jax, lambda z: jax.nn.sigmoid(z)[:, None])
    assert "what is returned for y has shape (3, 3), but it must be (3,)" in jac.check_jax(shaped, z).sentence


# ---- pytrees ------------------------------------------------------------------------------------------------------


def model(jax: Any, factor: float = 1.0) -> Any:
    """Several outputs of a tree of parameters, with integers and a name in it."""
    jnp = jax.numpy

    def value(params: Any, batch: Any) -> Any:
        h = batch["x"] @ params["layers"][0]
        return {"h": h * params["gain"], "best": jnp.argmax(h, axis=1), "loss": jnp.sum(h[:, batch["column"]] ** 2)}

    def backward(kept: Any, g: Any) -> Any:
        params, batch = kept
        h = batch["x"] @ params["layers"][0]
        d = g["h"] * params["gain"] + jnp.zeros_like(h).at[:, batch["column"]].set(
            factor * 2 * g["loss"] * h[:, batch["column"]])
        return ({"layers": [batch["x"].T @ d], "gain": jnp.sum(g["h"] * h)},
                {"x": d @ params["layers"][0].T, "column": None})

    f = jax.custom_vjp(value)
    f.defvjp(lambda params, batch: (value(params, batch), (params, batch)), backward)
    return f


def test_trees_have_names_and_what_has_no_derivative_is_passed_on(jax: Any, bits: bool) -> None:
    params, batch = {"layers": [W.T.copy()], "gain": 0.7}, {"x": X, "column": 1}
    report = jac.check_jax(model(jax), params, batch)
    assert report.verdict == "right", report.text()
    assert report.names == ("params['gain']", "params['layers'][0]", "batch['x']")
    assert "y is y['h'], y['loss'], flattened, one after the other." in report.notes
    wrong = jac.check_jax(model(jax, 0.5), params, batch)
    assert wrong.verdict == "wrong"
    assert "y is the output y['loss']." in wrong.notes
    assert wrong.wrong == (1, 2)
    assert "batch['x'][" in unescape(wrong._repr_html_())


def test_a_sample_may_change_what_is_passed_on(jax: Any) -> None:
    def sample(seed: int) -> Any:
        random = np.random.default_rng(seed)
        return ({"layers": [random.normal(size=(3, 2))], "gain": 0.5},
                {"x": random.normal(size=(5, 3)), "column": seed % 2})

    hidden = {"layers": [W.T.copy()], "gain": 0.7}, {"x": X, "column": 5}       # beyond the end: clamped in f alone
    assert jac.check_jax(model(jax), *sample(0), sample=sample).verdict == "right"
    blind = jac.check_jax(lambda p, x: model(jax, 0.5)(p, x)["h"], *hidden)
    assert blind.verdict == "right"
    report = jac.check_jax(model(jax, 0.5), *sample(0), sample=sample)
    assert report.verdict == "wrong"


def test_arguments_without_derivative_may_be_functions(jax: Any) -> None:
    def value(act: Any, x: Any, power: Any) -> Any:
        return act(x) ** power

    f = jax.custom_vjp(value, nondiff_argnums=(0, 2))
    f.defvjp(lambda act, x, power: (value(act, x, power), x),
             lambda act, power, x, g: (power * act(x) ** (power - 1) * jax.vjp(act, x)[1](g)[0],))
    report = jac.check_jax(f, jax.numpy.sin, X[0], 2)
    assert (report.verdict, report.names) == ("right", ("x",))
    assert jac.check_jax(f, jax.numpy.sin, X[0], 2.0).names == ("x",)


def test_the_setting_of_64_bits_is_left_as_it_was(jax: Any, bits: bool) -> None:
    jac.check_jax(layer(jax, right), X, W, b)
    assert jax.numpy.asarray(X).dtype == (np.float64 if bits else np.float32)


# ---- the command, bad input --------------------------------------------------------------------------------------

MODULE = """
import jax, jax.numpy as jnp

@jax.custom_vjp
def square(x):
    return x**2
square.defvjp(lambda x: (x**2, x), lambda x, g: (2 * g * x,))

@jax.custom_jvp
def cube(x):
    return x**3
cube.defjvp(lambda x, v: (cube(*x), 2 * x[0]**2 * v[0]))
"""


def test_the_command_recognises_rules(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], jax: Any) -> None:
    (tmp_path / "users_jax.py").write_text(MODULE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    assert main(["check", "users_jax:square", "--shapes", "3"]) == 0
    assert "The vjp is right" in capsys.readouterr().out
    assert main(["check", "users_jax:cube", "--shapes", "2 3"]) == 1
    assert "The jvp is wrong" in capsys.readouterr().out


WRONG = {
    "a number": (lambda jax: 3, (X,), "f must be a function; it is int 3"),
    "no floating-point numbers": (lambda jax: layer(jax, right), (np.ones(2, int),) * 3, "nothing to check: no input"),
    "no rule": (lambda jax: jax.custom_vjp(lambda x: x), (X,), "f raised AttributeError: No VJP defined"),
    "shapes": (lambda jax: layer(jax, right), (X, X.T, b), "f raised"),
    "no output": (lambda jax: lambda x: x.shape, (X,), "f must return floating-point numbers; it returns none"),
    "backward fails": (lambda jax: layer(jax, lambda kept, g: 1 // 0), (X, W, b), "vjp raised ZeroDivisionError"),
    "empty": (lambda jax: jax.numpy.sin, (X[:0],), "nothing to compare: x has 0 entries"),
    "sample": (lambda jax: (lambda x: x), (X,), "sample raised ZeroDivisionError at seed 1"),
}


@pytest.mark.parametrize(("make", "inputs", "message"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_checked_is_said(make: Any, inputs: Any, message: str, jax: Any) -> None:
    options = {"sample": lambda seed: 1 // 0} if "sample" in message else {}
    with pytest.raises(InputError, match=message):
        jac.check_jax(make(jax), *inputs, **options)


def test_the_examples_of_the_docstring(jax: Any) -> None:
    found = doctest.testmod(of_jax)
    assert found.failed == 0
    assert found.attempted >= 6


# ---- the corpus of injected bugs -----------------------------------------------------------------------------------


def as_rule(jax: Any, bug: Bug, vjp: Any) -> Any:
    """f and this vjp of the corpus as a custom_vjp function that has the names of f's inputs."""
    f = jax.custom_vjp(bug.f)

    def backward(x: Any, g: Any) -> Any:
        found = vjp(np.array(g), *map(np.array, x))
        return tuple(map(jax.numpy.asarray, found if isinstance(found, tuple) else (found,)))

    f.defvjp(lambda *x: (jax.numpy.asarray(bug.f(*map(np.array, x))), x), backward)
    return f


PURE = [bug for bug in BUGS if bug.cause not in (ACCUMULATED, CHANGED, BUFFER)]      # JAX writes into no array


@pytest.mark.slow
@pytest.mark.parametrize("bug", PURE[::3], ids=lambda bug: bug.name)
def test_a_rule_gets_the_report_of_its_numpy_code(bug: Bug, jax: Any) -> None:
    with jax.enable_x64(True):
        report = jac.check_jax(as_rule(jax, bug, bug.vjp), *bug.x, sample=bug.draw)
    expected = jac.check(bug.f, bug.x, vjp=replace(bug).vjp, sample=bug.draw, names=report.names)
    assert report.verdict == expected.verdict == "wrong"
    if report.claimed is None:          # JAX stops at the first gradient of a wrong shape
        assert expected.claimed is None
        assert set(report.wrong) <= set(expected.wrong)
        return
    assert report.wrong == expected.wrong
    assert [cause.name for cause in report.causes[:3]] == [cause.name for cause in expected.causes[:3]]
