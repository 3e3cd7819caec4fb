"""Losses beside their definitions written out sample by sample, with many digits in the tails, and beside torch."""

from dataclasses import replace

import numpy as np
import pytest
from mpmath import mp, mpf

import jacobian as jac
import mlp
from mlp.check import prove
from mlp.loss import REDUCTIONS

H = np.array([[0.3, -1.2, 2.5], [1.1, 0.4, -0.7]])
T = np.array([[0.2, 0.5, 0.3], [0.7, 0.1, 0.2]])
SIGNS = np.array([[1.0, -1.0, -1.0], [-1.0, 1.0, 1.0]])


def pairs(h, t):
    return zip(h, t, strict=True)


def softplus(x):
    return mp.log1p(mp.exp(x))


def probabilities(h):
    total = sum(mp.exp(x) for x in h)
    return [mp.exp(x) / total for x in h]


def norm(h):
    return mp.sqrt(sum(x * x for x in h))


# Of one sample: a list for a loss of entries, a number for one of samples.
DEFINED = {
    mlp.HalfSquaredError(): lambda h, t: sum((x - y) ** 2 for x, y in pairs(h, t)) / 2,
    mlp.MeanSquaredError(): lambda h, t: [(x - y) ** 2 for x, y in pairs(h, t)],
    mlp.MeanAbsoluteError(): lambda h, t: [abs(x - y) for x, y in pairs(h, t)],
    mlp.Huber(delta=0.8): lambda h, t: [
        (x - y) ** 2 / 2 if abs(x - y) <= 0.8 else mpf(0.8) * (abs(x - y) - mpf(0.8) / 2) for x, y in pairs(h, t)],
    mlp.LogCosh(): lambda h, t: [mp.log(mp.cosh(x - y)) for x, y in pairs(h, t)],
    mlp.CrossEntropy(): lambda h, t: -sum(y * mp.log(p) for p, y in pairs(probabilities(h), t)),
    mlp.NegativeLogLikelihood(): lambda h, t: -sum(y * x for x, y in pairs(h, t)),
    mlp.KullbackLeibler(): lambda h, t: sum(y * (mp.log(y) - x) for x, y in pairs(h, t) if y),
    mlp.BinaryCrossEntropy(): lambda h, t: [y * softplus(-x) + (1 - y) * softplus(x) for x, y in pairs(h, t)],
    mlp.Hinge(): lambda h, t: [max(mpf(0), 1 - x * y) for x, y in pairs(h, t)],
    mlp.Focal(alpha=0.3, gamma=1.5): lambda h, t: [
        mpf(0.3) * y * (1 + mp.exp(x)) ** mpf(-1.5) * softplus(-x)
        + (1 - mpf(0.3)) * (1 - y) * (1 + mp.exp(-x)) ** mpf(-1.5) * softplus(x) for x, y in pairs(h, t)],
    mlp.Cosine(): lambda h, t: 1 - sum(x * y for x, y in pairs(h, t)) / norm(h) / norm(t),
}
each_loss = pytest.mark.parametrize("loss", DEFINED, ids=str)


def exact(loss, h, t):
    """Each term, from its definition in 900 digits."""
    with mp.workdps(900):
        terms = [DEFINED[loss]([mpf(float(x)) for x in row], [mpf(float(y)) for y in goal])
                 for row, goal in zip(h, t, strict=True)]
        return np.array(terms, dtype=float)


def fed(loss, h, t):
    return dict(zip(loss.arguments, (h, t), strict=True))


def test_every_loss_is_defined_here():
    assert {type(loss) for loss in DEFINED} == {type(loss) for loss in mlp.LOSSES.values()}


@each_loss
@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("targets", [T, SIGNS, np.eye(3)[[2, 0]]], ids=["soft", "signs", "one-hot"])
def test_terms_and_what_they_are_reduced_to(loss, reduction, targets):
    if isinstance(loss, mlp.KullbackLeibler):
        targets = np.abs(targets)
    terms, own = exact(loss, H, targets), replace(loss, reduction=reduction)
    expected = {"none": terms, "sum": terms.sum(), "mean": terms.mean()}[reduction]
    assert own.forward(**fed(loss, H, targets)) == pytest.approx(expected, rel=1e-13)


