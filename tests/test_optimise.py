"""Optimisers entry by entry, schedules by their values, initial weights by their moments."""

import math

import numpy as np
import pytest
from training import CASES, by_hand

import jacobian as jac
import mlp
from mlp.optimise import norm

SHAPES = [{"W": (3, 2), "b": (3,)}, {}, {"W": (1, 3), "b": (1,)}]


def random(rng):
    return [{name: rng.normal(size=shape) for name, shape in own.items()} for own in SHAPES]


def entries(params):
    return [float(v) for own in params for array in own.values() for v in array.ravel()]


# ---- optimisers ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", CASES)
def test_each_entry_moves_as_the_formula_says(case):
    """Five steps by given gradients; by hand each entry is a number of its own."""
    optimiser, rate = CASES[case]
    rule, rng = by_hand(case, rate), np.random.default_rng(3)
    params = random(rng)
    state, expected = optimiser.start(params), entries(params)
    slots = [(0.0, 0.0)] * len(expected)
    for i in range(1, 6):
        gradients = random(rng)
        g = entries(gradients)
        if case == "norm clipped":
            g = [v * 0.1 / (math.hypot(*g) + 1e-6) for v in g]
        moved = [rule(i, *those) for those in zip(expected, g, slots, strict=True)]
        expected, slots = [p for p, _ in moved], [s for _, s in moved]
        before = entries(params)
        state, new = optimiser.step(state, params, gradients, rate)
        assert entries(params) == before
        params = new
        assert entries(params) == pytest.approx(expected, rel=1e-13, abs=1e-15)
    assert state.steps == 5


def test_every_optimiser_is_followed_by_hand():
    followed = {type(optimiser) for optimiser, _ in CASES.values()}
    assert followed == {*mlp.OPTIMISERS.values(), mlp.Decay, mlp.ClipNorm, mlp.ClipValue}


@pytest.mark.parametrize("row", mlp.OPTIMISERS.values(), ids=mlp.OPTIMISERS)
def test_single_precision_stays_single(row):
    params = [{"W": np.ones((2, 3), np.float32)}]
    state, new = row().step(row().start(params), params, params, 0.1)
    assert {new[0]["W"].dtype, *(slot[0]["W"].dtype for slot in state.slots.values())} == {np.dtype(np.float32)}


def test_the_first_step_of_adam_is_the_rate_times_the_sign():
    """m̂ = g and v̂ = g², so that m̂/√v̂ = sign g (Kingma and Ba 2015, section 2.1)."""
    params, g = [{"W": np.zeros(4)}], [{"W": np.array([3.0, -0.2, 1e3, -5.0])}]
    _, new = mlp.Adam().step(mlp.Adam().start(params), params, g, 0.01)
    assert new[0]["W"] == pytest.approx([-0.01, 0.01, -0.01, 0.01], rel=1e-6)


@pytest.mark.parametrize("size", [1e-300, 1.0, 1e300])
def test_the_norm_of_gradients_does_not_overflow(size):
    assert norm([{"W": np.array([[3.0 * size]])}, {}, {"b": np.array([4.0 * size])}]) == pytest.approx(5 * size)
    assert norm([{"W": np.zeros((2, 2))}]) == 0


def test_a_gradient_within_the_limit_is_left_alone():
    for clip in (mlp.ClipNorm(mlp.SGD(), 0.6), mlp.ClipValue(mlp.SGD(), 0.6)):
        g = [{"W": np.array([0.3, -0.4])}]
        clip.change(g, g)
        assert g[0]["W"].tolist() == [0.3, -0.4]


def test_the_usual_rates_are_those_of_torch():
    assert {name: row().rate for name, row in mlp.OPTIMISERS.items()} == {
        "sgd": 1e-3, "momentum": 1e-3, "nesterov": 1e-3, "rmsprop": 1e-2, "adam": 1e-3, "adamw": 1e-3}
    assert mlp.ClipNorm(mlp.Decay(mlp.RMSprop(), 0.1), 1.0).rate == 1e-2


