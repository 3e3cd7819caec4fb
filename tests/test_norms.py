"""Normalisation and dropout: beside torch, beside 60 digits where nothing varies or everything does, and by hand."""

import numpy as np
import pytest
from beside import beside_digits, beside_torch, close, each_precision, extreme

import jacobian as jac
import mlp

NORMS = [(mlp.LayerNorm(), {}), (mlp.LayerNorm(), {"n": 2}), (mlp.RMSNorm(), {}), (mlp.RMSNorm(), {"n": 1}),
         (mlp.BatchNorm(), {}), (mlp.BatchNorm(), {"N": 2}), (mlp.BatchNorm(), {"N": 1}), (mlp.GroupNorm(axes=0), {}),
         (mlp.Standardised(mean=(1.0, -2.0, 3.0, 0.5), variance=(1.0, 0.0, 4.0, 1e6)), {})]
each_norm = pytest.mark.parametrize(("layer", "sizes"), NORMS, ids=lambda case: str(case) if case else "usual")


@each_norm
@extreme
@each_precision
def test_values_and_jacobians_keep_their_digits_whatever_the_entries_are(layer, sizes, draw, precision):
    beside_digits(layer, draw, precision, ["x"], sizes)


@pytest.mark.parametrize("layer", [mlp.LayerNorm(), mlp.RMSNorm(), mlp.BatchNorm()], ids=str)
@pytest.mark.parametrize("size", [1e-200, 1e200])
def test_no_square_overflows_or_vanishes(layer, size):
    """x̂ of huge entries is that of smaller ones, since ε is nothing beside them; of tiny ones it is x/√ε."""
    arrays = {name: np.full(4, float(name == "gamma")) for name in layer.parameters}
    x = np.array([[1.0, -3.0, 2.0, 5.0], [4.0, 1.0, 1.0, -6.0], [0.5, 2.0, -3.0, 1.0]])
    near, rate = (1e30, 1.0) if size > 1 else (1e-30, size / 1e-30)
    close(layer.forward(x=size * x, **arrays) / rate, layer.forward(x=near * x, **arrays))
    assert np.isfinite(layer.vjp(x, "x", x=size * x, **arrays)).all()


def test_a_row_of_two_by_hand():
    """x = (1, 3): mean 2, variance 1, with ε = 3 so that σ = 2 and x̂ = ∓½; ∂y/∂x = ε/σ² (½, −½; −½, ½)/σ."""
    one, x = np.ones(2), np.array([[1.0, 3.0]])
    assert mlp.LayerNorm(eps=3.0).forward(x=x, gamma=2 * one, beta=one).tolist() == [[0.0, 2.0]]
    J = mlp.LayerNorm(eps=3.0).jacobian("x", x=x, gamma=one, beta=one).dense()
    assert pytest.approx(np.array([[3.0, -3.0], [-3.0, 3.0]]) / 16) == J
    assert mlp.RMSNorm(eps=4.0).forward(x=[[4.0, -8.0]], gamma=[1.0, 2.0]) == pytest.approx(
        np.array([[4.0, -16.0]]) / np.sqrt(44))


def test_entries_that_are_equal_give_exactly_the_shift():
    x, gamma, beta = np.full((3, 4), 0.1), np.full(4, 1e3), np.arange(4.0)
    for layer in (mlp.LayerNorm(), mlp.BatchNorm(), mlp.GroupNorm(axes=0)):
        assert np.array_equal(layer.forward(x=x, gamma=gamma, beta=beta), np.tile(beta, (3, 1)))


def test_groups_take_neighbouring_channels():
    """Channels (1, 3) and (10, 30) apart: each pair becomes ∓1 up to ε; a single group is layer normalisation."""
    x, gamma, beta = np.array([[1.0, 3.0, 10.0, 30.0]]), np.array([1.0, 2.0, 3.0, 4.0]), np.ones(4)
    two, one = mlp.GroupNorm(1e-12, 2, axes=0), mlp.GroupNorm(groups=1, axes=0)
    assert two.forward(x=x, gamma=gamma, beta=beta) == pytest.approx(np.array([[0.0, 3.0, -2.0, 5.0]]))
    close(one.forward(x=x, gamma=gamma, beta=beta), mlp.LayerNorm().forward(x=x, gamma=gamma, beta=beta))


