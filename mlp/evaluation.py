"""What a network says of samples, and how good that is, a batch at a time: no temporary is larger than its results.

Such a batch has as many samples as make ENTRIES numbers, whatever batch training takes: a batch of one would cost a
pass over the layers for each sample.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

import numpy as np

import jacobian as jac
from mlp.given import Array, count, numbers
from mlp.loss import pooled, summed
from mlp.network import Network, Parameters

ENTRIES = 2**18     # of x and of all results together: 2 MB in float64, about what a processor keeps near


def rows(network: Network) -> int:
    """How many samples are evaluated together: as many as have ENTRIES numbers in x and all results, at least one."""
    start = network.sizes[0]
    width = prod(start if isinstance(start, tuple) else (start,)) + sum(prod(p.output[1:]) for p in network.places)
    return max(ENTRIES // width, 1)


def results(network: Network, params: Parameters, x: Array, t: Array, among: Array | None = None,
            batch: int | None = None) -> Iterator[tuple[Array, Array]]:
    """(h, t) of one batch after the other, of all samples or of those `among` them whose indices are given."""
    N, batch = len(x) if among is None else len(among), rows(network) if batch is None else batch
    count("batch", batch)
    for k in range(0, N, batch):
        chosen = slice(k, k + batch) if among is None else among[k:k + batch]
        yield network.forward(params, x[chosen]), t[chosen]


def predict(network: Network, params: Parameters, x: Array) -> Array:
    """h (N, m) of all samples x."""
    batch = rows(network)
    return np.concatenate([network.forward(params, x[k:k + batch]) for k in range(0, len(x), batch)])


class Accuracy:
    """The share of classes t (N,) whose output is the largest."""

    def __init__(self) -> None:
        self.right = self.count = 0

    def add(self, h: Array, t: Array) -> None:
        self.right += int(np.sum(h.argmax(axis=1) == t))
        self.count += len(t)

    def score(self) -> float:
        return self.right / self.count


class Explained:
    """R² = 1 − Σ(h − t)²/Σ(t − t̄)² of numbers t (N, m), the mean over its columns; of a constant Σ(t − t̄)² is 1.

    Sums are of t less the first sample, in double precision (Chan, Golub and LeVeque 1983, eq. 1.3).
    """

    def __init__(self) -> None:
        self.count, self.first = 0, np.zeros(0)
        self.missed = self.sum = self.square = np.zeros(())

    def add(self, h: Array, t: Array) -> None:
        self.first = self.first if self.count else t[0].astype(float)
        moved = t - self.first
        self.count += len(t)
        self.missed = self.missed + np.square(h - t, dtype=float).sum(axis=0)
        self.sum, self.square = self.sum + moved.sum(axis=0), self.square + np.square(moved).sum(axis=0)

    def score(self) -> float:
        around = self.square - np.square(self.sum) / self.count
        return float(np.mean(1 - self.missed / np.where(around > 0, around, 1)))


def evaluate(network: Network, params: Parameters, x: Array, t: Array, *, among: Array | None = None,
             batch: int | None = None) -> tuple[float, float]:
    """The loss of the samples, and the score: of classes t (N,) the share found, of numbers t (N, m) R².

    Of all samples, or of those `among` them whose indices are given; `batch` of them at once, else as `rows` says.
    """
    found, total, mass = Accuracy() if t.ndim == 1 else Explained(), 0.0, 0.0
    for h, own in results(network, params, x, t, among, batch):
        found.add(h, own)
        loss, share = summed(network.objective, h, own)
        total, mass = total + loss, mass + share
    return pooled(network.objective, total, mass), found.score()


def accuracy(network: Network, params: Parameters, x: Array, t: Array) -> float:
    """The share of samples x (N, n) whose largest output is that of their class t (N,)."""
    found, t = Accuracy(), numbers("t", t)
    if t.shape != np.shape(x)[:1]:
        raise jac.ShapeError(f"{len(x)} samples have {len(x)} classes, but t of shape {t.shape} was given")
    for h, own in results(network, params, x, t):
        found.add(h, own)
    return found.score()
