"""A look at what was given: an InputError says what it is, where something is wrong and how to mend it."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any

import numpy as np

import jacobian as jac

Array = Any        # a NumPy array of float32 or float64


def numbers(name: str, value: Any) -> Array:
    """The value as an array of real numbers."""
    if np.ma.is_masked(value):
        raise jac.InputError(f"{name} has masked entries: fill them in")
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise jac.InputError(f"{name} must be an array with rows of equal length, but {error}") from error
    if array.dtype.kind not in "fiub":
        raise jac.InputError(f"{name} must hold real numbers, not {array.dtype}"
                             + ": turn names of classes into 0, 1, 2, …" * (array.dtype.kind in "US"))
    return array


def is_finite(array: Array) -> bool:
    """Whether it holds neither NaN nor ∞, either of which is its least or its largest entry; without a temporary."""
    return not array.size or bool(np.isfinite(array.min()) and np.isfinite(array.max()))


def finite(name: str, array: Array, remedy: str = "give finite numbers") -> Array:
    """The same array, where it holds neither NaN nor ∞; rows, columns and other axes are counted from 0."""
    if not is_finite(array):
        first, *more = np.argwhere(~np.isfinite(array))
        where = " and ".join(f"{axis} {k}" for axis, k in zip(("row", "column"), first, strict=False)) \
            if len(first) < 3 else f"entry {first.tolist()}"
        raise jac.InputError(f"{name} holds {array[tuple(first)]}{' in ' * bool(where)}{where}"
                             + (f" (and in {len(more)} more places)" if more else "") + f": {remedy}")
    return array


def classes(name: str, value: Any, m: int) -> Array:
    """The class indices (N,) as whole numbers, each one of 0 … m − 1."""
    c = numbers(name, value)
    if c.ndim != 1:
        raise jac.ShapeError(f"{name} has shape {c.shape}, but a class index for each sample, (N,), is expected")
    wrong = np.flatnonzero(~np.isin(c, np.arange(m)))
    if wrong.size:
        raise jac.InputError(f"{name} must hold classes 0 … {m - 1}, but row {wrong[0]} holds {c[wrong[0]]}")
    return c.astype(int)


def of_samples(weights: Any, N: int) -> Array:
    """Weights w (N,) of samples, none of them negative."""
    w = finite("weights", numbers("weights", weights))
    if w.shape != (N,):
        raise jac.ShapeError(f"weights have shape {w.shape}, but one for each sample, ({N},), is expected")
    if (w < 0).any():
        raise jac.InputError(f"weights of samples are not negative, but {w.min()} is among them")
    return w


def count(name: str, value: Any, least: int = 1) -> None:
    """Nothing, for a whole number that is large enough."""
    if not isinstance(value, Integral) or value < least:
        raise jac.InputError(f"{name} must be a whole number, at least {least}, but {value!r} was given")


def between(name: str, value: Any, low: float, high: float) -> None:
    """Nothing, for a number with low < value < high."""
    if not isinstance(value, Real) or not low < float(value) < high:
        limits = "a positive number" if (low, high) == (0, np.inf) else f"a number between {low} and {high}"
        raise jac.InputError(f"{name} must be {limits}, but {value!r} was given")


def generator(name: str, value: Any) -> None:
    """Nothing, for a generator of random numbers."""
    if not hasattr(value, "integers"):
        raise jac.InputError(f"{name} is a generator such as np.random.default_rng(0), but {value!r} was given")
