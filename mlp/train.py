"""Training from beginning to end: one epoch after the other, each a value from which training can go on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

import jacobian as jac
from mlp.activations import ACTIVATIONS
from mlp.data import Data, parts
from mlp.descent import Point, begin, sweep
from mlp.evaluation import evaluate
from mlp.given import Array, between, count, numbers
from mlp.initialise import INITIALISERS, initialise
from mlp.network import Network, Parameters, choose, mlp, units
from mlp.optimise import OPTIMISERS, Adam, Optimiser
from mlp.plan import Plan
from mlp.schedules import SCHEDULES, Constant, Schedule
from mlp.worded import row

ADAM, CONSTANT = Adam(), Constant()
HELD = 0.1          # the share that early stopping watches where none is named


@dataclass(frozen=True)
class Settings:
    """How to train: hidden units, name of the activation, epochs, samples in a batch, rate α, seed of the numbers, …

    `optimiser` and `schedule` are values, or in words such as "momentum:momentum=0.95"; `rate` None is the optimiser's
    usual one; `initialisation` a row of INITIALISERS, None as the layers ask for; `validation` the share of the samples
    to learn from that is kept for a validation part; after `patience` epochs without a smaller loss there training
    ends; `weights` are those of the classes, or "balanced": N/(K n_k).
    Raises InputError for what cannot be.
    """

    hidden: str | Sequence[int] = "128"
    activation: str = "relu"
    epochs: int = 30
    batch: int = 32
    rate: float | None = None
    seed: int = 0
    optimiser: Any = ADAM
    schedule: Any = CONSTANT
    initialisation: str | None = None
    validation: float | None = None
    patience: int | None = None
    weights: str | Sequence[float] | None = None

    def __post_init__(self) -> None:
        units(self.hidden)
        choose(ACTIVATIONS, self.activation, "the activation")
        if self.initialisation is not None:
            choose(INITIALISERS, self.initialisation, "the initialisation")
        object.__setattr__(self, "optimiser", row(OPTIMISERS, Optimiser, self.optimiser, "the optimiser"))
        object.__setattr__(self, "schedule", row(SCHEDULES, Schedule, self.schedule, "the schedule"))
        count("epochs", self.epochs)
        count("batch", self.batch)
        count("seed", self.seed, 0)
        if self.rate is not None:
            between("rate", self.rate, 0, np.inf)
        if self.validation is not None:
            between("validation", self.validation, 0, 1)
        if self.patience is not None:
            count("patience", self.patience)

    @property
    def alpha(self) -> float:
        """The rate, the usual one of the optimiser where none was given."""
        return self.optimiser.rate if self.rate is None else float(self.rate)

    @property
    def held(self) -> float | None:
        """The share of the validation part, where there is one."""
        return HELD if self.validation is None and self.patience is not None else self.validation


@dataclass(frozen=True)
class Epoch:
    """After epoch `i`: the mean loss on the way; loss and score of the three parts.

    The score is the share classified right, or R² = 1 − Σ(h − t)²/Σ(t − t̄)², the mean over targets. Without a
    validation part its numbers are NaN.
    """

    i: int
    loss: float
    score: float
    validation_loss: float
    validation_score: float
    test_loss: float
    test_score: float


@dataclass(frozen=True)
class Run:
    """Where training stands after an epoch, and all it needs to go on: what a checkpoint holds.

    `best` are the parameters of the epoch with the smallest loss on the validation part, or the last without one.
    """

    point: Point
    generator: Mapping[str, Any]
    epochs: tuple[Epoch, ...]
    best: Parameters

    @property
    def watched(self) -> list[float]:
        """The loss of each epoch that schedules and early stopping look at."""
        return [e.loss if np.isnan(e.validation_loss) else e.validation_loss for e in self.epochs]

    @property
    def chosen(self) -> Epoch:
        """The epoch whose parameters are the best."""
        return self.epochs[-1] if np.isnan(self.epochs[-1].validation_loss) else self.epochs[_least(self.watched)]

    def over(self, patience: int | None) -> bool:
        """Whether so many epochs have passed since the best one."""
        return patience is not None and len(self.epochs) - _least(self.watched) > patience


def _least(losses: Sequence[float]) -> int:
    """Where the first of the smallest is, or 0 where there is none."""
    return int(np.argmin(losses)) if losses else 0


def perceptron(data: Data, settings: Settings) -> Network:
    """A multi-layer perceptron as wide as the data: cross-entropy for classes, half the squared error for numbers."""
    sizes = (data.x.shape[1], *units(settings.hidden), data.outputs)
    return mlp(sizes, settings.activation, "half-squared" if data.classes is None else "cross-entropy")


def learn(network: Network, data: Data, settings: Settings, run: Run | None = None) -> Iterator[Run]:
    """One Run after the other, from the beginning or from the one given; all numbers in the precision of the data.

    The same settings give the same numbers, bit by bit, on the same machine with as many threads, wherever
    training was taken up again. Raises InputError when loss or parameters are no longer finite.
    """
    x, t, batch = data.x, data.t, settings.batch
    kept, held = _validation(data, settings)
    rng = np.random.default_rng(settings.seed)
    weights = _sample_weights(data, settings) if settings.weights is not None else None
    if run is None:
        params = [{name: array.astype(x.dtype) for name, array in own.items()}
                  for own in initialise(network, rng, settings.initialisation)]
        x, t = begin(network, params, x, t, among=kept)
        run = Run(Point(params, settings.optimiser.start(params)), rng.bit_generator.state, (), params)
    rng.bit_generator.state = run.generator
    plan = Plan(network, run.point.params, optimiser=settings.optimiser, state=run.point.state)
    while len(run.epochs) < settings.epochs and not run.over(settings.patience):
        i = len(run.epochs) + 1
        rate = settings.alpha * settings.schedule.factor(run.watched)
        with np.errstate(all="ignore"):       # not around the yield, where it would reach the caller's own loop
            loss, point, _ = sweep(plan, x, t, weights, rate=rate, batch=batch, rng=rng, among=kept, when=f"epoch {i}")
            _, score = evaluate(network, point.params, x, t, among=kept)
            validation = (np.nan, np.nan) if held is None \
                else evaluate(network, point.params, x, t, among=held)
            test = evaluate(network, point.params, data.x_test, data.t_test)
        epoch = Epoch(i, loss, score, *validation, *test)
        better = held is None or _least([*run.watched, epoch.validation_loss]) == len(run.watched)
        run = Run(point, rng.bit_generator.state, (*run.epochs, epoch), point.params if better else run.best)
        yield run


def _validation(data: Data, settings: Settings) -> tuple[Array | None, Array | None]:
    """The samples that are learnt from, and those of the validation part; None and None where it is all of them."""
    if settings.held is None:
        return None, None
    return parts(data.t, settings.held, np.random.default_rng([settings.seed, 1]), alike=data.classes is not None)


def _sample_weights(data: Data, settings: Settings) -> Array:
    """Of each sample the weight of its class."""
    if data.classes is None:
        raise jac.InputError("the weights are those of classes, but the targets are numbers: leave them out")
    if isinstance(settings.weights, str):
        if settings.weights != "balanced":
            raise jac.InputError(f"the weights are 'balanced' or a number for each class, not {settings.weights!r}")
        members = np.bincount(data.t, minlength=data.classes)
        found = len(data.t) / (data.classes * np.maximum(members, 1))
    else:
        found = numbers("weights", settings.weights)
        if found.shape != (data.classes,) or not (np.isfinite(found).all() and (found > 0).all()):
            raise jac.InputError(f"a positive weight for each of {data.classes} classes is expected, "
                                 f"but {list(settings.weights or ())} were given")
    return found.astype(data.x.dtype)[data.t]
