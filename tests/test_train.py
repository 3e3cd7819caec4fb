"""Descent, data and training: Algorithm 1 by hand, the same numbers from the same seed, sentences about bad data."""

import io
import pickle
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import jacobian as jac
import mlp
from mlp.train import Settings


@dataclass(frozen=True)
class Linear(mlp.Layer):
    """y = x Wᵀ: one parameter where both sizes are 1."""

    shapes = "x: N n, W: m n"

    def spec(self, x, W):
        return x @ W.T

    def value(self, x, W):
        return x @ W.T

    def by_x(self, x, W):
        return jac.Kronecker(jac.Identity(len(x)), jac.Dense(W))

    def by_W(self, x, W):
        return jac.Kronecker(jac.Dense(x), jac.Identity(1))


class Scripted:
    """A generator that says what it was told to."""

    def __init__(self, first, draws):
        self.first, self.draws = first, iter(draws)

    def normal(self, mean, deviation, shape):
        return np.full(shape, self.first)

    def integers(self, n):
        assert n == 3
        return next(self.draws)


LINE = mlp.Network((Linear(),), mlp.HalfSquaredError(), (1, 1))
X, T = np.array([[1.0], [2.0], [3.0]]), np.array([[2.0], [1.0], [-1.0]])


# ---- descent -------------------------------------------------------------------------------------------------------


def test_algorithm_1_traced_by_hand():
    """J⁽ʲ⁾ = ½ (w xⱼ − tⱼ)², w ← w − α (w xⱼ − tⱼ) xⱼ, from w = 1 with α = 0.1 and j = 2, 1, 3."""
    trace = [(p.i, p.samples.tolist(), p.loss, p.params[0]["W"].item())
             for p in mlp.sgd(LINE, X, T, rate=0.1, steps=3, rng=Scripted(1.0, [1, 0, 2]))]
    assert trace == [
        (1, [1], pytest.approx(0.5), pytest.approx(0.8)),            # (1·2 − 1) = 1, gradient 2
        (2, [0], pytest.approx(0.72), pytest.approx(0.92)),          # (0.8 − 2) = −1.2, gradient −1.2
        (3, [2], pytest.approx(7.0688), pytest.approx(-0.208)),      # (2.76 + 1) = 3.76, gradient 11.28
    ]


def test_algorithm_1_draws_samples_uniformly_and_begins_at_random():
    drawn = [p.samples[0] for p in mlp.sgd(LINE, X, T, rate=1e-3, steps=3000, rng=np.random.default_rng(0))]
    counts = np.bincount(drawn)
    assert len(counts) == 3
    assert np.all(abs(counts - 1000) < 100)
    begins = [next(mlp.sgd(LINE, X, T, rate=1e-9, steps=1, rng=np.random.default_rng(seed))) for seed in range(4)]
    assert len({begin.params[0]["W"].item() for begin in begins}) == 4


@given(st.integers(1, 5))
def test_an_epoch_uses_every_sample_once(batch):
    """Where the parameters hardly move, the loss of an epoch is that of all samples."""
    params = LINE.init(np.random.default_rng(0))
    for p in mlp.descend(LINE, params, X, T, rate=1e-15, epochs=2, batch=batch, rng=np.random.default_rng(1)):
        assert p.loss == pytest.approx(LINE.loss(params, X, T))
        assert len(p.samples) == 2 % batch + 1


def test_a_batch_of_everything_is_gradient_descent():
    """w ← w − α/N Σ (w xⱼ − tⱼ) xⱼ: from 1 by (−1 + 2 + 12)/3 · 0.1."""
    params = [{"W": np.ones((1, 1))}]
    (p,) = mlp.descend(LINE, params, X, T, rate=0.1, epochs=1, batch=3, rng=np.random.default_rng(0))
    assert p.params[0]["W"].item() == pytest.approx(1 - 0.1 * 13 / 3)
    assert params[0]["W"].item() == 1


def test_descent_finds_the_least_squares_line():
    *_, p = mlp.descend(LINE, LINE.init(np.random.default_rng(0)), X, T, rate=0.1, epochs=200, batch=3,
                        rng=np.random.default_rng(0))
    assert p.params[0]["W"].item() == pytest.approx((X * T).sum() / (X * X).sum())


