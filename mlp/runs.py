"""Windows as they lie in memory: with a stride of 1 those that follow one another are one run, copied at once.

A run goes on over the ends of rows: the windows there, which wrap around, are worked out as well and left out again.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import prod
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided

from mlp.given import Array
from mlp.patches import Axes, Taps

WASTE = 1.5         # how many windows may be worked out for each that is wanted: a copy row by row takes longer
SHORT = 10**6       # multiplications up to which OpenBLAS takes matrices as they lie, without packing them
COLUMNS = 256       # that a longer product has at least


@lru_cache(maxsize=64)
def runs(lengths: Axes, *how: Axes) -> Runs:
    """The windows on images of these lengths, for kernel, stride, padding and dilation along each axis."""
    return Runs(np.array([lengths, *how]))


@dataclass(frozen=True, eq=False)
class Runs(Taps):
    """Where windows lie in padded images: the padding after a row is that before the next one."""

    how: Any

    @cached_property
    def wide(self) -> Axes:
        (first, *lengths), _, _, (above, *padding), _ = self.how.tolist()
        inner = [max(n + p, q) for n, p, q in zip(lengths, padding, self.moves[1:], strict=True)]
        over = sum((n + 2 * p) * prod(inner[k + 1:]) for k, (n, p) in enumerate(zip(lengths, padding, strict=True)))
        return (first + 2 * above + 1 + over // prod(inner), *inner)

    @cached_property
    def steps(self) -> Axes:
        """How far apart neighbours along each axis lie in a channel."""
        return tuple(prod(self.wide[k + 1:]) for k in range(len(self.wide)))

    @cached_property
    def laid(self) -> Axes:
        """How many windows there are along each axis with those that wrap around."""
        whole = self.moves[0], *self.wide[1:]
        return whole if (self.how[2] == 1).all() and prod(whole) <= WASTE * prod(self.moves) else self.moves

    def seen_in(self, wide: Array) -> Array:
        """(c, kernel, N, windows) on padded x (N, c, …), whose memory windows that overlap share."""
        _, kernel, stride, _, dilation = self.how.tolist()
        apart = [d * step for d, step in zip(dilation, self.steps, strict=True)]
        along = [s * step for s, step in zip(stride, self.steps, strict=True)]
        strides = wide.strides[1], *(wide.itemsize * n for n in apart), wide.strides[0]
        return as_strided(wide, (wide.shape[1], *kernel, len(wide), *self.laid),
                          (*strides, *(wide.itemsize * n for n in along)))


class Part(NamedTuple):
    """Some samples: their windows in memory, the buffer X of these, and buffers for results at each window."""

    samples: slice
    seen: Array         # (c, kernel, n, windows)
    taken: Array        # the same, a copy: X without its last row
    X: Array            # (c K + 1, n L), 1 in the last row, by which a bias is a weight
    Y: Array            # (o, n L)
    y: Array            # (n, o, windows), Y without the windows that wrap around
    G: Array            # (n L, o), 0 at those
    g: Array            # (n, o, windows), G without them


class Strips:
    """The windows on x (N, c, …) as matrices X (c K + 1, n L), n samples at a time, with buffers for o results."""

    def __init__(self, runs: Runs, samples: int, channels: int, results: int, dtype: Any) -> None:
        wide: Any = np.zeros((samples, channels, *runs.wide), dtype)
        self.middle: Array = wide[(..., *runs.middle)]
        seen: Any = runs.seen_in(wide)
        height, L, axes = channels * len(runs.seen), prod(runs.laid), len(runs.laid)
        some = min(max(SHORT // (results * height * L), COLUMNS // L, 1), samples)
        wanted = tuple(map(slice, runs.moves))
        buffers = {n: (np.ones((height + 1, n * L), dtype), np.zeros((results, n * L), dtype),
                       np.zeros((n * L, results), dtype)) for n in {some, samples % some or some}}
        self.parts = []
        for k in range(0, samples, some):
            here = slice(k, min(k + some, samples))
            own = seen[(..., here, *(slice(None),) * axes)]
            n = here.stop - k
            X, Y, G = buffers[n]
            y: Any = Y.reshape(results, n, *runs.laid).swapaxes(0, 1)
            g: Any = np.moveaxis(G.reshape(n, *runs.laid, results), -1, 1)
            self.parts.append(Part(here, own, X[:-1].reshape(own.shape), X, Y, y[(..., *wanted)], G, g[(..., *wanted)]))

    def take(self, x: Array) -> Strips:
        """Look at x, which may lie flat, from now on."""
        np.copyto(self.middle, x.reshape(self.middle.shape))
        return self

    def convolved(self, W: Array, y: Array, b: Array | None = None) -> Array:
        """y ← Σ over places k of W_k x (at k in each window) + b, (N, o, …), for W (o, c, …), b (o,)."""
        rows = W.reshape(len(W), -1)
        if b is not None:
            rows = np.concatenate((rows, b[:, None]), axis=1)
        for part in self.parts:
            np.copyto(part.taken, part.seen)
            np.dot(rows, part.X[:rows.shape[1]], part.Y)
            np.copyto(y[part.samples], part.y)
        return y

    def correlated(self, g: Array) -> tuple[Array, Array]:
        """Sums over samples and windows of g (there) ⊗ x (in the window), (o, c K), and of g, (o,), for g (N, o, …)."""
        total: Any = 0
        for part in self.parts:
            np.copyto(part.taken, part.seen)
            np.copyto(part.g, g[part.samples])
            total = total + np.dot(part.X, part.G)
        return total[:-1].T, total[-1]
