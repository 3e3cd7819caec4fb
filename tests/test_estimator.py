"""Estimators: all of scikit-learn's checks, gradients by the input, weights, epochs one by one."""

import pickle
import subprocess
import sys

import numpy as np
import pytest

import jacobian as jac
import mlp


def test_without_scikit_learn_the_extra_is_named():
    code = ("import sys; sys.modules['sklearn'] = None\n"
            "try:\n    import mlp.estimator\nexcept ImportError as error:\n    print(error)")
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert found.startswith('mlp.estimator needs sklearn, which is not installed: python -m pip install "jacobian-tool')


@pytest.fixture
def estimators():
    from mlp import estimator
    return estimator


KINDS = ["MLPClassifier", "MLPRegressor"]
X = np.random.default_rng(0).normal(size=(60, 3))
SUM = X @ [1.0, -2.0, 0.5]
COLOURS = np.array(["blue", "green", "red"])[np.digitize(SUM, [-1, 1])]


@pytest.mark.extra
@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.filterwarnings("ignore")
def test_all_checks_of_scikit_learn_pass(kind, estimators):
    checks = pytest.importorskip("sklearn.utils.estimator_checks")
    found = checks.check_estimator(getattr(estimators, kind)(), on_skip=None, on_fail=None)
    assert len(found) > 50
    assert {one["check_name"]: one["exception"] for one in found if one["status"] not in ("passed", "skipped")} == {}
    assert {one["check_name"] for one in found if one["expected_to_fail"]} == set()


@pytest.mark.extra
def test_classes_by_name_are_learnt_and_their_gradient_is_that_of_the_probabilities(estimators):
    model = estimators.MLPClassifier((8,), "tanh", rate=0.02, max_iter=100, random_state=0).fit(X, COLOURS)
    assert model.score(X, COLOURS) > 0.95
    p = model.predict_proba(X)
    assert p.sum(axis=1) == pytest.approx(1)
    assert np.array_equal(model.classes_[p.argmax(axis=1)], model.predict(X))
    assert model.predict_log_proba(X) == pytest.approx(np.log(p))
    found = model.input_gradient(X[:4])
    assert found.shape == (4, 3, 3)
    for x, slopes in zip(X[:4], found, strict=True):
        numeric = jac.numeric(lambda x: model.predict_proba(x[None])[0], x)
        assert np.all(np.abs(slopes - numeric.value) <= numeric.error + 1e-12)


@pytest.mark.extra
@pytest.mark.parametrize("y", [SUM, np.column_stack([SUM, SUM**2])], ids=["one", "two"])
def test_numbers_are_learnt_and_their_gradient_is_that_of_the_prediction(y, estimators):
    model = estimators.MLPRegressor((20,), "tanh", rate=0.01, max_iter=300, random_state=0).fit(X, y)
    assert model.score(X, y) > 0.9
    assert model.predict(X).shape == y.shape
    found = model.input_gradient(X[:4])
    assert found.shape == (4, *y.shape[1:], 3)
    for x, slopes in zip(X[:4], found, strict=True):
        numeric = jac.numeric(lambda x: model.predict(x[None])[0], x)
        assert np.all(np.abs(slopes - numeric.value) <= numeric.error + 1e-12)


@pytest.mark.extra
@pytest.mark.parametrize(("kind", "y"), [("MLPClassifier", COLOURS), ("MLPRegressor", SUM)])
def test_epochs_one_by_one_are_a_fit(kind, y, estimators):
    row = getattr(estimators, kind)
    whole = row((5,), max_iter=7, batch_size=16, random_state=3, schedule="exponential:gamma=0.9").fit(X, y)
    parts = row((5,), batch_size=16, random_state=3, schedule="exponential:gamma=0.9")
    for _ in range(7):
        parts.partial_fit(X, y)
    warm = row((5,), max_iter=7, batch_size=16, random_state=3, schedule="exponential:gamma=0.9", warm_start=True)
    assert whole.loss_curve_ == parts.loss_curve_ == warm.fit(X, y).loss_curve_
    assert len(whole.loss_curve_) == whole.n_iter_ == 7
    assert whole.loss_curve_[-1] == whole.loss_ < whole.loss_curve_[0]
    assert np.array_equal(whole.predict(X), parts.predict(X))
    assert len(warm.fit(X, y).loss_curve_) == 14
    assert len(whole.fit(X, y).loss_curve_) == 7


