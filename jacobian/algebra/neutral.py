"""The kinds without entries: matrices of zeros and ones that are never written out.

Source: Magnus and Neudecker, Matrix Differential Calculus (2019), chapters 1 and 3.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from jacobian.algebra.entries import Arrays, Entry, Index, Size, axes, count, is_array, size, space
from jacobian.algebra.jacobian import Jacobian
from jacobian.errors import InputError


@dataclass(frozen=True, eq=False, repr=False)
class Sized(Jacobian):
    """A map that is known by its sizes, whole numbers or symbolic. Raises InputError for anything else."""

    def __post_init__(self) -> None:
        for name, _, value in self.parts():
            object.__setattr__(self, name, size(value, f"the size {name} of {type(self).__name__}"))


@dataclass(frozen=True, eq=False, repr=False)
class Zero(Sized):
    """J = 0: y does not depend on x, whatever x is, NaN included. Sizes: out `m`, in `n`."""

    m: Size
    n: Size

    @cached_property
    def shape(self) -> tuple[Size, Size]:
        return count(self.m), count(self.n)

    def left(self, x: Entry) -> Entry:
        if not is_array(x):
            return super().left(x)
        return np.zeros((*x.shape[:-2], self.shape[0], x.shape[-1]), x.dtype)

    def matrix(self, s: Any) -> Entry:
        return s.zeros(self.m, self.n)


@dataclass(frozen=True, eq=False, repr=False)
class Identity(Sized):
    """J = I_n: y = x."""

    n: Size

    @cached_property
    def shape(self) -> tuple[Size, Size]:
        return count(self.n), count(self.n)

    def push(self, v: Entry) -> Entry:
        return v

    def left(self, x: Entry) -> Entry:
        return x

    def right(self, x: Entry) -> Entry:
        return x

    def matrix(self, s: Any) -> Entry:
        return s.eye(self.n)


@dataclass(frozen=True, eq=False, repr=False)
class Commutation(Sized):
    """vec(Xᵀ) = K_{m,n} vec(X) for X of shape (m, n).

    Source: Magnus and Neudecker (2019), 3.7; with vec row-major the roles of m and n are theirs exchanged.
    """

    m: Size
    n: Size

    @cached_property
    def shape(self) -> tuple[Size, Size]:
        return count(self.m) * count(self.n), count(self.m) * count(self.n)

    def push(self, v: Entry) -> Entry:
        if is_array(v):
            return Arrays.commute(v, self.m, self.n)
        return space(v).transpose(v) if axes(v) == (self.m, self.n) else super().push(v)

    def left(self, x: Entry) -> Entry:
        if not is_array(x):
            return super().left(x)
        m, n = count(self.m), count(self.n)
        return x.reshape(*x.shape[:-2], m, n, x.shape[-1]).swapaxes(-3, -2).reshape(x.shape)

    def matrix(self, s: Any) -> Entry:
        return s.commutation(self.m, self.n)


@dataclass(frozen=True, eq=False, repr=False)
class Permutation(Jacobian):
    """(P x)ᵢ = x_{p(i)}: `p` is an array of the numbers 0 … n−1 in some order."""

    p: Index

    def __post_init__(self) -> None:
        try:
            p = np.array(self.p)
        except ValueError:
            p = np.array(None)
        if p.ndim != 1 or p.dtype.kind not in "iu" or not np.array_equal(np.sort(p), np.arange(p.size)):
            raise InputError(f"a permutation of n entries lists 0 … n−1 once each, but {self.p!r} was given")
        p.flags.writeable = False
        object.__setattr__(self, "p", p)

    @cached_property
    def shape(self) -> tuple[Size, Size]:
        return self.p.size, self.p.size

    def left(self, x: Entry) -> Entry:
        return x[..., self.p, :] if is_array(x) else super().left(x)

    def matrix(self, s: Any) -> Entry:
        return s.permutation(self.p)


@dataclass(frozen=True, eq=False, repr=False)
class Listed(Jacobian):
    """A map between n entries and those that `p` lists of them, −1 for none. Raises InputError for another list."""

    p: Index
    n: Size

    def __post_init__(self) -> None:
        n = size(self.n, f"the size n of {type(self).__name__}")
        try:
            p = np.array(self.p)
        except ValueError:
            p = np.array(None)
        whole = p.ndim == 1 and p.dtype.kind in "iu" and isinstance(n, int)
        if not whole or not np.all((p >= -1) & (p < n)):
            raise InputError(f"{type(self).__name__} lists numbers −1 … n−1 of n entries, "
                             f"but {self.p!r} was given, and n is {n}")
        p.flags.writeable = False
        object.__setattr__(self, "p", p)
        object.__setattr__(self, "n", n)

    def left(self, x: Entry) -> Entry:
        return self.right(x.swapaxes(-1, -2)).swapaxes(-1, -2) if is_array(x) else super().left(x)


@dataclass(frozen=True, eq=False, repr=False)
class Gather(Listed):
    """yᵢ = x_{p(i)}, and 0 where p(i) is −1: entries of x of size `n`, each as often as `p` lists it, |p| × n."""

    @cached_property
    def shape(self) -> tuple[Size, Size]:
        return self.p.size, self.n

    def right(self, x: Entry) -> Entry:
        if not is_array(x):
            return super().right(x)
        y = x[..., self.p]
        y[..., self.p < 0] = 0
        return y

    def matrix(self, s: Any) -> Entry:
        return s.gather(self.p, self.n)


@dataclass(frozen=True, eq=False, repr=False)
class Scatter(Listed):
    """y_j = Σ xᵢ over p(i) = j, the transpose of Gather: each entry of x is added where `p` says, n × |p|."""

    @cached_property
    def shape(self) -> tuple[Size, Size]:
        return self.n, self.p.size

    @cached_property
    def rounds(self) -> list[tuple[Index, Index]]:
        """(from, to) in rounds: within one no entry of y is met twice, so that a round is one indexed addition."""
        kept = np.flatnonzero(self.p >= 0)
        order = kept[np.argsort(self.p[kept], kind="stable")]
        to = self.p[order]
        first = np.searchsorted(to, to)
        turn = np.arange(to.size) - first
        return [(order[turn == k], to[turn == k]) for k in range(turn.max(initial=-1) + 1)]

    def right(self, x: Entry) -> Entry:
        if not is_array(x):
            return super().right(x)
        if set(x.shape[:-1]) <= {1}:
            y = np.zeros(self.n + 1, x.dtype)       # −1 stands for the last entry, which is left out
            np.add.at(y, self.p, x.reshape(-1))
            return y[:-1].reshape(*x.shape[:-1], self.n)
        y = np.zeros((*x.shape[:-1], self.n), x.dtype)
        for source, to in self.rounds:
            y[..., to] += x[..., source]
        return y

    def matrix(self, s: Any) -> Entry:
        return s.transpose(s.gather(self.p, self.n))


@dataclass(frozen=True, eq=False, repr=False)
class Selection(Sized):
    """diag(X) = S_n vec(X): the diagonal of a matrix X of shape (n, n), n × n²."""

    n: Size

    @cached_property
    def shape(self) -> tuple[Size, Size]:
        return count(self.n), count(self.n) * count(self.n)

    def push(self, v: Entry) -> Entry:
        return space(v).diagonal(v, self.n) if is_array(v) or axes(v) == (self.n, self.n) else super().push(v)

    def left(self, x: Entry) -> Entry:
        return x[..., np.arange(self.n) * (self.n + 1), :] if is_array(x) else super().left(x)

    def matrix(self, s: Any) -> Entry:
        return s.selection(self.n)


@dataclass(frozen=True, eq=False, repr=False)
class Embedding(Sized):
    """vec(diag(x)) = S_nᵀ x: a vector put on the diagonal of a matrix, n² × n."""

    n: Size

    @cached_property
    def shape(self) -> tuple[Size, Size]:
        return count(self.n) * count(self.n), count(self.n)

    def push(self, v: Entry) -> Entry:
        return super().push(v) if is_array(v) else space(v).diagonal_matrix(space(v).column(v))

    def left(self, x: Entry) -> Entry:
        if not is_array(x):
            return super().left(x)
        whole = np.zeros((*x.shape[:-2], self.n * self.n, x.shape[-1]), x.dtype)
        whole[..., ::self.n + 1, :] = x
        return whole

    def matrix(self, s: Any) -> Entry:
        return s.transpose(s.selection(self.n))


@dataclass(frozen=True, eq=False, repr=False)
class Part(Sized):
    """y = x[before : before + n]: a stretch of x, n × (before + n + after)."""

    n: Size
    before: Size
    after: Size

    @cached_property
    def shape(self) -> tuple[Size, Size]:
        return count(self.n), self.before + count(self.n) + self.after

    def left(self, x: Entry) -> Entry:
        if is_array(x):
            return x[..., self.before:self.before + count(self.n), :]
        return space(x).part(x, self.n, self.before)

    def matrix(self, s: Any) -> Entry:
        return s.transpose(s.insertion(self.n, self.before, self.after))


@dataclass(frozen=True, eq=False, repr=False)
class Insertion(Sized):
    """y = (0, x, 0): x as a stretch of y with zeros before and after it, (before + n + after) × n."""

    n: Size
    before: Size
    after: Size

    @cached_property
    def shape(self) -> tuple[Size, Size]:
        return self.before + count(self.n) + self.after, count(self.n)

    def left(self, x: Entry) -> Entry:
        if not is_array(x):
            return super().left(x)
        whole = np.zeros((*x.shape[:-2], self.shape[0], x.shape[-1]), x.dtype)
        whole[..., self.before:self.before + self.shape[1], :] = x
        return whole

    def matrix(self, s: Any) -> Entry:
        return s.insertion(self.n, self.before, self.after)
