"""Training from beginning to end: a classifier of a data set, its learning curve, and its parameters in a file."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import numpy as np

import jacobian as jac
from mlp.data import Data
from mlp.descent import descend
from mlp.given import Array, between, count, finite, numbers
from mlp.network import Network, Parameters, mlp, units


@dataclass(frozen=True)
class Settings:
    """How to train: hidden units, name of the activation, epochs, samples in a batch, rate α, seed of the numbers."""

    hidden: str | Sequence[int] = "256"
    activation: str = "relu"
    epochs: int = 40
    batch: int = 16
    rate: float = 0.5
    seed: int = 0

    def __post_init__(self) -> None:
        units(self.hidden)
        count("epochs", self.epochs)
        count("batch", self.batch)
        between("rate", self.rate, 0, np.inf)
        count("seed", self.seed, 0)


@dataclass(frozen=True)
class Epoch:
    """After epoch `i`: the mean loss on the way, the loss on the samples held back, the shares classified right."""

    i: int
    loss: float
    test_loss: float
    accuracy: float
    test_accuracy: float
    params: Parameters


def classifier(data: Data, settings: Settings) -> Network:
    """Softmax with cross-entropy on a multi-layer perceptron, as wide as the data."""
    return mlp((data.x.shape[1], *units(settings.hidden), data.classes), settings.activation, "cross-entropy")


def learn(network: Network, data: Data, settings: Settings) -> Iterator[Epoch]:
    """One Epoch after the other; the same settings give the same numbers, bit by bit, on the same machine.

    Raises InputError when loss or parameters are no longer finite.
    """
    rng = np.random.default_rng(settings.seed)
    steps = descend(network, network.init(rng), data.x, data.t, rate=settings.rate, epochs=settings.epochs,
                    batch=settings.batch, rng=rng)
    while True:
        with np.errstate(all="ignore"):       # not around the yield, where it would reach the caller's own loop
            now = next(steps, None)
            if now is None:
                return
            epoch = Epoch(now.i, now.loss, float(network.loss(now.params, data.x_test, data.t_test)),
                          accuracy(network, now.params, data.x, data.t),
                          accuracy(network, now.params, data.x_test, data.t_test), now.params)
        yield epoch


def accuracy(network: Network, params: Parameters, x: Array, t: Array) -> float:
    """The share of samples x (N, n) whose largest output is that of their class t (N,)."""
    found, t = network.forward(params, x).argmax(axis=1), numbers("t", t)
    if t.shape != found.shape:
        raise jac.ShapeError(f"{len(found)} samples have {len(found)} classes, but t of shape {t.shape} was given")
    return float(np.mean(found == t))


# ---- files ---------------------------------------------------------------------------------------------------------


def save(path: str | Path, named: Mapping[str, Array]) -> Path:
    """The file of `pack`, whole or not there."""
    return jac.write(path, pack(named))


def pack(named: Mapping[str, Array]) -> bytes:
    """W1, b1, W2, … in NumPy's npz format; the same arrays give the same bytes."""
    stream = io.BytesIO()
    np.savez(stream, **{name: numbers(name, array) for name, array in named.items()})
    return stream.getvalue()


def load(path: str | Path, network: Network) -> Parameters:
    """The parameters that `save` wrote. Raises InputError where the file cannot be read or is of another network."""
    try:
        named = dict(np.load(io.BytesIO(Path(path).read_bytes()), allow_pickle=False))
    except Exception as error:      # bytes that are no archive make NumPy, zipfile and zlib raise a dozen kinds
        reason = getattr(error, "strerror", None) or error
        raise jac.InputError(f"{path} is no file of parameters that can be read: {reason}") from error
    try:
        return network.parameters({name: finite(name, numbers(name, array)) for name, array in named.items()})
    except jac.InputError as error:
        raise jac.InputError(f"{path} does not fit: {error}") from error


def require_picture() -> ModuleType:
    """matplotlib.figure, or a MissingExtra, to be asked for before training begins."""
    return jac.extra("matplotlib.figure", "plot", "the learning curve")


def plot(epochs: Sequence[Epoch], title: str) -> bytes:
    """The learning curve as PNG: loss, and share classified right, against the epoch. Raises MissingExtra."""
    figure = require_picture().Figure(figsize=(9, 3.8), layout="constrained")
    left, right = figure.subplots(1, 2)
    number = [e.i for e in epochs]
    for axes, ours, held, label in (
        (left, [e.loss for e in epochs], [e.test_loss for e in epochs], "cross-entropy"),
        (right, [e.accuracy for e in epochs], [e.test_accuracy for e in epochs], "share classified right"),
    ):
        axes.plot(number, ours, label="training")
        axes.plot(number, held, "--", label="held back")
        axes.set(xlabel="epoch", ylabel=label)
        axes.grid(alpha=0.3)
        axes.legend()
    left.set_yscale("log")
    right.set_ylim(top=1.005)
    figure.suptitle(title)
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=120)
    return stream.getvalue()
