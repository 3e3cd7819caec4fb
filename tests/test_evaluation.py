"""Loss and score of samples, a batch at a time: the same numbers as of all at once, in the memory of one batch."""

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from test_network import instance

import jacobian as jac
import mlp
from mlp import evaluation
from mlp.descent import sweep

COUNTED = (mlp.CrossEntropy(weights=(1.0, 2.0, 0.5)), mlp.CrossEntropy(ignore=1), mlp.CrossEntropy(0.1, (0.0, 1, 3), 2))
each_batch = pytest.mark.parametrize("batch", [1, 3, 7, 1000])


@each_batch
@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("loss", [*mlp.LOSSES.values(), *COUNTED], ids=str)
def test_the_loss_is_that_of_all_samples_at_once(loss, reduction, batch):
    network = mlp.Network((mlp.Affine(), mlp.Tanh(), mlp.Affine()), loss, (2, 4, 3))
    params, x, t = instance(network, 7)
    network = replace(network, objective=replace(loss, reduction=reduction))
    if loss in COUNTED:
        t = np.array([2, 0, 1, 1, 1, 0, 2])
    found, _ = mlp.evaluate(network, params, x, t, batch=batch)
    assert found == pytest.approx(float(network.loss(params, x, t)), rel=1e-13)


@each_batch
def test_samples_are_those_that_are_named(batch):
    network = mlp.mlp("2-4-3", "tanh", "cross-entropy")
    params, x, _ = instance(network, 9)
    t, among = np.arange(9) % 3, np.array([7, 2, 5, 0])
    assert mlp.evaluate(network, params, x, t, among=among, batch=batch) \
        == pytest.approx(mlp.evaluate(network, params, x[among], t[among]), rel=1e-14)


@each_batch
def test_r_squared_is_one_less_the_share_that_is_missed(batch):
    """Of two targets, one of them far from 0; of a constant one the missed squares count as they are."""
    network = mlp.Network((mlp.Affine(),), mlp.HalfSquaredError(), (1, 3))
    params = [{"W": np.array([[1.0], [2.0], [0.0]]), "b": np.array([0.0, 1e6, 0.1])}]
    x = np.arange(5.0)[:, None]
    t = np.hstack([x + np.array([[1, 0, 0, 0, -1]]).T, 1e6 + 2 * x, np.full((5, 1), 0.1)])
    around = np.square([1 - 2, 1 - 2, 2 - 2, 3 - 2, 3 - 2]).sum()
    assert mlp.evaluate(network, params, x, t, batch=batch)[1] == pytest.approx((1 - 2 / around + 1 + 1) / 3, rel=1e-12)


def test_where_no_target_counts_there_is_no_loss():
    network = mlp.Network((mlp.Affine(),), mlp.CrossEntropy(ignore=1), (2, 3))
    params, x, _ = instance(network, 4)
    with pytest.raises(jac.InputError, match="no target counts"):
        mlp.evaluate(network, params, x, np.ones(4, int))


def test_an_epoch_over_named_samples_is_one_over_these_alone_bit_by_bit():
    network = mlp.mlp("2-4-3", "relu", "cross-entropy")
    params, x, _ = instance(network, 20)
    t, among, weights = np.arange(20) % 3, np.arange(19, 0, -2), np.linspace(1, 2, 20)

    def end(x, t, weights, among=None):
        plan = mlp.Plan(network, params)
        sweep(plan, x, t, weights, rate=0.1, batch=4, rng=np.random.default_rng(3), among=among)
        return [array.tolist() for own in plan.parameters() for array in own.values()]

    assert end(x, t, weights, among) == end(x[among], t[among], weights[among])


# ---- memory --------------------------------------------------------------------------------------------------------


BATCH, INPUTS, HIDDEN, OUTPUTS = 16, 64, 48, 10


def samples(many, classes=True):
    x, c = np.random.default_rng(0).normal(size=(many, INPUTS)), np.arange(many) % OUTPUTS
    t = c if classes else np.eye(OUTPUTS)[c]
    return mlp.Data(x, t, x, t, OUTPUTS if classes else None)


def highest(many, classes, **given):
    """The bytes that three epochs take at most, besides the data."""
    data = samples(many, classes)
    settings = mlp.Settings(str(HIDDEN), epochs=3, batch=BATCH, **given)
    network = mlp.perceptron(data, settings)
    tracemalloc.start()
    try:
        for _ in mlp.learn(network, data, settings):
            pass
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("classes", [True, False], ids=["classes", "numbers"])
@pytest.mark.parametrize("given", [{}, {"validation": 0.25, "patience": 3}, {"weights": "balanced"}],
                         ids=["plain", "stopped early", "weighted"])
def test_training_takes_the_memory_of_its_parameters_and_of_one_batch(classes, given, monkeypatch):
    """Sixteen times the samples take some indices and weights more, 8 bytes each; a sample itself takes 512.

    Parameters are kept as those now, those before and the best, each with two slots of Adam, and in a plan.
    """
    if not classes:
        given = {name: value for name, value in given.items() if name != "weights"}
    few, many = 200, 3200
    weights = (INPUTS + 1) * HIDDEN + (HIDDEN + 1) * OUTPUTS
    results = BATCH * (INPUTS + 2 * HIDDEN + 2 * OUTPUTS)
    monkeypatch.setattr(evaluation, "ENTRIES", results)
    low, high = highest(few, classes, **given), highest(many, classes, **given)
    assert low < 8 * (12 * weights + 8 * results)
    assert high - low < 8 * 6 * (many - few)


@pytest.mark.parametrize("sizes", [(2, 3, 4, 2), (300, 40, 5), (2000, 3), (400_000, 2)], ids=str)
def test_samples_are_evaluated_together_as_far_as_a_cache_holds_them(sizes):
    """The counted numbers are those that tracemalloc sees: x and all results, and what one layer needs besides."""
    network, row = mlp.mlp(sizes, "relu", "cross-entropy"), sizes[0] + 2 * sum(sizes[1:-1]) + sizes[-1]
    together = evaluation.rows(network)
    assert together == 1 or together * row <= evaluation.ENTRIES < (together + 1) * row
    params, x = network.init(np.random.default_rng(0)), np.ones((3 * together, sizes[0]))
    t = np.arange(len(x)) % sizes[-1]
    tracemalloc.start()
    try:
        mlp.evaluate(network, params, x, t)
        assert tracemalloc.get_traced_memory()[1] < 8 * 2 * together * row
    finally:
        tracemalloc.stop()


def test_a_batch_of_one_is_evaluated_in_as_few_passes_as_a_large_one(monkeypatch):
    """Samples to learn from are looked at before the epoch and after it, those of the test once."""
    data, passes = samples(1000), []
    forward = mlp.Network.forward
    monkeypatch.setattr(mlp.Network, "forward", lambda network, params, x: passes.append(len(x)) or forward(
        network, params, x))
    settings = mlp.Settings("16", epochs=1, batch=1)
    together = evaluation.rows(mlp.perceptron(data, settings))
    [*mlp.learn(mlp.perceptron(data, settings), data, settings)]
    assert len(passes) == 2 * -(-len(data.x) // together) + -(-len(data.x_test) // together)
    assert max(passes) > 100