@each_loss
@pytest.mark.parametrize("size", [1e-8, 40.0, 1e3])
def test_terms_keep_their_digits_and_slopes_are_finite_at_extreme_outputs(loss, size):
    h = size * np.array([[1.0, -0.5, 0.25], [-1.0, 0.75, 1.0]])
    own, given = replace(loss, reduction="none"), fed(loss, h, np.eye(3)[[0, 1]])
    with np.errstate(all="raise", under="ignore"):
        found = own.forward(**given)
        slope = loss.vjp(1.0, next(iter(loss.arguments)), **given)
    np.testing.assert_allclose(found, exact(loss, h, np.eye(3)[[0, 1]]), rtol=1e-13, atol=1e-300)
    assert np.all(np.isfinite(slope))


@pytest.mark.parametrize("reduction", ["sum", "none"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_every_reduction_has_the_right_jacobians(reduction, dtype):
    proofs = [*prove([replace(loss, reduction=reduction) for loss in DEFINED], dtype=dtype)]
    assert len(proofs) == 2 * len(DEFINED)
    assert not [(str(proof.layer), proof.wrt, proof.errors) for proof in proofs if not proof.right]


def test_the_gradient_of_a_sure_and_right_answer_keeps_its_digits():
    """p₁ − 1 = −Σ p_j over the others = −2 e⁻⁴⁰/(1 + 2 e⁻⁴⁰): the textbook's p − t gives 0."""
    slope = mlp.CrossEntropy().vjp(1.0, "z", z=[[40.0, 0, 0]], t=[0])
    small = np.exp(-40) / (1 + 2 * np.exp(-40))
    assert slope == pytest.approx(np.array([[-2 * small, small, small]]), rel=1e-13)
    assert mlp.CrossEntropy().forward(z=[[40.0, 0, 0]], t=[0]) == pytest.approx(2 * small, rel=1e-13)


def test_almost_parallel_vectors_have_a_small_distance_and_not_none():
    """1 − cos ε = ε²/2 up to ε⁴/24."""
    loss = mlp.Cosine(reduction="none")
    assert loss.forward(h=[[1.0, 1e-6]], t=[[2.0, 0.0]]) == pytest.approx([0.5e-12], rel=1e-11)


def test_a_vector_of_zeros_has_no_direction_and_the_distance_one():
    assert mlp.Cosine(reduction="none").forward(h=[[0.0, 0.0]], t=[[1.0, 2.0]]).tolist() == [1.0]


def test_penalties_by_hand():
    W = np.array([[1.0, -2.0], [0.0, 3.0]])
    assert mlp.L1(0.1).forward(W=W) == pytest.approx(0.6)
    assert mlp.L2(0.1).forward(W=W) == pytest.approx(0.7)
    assert mlp.L1(0.1, "mean").forward(W=W) == pytest.approx(0.15)
    assert mlp.L2(0.1, "none").forward(W=W) == pytest.approx(0.05 * W**2)
    assert mlp.L1(0.1).vjp(1.0, "W", W=W) == pytest.approx(0.1 * np.sign(W))
    assert mlp.L2(0.1).vjp(1.0, "W", W=W) == pytest.approx(0.1 * W)


@pytest.mark.parametrize("penalty", [mlp.L1, mlp.L2])
def test_penalties_have_the_right_jacobians_in_every_reduction(penalty):
    assert all(proof.right for proof in prove([penalty(0.3, reduction) for reduction in REDUCTIONS]))


def test_smoothing_class_weights_and_ignored_samples_by_their_formulas():
    """ℓ = −Σ wⱼ ((1 − ε) tⱼ + ε/m) log pⱼ; the mean of class indices is over their weights (Szegedy et al. 2016)."""
    z, w, ε = np.array([[0.5, -1.0, 2.0], [3.0, 0.2, -0.3], [0.0, 1.0, 0.0]]), np.array([1.0, 2.0, 0.5]), 0.3
    logs = np.log(np.exp(z) / np.exp(z).sum(axis=1, keepdims=True))
    terms = [-sum(w[j] * ((1 - ε) * (j == c) + ε / 3) * logs[n, j] for j in range(3)) for n, c in ((0, 1), (2, 2))]
    own = mlp.CrossEntropy(ε, tuple(w), ignore=9)
    assert own.forward(z=z, t=[1, 9, 2]) == pytest.approx(sum(terms) / (w[1] + w[2]), rel=1e-14)
    assert replace(own, reduction="none").forward(z=z, t=[1, 9, 2]) == pytest.approx([terms[0], 0, terms[1]], rel=1e-14)
    assert not own.vjp(1.0, "z", z=z, t=[1, 9, 2])[1].any()
    unweighted = mlp.CrossEntropy(ε)
    assert all(proof.right for proof in prove([unweighted, replace(unweighted, reduction="none")]))


# ---- what people get wrong -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("wrong", "words"), [
    (lambda: mlp.CrossEntropy(reduction="average"), "a reduction is mean, sum, none, but 'average'"),
    (lambda: mlp.CrossEntropy(smoothing=1.5), "from 0 to 1, but 1.5"),
    (lambda: mlp.CrossEntropy(smoothing="a"), "from 0 to 1, but 'a'"),
    (lambda: mlp.CrossEntropy(weights=(1, -2)), "none negative"),
    (lambda: mlp.CrossEntropy(weights=(0, 0)), "not all 0"),
    (lambda: mlp.CrossEntropy(weights=(1, 2)).forward(z=H, t=[0, 1]), "2 weights of classes were given, but z has 3"),
    (lambda: mlp.CrossEntropy(ignore=1).forward(z=H, t=[1, 1]), "no target counts"),
    (lambda: mlp.CrossEntropy().forward(z=H, t=[0, 3]), "row 1 holds 3"),
    (lambda: mlp.CrossEntropy(smoothing=0.1).vjp(1.0, "t", z=H, t=T), "is differentiated by z, not by 't'"),
    (lambda: mlp.CrossEntropy(smoothing=0.1).forward(z=H, t=T * np.nan), "holds nan"),
    (lambda: mlp.KullbackLeibler().forward(l=H, t=-T), "t must hold probabilities, but holds -0.7"),
    (lambda: mlp.L1(-1), "rate must be a positive number"),
    (lambda: mlp.L2(reduction="all"), "a reduction is mean, sum, none, but 'all'"),
    (lambda: mlp.Huber(delta=0), "delta must be a positive number"),
    (lambda: mlp.Focal(gamma=-1), "gamma must be a positive number"),
    (lambda: mlp.Focal(alpha=1), "alpha must be a number between 0 and 1"),
])
def test_losses_say_what_they_cannot_take(wrong, words):
    with pytest.raises(jac.InputError, match=words):
        wrong()


