"""Learning-rate schedules: the factor of the rate in an epoch, from the losses of the epochs before it.

A schedule remembers nothing: what it says depends on the losses alone, so that a run which goes on from a file has the
rates of one that was never stopped. The definitions are those of torch.optim.lr_scheduler, stepped once an epoch.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

import jacobian as jac
from mlp.given import between, count


class Schedule:
    """α_n = α · factor(losses), after n = len(losses) epochs with those losses."""

    def factor(self, losses: Sequence[float]) -> float:
        """The factor in the epoch that follows."""
        raise jac.MissingRule(f"{self} does not say its factor: write it")


@dataclass(frozen=True)
class Constant(Schedule):
    """1."""

    def factor(self, losses: Sequence[float]) -> float:
        return 1.0


@dataclass(frozen=True)
class Steps(Schedule):
    """γ^⌊n/k⌋: smaller by γ every k epochs (torch's StepLR)."""

    every: int
    gamma: float = 0.1

    def __post_init__(self) -> None:
        count("every", self.every)
        between("gamma", self.gamma, 0, 1)

    def factor(self, losses: Sequence[float]) -> float:
        return self.gamma ** (len(losses) // self.every)


@dataclass(frozen=True)
class Exponential(Schedule):
    """γⁿ (torch's ExponentialLR)."""

    gamma: float

    def __post_init__(self) -> None:
        between("gamma", self.gamma, 0, 1)

    def factor(self, losses: Sequence[float]) -> float:
        return self.gamma ** len(losses)


@dataclass(frozen=True)
class CosineAnnealing(Schedule):
    """½ (1 + cos(π n/L)) for n ≤ L, then 0 (Loshchilov and Hutter 2017, eq. 5, without restart; CosineAnnealingLR)."""

    length: int

    def __post_init__(self) -> None:
        count("length", self.length)

    def factor(self, losses: Sequence[float]) -> float:
        return (1 + math.cos(math.pi * min(len(losses) / self.length, 1))) / 2


@dataclass(frozen=True)
class WarmUp(Schedule):
    """s + (1 − s) n/L for n < L, then 1: a straight line from the share s of the rate (torch's LinearLR)."""

    length: int = 5
    start: float = 1 / 3

    def __post_init__(self) -> None:
        count("length", self.length)
        between("start", self.start, 0, 1)

    def factor(self, losses: Sequence[float]) -> float:
        return self.start + (1 - self.start) * min(len(losses) / self.length, 1)


@dataclass(frozen=True)
class Plateau(Schedule):
    """γ^k, where k counts how often more than `patience` epochs passed without a loss below (1 − ε) times the best.

    torch's ReduceLROnPlateau; its threshold is ε.
    """

    patience: int = 10
    gamma: float = 0.1
    threshold: float = 1e-4

    def __post_init__(self) -> None:
        count("patience", self.patience, 0)
        between("gamma", self.gamma, 0, 1)
        between("threshold", self.threshold, 0, 1)

    def factor(self, losses: Sequence[float]) -> float:
        best, waited, k = np.inf, 0, 0
        for loss in losses:
            best, waited = (loss, 0) if loss < best * (1 - self.threshold) else (best, waited + 1)
            if waited > self.patience:
                waited, k = 0, k + 1
        return self.gamma**k


@dataclass(frozen=True)
class Chain(Schedule):
    """The product of the factors (torch's ChainedScheduler): a warm-up and what comes after it."""

    parts: tuple[Schedule, ...]

    def __post_init__(self) -> None:
        wrong = [part for part in self.parts if not isinstance(part, Schedule)]
        if wrong:
            raise jac.InputError(f"a chain is made of schedules, such as WarmUp(5), but {wrong[0]!r} was given")

    def factor(self, losses: Sequence[float]) -> float:
        return math.prod(part.factor(losses) for part in self.parts)


SCHEDULES = {"constant": Constant, "steps": Steps, "exponential": Exponential, "cosine": CosineAnnealing,
             "warm-up": WarmUp, "plateau": Plateau}