@pytest.mark.parametrize(("make", "words"), [
    (lambda: mlp.Momentum(1.0), "momentum must be a number between 0 and 1, but 1.0"),
    (lambda: mlp.Adam(beta2=-0.1), "beta2 must be a number between 0 and 1"),
    (lambda: mlp.RMSprop(epsilon=0), "epsilon must be a positive number"),
    (lambda: mlp.Decay(mlp.SGD(), float("nan")), "decay must be a positive number"),
    (lambda: mlp.ClipNorm(mlp.SGD(), "1"), "limit must be a positive number, but '1'"),
])
def test_constants_that_cannot_be_are_named(make, words):
    with pytest.raises(jac.InputError) as found:
        make()
    assert words in str(found.value)


# ---- schedules -----------------------------------------------------------------------------------------------------

FALLING = [1 / (n + 1) for n in range(40)]
STUCK = [1.0, 0.5, 0.6, 0.5, 0.7, 0.5, 0.49, 0.49, 0.49, 0.49, 0.49, 0.49, 0.49, 0.49]


def torch_schedules(lr):
    return {
        mlp.Constant(): lambda o: lr.ConstantLR(o, 1.0), mlp.Steps(4, 0.3): lambda o: lr.StepLR(o, 4, 0.3),
        mlp.Exponential(0.9): lambda o: lr.ExponentialLR(o, 0.9),
        mlp.CosineAnnealing(40): lambda o: lr.CosineAnnealingLR(o, 40),
        mlp.WarmUp(): lambda o: lr.LinearLR(o), mlp.WarmUp(7, 0.1): lambda o: lr.LinearLR(o, 0.1, total_iters=7),
        mlp.Chain((mlp.WarmUp(), mlp.Exponential(0.8))):
            lambda o: lr.ChainedScheduler([lr.LinearLR(o), lr.ExponentialLR(o, 0.8)]),
    }


@pytest.mark.extra
def test_schedules_are_those_of_torch():
    torch = pytest.importorskip("torch")
    for ours, theirs in torch_schedules(torch.optim.lr_scheduler).items():
        optimiser = torch.optim.SGD([torch.zeros(1)], 1.0)
        schedule = theirs(optimiser)
        for n in range(40):
            assert ours.factor(FALLING[:n]) == pytest.approx(optimiser.param_groups[0]["lr"], rel=1e-12, abs=1e-15)
            optimiser.step()
            schedule.step()
    for losses in (FALLING, STUCK, np.random.default_rng(0).normal(1, 0.1, 200).tolist()):
        for patience in (0, 1, 3):
            optimiser = torch.optim.SGD([torch.zeros(1)], 1.0)
            schedule = torch.optim.lr_scheduler.ReduceLROnPlateau(optimiser, patience=patience, factor=0.5, eps=0)
            for n, loss in enumerate(losses):
                found = mlp.Plateau(patience, 0.5).factor(losses[:n])
                assert found == pytest.approx(optimiser.param_groups[0]["lr"], rel=1e-12)
                schedule.step(loss)


@pytest.mark.parametrize(("schedule", "expected"), [
    (mlp.Constant(), [1, 1, 1, 1, 1]),
    (mlp.Steps(2, 0.5), [1, 1, 0.5, 0.5, 0.25]),
    (mlp.Exponential(0.5), [1, 0.5, 0.25, 0.125, 0.0625]),
    (mlp.CosineAnnealing(3), [1, 0.75, 0.25, 0, 0]),
    (mlp.WarmUp(4, 0.2), [0.2, 0.4, 0.6, 0.8, 1]),
    (mlp.Chain((mlp.WarmUp(2, 0.5), mlp.Steps(3, 0.1))), [0.5, 0.75, 1, 0.1, 0.1]),
    (mlp.Plateau(1, 0.5), [1, 1, 1, 1, 1]),
])
def test_factors_of_the_first_epochs(schedule, expected):
    assert [schedule.factor(FALLING[:n]) for n in range(5)] == pytest.approx(expected)


def test_a_plateau_is_one_of_losses():
    """0.5 is the best of epoch 2; two epochs without a better one are borne, the third brings the rate down."""
    assert [mlp.Plateau(2, 0.5).factor(STUCK[:n]) for n in range(11)] == [1, 1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.5, 0.25]


@pytest.mark.parametrize(("make", "words"), [
    (lambda: mlp.Steps(0), "every must be a whole number, at least 1, but 0"),
    (lambda: mlp.CosineAnnealing(2.5), "length must be a whole number"),
    (lambda: mlp.Exponential(1.5), "gamma must be a number between 0 and 1"),
    (lambda: mlp.Plateau(patience=-1), "patience must be a whole number, at least 0"),
    (lambda: mlp.Chain((mlp.SGD(),)), "made of schedules"),
])
def test_schedules_that_cannot_be_are_refused(make, words):
    with pytest.raises(jac.InputError) as found:
        make()
    assert words in str(found.value)


