"""Networks: the gradients of their parameters against a hand calculation, the derivation and the complex step."""

from dataclasses import dataclass

import numpy as np
import pytest

import jacobian as jac
import mlp

NETWORKS = [*((activation, "half-squared") for activation in mlp.ACTIVATIONS), *(("tanh", loss) for loss in mlp.LOSSES)]
each_network = pytest.mark.parametrize(("activation", "loss"), NETWORKS)


def instance(network, N=5, seed=0):
    """Random parameters (biases too) and samples, with a target that fits the loss."""
    rng = np.random.default_rng(seed)
    named = {name: rng.normal(size=array.shape) for name, array in network.named(network.init(rng)).items()}
    x, t = rng.normal(size=(N, network.sizes[0])), rng.normal(size=(N, network.sizes[-1]))
    if isinstance(network.objective, mlp.CrossEntropy):
        t = np.eye(network.sizes[-1])[rng.integers(network.sizes[-1], size=N)]
    elif network.objective == mlp.LOSSES["hinge"]:
        t = np.sign(t)
    elif network.objective in (mlp.LOSSES["kl"], mlp.LOSSES["focal"], mlp.LOSSES["binary-cross-entropy"]):
        t = np.exp(t) / (1 + np.exp(t))
    return network.parameters(named), x, t


def binding(network, params, x, t):
    arrays = {**network.named(params), "x": x, "t": t}
    return jac.Binding({network.symbols[name]: array for name, array in arrays.items()})


# ---- by hand -------------------------------------------------------------------------------------------------------

NOTES = [
    {"W": [[1, 0], [0, 1], [1, -1]], "b": [0, -1, 0]}, {},
    {"W": [[1, 1, 1], [0, 1, 2], [-1, 0, 1], [2, -1, 0]], "b": [0, 0, 0, 1]}, {},
    {"W": [[1, -1, 2, 1]], "b": [1]},
]
BY_HAND = {
    # z₁ = (1, 1, −1), a₁ = (1, 1, 0); z₂ = (2, 1, −1, 2), a₂ = (2, 1, 0, 2); h = 4, t = 1, δ₃ = 3
    "W3": [[6, 3, 0, 6]], "b3": [3],
    # W₃ᵀ δ₃ = (3, −3, 6, 3), δ₂ = (3, −3, 0, 3)
    "W2": [[3, 3, 0], [-3, -3, 0], [0, 0, 0], [3, 3, 0]], "b2": [3, -3, 0, 3],
    # W₂ᵀ δ₂ = (9, −3, −3), δ₁ = (9, −3, 0)
    "W1": [[9, 18], [-3, -6], [0, 0]], "b1": [9, -3, 0],
}


def test_the_network_of_the_notes_worked_by_hand():
    network = mlp.mlp("2-3-4-1")
    assert network.forward(NOTES, [[1, 2]]).tolist() == [[4]]
    loss, gradients = network.gradients(NOTES, [[1, 2]], [[1]])
    assert loss == network.loss(NOTES, [[1, 2]], [[1]]) == 4.5
    assert {name: array.tolist() for name, array in network.named(gradients).items()} == BY_HAND


def test_two_samples_have_the_mean_of_their_gradients():
    network = mlp.mlp("2-3-4-1")
    one, two = (network.named(network.gradients(NOTES, [x], [t])[1]) for x, t in (([1, 2], [1]), ([2, -1], [3])))
    both = network.named(network.gradients(NOTES, [[1, 2], [2, -1]], [[1], [3]])[1])
    for name in both:
        assert both[name] == pytest.approx((one[name] + two[name]) / 2)


# ---- against symbols and the complex step --------------------------------------------------------------------------


@each_network
def test_gradients_are_those_of_the_derivation(activation, loss):
    network = mlp.mlp("2-3-5-4", activation, loss)
    params, x, t = instance(network)
    value, gradients = network.gradients(params, x, t)
    bind, derivation = binding(network, params, x, t), network.derivation()
    assert value == pytest.approx(bind.natural(derivation.goal))
    for name, array in network.named(gradients).items():
        assert array == pytest.approx(bind.natural(derivation.value_by(network.symbols[name])), rel=1e-10, abs=1e-12)


