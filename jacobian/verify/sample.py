"""Points to try a claim at: other batch sizes, sizes that differ, both signs, small and large numbers."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from jacobian.errors import InputError

Arrays = tuple[np.ndarray[Any, Any], ...]
Sample = Callable[[int], Any] | Sequence[Any]
SEEDS = 6               # points drawn by a sample that was given
SCALES = (1e-3, 1e3)
NEAR = 1e-3             # close enough to x that a claim which is right there and wrong here remembers x


def special(a: np.ndarray[Any, Any]) -> bool:
    """Whether the values carry a meaning that other values may lose: whole numbers, rows that sum to 1, symmetry."""
    whole = bool((a == np.round(a)).all())
    sums = a.ndim > 0 and bool(np.allclose(a.sum(axis=-1), 1.0, rtol=1e-6))
    square = a.ndim == 2 and a.shape[0] == a.shape[1] > 1
    return whole or sums or (square and bool(np.allclose(a, a.T)))


def beside(x: Arrays) -> Arrays:
    """x with each entry a little larger or smaller."""
    random = np.random.default_rng(5)
    return tuple(a if special(a) else (a * (1 + NEAR * random.uniform(-1, 1, a.shape))).astype(a.dtype) for a in x)


def drawn(x: Arrays) -> Iterator[Arrays]:
    """Points like x: signs at random, scaled, and with a length of the axes changed to 1 and to a larger one.

    An axis that is as long as the first axis of the first input belongs to the batch if it is a first axis.
    """
    random = np.random.default_rng(7)
    yield tuple(a if special(a) else (a * random.choice([-1.0, 1.0], a.shape)).astype(a.dtype) for a in x)
    lengths = list(dict.fromkeys(n for a in x for n in a.shape))
    for first in (True, False):
        for length in lengths[:1] if first else lengths:
            for new in (length + 2, 1):
                if new != length:
                    yield tuple(resized(a, length, new, first, random) for a in x)


def scaled(x: Arrays) -> Iterator[Arrays]:
    """x with small and with large numbers."""
    for scale in SCALES:
        yield tuple(a if special(a) else (a * scale).astype(a.dtype) for a in x)


def resized(a: np.ndarray[Any, Any], length: int, new: int, first: bool, random: np.random.Generator) -> Any:
    """The axes of that length made longer or shorter, by entries that are there already, moved a little."""
    kept = special(a)
    for axis, n in enumerate(a.shape):
        if n == length and not (first and axis):
            a = np.take(a, np.arange(new) % n, axis)
    return a if kept else (a * (1 + random.uniform(-0.5, 0.5, a.shape))).astype(a.dtype)


def given(sample: Sample, several: bool) -> Iterator[Arrays]:
    """sample(seed) for a few seeds, or a list of points, as tuples of arrays. Raises InputError where it gives none."""
    for x in (called(sample, seed) for seed in range(1, SEEDS + 1)) if callable(sample) else sample:
        if several and not isinstance(x, tuple | list):
            raise InputError(f"sample must return a tuple, one array per input; it returned {type(x).__name__}")
        yield tuple(np.asarray(a) for a in x) if several else (np.asarray(x),)


def called(sample: Callable[[int], Any], seed: int) -> Any:
    """sample(seed), or an InputError that says what it raised."""
    try:
        return sample(seed)
    except Exception as error:
        raise InputError(f"sample raised {type(error).__name__} at seed {seed}: {error}") from error


def smaller(x: Arrays) -> Iterator[Arrays]:
    """x with the axes of one length cut to 1, or by one: all of them, the first axes alone, or the others alone."""
    for length in sorted({n for a in x for n in a.shape if n > 1}, reverse=True):
        for new in dict.fromkeys((1, length - 1)):
            for axes in (range(9), range(1), range(1, 9)):
                less = tuple(cut(a, length, new, axes) for a in x)
                if sum(a.size for a in less) < sum(a.size for a in x):
                    yield less


def cut(a: np.ndarray[Any, Any], length: int, new: int, axes: range) -> Any:
    """The first entries along each of the axes that has that length."""
    return a[tuple(slice(new) if n == length and axis in axes else slice(None) for axis, n in enumerate(a.shape))]
