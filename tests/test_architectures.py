"""Networks of the layers as people build them: gradients beside measured ones, training and evaluation apart."""

import numpy as np
import pytest

import jacobian as jac
import mlp

IMAGES = (mlp.Convolution((3, 3), padding=1), mlp.BatchNorm(axes=2), mlp.SiLU(), mlp.MaxPool((2, 2)),
          mlp.Convolution((2, 2)), mlp.GroupNorm(2, axes=2), mlp.AveragePool((2, 2)), mlp.Flatten(), mlp.Affine())
RESIDUAL = (("h", mlp.Affine(), "x"), ("n", mlp.LayerNorm(), "h"), ("a", mlp.GELU(), "n"), ("k", mlp.Affine(), "a"),
            ("y", mlp.Add(), ("h", "k")), ("c", mlp.Concatenate(), ("y", "x")), mlp.GLU(), mlp.RMSNorm(), mlp.Affine())
WORDS = (mlp.Embedding(), mlp.PReLU(), mlp.Affine(), mlp.Maxout(), mlp.Bias())
NETWORKS = {
    "images": (IMAGES, ((2, 6, 6), 4, 6, 3)), "residual": (RESIDUAL, (4, 6, 6, 3)), "words": (WORDS, ((), 7, 4, 6)),
}


def instance(name, N=4, seed=0):
    layers, sizes = NETWORKS[name]
    network = mlp.Network(layers, mlp.CrossEntropy(), sizes)
    rng = np.random.default_rng(seed)
    named = {key: rng.normal(size=array.shape) for key, array in network.named(network.init(rng)).items()}
    x = rng.integers(7, size=N) if name == "words" else rng.normal(size=(N, *np.atleast_1d(sizes[0])))
    return network, network.parameters(named), x, np.arange(N) % 3


@pytest.mark.parametrize("name", NETWORKS)
def test_gradients_are_the_measured_ones(name):
    network, params, x, t = instance(name)
    named, found = network.named(params), network.named(network.gradients(params, x, t)[1])
    for key, array in named.items():
        def loss(moved, key=key):
            return network.loss(network.parameters({**named, key: moved}), x, t)

        measured = jac.numeric(loss, array)
        assert np.all(np.abs(found[key] - measured.value) <= measured.error + 1e-11), key


def test_after_training_a_batch_of_one_is_no_exception():
    network, params, x, _ = instance("images")
    evaluated = network.evaluated(network.statistics(params, x))
    whole = evaluated.forward(params, x)
    for n in range(len(x)):
        assert evaluated.forward(params, x[n:n + 1]) == pytest.approx(whole[n:n + 1], rel=1e-12)
    assert network.forward(params, x[:2]) != pytest.approx(whole[:2])


def test_dropout_is_drawn_for_a_step_and_gone_afterwards():
    network = mlp.Network((mlp.Affine(), mlp.Dropout(0.5), mlp.Affine()), mlp.HalfSquaredError(), (3, 50, 2))
    rng = np.random.default_rng(1)
    params, x, t = network.init(rng), rng.normal(size=(4, 3)), rng.normal(size=(4, 2))
    step = network.trained(rng, 4)
    mask = step.layers[1].mask
    assert 0.3 < mask.mean() < 0.7
    a = (x @ params[0]["W"].T + params[0]["b"]) * mask * 2
    assert step.forward(params, x) == pytest.approx(a @ params[2]["W"].T + params[2]["b"])
    found = step.gradients(params, x, t)[1]
    assert found[2]["W"] == pytest.approx((step.forward(params, x) - t).T @ a / 4)
    assert network.evaluated([{}, {}, {}]).forward(params, x) == pytest.approx(
        (x @ params[0]["W"].T + params[0]["b"]) @ params[2]["W"].T + params[2]["b"])
