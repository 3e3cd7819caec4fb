"""Data sets, split and scaled, and a look at data before it is used."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import jacobian as jac
from mlp.layer import Array


@dataclass(frozen=True)
class Data:
    """Samples to learn from, x (N, n) and classes t (N,), and others to judge by, not used in training."""

    x: Array
    t: Array
    x_test: Array
    t_test: Array
    classes: int


def digits(seed: int = 1) -> Data:
    """1797 handwritten digits, 8 × 8 pixels scaled to [0, 1], a fifth of each class held back; the seed says which.

    Source: Alpaydin and Kaynak 1998, UCI, in scikit-learn's wheel. Raises MissingExtra without scikit-learn.
    """
    whole = jac.extra("sklearn.datasets", "data", "the digits data set").load_digits()
    return split(whole.data / 16.0, whole.target, seed)


def split(x: Array, t: Array, seed: int = 0, share: float = 0.2) -> Data:
    """The samples at random in two parts, with `share` of each class in the second, for judging."""
    x, t = inspect(x, t)
    rng = np.random.default_rng(seed)
    kinds = np.unique(t)
    mixed = [rng.permutation(np.flatnonzero(t == kind)) for kind in kinds]
    held = np.sort(np.concatenate([members[:round(share * len(members))] for members in mixed]))
    kept = np.setdiff1d(np.arange(len(t)), held)
    return Data(x[kept], t[kept], x[held], t[held], len(kinds))


def inspect(x: Any, t: Any) -> tuple[Array, Array]:
    """x (N, n) and t with a row for each sample, as floating arrays (classes stay whole numbers), after a look at them.

    Raises InputError that says where something is wrong, rows and columns counted from 0, and how to mend it.
    """
    x, t = _numbers("x", x), _numbers("t", t)
    if x.ndim != 2:
        raise jac.ShapeError(f"x has shape {x.shape}, but a row for each sample, (N, n), is expected: "
                             + ("use x.reshape(1, -1) for one sample" if x.ndim == 1 else "use x.reshape(len(x), -1)"))
    if 0 in x.shape:
        raise jac.InputError(f"x of shape {x.shape} is empty: give at least one sample with at least one feature")
    if t.ndim not in (1, 2) or len(t) != len(x):
        raise jac.ShapeError(f"t has shape {t.shape}, but x has {len(x)} rows: "
                             "give one class, or one row, for each sample")
    return (x if x.dtype.kind == "f" else x.astype(float)), t


def _numbers(name: str, value: Any) -> Array:
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise jac.InputError(f"{name} must have rows of equal length: {error}") from error
    if array.dtype.kind not in "fiub":
        raise jac.InputError(f"{name} must hold real numbers, not {array.dtype}: turn names of classes into 0, 1, 2, …")
    wrong = np.argwhere(~np.isfinite(array))
    if len(wrong):
        where = " and ".join(f"{axis} {k}" for axis, k in zip(("row", "column"), wrong[0], strict=False))
        more = f" (and in {len(wrong) - 1} more places)" if len(wrong) > 1 else ""
        raise jac.InputError(f"{name} holds {array[tuple(wrong[0])]} in {where}{more}: "
                             "leave that sample out or fill in a number")
    return array


DATA: dict[str, Callable[[], Data]] = {"digits": digits}