# ---- initial weights -----------------------------------------------------------------------------------------------

WIDE = mlp.mlp("400-300-200")


@pytest.mark.parametrize(("name", "variance"), [("glorot", 2 / 700), ("he", 2 / 400), ("lecun", 1 / 400)])
def test_initial_weights_have_their_variance(name, variance):
    rng = np.random.default_rng(0)
    normal, uniform = (mlp.initialise(WIDE, rng, f"{name}-{kind}")[0] for kind in ("normal", "uniform"))
    for own in (normal, uniform):
        assert own["W"].shape == (300, 400)
        assert own["W"].var() == pytest.approx(variance, rel=0.02)
        assert abs(own["W"].mean()) < 4 * (variance / own["W"].size) ** 0.5
        assert not own["b"].any()
    bound = (3 * variance) ** 0.5
    assert 0.999 * bound < np.abs(uniform["W"]).max() <= bound
    assert np.mean(np.abs(normal["W"]) < variance**0.5) == pytest.approx(math.erf(0.5**0.5), abs=0.01)


def test_orthogonal_weights_keep_lengths():
    first, _, last = mlp.initialise(mlp.mlp("30-50-20"), np.random.default_rng(0), "orthogonal")
    assert first["W"].T @ first["W"] == pytest.approx(np.eye(30), abs=1e-13)
    assert last["W"] @ last["W"].T == pytest.approx(np.eye(20), abs=1e-13)


def test_orthogonal_weights_are_uniform():
    """A quarter of the entries' signs would be fixed if R's diagonal kept the signs of LAPACK."""
    rng = np.random.default_rng(0)
    drawn = np.array([mlp.INITIALISERS["orthogonal"](rng, (3, 3)) for _ in range(2000)])
    assert np.abs(drawn.mean(axis=0)).max() < 4 * (1 / 3 / 2000) ** 0.5
    assert (np.linalg.det(drawn) > 0).mean() == pytest.approx(0.5, abs=0.05)


def test_kernels_count_their_places():
    """torch.nn.init: the inputs of a kernel are those of all its places."""
    found = mlp.INITIALISERS["he-uniform"](np.random.default_rng(0), (50, 20, 5, 5))
    assert found.var() == pytest.approx(2 / 500, rel=0.03)


def test_an_initialisation_that_is_not_known_lists_the_known_ones():
    with pytest.raises(jac.InputError, match="'xavier' is not known: choose one of glorot-normal, glorot-uniform, he-"):
        mlp.initialise(WIDE, np.random.default_rng(0), "xavier")
    again = mlp.initialise(WIDE, np.random.default_rng(0))
    assert np.array_equal(again[0]["W"], WIDE.init(np.random.default_rng(0))[0]["W"])


def test_weights_of_samples_are_repetitions():
    """A weight of 2 is the sample twice, a weight of 0 is none, of whatever loss: J and ∇J times N."""
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(4, 3)), np.array([2.0, 0.0, 1.0, 3.0])
    for loss, t in (("mse", rng.normal(size=(4, 2))), ("cross-entropy", np.array([0, 1, 1, 0]))):
        network = mlp.mlp("3-5-2", "tanh", loss)
        params = network.init(rng)
        often = w.astype(int)
        plan = mlp.Plan(network, params)
        J, g = plan.gradients(x, t, w)
        same, repeated = network.gradients(params, x.repeat(often, axis=0), t.repeat(often, axis=0))
        assert pytest.approx(6 * same) == 4 * J
        for own, other in zip(g, repeated, strict=True):
            for name in own:
                assert 4 * own[name] == pytest.approx(6 * other[name])
        same, plain = network.gradients(params, x, t)
        assert plan.gradients(x, t)[0] == plan.gradients(x, t, np.ones(4))[0] == pytest.approx(same, rel=1e-15)
        J, g = plan.gradients(x, t, np.zeros(4))
        assert J == 0
        assert [list(own) for own in g] == [list(own) for own in plain]
        assert not any(array.any() for own in g for array in own.values())
