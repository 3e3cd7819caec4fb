"""Reports as JSON, as HTML and as a picture: complete, well formed, and marked where something is wrong."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import numpy as np
import pytest

import jacobian as jac

RNG = np.random.default_rng(1)
W, x = RNG.normal(size=(3, 2)), RNG.normal(size=2)


def forward(W, x):
    return W @ x


def report(factor: float = 2.0) -> jac.Report:
    return jac.check(forward, (W, x), vjp=lambda g, W, x: (factor * np.outer(g, x), W.T @ g))


def test_json_has_the_verdict_the_cause_and_the_numbers() -> None:
    found = report()
    said = json.loads(found.json())
    assert (said["verdict"], said["claim"], said["inputs"], said["wrong"]) == ("wrong", "vjp", ["W", "x"], [0])
    assert said["causes"][0]["name"] == "constant factor"
    np.testing.assert_array_equal(np.array(said["claimed"][0]), found.claimed[0])
    np.testing.assert_array_equal(np.array(said["numeric"][1]), found.numeric[1])
    np.testing.assert_array_equal(np.array(said["x"][0]), found.x[0])
    assert said["evaluations"] == found.evaluations > 0


def test_json_of_what_is_no_number_and_of_shapes_that_do_not_fit() -> None:
    nan = jac.check(lambda x: x**2, np.ones(2), jacobian=np.diag([2.0, np.nan]))
    assert json.loads(nan.json(), parse_constant=pytest.fail)["claimed"][1][1] == "nan"
    misfit = jac.check(lambda x: x**2, np.ones(2), vjp=lambda g, x: np.ones(3))
    assert json.loads(misfit.json())["claimed"] is None


def test_html_is_well_formed_and_colours_what_is_wrong() -> None:
    page = report()._repr_html_()
    tree = ElementTree.fromstring(page)
    cells = [cell for cell in tree.iter("td") if "style" in cell.attrib]
    assert len(cells) == 3 * (3 * 6 + 3 * 2)
    coloured = [cell for cell in cells if "#f4b6a6" in cell.attrib["style"]]
    assert len(coloured) == 3 * 6           # ∂yᵢ/∂W is not zero at W[i, j] alone
    assert "constant factor" in page
    assert "#f4b6a6" not in report(1.0)._repr_html_()


def test_html_escapes_what_a_user_wrote() -> None:
    found = jac.check(lambda x: x**2, np.ones(2), jacobian=np.diag([2.0, 3.0]))
    object.__setattr__(found, "sentence", "<script>alert(1)</script>")
    assert "<script>" not in found._repr_html_()


def test_html_of_a_large_jacobian_shows_the_worst_part() -> None:
    A = RNG.normal(size=(40, 30))
    wrong = A.copy()
    wrong[33, 22] += 1
    page = jac.check(lambda x: A @ x, RNG.normal(size=30), jacobian=wrong)._repr_html_()
    assert "y[33]" in page
    assert "x[22]" in page
    assert len(page) < 20_000


NAMES = ("0.weight", "batch['$x$'] <b>")


def test_every_view_calls_the_inputs_by_their_names() -> None:
    found = jac.check(forward, (W, x), vjp=lambda g, W, x: (2 * np.outer(g, x), W.T @ g), names=NAMES)
    assert found.names == NAMES
    text = found.text()
    assert any(f"∂y[{i}]/∂0.weight[" in found.sentence for i in range(3))
    assert "\n  0.weight:\n" in text
    assert f"\n  {NAMES[1]}:\n" in text
    assert "in the gradient of 0.weight" in text
    assert json.loads(found.json())["inputs"] == list(NAMES)
    heads = [cell.text for cell in ElementTree.fromstring(found._repr_html_()).iter("th")]
    assert "0.weight[2, 1]" in heads
    assert f"{NAMES[1]}[1]" in heads


def test_inputs_are_called_as_the_parameters_of_f() -> None:
    assert jac.check(forward, (W, x), vjp=lambda g, W, x: (np.outer(g, x), W.T @ g)).names == ("W", "x")
    plain = jac.check(lambda *x: x[0] @ x[1], (W, x), vjp=lambda g, W, x: (-np.outer(g, x), W.T @ g))
    assert plain.names == ("x₀", "x₁")
    assert "/∂x₀[" in plain.sentence
    one = jac.check(lambda z: z**2, x, vjp=lambda g, z: g * z)
    assert one.names == ("z",)
    assert "/∂z[" in one.sentence
    assert jac.check(lambda *parts: parts[0] ** 2, x, vjp=lambda g, z: 2 * g * z).names == ("x",)


@pytest.mark.parametrize("names", ["Wx", ("W",), ("W", "x", "b"), ("W", 3), [1, 2]])
def test_names_are_one_for_each_input(names) -> None:
    with pytest.raises(jac.InputError, match="names must be 2 strings, one for each input"):
        jac.check(forward, (W, x), vjp=lambda g, W, x: (np.outer(g, x), W.T @ g), names=names)


@pytest.mark.extra
def test_the_picture_calls_the_inputs_by_their_names(tmp_path) -> None:
    figure = jac.check(forward, (W, x), vjp=lambda g, W, x: (2 * np.outer(g, x), W.T @ g), names=NAMES).plot()
    assert [axes.get_xlabel() for axes in figure.axes[:6]] == [NAMES[0]] * 3 + [NAMES[1]] * 3
    figure.savefig(tmp_path / "report.png")


@pytest.mark.extra
def test_the_picture_shows_every_input(tmp_path) -> None:
    figure = report().plot()
    assert len(figure.axes) == 2 * 3 * 2        # inputs, heat maps, and a colour bar for each
    figure.savefig(tmp_path / "report.png")
    off = figure.axes[2].images[0].get_array()
    assert off.max() > 0
    assert figure.axes[5].images[0].get_array().max() <= 0
    with pytest.raises(jac.InputError, match="nothing to draw"):
        jac.check(lambda x: x**2, np.ones(2), vjp=lambda g, x: np.ones(3)).plot()