def test_a_rate_that_is_too_large_stops_with_the_place_and_advice():
    rng = np.random.default_rng(0)
    for run in (mlp.sgd(LINE, X, T, rate=1e200, steps=9, rng=rng),
                mlp.descend(LINE, [{"W": np.ones((1, 1))}], X, T, rate=1e200, epochs=9, batch=1, rng=rng)):
        words = r"overflow in (step|epoch) \d \(the loss was .*\): a rate of 1e\+200 is too large, try 0\.1"
        with np.errstate(all="ignore"), pytest.raises(jac.InputError, match=words):
            list(run)


RUNS = {
    "sgd": lambda x, t: mlp.sgd(LINE, x, t, rate=0.1, steps=9, rng=np.random.default_rng(0)),
    "descend": lambda x, t, w=1.0: mlp.descend(LINE, [{"W": np.full((1, 1), w)}], x, t, rate=0.1, epochs=9, batch=2,
                                               rng=np.random.default_rng(0)),
}
each_run = pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)


@each_run
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_bad_data_are_named_with_their_place_and_not_blamed_on_the_rate(run, bad):
    for x, t, name in ((np.where(X == 2, bad, X), T, "x"), (X, np.where(T == 1, bad, T), "t")):
        with pytest.raises(jac.InputError, match=f"^{name} holds {bad} in row 1 and column 0: leave that sample out"):
            next(run(x, t))


@each_run
def test_data_too_large_to_begin_with_are_not_blamed_on_the_rate(run):
    words = r"inf before the first step: the entries of x reach 3\.0e\+200, those of t 2\.0e\+00, but"
    with pytest.raises(jac.InputError, match=words):
        next(run(X * 1e200, T))


@each_run
def test_data_of_other_shapes_are_refused_before_the_first_step(run):
    for x, t, words in ((X[:, 0], T, "reshape"), (X, T[:2], "x has 3 rows"), (X[:0], T[:0], "empty"),
                        (np.ones((3, 2)), T, "W has shape"), (X.astype(object), T, "real numbers")):
        with pytest.raises(jac.InputError, match=words):
            next(run(x, t))


def test_parameters_that_are_none_to_begin_with_are_named():
    with pytest.raises(jac.InputError, match=r"^W1 holds nan in row 0 and column 0: give finite numbers"):
        next(RUNS["descend"](X, T, np.nan))


def test_the_last_step_is_looked_at_as_well():
    """The loss of the one step is finite, the parameters after it are not."""
    with np.errstate(all="ignore"), pytest.raises(jac.InputError, match="a rate of 1e"):
        list(mlp.sgd(LINE, X * 1e9, T, rate=1e300, steps=1, rng=np.random.default_rng(0)))


@pytest.mark.parametrize("wrong", [{"rate": 0}, {"rate": "0.1"}, {"rate": np.nan}, {"epochs": 0}, {"epochs": 2.5},
                                   {"batch": 0}, {"batch": None}])
def test_numbers_that_cannot_steer_a_descent_are_named(wrong):
    given = {"rate": 0.1, "epochs": 1, "batch": 2, **wrong}
    (name,) = wrong
    with pytest.raises(jac.InputError, match=f"{name} must be a (positive|whole) number"):
        next(mlp.descend(LINE, [{"W": np.ones((1, 1))}], X, T, rng=np.random.default_rng(0), **given))


# ---- data ----------------------------------------------------------------------------------------------------------


def some(n=30, classes=3, seed=0):
    rng = np.random.default_rng(seed)
    t = np.arange(n) % classes
    return rng.normal(size=(n, 4)) + 3 * np.eye(classes, 4)[t], t


