"""Attention and the recurrent cell: beside torch, beside 60 digits where all is equal or extreme, and by hand."""

import numpy as np
import pytest
from beside import beside_digits, beside_torch, close, each_precision, extreme

import jacobian as jac
import mlp
from mlp.check import example

ATTENTIONS = [mlp.Attention(), mlp.CausalAttention()]
each_attention = pytest.mark.parametrize("layer", ATTENTIONS, ids=str)


@each_attention
@extreme
@each_precision
def test_attention_keeps_its_digits_whatever_the_entries_are(layer, draw, precision):
    """Where all keys are equal, the derivative by q is 0, up to the digits of a key."""
    beside_digits(layer, draw, precision, ["q", "k"], {"N": 1}, least=0.1)


@extreme
@each_precision
def test_the_cell_keeps_its_digits_whatever_the_entries_are(draw, precision):
    beside_digits(mlp.RecurrentCell(), draw, precision, ["x", "h"], {"N": 2, "n": 3, "m": 2})


@each_precision
def test_a_weight_of_almost_nothing_keeps_its_digits(precision):
    """Scores 0 and 40: P = (e, 1)/(1 + e), e = exp(−40); ∂y/∂q = (v₁ − v₂) e/(1 + e)² (k₁ − k₂), with d = 1."""
    arrays = {"q": np.array([[[1.0]]], precision), "k": np.array([[[0.0], [40.0]]], precision),
              "v": np.array([[[3.0], [1.0]]], precision)}
    slope = mlp.Attention().jacobian("q", **arrays).dense()
    close(slope, [[2 * np.exp(-40.0) * -40]], precision)
    close(mlp.Attention().vjp(np.ones((1, 1, 1), precision), "q", **arrays), slope[None].astype(float), precision)


def test_equal_keys_give_the_mean_of_the_values():
    v = np.arange(12.0).reshape(1, 4, 3)
    y = mlp.Attention().forward(q=np.ones((1, 2, 5)), k=np.ones((1, 4, 5)), v=v)
    close(y, np.tile(v.mean(axis=1), (1, 2, 1)))
    causal = mlp.CausalAttention().forward(q=np.ones((1, 4, 5)), k=np.ones((1, 4, 5)), v=v)
    close(causal[0], np.cumsum(v[0], axis=0) / np.arange(1, 5)[:, None])


def test_what_comes_later_changes_nothing():
    rng = np.random.default_rng(0)
    arrays = example(mlp.CausalAttention(), rng, sizes={"T": 4, "S": 4})
    y = mlp.CausalAttention().forward(**arrays)
    for name in ("k", "v"):
        later = arrays[name].copy()
        later[:, 2:] = 1e3 * rng.normal(size=later[:, 2:].shape)
        assert np.array_equal(mlp.CausalAttention().forward(**{**arrays, name: later})[:, :2], y[:, :2])
        g = np.zeros_like(y)
        g[:, :2] = 1
        assert not mlp.CausalAttention().vjp(g, name, **arrays)[:, 2:].any()


def test_samples_do_not_see_each_other():
    arrays = example(mlp.Attention(), np.random.default_rng(0), sizes={"N": 3})
    one = {name: array[1:2] for name, array in arrays.items()}
    close(mlp.Attention().forward(**one), mlp.Attention().forward(**arrays)[1:2])
    y = mlp.Attention().forward(**arrays)
    for wrt in arrays:
        close(mlp.Attention().vjp(y[1:2], wrt, **one), mlp.Attention().vjp(y, wrt, **arrays)[1:2])


@each_attention
def test_long_sequences_need_no_explicit_jacobian(layer):
    """By q it would have 10¹⁰ entries."""
    rng = np.random.default_rng(0)
    arrays = {name: rng.normal(size=(4, 200, 128)) for name in "qkv"}
    y = layer.forward(**arrays)
    for wrt in arrays:
        v, g = rng.normal(size=arrays[wrt].shape), rng.normal(size=y.shape)
        forth, back = layer.jvp(v, wrt, **arrays), layer.vjp(g, wrt, **arrays)
        assert np.vdot(g, forth) == pytest.approx(np.vdot(back, v), rel=1e-9)


def test_a_cell_by_hand():
    """x = 1, h = 2, W = 3, U = −1, b = −1: z = 0, the slope is 1, and each derivative is the other factor."""
    arrays = {"x": [[1.0]], "h": [[2.0]], "W": [[3.0]], "U": [[-1.0]], "b": [-1.0]}
    assert mlp.RecurrentCell().forward(**arrays).tolist() == [[0.0]]
    slopes = {wrt: mlp.RecurrentCell().jacobian(wrt, **arrays).dense().item() for wrt in arrays}
    assert slopes == {"x": 3.0, "h": -1.0, "W": 1.0, "U": 2.0, "b": 1.0}


# ---- beside torch --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sizes", [{}, {"N": 3, "T": 5, "S": 5, "d": 2, "e": 4}, {"N": 1, "T": 4, "S": 2}], ids=str)
@pytest.mark.parametrize("causal", [False, True])
@each_precision
def test_attention_is_that_of_torch(causal, sizes, precision):
    def reference(q, k, v):
        torch = pytest.importorskip("torch")
        return torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=causal)

    beside_torch(ATTENTIONS[causal], reference, precision, sizes=sizes)


@each_precision
def test_the_cell_is_that_of_torch(precision):
    def reference(x, h, W, U, b):
        torch = pytest.importorskip("torch")
        cell = torch.nn.RNNCell(x.shape[1], h.shape[1]).double()
        values = {"weight_ih": W, "weight_hh": U, "bias_ih": b, "bias_hh": torch.zeros_like(b)}
        return torch.func.functional_call(cell, values, (x, h))

    beside_torch(mlp.RecurrentCell(), reference, precision)


# ---- what people get wrong -----------------------------------------------------------------------------------------

Q = np.ones((2, 3, 4))
FAULTS = [
    (lambda: mlp.Attention().forward(q=Q, k=Q[:, :, :3], v=Q), r"k has shape \(2, 3, 3\), but \(2, S, 4\) is expected"),
    (lambda: mlp.Attention().forward(q=Q, k=Q, v=Q[:, :2]), r"v has shape \(2, 2, 4\), but \(2, 3, e\) is expected"),
    (lambda: mlp.CausalAttention().forward(q=Q[0], k=Q, v=Q), r"q has shape \(3, 4\), but \(N, T, d\) is expected"),
    (lambda: mlp.RecurrentCell().forward(x=Q[0], h=Q[0], W=np.ones((4, 4)), U=np.ones((4, 3)), b=np.ones(4)),
     r"U has shape \(4, 3\), but \(4, 4\) is expected"),
]


@pytest.mark.parametrize(("mistake", "words"), FAULTS, ids=[words for _, words in FAULTS])
def test_mistakes_are_named(mistake, words):
    with pytest.raises(jac.ShapeError, match=words):
        mistake()
