"""Layers that join arrays or lay them out otherwise: by hand, beside torch, and what people get wrong."""

import numpy as np
import pytest
from beside import beside_torch, each_precision

import jacobian as jac
import mlp

X = np.arange(6.0).reshape(2, 3)


def test_a_sum_passes_both_gradients_on():
    assert mlp.Add().forward(x=X, r=10 * X).tolist() == (11 * X).tolist()
    for wrt in ("x", "r"):
        assert np.array_equal(mlp.Add().vjp(X, wrt, x=X, r=X), X)


def test_what_lies_side_by_side_is_taken_apart_again():
    r = np.array([[7.0], [8.0]])
    y = mlp.Concatenate().forward(x=X, r=r)
    assert y.tolist() == [[0.0, 1.0, 2.0, 7.0], [3.0, 4.0, 5.0, 8.0]]
    assert np.array_equal(mlp.Concatenate().vjp(y, "x", x=X, r=r), X)
    assert np.array_equal(mlp.Concatenate().vjp(y, "r", x=X, r=r), r)
    assert mlp.Concatenate().jvp(X, "x", x=X, r=r).tolist() == [[0.0, 1.0, 2.0, 0.0], [3.0, 4.0, 5.0, 0.0]]


@pytest.mark.parametrize("axes", range(4))
def test_a_sample_is_laid_out_in_one_row(axes):
    x = np.arange(2.0 * 3 * 4 * 5 * 6)[:2 * 3 * int(np.prod([4, 5, 6][:axes]))].reshape(2, 3, *[4, 5, 6][:axes])
    y = mlp.Flatten(axes).forward(x=x)
    assert (y.ndim, len(y)) == (2, 2)
    assert y.reshape(-1).tolist() == x.reshape(-1).tolist()
    assert np.array_equal(mlp.Flatten(axes).vjp(y, "x", x=x), x)


def test_a_bias_gets_the_sum_over_the_batch():
    assert mlp.Bias().forward(x=X, b=[1.0, 2.0, 3.0]).tolist() == [[1.0, 3.0, 5.0], [4.0, 6.0, 8.0]]
    assert mlp.Bias().vjp(X, "b", x=X, b=np.ones(3)).tolist() == [3.0, 5.0, 7.0]
    assert np.array_equal(mlp.Bias().vjp(X, "x", x=X, b=np.ones(3)), X)


@each_precision
def test_a_row_that_is_named_twice_gets_both_gradients(precision):
    E = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], precision)
    y = mlp.Embedding().forward(c=[2, 0, 2], E=E)
    assert (y.tolist(), y.dtype) == ([[5.0, 6.0], [1.0, 2.0], [5.0, 6.0]], precision)
    g = np.array([[1.0, 10.0], [2.0, 20.0], [4.0, 40.0]], precision)
    assert mlp.Embedding().vjp(g, "E", c=[2, 0, 2], E=E).tolist() == [[2.0, 20.0], [0.0, 0.0], [5.0, 50.0]]
    assert mlp.Embedding().variables == ("E",)


def test_a_large_vocabulary_needs_no_explicit_jacobian():
    """It would have 10¹⁰ entries."""
    rng = np.random.default_rng(0)
    c, E, g = rng.integers(5000, size=1000), rng.normal(size=(5000, 64)), rng.normal(size=(1000, 64))
    v = rng.normal(size=E.shape)
    back = mlp.Embedding().vjp(g, "E", c=c, E=E)
    assert np.vdot(back, v) == pytest.approx(np.vdot(g, v[c]))


@each_precision
def test_embedding_is_that_of_torch(precision):
    beside_torch(mlp.Embedding(), lambda c, E: pytest.importorskip("torch").nn.functional.embedding(c, E), precision,
                 sizes={"N": 40})


FAULTS = [
    (lambda: mlp.Add().forward(x=X, r=X.T), r"r has shape \(3, 2\), but \(2, 3\) is expected"),
    (lambda: mlp.Concatenate().forward(x=X, r=X.T), r"r has shape \(3, 2\), but \(2, m\) is expected"),
    (lambda: mlp.Flatten(2).forward(x=X), r"x has shape \(2, 3\), but \(N, c, h, w\) is expected"),
    (lambda: mlp.Flatten(-1), "axes in space must be a whole number, at least 0"),
    (lambda: mlp.Bias().forward(x=X, b=np.ones(2)), r"b has shape \(2,\), but \(3,\) is expected"),
    (lambda: mlp.Embedding().forward(c=[0, 2], E=X), "c must hold classes 0 … 1, but row 1 holds 2"),
    (lambda: mlp.Embedding().forward(c=[0, -1], E=X), "row 1 holds -1"),
    (lambda: mlp.Embedding().forward(c=[0.5], E=X), r"row 0 holds 0\.5"),
    (lambda: mlp.Embedding().forward(c=[[0]], E=X), r"c has shape \(1, 1\), but \(N,\) is expected"),
    (lambda: mlp.Embedding().forward(c=[], E=X), "empty"),
    (lambda: mlp.Embedding().forward(c=[0], E=X[0]), r"E has shape \(3,\), but \(v, n\) is expected"),
    (lambda: mlp.Embedding().jacobian("c", c=[0], E=X), "differentiated by E, not by 'c'"),
]


@pytest.mark.parametrize(("mistake", "words"), FAULTS, ids=[words for _, words in FAULTS])
def test_mistakes_are_named(mistake, words):
    with pytest.raises((jac.ShapeError, jac.InputError), match=words):
        mistake()
