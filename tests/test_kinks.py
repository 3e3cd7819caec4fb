"""Kinks: at whole numbers, where entries are tied and at 0, both sides of every layer beside one-sided differences."""

from dataclasses import replace

import numpy as np
import pytest

import jacobian as jac
import mlp
from mlp.check import example
from mlp.loss import REDUCTIONS

WHOLE = np.array([-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 6.0])
STEP = 2.0**-20         # added to whole numbers exactly
OTHERS = (mlp.Hardtanh(-2, 3), mlp.LeakyReLU(-0.5), mlp.ELU(0.5), mlp.Maxout(4), mlp.Gated(mlp.ReLU()),
          mlp.Gated(mlp.Hardswish(), first=True), mlp.CrossEntropy(0.1, (1.0, 2.0)), mlp.L1(0.5))
REDUCED = [replace(layer, reduction=reduction) for layer in (*mlp.LAYERS, *OTHERS) if hasattr(layer, "reduction")
           for reduction in REDUCTIONS if reduction != layer.reduction]
LAYERS = (*mlp.LAYERS, *OTHERS, *REDUCED)
CASES = [pytest.param(layer, wrt, id=f"{layer} by {wrt}") for layer in LAYERS for wrt in layer.variables]
each_case = pytest.mark.parametrize(("layer", "wrt"), CASES)


def tied(layer, seed=0):
    """Whole numbers that fit the layer, so that kinks are met and entries tie; no norm is as small as the steps.

    Where `shapes` says that they are positive, 0 is the limit of them.
    """
    rng = np.random.default_rng(seed)
    found = example(layer, rng)
    for name, array in found.items():
        known = layer.symbols[name].assumptions
        if name in layer.variables and "onehot" not in known:
            allowed = WHOLE >= 0 if "positive" in known else (WHOLE != 0) | ("Cosine" not in str(layer))
            found[name] = rng.choice(WHOLE[allowed], array.shape)
    return found


def along(layer, wrt, arrays, v):
    """h ↦ y(x + h v), as it is computed, also past the limits of what the layer takes."""
    fed = layer.measure(arrays)[0]
    return lambda h: layer.value(**{**fed, wrt: fed[wrt] + h * v}).reshape(-1)


def slopes(layer, wrt, arrays, step):
    """lim (y(x + h eⱼ) − y(x))/h for each j, of h and h/2 extrapolated; ±∞ where it still grows."""
    def column(e):
        y = along(layer, wrt, arrays, e.reshape(arrays[wrt].shape))
        whole, half = ((y(h) - y(0)) / h for h in (step, step / 2))
        return np.where(abs(half - whole) > 1e-2, np.inf * (half - whole), 2 * half - whole)

    with np.errstate(invalid="ignore"):
        return np.stack([column(e) for e in np.eye(arrays[wrt].size)], axis=1)


def close(J, expected):
    largest = np.abs(expected, where=np.isfinite(expected), out=np.zeros_like(expected)).max()
    assert J.dense() == pytest.approx(expected, rel=0, abs=2e-6 * max(1, largest))


@each_case
@pytest.mark.parametrize("seed", range(3))
def test_both_sides_are_those_of_differences(layer, wrt, seed):
    arrays = tied(layer, seed)
    left, right = layer.sides(wrt, **arrays)
    close(left, slopes(layer, wrt, arrays, -STEP))
    close(right, slopes(layer, wrt, arrays, STEP))


@each_case
def test_the_interval_holds_both_sides_and_what_is_taken(layer, wrt):
    arrays = tied(layer)
    low, high = (J.dense() for J in layer.interval(wrt, **arrays))
    left, right = (J.dense() for J in layer.sides(wrt, **arrays))
    assert np.array_equal(low, np.minimum(left, right))
    assert np.array_equal(high, np.maximum(left, right))
    taken = layer.jacobian(wrt, **arrays).dense()
    assert np.all((low - 1e-12 * abs(taken).max() <= taken) & (taken <= high + 1e-12 * abs(taken).max()))