# ---- torch ---------------------------------------------------------------------------------------------------------


Z = np.array([[0.5, -1.0, 2.0, 0.1], [3.0, 0.2, -0.3, 1.0], [-0.4, 0.6, 0.9, 0.0], [1.5, 1.5, -2.0, 0.3]])
CLASSES = np.array([2, 0, -100, 1])
WEIGHTS = (1.0, 2.0, 0.5, 3.0)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["equal", "weighted"])
@pytest.mark.parametrize("soft", [False, True], ids=["indices", "soft"])
def test_cross_entropy_is_that_of_torch(reduction, smoothing, weights, soft):
    torch = pytest.importorskip("torch")
    targets = np.random.default_rng(3).dirichlet(np.ones(4), 4) if soft else CLASSES
    peer = torch.nn.CrossEntropyLoss(None if weights is None else torch.tensor(weights, dtype=torch.float64),
                                     reduction=reduction, label_smoothing=smoothing)
    z = torch.tensor(Z, requires_grad=True)
    y = peer(z, torch.tensor(targets))
    y.sum().backward()
    own = mlp.CrossEntropy(smoothing, weights, reduction=reduction)
    assert own.forward(z=Z, t=targets) == pytest.approx(y.detach().numpy(), rel=1e-13)
    assert own.vjp(np.ones(y.shape), "z", z=Z, t=targets) == pytest.approx(z.grad.numpy(), rel=1e-12, abs=1e-16)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize(("loss", "name"), [
    (mlp.MeanSquaredError(), "MSELoss"), (mlp.MeanAbsoluteError(), "L1Loss"), (mlp.Huber(), "HuberLoss"),
    (mlp.BinaryCrossEntropy(), "BCEWithLogitsLoss")], ids=str)
def test_losses_of_entries_are_those_of_torch_ties_included(loss, name, reduction):
    torch = pytest.importorskip("torch")
    h, t = np.vstack([H, [[0.5, 1.5, -0.5]]]), np.vstack([T, [[0.5, 0.5, 0.5]]])
    out = torch.tensor(h, requires_grad=True)
    y = getattr(torch.nn, name)(reduction=reduction)(out, torch.tensor(t))
    y.sum().backward()
    own, given = replace(loss, reduction=reduction), fed(loss, h, t)
    assert own.forward(**given) == pytest.approx(y.detach().numpy(), rel=1e-13)
    assert own.vjp(np.ones(y.shape), next(iter(given)), **given) == pytest.approx(out.grad.numpy(), rel=1e-13)