# ---- beside torch --------------------------------------------------------------------------------------------------


def by_group(groups):
    return lambda x, gamma, beta: pytest.importorskip("torch").nn.functional.group_norm(x, groups, gamma, beta)


def by_batch(x, gamma, beta):
    return pytest.importorskip("torch").nn.functional.batch_norm(x, None, None, gamma, beta, training=True)


def by_row(x, gamma, beta):
    return pytest.importorskip("torch").nn.functional.layer_norm(x, x.shape[1:], gamma, beta)


def by_square(x, gamma):
    return pytest.importorskip("torch").nn.functional.rms_norm(x, x.shape[1:], gamma, 1e-5)


TORCH = [
    (mlp.LayerNorm(), by_row), (mlp.RMSNorm(), by_square), (mlp.GroupNorm(groups=3, axes=0), by_group(3)),
    *((mlp.GroupNorm(axes=axes), by_group(2)) for axes in (1, 2, 3)),
    *((mlp.BatchNorm(axes=axes), by_batch) for axes in range(4))]


@pytest.mark.parametrize(("layer", "reference"), TORCH, ids=[str(layer) for layer, _ in TORCH])
@each_precision
def test_values_and_gradients_are_those_of_torch(layer, reference, precision):
    beside_torch(layer, reference, precision)


@pytest.mark.parametrize("axes", [0, 1, 2])
def test_running_statistics_are_those_of_torch(axes):
    torch = pytest.importorskip("torch")
    theirs = [torch.nn.BatchNorm1d, torch.nn.BatchNorm1d, torch.nn.BatchNorm2d][axes](4, momentum=0.3).double()
    rng, layer = np.random.default_rng(0), mlp.BatchNorm(axes=axes)
    running = {"mean": np.zeros(4), "variance": np.ones(4)}
    for _ in range(5):
        x = 3 + 2 * rng.normal(size=(6, 4, 5, 3)[:2 + axes])
        theirs(torch.tensor(x))
        running = mlp.averaged(running, layer.statistics(x), 0.3)
    close(running["mean"], theirs.running_mean.numpy())
    close(running["variance"], theirs.running_var.numpy())
    after = layer.evaluated(running).forward(x=x, gamma=np.ones(4), beta=np.zeros(4))
    close(after, theirs.eval()(torch.tensor(x)).detach().numpy())


# ---- training and after it -----------------------------------------------------------------------------------------


def test_running_statistics_by_hand():
    """Columns (1, 3) and (2, 6): means 2 and 4, variances divided by one less 2 and 8; a quarter of the way there."""
    new = mlp.BatchNorm().statistics(np.array([[1.0, 2.0], [3.0, 6.0]]))
    assert [new[name].tolist() for name in ("mean", "variance")] == [[2.0, 4.0], [2.0, 8.0]]
    running = mlp.averaged({"mean": np.zeros(2), "variance": np.ones(2)}, new, 0.25)
    assert [running[name].tolist() for name in ("mean", "variance")] == [[0.5, 1.0], [1.25, 2.75]]


def test_after_training_batch_normalisation_is_an_affine_map():
    layer = mlp.BatchNorm(eps=1.0).evaluated({"mean": np.array([1.0, 2.0]), "variance": np.array([3.0, 8.0])})
    y = layer.forward(x=[[3.0, 8.0]], gamma=[1.0, 2.0], beta=[0.5, 0.0])
    assert y.tolist() == [[1.5, 4.0]]
    assert layer.jacobian("x", x=[[3.0, 8.0]], gamma=[1.0, 2.0], beta=[0.5, 0.0]).dense().tolist() == [
        [0.5, 0.0], [0.0, 2 / 3]]
    assert layer.evaluated({}) is layer


