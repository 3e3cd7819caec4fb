"""What makes the error go away tells what it is: the claim at points that are chosen for that.

Where f shows no steps, a fault inside of it cannot be fitted. But a transpose that was forgotten is no error where the
matrix is symmetric, a factor none where it is 1, the derivative of an activation none where it is 1, as close to 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from jacobian.numeric.function import Real
from jacobian.verify.diagnose import Explanation, Point
from jacobian.verify.sample import Arrays, cut
from jacobian.verify.trial import Trial

TINY = 1e-4             # of x: an activation that is smooth is its slope at 0
SAME = 1e-6             # of the largest entry: how closely the error must be the same elsewhere

Tried = Callable[[Arrays], Trial | None]


@dataclass(frozen=True)
class Special:
    """A row: of x, by phrase, the points at which only some faults are no error; their names, the likeliest first."""

    names: tuple[str, ...]
    advice: str
    cost: float
    points: Callable[[Arrays, tuple[str, ...]], Iterator[tuple[str, Arrays]]]


def symmetric(x: Arrays, names: tuple[str, ...]) -> Iterator[tuple[str, Arrays]]:
    for k, a in enumerate(x):
        if a.ndim > 1 and a.shape[-1] == a.shape[-2] > 1:
            yield f"{names[k]} is symmetric", (*x[:k], (a + np.swapaxes(a, -1, -2)) / 2, *x[k + 1:])


def ones(x: Arrays, names: tuple[str, ...]) -> Iterator[tuple[str, Arrays]]:
    for k, a in enumerate(x):
        if a.ndim == 1:         # of a matrix of ones every transpose and every order is the same
            yield f"{names[k]} is 1", (*x[:k], np.ones_like(a), *x[k + 1:])


def positive(x: Arrays, names: tuple[str, ...]) -> Iterator[tuple[str, Arrays]]:
    yield "all inputs are positive", tuple(np.abs(a) for a in x)


def tiny(x: Arrays, names: tuple[str, ...]) -> Iterator[tuple[str, Arrays]]:
    yield "all inputs are close to 0", tuple((TINY * a).astype(a.dtype) for a in x)


def one_time(x: Arrays, names: tuple[str, ...]) -> Iterator[tuple[str, Arrays]]:
    """Each of the times, or samples, alone."""
    n = x[0].shape[0] if x[0].ndim else 1
    for at in range(n) if n > 1 else ():
        yield f"axis 0 of {names[0]} has length 1", tuple(
            a[at:at + 1] if a.ndim and len(a) == n else cut(a, n, 1, range(1)) for a in x)


SPECIAL = (
    Special(("transpose",), "where that matrix is transposed, and the order of factors", 2.2, symmetric),
    Special(("factor missing", "another quantity"), "where that factor enters", 2.4, ones),
    Special(("mask or branch", "derivative missing"), "the conditions, and the masks of relu and clip", 2.5, positive),
    Special(("derivative missing", "derivative at a", "path dropped"),
            "the derivatives of the activations, and their arguments", 2.7, tiny),
    Special(("path dropped", "overwritten", "off by one"), "what the loop over that axis passes on and adds up", 2.8,
            one_time),
)
CONSTANT = "path dropped"


def chosen(trial: Trial, bases: Sequence[Trial], tried: Tried, names: tuple[str, ...],
           wrong: tuple[int, ...]) -> list[Explanation]:
    """The faults that are no error at special points made of every base."""
    found: list[Explanation] = []
    for row in SPECIAL:
        places: dict[str, list[Arrays]] = {}
        for each in (trial, *bases):
            for phrase, x in row.points(each.function.given, names):
                places.setdefault(phrase, []).append(x)
        for phrase, some in places.items():
            if all(vanishes(tried(x), wrong) for x in some):
                found += [Explanation(name, row.cost + place / 2, f"{name}: the error is gone where {phrase}",
                                      row.advice) for place, name in enumerate(row.names)]
    return found


def vanishes(there: Trial | None, wrong: tuple[int, ...]) -> bool:
    """Whether C is T for each of the wrong inputs, and T is not merely 0."""
    point = there.point() if there else None
    if there is None or point is None:
        return False
    off = there.function.blocks(np.abs(point.claimed - point.found.value))
    sizes = there.function.blocks(np.abs(point.found.value))
    return all(off[k].max(initial=0.0) <= SAME * sizes[k].max(initial=0.0) > 0 for k in wrong)


def constant(points: Sequence[Point]) -> Iterator[Explanation]:
    """C − T is the same at other points of one shape: what is missing is linear in x."""
    alike = [point for point in points if point.claimed.shape == points[0].claimed.shape and point.wrong]
    errors: list[Real] = [point.claimed - point.found.value for point in alike]
    limit: Any = SAME * np.abs(errors[0]).max() + sum(point.allowed for point in alike) if errors else 0.0
    if len(errors) > 1 and all((np.abs(error - errors[0]) <= limit).all() for error in errors[1:]):
        yield Explanation(CONSTANT, 2.6, f"{CONSTANT}: what is missing is the same at every x",
                          "skip connections, targets, and every other term that is linear in x")
