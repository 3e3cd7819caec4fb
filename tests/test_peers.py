"""Beside JAX in double precision: the same values and gradients, from code that shares nothing with ours."""

import numpy as np
import pytest
from bugs.layers import LAYERS
from verification import PEERS, accepted

import jacobian as jac
import mlp

pytestmark = pytest.mark.extra
RNG = np.random.default_rng(11)


@pytest.fixture
def jnp():
    import jax
    jax.config.update("jax_enable_x64", True)
    return jax.numpy


def activations(jnp):
    import jax
    nn = jax.nn
    return {"linear": lambda z: z, "relu": nn.relu, "leaky-relu": lambda z: nn.leaky_relu(z, 0.01), "relu6": nn.relu6,
            "elu": nn.elu, "selu": nn.selu, "celu": nn.celu, "gelu": lambda z: nn.gelu(z, approximate=False),
            "gelu-tanh": nn.gelu, "silu": nn.silu, "mish": nn.mish, "softplus": nn.softplus, "softsign": nn.soft_sign,
            "hardtanh": nn.hard_tanh, "hardsigmoid": nn.hard_sigmoid, "hardswish": nn.hard_silu,
            "sigmoid": nn.sigmoid, "log-sigmoid": nn.log_sigmoid, "tanh": jnp.tanh,
            "tanhshrink": lambda z: z - jnp.tanh(z)}


def losses(jnp):
    import jax
    return {"half-squared": lambda h, t: jnp.mean(jnp.sum((h - t) ** 2, axis=1)) / 2,
            "mse": lambda h, t: jnp.mean((h - t) ** 2),
            "mae": lambda h, t: jnp.mean(jnp.abs(h - t)),
            "huber": lambda h, t: jnp.mean(jnp.where(abs(h - t) <= 1, (h - t) ** 2 / 2, abs(h - t) - 0.5)),
            "log-cosh": lambda h, t: jnp.mean(jnp.log(jnp.cosh(h - t))),
            "cross-entropy": lambda h, t: -jnp.mean(jnp.sum(t * jax.nn.log_softmax(h), axis=1)),
            "binary-cross-entropy": lambda h, t: jnp.mean(jnp.logaddexp(h, 0) - t * h),
            "nll": lambda h, t: -jnp.mean(jnp.sum(t * h, axis=1)),
            "kl": lambda h, t: jnp.mean(jnp.sum(jax.scipy.special.xlogy(t, t) - t * h, axis=1)),
            "hinge": lambda h, t: jnp.mean(jnp.maximum(1 - t * h, 0)),
            "focal": lambda h, t: jnp.mean(
                t * jax.nn.sigmoid(-h) ** 2 * jnp.logaddexp(-h, 0) / 4
                + (1 - t) * jax.nn.sigmoid(h) ** 2 * jnp.logaddexp(h, 0) * 3 / 4),
            "cosine": lambda h, t: jnp.mean(
                1 - jnp.sum(h * t, axis=1) / jnp.linalg.norm(h, axis=1) / jnp.linalg.norm(t, axis=1))}


@pytest.mark.parametrize("loss", mlp.LOSSES)
@pytest.mark.parametrize("activation", mlp.ACTIVATIONS)
def test_gradients_of_a_network_are_those_of_jax(activation: str, loss: str, jnp) -> None:
    import jax
    f, measure = activations(jnp)[activation], losses(jnp)[loss]
    network = mlp.mlp("3-5-4-2", activation, loss)
    params = [{name: RNG.normal(size=array.shape) for name, array in own.items()} for own in network.init(RNG)]
    x = RNG.normal(size=(7, 3))
    t = np.eye(2)[RNG.integers(2, size=7)]

    def whole(theirs):
        a, layers = x, [own for own in theirs if own]
        for k, own in enumerate(layers, 1):
            z = a @ own["W"].T + own["b"]
            a = z if k == len(layers) else f(z)
        return measure(a, t)

    value, expected = jax.value_and_grad(whole)([dict(own) for own in params])
    loss_value, found = network.gradients(params, x, t)
    assert float(loss_value) == pytest.approx(float(value), rel=1e-13)
    for own, theirs in zip(found, expected, strict=True):
        for name in own:
            np.testing.assert_allclose(own[name], theirs[name], rtol=1e-11, atol=1e-13)


def test_jacobians_and_hessians_of_expressions_are_those_of_jax(jnp) -> None:
    import jax
    A, x, y = jac.symbols("A: m n, x: n, y: m")
    values = {"A": RNG.normal(size=(4, 3)), "x": RNG.normal(size=3), "y": RNG.normal(size=4)}
    pairs = {
        "softmax": (jac.softmax(A @ x), lambda x: jax.nn.softmax(values["A"] @ x)),
        "log-sum-exp": (jac.log_sum_exp(A @ x), lambda x: jax.nn.logsumexp(values["A"] @ x)),
        "tanh": (jac.tanh(A @ x) * y, lambda x: jnp.tanh(values["A"] @ x) * values["y"]),
    }
    for f, theirs in pairs.values():
        used = {k: v for k, v in values.items() if k in {z.label for z in jac.leaves(f)}}
        expected = jax.jacobian(theirs)(values["x"])
        np.testing.assert_allclose(jac.derive(f, x).numpy()(**used), expected, rtol=1e-11, atol=1e-13)
    f = jac.log_sum_exp(A @ x)
    hessian = jax.hessian(lambda x: jax.nn.logsumexp(values["A"] @ x))(values["x"])
    found = jac.derive(f, x, x).numpy()(A=values["A"], x=values["x"])
    np.testing.assert_allclose(found, hessian, rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("name", PEERS)
@pytest.mark.parametrize("layer", ["Affine", "Softmax", "CrossEntropy"])
def test_the_checkers_beside_ours_accept_what_is_right_and_nothing_else(name: str, layer: str) -> None:
    """As tests/verification.py runs them: a checker that fails for another reason would count as one that catches."""
    pytest.importorskip(name.split()[0])
    f, x, vjp = LAYERS[layer].f, LAYERS[layer].draw(0), LAYERS[layer].vjp
    assert PEERS[name](f, x, vjp)
    assert not accepted(PEERS[name], f, x, lambda g, *x: tuple(-part for part in vjp(g, *x)))
    with pytest.raises(AssertionError if "jax" in name else RuntimeError, match=r"(?i)jacobian|tolerance"):
        PEERS[name](f, x, lambda g, *x: tuple(-part for part in vjp(g, *x)))
