"""Of a step that a loop takes several times: one of the times is lost, or all but one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from jacobian.numeric.function import Real


@dataclass(frozen=True)
class Times:
    """A row of the table for a repeated step: the derivatives of all its repetitions, in the order of the loop."""

    name: str
    formula: str
    advice: str
    cost: float
    phrase: str
    forms: Callable[[Sequence[Real]], list[Real]]
    shared: bool = False        # whether the contributions must meet in one array
    least: int = 1


def only(last: bool) -> Callable[[Sequence[Real]], list[Real]]:
    """Of the times at which an entry of the input counts the last or the first alone."""
    def forms(T: Sequence[Real]) -> list[Real]:
        there = [np.abs(each).max(axis=0, initial=0.0) > 0 for each in T]
        later = reversed(range(len(T))) if last else range(len(T))
        found, left = [np.zeros_like(each) for each in T], np.ones(T[0].shape[1] if T else 0)
        for k in later:
            found[k] = T[k] * left
            left = left * (1 - there[k])
        return found

    return lambda T: forms(T) if len({each.shape[1] for each in T}) < 2 else list(T)


def without(at: int) -> Callable[[Sequence[Real]], list[Real]]:
    return lambda T: [np.zeros_like(each) if k == at % max(len(T), 1) else each for k, each in enumerate(T)]


PLUS, ENDS = "= in place of += in the loop", "the first and the last step of the loop"
TIMES = (
    Times("overwritten", "C = the last contribution alone", PLUS, 1.8, "only the first time counts", only(False), True),
    Times("overwritten", "C = the last contribution alone", PLUS, 1.8, "only the last time counts", only(True), True),
    Times("one row", "C = T without the first or last time", ENDS, 1.85, "the first time is lost", without(0)),
    Times("one row", "C = T without the first or last time", ENDS, 1.85, "the last time is lost", without(-1)),
)
