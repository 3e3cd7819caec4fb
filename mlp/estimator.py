"""Multi-layer perceptrons as estimators of scikit-learn, which comes with the extra data.

Importing this module without scikit-learn raises MissingExtra. Features are taken as they are: put a StandardScaler
before them in a pipeline.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np

import jacobian as jac
from mlp.data import parts
from mlp.descent import Point, sweep
from mlp.evaluation import evaluate, predict
from mlp.given import Array, between, count
from mlp.initialise import initialise
from mlp.network import Network, Parameters, mlp, units
from mlp.optimise import OPTIMISERS, Decay, Optimiser
from mlp.plan import Plan
from mlp.rows import Softmax
from mlp.schedules import SCHEDULES, Schedule
from mlp.worded import row

_base: Any = jac.extra("sklearn.base", "data", "mlp.estimator")
_checks = jac.extra("sklearn.utils.validation", "data", "mlp.estimator")
_kinds = jac.extra("sklearn.utils.multiclass", "data", "mlp.estimator")
_network = lru_cache(mlp)       # a network cannot be pickled: an estimator keeps its sizes, and builds it anew


class _Perceptron(_base.BaseEstimator):
    """θ by mini-batches of `batch_size` samples in `max_iter` epochs, or until `patience` brought nothing better.

    `optimiser` is an Optimiser or a row of OPTIMISERS in words, "momentum:momentum=0.95", `schedule` likewise; `rate`
    None is the optimiser's usual α, `decay` λ of the penalty λ/2 ‖θ‖². With `patience` the share `validation_fraction`
    is held aside, and the best parameters on it are kept; without, `validation_scores_` is None. Constants that cannot
    be raise InputError in fit.
    """

    loss: str
    loss_: float
    loss_curve_: list[float]
    validation_scores_: list[float] | None
    _point: Point

    def __init__(
        self, hidden: str | Sequence[int] = (100,), activation: str = "relu", *, optimiser: str | Optimiser = "adam",
        rate: float | None = None, schedule: str | Schedule = "constant", decay: float = 0.0,
        initialisation: str | None = None, batch_size: int = 200, max_iter: int = 200, patience: int | None = None,
        validation_fraction: float = 0.1, warm_start: bool = False, random_state: Any = None,
    ) -> None:
        self.hidden = hidden
        self.activation = activation
        self.optimiser = optimiser
        self.rate = rate
        self.schedule = schedule
        self.decay = decay
        self.initialisation = initialisation
        self.batch_size = batch_size
        self.max_iter = max_iter
        self.patience = patience
        self.validation_fraction = validation_fraction
        self.warm_start = warm_start
        self.random_state = random_state

    def _fit(self, X: Array, t: Array, outputs: int, weights: Array | None) -> Any:
        """Learn from the beginning, or with warm_start from where the last fit ended; X (N, n), t (N,) or (N, m)."""
        count("max_iter", self.max_iter)
        if self.patience is not None:
            count("patience", self.patience)
        if not (self.warm_start and hasattr(self, "_point")):
            self._begin(X.shape[1], outputs, X.dtype)
        kept = held = None
        if self.patience is not None:
            kept, held = parts(t, self.validation_fraction, self._rng, alike=t.ndim == 1)
        plan, watched = self._plan(), list[float]()
        best = self.params_
        for _ in range(self.max_iter):
            self._epoch(plan, X, t, weights, watched, kept)
            if self.patience is None:
                watched.append(self.loss_)
                continue
            loss, score = evaluate(self.network_, self.params_, X, t, among=held)
            self.validation_scores_ = [*(self.validation_scores_ or ()), score]
            watched.append(loss)
            least = int(np.argmin(watched))
            best = self.params_ if least == len(watched) - 1 else best
            if len(watched) - least > self.patience:
                break
        if held is not None:
            self._point = Point(best, self._point.state)
        return self

    def _begin(self, n: int, outputs: int, dtype: Any) -> None:
        self._shape = (n, *units(self.hidden), outputs), self.activation, self.loss
        seed = _checks.check_random_state(self.random_state).randint(2**31)
        self._rng = np.random.default_rng(seed)
        params: Parameters = [{name: array.astype(dtype) for name, array in own.items()}
                              for own in initialise(self.network_, self._rng, self.initialisation)]
        self._point = Point(params, self._rule.start(params))
        self.loss_curve_ = []
        self.validation_scores_ = None

    def _plan(self) -> Plan:
        return Plan(self.network_, self.params_, optimiser=self._rule, state=self._point.state)

    def _epoch(self, plan: Plan, X: Array, t: Array, weights: Array | None, watched: list[float],
               kept: Array | None = None) -> None:
        """One pass over all samples, or over those that are kept; weights (N,) count with mean 1."""
        count("batch_size", self.batch_size)
        rate = plan.optimiser.rate if self.rate is None else self.rate
        between("rate", rate, 0, np.inf)
        schedule = row(SCHEDULES, Schedule, self.schedule, "the schedule")
        with np.errstate(all="ignore"):
            self.loss_, self._point, _ = sweep(
                plan, X, t, weights, rate=float(rate * schedule.factor(watched)), batch=self.batch_size, rng=self._rng,
                among=kept, when=f"epoch {len(self.loss_curve_) + 1}")
        self.loss_curve_ = [*self.loss_curve_, self.loss_]

    @property
    def _rule(self) -> Optimiser:
        rule = row(OPTIMISERS, Optimiser, self.optimiser, "the optimiser")
        return Decay(rule, self.decay) if self.decay else rule

    @property
    def network_(self) -> Network:
        """The network whose parameters are learnt."""
        return _network(*self._shape)

    @property
    def params_(self) -> Parameters:
        """The parameters, a dictionary for each layer."""
        return self._point.params

    @property
    def n_iter_(self) -> int:
        """How many epochs were made."""
        return len(self.loss_curve_)

    def _weights(self, sample_weight: Any, X: Array) -> Array | None:
        """With mean 1 over the samples, so that a weight of 2 is the sample twice; None where none are given."""
        if sample_weight is None:
            return None
        weights = _checks._check_sample_weight(sample_weight, X, dtype=X.dtype)
        if weights.min() < 0 or not (total := weights.sum()) > 0:
            raise jac.InputError("the sample weights are negative, or all of them zero: give positive ones")
        return weights * (len(weights) / total)

    def _outputs(self, X: Any) -> Array:
        _checks.check_is_fitted(self, "_point")
        X = _checks.validate_data(self, X, dtype=(np.float64, np.float32), reset=False)
        return predict(self.network_, self.params_, X)

    def _slopes(self, network: Network, params: Parameters, X: Any) -> Array:
        """∂h/∂x of each sample, (N, m, n): a pull through the Jacobian of the batch for each output."""
        _checks.check_is_fitted(self, "_point")
        X = _checks.validate_data(self, X, dtype=(np.float64, np.float32), reset=False)
        J, m = network.jacobian(params, X), network.sizes[-1]
        units = np.eye(m, dtype=X.dtype)
        return np.stack([J.T.push(np.tile(e, len(X))).reshape(X.shape) for e in units], axis=1)


class MLPClassifier(_base.ClassifierMixin, _Perceptron):
    """P(class | x) = softmax(h(x)), h a multi-layer perceptron, by cross-entropy (Goodfellow et al. 2016, 6.2.2.3)."""

    loss = "cross-entropy"

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> MLPClassifier:
        """Learn from X (N, n) and classes y (N,) of whatever kind; weights (N,) multiply the losses of the samples."""
        X, y = _checks.validate_data(self, X, y, dtype=(np.float64, np.float32))
        _kinds.check_classification_targets(y)
        classes, t = np.unique(y, return_inverse=True)
        if not (self.warm_start and np.array_equal(getattr(self, "classes_", ()), classes)):
            self.__dict__.pop("_point", None)
        self.classes_ = classes
        return self._fit(X, t, max(2, len(classes)), self._weights(sample_weight, X))

    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> MLPClassifier:
        """One epoch more; the first call names all `classes` that will come, or has them all."""
        first = not hasattr(self, "_point")
        X, y = _checks.validate_data(self, X, y, dtype=(np.float64, np.float32), reset=first)
        _kinds.check_classification_targets(y)
        if first:
            self.classes_ = np.unique(y if classes is None else classes)
            self._begin(X.shape[1], max(2, len(self.classes_)), X.dtype)
        elif classes is not None and not np.array_equal(np.unique(classes), self.classes_):
            raise jac.InputError(f"classes {list(classes)} are not those of the first call, {self.classes_.tolist()}")
        unknown = np.setdiff1d(y, self.classes_)
        if unknown.size:
            raise jac.InputError(f"y has the class {unknown[0]!r}, but {self.classes_.tolist()} were named at first")
        t, weights = np.searchsorted(self.classes_, y), self._weights(sample_weight, X)
        self._epoch(self._plan(), X, t, weights, self.loss_curve_)
        return self

    def predict_proba(self, X: Any) -> Array:
        """P(class | x), (N, classes), in the order of `classes_`."""
        h = self._outputs(X)
        return Softmax().value(h)[:, :len(self.classes_)]

    def predict_log_proba(self, X: Any) -> Array:
        """log P(class | x), (N, classes)."""
        with np.errstate(divide="ignore"):
            return np.log(self.predict_proba(X))

    def predict(self, X: Any) -> Array:
        """The class whose probability is largest, (N,)."""
        h = self._outputs(X)
        return self.classes_[h[:, :len(self.classes_)].argmax(axis=1)]

    def input_gradient(self, X: Any) -> Array:
        """∂P(class | x)/∂x of each sample, (N, classes, n)."""
        _checks.check_is_fitted(self, "_point")
        whole = replace(self.network_, layers=(*self.network_.layers, Softmax()))
        return self._slopes(whole, [*self.params_, {}], X)[:, :len(self.classes_)]


class MLPRegressor(_base.RegressorMixin, _Perceptron):
    """h(x), a multi-layer perceptron, by half the squared error (Goodfellow et al. 2016, 6.2.2.1); y (N,) or (N, m)."""

    loss = "half-squared"

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> MLPRegressor:
        """Learn from X (N, n) and numbers y, (N,) or (N, m); weights (N,) multiply the losses of the samples."""
        X, t = self._numbers(X, y, reset=True)
        if hasattr(self, "_point") and self.network_.sizes[-1] != t.shape[1]:
            del self._point
        return self._fit(X, t, t.shape[1], self._weights(sample_weight, X))

    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> MLPRegressor:
        """One epoch more."""
        first = not hasattr(self, "_point")
        X, t = self._numbers(X, y, reset=first)
        if first:
            self._begin(X.shape[1], t.shape[1], X.dtype)
        self._epoch(self._plan(), X, t, self._weights(sample_weight, X), self.loss_curve_)
        return self

    def _numbers(self, X: Any, y: Any, *, reset: bool) -> tuple[Array, Array]:
        X, y = _checks.validate_data(self, X, y, dtype=(np.float64, np.float32), multi_output=True, y_numeric=True,
                                     reset=reset)
        if y.ndim == 1 or reset:
            self._flat = y.ndim == 1
        return X, y.astype(X.dtype).reshape(len(X), -1)

    def predict(self, X: Any) -> Array:
        """h(x), in the shape of the y that was learnt from: (N,) or (N, m)."""
        h = self._outputs(X)
        return h[:, 0] if self._flat else h

    def input_gradient(self, X: Any) -> Array:
        """∂h/∂x of each sample, (N, n), or (N, m, n) where y was (N, m)."""
        _checks.check_is_fitted(self, "_point")
        found = self._slopes(self.network_, self.params_, X)
        return found[:, 0] if self._flat else found