@pytest.mark.extra
@pytest.mark.parametrize(("kind", "y"), [("MLPClassifier", COLOURS), ("MLPRegressor", SUM)])
def test_a_weight_of_two_is_the_sample_twice(kind, y, estimators):
    """In batches of everything; a weight of 0 is none. Weights count relative to one another."""
    often = np.random.default_rng(1).integers(0, 4, len(X))
    given = {"hidden": (5,), "activation": "tanh", "batch_size": 1000, "max_iter": 50, "random_state": 0,
             "optimiser": "momentum", "rate": 0.1}
    row = getattr(estimators, kind)
    for scale in (1.0, 0.01):
        weighted = row(**given).fit(X, y, sample_weight=scale * often)
        repeated = row(**given).fit(X.repeat(often, axis=0), y.repeat(often))
        assert weighted.loss_curve_ == pytest.approx(repeated.loss_curve_, rel=1e-9)
        assert weighted.input_gradient(X) == pytest.approx(repeated.input_gradient(X), rel=1e-7, abs=1e-9)
    for wrong in (0 * often, often - 1.0):
        with pytest.raises(ValueError, match=r"[Ss]ample weights"):
            row(**given).fit(X, y, sample_weight=wrong)


@pytest.mark.extra
def test_the_best_epoch_by_the_validation_part_is_kept(estimators):
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 60)
    model = estimators.MLPClassifier((30,), rate=0.03, patience=5, validation_fraction=0.3, random_state=0).fit(X, y)
    scores = model.validation_scores_
    assert 6 <= len(scores) == len(model.loss_curve_) < 200
    assert estimators.MLPClassifier(max_iter=2).fit(X, y).validation_scores_ is None
    shorter = estimators.MLPClassifier((30,), rate=0.03, patience=5, validation_fraction=0.3, random_state=0,
                                       max_iter=len(scores) - 5).fit(X, y)
    assert np.array_equal(shorter.predict_proba(X), model.predict_proba(X))


@pytest.mark.extra
def test_settings_in_words_or_as_values_are_the_same(estimators):
    words = estimators.MLPRegressor((4,), optimiser="adam:beta1=0.8", schedule="cosine:length=9", max_iter=5,
                                    decay=0.01, random_state=0).fit(X, SUM)
    values = estimators.MLPRegressor("4", optimiser=mlp.Decay(mlp.Adam(0.8), 0.01),
                                     schedule=mlp.CosineAnnealing(9), max_iter=5, random_state=0).fit(X, SUM)
    assert words.loss_curve_ == values.loss_curve_
    assert pickle.loads(pickle.dumps(words)).loss_curve_ == words.loss_curve_
    again = pickle.loads(pickle.dumps(words))
    assert np.array_equal(again.predict(X), words.predict(X))
    assert again.partial_fit(X, SUM).loss_ == words.partial_fit(X, SUM).loss_


@pytest.mark.extra
@pytest.mark.parametrize(("given", "words"), [
    ({"hidden": (0,)}, "size 1 of '0' is 0"), ({"activation": "rely"}, "the activation 'rely' is not known"),
    ({"optimiser": "adan"}, "the optimiser 'adan' is not known: choose one of sgd"),
    ({"optimiser": "adam:gamma=1"}, "'adam' has no constant 'gamma': it has beta1, beta2, epsilon"),
    ({"schedule": "cosine"}, "'cosine' needs length: write cosine:length="), ({"rate": 0}, "rate must be a positive"),
    ({"batch_size": 0}, "batch_size must be a whole number"), ({"max_iter": 0}, "max_iter must be a whole number"),
    ({"patience": 0}, "patience must be a whole number"), ({"decay": -1.0}, "decay must be a positive number"),
    ({"patience": 1, "validation_fraction": 1.0}, "share must be a number between 0 and 1"),
    ({"initialisation": "xavier"}, "the initialisation 'xavier' is not known"),
])
def test_settings_that_cannot_be_are_refused_in_fit(given, words, estimators):
    with pytest.raises(jac.InputError) as found:
        estimators.MLPClassifier(**given).fit(X, COLOURS)
    assert words in str(found.value)


@pytest.mark.extra
def test_classes_that_were_not_named_at_first_are_refused(estimators):
    model = estimators.MLPClassifier((4,)).partial_fit(X[:5], COLOURS[:5], classes=["blue", "green", "red"])
    with pytest.raises(jac.InputError, match=r"the class .*'violet'.*, but \['blue', 'green', 'red'\] were named"):
        model.partial_fit(X[:1], ["violet"])
    with pytest.raises(jac.InputError, match="are not those of the first call"):
        model.partial_fit(X[:1], ["red"], classes=["red"])
