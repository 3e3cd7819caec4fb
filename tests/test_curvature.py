"""Gradients of samples, tangent kernel and Gauss–Newton from factors, against one sample at a time and differences."""

import cProfile
import pstats
from dataclasses import dataclass, replace

import numpy as np
import pytest
import sympy as sp
from test_branching import NETWORKS, Plus, close, instance
from test_network import instance as fitting

import jacobian as jac
import mlp
from mlp.curvature import loss_hessian

APART = {name: network for name, network in NETWORKS.items() if name != "statistics of the batch"}
APART["slopes"] = mlp.Network((mlp.Affine(), mlp.PReLU(), mlp.Affine()), mlp.MeanSquaredError(), (3, 4, 2))
each_network = pytest.mark.parametrize("network", APART.values(), ids=APART)


@dataclass(frozen=True)
class Turned(mlp.Layer):
    """y = x V, V (n, n) the other way round than the weights of an affine layer."""

    shapes = "x: N n, V: n n"

    def spec(self, x, V):
        return x @ V

    def value(self, x, V):
        return x @ V

    def by_x(self, x, V):
        return jac.Kronecker(jac.Identity(len(x)), jac.Dense(V.T))

    def by_V(self, x, V):
        return jac.Kronecker(jac.Dense(x), jac.Identity(len(V)))


APART["turned"] = mlp.Network((Turned(), mlp.Tanh()), mlp.HalfSquaredError(), (3,))


@each_network
def test_gradients_of_samples_are_those_of_batches_of_one(network):
    params, x, t = instance(network, 4)
    found = mlp.sample_gradients(network, params, x, t)
    for n in range(4):
        alone = network.named(network.gradients(params, x[n:n + 1], t[n:n + 1])[1])
        assert found.keys() == alone.keys()
        for name, gradient in alone.items():
            assert found[name].explicit()[n, 0].reshape(gradient.shape) == pytest.approx(gradient, rel=1e-11, abs=1e-13)
            assert found[name].squares()[n, 0] == pytest.approx(np.sum(gradient**2))


def test_weights_are_outer_products_and_never_written_out():
    network = mlp.mlp("3-4-2", "tanh")
    found = mlp.sample_gradients(network, *instance(network, 5))
    assert {name: (own.g.shape, own.a.shape) for name, own in found.items()} == {
        "W1": ((5, 1, 4), (5, 3)), "b1": ((5, 1, 4), (5, 1)), "W2": ((5, 1, 2), (5, 4)), "b2": ((5, 1, 2), (5, 1))}


@each_network
def test_the_tangent_kernel_is_that_of_explicit_jacobians(network):
    params, x, _ = instance(network, 3)
    J = np.hstack([network.jacobian(params, x, name).dense() for name in network.named(params)])
    K = mlp.tangent_kernel(network, params, x)
    assert K.reshape(len(J), len(J)) == pytest.approx(J @ J.T, rel=1e-11, abs=1e-12)
    rows = mlp.output_jacobians(network, params, x)
    for name, w in network.named(params).items():
        found = network.jacobian(params, x, name).dense()
        assert rows[name].explicit().reshape(len(J), w.size) == pytest.approx(found, rel=1e-11, abs=1e-13)


@pytest.mark.parametrize("loss", mlp.LOSSES)
def test_gauss_newton_is_the_second_derivative_of_the_loss_of_the_linearised_network(loss):
    network = mlp.mlp("2-3-2", "tanh", loss)
    params, x, t = fitting(network, 4)
    named, h = network.named(params), network.forward(params, x)
    J = np.hstack([network.jacobian(params, x, name).dense() for name in named])
    names = list(network.objective.arguments)

    def slope(moved):
        last = dict(zip(names, ((h.reshape(-1) + J @ moved).reshape(h.shape), t), strict=True))
        return J.T @ network.objective.vjp(np.array(1.0), names[0], **last).reshape(-1)

    G = mlp.gauss_newton(network, params, x, t)
    close(G.dense(), jac.numeric(slope, np.zeros(J.shape[1])))
    v = np.random.default_rng(0).normal(size=J.shape[1])
    pieces = np.split(v, np.cumsum([array.size for array in named.values()])[:-1])
    tangents = {name: piece.reshape(named[name].shape) for name, piece in zip(named, pieces, strict=True)}
    product = network.named(mlp.gauss_newton_product(network, params, x, t, tangents))
    assert np.concatenate([array.reshape(-1) for array in product.values()]) == pytest.approx(G.dense() @ v)
    assert G.push(v) == pytest.approx(G.dense() @ v)


