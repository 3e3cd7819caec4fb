"""A plan and straight-line code do what Network.gradients does, to rounding, for every layer and loss."""

import tracemalloc
from itertools import pairwise

import numpy as np
import pytest
from test_branching import NETWORKS, Plus, instance
from test_network import instance as fitting
from training import CASES

import jacobian as jac
import mlp
from mlp import optimise
from mlp.fused import BACK, DELAYED, MANY, parts
from mlp.runs import SHORT

AFFINE, HALF = mlp.Affine(), mlp.HalfSquaredError()
ROWS = [layer for layer in mlp.LAYERS
        if layer.inputs == 1 and len(next(iter(layer.arguments.values()))) == 2 and not layer.indices
        and not isinstance(layer, mlp.L1 | mlp.L2)]
IN_PLACE = [mlp.ReLU(), mlp.Linear(), mlp.ReLU6(), mlp.Tanh()]
RATE = 0.05


def descended(network, params, batches):
    """The losses and the parameters after plain gradient descent."""
    losses = []
    for x, t in batches:
        loss, gradients = network.gradients(params, x, t)
        losses.append(loss)
        params = [{name: w - RATE * g[name] for name, w in own.items()}
                  for own, g in zip(params, gradients, strict=True)]
    return losses, network.named(params)


def follows(network, params, batches, rel=1e-10):
    plan = mlp.Plan(network, params)
    found = [plan.step(x, t, RATE) for x, t in batches]
    losses, after = descended(network, params, batches)
    assert found == pytest.approx(losses, rel=rel, abs=1e-12)
    for name, w in network.named(plan.parameters()).items():
        assert w == pytest.approx(after[name], rel=rel, abs=1e-12)
    x, t = batches[-1]
    for own, g in zip(plan.gradients(x, t)[1], network.gradients(network.parameters(after), x, t)[1], strict=True):
        for name in own:
            assert own[name] == pytest.approx(g[name], rel=1e-8, abs=1e-10)


@pytest.mark.parametrize("N", [1, 5])
@pytest.mark.parametrize("layer", ROWS, ids=str)
def test_a_step_is_that_of_the_gradients_for_every_layer(layer, N):
    own = [4] * len({n for name in layer.parameters for n in layer.arguments[name]}
                    - set(next(iter(layer.arguments.values()))))
    network = mlp.Network((AFFINE, layer, AFFINE), mlp.CrossEntropy(), (3, 4, *own, 2))
    params, x, _ = instance(network, N)
    follows(network, params, [(x, np.arange(N) % 2)] * 3)


@pytest.mark.parametrize("loss", mlp.LOSSES)
def test_a_step_is_that_of_the_gradients_for_every_loss(loss):
    network = mlp.mlp("3-5-4", "relu", loss)
    params, x, t = fitting(network)
    follows(network, params, [(x, t)] * 3)


@pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS)
def test_a_step_is_that_of_the_gradients_where_results_are_used_twice(network):
    params, x, t = instance(network, 4)
    follows(network, params, [(x, t)] * 3)


SEEN = tuple((name, mlp.Convolution((1,)), "x") for name in "qkv")
MANY_AXES = {
    "attention": ((*SEEN, ("y", mlp.Attention(), ("q", "k", "v")), mlp.Flatten(1), AFFINE), ((3, 4), 5, 2, 2, 2)),
    "causal attention": ((*SEEN, ("y", mlp.CausalAttention(), ("q", "k", "v")), mlp.ReLU(), mlp.Flatten(1), AFFINE),
                         ((3, 4), 2, 5, 5, 2)),
    "a recurrent cell": ((("h", AFFINE, "x"), ("y", mlp.RecurrentCell(), ("x", "h"))), (3, 4)),
    "convolution": ((mlp.Convolution((2, 3), stride=(1, 2), padding=1), mlp.BatchNorm(axes=2), mlp.MaxPool((2, 2)),
                     mlp.GroupNorm(), mlp.AveragePool((2, 1)), mlp.Flatten(), AFFINE), ((3, 5, 6), 4, 2)),
}