@each_network
def test_gradients_are_those_of_the_complex_step(activation, loss):
    network = mlp.mlp("2-3-4", activation, loss)
    params, x, t = instance(network, N=3, seed=1)
    gradients = network.named(network.gradients(params, x, t)[1])
    for name, array in network.named(params).items():
        for index in np.ndindex(array.shape):
            moved = array.astype(complex)
            moved[index] += 1e-30j
            y = binding(network, network.parameters({**network.named(params), name: moved}), x, t)(network.spec())
            assert gradients[name][index] == pytest.approx(y.imag.item() / 1e-30, rel=1e-10, abs=1e-13)


@pytest.mark.parametrize(("activation", "loss"), [("relu", "cross-entropy"), ("sigmoid", "mse")])
def test_the_derivation_of_the_whole_network_holds(activation, loss):
    derivation = mlp.mlp("2-3-2", activation, loss).derivation("W1", "b2")
    assert derivation.check().ok, str(derivation.check())


def test_the_derivation_of_one_sample_is_the_textbook_back_propagation():
    network = mlp.mlp("2-3-4-1")
    goal = network.spec(*jac.symbols("x: n0, t: n3"))
    text = jac.derive(goal, network.symbols["W1"]).text()
    for line in ("δ₃ = ∂J/∂z₃ = z₃ − t", "δ₂ = ∂J/∂z₂ = ReLU′(z₂) ∘ (W₃ᵀ δ₃)", "∂J/∂W₁ = δ₁ xᵀ"):
        assert line in text


@pytest.mark.parametrize("wrt", ["x", "W1", "b1", "W2", "b2", "W3", "b3"])
def test_the_jacobian_of_the_network_is_composed_of_those_of_its_layers(wrt):
    """With t = h − N eᵢ the gradient of 1/(2N) ‖h − t‖² is row i of the Jacobian."""
    network = mlp.mlp("2-3-5-4", "tanh")
    params, x, _ = instance(network, N=3)
    h, J = network.forward(params, x), network.jacobian(params, x, wrt)
    dense = J.dense()
    assert dense.shape == J.shape
    for i in range(h.size):
        t = h.copy()
        t.reshape(-1)[i] -= len(x)
        if wrt == "x":
            e = (h - t) / len(x)
            assert dense[i] == pytest.approx(J.T @ e.reshape(-1))
            assert dense[i] == pytest.approx(by_complex_input(network, params, x, i), rel=1e-10, abs=1e-12)
        else:
            gradient = network.named(network.gradients(params, x, t)[1])[wrt]
            assert dense[i] == pytest.approx(gradient.reshape(-1))


def by_complex_input(network, params, x, i):
    found = []
    for index in np.ndindex(x.shape):
        a = x.astype(complex)
        a[index] += 1e-30j
        for own in params:
            a = a @ own["W"].T + own["b"] if own else np.tanh(a)
        found.append(a.reshape(-1)[i].imag / 1e-30)
    return np.array(found)


def test_float32_stays_float32():
    network = mlp.mlp("2-3-4-2", "sigmoid", "cross-entropy")
    params, x, _ = instance(network)
    small = network.parameters({name: array.astype(np.float32) for name, array in network.named(params).items()})
    loss, gradients = network.gradients(small, x.astype(np.float32), [0, 1, 1, 0, 1])
    assert loss.dtype == np.float32
    assert {array.dtype for array in network.named(gradients).values()} == {np.dtype(np.float32)}


# ---- layers of one's own, parameters, sizes ------------------------------------------------------------------------


@dataclass(frozen=True)
class Bottleneck(mlp.Layer):
    """y = x Uᵀ Vᵀ: brings in two sizes."""

    shapes = "x: N n, U: r n, V: m r"

    def spec(self, x, U, V):
        return x @ U.T @ V.T

    def value(self, x, U, V):
        return x @ U.T @ V.T


def test_a_layer_that_brings_in_two_sizes_takes_two():
    network = mlp.Network((Bottleneck(), mlp.Softmax(), mlp.Softmax()), mlp.MeanSquaredError(), (4, 2, 3))
    assert {name: array.shape for name, array in network.named(network.init(np.random.default_rng(0))).items()} == {
        "U1": (2, 4), "V1": (3, 2)}
    assert [place.label for place in network.places] == ["z1", "a1", "a1′"]


