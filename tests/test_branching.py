"""Networks whose results are used twice, joined, or images; statistics and masks; weights of samples."""

from dataclasses import dataclass

import numpy as np
import pytest

import jacobian as jac
import mlp

RNG = np.random.default_rng(3)


@pytest.fixture(autouse=True)
def anew(monkeypatch):
    """Every test draws the same numbers, whichever tests came before it."""
    monkeypatch.setitem(globals(), "RNG", np.random.default_rng(3))


@dataclass(frozen=True)
class Plus(mlp.Layer):
    """y = u + v."""

    shapes = "u: N n, v: N n"
    inputs = 2

    def spec(self, u, v):
        return u + v

    def value(self, u, v):
        return u + v

    def by_u(self, u, v):
        return jac.Identity(u.size)

    by_v = by_u


@dataclass(frozen=True)
class Times(mlp.Layer):
    """y = u ∘ v."""

    shapes = "u: N n, v: N n"
    inputs = 2

    def spec(self, u, v):
        return u * v

    def value(self, u, v):
        return u * v

    def by_u(self, u, v):
        return jac.Diagonal(v)

    def by_v(self, u, v):
        return jac.Diagonal(u)


@dataclass(frozen=True)
class Patches(mlp.Layer):
    """y = the left half of an image's columns as a row, x (N, h, w), y (N, h w/2)."""

    shapes = "x: N h w"

    def result(self, sizes):
        return sizes["N"], sizes["h"] * sizes["w"] // 2

    def value(self, x):
        return x[:, :, :x.shape[2] // 2].reshape(len(x), -1)

    def by_x(self, x):
        p = np.arange(x.size).reshape(x.shape)[:, :, :x.shape[2] // 2]
        return jac.Gather(p.reshape(-1), x.size)


@dataclass(frozen=True)
class Centred(mlp.Layer):
    """y = x − the mean of the batch, in training; after it x − the running mean."""

    mean: tuple = ()

    shapes = "x: N n"

    def spec(self, x):
        return x - jac.column_means(x)

    def value(self, x):
        return x - (np.array(self.mean) if self.mean else x.mean(axis=0))

    def by_x(self, x):
        if self.mean:
            return jac.Identity(x.size)
        N, n = x.shape
        mean = jac.Kronecker(jac.Dense(np.full((N, N), -1 / N)), jac.Identity(n))
        return jac.Sum((jac.Identity(x.size), mean))

    def statistics(self, x):
        return {"mean": x.mean(axis=0)}

    def evaluated(self, statistics):
        return Centred(tuple(statistics["mean"]))


@dataclass(frozen=True)
class Masked(mlp.Layer):
    """y = x ∘ mask, drawn for a step of training."""

    mask: tuple = ()

    shapes = "x: N n"

    def result(self, sizes):
        return sizes["N"], sizes["n"]

    def value(self, x):
        return x * np.array(self.mask) if self.mask else x

    def by_x(self, x):
        return jac.Diagonal(np.array(self.mask)) if self.mask else jac.Identity(x.size)

    def trained(self, rng, shape):
        return Masked(tuple(map(tuple, rng.integers(2, size=shape).tolist())))


TANH, AFFINE, HALF = mlp.Tanh(), mlp.Affine(), mlp.HalfSquaredError()
NETWORKS = {
    "sequence": mlp.mlp("3-4-2", "tanh"),
    "residual": mlp.Network((("h", AFFINE), TANH, ("r", AFFINE), ("y", Plus(), ("r", "h")), AFFINE), HALF,
                            (3, 4, 4, 2)),
    "input used twice": mlp.Network((AFFINE, ("a", TANH), ("y", Plus(), ("x", "a"))), HALF, (3, 3)),
    "one result twice in one layer": mlp.Network((("h", AFFINE), ("y", Times(), ("h", "h")), AFFINE), HALF, (3, 4, 2)),
    "gate": mlp.Network((("u", AFFINE, "x"), ("v", AFFINE, "x"), ("s", mlp.Sigmoid(), "v"), ("y", Times(), ("u", "s")),
                         ("w", Plus(), ("y", "v"))), mlp.CrossEntropy(), (3, 2, 2)),
    "image": mlp.Network((mlp.Softplus(), Patches(), AFFINE, mlp.Tanh()), HALF, ((3, 4), 2)),
    "statistics of the batch": mlp.Network((AFFINE, Centred(), TANH, AFFINE), HALF, (3, 4, 2)),
}
each_network = pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS)


def instance(network, N=3):
    named = {name: RNG.normal(size=array.shape) for name, array in network.named(network.init(RNG)).items()}
    start = network.sizes[0]
    x = RNG.normal(size=(N, *(start if isinstance(start, tuple) else (start,))))
    t = np.eye(network.places[-1].output[1])[RNG.integers(2, size=N)]
    return network.parameters(named), x, t


def close(found, numeric):
    assert found.reshape(numeric.value.shape) == pytest.approx(numeric.value, rel=1e-7, abs=1e-9)


@each_network
def test_gradients_by_parameters_and_by_the_input_are_the_numeric_ones(network):
    params, x, t = instance(network)
    named, gradients = network.named(params), network.named(network.gradients(params, x, t)[1])
    for name, array in named.items():
        close(gradients[name], jac.numeric(lambda w, name=name: network.loss(
            network.parameters({**named, name: w}), x, t), array))
    close(network.input_gradient(params, x, t), jac.numeric(lambda x: network.loss(params, x, t), x))


@each_network
def test_jacobians_jvps_and_vjps_are_the_numeric_ones(network):
    params, x, _ = instance(network)
    named, h = network.named(params), network.forward(params, x)
    g, total = RNG.normal(size=h.shape), 0
    pulled, back = network.pull(params, x, g)
    tangents = {"x": RNG.normal(size=x.shape), **{name: RNG.normal(size=w.shape) for name, w in named.items()}}
    for name, v in {"x": x, **named}.items():
        J = network.jacobian(params, x, name)
        close(J.dense(), jac.numeric(lambda v, name=name: network.forward(
            params if name == "x" else network.parameters({**named, name: v}), v if name == "x" else x), v))
        cotangent = back if name == "x" else network.named(pulled)[name]
        assert (J.T @ g.reshape(-1)).reshape(v.shape) == pytest.approx(cotangent)
        total = total + J @ tangents[name].reshape(-1)
    assert network.push(params, x, tangents).reshape(-1) == pytest.approx(total)


@pytest.mark.parametrize("name", ["residual", "input used twice", "one result twice in one layer", "gate"])
def test_gradients_of_a_branching_network_are_those_of_its_derivation(name):
    network = NETWORKS[name]
    params, x, t = instance(network)
    gradients, derivation = network.named(network.gradients(params, x, t)[1]), network.derivation()
    arrays = {**network.named(params), "x": x, "t": t}
    bind = jac.Binding({network.symbols[name]: array for name, array in arrays.items()})
    for name, array in gradients.items():
        assert array == pytest.approx(bind.natural(derivation.value_by(network.symbols[name])), rel=1e-11, abs=1e-13)


@pytest.mark.parametrize("loss", ["half-squared", "mse", "mae", "cross-entropy"])
def test_weights_of_samples_make_a_weighted_mean(loss):
    """A sample of weight 2 counts as two of weight 1, one of weight 0 as none."""
    network = mlp.mlp("3-4-2", "tanh", loss)
    params, x, t = instance(network, 4)
    loss_value, found = network.gradients(params, x, t, weights=[1, 2, 0, 3])
    again = [0, 1, 1, 3, 3, 3]
    expected, gradients = network.gradients(params, x[again], t[again])
    assert loss_value == pytest.approx(expected) == network.loss(params, x, t, [1, 2, 0, 3])
    for name, array in network.named(gradients).items():
        assert network.named(found)[name] == pytest.approx(array)


@pytest.mark.parametrize(("weights", "words"), [([1, 2], "one for each sample"), ([1, -1, 1], "not negative"),
                                                ([0, 0, 0], "not all of them 0"), ([1, np.nan, 1], "nan")])
def test_weights_that_cannot_be_are_refused(weights, words):
    network = NETWORKS["sequence"]
    with pytest.raises(jac.InputError, match=words):
        network.gradients(*instance(network), weights=weights)


def test_a_network_after_training_takes_the_statistics_it_is_given():
    network = NETWORKS["statistics of the batch"]
    params, x, _ = instance(network)
    statistics = network.statistics(params, x)
    assert [list(own) for own in statistics] == [[], ["mean"], [], []]
    after = network.evaluated(statistics)
    assert after.forward(params, x) == pytest.approx(network.forward(params, x))
    assert after.forward(params, x[:1]) == pytest.approx(network.forward(params, x)[:1])
    assert network.forward(params, x[:1]) != pytest.approx(network.forward(params, x)[:1])


def test_a_step_of_training_draws_its_masks():
    network = mlp.Network((("h", AFFINE), ("m", Masked()), AFFINE), HALF, (3, 4, 2))
    params, x, t = instance(network)
    one, two, again = (network.trained(np.random.default_rng(seed), len(x)) for seed in (0, 1, 0))
    assert one == again != two
    assert one.layers[1][0] == "m"
    assert np.shape(one.layers[1][1].mask) == (3, 4)
    close(network.named(one.gradients(params, x, t)[1])["W1"], jac.numeric(lambda w: one.loss(
        network.parameters({**network.named(params), "W1": w}), x, t), params[0]["W"]))


@pytest.mark.parametrize(("steps", "sizes", "words"), [
    ((("y", Plus(), "x"),), (3,), r"takes u, v, but x was given"),
    ((("y", Plus(), ("x", "h")),), (3,), r"takes 'h', but the results before it are x"),
    ((("h", AFFINE), ("h", AFFINE)), (3, 4, 2), r"two results are called h"),
    ((("h", AFFINE), ("y", AFFINE, "x")), (3, 4, 2), r"no layer takes the result h"),
    ((("h", AFFINE), ("y", Plus(), ("x", "h"))), (3, 4), r"v is h with shape \(N, 4\), but \(N, 3\) is expected"),
    ((Patches(),), (3,), r"x is x with shape \(N, 3\), but \(N, h, w\) is expected"),
    ((mlp.L2(),), (3,), r"a result of a network has a row for each sample"),
    ((("x", AFFINE),), (3, 4), r"steps such as"),
])
def test_steps_that_do_not_fit_together_are_refused(steps, sizes, words):
    with pytest.raises(jac.InputError, match=words):
        mlp.Network(steps, HALF, sizes)


@pytest.mark.parametrize(("layer", "start"), [(mlp.Flatten(), (4, 1, 1)), (mlp.GroupNorm(axes=0), 4)], ids=str)
def test_a_layer_written_in_symbols_of_other_arrays_has_no_network_in_symbols(layer, start):
    network = mlp.Network((layer, AFFINE), HALF, (start, 2))
    with pytest.raises(jac.MissingRule, match="written in symbols of other arrays"):
        network.derivation()


MASK = np.array([[1, 0, 1, 1], [1, 1, 0, 1], [0, 1, 1, 1]])
WRITTEN = [mlp.GLU(), mlp.SwiGLU(), mlp.Maxout(), mlp.Maxout(4), mlp.LayerNorm(), mlp.RMSNorm(), mlp.BatchNorm(),
           mlp.Standardised(), mlp.Dropout(0.5, MASK)]


@pytest.mark.parametrize("layer", WRITTEN, ids=str)
def test_a_network_with_gates_norms_or_constants_is_written_in_symbols(layer):
    """Its gradients are those of its derivation, the constants being what they are at these samples."""
    network = mlp.Network((AFFINE, layer, AFFINE), HALF, (3, 4, 2))
    params, x, t = instance(network)
    assert len(x) == len(MASK)
    arrays = {network.symbols[name]: array for name, array in {**network.named(params), "x": x, "t": t}.items()}
    arrays |= {network.constants[name]: array for name, array in network.conditions(params, x).items()}
    derivation, bind = network.derivation(), jac.Binding(arrays)
    assert derivation.check().ok
    for name, array in network.named(network.gradients(params, x, t)[1]).items():
        assert array == pytest.approx(bind.natural(derivation.value_by(network.symbols[name])), rel=1e-11, abs=1e-13)


# ---- beside JAX ----------------------------------------------------------------------------------------------------


def theirs(name, jnp, p, x):
    """The same networks, written anew."""
    def affine(k, a):
        return a @ p[f"W{k}"].T + p[f"b{k}"]

    if name == "residual":
        h = affine(1, x)
        return affine(3, affine(2, jnp.tanh(h)) + h)
    if name == "gate":
        u, v = affine(1, x), affine(2, x)
        return u / (1 + jnp.exp(-v)) + v
    if name == "image":
        a = jnp.log1p(jnp.exp(x))[:, :, :2].reshape(len(x), -1)
        return jnp.tanh(affine(1, a))
    z = affine(1, x)
    return affine(2, jnp.tanh(z - z.mean(axis=0)))


@pytest.mark.extra
@pytest.mark.parametrize("name", ["residual", "gate", "image", "statistics of the batch"])
def test_gradients_and_jacobians_are_those_of_jax(name):
    import jax
    jax.config.update("jax_enable_x64", True)
    network, jnp = NETWORKS[name], jax.numpy
    params, x, t = instance(network, 5)
    named = network.named(params)

    def loss(p, x):
        h = theirs(name, jnp, p, x)
        if isinstance(network.objective, mlp.CrossEntropy):
            return -jnp.mean(jnp.sum(t * jax.nn.log_softmax(h), axis=1))
        return jnp.mean(jnp.sum((h - t) ** 2, axis=1)) / 2

    expected, by_x = jax.grad(loss, (0, 1))(named, x)
    for parameter, gradient in network.named(network.gradients(params, x, t)[1]).items():
        np.testing.assert_allclose(gradient, expected[parameter], rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(network.input_gradient(params, x, t), by_x, rtol=1e-11, atol=1e-13)
    for wrt in ("x", "W1"):
        whole = jax.jacobian(lambda v, wrt=wrt: theirs(name, jnp, named if wrt == "x" else {**named, wrt: v},
                                                       v if wrt == "x" else x))(x if wrt == "x" else named[wrt])
        J = network.jacobian(params, x, wrt)
        np.testing.assert_allclose(J.dense(), whole.reshape(J.shape), rtol=1e-11, atol=1e-13)
