"""What makes the error go away tells what it is: the claim at points that are chosen for that.

Where f shows no steps, a fault inside of it cannot be fitted. But a transpose that was forgotten is no error where the
matrix is symmetric, a factor none where it is 1, the derivative of an activation none where it is 1, as close to 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from jacobian.errors import InputError
from jacobian.numeric.function import Real
from jacobian.verify.claim import Misfit
from jacobian.verify.diagnose import Explanation
from jacobian.verify.probe import call, direction
from jacobian.verify.sample import Arrays, cut
from jacobian.verify.slope import along
from jacobian.verify.trial import Trial

TINY = 1e-4             # of x: an activation that is smooth is its slope at 0
MOVED = 0.3             # of each entry: how far away another point lies
SEED = 15               # of the direction along which the error is looked at
SAME = 1e-6             # of the largest entry: how closely the error must be gone, or the same elsewhere

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
    Special(("mask or branch", "derivative missing"), "the conditions, and the masks of relu and clip", 2.3, positive),
    Special(("derivative missing", "derivative at a", "path dropped"),
            "the derivatives of the activations, and their arguments", 2.7, tiny),
    Special(("path dropped", "overwritten", "off by one"), "what the loop over that axis passes on and adds up", 2.8,
            one_time),
)


def unseen(trial: Trial, others: Sequence[Trial], tried: Tried, names: tuple[str, ...], wrong: tuple[int, ...],
           ) -> list[Explanation]:
    """The faults that are no error at special points made of x and of a point of other sizes, and those of one size."""
    def there(x: Arrays) -> Trial | None:
        try:
            return tried(x)
        except (Misfit, InputError):
            return None

    bases = [trial, *(other for other in others if other.function.shapes != trial.function.shapes)][:2]
    found = [*constant(trial, there, wrong)]
    for row in SPECIAL:
        places: dict[str, list[Arrays]] = {}
        for base in bases:
            for phrase, x in row.points(base.function.given, names):
                places.setdefault(phrase, []).append(x)
        for phrase, some in places.items():
            if all(vanishes(there(x), wrong) for x in some):
                found += [Explanation(name, row.cost + place / 2, f"{name}: the error is gone where {phrase}",
                                      row.advice, wrong) for place, name in enumerate(row.names)]
    return found


def lopsided(trial: Trial, wrong: tuple[int, ...]) -> Real:
    """A direction that moves the wrong inputs alone, (n,)."""
    parts = trial.function.split(direction(trial.function, SEED))
    return np.concatenate([part.ravel() * (k in wrong) for k, part in enumerate(parts)])


def error(trial: Trial, v: Real) -> Real:
    """(C − T) v, (m,)."""
    function = trial.function
    return trial.claim.matrix @ v - along(lambda x: call(function, x.ravel()), (function.x,), 0, v)


def vanishes(trial: Trial | None, wrong: tuple[int, ...]) -> bool:
    """Whether C is T for the wrong inputs, and neither is merely 0."""
    if trial is None or not all(block.any() for k, block in enumerate(trial.function.blocks(trial.claim.matrix))
                                if k in wrong):
        return False
    v = lopsided(trial, wrong)
    return bool((np.abs(error(trial, v)) <= SAME * (np.abs(trial.claim.matrix) @ np.abs(v)).max()).all())


def constant(trial: Trial, there: Tried, wrong: tuple[int, ...]) -> Iterator[Explanation]:
    """C − T is the same elsewhere: what is missing is linear in x."""
    x = tuple(a * (1 + MOVED * np.cos(np.arange(a.size)).reshape(a.shape)) for a in trial.function.given)
    elsewhere, v = there(x), lopsided(trial, wrong)
    if elsewhere is not None and np.isfinite(elsewhere.claim.matrix).all():
        first, second = error(trial, v), error(elsewhere, v)
        if first.any() and (np.abs(first - second) <= SAME * np.abs(first).max()).all():
            yield Explanation("path dropped", 2.6, "path dropped: what is missing is the same at every x",
                              "skip connections, targets, and every other term that is linear in x", wrong)