@pytest.mark.parametrize(("layers", "sizes"), MANY_AXES.values(), ids=MANY_AXES)
def test_a_step_is_that_of_the_gradients_for_layers_of_many_axes(layers, sizes):
    network = mlp.Network(layers, mlp.CrossEntropy(), sizes)
    params, x, _ = instance(network, 3)
    follows(network, params, [(x, np.array([0, 1, 1]))] * 3)


@pytest.mark.parametrize("second", [*IN_PLACE, mlp.Hardtanh(-0.2, 0.3)], ids=str)
@pytest.mark.parametrize("first", [*IN_PLACE, mlp.Hardtanh(-0.5, 0.1)], ids=str)
def test_layers_that_work_in_place_do_not_spoil_what_others_need(first, second):
    for layers, sizes in (((AFFINE, first, second, AFFINE), (3, 9, 2)), ((AFFINE, first, second), (3, 2)),
                          ((first, second, AFFINE), (3, 2))):
        network = mlp.Network(layers, mlp.CrossEntropy(), sizes)
        params, x, _ = instance(network, 6)
        follows(network, params, [(x, np.arange(6) % 2)] * 3)


@pytest.mark.parametrize("layer", IN_PLACE, ids=str)
def test_a_layer_works_in_place_only_where_nobody_else_needs_its_input(layer):
    network = mlp.Network((("h", AFFINE), ("a", layer), ("y", Plus(), ("h", "a")), AFFINE), HALF, (3, 4, 2))
    params, x, t = instance(network, 6)
    follows(network, params, [(x, t)] * 3)