@pytest.mark.parametrize("layer", LAYERS, ids=str)
def test_a_layer_has_kinks_where_it_says_so_and_nowhere_else(layer):
    """But for the cosine, whose kinks lie at norms of 1e-8."""
    met = False
    for wrt in layer.variables:
        for seed in range(9):
            left, right = (J.dense() for J in layer.sides(wrt, **tied(layer, seed)))
            met |= not np.allclose(left, right, rtol=1e-6, atol=0)
    assert met == bool(layer.kinks and not isinstance(layer, mlp.Cosine))


def bend(y, points=32, zooms=5):
    """The largest change of the slope of y from one side of an h in [−1, 1] to the other, as part of what y spans."""
    grid, span = np.linspace(-1, 1, points * 4), 0.0
    for _ in range(zooms + 1):
        values = np.array([y(h) for h in grid])
        span = max(span, np.ptp(values, axis=0).max())
        second = abs(values[2:] - 2 * values[1:-1] + values[:-2]).max(axis=1)
        at, step = grid[1 + second.argmax()], grid[1] - grid[0]
        grid = np.linspace(at - 1.5 * step, at + 1.5 * step, points)
    return second.max() / step / span if span else 0.0


@pytest.mark.parametrize("layer", LAYERS, ids=str)
def test_straight_lines_meet_kinks_where_the_layer_says_so_and_nowhere_else(layer):
    """But for the cosine, whose kinks lie at norms of 1e-8."""
    rng, met = np.random.default_rng(0), False
    for wrt in layer.variables:
        for _ in range(3):
            arrays = example(layer, rng)
            met |= bend(along(layer, wrt, arrays, 4 * rng.normal(size=arrays[wrt].shape))) > 1e-3
    assert met == bool(layer.kinks and not isinstance(layer, mlp.Cosine))


def test_the_kullback_leibler_divergence_falls_without_bound_from_probabilities_of_zero():
    """t log t: from 0 to the right its slope is −∞, and taken as 0."""
    loss, given = mlp.KullbackLeibler(reduction="sum"), {"l": [[-1.0, -2.0]], "t": [[0.0, 0.5]]}
    left, right = (J.dense().tolist() for J in loss.sides("t", **given))
    rest = float(np.log(0.5)) + 1 + 2
    assert (left, right) == ([[1.0, rest]], [[-np.inf, rest]])
    assert loss.vjp(1.0, "t", **given).tolist() == left
    assert [J.dense().tolist() for J in loss.interval("t", **given)] == [right, left]


def test_the_cosine_has_its_kink_where_norms_begin_to_count():
    """−t̂/r on the short side and (ĥ⟨ĥ, t̂⟩ − t̂)/r on the other, with r = 1e-8, ĥ = (1, 0) and t̂ = (0.6, 0.8)."""
    loss, h, t = mlp.Cosine(reduction="none"), np.array([[1e-8, 0.0]]), np.array([[3.0, 4.0]])
    left, right = (J.dense()[0] for J in loss.sides("h", h=h, t=t))
    assert left == pytest.approx([-0.6e8, -0.8e8])
    assert right == pytest.approx([0, -0.8e8], abs=1e-6)
    assert loss.jacobian("h", h=h, t=t).dense()[0] == pytest.approx(right)
    assert loss.sides("t", h=t, t=h)[0].dense()[0] == pytest.approx(left)


def test_in_single_precision_a_kink_is_where_single_numbers_have_it():
    layer, z = mlp.Hardtanh(high=0.1), np.array([[0.1]], np.float32)
    left, right = layer.sides("z", z=z)
    assert (left.dense().item(), right.dense().item()) == (1, 0)
    assert left.dense().dtype == np.float32


def test_sides_by_what_a_layer_does_not_have_are_refused():
    for ask in (mlp.ReLU().sides, mlp.ReLU().interval):
        with pytest.raises(jac.InputError, match="not by 'x'"):
            ask("x", z=np.ones((1, 1)))
        with pytest.raises(jac.InputError, match="z holds nan"):
            ask("z", z=np.array([[np.nan]]))