def test_sizes_must_be_as_many_as_the_layers_take():
    with pytest.raises(jac.InputError, match="more than the 2 sizes"):
        mlp.Network((Bottleneck(),), mlp.MeanSquaredError(), (4, 2))
    with pytest.raises(jac.InputError, match="4 sizes were given, but these layers take 3"):
        mlp.Network((Bottleneck(),), mlp.MeanSquaredError(), (4, 2, 3, 3))


@pytest.mark.parametrize(("activation", "variance"), [
    ("relu", 2 / 400), ("leaky-relu", 2 / (1.0001 * 400)), ("tanh", 2 / 700)])
def test_weights_begin_with_the_variance_of_he_or_glorot_and_biases_with_zero(activation, variance):
    first, _, last = mlp.mlp("400-300-200", activation).init(np.random.default_rng(0))
    assert first["W"].shape == (300, 400)
    assert first["W"].var() == pytest.approx(variance, rel=0.02)
    assert last["W"].var() == pytest.approx(2 / 500, rel=0.02)
    assert not np.any(first["b"])


def test_parameters_have_names_and_come_back_from_them():
    network = mlp.mlp("2-3-1")
    params = network.init(np.random.default_rng(0))
    named = network.named(params)
    assert list(named) == ["W1", "b1", "W2", "b2"]
    again = network.parameters(named)
    assert [list(own) for own in again] == [["W", "b"], [], ["W", "b"]]
    with pytest.raises(jac.InputError, match=r"b2 of shape \(1,\) is expected, but none was given"):
        network.parameters({name: named[name] for name in ("W1", "b1", "W2")})
    with pytest.raises(jac.InputError, match=r"W1 of shape \(3, 2\) is expected, but shape \(2, 3\)"):
        network.parameters({**named, "W1": named["W1"].T})


@pytest.mark.parametrize(("sizes", "words"), [
    ("2-0-4", "size 2 of '2-0-4' is 0"), ("2-x-4", "size 2 of '2-x-4' is x"), ("2--4", "size 2 of '2--4' is missing"),
    ("", "size 1 of '' is missing"), ("-2-4", "size 1"), ((2, -1), "size 2"), ((2, 1.5), "1.5"),
    ("2-10000000", "999999"), ("3", "at least two sizes"),
])
def test_sizes_that_cannot_be_are_named(sizes, words):
    with pytest.raises(jac.InputError, match=r"expected|at least two") as found:
        mlp.mlp(sizes)
    assert words in str(found.value)


@pytest.mark.parametrize("layers", [(), (1,), (mlp.Affine,), (mlp.HalfSquaredError(),)], ids=str)
def test_what_is_no_layer_is_refused(layers):
    with pytest.raises(jac.InputError, match=r"made of layers, such as Affine\(\)|takes h, t, but x was given"):
        mlp.Network(layers, mlp.HalfSquaredError(), (2,))


@pytest.mark.parametrize("objective", ["mse", None, mlp.MeanSquaredError, mlp.ReLU()], ids=str)
def test_an_objective_that_is_no_loss_is_refused(objective):
    with pytest.raises(jac.InputError, match=r"the objective is a loss, such as HalfSquaredError\(\), but"):
        mlp.Network((mlp.Affine(),), objective, (2, 1))


def test_unknown_names_list_the_known_ones():
    with pytest.raises(jac.InputError, match="'rely' is not known: choose one of linear, relu, leaky-relu"):
        mlp.mlp("2-1", "rely")
    with pytest.raises(jac.InputError, match="'l2' is not known: choose one of half-squared, mse, mae"):
        mlp.mlp("2-1", loss="l2")
    with pytest.raises(jac.InputError, match="at least two outputs"):
        mlp.mlp("2-1", loss="cross-entropy")
    network = mlp.mlp("2-1")
    params, x, _ = instance(network)
    for ask in (lambda: network.jacobian(params, x, "W2"), lambda: network.derivation("W2")):
        with pytest.raises(jac.InputError, match=r"x, W1, b1.*not by 'W2'"):
            ask()


