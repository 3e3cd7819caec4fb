"""The entries of all windows on a channel beside each other, by strides in memory in place of lists of indices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

import jacobian as jac
from mlp.given import Array

Axes = tuple[int, ...]      # a number for each axis in space
Index = Any                 # an array of whole numbers


def windows(length: int, kernel: int, stride: int, padding: int, dilation: int) -> int:
    """⌊(l + 2 padding − dilation (kernel − 1) − 1)/stride⌋ + 1 (Dumoulin and Visin 2016, relationship 15)."""
    return (length + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1


@lru_cache(maxsize=64)
def places(lengths: Axes, *how: Axes) -> Array:
    """For kernel, stride, padding and dilation along each axis: the place of each entry of each window, (K, Q)."""
    found, inside = np.zeros((1, 1), int), np.ones((1, 1), bool)
    for length, kernel, stride, padding, dilation in zip(lengths, *how, strict=True):
        starts = np.arange(windows(length, kernel, stride, padding, dilation)) * stride - padding
        here = np.arange(kernel)[:, None] * dilation + starts
        shape = len(found) * kernel, found.shape[1] * len(starts)
        found = (found[:, None, :, None] * length + here[:, None]).reshape(shape)
        inside = (inside[:, None, :, None] & ((here >= 0) & (here < length))[:, None]).reshape(shape)
    found[~inside] = -1
    found.flags.writeable = False
    return found


@lru_cache(maxsize=64)
def patches(lengths: Axes, *how: Axes) -> Patches:
    """The map from a channel to its patches, K Q × l, for kernel, stride, padding and dilation along each axis."""
    return Patches(places(lengths, *how).reshape(-1), int(np.prod(lengths)), np.array([lengths, *how]))


class Taps:
    """What a gather of windows and its transpose have in common: `how` has rows as `places` has arguments."""

    how: Index

    @cached_property
    def wide(self) -> Axes:
        """The lengths with the padding on both sides."""
        lengths, _, _, padding, _ = self.how
        return tuple((lengths + 2 * padding).tolist())

    @cached_property
    def middle(self) -> tuple[slice, ...]:
        """What is no padding of them."""
        return tuple(slice(p, p + n) for n, p in zip(self.how[0].tolist(), self.how[3].tolist(), strict=True))

    @cached_property
    def moves(self) -> Axes:
        """How many windows there are along each axis."""
        return tuple(windows(*axis) for axis in self.how.T.tolist())

    @cached_property
    def seen(self) -> Sequence[tuple[slice, ...]]:
        """For each place in the kernel what all windows have there."""
        _, kernel, stride, _, dilation = self.how.tolist()
        return [tuple(slice(k * d, k * d + s * (q - 1) + 1, s)
                      for k, s, d, q in zip(tap, stride, dilation, self.moves, strict=True))
                for tap in np.ndindex(*kernel)]


@dataclass(frozen=True, eq=False, repr=False)
class Patches(Taps, jac.Gather):
    """The gather of all windows on a channel."""

    how: Index

    @property
    def T(self) -> jac.Jacobian:
        return Unpatched(self.p, self.n, self.how)

    def right(self, x: Any) -> Any:
        if not isinstance(x, np.ndarray):
            return super().right(x)
        lead = x.shape[:-1]
        wide: Any = np.zeros((*lead, *self.wide), x.dtype)
        wide[(..., *self.middle)] = x.reshape(*lead, *self.how[0])
        found: Any = np.empty((*lead, len(self.seen), *self.moves), x.dtype)
        for k, there in enumerate(self.seen):
            found[(..., k, *(slice(None),) * len(there))] = wide[(..., *there)]
        return found.reshape(*lead, -1)


@dataclass(frozen=True, eq=False, repr=False)
class Unpatched(Taps, jac.Scatter):
    """Its transpose: what windows have is added where it came from."""

    how: Index

    @property
    def T(self) -> jac.Jacobian:
        return Patches(self.p, self.n, self.how)

    def right(self, x: Any) -> Any:
        if not isinstance(x, np.ndarray):
            return super().right(x)
        lead = x.shape[:-1]
        taps: Any = x.reshape(*lead, len(self.seen), *self.moves)
        wide: Any = np.zeros((*lead, *self.wide), x.dtype)
        for k, there in enumerate(self.seen):
            wide[(..., *there)] += taps[(..., k, *(slice(None),) * len(there))]
        return wide[(..., *self.middle)].reshape(*lead, -1)
