"""Assertions for tests, and jacobian check: what is said of right, wrong and undecided claims, and of bad input."""

from __future__ import annotations

import doctest
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import jacobian as jac
from jacobian import testing
from jacobian.cli import main
from jacobian.errors import InputError, MissingExtra
from jacobian.testing import UndecidedWarning, assert_gradient, assert_jacobian, assert_jvp, assert_vjp
from jacobian.verify import WrongDerivative, check

RNG = np.random.default_rng(0)
W, x = RNG.normal(size=(3, 2)), RNG.normal(size=2)
MODULE = """
import numpy as np

def affine(W, x):
    return W @ x

def affine_backward(g, W, x):
    return np.outer(g, x), W.T @ g

def twice(g, W, x):
    return 2 * np.outer(g, x), W.T @ g

def far(x):
    return 1e9 + x[0] + 1e-9 * x[1]

def double(x):
    return np.array([1, 2e-9])

def draw(seed):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(3, 2)), rng.normal(size=2)

number = 3
"""


def forward(W, x):
    return W @ x


def backward(g, W, x):
    return np.outer(g, x), W.T @ g


def tangent(v, W, x):
    return v[0] @ x + W @ v[1]


def test_what_is_right_passes_and_returns_its_report() -> None:
    assert assert_vjp(forward, backward, (W, x)).ok
    assert assert_jvp(forward, tangent, (W, x)).ok
    assert assert_jacobian(lambda x: W @ x, W, x).ok
    assert assert_gradient(lambda x: x @ x, 2 * x, x).ok


def test_what_is_wrong_fails_with_its_report() -> None:
    with pytest.raises(WrongDerivative, match="The vjp is wrong") as caught:
        assert_vjp(forward, lambda g, W, x: (2 * np.outer(g, x), W.T @ g), (W, x))
    assert isinstance(caught.value, AssertionError)
    assert "constant factor, in the gradient of W: 2" in str(caught.value)
    with pytest.raises(WrongDerivative):
        assert_jvp(forward, lambda v, W, x: v[0] @ x, (W, x))
    with pytest.raises(WrongDerivative):
        assert_jacobian(lambda x: W @ x, -W, x)
    with pytest.raises(WrongDerivative):
        assert_gradient(lambda x: x @ x, x, x)


def test_what_is_undecided_warns() -> None:
    """Beside 1e9 a change of 1e-9 is lost to rounding."""
    with pytest.warns(UndecidedWarning, match="Undecided"):
        assert_gradient(lambda x: 1e9 + x[0] + 1e-9 * x[1], np.array([1, 2e-9]), x)


def test_the_example_of_the_docstring() -> None:
    assert doctest.testmod(testing).failed == 0
    assert doctest.testmod(testing).attempted >= 4


@pytest.mark.parametrize(("adapter", "package"), [(jac.check_torch, "torch"), (jac.check_jax, "jax")])
def test_a_library_that_is_missing_is_said_with_its_extra(
        adapter: Any, package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingExtra, match=rf"{package}, which is not installed: .*jacobian-toolkit\[{package}\]"):
        adapter(forward, W, x)


def test_no_library_is_loaded_before_it_is_asked_for() -> None:
    code = ("import sys, jacobian as jac, jacobian.testing, jacobian.cli; jac.check_torch; jac.check_jax; "
            "assert not {'torch', 'jax'} & sys.modules.keys()")
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_sample_may_be_a_list_of_points() -> None:
    def hidden(g, W, x):
        return np.outer(g, x), W.T @ g if len(x) == 2 else g[0] + 0 * x

    points = [(RNG.normal(size=(3, n)), RNG.normal(size=n)) for n in (2, 4)]
    assert check(forward, (W, x), vjp=hidden, sample=points[:1]).verdict == "right"
    report = check(forward, (W, x), vjp=hidden, sample=points)
    assert (report.verdict, report.wrong) == ("wrong", (1,))
    assert check(forward, (W, x), vjp=hidden, sample=[]).verdict == "right"


def test_a_claim_with_too_few_parts_is_wrong_without_naming_an_input() -> None:
    report = check(forward, (W, x), vjp=lambda g, W, x: (np.outer(g, x),))
    assert report.cause.sentence == "path dropped: 1 gradients are returned where 2 are expected"


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "users_layers.py").write_text(MODULE)
    (tmp_path / "users_broken.py").write_text("1/0")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["", *sys.path])
    for name in ("users_layers", "users_broken"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return "users_layers"


def test_the_command_says_the_verdict(module: str, capsys: pytest.CaptureFixture[str]) -> None:
    shapes = ["--shapes", "3 2, 2"]
    assert main(["check", f"{module}:affine", "--vjp", "affine_backward", *shapes]) == 0
    assert "The vjp is right" in capsys.readouterr().out
    assert main(["check", f"{module}:affine", "--vjp", f"{module}:twice", "--sample", "draw", "--seed", "4"]) == 1
    assert "constant factor, in the gradient of W: 2" in capsys.readouterr().out
    assert main(["check", f"{module}:far", "--gradient", "double", "--shapes", "2"]) == 3
    assert "Undecided" in capsys.readouterr().out


WRONG = {
    "no module": (["nowhere_at_all:f", "--vjp", "g", "--shapes", "2"], "No module named"),
    "no function": (["users_layers:affin", "--vjp", "twice", "--shapes", "2"], "no attribute 'affin'"),
    "no colon": (["users_layers", "--vjp", "twice", "--shapes", "2"], "named as MODULE:FUNCTION"),
    "empty": (["", "--vjp", "twice", "--shapes", "2"], "named as MODULE:FUNCTION"),
    "no name": (["users_layers:", "--vjp", "twice", "--shapes", "2"], "named as MODULE:FUNCTION"),
    "a number": (["users_layers:number", "--vjp", "twice", "--shapes", "2"], "is no function: it is int"),
    "a module that fails": (["users_broken:f", "--vjp", "g", "--shapes", "2"], "ZeroDivisionError"),
    "no claim": (["users_layers:affine", "--shapes", "3 2, 2"], "--vjp affine_backward"),
    "no inputs": (["users_layers:affine", "--vjp", "twice"], "--shapes"),
    "both": (["users_layers:affine", "--vjp", "twice", "--shapes", "2", "--sample", "draw"], "either by --shapes"),
    "a word for a size": (["users_layers:affine", "--vjp", "twice", "--shapes", "3 n"], "'3 n' was given"),
    "size zero": (["users_layers:affine", "--vjp", "twice", "--shapes", "0"], "from 1 on"),
    "too large": (["users_layers:affine", "--vjp", "twice", "--shapes", "9999 9999"], "more than 1000000 entries"),
    "shapes do not fit": (["users_layers:affine", "--vjp", "twice", "--shapes", "3 2, 3"], "f raised ValueError"),
    "a sample that fails": (["users_layers:affine", "--vjp", "twice", "--sample", "affine"], "raised TypeError"),
}


@pytest.mark.parametrize(("words", "sentence"), WRONG.values(), ids=WRONG)
def test_bad_input_is_one_sentence(module: str, words: list[str], sentence: str) -> None:
    with pytest.raises(InputError) as caught:
        main(["check", *words])
    assert sentence in str(caught.value)
