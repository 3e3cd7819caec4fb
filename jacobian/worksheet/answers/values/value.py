"""Arrays that an answer is computed with: every operation has a result, also where sizes do not fit.

Where they do not, a fixed random matrix R(m, n) = R(n, m)ᵀ stands between the operands and the misfit is noted: such a
value is never right, but the same mistake has the same value however it is written.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from math import prod
from typing import Any

import numpy as np

ENTRIES, WORK = 10_000, 400_000      # of one value; of all values of an answer
Real = np.ndarray[Any, Any]


class TooMuch(Exception):
    """An answer that would take more memory than anyone's needs."""


def room(*lengths: int) -> None:
    """Raises TooMuch where an array of these lengths is more than an answer needs."""
    if prod(lengths) > WORK:
        raise TooMuch


def fixed(key: tuple[int, ...], shape: tuple[int, ...]) -> Real:
    """Numbers from 0 to 1, the same in every language: of the key and the place the mix of MurmurHash3 (A. Appleby)."""
    room(*shape)
    mixed = np.arange(prod(shape), dtype=np.uint32)
    for word in key:
        mixed += np.uint32(word * 0x9E3779B9 & 0xFFFFFFFF)
        for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35), (16, 1)):
            mixed = (mixed ^ (mixed >> np.uint32(shift))) * np.uint32(factor)
    return mixed.reshape(shape) / 2**32


@lru_cache(maxsize=512)
def between(m: int, n: int) -> Real:
    """R(m, n)."""
    if m > n:
        return between(n, m).T
    return 0.3 + 1.4 * fixed((m, n), (m, n))


@dataclass(frozen=True, eq=False)
class Value:
    """An array with two axes, of which those that are not there have length 1.

    A scalar has no axes, a column rows only. A `free` axis has any length, as that of a 1 for a vector of ones; of an
    `eye` the entry is the factor of an identity of any size.
    """

    array: Real
    rows: bool = False
    columns: bool = False
    free: tuple[bool, bool] = (False, False)
    eye: bool = False

    @property
    def scalar(self) -> bool:
        return not (self.rows or self.columns or self.eye)

    @property
    def vector(self) -> bool:
        """Whether one axis is there, or one is as good as not."""
        return self.rows != self.columns

    @property
    def kind(self) -> tuple[bool, bool]:
        return self.rows, self.columns

    @property
    def T(self) -> Value:
        return Value(self.array.T, self.columns, self.rows, self.free[::-1], self.eye)

    def of(self, array: Real) -> Value:
        """Another array with the same axes."""
        return Value(array, self.rows, self.columns, self.free, self.eye)

    def size(self, m: int, n: int) -> Value:
        """The value with its free axes, or its identity, of these lengths."""
        if self.eye:
            return Value((np.eye(m) if m == n else between(m, n)) * self.array, True, True)
        if not any(self.free):
            return self
        shape = (m if self.free[0] else self.array.shape[0], n if self.free[1] else self.array.shape[1])
        return replace(self, array=np.broadcast_to(self.array, shape), free=(False, False))

    def words(self) -> str:
        """Its shape in words."""
        if self.scalar:
            return "a scalar"
        m, n = self.array.shape
        if self.eye:
            return "an identity"
        return f"a {m} × {n} matrix" if self.rows and self.columns else \
            f"a column of {m}" if self.rows else f"a row of {n}"


def scalar(x: Any) -> Value:
    return Value(np.full((1, 1), float(x)))


def column(x: Real) -> Value:
    return Value(np.asarray(x, float).reshape(-1, 1), True, False)


def matrix(x: Real) -> Value:
    return Value(np.asarray(x, float), True, True)


ONES = Value(np.ones((1, 1)), True, False, (True, False))
ZEROS = ONES.of(np.zeros((1, 1)))
EYE = Value(np.ones((1, 1)), True, True, eye=True)


def natural(x: Any, axes: tuple[Any, Any]) -> Value:
    """An array of two axes with the axes of an expression."""
    return Value(np.asarray(x, float), axes[0] is not None, axes[1] is not None)