@pytest.mark.parametrize("N", [1, 3, DELAYED // 2])
def test_changes_of_many_weights_are_put_off_and_made(N):
    """Over more steps than are put off, and batches of other sizes in between."""
    network = mlp.mlp((100, 101, 102, 3), "relu", "cross-entropy")
    assert MANY <= 100 * 101
    rng, params = np.random.default_rng(0), network.init(np.random.default_rng(1))
    rows = [N] * (2 * DELAYED // N + 1) + [40] + [N] * 3 + [2, N, N]
    follows(network, params, [(rng.normal(size=(n, 100)), rng.integers(3, size=n)) for n in rows])


def test_long_products_are_cut_into_short_ones_with_the_same_result():
    sizes, N = (300, 240, 96, 2), 64
    assert [parts(m, N * n * m) for n, m in pairwise(sizes)] == [5, 2, 1]
    assert parts(sizes[1], N * sizes[1] * sizes[2], BACK) == 2
    assert (parts(7, SHORT + 1), parts(64, 9 * SHORT)) == (7, 1)
    network = mlp.mlp(sizes, "tanh", "cross-entropy")
    rng, params = np.random.default_rng(0), network.init(np.random.default_rng(1))
    follows(network, params, [(rng.normal(size=(N, 300)), rng.integers(2, size=N)) for _ in range(3)])


def test_a_plan_keeps_its_own_parameters_and_their_type():
    network = mlp.mlp("3-4-2", "relu", "cross-entropy")
    params, x, _ = instance(network, 4)
    before = {name: w.copy() for name, w in network.named(params).items()}
    plan = mlp.Plan(network, params, np.float32)
    plan.step(x, np.array([0, 1, 1, 0]), 0.1)
    for name, w in network.named(params).items():
        assert np.array_equal(w, before[name])
    assert {w.dtype for w in network.named(plan.parameters()).values()} == {np.dtype(np.float32)}


@pytest.mark.parametrize("case", CASES)
def test_steps_in_place_are_those_of_the_optimiser_in_new_arrays(case, monkeypatch):
    """Blocks of 5 entries, where W1 has 12: and a plan that is taken up again goes on to the same bits."""
    monkeypatch.setattr(optimise, "BLOCK", 5)
    optimiser, rate = CASES[case]
    network = mlp.mlp("3-4-2", "tanh", "cross-entropy")
    params, x, t = fitting(network)
    plan, state = mlp.Plan(network, params, optimiser=optimiser), optimiser.start(params)
    for _ in range(4):
        plan.step(x, t, rate)
        state, params = optimiser.step(state, params, network.gradients(params, x, t)[1], rate)
    found = plan.parameters()
    for own, other in zip([*found, *(p for slot in plan.state().slots.values() for p in slot)],
                          [*params, *(p for slot in state.slots.values() for p in slot)], strict=True):
        for name in other:
            assert own[name] == pytest.approx(other[name], rel=1e-11, abs=1e-14)
    assert plan.state().steps == state.steps == 4
    again = mlp.Plan(network, found, optimiser=optimiser, state=plan.state())
    plan.step(x, t, rate), again.step(x, t, rate)
    for name, array in network.named(again.parameters()).items():
        assert np.array_equal(array, network.named(plan.parameters())[name])


@pytest.mark.parametrize("loss", [*mlp.LOSSES, "class indices"])
def test_weights_of_samples_multiply_their_losses(loss):
    """J = 1/N Σ wₙ ℓₙ: the mean of the losses of batches of one, each times its weight; so are the gradients."""
    network = mlp.mlp("3-5-4", "tanh", loss if loss in mlp.LOSSES else "cross-entropy")
    params, x, t = fitting(network)
    t = t if loss in mlp.LOSSES else t.argmax(axis=1)
    w = np.array([2.0, 0.0, 1.0, 0.5, 3.0])
    assert len(x) == len(w)
    found, gradients = mlp.Plan(network, params).gradients(x, t, w)
    alone = [network.gradients(params, x[n:n + 1], t[n:n + 1]) for n in range(len(x))]
    assert found == pytest.approx(np.mean([w[n] * J for n, (J, _) in enumerate(alone)]))
    for k, own in enumerate(gradients):
        for name, array in own.items():
            expected = sum(w[n] * g[k][name] for n, (_, g) in enumerate(alone)) / len(x)
            assert array == pytest.approx(expected, rel=1e-10, abs=1e-13)


@pytest.mark.parametrize(("weights", "words"), [
    ([1.0], r"weights have shape \(1,\), but one for each sample, \(3,\)"), ([1, -1, 1], "not negative, but -1"),
    ([1, np.nan, 1], "weights holds nan"), (["a"] * 3, "weights must hold real numbers")])
def test_weights_that_cannot_be_are_refused_by_a_plan(weights, words):
    network = mlp.mlp("3-2", loss="cross-entropy")
    params, x, t = instance(network)[0], np.ones((3, 3)), np.array([0, 1, 1])
    with pytest.raises(jac.InputError, match=words):
        mlp.Plan(network, params).step(x, t, RATE, weights)


@pytest.mark.parametrize("case", CASES)
def test_no_temporary_of_an_optimiser_is_as_large_as_the_parameters(case):
    """W1 takes 4 MB; a block of it 128 KB."""
    network, (optimiser, rate) = mlp.mlp("1000-500-2", "relu", "cross-entropy"), CASES[case]
    x, t = np.ones((20, 1000)), np.arange(20) % 2
    plan = mlp.Plan(network, network.init(np.random.default_rng(0)), optimiser=optimiser)
    plan.step(x, t, rate)
    tracemalloc.start()
    try:
        plan.step(x, t, rate)
        assert tracemalloc.get_traced_memory()[1] < 1.2e6
    finally:
        tracemalloc.stop()


def test_no_temporary_is_larger_than_the_results_of_a_batch():
    network = mlp.mlp("400-300-10", "relu", "cross-entropy")
    x, t = np.ones((64, 400)), np.arange(64) % 10
    plan = mlp.Plan(network, network.init(np.random.default_rng(0)))
    plan.step(x, t, RATE)
    tracemalloc.start()
    try:
        plan.step(x, t, RATE)
        assert tracemalloc.get_traced_memory()[1] < 64 * 300 * 8
    finally:
        tracemalloc.stop()


def test_a_confident_loss_keeps_the_digits_of_its_gradient():
    """p − 1 = −exp(−40) of two classes, 40 apart."""
    network = mlp.Network((AFFINE,), mlp.CrossEntropy(), (1, 2))
    plan = mlp.Plan(network, [{"W": np.array([[20.0], [-20.0]]), "b": np.zeros(2)}])
    _, (gradients,) = plan.gradients(np.ones((1, 1)), np.array([0]))
    assert gradients["b"] == pytest.approx([-np.exp(-40.0), np.exp(-40.0)], rel=1e-14)


@pytest.mark.parametrize(("x", "t", "words"), [
    (np.ones((3, 4)), [0, 1, 1], r"x has shape \(3, 4\), but \('N', 3\) is expected"),
    (np.ones((3, 3)), [0, 1, 2], "classes 0 … 1, but row 2 holds 2"),
    (np.ones((3, 3)), np.array([0, -1, 1]), "classes 0 … 1, but row 1 holds -1"),
    (np.ones((3, 3)), np.array([0, 1]), "t has shape"),
    ([["a", "b", "c"]], [0], "x must hold numbers"),
])
def test_samples_that_do_not_fit_a_plan_are_refused(x, t, words):
    network = mlp.mlp("3-2", loss="cross-entropy")
    with pytest.raises(jac.InputError, match=words):
        mlp.Plan(network, network.init(np.random.default_rng(0))).step(x, t, RATE)


def test_a_rate_that_cannot_be_is_refused_by_a_plan():
    network = mlp.mlp("3-2")
    with pytest.raises(jac.InputError, match="rate must be a positive number"):
        mlp.Plan(network, network.init(np.random.default_rng(0))).step(np.ones((1, 3)), np.ones((1, 2)), -0.1)


# ---- straight-line code --------------------------------------------------------------------------------------------


def walks(loop, network, steps=40):
    params, x, t = fitting(network)
    order = np.random.default_rng(0).integers(len(x), size=steps)
    losses, after = descended(network, params, [(x[n:n + 1], t[n:n + 1]) for n in order])
    found, named = loop(network).descend(params, x, t, order, RATE)
    assert found == pytest.approx(losses, rel=1e-9, abs=1e-12)
    for name, w in network.named(named).items():
        assert w == pytest.approx(after[name], rel=1e-9, abs=1e-11)


@pytest.mark.parametrize(("activation", "loss"), [
    ("relu", "half-squared"), ("tanh", "cross-entropy"), ("sigmoid", "mse"), ("gelu", "mae"), ("elu", "huber"),
    ("softplus", "binary-cross-entropy"), ("hardswish", "log-cosh")])
def test_straight_line_code_makes_the_steps_of_the_gradients(activation, loss):
    walks(mlp.straight, mlp.mlp("2-3-4-2", activation, loss))


@pytest.mark.parametrize("name", ["residual", "gate"])
def test_straight_line_code_of_a_branching_network(name):
    walks(mlp.straight, NETWORKS[name], steps=4)


@pytest.mark.extra
@pytest.mark.parametrize(("activation", "loss"), [("relu", "half-squared"), ("tanh", "cross-entropy")])
def test_compiled_code_makes_the_steps_of_the_gradients(activation, loss):
    walks(mlp.compiled, mlp.mlp("2-3-4-2", activation, loss))


def test_straight_line_code_reads_as_the_derivation():
    source = mlp.straight(mlp.mlp("2-3-4-1")).source
    for line in ("z1_0_0 = W1_0_0*x_0 + W1_0_1*x_1 + b1_0", "δ3_0_0 = -t_0 + z3_0_0", "dW3_0_1 = a2_1_0*δ3_0_0"):
        assert f"        {line}\n" in source


def test_what_straight_line_code_cannot_take_is_refused():
    network = mlp.mlp("2-3-1")
    params, x, t = fitting(network)
    loop = mlp.straight(network)
    with pytest.raises(jac.InputError, match="parameters, but at most 1000 are written out"):
        mlp.straight(mlp.mlp("100-100-1"))
    with pytest.raises(jac.InputError, match="order lists samples 0 … 4, but"):
        loop.descend(params, x, t, [5], RATE)
    with pytest.raises(jac.ShapeError, match=r"\(N, 2\) and \(N, 1\) are expected"):
        loop.descend(params, x[:, :1], t, [0], RATE)
    with pytest.raises(jac.InputError, match="a number overflows"):
        mlp.straight(mlp.mlp("2-3-1", "softplus")).descend(params, 1e4 * x, t, range(5), RATE)