def test_other_layers_are_the_same_in_training_and_after_it():
    rng = np.random.default_rng(0)
    assert all(layer.trained(rng, (3, 4)) is layer for layer in mlp.LAYERS)
    assert mlp.ReLU().evaluated({}) == mlp.ReLU()


def test_dropout_keeps_the_mean_and_leaves_out_its_share():
    x = np.ones((400, 500))
    dropped = mlp.Dropout(0.3).trained(np.random.default_rng(0), x.shape)
    y = dropped.forward(x=x)
    assert set(np.unique(y)) == {0.0, 1 / 0.7}
    assert np.mean(y == 0) == pytest.approx(0.3, abs=5 * np.sqrt(0.21 / x.size))
    assert np.array_equal(dropped.vjp(x, "x", x=x), y)
    again = mlp.Dropout(0.3).trained(np.random.default_rng(0), x.shape).forward(x=x)
    assert np.array_equal(y, again)
    assert np.array_equal(mlp.Dropout(0.3).evaluated({}).forward(z=x), x)


@each_precision
def test_dropout_with_a_given_mask(precision):
    x, mask = np.array([[1.0, 2.0, 3.0, 4.0]], precision), np.array([[1, 0, 0, 1]])
    for layer, arrays in ((mlp.Dropout(0.75, mask), {}), (mlp.Masked(0.75), {"M": mask})):
        y = layer.forward(x=x, **arrays)
        assert (y.tolist(), y.dtype) == ([[4.0, 0.0, 0.0, 16.0]], precision)
        assert layer.jacobian("x", x=x, **arrays).dense().tolist() == np.diag([4.0, 0.0, 0.0, 4.0]).tolist()
        fed, _ = layer.measure({"x": x, **arrays})
        (bind,) = layer.bindings(fed)
        assert bind.natural(layer.written).tolist() == y.tolist()


# ---- what people get wrong -----------------------------------------------------------------------------------------

X, ONE = np.ones((3, 4)), np.ones(4)
FAULTS = [
    (lambda: mlp.GroupNorm(groups=3, axes=0).forward(x=X, gamma=ONE, beta=ONE), "groups of equally many"),
    (lambda: mlp.GroupNorm(groups=0), "number of groups must be a whole number"),
    (lambda: mlp.LayerNorm(eps=0.0), "eps must be a positive number"),
    (lambda: mlp.BatchNorm(axes=4), "at most 3"),
    (lambda: mlp.BatchNorm(axes=2).forward(x=X, gamma=ONE, beta=ONE), "x has shape"),
    (lambda: mlp.BatchNorm().statistics(X[:1]), "at least two entries of each channel"),
    (lambda: mlp.BatchNorm(axes=1).statistics(X), "3 axes are expected: x: N c w"),
    (lambda: mlp.BatchNorm().statistics(X * np.nan), "holds nan"),
    (lambda: mlp.Standardised(variance=(-1.0,)), "variance is not negative"),
    (lambda: mlp.Standardised(mean=(1.0, 2.0)).forward(x=X, gamma=ONE, beta=ONE), "2 entries, but x of shape"),
    (lambda: mlp.averaged({}, {}, 2.0), "momentum"),
    (lambda: mlp.Dropout(1.0), "0 ≤ rate < 1"),
    (lambda: mlp.Dropout(0.5).forward(x=X), "has no mask"),
    (lambda: mlp.Dropout(0.5, X[:2]).forward(x=X), r"M has shape \(2, 4\), but \(3, 4\) is expected"),
    (lambda: mlp.Masked(0.5).forward(x=X, M=2 * X), "must hold 1 for what is kept"),
    (lambda: mlp.Masked(0.5).forward(x=X, M="kept"), "real numbers"),
]


@pytest.mark.parametrize(("mistake", "words"), FAULTS, ids=[words for _, words in FAULTS])
def test_mistakes_are_named(mistake, words):
    with pytest.raises((jac.ShapeError, jac.InputError), match=words):
        mistake()