def test_a_perceptron_takes_layers_for_names():
    assert mlp.mlp("2-3-4", mlp.ELU(0.5), mlp.CrossEntropy(0.1)) \
        == mlp.Network((mlp.Affine(), mlp.ELU(0.5), mlp.Affine()), mlp.CrossEntropy(0.1), (2, 3, 4))
    assert mlp.mlp("2-3-1", mlp.ACTIVATIONS["tanh"], mlp.LOSSES["mse"]) == mlp.mlp("2-3-1", "tanh", "mse")
    with pytest.raises(jac.InputError, match="cross-entropy needs at least two outputs"):
        mlp.mlp("2-3-1", loss=mlp.CrossEntropy())


@pytest.mark.parametrize(("layer", "words"), [(mlp.Affine, r"write Affine\(\)"), (mlp.ReLU, r"write ReLU\(\)"),
                                              ("relu", "but 'relu' was given")])
def test_what_is_no_layer_is_named_with_the_remedy(layer, words):
    with pytest.raises(jac.InputError, match=words):
        mlp.Network((mlp.Affine(), layer), mlp.HalfSquaredError(), (2, 3))


def test_data_of_another_width_are_refused_by_the_layer_that_takes_them():
    network = mlp.mlp("2-3-1")
    params, _, t = instance(network)
    with pytest.raises(jac.ShapeError, match=r"W has shape \(3, 2\), but \(m, 7\) is expected; x has shape \(5, 7\)"):
        network.gradients(params, np.ones((5, 7)), t)
    with pytest.raises(jac.InputError, match=r"network\.parameters\(named\) divides it"):
        network.forward(network.named(params), np.ones((5, 2)))
    with pytest.raises(jac.InputError, match="3 layers take one dictionary of parameters each, but 2 were given"):
        network.forward(params[:2], np.ones((5, 2)))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_network_names_bad_data_and_lets_its_own_overflow_pass(bad):
    network = mlp.mlp("2-3-1")
    params, x, t = instance(network)
    x[3, 1], t[2, 0] = bad, bad
    good = instance(network)
    for ask in (network.loss, network.gradients):
        with pytest.raises(jac.InputError, match=f"^x holds {bad} in row 3 and column 1: give finite numbers"):
            ask(params, x, good[2])
        with pytest.raises(jac.InputError, match=f"^t holds {bad} in row 2 and column 0: give finite numbers"):
            ask(params, good[1], t)
    for ask in (network.forward, network.jacobian):
        with pytest.raises(jac.InputError, match=f"^x holds {bad} in row 3 and column 1"):
            ask(params, x)
    params[0]["W"][0, 0] = np.nan
    assert np.isnan(network.loss(params, *good[1:]))


def test_classes_that_are_not_as_many_as_the_rows_are_refused():
    with pytest.raises(jac.ShapeError, match=r"t has shape \(2,\), but \(3, 4\) is expected; z has shape \(3, 4\)"):
        mlp.CrossEntropy().forward(z=np.ones((3, 4)), t=[0, 1])


@pytest.mark.parametrize("wrong", [[0, 1, 4], [0, -1, 0], [0.5, 1, 1]])
def test_a_class_that_is_none_is_named_with_its_row(wrong):
    with pytest.raises(jac.InputError, match=r"classes 0 … 3, but row [012] holds"):
        mlp.CrossEntropy().forward(z=np.ones((3, 4)), t=wrong)


def test_whole_numbers_are_taken_as_floating_ones():
    assert mlp.Sigmoid().forward(z=[[0, 0]]).tolist() == [[0.5, 0.5]]


# ---- a layer of one's own ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shift(mlp.Layer):
    """y = x + 1 bᵀ."""

    shapes = "x: N n, b: n"

    def spec(self, x, b):
        return x + b

    def value(self, x, b):
        return x + b

    def by_x(self, x, b):
        return jac.Identity(x.size)


def test_a_new_layer_has_everything_that_follows():
    x, b, g = np.ones((3, 2)), np.ones(2), np.full((3, 2), 5.0)
    assert np.array_equal(Shift().vjp(g, "x", x=x, b=b), g)
    assert str(Shift().derivation("b").value) == "1_(N) ⊗ Iₙ"


def test_a_layer_that_says_nothing_names_what_to_write():
    class Nothing(mlp.Layer):
        shapes = "z: N m"

    for ask in (lambda layer: layer.forward(z=np.ones((1, 1))), lambda layer: layer.derivation("z"),
                lambda layer: layer.jacobian("z", z=np.ones((1, 1)))):
        with pytest.raises(jac.MissingRule, match="write its"):
            ask(Nothing())