CURVED = {**mlp.LOSSES, "huber, δ = ½": mlp.Huber(0.5), "weighted classes": mlp.CrossEntropy(weights=(1.0, 3.0, 0.5)),
          "smoothed classes": mlp.CrossEntropy(0.1)}


@pytest.mark.parametrize("loss", CURVED.values(), ids=CURVED)
def test_the_curvature_of_a_loss_is_that_of_sympy(loss):
    """∂²ℓ/∂h² of each sample entry by entry, of targets that fit, differences both within and beyond Huber's δ."""
    network = mlp.Network((mlp.Affine(),), loss, (2, 3))
    params, x, t = fitting(network, 4)
    h = network.forward(params, x)
    found = loss_hessian(network, h, t).dense()
    first, second = loss.arguments
    last, _ = loss.measure({first: h, second: t})
    symbols = {name: sp.symbols(f"{name}:3", real=True) for name in loss.arguments}
    declared = jac.symbols(", ".join([f"{first}: 3", " ".join([f"{second}: 3", *loss.symbols[second].assumptions])]))
    letters = {entry: symbols[name][k] for name, symbol in zip(symbols, declared, strict=True)
               for k, entry in enumerate(np.array(jac.explicit(symbol, {})).reshape(-1))}
    value = sp.sympify(np.array(jac.explicit(replace(loss, reduction="sum").spec(*declared), {})).item()).subs(letters)
    count = {"entry": h.size, "sample": len(h)}[loss.of]
    expected = np.zeros((12, 12))
    for n in range(4):
        at = {letter: float(number) for name, own in symbols.items()
              for letter, number in zip(own, last[name][n], strict=True)}
        for i, a in enumerate(symbols[first]):
            for j, b in enumerate(symbols[first]):
                expected[3 * n + i, 3 * n + j] = float(value.diff(a, b).subs(at).doit()) / count
    assert found == pytest.approx(expected, rel=1e-11, abs=1e-13)


def test_a_layer_that_mixes_samples_has_no_gradient_of_one():
    network = NETWORKS["statistics of the batch"]
    params, x, t = instance(network)
    for ask in (lambda: mlp.sample_gradients(network, params, x, t), lambda: mlp.tangent_kernel(network, params, x)):
        with pytest.raises(jac.MissingRule, match="mixes the samples of a batch"):
            ask()


def residuals(length):
    """y ← y + tanh y, so many times: 2ˡᵉⁿᵍᵗʰ paths, but as many sums as times."""
    steps = [step for k in range(length) for step in ((f"f{k}", mlp.Tanh(), f"y{k - 1}" if k else "x"),
                                                      (f"y{k}", Plus(), (f"y{k - 1}" if k else "x", f"f{k}")))]
    return mlp.Network(tuple(steps), mlp.HalfSquaredError(), (2,)), [{}] * (2 * length)


def test_a_long_chain_of_residuals_takes_work_in_proportion_to_its_length():
    """Function calls grow as much from 8 to 12 as from 4 to 8; path by path it would be 16 times as much."""
    x, calls = np.array([[0.5, -1.0]]), []
    for length in (4, 8, 12):
        network, params = residuals(length)
        network.jacobian(params, x).dense()
        profile = cProfile.Profile()
        J = profile.runcall(lambda network=network, params=params: network.jacobian(params, x).dense())
        calls.append(pstats.Stats(profile).total_calls)
    assert calls[2] - calls[1] == pytest.approx(calls[1] - calls[0], rel=0.1)
    close(J, jac.numeric(lambda x: network.forward(params, x), x))