@given(st.integers(0, 99))
def test_a_split_keeps_every_sample_once_and_a_share_of_each_class(seed):
    x, t = np.arange(60.0).reshape(30, 2), np.arange(30) % 3
    data = mlp.split(x, t, seed)
    assert sorted([*data.x[:, 0], *data.x_test[:, 0]]) == x[:, 0].tolist()
    assert np.bincount(data.t_test).tolist() == [2, 2, 2]
    assert np.array_equal(data.t_test, data.x_test[:, 0] // 2 % 3)
    assert np.array_equal(data.x_test, mlp.split(x, t, seed).x_test)


def test_another_seed_is_another_split():
    x, t = some()
    assert not np.array_equal(mlp.split(x, t, 0).x_test, mlp.split(x, t, 1).x_test)


@pytest.mark.parametrize(("x", "t", "words"), [
    ([[1.0, 2.0], [3.0, np.nan]], [0, 1], "nan in row 1 and column 1: leave that sample out or fill in a number"),
    ([[np.inf, 2.0], [3.0, np.nan]], [0, 1], "x holds inf in row 0 and column 0 (and in 1 more places)"),
    ([[1.0], [2.0]], [0, np.nan], "t holds nan in row 1:"),
    ([1.0, 2.0], [0, 1], "x.reshape(1, -1) for one sample"),
    (np.ones((2, 3, 3)), [0, 1], "x.reshape(len(x), -1)"),
    ([[1.0], [2.0]], [0, 1, 1], "t has shape (3,), but x has 2 rows"),
    (np.ones((0, 3)), [], "x of shape (0, 3) is empty"),
    (np.ones((3, 0)), [0, 0, 0], "x of shape (3, 0) is empty"),
    (np.ma.masked_equal([[1.0], [2.0]], 1), [0, 1], "x has masked entries: fill them in"),
    ([["a"], ["b"]], [0, 1], "x must hold real numbers"),
    ([[1.0], [2.0]], ["cat", "dog"], "turn names of classes into 0, 1, 2"),
    ([[1.0], [2.0, 3.0]], [0, 1], "rows of equal length"),
])
def test_bad_data_are_described_with_the_place_and_the_remedy(x, t, words):
    with pytest.raises(jac.InputError) as found:
        mlp.inspect(x, t)
    assert words in str(found.value)


@pytest.mark.parametrize(("change", "words"), [
    ({"x": [[np.nan], [1.0]]}, "x holds nan in row 0 and column 0"),
    ({"x_test": [[1.0], [np.inf]]}, "x_test holds inf in row 1 and column 0"),
    ({"t_test": [0.0, np.nan]}, "t_test holds nan in row 1"),
    ({"t": [0, 2]}, "t must hold classes 0 … 1, but row 1 holds 2"),
    ({"t_test": [0, 0.5]}, "t_test must hold classes 0 … 1, but row 1 holds 0.5"),
    ({"t": [[0], [1]]}, "t has shape (2, 1), but a class index for each sample"),
    ({"x_test": np.ones((0, 1)), "t_test": []}, "x_test of shape (0, 1) is empty"),
])
def test_data_are_looked_at_before_they_are_learnt_from(change, words):
    whole = {"x": [[1.0], [2.0]], "t": [0, 1], "x_test": [[1.0], [2.0]], "t_test": [0, 1], "classes": 2}
    mlp.Data(**whole)
    with pytest.raises(jac.InputError) as found:
        mlp.Data(**{**whole, **change})
    assert words in str(found.value)


def test_a_split_that_cannot_be_is_refused():
    x, t = some()
    for share in (0, 1, -0.5, np.nan, "a"):
        with pytest.raises(jac.InputError, match="share must be a number between 0 and 1"):
            mlp.split(x, t, share=share)
    with pytest.raises(jac.InputError, match="seed must be a whole number, at least 0, but -1 was given"):
        mlp.split(x, t, seed=-1)
    with pytest.raises(jac.InputError, match="a class for each sample"):
        mlp.split(x, np.eye(3)[t])
    with pytest.raises(jac.InputError, match="must hold classes 0 … 2, but row 0 holds 4"):
        mlp.split(x, t + 4)


@pytest.mark.extra
def test_the_digits_are_scaled_split_and_complete():
    data = mlp.digits()
    assert len(data.x) + len(data.x_test) == 1797
    assert data.x.dtype == np.float64
    assert (data.x.min(), data.x.max(), data.classes) == (0, 1, 10)
    assert np.bincount(data.t_test).min() >= 34


# ---- training ------------------------------------------------------------------------------------------------------


def trained(seed=0, epochs=15):
    data = mlp.split(*some())
    settings = Settings("5", "tanh", epochs, 4, 0.2, seed)
    network = mlp.classifier(data, settings)
    return network, list(mlp.learn(network, data, settings))


def test_training_learns_and_is_the_same_from_the_same_seed():
    network, epochs = trained()
    assert epochs[-1].loss < epochs[0].loss / 2
    assert epochs[-1].accuracy > 0.9
    again = trained()[1]
    for a, b in zip(epochs, again, strict=True):
        assert (a.loss, a.test_loss, a.accuracy, a.test_accuracy) == (b.loss, b.test_loss, b.accuracy, b.test_accuracy)
    for name, array in network.named(epochs[-1].params).items():
        assert np.array_equal(array, network.named(again[-1].params)[name])
    assert trained(seed=1)[1][-1].loss != epochs[-1].loss


def test_parameters_are_saved_to_the_same_bytes_and_loaded_again(tmp_path):
    network, epochs = trained(epochs=2)
    paths = [mlp.save(tmp_path / name, network.named(epochs[-1].params)) for name in ("a.npz", "b.npz")]
    assert paths[0].read_bytes() == paths[1].read_bytes()
    again = network.named(mlp.load(paths[0], network))
    for name, array in network.named(epochs[-1].params).items():
        assert np.array_equal(array, again[name])
    with pytest.raises(jac.InputError, match="W1 of shape"):
        mlp.load(paths[0], mlp.mlp("4-6-3"))


def archive(**named):
    stream = io.BytesIO()
    np.savez_compressed(stream, **named)
    return stream.getvalue()


def array(value):
    stream = io.BytesIO()
    np.save(stream, value)
    return stream.getvalue()


LINEAR = {"W1": np.ones((1, 2)), "b1": np.ones(1)}
WHOLE = archive(**LINEAR)
SPOILT = WHOLE[:60] + bytes(b ^ 255 for b in WHOLE[60:90]) + WHOLE[90:]


@pytest.mark.parametrize(("named", "words"), [
    ({"W1": LINEAR["W1"]}, r"b1 of shape \(1,\) is expected, but none was given"),
    ({**LINEAR, "W1": np.ones((2, 1))}, r"W1 of shape \(1, 2\) is expected, but shape \(2, 1\)"),
    ({**LINEAR, "W2": np.ones((1, 1))}, "W2 is no parameter of this network, which has W1, b1"),
    ({**LINEAR, "W1": np.array([["a", "b"]])}, "W1 must hold real numbers, not <U1"),
    ({**LINEAR, "b1": np.array([np.nan])}, "b1 holds nan in row 0"),
])
def test_parameters_of_another_network_are_named(tmp_path, named, words):
    path = tmp_path / "parameters.npz"
    path.write_bytes(archive(**named))
    with pytest.raises(jac.InputError, match=rf"parameters\.npz does not fit: {words}"):
        mlp.load(path, mlp.mlp("2-1"))


@pytest.mark.parametrize("content", [
    None, b"", b"no archive", b"PK\x03\x04 cut off", WHOLE[:-1], WHOLE[:100], SPOILT, array(np.ones(3)),
    archive(W1=np.array([None])), pickle.dumps([1]),
])
def test_a_file_of_parameters_that_cannot_be_read_is_named(tmp_path, content):
    path = tmp_path / "parameters.npz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(jac.InputError, match=r"parameters\.npz is no file of parameters"):
        mlp.load(path, mlp.mlp("2-1"))


@pytest.mark.parametrize(("wrong", "words"), [
    ({"hidden": "64-0"}, "size 2 of '64-0' is 0"), ({"epochs": 0}, "epochs must be a whole number, at least 1, but 0"),
    ({"batch": -3}, "batch must be a whole number, at least 1"),
    ({"rate": -0.1}, "rate must be a positive number, but -0.1"),
    ({"epochs": "9"}, "at least 1, but '9'"), ({"seed": 0.5}, "at least 0, but 0.5"), ({"hidden": 0}, "size 1 of '0'"),
    ({"rate": float("nan")}, "positive number"), ({"rate": float("inf")}, "positive number"), ({"seed": -1}, "seed"),
])
def test_settings_that_cannot_be_are_refused(wrong, words):
    with pytest.raises(jac.InputError) as found:
        Settings(**wrong)
    assert words in str(found.value)


@pytest.mark.extra
def test_the_learning_curve_is_a_picture():
    assert mlp.plot(trained(epochs=3)[1], "title").startswith(b"\x89PNG")


@pytest.mark.extra
@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_the_digits_are_learnt_to_97_percent_by_default(seed):
    data, settings = mlp.digits(), Settings(seed=seed)
    *_, last = mlp.learn(mlp.classifier(data, settings), data, settings)
    assert last.test_accuracy >= 0.97


@pytest.mark.extra
@pytest.mark.slow
def test_the_digits_are_learnt_to_97_percent_on_average_over_other_splits():
    """359 samples held back tell a true 98 % from 97 % only on average: one of them is 0.3 %."""
    found = []
    for seed in range(10):
        data, settings = mlp.digits(seed), Settings(seed=seed)
        *_, last = mlp.learn(mlp.classifier(data, settings), data, settings)
        found.append(last.test_accuracy)
    assert np.mean(found) >= 0.97
    assert min(found) >= 0.96
