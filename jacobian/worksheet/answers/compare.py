"""Whether two values are the same, and fingerprints by which a value is found among many."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from jacobian.worksheet.answers.values.value import Real, Value, fixed

CLOSE, SMALL = 1e-9, 1e-3       # of the largest number, which is taken to be at least so large


def close(a: Real, b: Real) -> bool:
    """Whether two arrays differ by no more than rounding."""
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        return False
    return bool(np.abs(a - b).max(initial=0.0) <= CLOSE * max(np.abs(b).max(initial=0.0), SMALL))


def same(a: Value, b: Value) -> bool:
    return a.kind == b.kind and a.array.shape == b.array.shape and close(a.array, b.array)


def is_right(values: list[Value], rights: list[Value], flat: bool = False) -> bool:
    """Whether the values are the right ones at every point, in shape and in numbers."""
    return all(_right(value, right, flat) for value, right in zip(values, rights, strict=True))


def _right(value: Value, right: Value, flat: bool) -> bool:
    value = value.size(*right.array.shape) if value.eye or any(value.free) else value
    array = value.array
    if flat and value.vector and right.vector and array.size == right.array.size:
        array = array.reshape(right.array.shape)
    lies = value.kind != right.kind and not (1 in array.shape or right.scalar or value.array.size == 1)
    return array.shape == right.array.shape and not lies and close(array, right.array)


@dataclass
class Fingerprint:
    """What tells one value from another: its kind and shape, and two random projections at each of two points."""

    shape: tuple[Any, ...]
    numbers: Real


def fingerprint(values: list[Value], rights: list[Value]) -> Fingerprint | None:
    """None of what is not finite."""
    shapes, numbers = [], []
    for value, right in zip(values, rights, strict=True):
        value = value.size(*right.array.shape) if value.eye or any(value.free) else value
        if not np.isfinite(value.array).all():
            return None
        shapes.append((value.kind, value.array.shape))
        numbers += [float((weights(value.array.shape, k) * value.array).sum()) for k in (0, 1)]
    return Fingerprint(tuple(shapes), np.array(numbers))


@lru_cache(maxsize=1024)
def weights(shape: tuple[int, ...], k: int) -> Real:
    """Fixed random numbers to project an array with."""
    return 0.5 + fixed((k, *shape), shape)


def alike(rows: Real, numbers: Real) -> Any:
    """Which rows of projections are these."""
    return (np.abs(rows - numbers) <= 1e-8 * (np.abs(rows).max(axis=1, keepdims=True) + 1e-6)).all(axis=1)
